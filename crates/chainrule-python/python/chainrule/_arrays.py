"""From what people have to the arrays that the core reads: row-major, aligned, of one precision."""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

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
    """``value`` as it is where its layout and precision allow, else a copy."""
    result = np.asarray(value)
    text = text_in(value)
    if text is not None:
        raise TypeError(f"{name} has to hold real numbers, found {text}")
    if result.dtype.kind not in "fiub" and not (result.dtype.kind == "O" and result.size):
        raise TypeError(f"{name} has to hold real numbers, found {result.dtype}")
    return contiguous(result, dtype)


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
    finite = np.isfinite(values)
    if finite.all():
        return
    row, column = (int(place) for place in np.argwhere(~finite)[0])
    raise ValueError(
        f"{name} is {values[row, column]} in row {row}, column {_called(columns, column)}: a network needs a finite number there; fill "
        "it in, or leave the row out (TabularRegressor takes gaps as they are)"
    )


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
