"""LightGBM at its defaults: text as categories, gaps as gaps."""

from protocol import answer, threads
import lightgbm


def fit(X, y, categories):
    X = X.astype({name: "category" for name in categories})
    types = X.dtypes.to_dict()
    model = lightgbm.LGBMRegressor(n_jobs=threads, verbose=-1, random_state=0).fit(X, y)
    # A category that only new rows have becomes a gap.
    return lambda X: model.predict(X.astype(types))


answer(f"LightGBM {lightgbm.__version__}", fit)
