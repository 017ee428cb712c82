"""What people try at the edges: each test is a fault that once was there."""

import pickle
import threading
import warnings

import numpy as np
import pandas
import pytest
import scipy.sparse
from chainrule import SimpleNeuralNetwork, TabularRegressor
from chainrule.models import Model
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

random = np.random.default_rng(0)
X = pandas.DataFrame(random.normal(size=(80, 3)), columns=["a", "b", "c"])
Y = 3 * X.a - 2 * X.b + 0.5 * X.c
TURNED = X[["c", "a", "b"]]
"""The same columns in another order."""


def fitted(dtype="float64", **options):
    network = SimpleNeuralNetwork(3, seed=0, dtype=dtype)
    network.add_layer(8, "tanh")
    network.add_layer(1, type="output")
    return network.fit(X, Y, epochs=3, **options)


def basic():
    return TabularRegressor(recipe="basic")


# --- names of columns ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_from_a_file_knows_its_columns(dtype, tmp_path):
    network = fitted(dtype)
    network.save(tmp_path / "network")
    again = SimpleNeuralNetwork.load(tmp_path / "network")
    assert again.feature_names == ["a", "b", "c"]
    np.testing.assert_array_equal(again.predict(TURNED), network.predict(X))
    unnamed = SimpleNeuralNetwork(3, seed=0, dtype=dtype)
    unnamed.add_layer(1, type="output")
    unnamed.fit(X.to_numpy(), Y, epochs=1).save(tmp_path / "unnamed")
    assert SimpleNeuralNetwork.load(tmp_path / "unnamed").feature_names is None


def test_columns_of_a_file_are_not_at_other_places_than_in_the_table(tmp_path):
    network = fitted("float32")
    with pytest.raises(ValueError, match="'c' at another place than the table that the network was fitted to"):
        network.save(tmp_path / "network", columns=["c", "b", "a"])
    network.save(tmp_path / "network", columns=["area", "rooms", "age"])
    assert Model(tmp_path / "network").columns == ["area", "rooms", "age"]


def test_a_fit_that_fails_leaves_the_names_of_the_weights():
    network = fitted()
    expected = network.predict(X)
    with pytest.raises(ValueError, match="nope"):
        network.fit(TURNED, Y, optimizer="nope")
    np.testing.assert_array_equal(network.predict(X), expected)
    network.fit(TURNED, Y, epochs=1, learning_rate=1e-300)
    np.testing.assert_array_equal(network.predict(X), expected)
    np.testing.assert_array_equal(network.forward_pass(TURNED), network.forward_pass(X))


def test_an_estimator_whose_fit_fails_keeps_its_columns():
    sklearn = pytest.importorskip("chainrule.sklearn")
    model = sklearn.MLPRegressor(hidden_layer_sizes=(4,), max_iter=300, random_state=0).fit(X, Y)
    expected = model.predict(X)
    for wrong in ({"loss": "nope"}, {"activation": "nope"}):
        with pytest.raises(ValueError, match="nope"):
            model.set_params(**wrong).fit(TURNED, Y)
        model.set_params(loss="squared_error", activation="relu")
    np.testing.assert_array_equal(model.predict(X), expected)


@pytest.mark.parametrize("labels", [[2019, 2020, 2021], ["a", "b", 2021], pandas.MultiIndex.from_tuples([("p", 1), ("p", 2), ("q", 1)])])
def test_labels_that_are_no_texts_are_names_too(labels):
    frame = X.set_axis(labels, axis="columns")
    model = basic().fit(frame, Y)
    np.testing.assert_array_equal(model.predict(frame.iloc[:, [2, 0, 1]]), model.predict(frame))


def test_the_names_that_an_array_is_given_are_found_in_a_frame(tmp_path):
    model = basic().fit(X.to_numpy(), Y)
    expected = model.predict(X.to_numpy())
    frame = X.set_axis(["x0", "x1", "x2"], axis="columns")[["x2", "x0", "x1"]]
    model.save(tmp_path / "model")
    for each in (model, TabularRegressor.load(tmp_path / "model")):
        np.testing.assert_array_equal(each.predict(frame), expected)
    np.testing.assert_array_equal(model.predict(X), expected)  # other names than those count by their places


def test_an_array_with_a_constant_column_opens_the_model_that_left_it_out(tmp_path):
    wide = np.column_stack([X.a, np.ones(len(X)), X.b, X.c])
    model = basic().fit(wide, Y)
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(TabularRegressor.load(tmp_path / "model").predict(wide), model.predict(wide))


