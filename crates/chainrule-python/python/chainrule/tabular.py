"""A DataFrame in, a strong model out: ``chainrule train`` for Python.

Tables come as people have them: pandas and polars frames, Arrow tables, NumPy arrays, rows or columns in lists, and files in
every format that the command reads. The model file is the command's. scikit-learn is not needed; where it is
installed, ``TabularRegressor`` is one of its estimators.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from html import escape
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from . import _core, _plots
from ._arrays import array, expect_in_memory
from ._estimator import BaseEstimator, DataConversionWarning, NotFittedError, RegressorMixin
from ._explanation import EncodedCell, Explanation, LayerWalk
from ._frames import Table, as_it_is, column_of, has_singles, is_path, table_of
from ._inspection import Inspection, inspect
from ._parameters import seconds_of, seed_of
from ._pickles import opened, sealed
from ._progress import progress_of
from ._summary import UnseenError, histories_of, html_of, unseen_of
from ._threads import available_threads, training_of
from ._workers import joblib_or_refusal, train_on_workers

__all__ = ["EncodedCell", "Explanation", "Inspection", "LayerWalk", "TabularRegressor", "UnseenError", "inspect"]

Recipe = Literal["strong", "basic"]


class TabularRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Predicts a column of a table from the others, as ``chainrule train`` does: the same recipe, model file and bits.

    Columns may hold numbers, texts, categories, booleans, dates and times, and gaps. What is made of each is decided from
    the rows that ``fit`` is given, and kept in the model.

    Parameters
    ----------
    recipe : {"strong", "basic"}, default="strong"
        ``"strong"`` trains bags of networks over several encodings, and judges them out of fold; ``"basic"`` trains one network.
    time_limit : float or str, optional
        Seconds, or a time such as ``"30s"``, ``"5m"``, ``"1h30m"``. The best model until then is kept.
    members : int, optional
        Networks of each bag, each of which does without one of as many folds; the recipe's choice unless told.
    loss : str, optional
        Such as ``"mean_square_error"`` (the default), ``"mean_absolute_error"``, ``"huber(1.0)"``, ``"pinball(0.9)"``,
        ``"poisson_deviance"``, ``"gamma_deviance"``.
    interval : float, default=0.9
        The share of new rows that ``predict_interval`` should hold, unless it is told another.
    random_state : int, RandomState or None, default=0
        Of everything random. None takes another one each time.
    n_jobs : int, optional
        Trains the networks on as many of joblib's workers, or on those of the backend that ``joblib.parallel_config`` sets, such as Dask's;
        -1 for all there are. None trains on this machine's threads. The bits are the same. It needs joblib, and takes no ``time_limit``.
    verbose : bool, default=False
        Shows how far ``fit`` is, in a terminal and in a notebook.

    Attributes
    ----------
    error_ : UnseenError or None
        How good the model is on rows that its networks had not seen, beside the mean and ridge regression.
    warnings_ : list of str
        What looks wrong with the table or the model.
    columns_ : dict of str to str
        What was made of each column.
    importance_ : dict of str to float, or None
        By how much the RMSE rises on unseen rows when a column is shuffled, the most needed column first.
    history_ : list of dict
        One for each network: its ``bag``, the bag's ``weight``, and lists of ``epoch``, ``training_loss``, ``validation_loss``,
        ``learning_rate``.
    target_ : str
        What is predicted.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X had names.

    Notes
    -----
    After ``fit`` the estimator holds on to X and y, uncopied, for ``report``; a pickle, a copy and a file do not.

    Equal rows in place of a weight give another model, because rows are cut into folds: of scikit-learn's checks, that of
    weights against repeated rows does not hold, as it does not for its own forests.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    >>> y = 3 * X[:, 0] - X[:, 1]
    >>> model = TabularRegressor(recipe="basic").fit(X, y)
    >>> model.predict([[0.5, 0.5]]).round(1)
    array([1.])
    >>> lower, upper = model.predict_interval(X, 0.8)
    >>> bool((lower < upper).all())
    True
    """

    def __init__(
        self,
        *,
        recipe: Recipe = "strong",
        time_limit: float | str | None = None,
        members: int | None = None,
        loss: str | None = None,
        interval: float = 0.9,
        random_state: Any = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None:
        self.recipe = recipe
        self.time_limit = time_limit
        self.members = members
        self.loss = loss
        self.interval = interval
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None, *, target: str | None = None, sample_weight: Any = None) -> TabularRegressor:
        """Learns to predict ``y`` from the columns of ``X``.

        Parameters
        ----------
        X : DataFrame, Arrow table, array, list of rows, dict of columns, or path
            Anything with ``__arrow_c_stream__``, too.
        y : Series, array or str
            What is to be predicted, or the name of the column of X that holds it. Rows where it is missing are left out.
        target : str, optional
            That name, where X is a path.
        sample_weight : Series, array or str, optional
            How much each row counts, or the name of the column of X that says so.

        Returns
        -------
        The estimator. Ctrl-C ends the training with a warning and keeps the best model so far.

        Raises
        ------
        ValueError, TypeError
            For a table that cannot be learnt from; the message says where.
        KeyboardInterrupt, TimeoutError
            If the training ended before there was any model.
        """
        with training_of(self):
            return self._fit(X, y, target, sample_weight)

    def _fit(self, X: Any, y: Any, target: str | None, sample_weight: Any) -> TabularRegressor:
        wanted = self._wanted()
        units: dict[str, float] = {}
        rows, names, features, (named, labelled), columns = self._training_table(X, y, target, sample_weight, units)
        shown = progress_of(self.verbose)
        try:
            if self.n_jobs is None:
                trained, raised = _core.fit_table(rows, columns, wanted, shown)
            else:
                trained, raised = _trained_on_workers(_core.Elsewhere(rows, columns, wanted), int(self.n_jobs), shown)
        finally:
            if shown is not None:
                shown(0, 0, 0)
        if raised is not None:
            if not isinstance(raised, KeyboardInterrupt):
                raise raised
            warnings.warn("the training was interrupted: the model is the best one so far", stacklevel=3)
        made = dict(trained.columns())
        self.target_ = trained.model().target
        if features is None:
            left = {self.target_, columns["weight"]}
            names = features = [name for name in made if name not in left]
        self._take(trained.model(), names, features, named, labelled, units)
        self._trained = trained
        self._given = tuple(map(as_it_is, (X, y, target, sample_weight)))
        mean, ridge = trained.baselines
        self.error_ = unseen_of(self._model, mean, ridge)
        self.warnings_ = trained.warnings
        self.columns_ = made
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predictions (n) in the target's unit, for rows as ``fit`` takes them.

        The columns of a frame are found by name, in any order; further ones do not matter.
        """
        return self._predict(X, None)[0]

    def predict_interval(self, X: Any, level: float | None = None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Bounds (lower, upper) that should hold this share of new rows; ``interval`` unless told."""
        level = self.interval if level is None else level
        if not isinstance(level, Real) or not 0 < level < 1:
            raise ValueError(f"level is {level!r}: it has to lie between 0 and 1, such as 0.9")
        bounds = self._predict(X, float(level))[1]
        assert bounds is not None
        return bounds

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model file, as a whole or not at all: ``chainrule predict`` and ``TabularRegressor.load`` open it."""
        self._fitted().save(os.fspath(path))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> TabularRegressor:
        """A fitted estimator from a model file, of ``save`` or of ``chainrule train``.

        Its ``recipe``, ``loss`` and ``random_state`` are those that the file was trained with; the rest of the parameters, which change no
        prediction, are the defaults.
        """
        model = _core.Model(os.fspath(path))
        loss, seed, _ = _core.told(model)
        loaded = cls(
            recipe="strong" if model.members > 1 else "basic", loss=None if loss == "mean_square_error" else loss, random_state=seed
        )
        loaded.target_ = model.target
        loaded._take(model, model.columns, model.columns, True, True, None)
        loaded.error_ = unseen_of(model, None, None)
        loaded.warnings_ = []
        loaded.columns_ = dict(model.encoded())
        return loaded

    def report(self, path: str | os.PathLike[str], X: Any = None, y: Any = None) -> None:
        """Writes a page (HTML) that shows the model, its errors and its training.

        Without X and y it shows the errors on rows that the networks had not seen, as ``chainrule train --report`` does;
        with them those on the given rows, as ``chainrule report`` does.
        """
        settings = repr(self)
        if X is not None:
            model = self._fitted()
            if is_path(X):
                _core.write_page_of_table(model, os.fspath(X), os.fspath(path), settings)
                return
            table = self._table(X, "X", self.target_)
            if y is not None and not isinstance(y, str):
                _, values, rows = column_of(y, "y")
                table = table.beside(self.target_, values, rows, "y")
            _core.write_page_of_table(model, self._rows(table), os.fspath(path), settings)
            return
        trained = self._training("report(path, X, y)")
        try:
            X, y, target, sample_weight = self._given
            rows, _, _, _, columns = self._training_table(X, y, target, sample_weight, {})
            trained.write_page(rows, columns, os.fspath(path), settings)
        except (ValueError, TypeError) as error:
            raise ValueError(f"the rows that the model learnt from cannot be read again ({error}): give report(path, X, y)") from None

    def explain(self, row: Any, y: float | None = None) -> Explanation:
        """Why the model predicts what it predicts for one row, as ``chainrule explain`` does.

        Parameters
        ----------
        row : one row
            Of a frame (``frame.iloc[3]`` or ``frame[3:4]``), a dict, an array or a list.
        y : float, optional
            The truth, for the loss and its gradients; a row that holds the target needs none.

        Examples
        --------
        >>> import numpy as np
        >>> X = np.random.default_rng(0).uniform(-1, 1, (200, 2))
        >>> model = TabularRegressor(recipe="basic").fit(X, 3 * X[:, 0] - X[:, 1])
        >>> reasons = model.explain([0.5, -0.5], y=2.0)
        >>> list(reasons.contributions)
        ['x0', 'x1']
        >>> bool(abs(reasons.base + sum(reasons.contributions.values()) - reasons.prediction) < 1e-6)
        True
        >>> reasons.layers[0].dC_dW.shape == reasons.layers[0].W.shape
        True
        """
        model = self._fitted()
        table = self._table(_as_table(row), "row", self.target_)
        if y is not None:
            _, values, rows = column_of([float(y)], "y")
            table = table.select([name for name in table.names if name != self.target_]).beside(self.target_, values, rows, "y")
        return Explanation(model, self._rows(table), self.target_ in table.names)

    def plot_learning_curves(self, ax: Any = None) -> Any:
        """The loss of each network after each epoch, on rows that it had not seen. Returns Matplotlib axes."""
        self._fitted()
        return _plots.learning_curves(self, ax)

    def plot_predictions(self, X: Any = None, y: Any = None, ax: Any = None) -> Any:
        """What was measured against what is predicted, as Matplotlib axes.

        Without X it shows the training's rows, each as networks predict it that had not seen it; with X, and y or X's own column of the
        target, those rows.
        """
        self._fitted()
        return _plots.predictions(self, X, y, ax)

    def plot_intervals(self, X: Any, y: Any = None, level: float | None = None, ax: Any = None) -> Any:
        """The bounds of ``predict_interval`` for rows in the order of their predictions, with the truth where it is known; at most 200
        rows are shown. Returns Matplotlib axes."""
        self._fitted()
        return _plots.intervals(self, X, y, level, ax)

    def plot_partial_dependence(self, column: str, ax: Any = None) -> Any:
        """How the mean prediction moves with one column, as Matplotlib axes; the band holds eight of ten rows' own curves."""
        return _plots.partial_dependence(self, column, ax)

    @property
    def importance_(self) -> dict[str, float] | None:
        """By how much the RMSE rises on unseen rows when a column is shuffled, the most needed column first."""
        found = _core.importance(self._fitted())
        return None if found is None else dict(found)

    @property
    def history_(self) -> list[dict[str, Any]]:
        """How each network was trained."""
        return histories_of(_core.histories(self._fitted()))

    # --- what scikit-learn asks for ---------------------------------------------------------------------------------------------------

    def __sklearn_is_fitted__(self) -> bool:
        return "_model" in self.__dict__

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        for name in ("_trained", "_given"):
            state.pop(name, None)
        if "_model" in state:
            state["_model"] = state["_model"].to_bytes()
        return sealed(state)

    def __setstate__(self, seal: dict[str, Any]) -> None:
        state = opened(seal)
        if "_model" in state:
            state["_model"] = _core.model_from_bytes(state["_model"])
        super().__setstate__(state)

    def _repr_html_(self) -> str:
        return html_of(self) if self.__sklearn_is_fitted__() else f"<pre>{escape(repr(self))}</pre>"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    # --- within -----------------------------------------------------------------------------------------------------------------------

    def _fitted(self) -> _core.Model:
        model = self.__dict__.get("_model")
        if model is None:
            raise NotFittedError(f"This {type(self).__name__} instance is not fitted yet: call fit(X, y) first.")
        return model  # type: ignore[no-any-return]

    def _training(self, instead: str = "plot_predictions(X, y)") -> _core.Trained:
        """The training with its rows; a message that says what to call ``instead`` where it is not here."""
        trained = self.__dict__.get("_trained")
        if trained is None:
            self._fitted()
            raise ValueError(f"the rows that the model learnt from are not here, because it was loaded or copied: give {instead}")
        return trained  # type: ignore[no-any-return]

    def _take(
        self,
        model: _core.Model,
        names: list[str],
        features: list[str],
        named: bool,
        labelled: bool,
        units: dict[str, float] | None,
    ) -> None:
        self._model = model
        self._units = units
        self._columns = names
        self._labelled = labelled
        # Where each column that the model reads stands, if their values say all that there is to know of them.
        are_told = not units and all(name in names for name in model.columns)
        self._places = [names.index(name) for name in model.columns] if are_told else None
        self.n_features_in_ = len(features)
        self.__dict__.pop("feature_names_in_", None)
        if named:
            self.feature_names_in_ = np.array(features, object)

    def _wanted(self) -> dict[str, Any]:
        """The parameters, checked, as the core takes them."""
        if self.recipe not in ("strong", "basic"):
            raise ValueError(f'recipe is {self.recipe!r}: choose "strong" or "basic"')
        if self.members is not None and (not isinstance(self.members, Integral) or isinstance(self.members, bool) or self.members < 2):
            raise ValueError(f"members is {self.members!r}: it has to be an integer from 2 on")
        if not isinstance(self.interval, Real) or not 0 < self.interval < 1:
            raise ValueError(f"interval is {self.interval!r}: it has to lie between 0 and 1, such as 0.9")
        if self.loss is not None and not isinstance(self.loss, str):
            raise TypeError(f'loss is {self.loss!r}: it has to be a text, such as "huber(1.0)"')
        threads = available_threads()
        if self.n_jobs is not None:
            if not isinstance(self.n_jobs, Integral) or isinstance(self.n_jobs, bool) or self.n_jobs == 0:
                raise ValueError(
                    f"n_jobs is {self.n_jobs!r}: it has to be None or an integer other than 0, such as 2, or -1 for all workers"
                )
            if self.time_limit is not None:
                raise ValueError(
                    "time_limit ends the training of this machine's threads, not that of workers: leave out n_jobs or time_limit"
                )
            joblib_or_refusal()
            threads = 1
        return {
            "recipe": self.recipe,
            "loss": self.loss,
            "seed": seed_of(self.random_state),
            "members": None if self.members is None else int(self.members),
            "threads": threads,
            "seconds": seconds_of(self.time_limit),
        }

    def _training_table(
        self, X: Any, y: Any, target: str | None, sample_weight: Any, units: dict[str, float]
    ) -> tuple[Any, list[str], list[str] | None, tuple[bool, bool], dict[str, Any]]:
        """The rows with target and weight, the names of the features, and which column is what."""
        if target is not None:
            if y is not None:
                raise ValueError("give the target once: as y, or as target")
            y = target
        if y is None:
            name = type(self).__name__
            raise ValueError(
                f"{name} requires y to be passed, but the target y is None: give a Series, an array or the name of a column of X"
            )
        weight = sample_weight if isinstance(sample_weight, str) else None
        columns: dict[str, Any] = {"target": y, "weight": weight, "categorical": []}
        if is_path(X):
            if not isinstance(y, str) or not (sample_weight is None or isinstance(sample_weight, str)):
                raise TypeError("where X is a path, the target and the weights are names of its columns")
            return os.fspath(X), [], None, (True, True), columns
        table = table_of(X)
        columns["categorical"] = table.categorical
        features = table.names
        if table.rows == 0 or not table.names:
            missing = "sample(s)" if table.rows == 0 else "feature(s)"
            shape = (table.rows, len(table.names))
            raise ValueError(f"Found array with 0 {missing} (shape={shape}) while a minimum of 1 is required: X is empty")
        if isinstance(y, Real):
            raise TypeError(f"y is {y!r}: give a Series, an array, or the name of a column of X as a text")
        if isinstance(y, str):
            features = _without(features, y)
        else:
            own, values, rows = column_of(_one_column(y), "y")
            if rows == 1:
                raise ValueError("n_samples=1: X and y have one row, and at least 3 are needed to learn from; add rows")
            columns["target"] = own if own is not None and table.named else _free("y", table.names)
            if columns["target"] in table.names:
                raise ValueError(
                    f'X still has the column "{own}", which is the name of y: give X without it (X.drop(columns="{own}")), or y="{own}"'
                )
            table = table.beside(columns["target"], values, rows, "y")
        if weight is not None:
            features = _without(features, weight)
        elif sample_weight is not None:
            _, values, rows = column_of(sample_weight, "sample_weight")
            if not np.any(np.nan_to_num(array(sample_weight, np.float64, "sample_weight")) != 0):
                raise ValueError("every sample weight is zero: at least one row has to count")
            columns["weight"] = _free("sample_weight", table.names)
            table = table.beside(columns["weight"], values, rows, "sample_weight")
        if not features:
            raise ValueError("X has no column beside the target: add at least one to predict it from")
        return table.core(units), features, features, (table.named, table.labelled), columns

    def _rows(self, table: Table) -> Any:
        """Rows for the model; a model from a file does not know in which units durations were counted."""
        return table.core({}) if self._units is None else table.core(dict(self._units), learnt=True)

    def _table(self, X: Any, name: str, beside: str | None = None) -> Table:
        """The columns that the model reads, and one more; those of a table without names are found by their places."""
        needed = self._fitted().columns
        table = table_of(X, name, needed, beside)
        has_all = set(needed) <= set(table.names)
        # Names that nobody gave, as those of an array, count where the places do not fit.
        by_name = has_all if table.labelled else has_all and len(table.names) != self.n_features_in_
        if not (by_name or (table.labelled and self._labelled)):
            if len(table.names) != self.n_features_in_:
                raise ValueError(
                    f"X has {len(table.names)} features, but {type(self).__name__} is expecting {self.n_features_in_} features as input"
                )
            table = table.renamed(self._columns)
        return table.select([name for name in table.names if name in needed or name == beside])

    def _predict_few(self, X: Any) -> NDArray[np.float64] | None:
        """The predictions for a few rows of plain numbers and texts, which need none of what others do; None for others."""
        if self._places is None or getattr(X, "ndim", 0) != 2 or not 0 < X.shape[0] <= _FEW:
            return None
        if type(X) is np.ndarray:
            values = X
        elif hasattr(X, "iloc") and hasattr(X, "columns") and list(X.columns) == self._columns:
            # What its values are the frame tells faster by giving them than by its columns' types.
            values = X.to_numpy()
            if values.dtype.kind in "fO" and _core.may_be_single(values) and has_singles(X):
                return None
        else:
            return None
        if values.dtype.kind in "iu":
            values = values.astype(np.float64)
        if values.shape[1] != self.n_features_in_:
            return None
        return _core.predict_few(self._fitted(), values, self._places)

    def _predict(self, X: Any, level: float | None) -> tuple[NDArray[np.float64], Any]:
        model = self._fitted()
        expect_in_memory(X, "X")
        if level is None:
            predicted = self._predict_few(X)
            if predicted is not None:
                return predicted, None
        if is_path(X):
            rows, count = os.fspath(X), None
        else:
            table = self._table(X, "X")
            if table.rows == 0:
                shape = (0, len(table.names))
                raise ValueError(f"Found array with 0 sample(s) (shape={shape}) while a minimum of 1 is required: X is empty")
            rows, count = self._rows(table), table.rows
        predicted, bounds, problems = _core.predict_table(model, rows, count, level, available_threads())
        for problem in problems:
            warnings.warn(problem, stacklevel=3)
        return predicted, bounds


