"""The plain forms in which columns reach the core, whatever they were kept in."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MISSING_TIME = np.int64(np.iinfo(np.int64).min)


class Times(NamedTuple):
    """Microseconds since the beginning of 1970, or ``MISSING_TIME``; and whether they are days."""

    times: NDArray[np.int64]
    are_days: bool


class Codes(NamedTuple):
    """Places in a list of texts; -1 is a gap."""

    codes: NDArray[np.int64]
    texts: list[str]


class Durations(NamedTuple):
    """Whole numbers of parts of a second, NaN for a gap; and how many of those make a second."""

    counts: NDArray[np.float64]
    per_second: float

    def numbers(self, per_second: float) -> NDArray[np.float64]:
        """The same in other parts of a second."""
        return self.counts if per_second == self.per_second else self.counts * (per_second / self.per_second)


Plain = NDArray[Any] | Times | Durations | Codes | list[str | None]
"""float64 or float32 with NaN for a gap, int8 for no, yes and a gap (0, 1, -1), times, durations, codes, or texts."""

PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def is_gap(value: Any) -> bool:
    """Whether this is None or an object by which a library marks a gap; NaN is a number."""
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def taken(levels: Plain, codes: NDArray[np.int64]) -> Plain:
    """The levels of these codes; -1 is a gap."""
    there = codes >= 0
    places = np.where(there, codes, 0)
    if isinstance(levels, Codes):
        levels = [levels.texts[code] if code >= 0 else None for code in levels.codes]
    if isinstance(levels, list):
        named = np.array([text is not None for text in levels] or [False])
        return Codes(np.where(there & named[places], codes, -1), [text or "" for text in levels])
    if isinstance(levels, Times):
        times = levels.times if len(levels.times) else np.array([MISSING_TIME])
        return Times(np.where(there, times[places], MISSING_TIME), levels.are_days)
    if isinstance(levels, Durations):
        gaps = np.append(levels.counts, np.nan)
        return Durations(gaps[codes], levels.per_second)
    gap = levels.dtype.type(-1 if levels.dtype == np.int8 else np.nan)
    values = levels if len(levels) else np.array([gap], levels.dtype)
    return np.where(there, values[places], gap)
