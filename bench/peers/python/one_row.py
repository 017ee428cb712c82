"""One row of a frame and one of an array, predicted by a model at its defaults: one round.

    python one_row.py chainrule|CatBoost|LightGBM TABLE TARGET

Prints one line of JSON: the version, and the median microseconds of a call for the frame and for the array. The frame has the table's
columns and one row; the array is the same row for a model that was fitted on an array.
"""

import json
import statistics
import sys
import time

import pandas as pd

who, path, target = sys.argv[1:4]


def regressor():
    """The version, and a model at its defaults; none writes files or progress."""
    if who == "CatBoost":
        import catboost

        return catboost.__version__, catboost.CatBoostRegressor(verbose=False, allow_writing_files=False)
    if who == "LightGBM":
        import lightgbm

        return lightgbm.__version__, lightgbm.LGBMRegressor(verbosity=-1)
    import chainrule

    return chainrule.__version__, chainrule.TabularRegressor()


def microseconds(predict, row, calls=500):
    for _ in range(50):
        predict(row)
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        predict(row)
        times.append(time.perf_counter() - start)
    return 1e6 * statistics.median(times)


X = pd.read_csv(path)
y = X.pop(target)
version, model = regressor()
frame = microseconds(model.fit(X, y).predict, X.iloc[:1])
_, model = regressor()
array = microseconds(model.fit(X.to_numpy(), y.to_numpy()).predict, X.to_numpy()[:1])
print(json.dumps({"version": version, "frame": frame, "array": array}))
