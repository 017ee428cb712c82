"""One row of a frame, of a frame with texts and of an array, predicted by a model at its defaults: one round.

    python one_row.py chainrule|CatBoost|LightGBM TABLE TARGET TEXTS

Prints one line of JSON: the version, and the median microseconds of a call for each of the three. The frame has the table's columns and
one row; in the second one the column TEXTS holds words instead of numbers; the array is the row for a model that was fitted on an array.
"""

import json
import statistics
import sys
import time

import pandas as pd

who, path, target, texts = sys.argv[1:5]


def regressor(categories=()):
    """The version, and a model at its defaults; none writes files or progress."""
    if who == "CatBoost":
        import catboost

        return catboost.__version__, catboost.CatBoostRegressor(verbose=False, allow_writing_files=False, cat_features=categories)
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
# LightGBM takes texts as a type of pandas alone, which a row keeps.
words = X.assign(**{texts: X[texts].map("level {}".format)}).astype({texts: "category" if who == "LightGBM" else object})
found = {}
for name, categories, table in [("frame", [], X), ("texts", [texts], words), ("array", [], X.to_numpy())]:
    found["version"], model = regressor(categories)
    found[name] = microseconds(model.fit(table, y).predict, table[:1])
print(json.dumps(found))
