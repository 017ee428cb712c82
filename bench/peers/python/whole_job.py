"""The whole job in scikit-learn: read a table, scale it, train for some epochs, write a model file.

    python whole_job.py TABLE.csv TARGET EPOCHS MODEL_FILE
"""

import sys
import warnings

import joblib
import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

table, target, epochs, model_file = sys.argv[1:5]
with open(table) as stream:
    names = stream.readline().strip().split(",")
values = np.loadtxt(table, delimiter=",", skiprows=1)
column = names.index(target)
x, y = np.delete(values, column, axis=1), values[:, column]

network = MLPRegressor(
    hidden_layer_sizes=(16, 16, 8),
    activation="relu",
    solver="adam",
    learning_rate_init=1e-3,
    alpha=0.0,
    batch_size=32,
    max_iter=int(epochs),
    # Every epoch is made.
    tol=0.0,
    n_iter_no_change=int(epochs) + 1,
    random_state=0,
)
# Both scale inputs and target, as `chainrule train` does.
model = TransformedTargetRegressor(make_pipeline(StandardScaler(), network), transformer=StandardScaler())
warnings.simplefilter("ignore")  # It says that it could go on.
model.fit(x, y)
made = model.regressor_[-1].n_iter_
if made != int(epochs):
    sys.exit(f"error: {made} epochs instead of {epochs}")
joblib.dump(model, model_file)
