"""The comfortable interface: fit, predict, history, gradient check, interruption."""

import copy
import pickle
import threading
import time

import numpy as np
import pandas
import polars
import pyarrow
import pytest
from chainrule import StopTraining, _core
from chainrule.neural_networks import SimpleNeuralNetwork


def network(dtype=np.float64, loss="mean_square_error", widths=(8, 4), inputs=3, seed=0):
    result = SimpleNeuralNetwork(inputs, loss, dtype=dtype, seed=seed)
    for width in widths:
        result.add_layer(width, "tanh")
    result.add_layer(1, type="output")
    return result


def rows(n=60, inputs=3, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, inputs))
    return X, X[:, 0] * X[:, 1] + 0.1 * X[:, 2]


@pytest.mark.parametrize("optimizer", ["gradient_descent", "momentum", "nesterov", "adam", "adam_w"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_optimizer_learns_in_both_precisions(optimizer, dtype):
    X, y = rows()
    one = network(dtype).fit(X, y, epochs=60, optimizer=optimizer, learning_rate=0.01)
    losses = one.history["training_loss"]
    assert len(losses) == 60 and losses[-1] < 0.8 * losses[0]
    assert one.outcome == "finished"
    assert one.predict(X).dtype == dtype


@pytest.mark.parametrize(
    ("name", "other"), [("gradient_descent", "sgd"), ("gradient_descent", "SGD"), ("adam_w", "adamw"), ("adam_w", "AdamW")]
)
def test_optimizers_are_known_by_other_libraries_names(name, other):
    X, y = rows()
    losses = [network().fit(X, y, epochs=3, optimizer=called).history["training_loss"] for called in (name, other)]
    assert losses[0] == losses[1]


def test_activations_and_losses_are_known_by_other_libraries_names():
    found = SimpleNeuralNetwork(2, "mse")
    for name in ("swish", "LeakyReLU", "linear"):
        found.add_layer(3, name)
    found.add_layer(1, type="output")
    assert [layer.activ_func.text for layer in found.nn_array[:-1]] == ["silu", "leaky_relu(0.01)", "identity"]
    assert found.loss_func.text == "mean_square_error"


def test_a_layer_shows_itself():
    dense, out = SimpleNeuralNetwork(3, "huber(2)"), None
    dense.add_layer(4, "relu")
    dense.add_layer(1, type="output")
    dense, out = dense.nn_array
    assert repr(dense) == "DenseLayer(3, 4, 'relu'): W(4, 3), b(4), float64"
    assert repr(out) == "OutLayer(4, 1, 'huber(2)'): W(4), b(1), float64"


def test_the_same_seed_gives_the_same_bits_for_any_number_of_threads():
    X, y = rows(600)
    trained = [network().fit(X, y, epochs=3, batch_size=300, seed=5, threads=t) for t in (1, 2, 3)]
    for other in trained[1:]:
        for a, b in zip(trained[0].nn_array, other.nn_array, strict=True):
            assert (a.W == b.W).all() and (a.b == b.b).all()
    assert network().fit(X, y, epochs=3, seed=6).history != network().fit(X, y, epochs=3, seed=5).history


def test_validation_rows_choose_the_best_epoch_and_patience_ends_the_training():
    X, y = rows(40)
    held = rows(40, seed=1)
    one = network(widths=(64,)).fit(X, y, epochs=5000, learning_rate=0.01, validation_data=held, patience=20)
    losses = one.history["validation_loss"]
    assert one.outcome == "stopped early" and len(losses) < 5000
    assert np.mean((one.predict(held[0]) - held[1]) ** 2) == pytest.approx(min(losses), rel=1e-12)


def test_callbacks_see_every_epoch_and_can_end_the_training():
    X, y = rows()
    seen = []

    def stop_at_seven(record):
        if record["epoch"] == 7:
            raise StopTraining
        return True  # as a progress bar's update may do

    one = network().fit(X, y, epochs=50, callbacks=[stop_at_seven, seen.append])
    assert [record["epoch"] for record in seen] == list(range(1, 8))
    assert one.outcome == "stopped by the callback"
    assert one.history["training_loss"] == [record["training_loss"] for record in seen]


def test_an_exception_in_a_callback_comes_through_and_the_epoch_is_kept():
    X, y = rows()
    one, untouched = network(), network()

    def fails(record):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        one.fit(X, y, epochs=50, callbacks=fails)
    assert len(one.history["epoch"]) == 1
    assert (one.nn_array[0].W != untouched.nn_array[0].W).any()


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_promptly_and_keeps_what_was_reached(interrupt_after, threads):
    X, y = rows(2000)
    one = network()
    interrupt_after(0.3)
    start = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        one.fit(X, y, epochs=10**7, batch_size=256, threads=threads)
    assert time.perf_counter() - start < 3
    assert len(one.history["epoch"]) > 0
    assert one.loss_and_gradients(X, y)[0] < network().loss_and_gradients(X, y)[0]


@pytest.mark.parametrize("work", ["gradient_check", "predict"])
def test_ctrl_c_ends_long_work_promptly(interrupt_after, work):
    # The one takes minutes, the other many seconds.
    one = network(widths=(1000, 1000))
    X, y = rows(100 if work == "gradient_check" else 400_000)
    interrupt_after(0.3)
    start = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        one.gradient_check(X, y) if work == "gradient_check" else one.predict(X)
    assert time.perf_counter() - start < 3


def test_a_long_prediction_in_pieces_is_that_of_its_parts():
    one = network(widths=(1000, 500))
    X, _ = rows(10_000)
    parts = [one.predict(X[:3_000]), one.predict(X[3_000:])]
    np.testing.assert_array_equal(one.predict(X), np.concatenate(parts))


def test_the_interpreter_is_free_while_a_network_trains():
    X, y = rows(2000)
    counts = []
    training = threading.Thread(target=lambda: network().fit(X, y, epochs=200, batch_size=500))
    training.start()
    while training.is_alive():
        counts.append(len(counts))
        time.sleep(0.001)
    assert len(counts) > 3


def test_gradients_agree_with_finite_differences_and_the_report_shows_them():
    X, y = rows(20)
    report = network(loss="huber(0.7)").gradient_check(X, y, l2_penalty=0.1)
    assert report.max_relative_error < 1e-7
    assert [p.parameter for p in report.parameters] == ["W", "b"] * 3
    assert sum(p.checked for p in report.parameters) == 3 * 8 + 8 + 8 * 4 + 4 + 4 + 1
    assert "derivatives compared" in str(report)
    with pytest.raises(TypeError, match="finite differences need float64"):
        network(np.float32).gradient_check(X, y)


def test_weights_and_a_penalty_count_as_their_definition_says():
    X, y = rows(10)
    w = np.arange(10.0)
    one = network()
    loss, dc_dw, dc_db = one.loss_and_gradients(X, y, sample_weight=w, l2_penalty=0.5)
    squares = sum((layer.W**2).sum() for layer in one.nn_array)
    assert loss == pytest.approx(np.average((one.predict(X) - y) ** 2, weights=w) + 0.25 * squares, rel=1e-12)
    repeated = np.repeat(np.arange(10), np.arange(10))
    _, repeated_dw, _ = one.loss_and_gradients(X[repeated], y[repeated], l2_penalty=0.5)
    for a, b in zip(dc_dw, repeated_dw, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)
    assert [g.shape for g in dc_db] == [(8,), (4,), (1,)]


@pytest.mark.parametrize("loss", ["poisson_deviance", "gamma_deviance"])
def test_deviances_predict_the_mean(loss):
    X, _ = rows(200)
    y = np.exp(0.5 * X[:, 0])
    one = network(loss=loss).fit(X, y, epochs=200, learning_rate=0.01)
    np.testing.assert_allclose(one.predict(X), np.exp(one.forward_pass(X)), rtol=1e-12)
    assert np.corrcoef(one.predict(X), y)[0, 1] > 0.98
    with pytest.raises(ValueError, match="y is -1 in row 3: for the loss"):
        one.fit(X, np.where(np.arange(200) == 3, -1, y))


def test_a_table_of_layers_for_notebooks():
    html = network()._repr_html_()
    assert html.startswith("<table><tr><th>layer</th>") and "(8, 3)" in html and "tanh" in html


def test_diverging_is_a_value_error_and_leaves_finite_weights():
    X, y = rows()
    one = network(widths=())
    with pytest.raises(ValueError, match="training diverged at step"):
        one.fit(X, y, epochs=500, optimizer="gradient_descent", learning_rate=1e3)
    assert all(np.isfinite(layer.W).all() for layer in one.nn_array)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"optimizer": "sdg"}, ValueError, "not an optimizer; choose one of gradient_descent"),
        ({"schedule": "linear"}, ValueError, "choose constant or cosine"),
        ({"learning_rate": -1.0}, ValueError, "the learning rate is -1"),
        ({"batch_size": 0}, ValueError, "the batch size is 0"),
        ({"epochs": -1}, ValueError, "epochs is -1: it has to be at least 0"),
        ({"epochs": 1.5}, TypeError, "epochs is 1.5: it has to be an integer"),
        ({"sample_weight": [1.0]}, ValueError, "sample_weight has to hold .* for each of 60 rows"),
        ({"sample_weight": [-1.0] * 60}, ValueError, "at least 0"),
        ({"validation_data": ([[1.0]], [1.0])}, ValueError, r"X of validation_data \(1, 1\)"),
        ({"validation_data": [[1.0]]}, TypeError, "has to be a pair"),
    ],
)
def test_settings_without_meaning_are_refused(options, kind, message):
    with pytest.raises(kind, match=message):
        network().fit(*rows(), **options)


