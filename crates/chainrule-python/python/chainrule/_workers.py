"""The networks of one training on joblib's workers: processes of this machine, or of a cluster.

The encoded rows go out as one array of bytes, which joblib's backends share among the tasks of a worker: its own processes map it from
one file, and Dask's workers keep it. A worker reads it once, and keeps what it has read until the next training. A network comes back as
bytes that say which training and which network they are of.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core

_MOST_ROUNDS = 3
"""How often in a row workers may die before any network has come back."""

_kept: tuple[str, _core.Worker] | None = None
_reading = threading.Lock()


def train_on_workers(training: _core.Elsewhere, n_jobs: int, shown: Callable[[int, int, int], None] | None) -> None:
    """Trains all networks that are not at their end; those that were lost because a worker died, again."""
    joblib = joblib_or_refusal()
    sent = training.workload()
    workload = np.frombuffer(sent, np.uint8)
    key = blake2b(sent, digest_size=16).hexdigest()
    in_vain = 0
    try:
        while numbers := training.open_members():
            try:
                with _arriving(joblib, n_jobs, key, workload, numbers) as arriving:
                    for number, returned in arriving:
                        training.take_member(number, returned)
                        in_vain = 0
                        if shown is not None:
                            shown(*training.progress())
            except (Exception, asyncio.CancelledError) as error:
                if not _tells_of_a_death(error):
                    raise
                in_vain += 1
                if in_vain == _MOST_ROUNDS:
                    message = f"workers died {_MOST_ROUNDS} times before a network came back: give them more memory, or fit without n_jobs"
                    raise RuntimeError(message) from error
    finally:
        _forget(key)


@contextmanager
def _arriving(joblib: Any, n_jobs: int, key: str, workload: NDArray[np.uint8], numbers: list[int]) -> Iterator[Iterator[tuple[int, bytes]]]:
    """Networks as they come from the backend that the caller has set; all at once, where it knows no other way."""
    backend, _ = joblib.parallel.get_active_backend()
    unordered = getattr(backend, "supports_return_generator", False)
    parallel = joblib.Parallel(n_jobs=n_jobs, batch_size=1, return_as="generator_unordered" if unordered else "list")
    returned = parallel(joblib.delayed(train_member)(key, workload, number) for number in numbers)
    try:
        yield iter(returned)
    finally:
        if unordered:
            returned.close()


def train_member(key: str, workload: NDArray[np.uint8], number: int) -> tuple[int, bytes]:
    """What a worker does: a network at its end, with its number."""
    return number, _worker_of(key, workload).train(number)


def _worker_of(key: str, workload: NDArray[np.uint8]) -> _core.Worker:
    global _kept
    with _reading:
        if _kept is None or _kept[0] != key:
            _kept = None  # two of them are not held at a time
            _kept = key, _core.Worker(workload.tobytes())
        return _kept[1]


def _forget(key: str) -> None:
    """Where the caller's own process was the worker."""
    global _kept
    with _reading:
        if _kept is not None and _kept[0] == key:
            _kept = None


def _tells_of_a_death(error: BaseException) -> bool:
    """Whether it is what joblib's processes or Dask raise for a worker that is gone, or for what it held."""
    gone = (concurrent.futures.BrokenExecutor, concurrent.futures.CancelledError, asyncio.CancelledError)
    return isinstance(error, gone) or type(error).__name__ == "KilledWorker"


def joblib_or_refusal() -> Any:
    """joblib; an ImportError that names the extra where it is missing."""
    try:
        import joblib
    except ImportError as error:
        raise ImportError('n_jobs needs joblib: pip install "chainrule[joblib]"') from error
    return joblib
