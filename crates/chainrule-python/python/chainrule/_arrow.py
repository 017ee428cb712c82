"""Tables behind the Arrow C data interface, batch by batch, as NumPy sees them: without Arrow, and without a copy where none is needed.

Whoever has ``__arrow_c_stream__`` (polars, pyarrow, DuckDB, pandas) gives structures whose layout is fixed by
https://arrow.apache.org/docs/format/CDataInterface.html. They are read here through ``ctypes``, and become the plain forms of
``_frames``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._plain import MISSING_TIME, Durations, Plain, Times, taken


class _Schema(Structure):
    pass


class _Array(Structure):
    pass


class _Stream(Structure):
    pass


_RELEASE_SCHEMA = CFUNCTYPE(None, POINTER(_Schema))
_RELEASE_ARRAY = CFUNCTYPE(None, POINTER(_Array))
_Schema._fields_ = [
    ("format", c_char_p),
    ("name", c_char_p),
    ("metadata", c_void_p),
    ("flags", c_int64),
    ("n_children", c_int64),
    ("children", POINTER(POINTER(_Schema))),
    ("dictionary", POINTER(_Schema)),
    ("release", _RELEASE_SCHEMA),
    ("private_data", c_void_p),
]
_Array._fields_ = [
    ("length", c_int64),
    ("null_count", c_int64),
    ("offset", c_int64),
    ("n_buffers", c_int64),
    ("n_children", c_int64),
    ("buffers", POINTER(c_void_p)),
    ("children", POINTER(POINTER(_Array))),
    ("dictionary", POINTER(_Array)),
    ("release", _RELEASE_ARRAY),
    ("private_data", c_void_p),
]
_Stream._fields_ = [
    ("get_schema", CFUNCTYPE(c_int, POINTER(_Stream), POINTER(_Schema))),
    ("get_next", CFUNCTYPE(c_int, POINTER(_Stream), POINTER(_Array))),
    ("get_last_error", CFUNCTYPE(c_char_p, POINTER(_Stream))),
    ("release", CFUNCTYPE(None, POINTER(_Stream))),
    ("private_data", c_void_p),
]

_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype = c_void_p
_pointer_of.argtypes = [ctypes.py_object, c_char_p]

_WHOLE = {"c": "i1", "C": "u1", "s": "i2", "S": "u2", "i": "i4", "I": "u4", "l": "i8", "L": "u8"}
_PER_SECOND = {"s": 1, "m": 1_000, "u": 1_000_000, "n": 1_000_000_000}
_SEVERAL = "holds several values in each row: give each of them a column of its own"


class ArrowTable:
    """What ``__arrow_c_stream__`` gives: the names at once, the rows when they are asked for, once."""

    def __init__(self, table: Any) -> None:
        self._capsule = table.__arrow_c_stream__()  # owns the stream
        self._stream = _Stream.from_address(_pointer_of(self._capsule, b"arrow_array_stream"))
        self._schema = _Schema()
        self._expect(self._stream.get_schema(ctypes.byref(self._stream), ctypes.byref(self._schema)))
        try:
            if self._schema.format != b"+s":
                raise TypeError("the Arrow stream holds one column and not a table: put it into a DataFrame")
            self._fields = [self._schema.children[j].contents for j in range(self._schema.n_children)]
            self.names = [(field.name or b"").decode("utf-8", "replace") for field in self._fields]
        except BaseException:
            self.close()
            raise

    def categorical(self) -> list[str]:
        """The columns of numbers that are kept as places in a list of levels."""
        of_numbers = set(_WHOLE) | {"e", "f", "g"}
        fields = zip(self.names, self._fields, strict=True)
        return [n for n, f in fields if f.dictionary and f.dictionary.contents.format.decode() in of_numbers]

    def batches(self) -> Iterator[tuple[int, list[Plain]]]:
        """Rows and columns of each batch; its memory is given back when the next one is asked for."""
        try:
            while True:
                array = _Array()
                self._expect(self._stream.get_next(ctypes.byref(self._stream), ctypes.byref(array)))
                if not array.release:
                    return
                try:
                    columns = zip(self.names, self._fields, range(array.n_children), strict=True)
                    yield (
                        array.length,
                        [_column(name, field, array.children[j].contents, array.offset, array.length) for name, field, j in columns],
                    )
                finally:
                    array.release(ctypes.byref(array))
        finally:
            self.close()

    def close(self) -> None:
        """Gives back what describes the columns."""
        self._fields = []
        if self._schema.release:
            self._schema.release(ctypes.byref(self._schema))

    def _expect(self, code: int) -> None:
        if code:
            told = self._stream.get_last_error(ctypes.byref(self._stream))
            raise ValueError(f"the Arrow stream cannot be read: {(told or b'').decode('utf-8', 'replace') or f'error {code}'}")


def _column(name: str, schema: _Schema, array: _Array, before: int, rows: int) -> Plain:
    """The values of a column, of which ``before`` are skipped because the table is a part of a larger one."""
    try:
        return _values(schema, array, array.offset + before, rows)
    except _NotReadError as error:
        raise TypeError(f'column "{name}" {error}') from None


class _NotReadError(Exception):
    """What a column is that cannot be read."""


def _values(schema: _Schema, array: _Array, begin: int, rows: int) -> Plain:
    kind = schema.format.decode()
    present = _present(array, begin, rows)
    if schema.dictionary:
        levels = array.dictionary.contents
        codes = _part(array, 1, _WHOLE[kind], begin, rows).astype(np.int64)
        codes = codes if present is None else np.where(present, codes, -1)
        return taken(_values(schema.dictionary.contents, levels, levels.offset, levels.length), codes)
    if kind == "n":
        return np.full(rows, np.nan)
    if kind == "b":
        bits = np.unpackbits(_bytes(array, 1, (begin + rows + 7) // 8), bitorder="little")
        values = bits[begin : begin + rows].astype(np.int8)
        return values if present is None else np.where(present, values, np.int8(-1))
    if kind in _WHOLE:
        return _with_gaps(_part(array, 1, _WHOLE[kind], begin, rows).astype(np.float64), present)
    if kind in ("f", "g"):
        return _with_gaps(_part(array, 1, {"f": "f4", "g": "f8"}[kind], begin, rows), present)
    if kind == "e":
        return _with_gaps(_part(array, 1, "f2", begin, rows).astype(np.float64), present)
    if kind in ("u", "U", "z", "Z"):
        return _texts(array, "i4" if kind in ("u", "z") else "i8", begin, rows, present)
    if kind in ("vu", "vz"):
        return _viewed_texts(array, begin, rows, present)
    if kind.startswith("d:"):
        return _with_gaps(_decimals(kind, array, begin, rows), present)
    if kind.startswith("tD"):
        return Durations(_with_gaps(_part(array, 1, "i8", begin, rows).astype(np.float64), present), _PER_SECOND[kind[2]])
    if kind == "tdD":
        return _times(_part(array, 1, "i4", begin, rows).astype(np.int64) * 86_400_000_000, present, are_days=True)
    if kind == "tdm":
        return _times(_part(array, 1, "i8", begin, rows) * 1_000, present, are_days=True)
    if kind.startswith(("tt", "ts")):
        width = "i4" if kind in ("tts", "ttm") else "i8"
        counts = _part(array, 1, width, begin, rows).astype(np.int64)
        return _times(microseconds(counts, _PER_SECOND[kind[2]]), present, are_days=False)
    raise _NotReadError(_SEVERAL if kind.startswith("+") else "is of a type that is no number, text or time")


def microseconds(counts: NDArray[np.int64], per_second: int) -> NDArray[np.int64]:
    """From so many parts of a second to microseconds, rounded to the past."""
    if per_second > 1_000_000:
        return counts // (per_second // 1_000_000)
    return counts * (1_000_000 // per_second)


def _bytes(array: _Array, buffer: int, count: int) -> NDArray[np.uint8]:
    place = array.buffers[buffer]
    if not place or count == 0:
        return np.zeros(count, np.uint8)
    return np.ctypeslib.as_array((ctypes.c_uint8 * count).from_address(place))


def _part(array: _Array, buffer: int, dtype: str, begin: int, rows: int) -> NDArray[Any]:
    size = np.dtype(dtype).itemsize
    return _bytes(array, buffer, (begin + rows) * size)[begin * size :].view(dtype)


def _present(array: _Array, begin: int, rows: int) -> NDArray[np.bool_] | None:
    if array.null_count == 0 or array.n_buffers == 0 or not array.buffers[0]:
        return None
    bits = np.unpackbits(_bytes(array, 0, (begin + rows + 7) // 8), bitorder="little")
    return bits[begin : begin + rows].astype(bool)


def _with_gaps(values: NDArray[Any], present: NDArray[np.bool_] | None) -> NDArray[Any]:
    return values if present is None else np.where(present, values, values.dtype.type(np.nan))


def _times(times: NDArray[np.int64], present: NDArray[np.bool_] | None, are_days: bool) -> Times:
    return Times(times if present is None else np.where(present, times, MISSING_TIME), are_days)


def _decimals(kind: str, array: _Array, begin: int, rows: int) -> NDArray[np.float64]:
    """Whole numbers in two's complement, of so many decimal places."""
    _, scale, *bits = kind[2:].split(",")
    size = int(bits[0]) // 8 if bits else 16
    digits = _bytes(array, 1, (begin + rows) * size)[begin * size :].reshape(rows, size)[:, ::-1]
    values = np.where(digits[:, 0] >= 0x80, -1.0, 0.0)
    for place in range(size):  # as the file's bytes are added up
        values = values * 256.0 + digits[:, place]
    return values / 10.0 ** int(scale)


