"""The model file: written here and opened here, and, where the command is there, written and opened by the command line."""

import copy
import os
import pickle
import shutil
import subprocess
from pathlib import Path

import joblib
import numpy as np
import pytest
from chainrule import TabularRegressor
from chainrule.models import Model
from chainrule.neural_networks import SimpleNeuralNetwork


def trained(dtype=np.float32, widths=(8, 4), loss="mean_square_error"):
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 3)).astype(np.float32)
    network = SimpleNeuralNetwork(3, loss, seed=0, dtype=dtype)
    for width in widths:
        network.add_layer(width, "leaky_relu(0.1)")
    network.add_layer(1, type="output")
    return network.fit(X, X[:, 0] ** 2, epochs=5, optimizer="nesterov", learning_rate=0.01), X


@pytest.mark.parametrize("widths", [(), (8,), (8, 4)])
@pytest.mark.parametrize("loss", ["mean_square_error", "poisson_deviance", "pinball(0.3)"])
def test_a_saved_network_predicts_the_same_bits_wherever_it_is_opened(tmp_path, widths, loss):
    network, X = trained(widths=widths, loss=loss)
    path = tmp_path / "model.safetensors"
    network.save(path, columns=["a", "b", "c"], target="d")
    again, model = SimpleNeuralNetwork.load(path), Model(path)
    expected = network.predict(X)
    assert (again.predict(X) == expected).all() and again.predict(X).dtype == np.float32
    assert (model.predict(X.astype(np.float64)) == expected).all()
    assert (model.network().predict(X) == expected).all()
    assert (model.columns, model.target) == (["a", "b", "c"], "d")
    assert again.history == network.history == model.history
    assert [array.tolist() for array in model.scaling()] == [[0.0] * 4, [1.0] * 4]
    assert "nesterov(0.9)" in repr(model)
    again.fit(X, X[:, 0] ** 2, epochs=1)


def test_tables_are_read_by_name(tmp_path):
    pd, pl, pa = (pytest.importorskip(name) for name in ("pandas", "polars", "pyarrow"))
    network, X = trained()
    network.save(tmp_path / "model", columns=["a", "b", "c"])
    frame = pd.DataFrame({"c": X[:, 2], "other": 0, "a": X[:, 0], "b": X[:, 1]})
    for table in (frame, pl.DataFrame(frame.to_dict("list")), pa.Table.from_pandas(frame)):
        assert (Model(tmp_path / "model").predict(table) == network.predict(X)).all()
    with pytest.raises(ValueError, match=r"the columns \['b'\] are missing"):
        Model(tmp_path / "model").predict(frame.drop(columns="b"))
    with pytest.raises(ValueError) as error:
        Model(tmp_path / "model").predict(pd.DataFrame({"x" * 70_000: [1.0]}))
    assert len(str(error.value)) < 200


def test_any_network_is_saved_and_comes_back_to_the_last_bit(tmp_path):
    X = np.random.default_rng(0).normal(size=(40, 2))
    for dtype, activations, outputs in [(np.float64, ["tanh"], 1), (np.float32, ["relu", "gelu"], 1), (np.float32, [], 3)]:
        network = SimpleNeuralNetwork(2, "huber(0.7)", seed=0, dtype=dtype)
        for activation in activations:
            network.add_layer(5, activation)
        network.add_layer(outputs, type="output")
        network.fit(X, np.tile(X[:, :1], outputs), epochs=3)
        network.save(tmp_path / "network")
        again = SimpleNeuralNetwork.load(tmp_path / "network")
        assert str(again) == str(network) and again.history == network.history
        assert (again.predict(X) == network.predict(X)).all() and again.predict(X).dtype == dtype
        again.fit(X, np.tile(X[:, :1], outputs), epochs=1)
        with pytest.raises(ValueError, match="a network alone, without columns: open it with SimpleNeuralNetwork.load"):
            Model(tmp_path / "network")


def test_layers_keep_their_own_activations(tmp_path):
    network = SimpleNeuralNetwork(2, dtype=np.float32)
    network.add_layer(3, "relu")
    network.add_layer(3, "tanh")
    network.add_layer(1, type="output")
    network.save(tmp_path / "model", columns=["a", "b"])
    X = np.array([[0.5, -1.0], [2.0, 0.25]], dtype=np.float32)
    np.testing.assert_array_equal(Model(tmp_path / "model").predict(X), network.predict(X).ravel())


def test_what_a_model_file_cannot_hold_is_refused(tmp_path):
    path = tmp_path / "model"
    with pytest.raises(ValueError, match="build it with dtype='float32'"):
        trained(np.float64)[0].save(path, columns=["a", "b", "c"])
    with pytest.raises(ValueError, match="2 inputs for 1 names"):
        network = SimpleNeuralNetwork(2, dtype=np.float32)
        network.add_layer(1, type="output")
        network.save(path, columns=["a"])
    with pytest.raises(FileNotFoundError, match="does not exist"):
        Model(path)
    assert not path.exists()
    trained()[0].save(path)
    damaged = bytearray(path.read_bytes())
    damaged[-3] ^= 1
    path.write_bytes(damaged)
    for load in (Model, SimpleNeuralNetwork.load):
        with pytest.raises(ValueError, match="does not match its checksum"):
            load(path)


def command():
    """The command line as it was last built, if it was."""
    found = os.environ.get("CHAINRULE_COMMAND") or shutil.which("chainrule")
    return found or pytest.skip("the command `chainrule` is not there; set CHAINRULE_COMMAND to its path")


