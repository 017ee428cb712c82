"""``chainrule.sklearn.MLPRegressor``: scikit-learn's checks, its loss curves, and life in its company."""

import copy
import pickle
import time
import warnings

import joblib
import numpy as np
import pandas
import pytest
import scipy.optimize
import scipy.sparse
import sklearn
from chainrule.sklearn import MLPRegressor
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_diabetes, make_regression
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neural_network import MLPRegressor as Theirs
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, scale
from sklearn.utils.estimator_checks import parametrize_with_checks

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@parametrize_with_checks(
    [
        MLPRegressor(max_iter=100),
        MLPRegressor(max_iter=100, solver="sgd"),
        MLPRegressor(max_iter=100, solver="lbfgs"),
    ]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return scale(X), scale(y)


def both(X, y, sample_weight=None, **options):
    fitted = []
    for kind in (MLPRegressor, Theirs):
        options = {"hidden_layer_sizes": (16, 16, 8), "random_state": 3, "max_iter": 50, "tol": 0.0, **options}
        fitted.append(kind(**options).fit(X, y, sample_weight=sample_weight))
    return fitted


@pytest.mark.parametrize(
    "options",
    [
        {"solver": "adam"},
        {"solver": "adam", "batch_size": 32, "learning_rate_init": 0.01, "alpha": 0.1},
        {"solver": "adam", "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-3, "activation": "tanh"},
        {"solver": "adam", "shuffle": False, "activation": "logistic"},
        {"solver": "sgd", "learning_rate_init": 0.01},
        {"solver": "sgd", "nesterovs_momentum": False, "batch_size": 50, "learning_rate_init": 0.01},
        {"solver": "sgd", "momentum": 0.0, "activation": "identity"},
        {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.1, "learning_rate_init": 0.02},
        {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.01, "n_iter_no_change": 2, "learning_rate_init": 0.02},
        {"solver": "adam", "early_stopping": True, "learning_rate_init": 0.01},
        {"solver": "adam", "hidden_layer_sizes": ()},
    ],
    ids=lambda options: "-".join(f"{k}={v}" for k, v in options.items()),
)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_curve_is_scikit_learns(options, weighted):
    X, y = diabetes()
    weights = np.random.default_rng(0).integers(0, 4, len(y)).astype(float) if weighted else None
    ours, theirs = both(X, y, weights, **options)
    assert len(theirs.loss_curve_) > 10 and ours.n_iter_ == theirs.n_iter_
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-5)
    assert (ours.best_loss_ is None) == (theirs.best_loss_ is None)
    assert ours.t_ == theirs.t_
    if options.get("early_stopping"):
        np.testing.assert_allclose(ours.validation_scores_, theirs.validation_scores_, atol=1e-5)


@pytest.mark.parametrize("max_iter", [1, 10, 50])
@pytest.mark.parametrize("activation", ["tanh", "logistic", "identity"])
def test_lbfgs_reaches_scikit_learns_losses(max_iter, activation):
    X, y = diabetes()
    ours, theirs = both(X, y, solver="lbfgs", max_iter=max_iter, activation=activation, alpha=0.1)
    assert ours.loss_ == pytest.approx(theirs.loss_, abs=1e-6)
    assert ours.n_iter_ == theirs.n_iter_


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_the_poisson_loss_follows_scikit_learns_also_for_several_outputs(solver):
    X, _ = diabetes()
    random = np.random.default_rng(0)
    Y = random.poisson(np.exp(0.3 * X[:, :2]))
    for y in (Y[:, 0], Y):
        ours, theirs = both(X, y, loss="poisson", solver=solver, activation="tanh", hidden_layer_sizes=8, max_iter=20)
        assert ours.loss_ == pytest.approx(theirs.loss_, abs=1e-6)
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4)
    with pytest.raises(ValueError, match="y is -1 in row 0"):
        MLPRegressor(loss="poisson").fit([[1.0], [2.0]], [-1.0, 2.0])


