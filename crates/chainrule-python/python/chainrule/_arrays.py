"""From what people have to the arrays that the core reads: row-major, aligned, of one precision."""

from __future__ import annotations

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
    if result.dtype.kind not in "fiub" and not (result.dtype.kind == "O" and result.size):
        raise TypeError(f"{name} has to hold real numbers, found {result.dtype}")
    return contiguous(result, dtype)


def matrix(value: ArrayLike, dtype: DTypeLike, name: str, columns: int) -> Array:
    """``value`` as (n, columns)."""
    result = array(value, dtype, name)
    if result.ndim != 2 or result.shape[1] != columns:
        raise ValueError(f"{name} {result.shape} has to have the shape (n, {columns})")
    return result


def targets(value: ArrayLike, dtype: DTypeLike, name: str, rows: int, outputs: int) -> Array:
    """``value``, (n) or (n, outputs), as (n, outputs)."""
    result = array(value, dtype, name)
    if result.shape == (rows,) and outputs == 1:
        return result.reshape(rows, 1)
    if result.shape != (rows, outputs):
        expected = f"({rows},) or ({rows}, 1)" if outputs == 1 else f"({rows}, {outputs})"
        raise ValueError(f"{name} {result.shape} has to have the shape {expected}")
    return result
