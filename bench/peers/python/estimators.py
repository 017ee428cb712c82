"""chainrule's scikit-learn estimator or scikit-learn's own: one round of the same work.

    python estimators.py chainrule|scikit-learn THREADS

Prints one line of JSON: versions; of each task the seconds, and of a fit the first losses; the seconds that `import chainrule` takes beyond
NumPy's. Each runs in a process of its own: the threads of one's products would still be in the way of the other's.
"""

import json
import os
import subprocess
import sys
import time
import warnings

who, threads = sys.argv[1:3]
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = threads

import chainrule
import numpy as np
import sklearn
import sklearn.neural_network
import chainrule.sklearn

MLPRegressor = {"chainrule": chainrule.sklearn, "scikit-learn": sklearn.neural_network}[who].MLPRegressor
warnings.simplefilter("ignore")  # Both say that they could go on.
random = np.random.default_rng(0)

SEED = {"hidden_layer_sizes": (16, 16, 8), "solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False, "batch_size": 32}
TAB = {"hidden_layer_sizes": (256, 256), "solver": "adam", "batch_size": 256}


def data(rows, columns, dtype):
    X = random.normal(size=(rows, columns)).astype(dtype)
    return X, np.sin(X[:, 0]) + X[:, 1] * X[:, 2]


def model(settings, epochs):
    every_epoch = {"max_iter": epochs, "tol": 0.0, "n_iter_no_change": 10**9, "random_state": 0}
    return MLPRegressor(**settings, **every_epoch)


def timed(work, repetitions=1):
    work()  # warm
    start = time.perf_counter()
    for _ in range(repetitions):
        work()
    return (time.perf_counter() - start) / repetitions


def fits(what, settings, rows, columns, epochs, dtype):
    X, y = data(rows, columns, dtype)
    regressor = model(settings, epochs)
    seconds = timed(lambda: regressor.fit(X, y))
    # Later epochs are told apart by rounding, in single precision.
    return {"what": f"{what}, {np.dtype(dtype)}", "seconds": seconds, "losses": regressor.loss_curve_[:5]}


def predictions(what, settings, columns, rows, repetitions):
    X, y = data(1000, columns, np.float32)
    regressor = model(settings, 1).fit(X, y)
    X = np.ascontiguousarray(np.resize(X, (rows, columns)))
    return {"what": what, "seconds": timed(lambda: regressor.predict(X), repetitions), "losses": []}


tasks = []
for dtype in (np.float32, np.float64):
    tasks.append(fits("fit, 10-16-16-8-1, 512 rows, 40 epochs", SEED, 512, 10, 40, dtype))
    tasks.append(fits("fit, 8-256-256-1, 4096 rows, 10 epochs", TAB, 4096, 8, 10, dtype))
tasks.append(predictions("predict one row, 10-16-16-8-1, float32", SEED, 10, 1, 2_000))
tasks.append(predictions("predict one row, 8-256-256-1, float32", TAB, 8, 1, 2_000))
tasks.append(predictions("predict 256 rows, 8-256-256-1, float32", TAB, 8, 256, 200))
tasks.append(predictions("predict 100,000 rows, 8-256-256-1, float32", TAB, 8, 100_000, 1))

IMPORT = "import numpy, time; start = time.perf_counter(); import chainrule; print(time.perf_counter() - start)"
imports = [float(subprocess.run([sys.executable, "-c", IMPORT], check=True, capture_output=True).stdout) for _ in range(3)]
versions = {"chainrule": chainrule.__version__, "scikit-learn": sklearn.__version__, "NumPy": np.__version__}
versions["Python"] = sys.version.split()[0]
print(json.dumps({"versions": versions, "tasks": tasks, "import": sorted(imports)[1]}))
