"""How far a training is, shown where somebody looks: in a terminal and in a notebook, never in a pipe."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_SECONDS = 0.2
"""Between two looks at a network's training: those of tables tell no more often."""


def progress_of(verbose: bool) -> Callable[[int, int, int], None] | None:
    """What is told the epochs that are done, of how many, and of how many networks; epochs of 0 end it. tqdm's bar where that is there."""
    is_shown = verbose and (sys.stderr.isatty() or "ipykernel" in sys.modules)
    if not is_shown or threading.current_thread() is not threading.main_thread():
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _line
    return _Bar(tqdm)


@contextmanager
def epochs_shown(verbose: bool, of: int) -> Iterator[Callable[[int], None] | None]:
    """What is told each epoch of one network, of so many; None where nobody looks."""
    shown, told = progress_of(verbose), time.monotonic()
    if shown is None:
        yield None
        return

    def hear(epoch: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _SECONDS:
            told = time.monotonic()
            shown(epoch, of, 1)

    try:
        yield hear
    finally:
        shown(0, 0, 0)


def _line(epochs: int, of: int, networks: int) -> None:
    line = f"epoch {epochs}/{of} of {_counted(networks)}" if of else ""
    sys.stderr.write(f"\r{line:<60}" if line else f"\r{'':60}\r")
    sys.stderr.flush()


class _Bar:
    """A bar of tqdm, which a notebook shows as a widget."""

    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None

    def __call__(self, epochs: int, of: int, networks: int) -> None:
        if not of:
            if self._bar is not None:
                self._bar.close()
            return
        if self._bar is None:
            self._bar = self._tqdm(total=of, unit="epoch", leave=False)
        # How many networks there will be may turn out while they are trained.
        self._bar.total = of
        self._bar.set_description(_counted(networks), refresh=False)
        self._bar.update(epochs - self._bar.n)


def _counted(networks: int) -> str:
    return f"{networks} network{'s' if networks > 1 else ''}"
