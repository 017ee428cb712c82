"""The network of the notes: dense layers, an out layer, forward, backward, and training by the core.

Layers hold ``W`` and ``b`` as NumPy arrays. ``forward_pass`` and ``backward_pass`` run one equation after the other, each in the core;
``fit`` hands the parameters to the core's trainer and takes them back.
"""

from __future__ import annotations

import os
import reprlib
from collections.abc import Iterable
from html import escape
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import _core
from ._arrays import Array, count_of, expect_finite, in_order, matrix, names_of, precision, real, size_of, targets, weights_of
from ._callbacks import Callback, StopTraining, asks_to_stop, listeners_of
from ._layers import DenseLayer, OutLayer, loss_of, text_of
from ._pickles import Sealed
from ._progress import epochs_shown
from ._threads import training_of
from .activation_functions import ActivationFunction
from .loss_functions import Loss

__all__ = ["DenseLayer", "GradientReport", "OutLayer", "ParameterCheck", "SimpleNeuralNetwork", "StopTraining"]

Optimizer = Literal["gradient_descent", "sgd", "momentum", "nesterov", "adam", "adam_w", "adamw"]
Schedule = Literal["constant", "cosine"]
Init = Literal["he", "glorot", "notes"]


class ParameterCheck(NamedTuple):
    """One ``W`` or ``b`` beside its finite differences.

    >>> ParameterCheck(0, "W", checked=8, skipped=0, max_absolute_error=1e-10, max_relative_error=1e-9).parameter
    'W'
    """

    layer: int
    parameter: str
    checked: int
    skipped: int
    max_absolute_error: float
    max_relative_error: float


class GradientReport:
    """Every derivative beside a finite difference; ``print`` shows the table.

    Attributes
    ----------
    parameters : list of ParameterCheck
        One for each ``W`` and ``b``.
    max_relative_error : float

    Examples
    --------
    >>> network = SimpleNeuralNetwork(1, seed=0)
    >>> network.add_layer(1, type="output")
    >>> report = network.gradient_check([[1.0], [2.0]], [1.0, 4.0])
    >>> [(check.layer, check.parameter, check.checked) for check in report.parameters]
    [(0, 'W', 1), (0, 'b', 1)]
    >>> report.max_relative_error < 1e-7
    True
    """

    def __init__(self, parameters: list[ParameterCheck], worst: float, text: str) -> None:
        self.parameters = parameters
        self.max_relative_error = worst
        self._text = text

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


