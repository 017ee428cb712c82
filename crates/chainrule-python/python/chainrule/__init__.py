"""Regression neural networks to read, check and use.

The equations run in Rust over NumPy arrays; a layer's ``W`` and ``b`` are NumPy arrays.

>>> import numpy as np
>>> from chainrule.activation_functions import LeakyReLU
>>> from chainrule.loss_functions import mean_square_error
>>> from chainrule.neural_networks import SimpleNeuralNetwork
>>> X = np.linspace(-1, 1, 40).reshape(20, 2)
>>> y = X[:, 0] * X[:, 1]
>>> network = SimpleNeuralNetwork(2, mean_square_error(), seed=0)
>>> network.add_layer(16, LeakyReLU(0.01))
>>> network.add_layer(1, type="output")
>>> network.gradient_check(X, y).max_relative_error < 1e-7
True
>>> network.fit(X, y, epochs=300, learning_rate=0.01).predict(X).shape
(20,)

``chainrule.models.Model`` opens what the command line has trained. ``chainrule.sklearn.MLPRegressor`` is an estimator for scikit-learn;
only that module needs scikit-learn.
"""

from typing import TYPE_CHECKING, Any

from . import activation_functions, loss_functions, models, neural_networks
from ._core import __version__
from .neural_networks import DenseLayer, GradientReport, OutLayer, SimpleNeuralNetwork, StopTraining

if TYPE_CHECKING:
    from .tabular import TabularRegressor, inspect

__all__ = [
    "DenseLayer",
    "GradientReport",
    "OutLayer",
    "SimpleNeuralNetwork",
    "StopTraining",
    "TabularRegressor",
    "__version__",
    "activation_functions",
    "inspect",
    "loss_functions",
    "models",
    "neural_networks",
]


def __getattr__(name: str) -> Any:
    """``TabularRegressor`` and ``inspect`` when they are first asked for: their module imports scikit-learn where it is installed."""
    if name in ("TabularRegressor", "inspect"):
        from . import tabular

        return getattr(tabular, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
