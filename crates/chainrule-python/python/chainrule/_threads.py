"""How many threads may share large work, and who has to wait for whom."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

_trainings: WeakKeyDictionary[Any, threading.RLock] = WeakKeyDictionary()
_look_up = threading.Lock()
_within = threading.local()


def available_threads() -> int:
    """All there are (0), or as many as OMP_NUM_THREADS says, as NumPy's own products have them.

    joblib sets that in its processes. One on any thread but the main one, which others run beside.
    """
    if threading.current_thread() is not threading.main_thread():
        return 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return int(limit) if limit.isdecimal() else 0


@contextmanager
def training_of(model: Any) -> Iterator[None]:
    """Two threads that fit one model do so one after the other: none trains what the other has begun."""
    with _look_up:
        lock = _trainings.setdefault(model, threading.RLock())
    # A callback runs while its training waits for it, on whatever thread: it would wait for itself.
    if not lock.acquire(blocking=not getattr(_within, "callback", False)):
        raise RuntimeError("fit was called within a training of the same model: let its callback return first")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def inside_callback() -> Iterator[None]:
    """Whoever trains within this does so within a callback."""
    before = getattr(_within, "callback", False)
    _within.callback = True
    try:
        yield
    finally:
        _within.callback = before
