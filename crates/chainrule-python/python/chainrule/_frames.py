"""From what people keep tables in to the plain columns that the core reads, some rows at a time.

A pandas frame goes column by column through NumPy, whatever its types; everything else with ``__arrow_c_stream__`` through the Arrow C data
interface. Nothing but NumPy is imported. Types become what the command finds in a Parquet file with the same content.
"""

from __future__ import annotations

import datetime
import decimal
import numbers
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ._arrays import dense, expect_in_memory, unmasked
from ._arrow import ArrowTable, microseconds
from ._plain import MISSING_TIME, PER_SECOND, Codes, Durations, Plain, Times, is_gap, taken

_ROWS = 1 << 16
"""Rows that are taken at a time: what is copied of a column is no longer."""

_EPOCH = datetime.datetime(1970, 1, 1)
_MICROSECOND = datetime.timedelta(microseconds=1)

Slice = Callable[[int, int], Plain]
"""The values of a column from one row to before another."""


class Table(NamedTuple):
    """Rows in memory, or a file of them."""

    name: str
    format: str
    names: list[str]
    """The columns' names as text."""
    named: bool
    """Whether the names are the table's own."""
    rows: int | None
    """How many there are, where that is known before they are read."""
    categorical: list[str]
    """Columns of numbers that are declared to be categories."""
    batches: Callable[[], Iterator[tuple[int, list[Plain]]]]
    labelled: bool = True
    """Whether the columns have labels of their own, texts or not, other than their places."""

    def select(self, names: Sequence[str]) -> Table:
        """The same with these columns only, in this order."""
        if list(names) == self.names:
            return self
        places = [self.names.index(name) for name in names]

        def batches() -> Iterator[tuple[int, list[Plain]]]:
            for rows, columns in self.batches():
                yield rows, [columns[place] for place in places]

        return self._replace(names=list(names), batches=batches)

    def renamed(self, names: Sequence[str]) -> Table:
        """The same columns under other names."""
        return self._replace(names=list(names))

    def beside(self, name: str, column: Slice, rows: int, argument: str) -> Table:
        """The table with one more column, on its right; ``argument`` is what messages call that."""
        if self.rows is not None and self.rows != rows:
            raise ValueError(f"{self.name} has {self.rows} rows and {argument} has {rows}: inconsistent numbers of samples")

        def batches() -> Iterator[tuple[int, list[Plain]]]:
            begin = 0
            for count, columns in self.batches():
                if begin + count > rows:
                    break
                yield count, [*columns, column(begin, begin + count)]
                begin += count
            else:
                if begin == rows:
                    return
            raise ValueError(f"{self.name} has not as many rows as {argument}, which has {rows}: inconsistent numbers of samples")

        return self._replace(names=[*self.names, name], batches=batches)

    def core(self, units: dict[str, float], learnt: bool = False) -> tuple[str, str, list[str], Iterator[tuple[int, list[Plain]]]]:
        """As the core takes it; values that no number is are found on the way.

        ``units`` holds the parts of a second in which durations are counted, by column; those that it does not know are added, or
        refused where a model has ``learnt`` them as something else.
        """

        def sound() -> Iterator[tuple[int, list[Plain]]]:
            begin = 0
            for rows, columns in self.batches():
                found = []
                for name, values in zip(self.names, columns, strict=True):
                    if learnt and _is_of_other_unit(values, name in units):
                        now, then = ("numbers", "durations") if name in units else ("durations", "numbers")
                        raise TypeError(f'{self.name}, column "{name}" holds {now}, and the model learnt from {then}: make {then} of them')
                    if isinstance(values, Durations):
                        values = values.numbers(units.setdefault(name, values.per_second))
                    found.append(_sound(values, self.name, name, begin))
                yield rows, found
                begin += rows

        return self.name, self.format, self.names, sound()


def _is_of_other_unit(values: Plain, are_durations: bool) -> bool:
    """Whether these are numbers where durations are expected, or the other way round; gaps are either."""
    if isinstance(values, Durations):
        return not are_durations and not np.isnan(values.numbers(1.0)).all()
    return are_durations and isinstance(values, np.ndarray) and values.dtype.kind == "f" and not np.isnan(values).all()