def test_columns_that_the_model_does_not_read_may_hold_anything():
    model = basic().fit(X.assign(same=1.0), Y)
    other = X.assign(lists=[[1]] * len(X), mixed=[1, "a"] * (len(X) // 2), inf=np.inf, same=np.inf)
    other.columns = [*other.columns[:-2], "mixed", "same"]  # one name twice
    np.testing.assert_array_equal(model.predict(other), model.predict(X.assign(same=1.0)))
    assert model.explain(other.iloc[3]).prediction == pytest.approx(model.predict(X.assign(same=1.0))[3])


# --- values -------------------------------------------------------------------------------------------------------------------------


def test_booleans_are_one_answer_however_they_are_written(tmp_path):
    truths = pandas.DataFrame({"a": X.a, "new": X.b > 0})
    target = X.a + 5 * truths.new
    model = basic().fit(truths, target)
    expected = model.predict(truths)
    truths.to_csv(tmp_path / "truths.csv", index=False)
    np.testing.assert_allclose(model.predict(tmp_path / "truths.csv"), expected)
    for written in ("boolean", "int64", "float64", object):
        np.testing.assert_array_equal(model.predict(truths.astype({"new": written})), expected, err_msg=str(written))
    np.testing.assert_array_equal(model.predict(truths.assign(new=truths.new.map({True: "YES", False: "no"}))), expected)
    from_file = basic().fit(pandas.read_csv(tmp_path / "truths.csv").assign(y=target), "y")
    from_file.save(tmp_path / "model")
    np.testing.assert_array_equal(Model(tmp_path / "model").predict(truths), from_file.predict(truths))


def test_durations_and_numbers_are_not_taken_for_each_other():
    days = pandas.DataFrame({"a": X.a, "wait": random.integers(1, 100, len(X)).astype(float)})
    spans = days.assign(wait=pandas.to_timedelta(days.wait, unit="D"))
    with pytest.raises(TypeError, match='"wait" holds durations, and the model learnt from numbers'):
        basic().fit(days, X.a.to_numpy()).predict(spans)
    model = basic().fit(spans, days.wait.to_numpy())
    with pytest.raises(TypeError, match='"wait" holds numbers, and the model learnt from durations'):
        model.predict(days)
    assert np.isfinite(model.predict(spans.assign(wait=pandas.NaT)[:2])).all()


def test_intervals_that_too_few_rows_cannot_hold_say_so():
    model = basic().fit(X[:20], Y[:20])
    with pytest.warns(UserWarning, match="too few for intervals of 99 %"):
        model.predict_interval(X, 0.99)


def test_a_mask_is_a_gap():
    masked = np.ma.array(X.to_numpy(), mask=np.zeros(X.shape, bool))
    masked[3, 1] = np.ma.masked
    gap = X.to_numpy().copy()
    gap[3, 1] = np.nan
    model = basic().fit(masked, Y)
    np.testing.assert_array_equal(model.predict(masked), model.predict(gap))
    with pytest.raises(ValueError, match="X is nan in row 3, column 1"):
        fitted().fit(masked, Y)
    y = np.ma.array(np.array(Y), mask=np.arange(len(Y)) == 5, fill_value=-999)
    y.data[5] = -999
    assert basic().fit(X, y).predict(X).min() > -50


def test_what_no_network_can_use_is_named():
    network = fitted()
    for value in (np.inf, np.nan):
        with pytest.raises(ValueError, match='row 2, column "b"'):
            network.predict(X.assign(b=np.where(np.arange(len(X)) == 2, value, X.b)))
    with pytest.raises(ValueError, match='X is nan in row 1, column "a"'):
        network.predict(pandas.DataFrame({"a": [1.0, pandas.NA], "b": 0.0, "c": 0.0}).astype({"a": "Float64"}))
    with pytest.raises(TypeError, match=r'Timestamp in row 0, column "b"'):
        network.fit(X.assign(b=pandas.Timestamp("2020-01-01")), Y)
    with pytest.raises(TypeError, match="found dict"):
        network.predict({"a": 1})
    with pytest.raises(TypeError, match="learning_rate is None: it has to be a number"):
        network.fit(X, Y, learning_rate=None)
    with pytest.raises(TypeError, match="callbacks has to be a function that takes a dict, or several, found 5"):
        network.fit(X, Y, callbacks=5)
    with pytest.raises(TypeError, match=r"num_neurons is 2\.7: it has to be an integer"):
        type(network.nn_array[0])(2, 2.7, "relu")


def test_sparse_rows_are_made_dense():
    kinds = pandas.DataFrame({"kind": ["a", "b", "c", "d"] * 20})
    target = kinds.kind.map({"a": 1.0, "b": 2.0, "c": 5.0, "d": 9.0})
    model = make_pipeline(OneHotEncoder(), basic()).fit(kinds, target)
    assert model.score(kinds, target) > 0.9
    rows = scipy.sparse.csr_matrix(X.to_numpy())
    network = SimpleNeuralNetwork(3, seed=0)
    network.add_layer(1, type="output")
    np.testing.assert_array_equal(network.fit(rows, Y, epochs=1).predict(rows), network.predict(X.to_numpy()))


def test_what_is_not_computed_yet_is_asked_for():
    dask = pytest.importorskip("dask.dataframe")
    polars = pytest.importorskip("polars")
    model, network = basic().fit(X, Y), fitted()
    for lazy, method in ((dask.from_pandas(X, npartitions=2), "compute"), (polars.from_pandas(X).lazy(), "collect")):
        for each in (model, network):
            with pytest.raises(TypeError, match=rf"X is not computed yet .*: call \.{method}\(\) on it"):
                each.predict(lazy)


def test_categories_of_intervals_and_of_several_types_are_levels():
    frame = X.assign(cut=pandas.cut(X.a, 4), mixed=pandas.Categorical(([1, "one"] * len(X))[: len(X)]))
    model = basic().fit(frame, Y)
    assert model.columns_["cut"] == "a category of 4 levels"
    assert np.isfinite(model.predict(frame)).all()


def test_targets_and_weights_of_other_kinds_are_named():
    with pytest.raises(TypeError, match="y is 2: give a Series"):
        basic().fit(X, 2)
    with pytest.raises(TypeError, match="sample_weight has to hold real numbers"):
        basic().fit(X, Y, sample_weight=["a"] * len(X))


def test_truths_can_be_predicted_as_numbers():
    np.testing.assert_array_equal(basic().fit(X, list(X.a > 0)).predict(X), basic().fit(X, list((X.a > 0).astype(float))).predict(X))


# --- state --------------------------------------------------------------------------------------------------------------------------


def test_a_callback_that_trains_its_own_network_is_refused():
    network = SimpleNeuralNetwork(3, seed=0)
    network.add_layer(1, type="output")
    done = threading.Event()

    def again():
        with pytest.raises(RuntimeError, match="fit was called within a training of the same model"):
            network.fit(X, Y, epochs=2, callbacks=lambda _: network.fit(X, Y, epochs=1))
        done.set()

    threading.Thread(target=again, daemon=True).start()
    assert done.wait(30)
    other = fitted()
    network.fit(X, Y, epochs=2, callbacks=lambda _: other.fit(X, Y, epochs=1))


def test_a_loss_that_is_assigned_is_the_whole_networks():
    network = fitted()
    network.loss_func = "mae"
    network.forward_pass(X)
    network.backward_pass(Y, learning_rate=0.0)
    _, weights, _ = network.loss_and_gradients(X, Y)
    np.testing.assert_allclose(network.nn_array[-1].dC_dW, weights[-1].reshape(-1))
    assert pickle.loads(pickle.dumps(network)).loss_func.text == network.loss_func.text


def test_going_on_takes_an_activation_that_has_changed():
    sklearn = pytest.importorskip("chainrule.sklearn")
    model = sklearn.MLPRegressor(hidden_layer_sizes=(4,), warm_start=True, max_iter=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, Y).set_params(activation="tanh").fit(X, Y)
    assert model._network.activations == ["tanh"]


def test_figures_take_the_target_by_its_name():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyarrow = pytest.importorskip("pyarrow")
    frame = X.assign(y=Y)
    model = basic().fit(frame, "y")
    for table, y in ((frame, "y"), (pyarrow.Table.from_pandas(frame), None)):
        assert model.plot_predictions(table, y) is not None
    with pytest.raises(ValueError, match="X has 80 rows and y has 3"):
        model.plot_predictions(X, Y[:3])
    pyplot.close("all")


def test_a_network_shows_how_far_it_is_where_somebody_looks(monkeypatch, capsys):
    network = fitted(verbose=True)
    assert capsys.readouterr().err == ""  # nobody looks at a pipe
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    monkeypatch.setattr("chainrule._progress._SECONDS", 0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    network.fit(X, Y, epochs=3, verbose=True)
    shown = capsys.readouterr().err
    assert "epoch 3/3 of 1 network" in shown and shown.endswith("\r")


def test_columns_in_a_dict_are_a_table():
    columns = {"a": X.a.tolist(), "kind": ["x", "y"] * 40, "b": X.b.to_numpy()}
    frame = pandas.DataFrame(columns)
    model = basic().fit(columns, Y.tolist())
    assert model.feature_names_in_.tolist() == ["a", "kind", "b"]
    np.testing.assert_array_equal(model.predict(columns), basic().fit(frame, Y).predict(frame))
    np.testing.assert_array_equal(basic().fit({**columns, "y": Y}, "y").predict(columns), model.predict(frame))
    with pytest.raises(ValueError, match="X has columns of different lengths: 79, 80 rows"):
        model.predict({**columns, "a": X.a[1:]})
    with pytest.raises(ValueError, match='X, column "a" has to be one column, found an array of the shape'):
        model.predict({"a": 1.0, "kind": "x", "b": 2.0})
