"""The layers: ``W`` and ``b`` as NumPy arrays, forward and backward, each equation by the core."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from . import _core
from ._arrays import Array, array, contiguous, matrix, precision, size_of, targets
from ._pickles import Sealed
from .activation_functions import Activation, ActivationFunction
from .loss_functions import Loss

_INITS = ("he", "glorot", "notes")


class Layer(Sealed):
    """``W`` and ``b``, drawn at the start, to be read, changed in place and assigned."""

    dC_dW: Array
    dC_db: Array

    def __init__(
        self,
        input_size: int,
        num_neurons: int,
        *,
        init: str = "he",
        seed: int | np.random.Generator | None = None,
        dtype: DTypeLike = np.float64,
        vector: bool = False,
    ) -> None:
        self.input_size, self.num_neurons = size_of("input_size", input_size), size_of("num_neurons", num_neurons)
        if init not in _INITS:
            raise ValueError(f"init is {init!r}: choose one of {', '.join(_INITS)}")
        random = np.random.default_rng(seed)
        self._dtype = precision(dtype)
        shape = (self.num_neurons, self.input_size)
        # Weights are drawn in double precision and copied into the layer's.
        _core.expect_free(f"a layer of W {shape}", (8.0 + self._dtype.itemsize) * self.num_neurons * self.input_size)
        b = np.zeros(self.num_neurons)
        if init == "he":
            w = random.normal(0.0, np.sqrt(2 / self.input_size), shape)
        elif init == "glorot":
            limit = np.sqrt(6 / sum(shape))
            w = random.uniform(-limit, limit, shape)
        else:
            w, b = random.normal(0.0, 0.5, shape), random.normal(0.0, 0.5, self.num_neurons)
        self._W = np.array(w[0] if vector else w, self._dtype)
        self._b = b.astype(self._dtype)
        self._x: Array | None = None
        self.raw_output: Array | None = None

    @property
    def W(self) -> Array:
        """Weights: (neurons, inputs), or (inputs) in an out layer of one neuron."""
        return self._W

    @W.setter
    def W(self, value: ArrayLike) -> None:
        self._W = self._assigned(value, self._W, "W")

    @property
    def b(self) -> Array:
        """Biases: (neurons)."""
        return self._b

    @b.setter
    def b(self, value: ArrayLike) -> None:
        self._b = self._assigned(value, self._b, "b")

    def _assigned(self, value: ArrayLike, old: Array, name: str) -> Array:
        new = np.array(array(value, self._dtype, name), order="C")
        if new.shape != old.shape and not (new.size == old.size == 1):
            raise ValueError(f"{name} has the shape {old.shape}, it cannot become {new.shape}")
        return new.reshape(old.shape)

    @property
    def _w2(self) -> Array:
        return contiguous(self._W).reshape(self.num_neurons, self.input_size)

    @property
    def _b1(self) -> Array:
        return contiguous(self._b)

    def _affine(self, X: ArrayLike) -> Array:
        self._x = matrix(X, self._dtype, "X", self.input_size)
        return _core.affine_forward(self._x, self._w2, self._b1)  # Z = X Wᵀ + 1 bᵀ  (F1)

    def _step(self, g: Array, learning_rate: float) -> Array:
        assert self._x is not None
        dc_dw, dc_db, dc_dx = _core.affine_backward(self._x, self._w2, g)  # (B2, B3, B4)
        self.dC_dW, self.dC_db = dc_dw.reshape(self._W.shape), dc_db
        self._W -= self._dtype.type(learning_rate) * self.dC_dW  # p ← p − η g  (O1)
        self._b -= self._dtype.type(learning_rate) * self.dC_db
        return dc_dx

    def _shown(self, own: str) -> str:
        shapes = f"W{self._W.shape}, b{self._b.shape}".replace(",)", ")")
        return f"{type(self).__name__}({self.input_size}, {self.num_neurons}, {own}): {shapes}, {self._dtype}"

    def _needs_batch(self) -> None:
        if self._x is None:
            raise ValueError("there is no batch to go back with: call batch_input(X) first")


class DenseLayer(Layer):
    """A = a(X Wᵀ + 1 bᵀ).     X (n,i)  W (o,i)  b (o)  A (n,o)     (F1, F2)

    Parameters
    ----------
    input_size, num_neurons : int
        i and o.
    activ_func : str or object
        A text such as ``"relu"``, an object of ``chainrule.activation_functions``, or any object with ``forward`` and ``derivative``.

    Examples
    --------
    >>> layer = DenseLayer(2, 1, "relu")
    >>> layer.W, layer.b = [[1.0, -1.0]], [0.5]
    >>> layer.batch_input([[3.0, 1.0], [0.0, 2.0]]).tolist()
    [[2.5], [0.0]]
    >>> layer.raw_output.tolist()
    [[2.5], [-1.5]]
    """

    def __init__(self, input_size: int, num_neurons: int, activ_func: str | ActivationFunction, **options: Any) -> None:
        super().__init__(input_size, num_neurons, **options)
        if isinstance(activ_func, str):
            activ_func = Activation(activ_func)
        if not isinstance(activ_func, ActivationFunction) or isinstance(activ_func, type):
            raise TypeError(
                f"an activation function is a text such as 'relu' or an object with forward(z) and derivative(z), found {activ_func!r}"
            )
        self.activ_func: Any = activ_func
        self.activation_output: Array | None = None

    def batch_input(self, X: ArrayLike) -> Array:
        """Forward: fills ``raw_output`` (Z) and ``activation_output`` (A) and returns A."""
        self.raw_output = self._affine(X)
        self.activation_output = self._elementwise(self.activ_func.forward)  # A = a(Z)  (F2)
        return self.activation_output

    def backward(self, error: ArrayLike, learning_rate: float) -> Array:
        """From ∂C/∂A to ∂C/∂X; moves W and b by one step of gradient descent."""
        self._needs_batch()
        assert self.raw_output is not None
        dc_da = matrix(error, self._dtype, "∂C/∂A", self.num_neurons)
        if len(dc_da) != len(self.raw_output):
            raise ValueError(f"∂C/∂A has {len(dc_da)} rows, the batch had {len(self.raw_output)}")
        g = dc_da * self._elementwise(self.activ_func.derivative)  # G = ∂C/∂A ⊙ a'(Z)  (B1)
        return self._step(g, learning_rate)

    def __repr__(self) -> str:
        return self._shown(repr(text_of(self) or self.activ_func))

    def _elementwise(self, function: Callable[[Array], Array]) -> Array:
        assert self.raw_output is not None
        result = array(function(self.raw_output), self._dtype, "the activation's result")
        if result.shape != self.raw_output.shape:
            raise ValueError(f"the activation function made {result.shape} of {self.raw_output.shape}: it has to keep the shape")
        return result


class OutLayer(Layer):
    """Ŷ = X Wᵀ + 1 bᵀ, and the loss.     X (n,i)     (F3)

    With one neuron, as in the notes, ``W`` has the shape (i) and Ŷ (n); with o neurons they have (o, i) and (n, o).

    Examples
    --------
    >>> layer = OutLayer(2, "mean_square_error")
    >>> layer.W, layer.b = [1.0, 2.0], [0.0]
    >>> layer.batch_input([[1.0, 1.0]]).tolist()
    [3.0]
    >>> layer.backward([2.0], learning_rate=0.0).tolist(), layer.dC_dW.tolist()
    ([[2.0, 4.0]], [2.0, 2.0])
    """

    def __init__(self, input_size: int, loss_func: str | Loss, num_neurons: int = 1, **options: Any) -> None:
        super().__init__(input_size, num_neurons, vector=num_neurons == 1, **options)
        self.loss_func = loss_of(loss_func)

    def batch_input(self, X: ArrayLike) -> Array:
        """Forward: fills ``raw_output`` (Ŷ) and returns it."""
        y_hat = self._affine(X)
        self.raw_output = y_hat[:, 0] if self.num_neurons == 1 else y_hat
        return self.raw_output

    def backward(self, y_true: ArrayLike, learning_rate: float) -> Array:
        """From the targets to ∂C/∂X; moves W and b by one step of gradient descent."""
        self._needs_batch()
        assert self.raw_output is not None
        shape = (len(self.raw_output), self.num_neurons)
        y = targets(y_true, self._dtype, "y_true", *shape)
        g = self.loss_func.gradient(y, self.raw_output.reshape(shape))  # G = ∂C/∂Ŷ  (L0)
        return self._step(g, learning_rate)

    def __repr__(self) -> str:
        return self._shown(repr(self.loss_func.text))


def loss_of(loss: str | Loss) -> Loss:
    if isinstance(loss, str):
        return Loss(loss)
    if not isinstance(loss, Loss):
        raise TypeError(f"a loss is a text such as 'huber(1.5)' or an object of chainrule.loss_functions, found {loss!r}")
    return loss


def text_of(layer: DenseLayer) -> str | None:
    """The core's name for a layer's activation, if it is the core's."""
    function = layer.activ_func
    if not isinstance(function, Activation):
        return None
    # A subclass with methods of its own is no longer the core's function.
    kind = type(function)
    own = kind.forward is Activation.forward and kind.derivative is Activation.derivative
    return function.text if own else None