def is_path(value: Any) -> bool:
    """Whether this names a file."""
    return isinstance(value, (str, os.PathLike))


def table_of(X: Any, name: str = "X", needed: Sequence[str] = (), beside: str | None = None) -> Table:
    """A table in memory; of a frame that has all that are ``needed`` no others are looked at, but for the one ``beside`` them."""
    expect_in_memory(X, name)
    if hasattr(X, "iloc") and hasattr(X, "columns") and hasattr(X, "dtypes"):
        return _of_pandas(X, name, needed, beside)
    if hasattr(X, "__arrow_c_stream__") and not hasattr(X, "__array_interface__"):
        return _of_arrow(X, name)
    if isinstance(X, Mapping):
        return _of_columns(X, name, needed, beside)
    if isinstance(X, (list, tuple)) and X and all(isinstance(row, Mapping) for row in X):
        return _of_records(X, name, needed, beside)
    return _of_array(unmasked(dense(X, name)), name)


def as_it_is(value: Any) -> Any:
    """A table or column that keeps its columns whatever becomes of ``value``; nothing is copied."""
    if hasattr(value, "iloc"):
        return value.copy(deep=False)
    if hasattr(value, "__arrow_c_stream__") and hasattr(value, "clone"):
        return value.clone()  # of polars
    return value


def column_of(y: Any, name: str) -> tuple[str | None, Slice, int]:
    """One column by itself: its own name, if it has one, its values and how many they are."""
    own = getattr(y, "name", None)
    own = own if isinstance(own, str) and own.strip() else None
    values, rows = _values(y, name)
    return own, _truths_as_numbers(values), rows


def _values(column: Any, where: str) -> tuple[Slice, int]:
    """The values of a column by itself, and how many they are."""
    expect_in_memory(column, where)
    if hasattr(column, "iloc") and hasattr(column, "dtype"):
        return _of_series(column, where), len(column)
    values = np.asarray(unmasked(column))
    if values.dtype.kind == "V" or values.ndim != 1:
        raise ValueError(f"{where} has to be one column, found an array of the shape {values.shape}")
    return _of_numpy(values, where), len(values)


def _truths_as_numbers(column: Slice) -> Slice:
    """False and true as 0 and 1."""

    def numbers(begin: int, end: int) -> Plain:
        values = column(begin, end)
        if isinstance(values, np.ndarray) and values.dtype == np.int8:
            return np.where(values < 0, np.nan, values.astype(np.float64))
        return values

    return numbers


# --- tables -------------------------------------------------------------------------------------------------------------------------


def _of_pandas(frame: Any, name: str, needed: Sequence[str], beside: str | None) -> Table:
    labels = list(frame.columns)
    texts = [_label(label) for label in labels]
    places = _looked_at(texts, needed, beside)
    names = _distinct([texts[place] for place in places], name)
    wanted = set(places)
    series = [column for place, (_, column) in enumerate(frame.items()) if place in wanted]
    columns = [_of_series(column, f'{name}, column "{label}"') for label, column in zip(names, series, strict=True)]
    categorical = [label for label, column in zip(names, series, strict=True) if _declares_numbers_as_levels(column)]
    named = all(isinstance(label, str) for label in labels)
    labelled = labels != list(range(len(labels)))
    return Table(name, "DataFrame", names, named, len(frame), categorical, _slices(columns, len(frame)), labelled)


def _of_arrow(table: Any, name: str) -> Table:
    height = getattr(table, "num_rows", getattr(table, "height", None))
    stream = ArrowTable(table)
    names = _distinct(stream.names, name)
    rows = height if isinstance(height, int) else None
    return Table(name, "DataFrame", names, True, rows, stream.categorical(), stream.batches)


def _of_records(records: Sequence[Mapping[Any, Any]], name: str, needed: Sequence[str], beside: str | None) -> Table:
    named = _by_name(dict.fromkeys(key for record in records for key in record), name, needed, beside)
    columns = []
    for text, key in named.items():
        values = np.empty(len(records), object)
        values[:] = [record.get(key) for record in records]
        columns.append(_of_numpy(values, f'{name}, column "{text}"'))
    return Table(name, "records", list(named), True, len(records), [], _slices(columns, len(records)))


