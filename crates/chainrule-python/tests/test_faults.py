"""What goes wrong is an Exception that says what: no panic, no abort, no changed prediction."""

import pickle
import re
import threading
from pathlib import Path

import numpy as np
import pytest
from chainrule import _core
from chainrule.models import Model
from chainrule.neural_networks import DenseLayer, SimpleNeuralNetwork
from chainrule.sklearn import MLPRegressor

SOURCES = Path(__file__).parent.parent / "src"
X = np.linspace(-1, 1, 60).reshape(20, 3)
Y = X[:, 0] * X[:, 1]


def network(dtype="float64"):
    result = SimpleNeuralNetwork(3, seed=0, dtype=dtype)
    result.add_layer(4, "leaky_relu(0.01)")
    result.add_layer(1, type="output")
    return result.fit(X, Y, epochs=2)


@pytest.mark.skipif(not SOURCES.is_dir(), reason="the sources are not here")
def test_every_function_that_can_fail_turns_panics_into_errors():
    found = 0
    for path in sorted(SOURCES.glob("*.rs")):
        source = path.read_text()
        functions = [part[: part.index("\n}\n")] for part in source.split("#[pyfunction]")[1:]]
        for block in source.split("#[pymethods]")[1:]:
            block = block[: block.index("\n}\n")]
            functions += [part for part in re.split(r"\n {4}fn ", block)[1:] if "PyResult<" in part.split("{\n")[0]]
        for function in functions:
            assert "caught(" in function, f"{path.name}: {function[:200]}"
        found += len(functions)
    assert found >= 28, found


def damaged(content):
    """The pickle with one byte changed, at 1,700 places spread over it."""
    random = np.random.default_rng(1)
    for place in random.choice(len(content), min(1700, len(content)), replace=False):
        changed = bytearray(content)
        changed[place] ^= int(random.integers(1, 256))
        yield int(place), bytes(changed)