def test_no_rows_and_wrong_rows_are_refused():
    one = network()
    with pytest.raises(ValueError, match="X has 0 rows"):
        one.fit(np.zeros((0, 3)), np.zeros(0))
    with pytest.raises(ValueError, match=r"y \(2,\) has to have the shape \(3,\) or \(3, 1\)"):
        one.fit(np.zeros((3, 3)), np.zeros(2))
    with pytest.raises(ValueError, match="y is NaN in row 1"):
        one.fit(np.zeros((3, 3)), [0.0, np.nan, 0.0])
    assert one.predict(np.zeros((0, 3))).shape == (0,)


def test_networks_can_be_copied_and_pickled():
    X, y = rows()
    one = network().fit(X, y, epochs=3)
    for other in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert (other.predict(X) == one.predict(X)).all()
        other.fit(X, y, epochs=1)
    core = one._network("the test")
    again = pickle.loads(pickle.dumps(core))
    assert (again.parameters() == core.parameters()).all() and again.activations == ["tanh", "tanh"]


def test_a_pickled_network_is_the_bytes_of_a_model_file():
    core = network()._network("the test")
    read, (stored,) = core.__reduce__()
    assert stored[8:].startswith(b'{"__metadata__":{"chainrule":')
    assert (read(stored).parameters() == core.parameters()).all()
    with pytest.raises(ValueError, match="the network is damaged"):
        read(stored[:-1])
    with pytest.raises(ValueError, match="the network is damaged"):
        read(stored[:-1] + bytes([stored[-1] ^ 1]))