def test_the_command_line_and_python_open_each_others_models(tmp_path):
    chainrule = command()
    data = next(p / "data" / "diabetes.csv" for p in Path(__file__).resolve().parents if (p / "data").is_dir())

    def run(*arguments):
        return subprocess.run([chainrule, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    def column(csv):
        return np.array([float(line.rsplit(",", 1)[1]) for line in csv.strip().splitlines()[1:]])

    run("train", str(data), "--target", "progression", "--epochs", "5", "--model", "theirs")
    table = np.loadtxt(data, delimiter=",", skiprows=1)
    names = data.read_text().splitlines()[0].split(",")
    model = Model(tmp_path / "theirs")
    assert model.columns == names[:-1] and len(model.history["epoch"]) == 5
    predicted = column(run("predict", "theirs", str(data), "--interval", "none"))
    assert np.allclose(model.predict(table[:, :-1]), predicted, rtol=0, atol=1e-3)  # rounded
    with pytest.raises(ValueError, match="scales its inputs"):
        SimpleNeuralNetwork.load(tmp_path / "theirs")

    network = SimpleNeuralNetwork(10, dtype=np.float32, seed=0)
    network.add_layer(4, "gelu")
    network.add_layer(1, type="output")
    network.save(tmp_path / "ours", columns=names[:-1], target="progression")
    predicted = column(run("predict", "ours", str(data)))
    assert np.allclose(network.predict(table[:, :-1]), predicted, rtol=1e-5)  # six digits are written


def test_numbers_that_stand_for_a_gap_are_gaps_in_any_table(tmp_path):
    pandas = pytest.importorskip("pandas")
    chainrule = command()
    random = np.random.default_rng(0)
    frame = pandas.DataFrame({"a": random.uniform(size=120).round(3), "b": random.uniform(size=120).round(3)})
    frame["y"] = 2 * frame.a + frame.b
    frame.loc[::9, "a"] = -999
    frame.to_csv(tmp_path / "rows.csv", index=False)
    arguments = ["rows.csv", "--target", "y", "--missing", "-999", "--recipe", "basic", "--model", "model"]
    subprocess.run([chainrule, "train", *arguments], cwd=tmp_path, check=True, capture_output=True)
    rows = frame[["a", "b"]][:9]
    expected = TabularRegressor.load(tmp_path / "model").predict(pandas.concat([rows] * 200))[:9]
    model, estimator = Model(tmp_path / "model"), TabularRegressor.load(tmp_path / "model")
    for table in (rows, rows.replace(-999, np.nan), rows.to_numpy(), rows.to_dict("list"), rows.astype(object)):
        np.testing.assert_array_equal(estimator.predict(table), expected)
        np.testing.assert_array_equal(model.predict(table), expected)


def test_a_model_of_texts_dates_and_gaps_predicts_from_named_columns(tmp_path):
    chainrule = command()
    lines = ["area,garden,town,sold,price"]
    for r in range(60):
        area = "" if r % 11 == 5 else 40 + 37 * r % 101
        town, garden = ["Bonn", "Kiel", "Ulm"][r // 2 % 3], ["no", "yes"][r % 2]
        lines.append(f"{area},{garden},{town},2023-{1 + r % 12:02}-{1 + r % 28:02},{1000 + 37 * r % 101 + 300 * (r % 2)}")
    (tmp_path / "houses.csv").write_text("\n".join(lines) + "\n")

    def run(*arguments):
        return subprocess.run([chainrule, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    run("train", "houses.csv", "--target", "price", "--epochs", "20", "--model", "model")
    table = run("predict", "model", "houses.csv", "--interval", "none")
    predicted = [float(line.rsplit(",", 1)[1]) for line in table.splitlines()[1:]]
    cells = [line.split(",") for line in lines[1:]]
    houses = Columns(
        town=[row[2] for row in cells],
        area=[float(row[0]) if row[0] else None for row in cells],
        sold=np.array([row[3] for row in cells], "datetime64[D]"),
        garden=[row[1] for row in cells],
    )
    model = Model(tmp_path / "model")
    assert model.columns == ["area", "garden", "town", "sold"]
    assert np.allclose(model.predict(houses), predicted, atol=0.1)
    houses["town"][3] = "Rome"
    houses["garden"][4] = None
    assert np.isfinite(model.predict(houses)).all()
    with pytest.raises(ValueError, match="not by mean and scale alone"):
        model.scaling()
    with pytest.raises(ValueError, match="it was read as numbers, where categories are needed"):
        model.predict(np.zeros((2, 4)))


class Columns(dict):
    """The least that a data frame is: columns by name."""

    def __init__(self, **columns):
        super().__init__(**columns)
        self.columns = list(columns)


def test_models_are_pickled_copied_and_dumped(tmp_path):
    network = SimpleNeuralNetwork(2, seed=0, dtype=np.float32)
    network.add_layer(1, type="output")
    network.save(tmp_path / "model", columns=["area", "rooms"], target="price")
    model = Model(tmp_path / "model")
    joblib.dump(model, tmp_path / "model.joblib")
    x = np.array([[120.0, 5.0], [80.0, 3.0]])
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), joblib.load(tmp_path / "model.joblib")):
        assert (again.columns, again.target, again.history) == (model.columns, model.target, model.history)
        np.testing.assert_array_equal(again.predict(x), model.predict(x))


@pytest.mark.parametrize("columns, target", [(["a", "a"], "y"), (["a", "b"], "b")])
def test_names_that_stand_for_two_columns_are_refused(columns, target, tmp_path):
    network = SimpleNeuralNetwork(2, seed=0, dtype=np.float32)
    network.add_layer(1, type="output")
    with pytest.raises(ValueError, match="is given twice"):
        network.save(tmp_path / "model", columns=columns, target=target)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("load", [Model, SimpleNeuralNetwork.load])
def test_a_missing_file_is_a_file_not_found_error(load, tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        load(tmp_path / "nothing")
