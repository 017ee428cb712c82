"""MAPIE's intervals by CV+ around LightGBM, both at their defaults: text as categories, gaps as gaps."""

from importlib.metadata import version

from protocol import answer, level, threads
import lightgbm
from mapie.regression import CrossConformalRegressor


def fit(X, y, categories):
    X = X.astype({name: "category" for name in categories})
    types = X.dtypes.to_dict()
    model = lightgbm.LGBMRegressor(n_jobs=threads, verbose=-1, random_state=0)
    intervals = CrossConformalRegressor(model, confidence_level=level, method="plus", cv=5, random_state=0)
    intervals.fit_conformalize(X, y)

    def predict(X):
        # A category that only new rows have becomes a gap.
        predictions, bounds = intervals.predict_interval(X.astype(types))
        return predictions, bounds[:, 0, 0], bounds[:, 1, 0]

    return predict


answer(f"MAPIE {version('mapie')}, LightGBM {lightgbm.__version__}", fit)
