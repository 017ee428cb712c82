"""Loss functions: the cost C of predictions, and its gradients for a linear out layer Ŷ = X Wᵀ + b.

C is the mean over rows and outputs; the division by n happens here and nowhere else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from . import _core
from ._arrays import Array, array

__all__ = [
    "Loss",
    "gamma_deviance",
    "huber",
    "mean_absolute_error",
    "mean_square_error",
    "pinball",
    "poisson_deviance",
]


class Loss:
    """A loss function of the core, by its text form, such as ``"huber(1.5)"``.

    For the two deviances, predictions are the logarithm of the mean.

    >>> Loss("mse").text
    'mean_square_error'
    >>> Loss("mae").gradient([1.0, 2.0], [3.0, 1.0]).tolist()
    [0.5, -0.5]
    """

    def __init__(self, text: str) -> None:
        self._text: str = _core.canonical_loss(text)

    @property
    def text(self) -> str:
        """The name, with its parameter in parentheses where it has one."""
        return self._text

    def compute(self, y_true: ArrayLike, y_pred: ArrayLike) -> float:
        """C, the mean over all elements; both have the same shape.     (L0)"""
        return self.value_and_gradient(y_true, y_pred)[0]

    def gradient(self, y_true: ArrayLike, y_pred: ArrayLike) -> Array:
        """∂C/∂Ŷ, in the predictions' shape.     (L0)"""
        return self.value_and_gradient(y_true, y_pred)[1]

    def value_and_gradient(self, y_true: ArrayLike, y_pred: ArrayLike) -> tuple[float, Array]:
        """C and ∂C/∂Ŷ at once."""
        predicted = np.asarray(y_pred)
        dtype = np.float32 if predicted.dtype == np.float32 else np.float64
        predicted, actual = array(predicted, dtype, "y_pred"), array(y_true, dtype, "y_true")
        if predicted.shape != actual.shape:
            raise ValueError(f"y_true {actual.shape} and y_pred {predicted.shape} have to have the same shape")
        columns = predicted.shape[1] if predicted.ndim == 2 else 1
        shape = (-1, max(columns, 1))
        value, gradient = _core.loss_and_gradient(self._text, predicted.reshape(shape), actual.reshape(shape))
        return value, gradient.reshape(predicted.shape)

    def dC_dX(self, X: ArrayLike, w: ArrayLike, b: ArrayLike, y: ArrayLike) -> Array:
        """∂C/∂X = G W, (n, i), for Ŷ = X wᵀ + b.     (B4)"""
        return self._linear(X, w, b, y)[2]

    def dC_dw(self, X: ArrayLike, w: ArrayLike, b: ArrayLike, y: ArrayLike) -> Array:
        """∂C/∂w = Gᵀ X, in the shape of w: (i) or (o, i).     (B2)"""
        return self._linear(X, w, b, y)[0].reshape(np.shape(w))

    def dC_db(self, X: ArrayLike, w: ArrayLike, b: ArrayLike, y: ArrayLike) -> Array:
        """∂C/∂b = Gᵀ 1, in the shape of b.     (B3)"""
        return self._linear(X, w, b, y)[1].reshape(np.shape(b))[()]

    def _linear(self, X: ArrayLike, w: ArrayLike, b: ArrayLike, y: ArrayLike) -> tuple[Array, Array, Array]:
        x = array(X, np.float64, "X")
        weights = np.atleast_2d(array(w, np.float64, "w"))
        biases = np.atleast_1d(array(b, np.float64, "b"))
        y_hat = _core.affine_forward(x, weights, biases)
        gradient = self.gradient(array(y, np.float64, "y").reshape(y_hat.shape), y_hat)
        return _core.affine_backward(x, weights, gradient)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loss) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Loss({self._text!r})"


class mean_square_error(Loss):
    """(ŷ − y)².     (L1)

    >>> loss = mean_square_error()
    >>> loss.compute([1.0, 2.0], [1.0, 4.0])
    2.0
    >>> loss.dC_dw([[1.0, 0.0], [0.0, 1.0]], [1.0, 4.0], 0.0, [1.0, 2.0]).tolist()
    [0.0, 2.0]
    """

    def __init__(self) -> None:
        super().__init__("mean_square_error")


class mean_absolute_error(Loss):
    """|ŷ − y|.     (L2)

    >>> mean_absolute_error().compute([1.0, 2.0], [3.0, 1.0])
    1.5
    """

    def __init__(self) -> None:
        super().__init__("mean_absolute_error")


class huber(Loss):
    """½ e² for |e| ≤ δ, else δ (|e| − ½ δ).     (L3)

    >>> huber(1.0).compute([0.0, 0.0], [0.5, 3.0])
    1.3125
    """

    def __init__(self, delta: float = 1.0) -> None:
        super().__init__(f"huber({float(delta)!r})")


class pinball(Loss):
    """max(τ (y − ŷ), (τ − 1) (y − ŷ)): the τ-quantile.     (L4)

    >>> pinball(0.75).compute([1.0], [0.0]), pinball(0.75).compute([0.0], [1.0])
    (0.75, 0.25)
    """

    def __init__(self, tau: float) -> None:
        super().__init__(f"pinball({float(tau)!r})")


class poisson_deviance(Loss):
    """2 (y ln(y/μ) − (y − μ)), μ = exp(ŷ).     (L5)

    >>> poisson_deviance().compute([1.0, 0.0], [0.0, 0.0])
    1.0
    """

    def __init__(self) -> None:
        super().__init__("poisson_deviance")


class gamma_deviance(Loss):
    """2 (−ln(y/μ) + (y − μ)/μ), μ = exp(ŷ).     (L6)

    >>> gamma_deviance().compute([1.0], [0.0])
    0.0
    """

    def __init__(self) -> None:
        super().__init__("gamma_deviance")
