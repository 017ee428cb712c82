"""An estimator for scikit-learn: its ``MLPRegressor``, with the equations of the core.

Parameters, attributes, random numbers and stopping rules are scikit-learn's, so that the same ``random_state`` gives the same initial
weights, the same order of rows and the same loss curve. Only this module needs scikit-learn.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from numbers import Integral, Real
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

try:
    import scipy.optimize
    import scipy.sparse
    import sklearn  # noqa: F401
except ImportError as error:
    raise ImportError(
        'chainrule.sklearn needs scikit-learn, an extra of the package: pip install "chainrule[sklearn]"', name=error.name
    ) from error
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array, check_random_state, column_or_1d
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.optimize import _check_optimize_result
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from . import _core
from ._arrays import Array, array, contiguous, dense, expect_finite, expect_no_times, names_of, text_in
from ._callbacks import Callback, StopTraining, asks_to_stop, listeners_of
from ._pickles import opened, sealed
from ._threads import available_threads, training_of

__all__ = ["MLPRegressor"]

_THEIR_LOSSES = ("squared_error", "poisson")
"""What scikit-learn has under these names is half of the core's loss."""


Validation: TypeAlias = "tuple[Array, Array, Array | None]"
"""X (n, i), y (n, o) and weights (n) of rows that are not learnt from."""


def _can_go_on(estimator: Any) -> bool:
    if estimator.solver not in ("sgd", "adam"):
        raise AttributeError(f"partial_fit is only available for stochastic optimizers: solver is {estimator.solver!r}")
    return True


