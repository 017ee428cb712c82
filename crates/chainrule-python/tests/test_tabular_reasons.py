"""Why a ``TabularRegressor`` predicts what it predicts: ``explain`` beside the command, and the figures."""

import re
import subprocess
import sys

import numpy as np
import pandas
import pytest
from chainrule import TabularRegressor
from test_tabular import command


@pytest.fixture(scope="module")
def frame():
    random = np.random.default_rng(3)
    frame = pandas.DataFrame(
        {
            "area": random.uniform(20, 200, 120).round(1),
            "kind": random.choice(["flat", "house", "loft"], 120),
            "built": pandas.Timestamp("1990-01-01") + pandas.to_timedelta(random.integers(0, 9000, 120), unit="D"),
            "garden": pandas.array(random.random(120) < 0.5, dtype="boolean"),
        }
    )
    frame.loc[3, "area"] = np.nan
    frame["price"] = 3 * frame.area.fillna(90) + 40 * (frame.kind == "house") + random.normal(0, 5, 120)
    return frame


@pytest.fixture(scope="module")
def model(frame):
    return TabularRegressor(recipe="basic").fit(frame, "price")


def numbers(text):
    return [float(number) for number in re.findall(r"[-+]?\d+\.\d+(?:e[-+]?\d+)?", text)]


@pytest.mark.parametrize("row", [0, 3])
def test_the_reasons_and_the_walk_are_the_commands(frame, model, tmp_path, row):
    model.save(tmp_path / "model.safetensors")
    frame.to_parquet(tmp_path / "houses.parquet")
    words = [command(), "explain", "model.safetensors", "houses.parquet", "--row", str(row + 1), "--full"]
    told = subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    found = model.explain(frame[row : row + 1])
    for column, added in found.contributions.items():
        (line,) = re.findall(rf"\n      {column} .* ([-+]\d\S*)  ± ", told)
        assert added == pytest.approx(float(line), rel=1e-4)
    assert f"prediction of price: {found.prediction:.6g}" in told
    forward, backward = told.split("\nloss: ")
    (z,) = re.findall(r"      Z      \(1, 64\)   \[ (.*) \]", forward.split("layer 1: dense")[0])
    np.testing.assert_allclose(found.layers[0].Z[0], numbers(z), atol=2e-5)
    (c,) = re.findall(r"      C      \(1, 1\)    \[ (\S+) \]", backward)
    assert found.loss == pytest.approx(float(c), rel=1e-4)
    (dc_dx,) = re.findall(r"∂C/∂X  \(1, 64\)   \[ (.*) \]", backward.split("layer 1: dense")[0])
    np.testing.assert_allclose(found.layers[2].dC_dX[0], numbers(dc_dx), atol=2e-5)


def test_base_and_contributions_add_up_and_the_gradients_are_those_of_differences(frame, model):
    found = model.explain(frame.iloc[7])
    assert found.base + sum(found.contributions.values()) == pytest.approx(found.prediction, rel=1e-9)
    sizes = [abs(added) for added in found.contributions.values()]
    assert sizes == sorted(sizes, reverse=True) and set(found.contributions) == set(model.feature_names_in_)
    assert found.gradient_check().max_relative_error < 1e-6
    first = found.layers[0]
    np.testing.assert_allclose(first.Z, first.X @ first.W.T + first.b, rtol=1e-12)
    np.testing.assert_allclose(first.dC_dW, first.dC_dZ.T @ first.X, rtol=1e-12)
    assert found.actual == frame.price[7] and [layer.activation for layer in found.layers] == ["relu", "relu", None]
    assert [cell.value for cell in found.cells][1] == frame.kind[7]


def test_a_row_comes_in_any_form(frame, model):
    expected = model.explain(frame[5:6])
    X = frame.drop(columns="price")
    rows = [frame.iloc[5], frame.iloc[5].to_dict(), X[5:6], X.iloc[5].to_dict()]
    for row in rows:
        found = model.explain(row)
        assert found.prediction == expected.prediction and found.contributions == expected.contributions
        assert found.loss == (expected.loss if "price" in row else None)
    assert model.explain(X.iloc[5], y=frame.price[5]).loss == model.explain(frame.iloc[5], y=frame.price[5]).loss == expected.loss
    plain = TabularRegressor(recipe="basic").fit(frame[["area"]].to_numpy(), frame.price)
    assert plain.explain([120.0]).prediction == plain.explain(np.array([120.0])).prediction == plain.predict([[120.0]])[0]
    with pytest.raises(TypeError, match=r"give the row itself, such as frame.iloc\[5\]"):
        model.explain(5)
    with pytest.raises(ValueError, match="one row is explained at a time, found 2"):
        model.explain(frame[:2])
    with pytest.raises(ValueError, match="without the truth there is no loss"):
        model.explain(X[:1]).gradient_check()


