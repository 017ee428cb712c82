"""What the peers have in common: the request, the tables, the answers. See bench/accuracy/README.md.

Importing this reads the request and limits the threads, so it comes before the library that is measured.
"""

import json
import os
import sys
import time

request_file, threads = sys.argv[1], int(sys.argv[2])
variant = sys.argv[3] if len(sys.argv) > 3 else None
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(threads)
with open(request_file) as stream:
    request = json.load(stream)
level = request["level"]

# The answers alone go to standard output; what a library prints goes to standard error.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import numpy as np  # noqa: E402  (after the limits)
import pandas as pd  # noqa: E402


def read(path):
    """All cells as text, gaps as NaN."""
    how = {"sep": request["separator"], "encoding": request["encoding"], "na_values": request["missing"]}
    table = pd.read_csv(path, dtype=str, skipinitialspace=True, **how)
    return table.rename(columns=str.strip)


def inputs(train, test):
    """Numbers where every cell of the training rows is one or a gap, and text elsewhere; the names of the text columns.

    The columns are called c0, c1, ...: not every library takes every name.
    """
    train, test, categories = train.copy(), test[train.columns].copy(), []
    for i, name in enumerate(train.columns):
        numbers = pd.to_numeric(train[name], errors="coerce")
        if name in request["categories"] or (numbers.isna() & train[name].notna()).any():
            categories.append(f"c{i}")
        else:
            train[name] = numbers.astype(float)
            test[name] = pd.to_numeric(test[name], errors="coerce").astype(float)
    for table in (train, test):
        table.columns = [f"c{i}" for i in range(table.shape[1])]
    return train, test, categories


def answer(version, fit):
    """Answers for every split; `fit(X, y, categories)` returns the function that predicts.

    X is a data frame whose columns `categories` are text with gaps, the others numbers with gaps. The returned function
    gives predictions, or a tuple of predictions, lower bounds and upper bounds, between which a share of `level` of new
    rows should lie.
    """
    for split in request["splits"]:
        train, test = read(split["train"]), read(split["test"])
        y = train.pop(request["target"]).astype(float).to_numpy()
        train, test, categories = inputs(train.drop(columns=request["ignore"]), test)
        start = time.perf_counter()
        predict = fit(train, y, categories)
        fitted = time.perf_counter()
        predicted = predict(test)
        done = time.perf_counter()
        found = {"version": version, "fit": fitted - start, "predict": done - fitted}
        columns = predicted if isinstance(predicted, tuple) else (predicted,)
        for name, column in zip(("predictions", "lower", "upper"), columns):
            found[name] = np.asarray(column, dtype=float).ravel().tolist()
        print(json.dumps(found), file=answers, flush=True)
