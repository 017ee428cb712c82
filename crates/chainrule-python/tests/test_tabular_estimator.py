"""``TabularRegressor`` as an estimator of scikit-learn: its checks, and life in its company."""

import numpy as np
import pytest
import sklearn
from chainrule import TabularRegressor
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

WEIGHTS = "rows are cut into folds and batches, so that repeated rows train another network than one with their weight"


@parametrize_with_checks(
    [TabularRegressor(recipe="basic")],
    expected_failed_checks=lambda _: {f"check_sample_weight_equivalence_on_{kind}_data": WEIGHTS for kind in ("dense", "sparse")},
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_it_lives_in_pipelines_searches_and_cross_validation(frame):
    X, y = frame.drop(columns="price"), frame.price
    scaled = ColumnTransformer([("scale", StandardScaler(), ["area"])], remainder="passthrough", verbose_feature_names_out=False)
    model = make_pipeline(scaled.set_output(transform="pandas"), TabularRegressor(recipe="basic"))
    assert cross_val_score(model, X, y, cv=3).mean() > 0.5
    search = GridSearchCV(model, {"tabularregressor__loss": ["mean_square_error", "mean_absolute_error"]}, cv=2).fit(X, y)
    assert search.best_estimator_[-1].feature_names_in_.tolist() == ["area", "kind"]
    assert search.predict(X).shape == (90,)
    kept = make_pipeline(FunctionTransformer(), TabularRegressor(recipe="basic")).fit(X, y)
    np.testing.assert_array_equal(kept.predict(X), TabularRegressor(recipe="basic").fit(X, y).predict(X))
    logarithm = TransformedTargetRegressor(TabularRegressor(recipe="basic"), func=np.log, inverse_func=np.exp).fit(X, y)
    assert (logarithm.predict(X) > 0).all()
    assert np.isfinite(cross_val_predict(TabularRegressor(recipe="basic"), X, y, cv=2)).all()


def test_clones_have_the_parameters_and_nothing_else(frame):
    model = TabularRegressor(recipe="basic", loss="huber(2.0)", random_state=3, n_jobs=1).fit(frame, "price")
    again = clone(model)
    assert again.get_params() == model.get_params()
    with pytest.raises(NotFittedError):
        again.predict(frame)


def test_weights_count_and_are_routed_as_metadata(frame):
    X, y = frame.drop(columns="price"), frame.price
    weights = np.where(np.arange(len(y)) < 45, 1.0, 0.0)
    weighted = TabularRegressor(recipe="basic").fit(X, y, sample_weight=weights)
    by_name = TabularRegressor(recipe="basic").fit(X.assign(w=weights), y, sample_weight="w")
    np.testing.assert_array_equal(by_name.predict(X), weighted.predict(X))
    assert by_name.feature_names_in_.tolist() == ["area", "kind"]
    half = TabularRegressor(recipe="basic").fit(X[:45], y[:45])
    np.testing.assert_allclose(weighted.predict(X), half.predict(X), rtol=1e-5)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = make_pipeline(FunctionTransformer(), TabularRegressor(recipe="basic").set_fit_request(sample_weight=True))
        routed.fit(X, y, sample_weight=weights)
    np.testing.assert_array_equal(routed.predict(X), weighted.predict(X))
    for wrong, message in ((np.zeros(90), "zero"), (-np.ones(90), "below 0"), (np.ones(89), "has 90 rows and sample_weight has 89")):
        with pytest.raises(ValueError, match=message):
            TabularRegressor(recipe="basic").fit(X, y, sample_weight=wrong)


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"recipe": "stronger"}, 'choose "strong" or "basic"'),
        ({"members": 1}, "an integer from 2 on"),
        ({"members": 2.5}, "an integer from 2 on"),
        ({"recipe": "basic", "members": 4}, "members belongs to the strong recipe"),
        ({"interval": 90}, "between 0 and 1"),
        ({"loss": "squared"}, "squared"),
        ({"time_limit": 0}, "a time above 0"),
        ({"random_state": -1}, "at least 0"),
    ],
)
def test_parameters_without_meaning_are_refused_by_fit(parameters, message, frame):
    with pytest.raises(ValueError, match=message):
        TabularRegressor(**parameters).fit(frame, "price")