class MLPRegressor(RegressorMixin, BaseEstimator):
    """Multi-layer perceptron regressor.

    Takes the place of ``sklearn.neural_network.MLPRegressor``: all its parameters mean what they mean there.

    Parameters
    ----------
    loss : str, default="squared_error"
        ``"squared_error"``, ``"poisson"``, and the core's ``"mean_absolute_error"``, ``"huber"``, ``"huber(1.5)"``, ``"pinball(0.9)"``,
        ``"gamma_deviance"``. Of the core's own, ``loss_`` is the mean over rows and outputs.
    hidden_layer_sizes : array-like of int, default=(100,)
    activation : str, default="relu"
        ``"identity"``, ``"logistic"``, ``"tanh"``, ``"relu"``, and the core's ``"leaky_relu"``, ``"leaky_relu(0.2)"``, ``"gelu"``,
        ``"silu"`` (or ``"swish"``), ``"mish"``, ``"softplus"``.
    solver : {"lbfgs", "sgd", "adam"}, default="adam"
    alpha : float, default=0.0001
        Strength of the penalty (α/2n) Σ W².
    batch_size : int or "auto", default="auto"
    learning_rate : {"constant", "invscaling", "adaptive"}, default="constant"
    learning_rate_init : float, default=0.001
    power_t : float, default=0.5
    max_iter : int, default=200
    shuffle : bool, default=True
    random_state : int, RandomState instance or None, default=None
    tol : float, default=1e-4
    verbose : bool, default=False
    warm_start : bool, default=False
    momentum : float, default=0.9
    nesterovs_momentum : bool, default=True
    early_stopping : bool, default=False
    validation_fraction : float, default=0.1
    beta_1, beta_2 : float, default=0.9 and 0.999
    epsilon : float, default=1e-8
    n_iter_no_change : int, default=10
    max_fun : int, default=15000

    Attributes
    ----------
    coefs_, intercepts_ : tuple of ndarray
        Weights (inputs, outputs) and biases of every layer. The arrays are copies that cannot be written to; assign a whole list to change
        the network.
    loss_, best_loss_, loss_curve_, validation_scores_, best_validation_score_ : as in scikit-learn
    n_iter_, t_, n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_ : as in scikit-learn

    Notes
    -----
    The gradient is that of the loss for several outputs too, where scikit-learn's is n_outputs times as large (its issue 8349), so that
    there the curves differ. A sparse X is made dense, where it fits into memory.

    Large fits and predictions on the main thread share their work among all processors, or as many threads as ``OMP_NUM_THREADS`` says, as
    NumPy's products do; the result is the same for any number.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from sklearn.preprocessing import scale
    >>> X, y = make_regression(n_samples=200, n_features=5, random_state=1)
    >>> model = MLPRegressor(hidden_layer_sizes=(20,), max_iter=300, learning_rate_init=0.01, random_state=1)
    >>> model.fit(X, scale(y)).score(X, scale(y)) > 0.99
    True
    """

    loss_: float
    loss_curve_: list[float]
    best_loss_: Any
    validation_scores_: Any
    best_validation_score_: Any

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "loss": [str],
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [str],
        "solver": [StrOptions({"lbfgs", "sgd", "adam"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [
            Interval(Integral, 1, None, closed="left"),
            Options(Real, {np.inf}),
        ],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
    ) -> None:
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        eval_set: Any = None,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
        sample_weight_val: ArrayLike | None = None,
        callbacks: Callback | Iterable[Callback] | None = None,
    ) -> MLPRegressor:
        """Fits the network to rows X (n, i) and targets y, (n) or (n, o).

        Ctrl-C ends the training with a warning and keeps the weights that were reached.

        Parameters
        ----------
        X : array-like or sparse matrix (n, i)
        y : array-like (n) or (n, o)
        sample_weight : array-like (n), optional
        eval_set : (X, y), optional
            Rows that are not learnt from, also as a list of one pair, as LightGBM and XGBoost take it. Their R² after every epoch is in
            ``validation_scores_``. With ``early_stopping=True`` they take the place of ``validation_fraction``: they end the training and
            choose the epoch whose weights are kept. (``solver="lbfgs"`` does not stop early, as in scikit-learn.)
        X_val, y_val, sample_weight_val : array-like, optional
            The same by parts, as ``HistGradientBoostingRegressor`` takes it: so a ``Pipeline`` can transform it
            (``transform_input=["X_val"]``).
        callbacks : callable or callables, optional
            Called after each epoch with a dict of ``epoch``, ``training_loss``, ``validation_score``, ``learning_rate``. One that raises
            ``chainrule.StopTraining`` ends the training; what they return does not matter.

        Returns
        -------
        The estimator.
        """
        if eval_set is not None:
            if X_val is not None or y_val is not None:
                raise ValueError("give the evaluation set once: as eval_set, or as X_val and y_val")
            X_val, y_val = _pair(eval_set)
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val belong together: give both or none")
        validation = None if X_val is None else (X_val, y_val, sample_weight_val)
        return self._fit(X, y, sample_weight, False, validation, listeners_of(callbacks))

    @available_if(_can_go_on)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> MLPRegressor:
        """Goes on from the present weights for one pass over the given rows."""
        return self._fit(X, y, sample_weight, True, None, [])

    def predict(self, X: Any) -> Array:
        """Predictions for the rows of X: (n) for one output, else (n, o)."""
        network = self.__dict__.get("_network")
        if network is not None and "feature_names_in_" not in self.__dict__:
            # One row of the network's own precision needs none of what follows.
            row = network.predict_row(X)
            if row is not None:
                return row
        check_is_fitted(self)
        return self._predict(self._inputs(X, "X"))

    @property
    def coefs_(self) -> tuple[Array, ...]:
        """Weights (inputs, outputs) of every layer: copies. To set them, assign all: ``model.coefs_ = [...]``."""
        return tuple(_read_only(np.ascontiguousarray(w.T)) for w in self._fitted().weights())

    @coefs_.setter
    def coefs_(self, coefs: Sequence[ArrayLike]) -> None:
        self._replace([np.asarray(w).T for w in coefs], self._fitted().biases())

    @property
    def intercepts_(self) -> tuple[Array, ...]:
        """Biases of every layer: copies. To set them, assign all: ``model.intercepts_ = [...]``."""
        return tuple(_read_only(b) for b in self._fitted().biases())

    @intercepts_.setter
    def intercepts_(self, intercepts: Sequence[ArrayLike]) -> None:
        self._replace(self._fitted().weights(), intercepts)

    def _fitted(self) -> _core.Network:
        if "_network" not in self.__dict__:
            raise AttributeError(f"this {type(self).__name__} is not fitted yet: it has no weights")
        return self._network

    def _replace(self, weights: Sequence[Any], biases: Sequence[Any]) -> None:
        old = self._fitted()
        shapes = [[np.shape(a) for a in layers] for layers in (weights, biases)]
        expected = [[a.shape for a in layers] for layers in (old.weights(), old.biases())]
        if shapes != expected:
            raise ValueError(f"the shapes are {shapes}, the network's are {expected}")
        self._network = _core.Network(
            [contiguous(w, old.dtype) for w in weights],
            [contiguous(b, old.dtype) for b in biases],
            old.activations,
            old.loss,
        )

    def __sklearn_is_fitted__(self) -> bool:
        return "_network" in self.__dict__

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.sparse = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "_solver" in state:
            state["_solver"] = state["_solver"].state()
        return sealed(state)

    def __setstate__(self, seal: dict[str, Any]) -> None:
        state = opened(seal)
        super().__setstate__(state)
        if "_solver" in state:
            self._solver = _core.Solver(self._network, *state["_solver"])

    def _inputs(self, X: Any, name: str) -> Array:
        """Rows for the fitted network."""
        with _named_places(X, name):
            X = validate_data(self, X, accept_sparse="csr", dtype=self._network.dtype, order="C", reset=False)
        return contiguous(dense(X, name))

    def _fit(self, X: Any, y: Any, sample_weight: Any, incremental: bool, validation: Any, listeners: list[Callback]) -> MLPRegressor:
        with training_of(self):
            return self._fit_alone(X, y, sample_weight, incremental, validation, listeners)

    def _fit_alone(self, X: Any, y: Any, sample_weight: Any, incremental: bool, validation: Any, listeners: list[Callback]) -> MLPRegressor:
        self._validate_params()
        sizes = self.hidden_layer_sizes
        sizes = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
        if any(size <= 0 for size in sizes):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
        first = not self.__sklearn_is_fitted__() or not (self.warm_start or incremental)
        # Before the names of the columns are taken: what they belong to has to stay whole.
        activation, loss = _core.canonical_activation(self.activation), _core.canonical_loss(self.loss)

        with _named_places(X, "X"):
            X, y = validate_data(
                self,
                X,
                y,
                accept_sparse="csr",
                multi_output=True,
                y_numeric=True,
                dtype=(np.float64, np.float32) if first else self._network.dtype,
                order="C",
                reset=first,
            )
        X = contiguous(dense(X, "X"))
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        y = contiguous(y.reshape(len(y), -1), X.dtype)
        sample_weight = _weights(sample_weight, X, "sample_weight")

        self._random_state = check_random_state(self.random_state)
        if first:
            self._initialize([X.shape[1], *sizes, y.shape[1]], X.dtype, activation, loss)
        elif {activation, *self._network.activations} != {activation} or loss != self._network.loss:
            weights, biases = self._network.weights(), self._network.biases()
            self._network = _core.Network(weights, biases, [activation] * (len(weights) - 1), loss)
            self.__dict__.pop("_solver", None)
        if validation is not None:
            validation = self._validation(*validation)
        if self.solver == "lbfgs":
            self._fit_lbfgs(X, y, sample_weight, validation, listeners)
        else:
            self._fit_stochastic(X, y, sample_weight, incremental, validation, listeners)
        if not np.isfinite(self._network.parameters()).all():
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large values and need to be preprocessed."
            )
        return self

    def _validation(self, X: Any, y: Any, sample_weight: Any) -> Validation:
        """The rows of an evaluation set, for the network that is about to learn."""
        X = self._inputs(X, "X_val")
        y = check_array(y, ensure_2d=False, allow_nd=False, dtype=X.dtype, input_name="y_val")
        y = y.reshape(len(y), -1)
        if y.shape != (len(X), self.n_outputs_):
            raise ValueError(f"y_val has the shape {y.shape}, but X_val has {len(X)} rows and y {self.n_outputs_} columns")
        if len(X) < 2:
            raise ValueError("the evaluation set has one row: R² needs at least two")
        if not isinstance(self.validation_scores_, list):
            self.validation_scores_, self.best_validation_score_ = [], -np.inf
        return X, y, _weights(sample_weight, X, "sample_weight_val")

    def _initialize(self, units: list[int], dtype: Any, activation: str, loss: str) -> None:
        """Weights of scikit-learn's distribution, drawn in scikit-learn's order."""
        self.n_iter_ = 0
        self.t_ = 0
        self.n_layers_ = len(units)
        self.n_outputs_ = units[-1]
        parameters = sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(units))
        # Drawn in double precision; then network, gradients, two packed copies, two averages and the best epoch's.
        needed = (8.0 + 7.0 * np.dtype(dtype).itemsize) * parameters
        _core.expect_free(f"training a network of {parameters} parameters", needed)
        weights, biases = [], []
        for fan_in, fan_out in pairwise(units):
            factor = 2.0 if activation == "sigmoid" else 6.0
            bound = np.sqrt(factor / (fan_in + fan_out))
            w = self._random_state.uniform(-bound, bound, (fan_in, fan_out))
            weights.append(contiguous(w.T, dtype))
            biases.append(self._random_state.uniform(-bound, bound, fan_out).astype(dtype))
        self._network = _core.Network(weights, biases, [activation] * (len(units) - 2), loss)
        self.out_activation_ = "exp" if _core.has_log_link(self._network.loss) else "identity"
        self.__dict__.pop("_solver", None)
        self.validation_scores_ = [] if self.early_stopping else None
        self.best_validation_score_ = -np.inf if self.early_stopping else None
        if self.solver != "lbfgs":
            self.loss_curve_ = []
            self._no_improvement_count = 0
            self.best_loss_ = None if self.early_stopping else np.inf

    @property
    def _factor(self) -> float:
        """From the core's loss to scikit-learn's: half of it, and for Poisson a sum over the outputs instead of their mean."""
        if self.loss not in _THEIR_LOSSES:
            return 1.0
        return 0.5 * (self.n_outputs_ if self.loss == "poisson" else 1)

    def _predict(self, X: Array) -> Array:
        y_hat = self._network.predict(X, available_threads())
        return y_hat[:, 0] if y_hat.shape[1] == 1 else y_hat

    def _fit_lbfgs(self, X: Array, y: Array, sample_weight: Array | None, validation: Validation | None, listeners: list[Callback]) -> None:
        total = len(X) if sample_weight is None else float(sample_weight.sum())
        factor, network = self._factor, self._network
        penalty = self.alpha / (total * factor)
        iteration, threads = 0, available_threads()
        reached: tuple[float, Array] | None = None

        def objective(parameters: Array) -> tuple[float, Array]:
            nonlocal reached
            loss, gradient = network.objective(parameters, X, y, sample_weight, penalty, threads)
            if reached is None:
                reached = factor * loss, parameters.copy()
            return factor * loss, factor * gradient

        def after_iteration(intermediate_result: Any) -> None:
            nonlocal iteration, reached
            iteration += 1
            reached = intermediate_result.fun, intermediate_result.x.copy()
            if self.verbose:
                print(f"Iteration {iteration}, loss = {intermediate_result.fun:.8f}")
            if validation is not None:
                network.set_parameters(intermediate_result.x)
                self._score(*validation)
            if asks_to_stop(listeners, self._record(iteration, intermediate_result.fun, validation, None)):
                raise StopTraining

        try:
            result = scipy.optimize.minimize(
                objective,
                network.parameters(),
                method="L-BFGS-B",
                jac=True,
                callback=after_iteration,
                options={"maxfun": self.max_fun, "maxiter": self.max_iter, "gtol": self.tol},
            )
        except (KeyboardInterrupt, StopTraining) as end:
            if reached is None:
                raise
            self.n_iter_ = iteration
            self.loss_, parameters = reached
            network.set_parameters(parameters)
            if isinstance(end, KeyboardInterrupt):
                warnings.warn("Training interrupted by user.")
            return
        self.n_iter_ = _check_optimize_result("lbfgs", result, self.max_iter)
        self.loss_ = result.fun
        network.set_parameters(result.x)

    def _fit_stochastic(
        self,
        X: Array,
        y: Array,
        sample_weight: Array | None,
        incremental: bool,
        validation: Validation | None,
        listeners: list[Callback],
    ) -> None:
        if not incremental or "_solver" not in self.__dict__:
            constants = (
                [self.momentum, float(self.nesterovs_momentum)] if self.solver == "sgd" else [self.beta_1, self.beta_2, self.epsilon]
            )
            self._solver = _core.Solver(self._network, self.solver, constants)
            self._rate = float(self.learning_rate_init)
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        if self.early_stopping and validation is None:
            X, y, sample_weight, validation = self._split(X, y, sample_weight)
        rows = len(X)
        if self.batch_size == "auto":
            batch_size = min(200, rows)
        else:
            if self.batch_size > rows:
                warnings.warn("Got `batch_size` less than 1 or larger than sample size. It is going to be clipped")
            batch_size = min(int(self.batch_size), rows)

        best = self._network.parameters() if self.early_stopping else None
        order = np.arange(rows, dtype=np.uint32)
        threads = available_threads()
        try:
            self.n_iter_ = 0
            for _ in range(self.max_iter):
                if self.shuffle:
                    shuffled = np.arange(rows)
                    self._random_state.shuffle(shuffled)
                    order = order[shuffled]
                loss = self._solver.epoch(
                    self._network,
                    X,
                    y,
                    sample_weight,
                    order,
                    batch_size,
                    alpha=self.alpha,
                    factor=self._factor,
                    learning_rate=self._rate,
                    threads=threads,
                )
                self.n_iter_ += 1
                self.loss_ = loss / rows
                self.t_ += rows
                self.loss_curve_.append(self.loss_)
                if self.verbose:
                    print(f"Iteration {self.n_iter_}, loss = {self.loss_:.8f}")
                if validation is not None:
                    self._score(*validation)
                if not self.early_stopping:
                    self._look_at_loss()
                elif self._look_at_score():
                    best = self._network.parameters()
                record = self._record(self.n_iter_, self.loss_, validation, self._rate)
                stops = asks_to_stop(listeners, record)
                if self.solver == "sgd" and self.learning_rate == "invscaling":
                    self._rate = self.learning_rate_init / (self.t_ + 1) ** self.power_t
                if stops or (self._no_improvement_count > self.n_iter_no_change and self._stops()):
                    break
                if incremental:
                    break
                if self.n_iter_ == self.max_iter:
                    warnings.warn(
                        f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the optimization hasn't converged yet.",
                        ConvergenceWarning,
                    )
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.")
        if best is not None:
            self._network.set_parameters(best)

    def _split(self, X: Array, y: Array, sample_weight: Array | None) -> tuple[Any, ...]:
        arrays = [X, y] if sample_weight is None else [X, y, sample_weight]
        parts = train_test_split(*arrays, random_state=self._random_state, test_size=self.validation_fraction)
        parts = [contiguous(part) for part in parts]
        if sample_weight is None:
            parts += [None, None]
        X_train, X_val, y_train, y_val, weight_train, weight_val = parts
        if len(X_val) < 2:
            raise ValueError("The validation set is too small. Increase 'validation_fraction' or the size of your dataset.")
        return X_train, y_train, weight_train, (X_val, y_val, weight_val)

    def _look_at_loss(self) -> None:
        if self.loss_ > self.best_loss_ - self.tol:
            self._no_improvement_count += 1
        else:
            self._no_improvement_count = 0
        if self.loss_ < self.best_loss_:
            self.best_loss_ = self.loss_

    def _score(self, X: Array, y: Array, sample_weight: Array | None) -> None:
        """One more R² of rows that are not learnt from."""
        predicted = self._predict(X)
        finite = np.isfinite(predicted).all()
        score = float(r2_score(y, predicted, sample_weight=sample_weight)) if finite else np.nan
        self.validation_scores_.append(score)
        if self.verbose:
            print(f"Validation score: {score:f}")
        if not self.early_stopping and score > self.best_validation_score_:
            self.best_validation_score_ = score

    def _look_at_score(self) -> bool:
        """Counts epochs without a better score; whether this one's weights are the best."""
        score = self.validation_scores_[-1]
        if score < self.best_validation_score_ + self.tol:
            self._no_improvement_count += 1
        else:
            self._no_improvement_count = 0
        is_best = score > self.best_validation_score_
        if is_best:
            self.best_validation_score_ = score
        return bool(is_best)

    def _record(self, epoch: int, loss: float, validation: Validation | None, learning_rate: float | None) -> dict[str, Any]:
        """What callbacks are told."""
        score = None if validation is None else self.validation_scores_[-1]
        return {"epoch": epoch, "training_loss": loss, "validation_score": score, "learning_rate": learning_rate}

    def _stops(self) -> bool:
        """What happens after too many epochs without improvement: an end, or a smaller learning rate."""
        what = "Validation score" if self.early_stopping else "Training loss"
        message = f"{what} did not improve more than tol={self.tol:f} for {self.n_iter_no_change} consecutive epochs."
        adaptive = self.solver == "sgd" and self.learning_rate == "adaptive"
        if adaptive and self._rate > 1e-6:
            self._rate /= 5.0
            self._no_improvement_count = 0
            if self.verbose:
                print(f"{message} Setting learning rate to {self._rate:f}")
            return False
        if self.verbose:
            print(message + (" Learning rate too small." if adaptive else "") + " Stopping.")
        return True