def test_contiguous_arrays_are_read_where_they_are_and_others_are_copied():
    X, _ = rows(1000)
    one = network()
    expected = one.predict(X)
    X.flags.writeable = False
    assert (one.predict(X) == expected).all()
    assert (one.predict(np.asfortranarray(X)) == expected).all()
    wide = np.zeros((2000, 6))
    wide[::2, ::2] = X
    assert (one.predict(wide[::2, ::2]) == expected).all()
    packed = np.zeros(1000, dtype=[("flag", "u1"), ("x", "f8", 3)])  # not aligned
    packed["x"] = X
    assert (one.predict(packed["x"]) == expected).all()
    assert (one.predict(X.astype(">f8")) == expected).all()


def test_the_core_refuses_what_it_cannot_read():
    X, y = rows()
    core = network()._network("the test")
    for wrong in (X.tolist(), X.astype(np.float32), np.asfortranarray(X), X[:, 0], None, X.astype(int)):
        with pytest.raises(TypeError, match="X has to be a C-contiguous NumPy array of f64"):
            core.predict(wrong)
    with pytest.raises(ValueError, match=r"X \(60, 2\) for a network of 3 inputs"):
        core.predict(np.ascontiguousarray(X[:, :2]))
    with pytest.raises(ValueError, match="X has 60 rows, y has 59"):
        core.loss_and_gradients(X, y[1:, None].copy())
    with pytest.raises(ValueError, match=r"y \(60, 2\) for a network of 1 outputs"):
        core.loss_and_gradients(X, np.zeros((60, 2)))
    with pytest.raises(ValueError, match="3 parameters for a network of 73"):
        core.set_parameters(np.zeros(3))
    with pytest.raises(ValueError, match=r"layer 1 has W \(1, 3\), but the layer below has 2 neurons"):
        _core.Network([np.ones((2, 2)), np.ones((1, 3))], [np.ones(2), np.ones(1)], ["relu"], "mse")
    with pytest.raises(ValueError, match="W needs one row for each bias"):
        _core.Network([np.ones((2, 2))], [np.ones(1)], [], "mse")
    with pytest.raises(ValueError, match="1 weights, 1 biases and 1 activations"):
        _core.Network([np.ones((1, 2))], [np.ones(1)], ["relu"], "mse")
    solver = _core.Solver(core, "adam", [0.9, 0.999, 1e-8])
    arguments = {"batch_size": 8, "alpha": 0.0, "factor": 0.5, "learning_rate": 0.1}
    with pytest.raises(ValueError, match="row 60 of 60 rows"):
        solver.epoch(core, X, y[:, None], None, np.array([60], dtype=np.uint32), **arguments)
    other = network(widths=())._network("the test")
    with pytest.raises(ValueError, match="another network's"):
        solver.epoch(other, X, y[:, None], None, np.arange(5, dtype=np.uint32), **arguments)
    with pytest.raises(TypeError, match="differ in precision"):
        solver.epoch(network(np.float32)._network("it"), X, y[:, None], None, np.arange(5, dtype=np.uint32), **arguments)


