"""Models as files: what ``chainrule train`` writes, opened in Python.

A model is a network with the names of its columns and the scaling of its inputs and its target. ``SimpleNeuralNetwork.save`` writes the
same file.
"""

from __future__ import annotations

import os
import reprlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import Array, matrix
from .neural_networks import SimpleNeuralNetwork, _history

__all__ = ["Model"]


class Model:
    """A model from a file; it proves itself while it is loaded.

    Parameters
    ----------
    path : str or path-like
        A file of ``chainrule train`` or of ``SimpleNeuralNetwork.save``.

    Attributes
    ----------
    columns : list of str
        What ``predict`` takes, in this order.
    target : str
    history : dict of str to list
        As that of ``SimpleNeuralNetwork``.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from chainrule.neural_networks import SimpleNeuralNetwork
    >>> network = SimpleNeuralNetwork(2, seed=0, dtype=np.float32)
    >>> network.add_layer(1, type="output")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     network.save(f"{folder}/model.safetensors", columns=["area", "rooms"], target="price")
    ...     model = Model(f"{folder}/model.safetensors")
    >>> model.columns, model.target
    (['area', 'rooms'], 'price')
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._model = _core.Model(os.fspath(path))
        self.columns = self._model.columns
        self.target = self._model.target
        self.history = _history(self._model.history())

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predictions (n) in the target's unit for X (n, columns) in the columns' units.

        A table with named columns is read by name; an array has to have the columns in order.
        """
        if hasattr(X, "columns") or hasattr(X, "column_names"):
            names = list(getattr(X, "column_names", None) or X.columns)
            known = set(names)
            missing = [name for name in self.columns if name not in known]
            if missing:
                raise ValueError(f"the columns {reprlib.repr(missing)} are missing; the table has {reprlib.repr(names)}")
            X = np.column_stack([np.asarray(X[name], np.float64) for name in self.columns])
        return self._model.predict(matrix(X, np.float64, "X", len(self.columns)))

    def scaling(self) -> tuple[Array, Array]:
        """Mean and scale of every column, the target last: the network works on (x − mean) / scale."""
        mean, scale = zip(*self._model.scaling(), strict=True)
        return np.array(mean), np.array(scale)

    def network(self) -> SimpleNeuralNetwork:
        """A copy of the network, in float32, which takes and gives scaled values."""
        return SimpleNeuralNetwork._of_core(self._model.network())

    def __repr__(self) -> str:
        return self._model.describe()
