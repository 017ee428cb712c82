"""scikit-learn as a peer: its MLPRegressor, which has no LeakyReLU.

Its loss is half of the square, so that the learning rate of plain gradient descent is doubled and Adam's epsilon halved:
the same steps.
"""

import itertools

from protocol import answer_losses, answer_row, answer_rows, answer_times, batch, mode, problem, workload
import sklearn
from sklearn.neural_network import MLPRegressor

model = MLPRegressor(
    hidden_layer_sizes=problem.widths[1:-1],
    activation={"relu": "relu", "identity": "identity"}[problem.activation],
    solver="adam" if problem.adam else "sgd",
    learning_rate_init=problem.learning_rate * (1 if problem.adam else 2),
    momentum=0.0,
    nesterovs_momentum=False,
    epsilon=0.5e-8,
    alpha=0.0,
    batch_size=problem.batch,
    shuffle=False,
    warm_start=True,
    tol=0.0,
    n_iter_no_change=10**9,
)
# One call makes the arrays; then the problem's weights go into them and the optimizer starts anew.
x, y = batch(0)
model.partial_fit(x, y.ravel())
for (w, b), coefs, intercepts in zip(problem.layers, model.coefs_, model.intercepts_):
    coefs[:], intercepts[:] = w.T, b
if problem.adam:
    for moment in (*model._optimizer.ms, *model._optimizer.vs):
        moment[:] = 0
    model._optimizer.t = 0


def losses():
    for t in itertools.count():
        x, y = batch(t)
        # The loss of this batch alone, before the step. `partial_fit` goes over its rows in batches of `batch_size`: one.
        yield 2 * model.partial_fit(x, y.ravel()).loss_


def run(n):
    # `fit` has less to do around a step than `partial_fit`: it checks its data once.
    model.set_params(max_iter=n).fit(problem.x, problem.y.ravel())


if workload == "step" and mode == "check":
    answer_losses(sklearn.__version__, losses())
elif workload == "step":
    answer_times(sklearn.__version__, run, steps_per_turn=problem.batches)
else:
    answer = answer_row if workload == "row" else answer_rows
    answer(sklearn.__version__, model.predict)
