"""What ``TabularRegressor`` is built on: scikit-learn's base classes where it is installed, else as much of them as is used."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

try:
    from sklearn.base import BaseEstimator, RegressorMixin
    from sklearn.exceptions import DataConversionWarning, NotFittedError
except ImportError:

    class NotFittedError(ValueError, AttributeError):  # type: ignore[no-redef]
        """An estimator that is used before it was fitted."""

    class DataConversionWarning(UserWarning):  # type: ignore[no-redef]
        """An argument that is taken in another form than it has."""

    class RegressorMixin:  # type: ignore[no-redef]
        """``score``."""

        def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
            """R² of the predictions for X."""
            y, predicted = np.asarray(y, np.float64).ravel(), self.predict(X)  # type: ignore[attr-defined]
            weights = np.ones(len(y)) if sample_weight is None else np.asarray(sample_weight, np.float64)
            rest = (weights * (y - predicted) ** 2).sum()
            whole = (weights * (y - np.average(y, weights=weights)) ** 2).sum()
            return float(1 - rest / whole) if whole else float(rest == 0)

    class BaseEstimator:  # type: ignore[no-redef]
        """Parameters, their names taken from the constructor."""

        @classmethod
        def _names(cls) -> list[str]:
            return [name for name in inspect.signature(cls).parameters if name != "self"]

        def get_params(self, deep: bool = True) -> dict[str, Any]:
            """The parameters by name."""
            return {name: getattr(self, name) for name in self._names()}

        def set_params(self, **params: Any) -> Any:
            """Sets parameters by name."""
            for name, value in params.items():
                if name not in self._names():
                    raise ValueError(f"{name!r} is no parameter of {type(self).__name__}: it has {', '.join(self._names())}")
                setattr(self, name, value)
            return self

        def __getstate__(self) -> dict[str, Any]:
            return dict(self.__dict__)

        def __setstate__(self, state: dict[str, Any]) -> None:
            self.__dict__.update(state)

        def __repr__(self) -> str:
            defaults = inspect.signature(type(self)).parameters
            told = [f"{n}={getattr(self, n)!r}" for n in self._names() if getattr(self, n) != defaults[n].default]
            return f"{type(self).__name__}({', '.join(told)})"


__all__ = ["BaseEstimator", "DataConversionWarning", "NotFittedError", "RegressorMixin"]