class SimpleNeuralNetwork(Sealed):
    """A feed-forward network for regression.

    Parameters
    ----------
    input_size : int
        Number of inputs.
    loss_func : str or Loss
        A text such as ``"huber(1.5)"`` or an object of ``chainrule.loss_functions``.
    init : {"he", "glorot", "notes"}
        How weights are drawn: N(0, 2/i), U(±√(6/(i+o))), or N(0, 1/4), biases too, as in the notes.
    seed : int, optional
        Of the weights.
    dtype : float64 or float32

    Attributes
    ----------
    nn_array : list of DenseLayer and OutLayer
        The layers, the out layer last.
    history : dict of str to list
        ``epoch``, ``training_loss``, ``validation_loss``, ``learning_rate`` of the last ``fit``.
    feature_names : list of str or None
        The columns of the table that ``fit`` was given; tables with the same columns are put into this order.
    outcome : str or None
        How the last ``fit`` ended: ``"finished"``, ``"stopped early"``, ``"stopped by the callback"``.

    Examples
    --------
    Step by step, as in the notes:

    >>> import numpy as np
    >>> from chainrule.activation_functions import LeakyReLU
    >>> from chainrule.loss_functions import mean_square_error
    >>> X = np.linspace(-1, 1, 64).reshape(32, 2)
    >>> y = X[:, 0] - X[:, 1] ** 2
    >>> network = SimpleNeuralNetwork(2, mean_square_error(), seed=1)
    >>> network.add_layer(8, LeakyReLU(0.01), type="dense")
    >>> network.add_layer(1, type="output")
    >>> before = mean_square_error().compute(y, network.forward_pass(X))
    >>> for _ in range(100):
    ...     y_hat = network.forward_pass(X)
    ...     network.backward_pass(y, learning_rate=0.05)
    >>> mean_square_error().compute(y, network.forward_pass(X)) < before / 4
    True

    Or all at once:

    >>> network.fit(X, y, epochs=50).predict(X).shape
    (32,)
    >>> len(network.history["training_loss"])
    50
    """

    def __init__(
        self,
        input_size: int,
        loss_func: str | Loss = "mean_square_error",
        *,
        init: Init = "he",
        seed: int | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.input_size = size_of("input_size", input_size)
        self.feature_names: list[str] | None = None
        self._loss_func = loss_of(loss_func)
        self.nn_array: list[DenseLayer | OutLayer] = []
        self.history: dict[str, list[Any]] = {}
        self.outcome: str | None = None
        self._settings = _UNTRAINED
        self._options = {"init": init, "seed": np.random.default_rng(seed), "dtype": precision(dtype)}

    @property
    def loss_func(self) -> Loss:
        """The loss: what is assigned to it is the out layer's, too."""
        return self._loss_func

    @loss_func.setter
    def loss_func(self, loss: str | Loss) -> None:
        self._loss_func = loss_of(loss)
        for layer in self.nn_array:
            if isinstance(layer, OutLayer):
                layer.loss_func = self._loss_func

    def add_layer(
        self,
        num_neurons: int,
        activ_func: str | ActivationFunction | None = None,
        type: Literal["dense", "output"] = "dense",
    ) -> None:
        """Adds a layer above the last one: ``"dense"``, or ``"output"``, which has no activation function and ends the network."""
        num_neurons = size_of("num_neurons", num_neurons)
        if self.nn_array and isinstance(self.nn_array[-1], OutLayer):
            raise ValueError("the network has its out layer: nothing can be added above it")
        below = self.nn_array[-1].num_neurons if self.nn_array else self.input_size
        if type == "dense":
            if activ_func is None:
                raise TypeError("a dense layer needs an activation function, such as 'relu'")
            self.nn_array.append(DenseLayer(below, num_neurons, activ_func, **self._options))
        elif type == "output":
            self.nn_array.append(OutLayer(below, self.loss_func, num_neurons, **self._options))
        else:
            raise ValueError(f"type is {type!r}: choose 'dense' or 'output'")

    def forward_pass(self, X: ArrayLike) -> Array:
        """The out layer's Ŷ, (n) for one output, else (n, o); every layer keeps its part for ``backward_pass``."""
        a = X if self.feature_names is None else in_order(X, self.feature_names, "X")
        for layer in self._layers():
            a = layer.batch_input(a)
        return np.asarray(a)

    def backward_pass(self, y_true: ArrayLike, learning_rate: float) -> None:
        """Carries the loss of the last ``forward_pass`` back through every layer, each of which makes a step of gradient descent."""
        error = y_true
        for layer in reversed(self._layers()):
            error = layer.backward(error, learning_rate)

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int = 200,
        batch_size: int | None = 32,
        optimizer: Optimizer = "adam",
        learning_rate: float = 0.001,
        validation_data: tuple[ArrayLike, ArrayLike] | None = None,
        callbacks: Callback | Iterable[Callback] | None = None,
        sample_weight: ArrayLike | None = None,
        shuffle: bool = True,
        seed: int = 0,
        l2_penalty: float = 0.0,
        momentum: float = 0.9,
        weight_decay: float = 0.01,
        schedule: Schedule = "constant",
        clip_norm: float | None = None,
        patience: int | None = None,
        threads: int = 1,
        verbose: bool = False,
    ) -> SimpleNeuralNetwork:
        """Trains from the present weights.

        Parameters
        ----------
        X : (n, i), y : (n) or (n, o)
            A table with the columns that the network has been trained on may have them in any order.
        epochs : int
            Passes over the rows.
        batch_size : int or None
            Rows per step; None takes all.
        optimizer : {"gradient_descent", "momentum", "nesterov", "adam", "adam_w"}
            ``momentum`` belongs to the second and third, ``weight_decay`` to the last. ``"sgd"`` is the first, ``"adamw"`` the last.
        validation_data : (X, y), optional
            Rows that choose the best epoch; its weights are kept.
        callbacks : callable or callables
            Called after each epoch with a dict of ``epoch``, ``training_loss``, ``validation_loss``, ``learning_rate``. One that raises
            ``StopTraining`` ends the training; what they return does not matter. The new weights are there when ``fit`` returns.
            They are called on a thread of the training.
        l2_penalty : float
            λ of (λ/2) Σ W².
        schedule : {"constant", "cosine"}
            Of the learning rate.
        clip_norm : float, optional
            The largest norm that a gradient may have.
        patience : int, optional
            So many epochs without improvement end the training.
        threads : int
            Threads that may work on a step, never more than there are processors; they never change the result. 0 takes all
            there are.
        verbose : bool
            Shows how far the training is, in a terminal and in a notebook.

        Returns
        -------
        The network. Ctrl-C ends the training with a KeyboardInterrupt; weights and history stay as they were reached.

        Raises
        ------
        ValueError
            For data or settings without meaning, and when the training diverges; the best weights so far are in place then.
        MemoryError
            If the training would need more memory than there is.
        """
        listeners, epochs = listeners_of(callbacks), count_of("epochs", epochs)
        settings = {
            "epochs": epochs,
            "batch_size": None if batch_size is None else count_of("batch_size", batch_size),
            "optimizer": str(optimizer),
            "learning_rate": real("learning_rate", learning_rate),
            "shuffle": bool(shuffle),
            "seed": count_of("seed", seed),
            "l2_penalty": real("l2_penalty", l2_penalty),
            "momentum": real("momentum", momentum),
            "weight_decay": real("weight_decay", weight_decay),
            "schedule": str(schedule),
            "clip_norm": None if clip_norm is None else real("clip_norm", clip_norm),
            "patience": None if patience is None else count_of("patience", patience),
            "threads": count_of("threads", threads),
        }
        with training_of(self), epochs_shown(verbose, epochs) as shown:

            def after_epoch(*record: Any) -> bool:
                if shown is not None:
                    shown(record[0])
                return asks_to_stop(listeners, dict(zip(_RECORD, record, strict=True)))

            network = self._network("fit")
            before = self.feature_names
            try:
                found = names_of(X)
                # The same columns in another order stay with their weights.
                self.feature_names = before if found and before and sorted(found) == sorted(before) else found
                rows = self._rows(X, y)
                validation = None if validation_data is None else self._validation_rows(validation_data)
                weights = weights_of(sample_weight, self._dtype, len(rows[0]))
                history, self.outcome, error = _core.fit(
                    network,
                    *rows,
                    weights,
                    validation,
                    after_epoch if listeners or shown is not None else None,
                    settings,
                )
            except BaseException:
                self.feature_names = before
                raise
            self._settings = settings
            self._take(network.weights(), network.biases())
            self.history = _history(history)
            if error is not None:
                raise error
            return self

    def predict(self, X: ArrayLike) -> Array:
        """Predictions in the target's units: (n) for one output, else (n, o). X has to be finite."""
        x = self._matrix(X, "X")
        if any(text_of(layer) is None for layer in self._layers()[:-1]):
            raw = self.forward_pass(x)
            # The exponential within the bounds that the core keeps.
            return np.exp(np.clip(raw, -40, 40)) if _core.has_log_link(self.loss_func.text) else raw
        y_hat = self._network("predict").predict(x)
        return y_hat[:, 0] if y_hat.shape[1] == 1 else y_hat

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        columns: Iterable[str] | None = None,
        target: str = "y",
    ) -> None:
        """Writes the network to a file, as a whole or not at all.

        What the command line can use (float32, one output, one of the core's activations for all hidden layers) becomes a model, which it
        and ``chainrule.models.Model`` open too: ``columns`` names the inputs (as the table that ``fit`` was given, else ``x0``, ``x1``,
        ...), ``target`` what is predicted. Any other network is stored alone, for ``load``; with ``columns`` it is refused.

        Raises
        ------
        ValueError
            If the file cannot be written or the network cannot be what is asked for; TypeError if an activation is Python's own.
        """
        core = self._network("save")
        history = list(zip(*(self.history.get(name, []) for name in _RECORD), strict=True))
        is_model = core.dtype == "float32" and core.outputs == 1 and len(set(core.activations)) <= 1
        if not is_model and columns is None:
            _core.save_network(core, os.fspath(path), history, self.feature_names)
            return
        if core.dtype != "float32":
            raise ValueError(
                "a model with columns holds float32, this network is in float64: build it with dtype='float32', or save it without columns"
            )
        names = (self.feature_names or self._places()) if columns is None else list(columns)
        known = self.feature_names or []
        moved = [name for name, own in zip(names, known, strict=False) if name != own and name in known]
        if moved:
            raise ValueError(
                f"columns has {moved[0]!r} at another place than the table that the network was fitted to, which has {reprlib.repr(known)}"
            )
        _core.save_model(core, os.fspath(path), names, target, self._settings, history)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SimpleNeuralNetwork:
        """A network that ``save`` wrote: the same weights, activations, loss, precision, history and names of columns.

        Raises
        ------
        ValueError
            If the file is damaged, neither network nor model, or a model that scales its inputs: ``chainrule.models.Model`` opens that.
        """
        found = _core.load(os.fspath(path))
        if isinstance(found, _core.Model):
            if not found.takes_numbers_as_they_are():
                raise ValueError(f"{os.fspath(path)} is a model that scales its inputs: open it with chainrule.models.Model")
            found = found.network(), found.history(), found.columns
        core, history, names = found
        network = cls._of_core(core)
        network.history = _history(history)
        network.feature_names = None if names == network._places() else names
        return network

    @classmethod
    def _of_core(cls, core: _core.Network) -> SimpleNeuralNetwork:
        network = cls(core.inputs, core.loss, dtype=core.dtype)
        weights, biases = core.weights(), core.biases()
        for w, activation in zip(weights, core.activations, strict=False):
            network.add_layer(len(w), activation)
        network.add_layer(core.outputs, type="output")
        network._take(weights, biases)
        return network

    def _places(self) -> list[str]:
        """What inputs without names are called."""
        return [f"x{j}" for j in range(self.input_size)]

    def _take(self, weights: list[Array], biases: list[Array]) -> None:
        for layer, w, b in zip(self.nn_array, weights, biases, strict=True):
            layer.W, layer.b = w.reshape(layer.W.shape), b

    def loss_and_gradients(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        l2_penalty: float = 0.0,
    ) -> tuple[float, list[Array], list[Array]]:
        """C of all rows as one batch, its ∂C/∂W and its ∂C/∂b of every layer, by the code that trains.

        >>> network = SimpleNeuralNetwork(1)
        >>> network.add_layer(1, type="output")
        >>> network.nn_array[0].W, network.nn_array[0].b = [2.0], [0.0]
        >>> network.loss_and_gradients([[1.0], [2.0]], [1.0, 4.0])
        (0.5, [array([[1.]])], [array([1.])])
        """
        network = self._network("loss_and_gradients")
        rows = self._rows(X, y)
        return network.loss_and_gradients(*rows, weights_of(sample_weight, self._dtype, len(rows[0])), l2_penalty)

    def gradient_check(self, X: ArrayLike, y: ArrayLike, *, l2_penalty: float = 0.0) -> GradientReport:
        """Compares every derivative with a finite difference, over the code that trains.     (G1)"""
        network = self._network("gradient_check")
        parameters, worst, text = network.gradient_check(*self._rows(X, y), l2_penalty)
        return GradientReport([ParameterCheck(*row) for row in parameters], worst, text)

    def describe_network(self) -> None:
        """Prints a table of the layers."""
        print(self)

    def __str__(self) -> str:
        rows = [("layer", "kind", "W", "activation", "parameters"), *self._table()]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
        return "\n".join([*(line.rstrip() for line in lines), self._summary()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def row(cells: Iterable[str], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{escape(c)}</{tag}>" for c in cells) + "</tr>"

        body = "".join(row(cells, "td") for cells in self._table())
        head = row(("layer", "kind", "W", "activation", "parameters"), "th")
        return f"<table>{head}{body}</table><p>{escape(self._summary())}</p>"

    def _table(self) -> list[tuple[str, str, str, str, str]]:
        rows = []
        for position, layer in enumerate(self.nn_array):
            kind, activation = "output", "-"
            if isinstance(layer, DenseLayer):
                kind, activation = "dense", text_of(layer) or type(layer.activ_func).__name__
            count = str(layer.W.size + layer.b.size)
            rows.append((str(position), kind, str(layer.W.shape), activation, count))
        return rows

    def _summary(self) -> str:
        count = sum(layer.W.size + layer.b.size for layer in self.nn_array)
        return f"{self.input_size} inputs, loss {self.loss_func.text}, {count} parameters in {self._dtype}"

    @property
    def _dtype(self) -> np.dtype[Any]:
        return self._options["dtype"]  # type: ignore[return-value]

    def _layers(self) -> list[Any]:
        if not self.nn_array or not isinstance(self.nn_array[-1], OutLayer):
            raise ValueError("the network has no out layer: add_layer(1, type='output')")
        return self.nn_array

    def _matrix(self, X: ArrayLike, name: str) -> Array:
        """Rows of finite inputs, those of a table in the order of the names that ``fit`` saw."""
        if self.feature_names is not None:
            X = in_order(X, self.feature_names, name)
        x = matrix(X, self._dtype, name, self.input_size)
        expect_finite(x, name, self.feature_names or names_of(X))
        return x

    def _rows(self, X: ArrayLike, y: ArrayLike, names: tuple[str, str] = ("X", "y")) -> tuple[Array, Array]:
        x = self._matrix(X, names[0])
        return x, targets(y, self._dtype, names[1], len(x), self.nn_array[-1].num_neurons)

    def _validation_rows(self, data: Any) -> tuple[Array, Array]:
        if not isinstance(data, (tuple, list)) or len(data) != 2:
            raise TypeError("validation_data has to be a pair (X, y)")
        x, y = data
        return self._rows(x, y, ("X of validation_data", "y of validation_data"))

    def _network(self, asked: str) -> _core.Network:
        """The same network in the core."""
        layers = self._layers()
        activations = [text_of(layer) for layer in layers[:-1]]
        if None in activations:
            layer = layers[activations.index(None)]
            raise TypeError(
                f"{asked} runs in the core, which knows only the functions of chainrule.activation_functions, not "
                f"{layer.activ_func!r}: train with forward_pass and backward_pass"
            )
        return _core.Network(
            [layer._w2 for layer in layers],
            [layer._b1 for layer in layers],
            activations,
            self.loss_func.text,
        )


# What a model file says of a network that `fit` has not trained.
_UNTRAINED: dict[str, Any] = {
    "epochs": 0,
    "batch_size": None,
    "optimizer": "gradient_descent",
    "learning_rate": 1.0,
    "shuffle": False,
    "seed": 0,
    "l2_penalty": 0.0,
    "momentum": 0.0,
    "weight_decay": 0.0,
    "schedule": "constant",
    "clip_norm": None,
    "patience": None,
    "threads": 1,
}

_RECORD = ("epoch", "training_loss", "validation_loss", "learning_rate")


def _history(records: list[Any]) -> dict[str, list[Any]]:
    """From one record for each epoch to one list for each name."""
    return {name: [record[field] for record in records] for field, name in enumerate(_RECORD)}