def _of_columns(columns: Mapping[Any, Any], name: str, needed: Sequence[str], beside: str | None) -> Table:
    named = _by_name(columns, name, needed, beside)
    values = [_values(columns[key], f'{name}, column "{text}"') for text, key in named.items()]
    rows = {count for _, count in values}
    if len(rows) > 1:
        raise ValueError(f"{name} has columns of different lengths: {', '.join(map(str, sorted(rows)))} rows")
    count = rows.pop() if rows else 0
    return Table(name, "columns", list(named), True, count, [], _slices([column for column, _ in values], count))


def _of_array(X: Any, name: str) -> Table:
    if getattr(X, "dtype", None) is None and isinstance(X, (list, tuple)) and any(np.ndim(row) > 1 for row in X):
        raise ValueError(f"{name} has to have 2 dimensions, rows and columns")
    try:
        values = np.asarray(X)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths, and each column needs a value in every row") from None
    if values.dtype.kind in "US" and not hasattr(X, "dtype"):
        values = np.array(X, dtype=object)  # numbers that stand beside texts are still numbers
    if values.dtype.names is not None and values.ndim == 1:
        names = _distinct(list(values.dtype.names), name)
        columns = [_of_numpy(values[field], f'{name}, column "{field}"') for field in names]
        return Table(name, "array", names, True, len(values), [], _slices(columns, len(values)))
    if (values.ndim == 1 and values.dtype != object) or (values.ndim == 1 and len(values)):
        raise ValueError(
            f"Expected 2D array, got 1D array instead: {name} has the shape {values.shape}. Reshape your data: "
            f"{name}.reshape(-1, 1) if it is one column, {name}.reshape(1, -1) if it is one row"
        )
    if values.ndim != 2:
        kind = type(X).__name__
        raise ValueError(
            f"{name} has to be a DataFrame, an Arrow table, an array of 2 dimensions, a list of rows or a path; found {kind} of "
            f"{values.ndim} dimensions"
        )
    labels = list(getattr(X, "columns", ()))
    named = values.shape[1] > 0 and len(labels) == values.shape[1]
    names = _distinct([_label(label) for label in labels], name) if named else [f"x{j}" for j in range(values.shape[1])]
    columns = [_of_numpy(values[:, j], f'{name}, column "{names[j]}"') for j in range(values.shape[1])]
    return Table(name, "array", names, named, len(values), [], _slices(columns, len(values)), named)


def _slices(columns: list[Slice], rows: int) -> Callable[[], Iterator[tuple[int, list[Plain]]]]:
    def batches() -> Iterator[tuple[int, list[Plain]]]:
        for begin in range(0, rows, _ROWS):
            end = min(begin + _ROWS, rows)
            yield end - begin, [column(begin, end) for column in columns]

    return batches


def _looked_at(names: list[str], needed: Sequence[str], beside: str | None) -> list[int]:
    """The places of the columns that matter: those that are needed, where all of them are there."""
    wanted = {*needed, beside} if needed and set(needed) <= set(names) else set(names)
    return [place for place, name in enumerate(names) if name in wanted]


def _by_name(keys: Iterable[Any], table: str, needed: Sequence[str], beside: str | None) -> dict[str, Any]:
    """The keys of the columns that matter, by their names as text."""
    labels = list(keys)
    places = _looked_at([_label(key) for key in labels], needed, beside)
    names = _distinct([_label(labels[place]) for place in places], table)
    return dict(zip(names, [labels[place] for place in places], strict=True))


def _label(label: Any) -> str:
    return label if isinstance(label, str) else ".".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _distinct(names: list[str], table: str) -> list[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f'{table} has two columns with the name "{name}": give each a name of its own')
        seen.add(name)
    return names


# --- columns ------------------------------------------------------------------------------------------------------------------------


def has_singles(frame: Any) -> bool:
    """Whether a column of pandas, or the levels of one, may be floating-point numbers of less than double precision."""
    types = [getattr(getattr(dtype, "categories", None), "dtype", dtype) for dtype in frame.dtypes]
    return any(getattr(dtype, "kind", "O") == "f" and dtype != np.float64 for dtype in types)