_FEW = 1000
"""Rows that are predicted before a thread has begun."""


def _trained_on_workers(training: _core.Elsewhere, n_jobs: int, shown: Any) -> tuple[_core.Trained, BaseException | None]:
    """The training, and the Ctrl-C that ended it early, if any."""
    raised: KeyboardInterrupt | None = None
    try:
        train_on_workers(training, n_jobs, shown)
    except KeyboardInterrupt as error:
        raised = error
    trained = training.trained()
    if trained is None:
        assert raised is not None
        raise raised
    return trained, raised


def _as_table(row: Any) -> Any:
    """A row as a table of one row."""
    if isinstance(row, (int, np.integer)):
        raise TypeError(f"give the row itself, such as frame.iloc[{row}] or X[{row}], and not its number")
    if hasattr(row, "index") and hasattr(row, "to_frame"):  # a Series: a row of a frame
        return [dict(zip(row.index, row.to_numpy(object), strict=True))]
    if isinstance(row, Mapping):
        return [row]
    if isinstance(row, (list, tuple)) and row and not isinstance(row[0], (list, tuple, Mapping, np.ndarray)):
        return [list(row)]
    if isinstance(row, np.ndarray) and row.ndim == 1 and row.dtype.names is None:
        return row.reshape(1, -1)
    return row


def _without(names: list[str], name: str) -> list[str]:
    if name not in names:
        near = ", ".join(f'"{other}"' for other in names[:20])
        raise ValueError(f'X has no column "{name}": its columns are {near}')
    return [other for other in names if other != name]


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _one_column(y: Any) -> Any:
    """A column of its own, also where it is the only one of a table."""
    if hasattr(y, "columns") and len(y.columns) == 1:
        return y[y.columns[0]] if hasattr(y, "iloc") else y.to_series() if hasattr(y, "to_series") else np.asarray(y).ravel()
    values = y if hasattr(y, "iloc") else np.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected: change the shape of y to (n_samples,), with y.ravel()",
            DataConversionWarning,
            stacklevel=4,
        )
        return values.reshape(-1)
    if values.ndim != 1:
        raise ValueError(f"y should be a 1d array, got an array of shape {values.shape} instead: one model predicts one column")
    return y