def test_one_row_takes_the_short_way_and_everything_else_does_not():
    X, _ = rows()
    core = network()._network("the test")
    expected = core.predict(X)
    for r in range(60):
        row = core.predict_row(X[r : r + 1])
        assert row.shape == (1,)
        np.testing.assert_allclose(row, expected[r], rtol=1e-13, atol=1e-15)
    for other in (X, X[:0], X[0], X[:1].astype(np.float32), X[:1, :2], [[1.0, 2.0, 3.0]], X[:1] * np.nan, None):
        assert core.predict_row(other) is None
    core.set_parameters(np.zeros(73))
    assert core.predict_row(X[:1]).tolist() == [0.0]


def named(order="abc", rows=40):
    random = np.random.default_rng(3)
    frame = pandas.DataFrame({name: random.normal(size=rows) for name in "abc"})
    return frame[list(order)], (frame.a - 2 * frame.b).to_numpy()


def test_a_fitted_network_takes_columns_by_name_or_refuses():
    frame, y = named()
    one = network(inputs=3).fit(frame, y, epochs=5)
    expected = one.predict(frame)
    other, _ = named("bca")
    for table in (other, other.assign(d=1.0), polars.from_pandas(other), pyarrow.Table.from_pandas(other)):
        np.testing.assert_array_equal(one.predict(table), expected)
    assert one.gradient_check(other, y).max_relative_error == one.gradient_check(frame, y).max_relative_error
    assert one.loss_and_gradients(other, y)[0] == one.loss_and_gradients(frame, y)[0]
    for wrong in (frame.rename(columns={"b": "B"}), other.drop(columns="b")):
        with pytest.raises(ValueError, match="X has no column 'b'"):
            one.predict(wrong)
    with pytest.raises(ValueError, match="X of validation_data has no column 'a'"):
        network(inputs=3).fit(frame, y, validation_data=(frame.rename(columns={"a": "A"}), y))
    np.testing.assert_array_equal(one.predict(frame.to_numpy()), expected)
    assert pickle.loads(pickle.dumps(one)).feature_names == ["a", "b", "c"]
    assert one.fit(frame.to_numpy(), y, epochs=1).feature_names is None


def test_texts_and_times_in_x_are_refused_by_their_place():
    frame, y = named()
    one = network(inputs=3)
    with pytest.raises(TypeError, match="X has to hold real numbers, found the text 'Ulm' in row 5, column \"b\": make numbers"):
        one.fit(frame.assign(b=["Ulm" if row == 5 else "1.5" for row in range(40)]), y)
    times = pandas.DataFrame({name: pandas.date_range("2024-01-01", periods=40) for name in "abc"})
    for table in (times, times.to_numpy(), polars.from_pandas(times)):
        with pytest.raises(TypeError, match="X has to hold real numbers, found datetime64"):
            one.fit(table, y)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, None])
def test_what_is_no_finite_number_is_named_by_row_and_column(bad):
    frame, y = named()
    broken = frame.astype(object)
    broken.iloc[7, 1] = bad
    one = network(inputs=3)
    for use in (one.fit, one.gradient_check, one.loss_and_gradients):
        with pytest.raises(ValueError, match='X is .* in row 7, column "b"'):
            use(broken, y)
        with pytest.raises(ValueError, match="X is .* in row 7, column 1"):
            use(broken.to_numpy(), y)
    with pytest.raises(ValueError, match='X of validation_data is .* in row 7, column "b"'):
        one.fit(frame, y, validation_data=(broken, y))


def test_weights_that_count_nothing_or_less_are_refused():
    frame, y = named()
    one = network(inputs=3)
    for weights in (np.zeros(40), -np.ones(40), np.ones(39), np.full(40, np.nan)):
        for use in (one.fit, one.loss_and_gradients):
            with pytest.raises(ValueError, match="sample_weight"):
                use(frame, y, sample_weight=weights)


@pytest.mark.parametrize("size", [2.7, "2", 0, -1])
def test_sizes_are_whole_numbers_from_1_on(size):
    with pytest.raises((TypeError, ValueError), match="num_neurons is"):
        SimpleNeuralNetwork(2).add_layer(size, "relu")
    with pytest.raises((TypeError, ValueError), match="input_size is"):
        SimpleNeuralNetwork(size)
