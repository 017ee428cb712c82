"""Parameters of estimators as the core takes them."""

from __future__ import annotations

import os
import re
from numbers import Integral, Real
from typing import Any

import numpy as np


def seed_of(random_state: Any) -> int:
    if random_state is None:
        return int.from_bytes(os.urandom(4), "little")
    if isinstance(random_state, Integral) and not isinstance(random_state, bool):
        seed = int(random_state)
        if not 0 <= seed < 2**64:
            raise ValueError(f"random_state is {seed}: it has to be at least 0 and below 2**64")
        return seed
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**31))
    raise TypeError(f"random_state is {random_state!r}: it has to be an integer, a RandomState, a Generator or None")


_UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def seconds_of(time: float | str | None) -> float | None:
    """A number of seconds, or a time with its units."""
    if time is None:
        return None
    seconds = float("nan")
    if isinstance(time, Real) and not isinstance(time, bool):
        seconds = float(time)
    elif isinstance(time, str):
        text = time.strip().lower()
        parts = re.findall(r"(\d+(?:\.\d+)?)\s*(ms|min|[smhd])", text)
        if re.fullmatch(r"\d+(\.\d+)?", text):
            seconds = float(text)
        elif parts and re.fullmatch(r"(\d+(\.\d+)?\s*(ms|min|[smhd])\s*)+", text):
            seconds = sum(float(count) * _UNITS[unit] for count, unit in parts)
    if not 0 < seconds <= 1e9:
        raise ValueError(f'time_limit is {time!r}: give a time above 0, such as 30, "30s", "5m" or "1h30m"')
    return seconds
