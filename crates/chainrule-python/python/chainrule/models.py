"""Models as files: what ``chainrule train`` writes, opened in Python.

A model is a network with the names of its columns, how they are encoded, and how its target is scaled. ``SimpleNeuralNetwork.save``
writes the same file.
"""

from __future__ import annotations

import os
import reprlib
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import Array, expect_no_infinity, matrix
from ._frames import table_of
from ._pickles import opened, sealed
from ._threads import available_threads
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
        self._take(_core.Model(os.fspath(path)))

    def _take(self, model: _core.Model) -> None:
        self._model = model
        self.columns = self._model.columns
        self.target = self._model.target
        self.history = _history(self._model.history())

    def __getstate__(self) -> dict[str, Any]:
        return sealed({"model": self._model.to_bytes()})

    def __setstate__(self, seal: dict[str, Any]) -> None:
        self._take(_core.model_from_bytes(opened(seal)["model"]))

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predictions (n) in the target's unit for X (n, columns) in the columns' units.

        A table with named columns is read by name, as ``chainrule predict`` reads it; an array has to have the columns in order, and all
        of them have to be numbers. NaN, None and NaT are gaps. What occurred in no row of the training is warned of.
        """
        if hasattr(X, "columns") or hasattr(X, "column_names") or isinstance(X, Mapping):
            table = table_of(X, "X", self.columns)
            known = set(table.names)
            missing = [name for name in self.columns if name not in known]
            if missing:
                raise ValueError(f"the columns {reprlib.repr(missing)} are missing; the table has {reprlib.repr(table.names)}")
            table = table.select(self.columns)
            predicted, _, problems = _core.predict_table(self._model, table.core({}), table.rows, None, available_threads())
            for problem in problems:
                warnings.warn(problem, stacklevel=2)
            return predicted
        x = matrix(X, np.float64, "X", len(self.columns))
        expect_no_infinity(x, "X", self.columns)
        return self._model.predict(x)

    def scaling(self) -> tuple[Array, Array]:
        """Mean and scale of every column, the target last: the network works on (x − mean) / scale.

        Raises
        ------
        ValueError
            If the model encodes its columns in another way, as ``chainrule train`` does.
        """
        mean, scale = zip(*self._model.scaling(), strict=True)
        return np.array(mean), np.array(scale)

    def network(self) -> SimpleNeuralNetwork:
        """A copy of the network, in float32, which takes and gives encoded values."""
        return SimpleNeuralNetwork._of_core(self._model.network())

    def __repr__(self) -> str:
        return self._model.describe()
