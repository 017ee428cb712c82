"""Callbacks of trainings: functions of one epoch's record, which may end the training by an exception of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from ._threads import inside_callback

Callback: TypeAlias = Callable[[dict[str, Any]], Any]


class StopTraining(Exception):
    """Raised by a callback, it ends the training after this epoch; ``fit`` returns as usual.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import SimpleNeuralNetwork
    >>> def enough(record):
    ...     if record["training_loss"] < 0.5:
    ...         raise StopTraining
    >>> network = SimpleNeuralNetwork(1, seed=0)
    >>> network.add_layer(1, type="output")
    >>> X = np.linspace(-1, 1, 50).reshape(50, 1)
    >>> network.fit(X, X[:, 0], epochs=1000, learning_rate=0.01, callbacks=enough).outcome
    'stopped by the callback'
    """


def listeners_of(callbacks: Callback | Iterable[Callback] | None) -> list[Callback]:
    """One callback, several or none as a list."""
    if callbacks is None or callable(callbacks):
        return [] if callbacks is None else [callbacks]
    if not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks has to be a function that takes a dict, or several, found {callbacks!r}")
    listeners = list(callbacks)
    for listener in listeners:
        if not callable(listener):
            raise TypeError(f"callbacks has to hold functions that take a dict, found {listener!r}")
    return listeners


def asks_to_stop(listeners: Iterable[Callback], record: dict[str, Any]) -> bool:
    """Tells all of an epoch; whether one of them raised ``StopTraining``."""
    stop = False
    with inside_callback():
        for listener in listeners:
            try:
                listener(dict(record))
            except StopTraining:
                stop = True
    return stop