def _pair(eval_set: Any) -> Any:
    """X and y of an evaluation set: a pair of them, or a list of one pair."""
    if isinstance(eval_set, (list, tuple)) and len(eval_set) == 1:
        (eval_set,) = eval_set
    if not isinstance(eval_set, (list, tuple)) or len(eval_set) != 2:
        raise TypeError("eval_set has to be a pair (X, y), or a list of one such pair")
    return eval_set


def _weights(sample_weight: Any, X: Array, name: str) -> Array | None:
    """Weights of the rows, of which some count."""
    if sample_weight is None:
        return None
    weights = contiguous(_check_sample_weight(sample_weight, X, dtype=X.dtype), X.dtype)
    if (weights < 0).any():
        raise ValueError(f"Negative values in data passed to `{name}`: a weight is at least 0.")
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weights


@contextmanager
def _named_places(X: Any, name: str) -> Iterator[None]:
    """Adds row and column to what scikit-learn says of texts and gaps, and refuses times, which it takes for numbers."""
    if scipy.sparse.issparse(X):
        yield
        return
    expect_no_times(X, name)
    try:
        yield
    except (ValueError, TypeError) as error:
        text = text_in(X)
        if text is not None:
            raise ValueError(f"could not convert string to float: {name} holds {text}") from None
        # Gaps that are objects of their own are no floats to scikit-learn.
        said = str(error) if isinstance(error, ValueError) else f"Input {name} contains NaN."
        if "contains" not in said:
            raise
        try:
            expect_finite(array(X, np.float64, name), name, names_of(X))
        except ValueError as place:
            raise ValueError(f"{said}\n{place}") from None
        except TypeError as place:
            raise TypeError(f"{error}\n{place}") from None
        raise


def _read_only(values: Array) -> Array:
    values.flags.writeable = False
    return values