def _declares_numbers_as_levels(series: Any) -> bool:
    return hasattr(series.dtype, "categories") and getattr(series.dtype.categories.dtype, "kind", "O") in "iuf"


def _of_series(series: Any, where: str) -> Slice:
    """A column of pandas."""
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return _of_numpy(series.to_numpy(), where)
    if hasattr(dtype, "categories"):
        try:
            levels = _of_series(dtype.categories.to_series(), where)(0, len(dtype.categories))
        except TypeError:  # intervals, or levels of several types
            levels = [str(level) for level in dtype.categories]
        codes = np.asarray(series.cat.codes)
        return lambda begin, end: taken(levels, codes[begin:end].astype(np.int64))
    if getattr(dtype, "tz", None) is not None and hasattr(dtype, "unit"):
        return _of_numpy(series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(), where)
    if hasattr(dtype, "fill_value") and hasattr(dtype, "subtype"):
        return _of_numpy(np.asarray(series), where)
    kind = getattr(dtype, "kind", "O")
    single = getattr(dtype, "numpy_dtype", None) == np.float32
    if kind in "iuf":
        wanted = np.float32 if single else np.float64
        return lambda begin, end: series.iloc[begin:end].to_numpy(wanted, na_value=np.nan)
    if kind == "b":

        def truths(begin: int, end: int) -> Plain:
            found = series.iloc[begin:end].to_numpy(np.float64, na_value=np.nan)
            return np.where(np.isnan(found), -1, found).astype(np.int8)

        return truths
    if kind == "m" and hasattr(dtype, "pyarrow_dtype"):
        unit = dtype.pyarrow_dtype.unit
        return lambda begin, end: _durations(series.iloc[begin:end].to_numpy(f"timedelta64[{unit}]"))
    seen: dict[str, tuple[str, int]] = {}
    return lambda begin, end: _of_objects(series.iloc[begin:end].to_numpy(object), where, begin, seen)


def _of_numpy(values: NDArray[Any], where: str) -> Slice:
    """A column of an array."""
    kind = values.dtype.kind
    if kind == "b":
        return lambda begin, end: values[begin:end].astype(np.int8)
    if kind == "f" and values.dtype.itemsize == 4:
        return lambda begin, end: values[begin:end].astype(np.float32, copy=False)
    if kind in "iuf":
        return lambda begin, end: values[begin:end].astype(np.float64, copy=False)
    if kind == "M":
        unit, _ = np.datetime_data(values.dtype)
        return lambda begin, end: Times(_since_1970(values[begin:end]), unit in ("D", "W", "M", "Y"))
    if kind == "m":
        return lambda begin, end: _durations(values[begin:end])
    if kind == "c":
        raise ValueError(f"{where}: Complex data not supported: the values have to be real numbers")
    if kind == "U":
        return lambda begin, end: values[begin:end].tolist()
    if kind == "S":
        return lambda begin, end: [text.decode("utf-8", "replace") for text in values[begin:end].tolist()]
    if kind == "V":
        raise TypeError(f"{where}: {values.dtype} is no number, text or time")
    seen: dict[str, tuple[str, int]] = {}
    return lambda begin, end: _of_objects(values[begin:end], where, begin, seen)


def _durations(values: NDArray[Any]) -> Durations:
    """In the column's own unit: so a Parquet file has them."""
    unit, count = np.datetime_data(values.dtype)
    if unit not in PER_SECOND or count != 1:
        values, unit = values.astype("timedelta64[s]"), "s"
    return Durations(np.where(np.isnat(values), np.nan, values.astype(np.int64).astype(np.float64)), PER_SECOND[unit])


def _since_1970(values: NDArray[Any]) -> NDArray[np.int64]:
    unit, count = np.datetime_data(values.dtype)
    per_second = PER_SECOND.get(unit)
    if per_second is None or count != 1:
        return values.astype("datetime64[us]").astype(np.int64)
    counts = values.astype(np.int64)
    return np.where(counts == MISSING_TIME, MISSING_TIME, microseconds(counts, per_second))


# --- objects ------------------------------------------------------------------------------------------------------------------------


