"""From what people have to the arrays that the core reads: row-major, aligned, of one precision."""

from __future__ import annotations

import reprlib
from operator import index
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import _core
from ._plain import is_gap

Array = NDArray[Any]


def precision(dtype: DTypeLike) -> np.dtype[Any]:
    """``float32`` or ``float64`` as a dtype; everything else is a ValueError."""
    found = np.dtype(dtype)
    if found not in (np.float32, np.float64):
        raise ValueError(f"the precision is {found}: it has to be float32 or float64")
    return found


def contiguous(value: Any, dtype: DTypeLike | None = None) -> Array:
    """``value`` row-major and aligned: itself where it is, else a copy."""
    return np.require(value, dtype, ["C", "A"])


def array(value: ArrayLike, dtype: DTypeLike, name: str) -> Array:
    """``value`` as it is where its layout and precision allow, else a copy. Gaps of any kind are NaN."""
    expect_in_memory(value, name)
    value = unmasked(dense(value, name))
    try:
        result = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths") from None
    text = text_in(value)
    if text is not None:
        raise TypeError(f"{name} has to hold real numbers, found {text}")
    if result.dtype.kind == "O" and result.size:
        result = _numbers(result, name, names_of(value))
    if result.dtype.kind not in "fiub":
        raise TypeError(f"{name} has to hold real numbers, found {result.dtype}")
    return contiguous(result, dtype)


def dense(value: Any, name: str) -> Any:
    """A sparse matrix as an array, where there is memory for it; everything else as it is."""
    if not (hasattr(value, "nnz") and hasattr(value, "toarray")):
        return value
    rows, columns = value.shape
    _core.expect_free(f"making a sparse {name} of {rows} rows and {columns} columns dense", float(rows) * columns * value.dtype.itemsize)
    return value.toarray()


def unmasked(value: Any) -> Any:
    """A masked array with NaN where it is masked; everything else as it is."""
    if not isinstance(value, np.ma.MaskedArray) or not np.ma.is_masked(value):
        return value
    return np.ma.filled(value.astype(np.float64 if value.dtype.kind in "fiub" else object), np.nan)


def expect_in_memory(value: Any, name: str) -> None:
    """A TypeError for what only says how rows would be computed."""
    kind = type(value)  # a frame takes long to find that it has no such column
    if hasattr(kind, "compute") and hasattr(kind, "dask"):
        raise TypeError(f"{name} is not computed yet (Dask): call .compute() on it")
    if hasattr(kind, "collect") and not hasattr(kind, "__arrow_c_stream__"):
        raise TypeError(f"{name} is not computed yet (lazy): call .collect() on it")


def size_of(name: str, value: Any) -> int:
    """An integer of at least 1; all else is an error that names it."""
    size = count_of(name, value)
    if size < 1:
        raise ValueError(f"{name} is {size}: it has to be at least 1")
    return size


def count_of(name: str, value: Any) -> int:
    """An integer of at least 0."""
    try:
        count = index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}: it has to be an integer") from None
    if not 0 <= count < 2**63:
        raise ValueError(f"{name} is {count}: it has to be at least 0 and below 2**63")
    return count


def real(name: str, value: Any) -> float:
    """A number."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} is {value!r}: it has to be a number") from None


def _numbers(values: Array, name: str, columns: list[str] | None) -> Array:
    """Python's objects as numbers, NaN where one is missing."""
    if not values.ndim:
        raise TypeError(f"{name} has to be a table or an array of numbers, found {type(values.item()).__name__}")
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        numbers = np.empty(values.shape)  # one of them is no number, or a gap of a library's own
    for place, value in np.ndenumerate(values):
        try:
            numbers[place] = np.nan if is_gap(value) else float(value)
        except (TypeError, ValueError):
            where = f"row {place[0]}" + (f", column {_called(columns, place[1])}" if len(place) == 2 else "")
            raise TypeError(f"{name} has to hold real numbers, found {value!r:.40} of the type {type(value).__name__} in {where}") from None
    return numbers


def matrix(value: ArrayLike, dtype: DTypeLike, name: str, columns: int) -> Array:
    """``value`` as (n, columns)."""
    result = array(value, dtype, name)
    if result.ndim != 2 or result.shape[1] != columns:
        raise ValueError(f"{name} {result.shape} has to have the shape (n, {columns})")
    return result