def test_an_explanation_shows_itself(frame, model):
    found = model.explain(frame.iloc[3])
    assert repr(found).startswith("reasons: what each column adds") and "(missing)" in repr(found) and "± " in repr(found)
    for heading in ("data, as the model encodes them", "forward, layer 0: dense, relu", "loss: ", "backward, layer 2: output", "B4"):
        assert heading in str(found)
    assert str(found).endswith(repr(found))
    html = model.explain({**frame.iloc[3].to_dict(), "kind": "flat"})._repr_html_()
    assert html.startswith("<table>") and "mean prediction" in html and "(missing)" in html


def test_a_model_file_knows_its_loss_and_seed(frame, tmp_path):
    model = TabularRegressor(recipe="basic", loss="huber(2.0)", random_state=7).fit(frame, "price")
    model.save(tmp_path / "model.safetensors")
    loaded = TabularRegressor.load(tmp_path / "model.safetensors")
    assert (loaded.recipe, loaded.loss, loaded.random_state) == ("basic", "huber(2)", 7)
    np.testing.assert_array_equal(loaded.fit(frame, "price").predict(frame), model.predict(frame))


def test_figures_are_axes_of_matplotlib(frame, model):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    curves = model.plot_learning_curves()
    assert curves.get_ylabel() == "loss on unseen rows" and len(curves.lines) == 1
    unseen = model.plot_predictions()
    assert len(unseen.collections[0].get_offsets()) == model.error_.rows and f"RMSE {model.error_.rmse:.4g}" in unseen.get_title()
    given = model.plot_predictions(frame, ax=pyplot.subplots()[1])
    np.testing.assert_allclose(given.collections[0].get_offsets()[:, 0], model.predict(frame))
    X = frame.drop(columns="price")
    lower, upper = model.predict_interval(X, 0.8)
    inside = np.mean((lower <= frame.price) & (frame.price <= upper))
    for bounds in (model.plot_intervals(frame, level=0.8), model.plot_intervals(X, frame.price, 0.8)):
        assert f"{inside:.1%} of 120 lie between the bounds" in bounds.get_title()
    assert "lie between" not in model.plot_intervals(X).get_title()
    for column in X:
        assert model.plot_partial_dependence(column).get_xlabel() == column
    area = model.plot_partial_dependence("area").lines[0].get_ydata()
    assert area[0] < area[-1]
    with pytest.raises(ValueError, match='the truth is needed: give y, or X with the column "price"'):
        model.plot_predictions(X)
    with pytest.raises(ValueError, match='no column "cellar"'):
        model.plot_partial_dependence("cellar")
    pyplot.close("all")


def test_networks_that_saw_all_rows_leave_the_curves_to_those_that_did_not(frame):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    model = TabularRegressor(members=2, time_limit="1s").fit(frame, "price")
    assert model.plot_learning_curves().get_ylabel() == "loss on unseen rows"


def test_without_matplotlib_the_extra_is_named_and_nothing_else_imports_it():
    program = """
import sys
sys.modules["matplotlib"] = None
import numpy as np
from chainrule import TabularRegressor
X = np.random.default_rng(0).normal(size=(60, 2))
model = TabularRegressor(recipe="basic").fit(X, X[:, 0])
model.explain(X[0])
model._repr_html_()
try:
    model.plot_learning_curves()
except ImportError as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.strip() == 'a plot needs Matplotlib, an extra of the package: pip install "chainrule[plot]"'


@pytest.mark.parametrize("bars", [True, False])
def test_progress_is_shown_in_a_terminal_and_nowhere_else(bars):
    program = f"""
import sys, types
import numpy as np
from chainrule import TabularRegressor
class Bar:
    def __init__(self, total, **options): self.total, self.n = total, 0
    def set_description(self, text, refresh): sys.stderr.write("bar of " + text)
    def update(self, by): self.n += by
    def close(self): sys.stderr.write("closed")
found = types.ModuleType("tqdm.auto")
found.tqdm = Bar
sys.modules["tqdm.auto"] = sys.modules["tqdm"] = found if {bars} else None
terminal = len(sys.argv) > 1
sys.stderr.isatty = lambda: terminal
X = np.random.default_rng(0).normal(size=(6000, 10))
TabularRegressor(recipe="basic", verbose=True, time_limit="800ms").fit(X, X[:, 0])
"""
    run = lambda *words: subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    shown, silent = run("terminal"), run()
    assert silent.stderr == "" == silent.stdout == shown.stdout
    assert ("bar of 1 network" in shown.stderr and shown.stderr.endswith("closed")) if bars else "epoch " in shown.stderr
