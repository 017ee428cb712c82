"""JAX as a peer: a step compiled by `jit` and called from Python, or with the argument `loop` the whole training compiled."""

import itertools
from functools import partial

from protocol import answer_losses, answer_row, answer_rows, answer_times, batch, mode, problem, variant, workload
import jax
import jax.numpy as jnp
import numpy as np

# W as (i,o): XLA's products are as fast either way, and this is how JAX's own libraries keep it.
parameters = [(jnp.asarray(w.T), jnp.asarray(b)) for w, b in problem.layers]
function = {
    "relu": lambda z: jnp.maximum(z, 0),
    "leaky_relu": lambda z: jnp.where(z > 0, z, 0.01 * z),
    "identity": lambda z: z,
}[problem.activation]


def predict(parameters, x):
    for w, b in parameters[:-1]:
        x = function(x @ w + b)
    w, b = parameters[-1]
    return x @ w + b


def loss(parameters, x, y):
    return jnp.mean((predict(parameters, x) - y) ** 2)


def zeros():
    return jax.tree.map(jnp.zeros_like, parameters) if problem.adam else ()


def adam(p, g, m, v, t):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    m_hat = m / (1 - 0.9**t)
    v_hat = v / (1 - 0.999**t)
    return p - problem.learning_rate * m_hat / (jnp.sqrt(v_hat) + 1e-8), m, v


def step(state, data):
    parameters, first, second, t = state
    value, gradients = jax.value_and_grad(loss)(parameters, *data)
    t = t + 1
    if problem.adam:
        updated = jax.tree.map(lambda *leaves: adam(*leaves, t), parameters, gradients, first, second)
        parameters, first, second = jax.tree.transpose(
            jax.tree.structure(parameters), jax.tree.structure((0, 0, 0)), updated
        )
    else:
        parameters = jax.tree.map(lambda p, g: p - problem.learning_rate * g, parameters, gradients)
    return (parameters, first, second, t), value


# All batches, one after another; gives their losses.
def one_round(state, xs, ys):
    return jax.lax.scan(step, state, (xs, ys))


# So many rounds, in one compiled program.
@partial(jax.jit, donate_argnums=0)
def rounds(state, xs, ys, count):
    return jax.lax.fori_loop(0, count, lambda _, state: one_round(state, xs, ys)[0], state)


def losses_of_rounds(state, xs, ys):
    compiled = jax.jit(one_round)
    while True:
        state, losses = compiled(state, xs, ys)
        yield from np.asarray(losses)


def losses_of_steps(state, batches):
    for x, y in batches:
        state, value = compiled_step(state, (x, y))
        yield value


compiled_step = jax.jit(step, donate_argnums=0)
state = (parameters, zeros(), zeros(), jnp.float32(0))


def run_rounds(n):
    global state
    state = jax.block_until_ready(rounds(state, xs, ys, n))


def run_steps(n):
    global state
    for x, y in itertools.islice(cycle, n):
        state, _ = compiled_step(state, (x, y))
    jax.block_until_ready(state)


if workload == "step" and variant == "loop":
    xs = jnp.asarray(problem.x.reshape(problem.batches, problem.batch, -1))
    ys = jnp.asarray(problem.y.reshape(problem.batches, problem.batch, -1))
    if mode == "check":
        answer_losses(jax.__version__, losses_of_rounds(state, xs, ys))
    else:
        answer_times(jax.__version__, run_rounds, steps_per_turn=problem.batches)
elif workload == "step":
    cycle = itertools.cycle([tuple(map(jnp.asarray, batch(t))) for t in range(problem.batches)])
    if mode == "check":
        answer_losses(jax.__version__, losses_of_steps(state, cycle))
    else:
        answer_times(jax.__version__, run_steps)
else:
    jitted = jax.jit(predict)
    answer = answer_row if workload == "row" else answer_rows
    answer(jax.__version__, lambda x: np.asarray(jitted(parameters, x)))