def names_of(table: Any) -> list[str] | None:
    """The names of a table's columns; None where it has none, or not for all."""
    names = getattr(table, "column_names", None)
    names = getattr(table, "columns", None) if names is None else names
    names = None if names is None or callable(names) else list(names)
    return names if names and all(isinstance(name, str) for name in names) else None


def in_order(table: Any, names: list[str], what: str) -> Any:
    """A table's columns of these names, in this order."""
    found = names_of(table)
    if found is None or found == names:
        return table
    missing = [name for name in names if name not in found]
    if missing:
        raise ValueError(f"{what} has no column {reprlib.repr(missing)[1:-1]}: the network was fitted to {reprlib.repr(names)}")
    return table[names] if hasattr(table, "iloc") or not hasattr(table, "select") else table.select(names)


def text_in(table: Any) -> str | None:
    """The first text that is no number, with its row and column and what to do; None where there is none."""
    values = np.asarray(table)
    if values.ndim != 2 or values.dtype.kind not in "OUS":
        return None
    for row, column in np.ndindex(values.shape):
        value = values[row, column]
        if isinstance(value, (str, bytes)) and not _is_number(value):
            return (
                f"the text {str(value)!r} in row {row}, column {_called(names_of(table), column)}: make numbers of it (scikit-learn's "
                "OneHotEncoder, TargetEncoder), or give the table to TabularRegressor, which takes texts as they are"
            )
    return None


def expect_no_times(table: Any, name: str) -> None:
    """A TypeError where all columns are dates, times or durations: as numbers, they would be those of a clock nobody chose."""
    try:
        head = table.slice(0, 1) if hasattr(table, "slice") else table[:1]
    except TypeError:  # what has no parts will be looked at as a whole
        return
    if np.asarray(head).dtype.kind in "mM":
        raise TypeError(
            f"{name} holds times, and a network needs numbers: count them from a day of your choice, such as (x - first) / "
            "np.timedelta64(1, 'D'), or give them to TabularRegressor, which takes times as they are"
        )


def _is_number(text: str | bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _called(columns: list[str] | None, column: int) -> str:
    return f'"{columns[column]}"' if columns else str(column)


def expect_finite(values: Array, name: str, columns: list[str] | None) -> None:
    """A ValueError that names the row and the column of a value that is missing or infinite."""
    advice = "a network needs a finite number there; fill it in, or leave the row out (TabularRegressor takes gaps as they are)"
    _expect(np.isfinite(values), values, name, columns, advice)


def expect_no_infinity(values: Array, name: str, columns: list[str] | None) -> None:
    """The same for a value that is infinite: gaps may stay."""
    _expect(~np.isinf(values), values, name, columns, "correct it, or write NaN")


def _expect(sound: NDArray[np.bool_], values: Array, name: str, columns: list[str] | None, advice: str) -> None:
    if not sound.all():
        row, column = (int(place) for place in np.argwhere(~sound)[0])
        raise ValueError(f"{name} is {values[row, column]} in row {row}, column {_called(columns, column)}: {advice}")


def weights_of(value: ArrayLike | None, dtype: DTypeLike, rows: int) -> Array | None:
    """One weight a row, of which some count."""
    if value is None:
        return None
    weights = array(value, dtype, "sample_weight")
    if weights.shape != (rows,) or not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError(f"sample_weight has to hold one finite weight of at least 0 for each of {rows} rows")
    if not weights.any():
        raise ValueError("every weight in sample_weight is zero: at least one row has to count")
    return weights


def targets(value: ArrayLike, dtype: DTypeLike, name: str, rows: int, outputs: int) -> Array:
    """``value``, (n) or (n, outputs), as (n, outputs)."""
    result = array(value, dtype, name)
    if result.shape == (rows,) and outputs == 1:
        return result.reshape(rows, 1)
    if result.shape != (rows, outputs):
        expected = f"({rows},) or ({rows}, 1)" if outputs == 1 else f"({rows}, {outputs})"
        raise ValueError(f"{name} {result.shape} has to have the shape {expected}")
    return result
