"""Activation functions: ``forward`` gives a(z), ``derivative`` a'(z), both for arrays of any shape.

An object of your own with these two methods can stand in a layer as well.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from . import _core
from ._arrays import Array, array

__all__ = [
    "Activation",
    "ActivationFunction",
    "Gelu",
    "Identity",
    "LeakyReLU",
    "Mish",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
]


@runtime_checkable
class ActivationFunction(Protocol):
    """What a layer asks of its activation function.

    >>> class Square:
    ...     def forward(self, z):
    ...         return z**2
    ...     def derivative(self, z):
    ...         return 2 * z
    >>> isinstance(Square(), ActivationFunction)
    True
    """

    def forward(self, z: Array, /) -> Array:
        """a(z), element by element."""

    def derivative(self, z: Array, /) -> Array:
        """a'(z), element by element, from the same z."""


class Activation:
    """An activation function of the core, by its text form, such as ``"leaky_relu(0.2)"``.

    >>> Activation("tanh").forward([0.0, 1.0]).round(3).tolist()
    [0.0, 0.762]
    """

    def __init__(self, text: str) -> None:
        self._text: str = _core.canonical_activation(text)

    @property
    def text(self) -> str:
        """The name, with its parameter in parentheses where it has one."""
        return self._text

    def forward(self, z: ArrayLike) -> Array:
        """a(z), element by element.     (F2)"""
        return self._apply(_core.activation_forward, z)

    def derivative(self, z: ArrayLike) -> Array:
        """a'(z), element by element, from the same z."""
        return self._apply(_core.activation_derivative, z)

    def _apply(self, function: Any, z: ArrayLike) -> Array:
        values = np.asarray(z)
        dtype = np.float32 if values.dtype == np.float32 else np.float64
        flat = array(values, dtype, "z").reshape(1, -1)
        return function(self._text, flat).reshape(values.shape)[()]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Activation) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Activation({self._text!r})"


class ReLU(Activation):
    """max(z, 0); the derivative at 0 is 0.     (A1)

    >>> ReLU().forward([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """

    def __init__(self) -> None:
        super().__init__("relu")


class LeakyReLU(Activation):
    """z for z > 0, else leakiness · z.     (A2)

    >>> LeakyReLU(0.5).derivative([-2.0, 0.0, 2.0]).tolist()
    [0.5, 0.5, 1.0]
    """

    def __init__(self, leakiness: float = 0.01) -> None:
        super().__init__(f"leaky_relu({float(leakiness)!r})")
        self.leakiness = float(leakiness)


class Identity(Activation):
    """z.     (A3)

    >>> Identity().forward([-1.0, 2.0]).tolist()
    [-1.0, 2.0]
    """

    def __init__(self) -> None:
        super().__init__("identity")


class Tanh(Activation):
    """tanh z.     (A4)

    >>> Tanh().derivative([0.0]).tolist()
    [1.0]
    """

    def __init__(self) -> None:
        super().__init__("tanh")


class Sigmoid(Activation):
    """1 / (1 + exp(−z)).     (A5)

    >>> Sigmoid().forward([0.0]).tolist()
    [0.5]
    """

    def __init__(self) -> None:
        super().__init__("sigmoid")


class Gelu(Activation):
    """z Φ(z).     (A6)

    >>> Gelu().forward([1.0]).round(4).tolist()
    [0.8413]
    """

    def __init__(self) -> None:
        super().__init__("gelu")


class SiLU(Activation):
    """z σ(z).     (A7)

    >>> SiLU().derivative([0.0]).tolist()
    [0.5]
    """

    def __init__(self) -> None:
        super().__init__("silu")


class Mish(Activation):
    """z tanh(ln(1 + exp z)).     (A8)

    >>> Mish().forward([1.0]).round(4).tolist()
    [0.8651]
    """

    def __init__(self) -> None:
        super().__init__("mish")


class Softplus(Activation):
    """ln(1 + exp z).     (A9)

    >>> Softplus().forward([0.0]).round(4).tolist()
    [0.6931]
    """

    def __init__(self) -> None:
        super().__init__("softplus")
