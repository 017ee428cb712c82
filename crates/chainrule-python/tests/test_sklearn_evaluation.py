"""``MLPRegressor.fit`` with an evaluation set and callbacks: what users of LightGBM and of scikit-learn's boosting expect."""

import numpy as np
import pandas
import pytest
import sklearn
from chainrule import StopTraining
from chainrule.sklearn import MLPRegressor
from sklearn.base import clone
from sklearn.datasets import make_regression
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SETTINGS = {"hidden_layer_sizes": (8,), "max_iter": 12, "learning_rate_init": 0.02, "random_state": 0}


def split(targets=1):
    X, y = make_regression(n_samples=120, n_features=4, n_targets=targets, noise=5.0, random_state=0)
    X, y = scale(X), scale(y)
    return X[:90], y[:90], X[90:], y[90:]


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize("targets", [1, 2])
def test_the_score_of_the_evaluation_set_is_kept_after_each_epoch_and_changes_nothing(solver, targets):
    X, y, X_val, y_val = split(targets)
    alone = MLPRegressor(solver=solver, **SETTINGS).fit(X, y)
    model = MLPRegressor(solver=solver, **SETTINGS).fit(X, y, eval_set=[(X_val, y_val)])
    assert len(model.validation_scores_) == model.n_iter_ == alone.n_iter_
    assert model.validation_scores_[-1] == pytest.approx(r2_score(y_val, model.predict(X_val)), rel=1e-9)
    assert model.best_validation_score_ == max(model.validation_scores_)
    np.testing.assert_array_equal(model.predict(X), alone.predict(X))
    for same in ({"eval_set": (X_val, y_val)}, {"X_val": X_val, "y_val": y_val}):
        assert MLPRegressor(solver=solver, **SETTINGS).fit(X, y, **same).validation_scores_ == model.validation_scores_
    weights = np.linspace(0, 1, 30)
    weighted = clone(model).fit(X, y, X_val=X_val, y_val=y_val, sample_weight_val=weights)
    assert weighted.validation_scores_[-1] == pytest.approx(r2_score(y_val, model.predict(X_val), sample_weight=weights), rel=1e-9)


def test_early_stopping_looks_at_the_evaluation_set_and_keeps_its_best_epoch():
    X, y, X_val, y_val = split()
    settings = {**SETTINGS, "max_iter": 500, "hidden_layer_sizes": (50,), "n_iter_no_change": 5, "early_stopping": True}
    model = MLPRegressor(**settings).fit(X, y, eval_set=(X_val, y_val))
    assert model.n_iter_ < 500
    assert r2_score(y_val, model.predict(X_val)) == pytest.approx(max(model.validation_scores_), rel=1e-9)
    # All rows of X are learnt from: none is split off.
    steps = int(np.ceil(90 / min(200, 90)))
    assert model.t_ == 90 * model.n_iter_ * steps


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_callbacks_see_every_epoch_and_can_end_the_training(solver):
    X, y, X_val, y_val = split()
    seen = []

    def stop_at_four(record):
        if record["epoch"] == 4:
            raise StopTraining
        return True  # as a progress bar's update may do

    model = MLPRegressor(solver=solver, **SETTINGS).fit(X, y, eval_set=(X_val, y_val), callbacks=[seen.append, stop_at_four])
    assert model.n_iter_ == 4 and [record["epoch"] for record in seen] == [1, 2, 3, 4]
    assert [record["validation_score"] for record in seen] == model.validation_scores_
    assert seen[-1]["training_loss"] == pytest.approx(model.loss_)
    np.testing.assert_array_equal(model.predict(X), MLPRegressor(solver=solver, **{**SETTINGS, "max_iter": 4}).fit(X, y).predict(X))
    with pytest.raises(RuntimeError, match="enough"):
        clone(model).fit(X, y, callbacks=lambda record: (_ for _ in ()).throw(RuntimeError("enough")))
    with pytest.raises(TypeError, match="callbacks has to hold functions that take a dict, found 3"):
        clone(model).fit(X, y, callbacks=[3])


