"""RealMLP-TD-S of pytabkit: the mean of five networks, each of which leaves a fifth of the rows out to choose its epoch.

It takes no gaps of numbers: they become the column's median.
"""

import warnings
from importlib.metadata import version

from protocol import answer, threads
from pytabkit import RealMLP_TD_S_Regressor

warnings.simplefilter("ignore")


def fit(X, y, categories):
    # A column without any number has no median.
    gaps = {name: "" for name in categories} | X.drop(columns=categories).median().fillna(0.0).to_dict()
    model = RealMLP_TD_S_Regressor(device="cpu", random_state=0, n_cv=5, n_threads=threads)
    model.fit(X.fillna(gaps), y, cat_col_names=categories)
    return lambda X: model.predict(X.fillna(gaps))


answer(f"pytabkit {version('pytabkit')}", fit)