def _of_objects(values: NDArray[Any], where: str, begin: int, seen: dict[str, tuple[str, int]]) -> Plain:
    """A column of Python's objects, all of one kind; ``seen`` keeps that from batch to batch."""
    kinds = [_kind(value) for value in values]
    for row, kind in enumerate(kinds, begin):
        if kind is None or ("kind" in seen and seen["kind"][0] == kind):
            continue
        found = type(values[row - begin]).__name__
        if kind == "other":
            if isinstance(values[row - begin], complex):
                raise ValueError(f"{where}, row {row}: Complex data not supported: the values have to be real numbers")
            raise TypeError(
                f"{where}, row {row}: argument must be a string or a real number, or a time; found {_an(found)}: make a column of "
                "numbers, texts or times of it"
            )
        if "kind" in seen:
            first, first_row = seen["type"]
            raise TypeError(
                f"{where} mixes types: row {first_row} holds {_an(first)}, row {row} {_an(found)} ({values[row - begin]!r:.40}): "
                "convert the column to one of them"
            )
        seen["kind"], seen["type"] = (kind, row), (found, row)
    kind = seen["kind"][0] if "kind" in seen else None
    there = [found is not None for found in kinds]
    if kind == "text":
        return [_text(value) if has else None for value, has in zip(values, there, strict=True)]
    if kind == "boolean":
        return np.array([int(value) if has else -1 for value, has in zip(values, there, strict=True)], np.int8)
    if kind == "time":
        are_days = all(not isinstance(v, (datetime.datetime, datetime.time)) for v, has in zip(values, there, strict=True) if has)
        times = [_time(value) if has else MISSING_TIME for value, has in zip(values, there, strict=True)]
        return Times(np.array(times, np.int64), are_days)
    counts = np.array([_number(value) if has else np.nan for value, has in zip(values, there, strict=True)], np.float64)
    return Durations(counts, PER_SECOND["us"]) if kind == "duration" else counts


def _kind(value: Any) -> str | None:
    """None where the value is missing."""
    if isinstance(value, (str, bytes)):
        return "text"
    if isinstance(value, float):
        return "number" if value == value else None
    if is_gap(value):
        return None
    if isinstance(value, (bool, np.bool_)):
        return "boolean"
    if isinstance(value, decimal.Decimal):
        return None if value.is_nan() else "number"
    if isinstance(value, numbers.Real):
        return "number" if value == value else None
    if isinstance(value, (datetime.date, datetime.time, np.datetime64)):  # a datetime is a date
        return None if isinstance(value, np.datetime64) and np.isnat(value) else "time"
    if isinstance(value, (datetime.timedelta, np.timedelta64)):
        return None if isinstance(value, np.timedelta64) and np.isnat(value) else "duration"
    return "other"


def _an(name: str) -> str:
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _number(value: Any) -> float:
    if isinstance(value, datetime.timedelta):
        return float(value // _MICROSECOND)
    if isinstance(value, np.timedelta64):
        return float(value.astype("timedelta64[us]").astype(np.int64))
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else -float("inf")


def _time(value: Any) -> int:
    """Microseconds since 1970; of a time of day, since midnight."""
    if isinstance(value, np.datetime64):
        return int(_since_1970(value.reshape(1))[0])
    if isinstance(value, datetime.time):
        value = datetime.datetime.combine(_EPOCH, value.replace(tzinfo=None))
    elif not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if value.tzinfo is not None:
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return int((value - _EPOCH) // _MICROSECOND)


def _sound(values: Any, table: str, column: str, begin: int) -> Any:
    """The values as the core takes them; an error where one is infinite."""
    if isinstance(values, list):
        return values
    if isinstance(values, Times):
        return Times(np.require(values.times, np.int64, ["C", "A"]), values.are_days)
    if isinstance(values, Codes):
        return Codes(np.require(values.codes, np.int64, ["C", "A"]), values.texts)
    if values.dtype.kind == "f" and np.isinf(values).any():
        row = int(np.flatnonzero(np.isinf(values))[0])
        raise ValueError(
            f'{table}, row {begin + row}, column "{column}": {values[row]} is no finite number (inf): correct it, or write NaN where the '
            "value is missing"
        )
    flags = values.flags
    return values if flags.c_contiguous and flags.aligned else np.require(values, None, ["C", "A"])