@pytest.mark.parametrize("weighted", [False, True])
def test_the_gradient_of_several_outputs_is_that_of_the_loss(weighted):
    X, Y = make_regression(n_samples=30, n_features=4, n_targets=3, random_state=0)
    Y = scale(Y)
    weights = np.random.default_rng(0).uniform(0.5, 2, 30) if weighted else None
    model = MLPRegressor(
        hidden_layer_sizes=5,
        activation="tanh",
        solver="sgd",
        momentum=0,
        max_iter=1,
        alpha=0.3,
        learning_rate_init=1e-3,
        random_state=0,
        shuffle=False,
    )
    start = MLPRegressor(**{**model.get_params(), "learning_rate_init": 1e-300}).fit(X, Y, weights)
    model.fit(X, Y, weights)
    network = start._network

    def loss(parameters):
        network.set_parameters(parameters)
        squares = sum((w**2).sum() for w in network.weights())
        total = 30 if weights is None else weights.sum()
        error = np.average((network.predict(X) - Y) ** 2, axis=0, weights=weights).mean()
        return 0.5 * error + 0.5 * 0.3 * squares / total

    initial = network.parameters()
    assert start.loss_ == pytest.approx(loss(initial), rel=1e-12)
    expected = scipy.optimize.approx_fprime(initial, loss, 1e-7)
    np.testing.assert_allclose((initial - model._network.parameters()) / 1e-3, expected, atol=1e-6)
    # The initial loss is scikit-learn's, whose gradient is three times as large.
    theirs = Theirs(**model.get_params()).fit(X, Y, weights)
    assert theirs.loss_ == pytest.approx(start.loss_, rel=1e-12)


def test_lbfgs_finds_a_lower_loss_for_several_outputs():
    X, Y = make_regression(n_samples=100, n_features=4, n_targets=3, noise=1.0, random_state=0)
    ours, theirs = both(X, scale(Y), solver="lbfgs", hidden_layer_sizes=8, activation="tanh", alpha=1.0, max_iter=2000, tol=1e-6)
    assert ours.loss_ < theirs.loss_
    assert abs(theirs.loss_ - ours.loss_) > 1e-6


def test_partial_fit_and_warm_start_go_on_as_scikit_learn_does():
    X, y = diabetes()
    ours, theirs = (kind(hidden_layer_sizes=8, random_state=0) for kind in (MLPRegressor, Theirs))
    for _ in range(20):
        ours.partial_fit(X, y)
        theirs.partial_fit(X, y)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, atol=1e-6)
    ours, theirs = both(X, y, warm_start=True, max_iter=10)
    for model in (ours, theirs):
        model.set_params(max_iter=5).fit(X, y)
    assert len(ours.loss_curve_) == 15
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, atol=1e-6)
    assert not hasattr(MLPRegressor(solver="lbfgs"), "partial_fit")


def test_initial_weights_are_scikit_learns():
    X, y = diabetes()
    ours, theirs = both(X, y, solver="sgd", learning_rate_init=1e-300, max_iter=1)
    for a, b in zip(ours.coefs_ + ours.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True):
        assert a.shape == b.shape and (a == b).all()


def test_it_takes_pandas_polars_and_arrow_tables():
    pd, pl, pa = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    X, y = diabetes()
    names = [f"column {j}" for j in range(10)]
    expected = MLPRegressor(random_state=0, max_iter=5).fit(X, y).predict(X)
    frame = pd.DataFrame(X, columns=names)
    tables = [frame, pl.DataFrame(frame.to_dict("list")), pa.Table.from_pandas(frame)]
    for table, column in zip(tables, (pd.Series(y), pl.Series(y), y), strict=True):
        model = MLPRegressor(random_state=0, max_iter=5).fit(table, column)
        assert (model.predict(table) == expected).all()
    model = MLPRegressor(random_state=0, max_iter=5).fit(frame, y)
    assert list(model.feature_names_in_) == names
    assert model.predict(frame[:1]) == pytest.approx(expected[:1], rel=1e-12)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X[:1])
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame.rename(columns={"column 3": "other"}))


def test_it_lives_with_pipelines_searches_and_transformers():
    X, y = load_diabetes(return_X_y=True)
    model = make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=8, max_iter=60, learning_rate_init=0.01, random_state=0))
    model = TransformedTargetRegressor(model, transformer=StandardScaler())
    search = GridSearchCV(model, {"regressor__mlpregressor__alpha": [0.1, 1.0]}, cv=3, n_jobs=2).fit(X, y)
    assert search.best_score_ > 0.3
    assert cross_val_score(model, X, y, cv=3, n_jobs=2).mean() > 0.3
    inner = MLPRegressor(hidden_layer_sizes=(3, 2), alpha=0.5)
    assert clone(inner).get_params() == inner.get_params()