def _texts(array: _Array, offset: str, begin: int, rows: int, present: NDArray[np.bool_] | None) -> list[str | None]:
    ends = _part(array, 1, offset, begin, rows + 1).tolist()
    content = _bytes(array, 2, ends[-1]).tobytes() if rows else b""
    texts: list[str | None] = [content[start:end].decode("utf-8", "replace") for start, end in pairwise(ends)]
    return _without_gaps(texts, present)


def _viewed_texts(array: _Array, begin: int, rows: int, present: NDArray[np.bool_] | None) -> list[str | None]:
    """Texts of up to 12 bytes in place, longer ones in further buffers, whose lengths the last buffer holds."""
    views = _part(array, 1, "V16", begin, rows)
    further = array.n_buffers - 3
    lengths = _bytes(array, array.n_buffers - 1, 8 * further).view("i8")
    buffers = [_bytes(array, 2 + j, int(lengths[j])) for j in range(further)]
    words = views.view("<i4").reshape(rows, 4)
    texts: list[str | None] = []
    for row, view in enumerate(views):
        length = int(words[row, 0])
        if present is not None and not present[row]:
            texts.append(None)
            continue
        if length <= 12:
            content = view.tobytes()[4 : 4 + length]
        else:
            buffer, start = int(words[row, 2]), int(words[row, 3])
            content = buffers[buffer][start : start + length].tobytes()
        texts.append(content.decode("utf-8", "replace"))
    return texts


def _without_gaps(texts: list[str | None], present: NDArray[np.bool_] | None) -> list[str | None]:
    if present is None:
        return texts
    return [text if there else None for text, there in zip(texts, present, strict=True)]