def test_pipelines_transform_and_route_the_evaluation_set():
    X, y, X_val, y_val = split()
    with sklearn.config_context(enable_metadata_routing=True):
        model = MLPRegressor(**SETTINGS).set_fit_request(X_val=True, y_val=True, callbacks=True)
        pipeline = make_pipeline(StandardScaler(), model, transform_input=["X_val"])
        seen = []
        pipeline.fit(7 * X + 3, y, X_val=7 * X_val + 3, y_val=y_val, callbacks=seen.append)
    assert len(seen) == 12
    assert pipeline[-1].validation_scores_[-1] == pytest.approx(pipeline.score(7 * X_val + 3, y_val), rel=1e-9)


def test_a_wrong_evaluation_set_is_refused():
    X, y, X_val, y_val = split()
    frame = pandas.DataFrame(X, columns=list("abcd"))

    def refused(kind, message, **options):
        with pytest.raises(kind, match=message):
            MLPRegressor(**SETTINGS).fit(frame, y, **options)

    refused(TypeError, r"eval_set has to be a pair \(X, y\)", eval_set=X_val)
    refused(TypeError, "eval_set has to be a pair", eval_set=[(X_val, y_val)] * 3)
    refused(ValueError, "X_val and y_val belong together", X_val=X_val)
    refused(ValueError, "give the evaluation set once", eval_set=(X_val, y_val), X_val=X_val, y_val=y_val)
    refused(ValueError, r"y_val has the shape \(29, 1\), but X_val has 30 rows", eval_set=(X_val, y_val[1:]))
    refused(ValueError, "4 features", eval_set=(X_val[:, :3], y_val))
    refused(ValueError, "feature names", eval_set=(frame.rename(columns={"a": "z"})[:30], y_val))
    refused(ValueError, 'X_val is .* in row 2, column "b"', eval_set=(frame[:30].mask(lambda f: f == f.iloc[2, 1]), y_val))
    refused(ValueError, "R² needs at least two", eval_set=(frame[:1], y_val[:1]))


@pytest.mark.parametrize("use", ["fit", "predict"])
def test_texts_gaps_and_times_are_named_by_their_place(use):
    good = pandas.DataFrame({"area": [1.0, 2.0, 3.0], "town": [1.0, 2.0, 2.5]})
    model = MLPRegressor(max_iter=1).fit(good, [1, 2, 3])

    def refused(kind, message, bad):
        with pytest.raises(kind, match=message):
            model.fit(bad, [1, 2, 3]) if use == "fit" else model.predict(bad)

    refused(
        ValueError,
        "could not convert string to float: X holds the text 'Ulm' in row 1, column \"town\": make numbers",
        good.assign(town=["1.5", "Ulm", "Rom"]),
    )
    refused(ValueError, 'X is nan in row 2, column "area"', good.assign(area=[1.0, 2.0, None]))
    times = pandas.DataFrame({name: pandas.date_range("2024-01-01", periods=3) for name in good})
    refused(TypeError, "X holds times, and a network needs numbers", times)
    refused(TypeError, "X holds times, and a network needs numbers", times - times.iloc[0])


@pytest.mark.parametrize(
    ("ours", "theirs"), [("silu", "swish"), ("identity", "Linear"), ("sigmoid", "logistic"), ("leaky_relu(0.01)", "LeakyReLU")]
)
def test_other_libraries_names_are_understood(ours, theirs):
    X, y, _, _ = split()
    known, other = (MLPRegressor(**{**SETTINGS, "activation": name}).fit(X, y) for name in (ours, theirs))
    np.testing.assert_array_equal(known.predict(X), other.predict(X))
    with pytest.raises(ValueError, match='"relo" is not an activation function; choose one of relu'):
        MLPRegressor(activation="relo").fit(X, y)