@pytest.mark.parametrize(
    "make",
    [
        network,
        lambda: network("float32"),
        lambda: MLPRegressor(hidden_layer_sizes=(4,), max_iter=3, random_state=0, tol=0.0).fit(X, Y),
        lambda: DenseLayer(3, 4, "leaky_relu(0.01)", seed=0),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_changed_byte_of_a_pickle_is_an_error_or_changes_nothing(make):
    original = make()
    predict = lambda model: getattr(model, "predict", None) or model.batch_input
    expected = predict(original)(X)
    content = pickle.dumps(original)
    assert np.array_equal(predict(pickle.loads(content))(X), expected)
    refused = 0
    for place, changed in damaged(content):
        try:
            found = predict(pickle.loads(changed))(X)
        except Exception:
            refused += 1
        else:
            assert np.array_equal(found, expected), f"byte {place}"
    assert refused > 0.9 * min(1700, len(content))


def test_a_million_threads_are_as_many_as_there_are_processors():
    before = threading.active_count()
    expected = SimpleNeuralNetwork(3, seed=0)
    many = SimpleNeuralNetwork(3, seed=0)
    for result in (expected, many):
        result.add_layer(4, "relu")
        result.add_layer(1, type="output")
    expected.fit(X, Y, epochs=2)
    many.fit(X, Y, epochs=2, threads=10**6)
    assert np.array_equal(many.predict(X), expected.predict(X))
    assert threading.active_count() == before
    core = _core.Network([np.ones((2000, 2000))], [np.ones(2000)], [], "mean_square_error")
    rows = np.ones((100, 2000))
    assert np.array_equal(core.predict(rows, 10**6), core.predict(rows, 1))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["estimator", "network"])
def test_two_threads_may_use_and_fit_one_model_at_the_same_time(kind):
    rows = np.random.default_rng(0).normal(size=(20_000, 3))
    if kind == "estimator":
        model = MLPRegressor(max_iter=3, random_state=0, hidden_layer_sizes=(20,))
        fit, go_on = lambda: model.fit(rows, rows[:, 0]), lambda: model.partial_fit(rows, rows[:, 0])
        weights = lambda: model.coefs_
    else:
        model = network()
        fit = go_on = lambda: model.fit(rows, rows[:, 0], epochs=2)
        weights = lambda: [layer.W for layer in model.nn_array]
    fit()
    expected, wrong = model.predict(rows), []

    def run(work):
        try:
            work()
        except BaseException as error:
            wrong.append(error)

    works = [go_on, lambda: model.predict(rows), lambda: model.predict(rows[:1]), weights, lambda: pickle.dumps(model)] * 2
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong
    if kind == "estimator":  # fits follow each other: each is what it would be alone
        threads = [threading.Thread(target=run, args=(fit,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong, wrong
        np.testing.assert_array_equal(model.predict(rows), expected)


def test_what_no_machine_has_room_for_is_a_memory_error():
    with pytest.raises(MemoryError, match=r"a layer of W \(100000000, 1000000\) needs about 1\.6 PB of memory, and"):
        DenseLayer(10**6, 10**8, "relu")
    wide = SimpleNeuralNetwork(10**6)
    with pytest.raises(MemoryError):
        wide.add_layer(10**8, "relu")
    with pytest.raises(MemoryError, match="training a network of"):
        MLPRegressor(hidden_layer_sizes=(10**8, 10**6)).fit(X, Y)
    column, row = np.ones((10**6, 1)), np.ones((10**7, 1))
    with pytest.raises(MemoryError, match=r"an array of f64 with the shape \(1000000, 10000000\)"):
        _core.affine_forward(column, row, np.ones(10**7))


def test_a_model_of_repeated_columns_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    with pytest.raises(ValueError, match='the name "a" is given twice'):
        network("float32").save(path, columns=["a", "b", "a"])
    with pytest.raises(ValueError, match='the name "b" is given twice'):
        network("float32").save(path, columns=["a", "b", "c"], target="b")
    assert not path.exists()


def test_a_pipe_in_a_models_place_is_refused(tmp_path):
    os = pytest.importorskip("os")
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no pipes with names here")
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(ValueError, match="it is a pipe or a device, not a file"):
        Model(path)


STRANGE = [
    np.zeros((0, 0)),
    np.zeros((0, 3)),
    np.zeros((3, 0)),
    np.ones((2, 3)),
    np.full((2, 3), np.nan),
    np.full((2, 3), np.inf),
    np.ones((2, 3), np.float32),
    np.ones(3),
    np.ones((1, 1, 1)),
    np.ones((2, 3), np.int64),
    np.asfortranarray(np.ones((2, 3))),
    None,
    "x",
]


def test_strange_arguments_are_errors_and_never_panics():
    core = _core.Network([np.ones((1, 3))], [np.ones(1)], [], "mean_square_error")
    calls = [
        lambda a, b, c: _core.affine_forward(a, b, c),
        lambda a, b, c: _core.affine_backward(a, b, c),
        lambda a, b, c: _core.activation_forward("relu", a),
        lambda a, b, c: _core.activation_derivative("mish", a),
        lambda a, b, c: _core.loss_and_gradient("huber", a, b),
        lambda a, b, c: _core.Network([a], [b], [], "mean_square_error"),
        lambda a, b, c: core.predict(a, 10**9),
        lambda a, b, c: core.predict_row(a),
        lambda a, b, c: core.loss_and_gradients(a, b, c),
        lambda a, b, c: core.objective(c, a, b),
        lambda a, b, c: core.gradient_check(a, b),
        lambda a, b, c: _core.network_from_bytes(a.tobytes() if isinstance(a, np.ndarray) else a),
    ]
    for call in calls:
        for a in STRANGE:
            for b in STRANGE:
                for c in STRANGE[:8]:
                    try:
                        call(a, b, c)
                    except Exception as error:
                        assert "a fault of chainrule" not in str(error), error