def test_sample_weights_can_be_routed():
    X, y = diabetes()
    with sklearn.config_context(enable_metadata_routing=True):
        model = MLPRegressor(max_iter=5, random_state=0).set_fit_request(sample_weight=True)
        weights = np.r_[np.ones(200), np.zeros(len(y) - 200)]
        routed = make_pipeline(model).fit(X, y, sample_weight=weights)
        direct = MLPRegressor(max_iter=5, random_state=0).fit(X, y, sample_weight=weights)
        assert (routed.predict(X) == direct.predict(X)).all()


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_pickles_copies_and_joblib_predict_the_same_and_go_on_the_same(solver, tmp_path):
    X, y = diabetes()
    model = MLPRegressor(solver=solver, max_iter=5, random_state=0, hidden_layer_sizes=8).fit(X, y)
    joblib.dump(model, tmp_path / "model")
    others = [pickle.loads(pickle.dumps(model)), copy.deepcopy(model), joblib.load(tmp_path / "model")]
    for other in others:
        assert (other.predict(X) == model.predict(X)).all()
        assert other.predict(X[:1]) == model.predict(X[:1])
    if solver != "lbfgs":
        model.partial_fit(X, y)
        for other in others:
            assert (other.partial_fit(X, y).predict(X) == model.predict(X)).all()
    clone(model).set_params(solver="lbfgs").fit(X, y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_that_of_x_and_one_row_predicts_as_many(dtype):
    X, y = diabetes()
    X = X.astype(dtype)
    for target in (y, np.c_[y, -y]):
        model = MLPRegressor(max_iter=5, random_state=0).fit(X, target)
        all_rows = model.predict(X)
        assert all_rows.dtype == dtype and all(w.dtype == dtype for w in model.coefs_ + model.intercepts_)
        one = model.predict(X[3:4])
        assert one.shape == all_rows[3:4].shape and one.dtype == dtype
        np.testing.assert_allclose(one, all_rows[3:4], rtol=1e-5 if dtype == np.float32 else 1e-12)
        for other in (X[3:4].tolist(), np.asfortranarray(X)[3:4]):
            np.testing.assert_allclose(model.predict(other), one, rtol=1e-5)
        with pytest.raises(ValueError, match="NaN"):
            model.predict(X[:1] * np.nan)
        with pytest.raises(ValueError, match="Reshape your data|Expected 2D"):
            model.predict(X[0])
        with pytest.raises(ValueError, match="9 features"):
            model.predict(X[:1, :9])


def test_weights_can_be_read_and_replaced_but_not_changed_unseen():
    X, y = diabetes()
    model = MLPRegressor(max_iter=5, random_state=0, hidden_layer_sizes=4).fit(X, y)
    model.predict(X[:1])
    model.coefs_ = [np.zeros_like(w) for w in model.coefs_]
    model.intercepts_ = [np.zeros(4), [2.5]]
    assert model.predict(X[:1]).tolist() == [2.5] and model.predict(X[:2]).tolist() == [2.5, 2.5]
    with pytest.raises(ValueError, match="read-only"):
        model.coefs_[0][0, 0] = 1
    with pytest.raises(ValueError, match="the shapes are"):
        model.coefs_ = [np.zeros((3, 3))]
    for layers in (model.coefs_, model.intercepts_):
        with pytest.raises(TypeError, match="item assignment"):
            layers[0] = np.ones_like(layers[0])
    unfitted = MLPRegressor()
    assert not hasattr(unfitted, "coefs_") and not hasattr(unfitted, "intercepts_")
    with pytest.raises(NotFittedError):
        unfitted.predict(X)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("width", [64, 1500])  # on one thread, and on several
def test_ctrl_c_ends_the_training_and_keeps_the_weights(interrupt_after, solver, width):
    X, y = make_regression(n_samples=3000, n_features=20, noise=10, random_state=0)
    model = MLPRegressor(
        hidden_layer_sizes=(width,),
        solver=solver,
        max_iter=10**6,
        max_fun=10**9,
        tol=0.0,
        n_iter_no_change=np.inf,
        random_state=0,
    )
    pressed = []

    def press(told):
        if told["epoch"] == 2:
            pressed.append(time.perf_counter())
            interrupt_after(0.1)

    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(X, y, callbacks=press)
    assert time.perf_counter() - pressed[0] < 4
    assert 1 < model.n_iter_ < 10**6
    assert model.score(X, y) > 0


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_number_of_threads_changes_nothing(monkeypatch, solver):
    X, y = make_regression(n_samples=2000, n_features=40, random_state=0)
    X = X.astype(np.float32)

    def fitted():
        model = MLPRegressor(hidden_layer_sizes=(1000,), solver=solver, max_iter=2, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(X, y).predict(X)

    # More multiplications than one thread keeps for itself: 2000 rows, 42000 parameters.
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    alone = fitted()
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert (fitted() == alone).all()
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert (fitted() == alone).all()
    (beside,) = joblib.Parallel(n_jobs=2, backend="threading")([joblib.delayed(fitted)()])
    assert (beside == alone).all()


def test_threads_may_predict_with_one_model_at_the_same_time():
    X, y = make_regression(n_samples=20000, n_features=20, random_state=0)
    model = MLPRegressor(max_iter=1, random_state=0).fit(X, y)
    expected, single = model.predict(X), model.predict(X[:1])
    work = [X, X[:1]] * 20
    results = joblib.Parallel(n_jobs=4, backend="threading")(joblib.delayed(model.predict)(x) for x in work)
    for x, result in zip(work, results, strict=True):
        assert (result == (expected if len(x) > 1 else single)).all()


def test_all_weights_zero_and_hopeless_inputs_are_value_errors():
    X, y = diabetes()
    with pytest.raises(ValueError, match="at least one non-zero"):
        MLPRegressor().fit(X, y, sample_weight=np.zeros(len(y)))
    with pytest.raises(ValueError, match="hidden_layer_sizes must be > 0"):
        MLPRegressor(hidden_layer_sizes=(3, -1)).fit(X, y)
    with pytest.raises(ValueError, match="non-finite parameter weights"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        MLPRegressor(random_state=0).fit(X * 1e307, y)


def test_lbfgs_keeps_loss_and_weights_of_the_iteration_that_ctrl_c_reached(interrupt_after):
    X, y = make_regression(n_samples=3000, n_features=20, noise=10, random_state=0)
    model = MLPRegressor(hidden_layer_sizes=(64,), solver="lbfgs", max_iter=10**6, max_fun=10**9, tol=0.0, alpha=0.0)
    interrupt_after(0.5)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(X, y)
    assert model.loss_ == pytest.approx(0.5 * np.mean((model.predict(X) - y) ** 2))


@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csc_matrix, scipy.sparse.coo_array])
def test_a_sparse_table_is_learnt_as_the_dense_one(kind):
    X, y = make_regression(n_samples=60, n_features=5, random_state=0)
    X[X < 0.3] = 0.0
    dense, sparse = (MLPRegressor(hidden_layer_sizes=(8,), max_iter=20, random_state=0).fit(x, y) for x in (X, kind(X)))
    np.testing.assert_array_equal(sparse.predict(kind(X)), dense.predict(X))
    np.testing.assert_array_equal(sparse.predict(X), dense.predict(X))


def test_an_encoder_of_categories_may_stand_in_front():
    frame = pandas.DataFrame({"town": ["a", "b", "c", "b"] * 10, "rooms": range(40)})
    encode = ColumnTransformer([("towns", OneHotEncoder(), ["town"])], remainder="passthrough", sparse_threshold=1.0)
    model = make_pipeline(encode, MLPRegressor(hidden_layer_sizes=(4,), solver="lbfgs", max_iter=50, random_state=0))
    assert model.fit(frame, frame.rooms).predict(frame).shape == (40,)


def test_a_sparse_table_that_does_not_fit_is_refused_with_its_size():
    X = scipy.sparse.csr_matrix((10**7, 10**7))
    with pytest.raises(MemoryError, match="making a sparse X of 10000000 rows and 10000000 columns dense"):
        MLPRegressor().fit(X, np.zeros(10**7))


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize(
    ("loss", "constant"),
    [
        ("mean_absolute_error", np.median),
        ("huber(0.5)", np.median),
        ("pinball(0.9)", lambda y: np.quantile(y, 0.9)),
        ("gamma_deviance", np.mean),
    ],
)
def test_losses_of_the_core_are_minimised(loss, constant, solver):
    # Without a column that tells anything, the best prediction is a constant which the loss decides.
    y = np.random.default_rng(0).gamma(2.0, size=400)
    X = np.zeros((400, 1))
    settings = {"max_iter": 2000, "learning_rate_init": 0.01, "alpha": 0.0, "random_state": 0}
    model = MLPRegressor(loss=loss, hidden_layer_sizes=(1,), solver=solver, **settings)
    predicted = model.fit(X, y).predict(X)[0]
    assert predicted == pytest.approx(constant(y), rel=0.15)
    assert model.out_activation_ == ("exp" if loss == "gamma_deviance" else "identity")


def test_a_loss_that_nobody_knows_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match="absolute_err.*mean_absolute_error"):
        MLPRegressor(loss="absolute_err").fit(np.ones((5, 1)), np.arange(5.0))
