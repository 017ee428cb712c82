"""``TabularRegressor``: tables as people have them, and the very model that the command makes of them."""

import copy
import datetime
import decimal
import os
import pickle
import re
import shutil
import subprocess
import sys

import joblib
import numpy as np
import pandas
import polars
import pyarrow
import pytest
from chainrule import TabularRegressor, inspect

ROWS = 150
BASIC = {"recipe": "basic"}


def houses(rows=ROWS, seed=0):
    """A column of every type that pandas, Arrow and Parquet have in common, with gaps."""
    random = np.random.default_rng(seed)
    frame = pandas.DataFrame(
        {
            "area": random.uniform(20, 200, rows).round(1),
            "rooms": random.integers(1, 7, rows),
            "share": random.uniform(0, 1, rows).astype("f4"),
            "kind": random.choice(["flat", "house", "loft"], rows),
            "garden": random.random(rows) < 0.5,
            "baths": pandas.array(random.integers(0, 9, rows), dtype="Int64"),
            "lift": pandas.array(random.random(rows) < 0.3, dtype="boolean"),
            "built": pandas.to_datetime("1960-01-01") + pandas.to_timedelta(random.integers(0, 10**9, rows), unit="s"),
            "seen": (pandas.to_datetime("2024-01-01") + pandas.to_timedelta(random.integers(0, 10**7, rows), unit="s"))
            .tz_localize("UTC")
            .tz_convert("Europe/Berlin"),
            "wait": pandas.to_timedelta(random.integers(0, 10**6, rows), unit="s"),
            "class": pandas.Categorical(random.choice(["a", "b", "c"], rows)),
            "tax": [decimal.Decimal(int(cents)).scaleb(-2) for cents in random.integers(-9000, 10000, rows)],
            "day": [datetime.date(2020, 1, 1) + datetime.timedelta(int(day)) for day in random.integers(0, 900, rows)],
        }
    )
    frame.loc[3, "area"] = np.nan
    frame.loc[4, "kind"] = None
    frame.loc[5, "baths"] = pandas.NA
    frame.loc[6, "lift"] = pandas.NA
    frame.loc[7, "built"] = pandas.NaT
    frame.loc[8, "wait"] = pandas.NaT
    frame.loc[9, "class"] = None
    frame["price"] = 2 * frame.area.fillna(100) + 30 * frame.rooms + 50 * (frame.kind == "house") + random.normal(0, 5, rows)
    return frame


@pytest.fixture(scope="module")
def frame():
    return houses()


@pytest.fixture(scope="module")
def model(frame):
    return TabularRegressor(**BASIC).fit(frame.drop(columns="price"), frame.price)


def command():
    found = os.environ.get("CHAINRULE_COMMAND") or shutil.which("chainrule")
    return found or pytest.skip("the command `chainrule` is not there; set CHAINRULE_COMMAND to its path")


@pytest.mark.parametrize("recipe", [("basic", None), ("strong", 2)])
def test_the_model_is_the_commands_to_the_last_bit(recipe, tmp_path):
    chainrule = command()
    frame = houses(40)
    frame.to_parquet(tmp_path / "houses.parquet")
    name, members = recipe
    options = ["--recipe", name, "--seed", "7", *(["--members", str(members)] if members else [])]
    run = lambda *words: subprocess.run([chainrule, *words], cwd=tmp_path, check=True, capture_output=True)
    run("train", "houses.parquet", "--target", "price", "--model", "theirs.safetensors", *options)
    ours = TabularRegressor(recipe=name, members=members, random_state=7).fit(frame.drop(columns="price"), frame.price)
    ours.save(tmp_path / "ours.safetensors")
    assert (tmp_path / "ours.safetensors").read_bytes() == (tmp_path / "theirs.safetensors").read_bytes()
    run("predict", "ours.safetensors", "houses.parquet", "--output", "predicted.parquet")
    predicted = pandas.read_parquet(tmp_path / "predicted.parquet")["prediction"]
    np.testing.assert_array_equal(ours.predict(frame), predicted)
    loaded = TabularRegressor.load(tmp_path / "theirs.safetensors")
    np.testing.assert_array_equal(loaded.predict(frame), predicted)
    assert loaded.error_.rmse == ours.error_.rmse and loaded.target_ == "price"


def test_every_kind_of_table_gives_the_same_model(frame, model, tmp_path):
    frame.to_parquet(tmp_path / "houses.parquet")
    frame.to_csv(tmp_path / "numbers.csv", columns=["area", "rooms", "price"], index=False)
    expected = model.predict(frame)
    tables = {
        "polars": polars.from_pandas(frame),
        "Arrow": pyarrow.Table.from_pandas(frame),
        "a reader": pyarrow.Table.from_pandas(frame).to_reader(max_chunksize=40),
        "slices": pyarrow.concat_tables([pyarrow.Table.from_pandas(frame).slice(0, 37), pyarrow.Table.from_pandas(frame).slice(37)]),
        "pandas over Arrow": frame.convert_dtypes(dtype_backend="pyarrow"),
        "objects": frame.astype(object),
        "records": frame.astype(object).to_dict("records"),
    }
    for name, table in tables.items():
        fitted = TabularRegressor(**BASIC).fit(table, "price")
        if name in ("objects", "records"):  # whose durations are in other units
            np.testing.assert_allclose(fitted.predict(frame), expected, rtol=1e-3, err_msg=name)
        else:
            np.testing.assert_array_equal(fitted.predict(frame), expected, err_msg=name)
    from_path = TabularRegressor(**BASIC).fit(tmp_path / "houses.parquet", target="price")
    np.testing.assert_array_equal(from_path.predict(str(tmp_path / "houses.parquet")), expected)
    assert from_path.feature_names_in_.tolist() == model.feature_names_in_.tolist()
    columns = frame[["area", "rooms"]].to_numpy(float)
    from_array = TabularRegressor(**BASIC).fit(columns, frame.price)
    from_text = TabularRegressor(**BASIC).fit(tmp_path / "numbers.csv", target="price")
    np.testing.assert_array_equal(from_array.predict(columns), from_text.predict(frame))
    np.testing.assert_array_equal(from_array.predict(columns.tolist()), from_array.predict(columns))


def test_a_pandas_frame_needs_no_arrow():
    program = """
import sys
sys.modules["pyarrow"] = None
import numpy as np, pandas as pd
from chainrule import TabularRegressor
X = pd.DataFrame({"a": range(60), "b": ["x", "y", None] * 20, "c": pd.Categorical([1, 2, 3] * 20)})
X["d"] = pd.date_range("2024-01-01", periods=60, tz="Europe/Berlin")
X["e"] = pd.array([1, None, 3] * 20, dtype="Int64")
X["a"] = X["a"] ** 1.5
model = TabularRegressor(recipe="basic").fit(X, X["a"].to_numpy() * 2.0)
assert np.isfinite(model.predict(X)).all()
assert model.columns_["c"] == "a category of 3 levels", model.columns_
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_durations_of_another_unit_are_those_of_the_training(frame, model):
    other = frame.assign(wait=frame["wait"].astype("timedelta64[ms]"))
    assert frame["wait"].dtype != other["wait"].dtype
    np.testing.assert_array_equal(model.predict(other), model.predict(frame))


def test_columns_are_found_by_name_in_any_order(frame, model):
    expected = model.predict(frame.drop(columns="price"))
    np.testing.assert_array_equal(model.predict(frame[frame.columns[::-1]]), expected)
    np.testing.assert_array_equal(model.predict(polars.from_pandas(frame[frame.columns[::-1]])), expected)
    with pytest.raises(ValueError, match='has no column "rooms"'):
        model.predict(frame.drop(columns="rooms"))
    with pytest.raises(ValueError, match="X has 2 features, but TabularRegressor is expecting 13"):
        model.predict(np.zeros((3, 2)))


@pytest.mark.parametrize(
    "values, message",
    [
        ([1, "two", 3.0] * 20, 'X, column "odd" mixes types: row 0 holds an int, row 1 a str'),
        ([None, 1.0, datetime.date(2020, 1, 1)] * 20, 'X, column "odd" mixes types: row 1 holds a float, row 2 a date'),
        ([True, 1, 0] * 20, 'X, column "odd" mixes types: row 0 holds a bool, row 1 an int'),
        ([[1, 2]] * 60, 'X, column "odd", row 0: .* found a list'),
    ],
)
def test_objects_of_several_kinds_are_refused_with_column_row_and_types(values, message):
    frame = pandas.DataFrame({"area": np.arange(60.0) ** 2, "odd": pandas.Series(values, dtype=object)})
    with pytest.raises(TypeError, match=message):
        TabularRegressor(**BASIC).fit(frame, np.arange(60.0) ** 2)


def test_infinities_are_refused_with_row_and_column(frame, model):
    bad = frame.copy()
    bad.loc[42, "area"] = -np.inf
    for table in (bad, polars.from_pandas(bad)):
        with pytest.raises(ValueError, match='X, row 42, column "area": -inf is no finite number'):
            TabularRegressor(**BASIC).fit(table, "price")
        with pytest.raises(ValueError, match='X, row 42, column "area": -inf is no finite number'):
            model.predict(table)


def test_what_is_wrong_with_the_target_is_said(frame):
    X = frame.drop(columns="price")

    def refused(error, message, *arguments, **options):
        with pytest.raises(error, match=message):
            TabularRegressor(**BASIC).fit(*arguments, **options)

    refused(ValueError, 'X has no column "cost"', frame, "cost")
    refused(ValueError, 'X still has the column "price"', frame, frame.price)
    refused(ValueError, "requires y to be passed", X)
    refused(ValueError, "X has 150 rows and y has 149", X, frame.price[1:])
    refused(FileNotFoundError, "nowhere.csv does not exist", "nowhere.csv", target="price")
    refused(ValueError, "the weight -1 is below 0", X, frame.price, sample_weight=np.full(ROWS, -1.0))


def test_saved_pickled_and_copied_models_predict_the_same(frame, model, tmp_path):
    expected = model.predict(frame)
    model.save(tmp_path / "model.safetensors")
    joblib.dump(model, tmp_path / "model.joblib")
    for again in (
        TabularRegressor.load(tmp_path / "model.safetensors"),
        pickle.loads(pickle.dumps(model)),
        copy.deepcopy(model),
        joblib.load(tmp_path / "model.joblib"),
    ):
        np.testing.assert_array_equal(again.predict(frame), expected)
        with pytest.raises(ValueError, match="give report\\(path, X, y\\)"):
            again.report(tmp_path / "page.html")
    with pytest.raises(FileNotFoundError):
        TabularRegressor.load(tmp_path / "nothing.safetensors")


def test_what_was_learnt_is_told(frame, model, tmp_path):
    error = model.error_
    assert error.rmse < error.mean and error.rows == 30 and error.folds == 0
    assert "RMSE" in repr(error) and "mean alone" in repr(error)
    assert model.columns_["kind"] == "a category of 3 levels" and model.columns_["price"] == "the target"
    assert model.n_features_in_ == 13 and model.feature_names_in_[0] == "area"
    rises = list(model.importance_.values())
    assert set(model.importance_) == set(model.feature_names_in_) and rises == sorted(rises, reverse=True) and rises[0] > 0
    [network] = model.history_
    assert len(network["epoch"]) == len(network["validation_loss"]) > 1
    assert "RMSE" in model._repr_html_() and "price" in model._repr_html_()
    model.report(tmp_path / "training.html")
    model.report(tmp_path / "rows.html", frame)
    for page in ("training.html", "rows.html"):
        assert (tmp_path / page).read_text().startswith("<!doctype html>")
    lower, upper = model.predict_interval(frame, 0.8)
    wider = model.predict_interval(frame)
    assert (lower < upper).all() and (wider[1] - wider[0] > upper - lower).all()
    assert not any("--" in warning for warning in model.warnings_)


def test_few_rows_are_predicted_as_many_whatever_holds_the_numbers():
    random = np.random.default_rng(0)
    rows = pandas.DataFrame({"a": random.integers(0, 9, 2000), "b": random.uniform(size=2000)})
    rows["c"] = random.uniform(size=2000).astype(np.float32)
    model = TabularRegressor(recipe="basic").fit(rows, rows.a + rows.b * rows.c)
    kinds = {"a": ("int8", "category", "Int64", "Sparse[int64]"), "b": ("category", "Float64", "Sparse[float64]")}
    for column, others in kinds.items():
        for dtype in others:
            other = rows.astype({column: dtype})
            many = model.predict(other)
            np.testing.assert_array_equal(many, model.predict(rows), err_msg=dtype)
            for few in (1, 7):  # float32 beside them is read as the shortest decimal that it stands for
                np.testing.assert_array_equal(model.predict(other[:few]), many[:few], err_msg=dtype)
    with pytest.raises(ValueError, match='"true" is not a number'):
        model.predict(rows.assign(a=rows.a > 4)[:7])


def test_a_report_reads_the_rows_again_as_they_were(frame, tmp_path):
    page = tmp_path / "page.html"
    rows = frame.copy()
    model = TabularRegressor(recipe="basic").fit(rows, "price")
    rows["prediction"] = model.predict(rows)  # a further column is none of the model's business
    del rows["kind"]
    model.report(page)
    assert "kind" in page.read_text()

    X, y = frame[["area"]].to_numpy(), frame.price.to_numpy().copy()
    model = TabularRegressor(recipe="basic").fit(X, y)
    y += 1
    with pytest.raises(ValueError, match=r"cannot be read again \(they have changed since\): give report\(path, X, y\)"):
        model.report(page)

    frame.to_csv(tmp_path / "houses.csv", index=False)
    model = TabularRegressor(recipe="basic").fit(tmp_path / "houses.csv", target="price")
    model.report(page)
    assert page.read_text().count("kind") > 1
    (tmp_path / "houses.csv").unlink()
    with pytest.raises(FileNotFoundError):
        model.report(page)


def test_messages_speak_of_parameters_and_not_of_options(tmp_path):
    (tmp_path / "gaps.csv").write_text("area,price\n" + "".join(f"{i},{i * i}\n" for i in range(40)) + "n.v.,3\n")
    (tmp_path / "ragged.csv").write_text("area,price\n" + "".join(f"{i}.5,{i * i}\n" for i in range(40)) + "1,2,3\n")
    (tmp_path / "counted.csv").write_text("id,price\n" + "".join(f"{i},{i * i}\n" for i in range(40)))
    for name, words in (
        ("gaps.csv", 'line 42, column "area": "n.v." is not a number .*; replace "n.v." by NaN if it stands'),
        ("ragged.csv", "line 42: 3 values where the header has 2"),
        ("counted.csv", "none of the 1 columns beside the target .* convert one to"),
    ):
        with pytest.raises(ValueError, match=words) as refused:
            TabularRegressor(**BASIC).fit(tmp_path / name, target="price")
        assert not re.search(r"(?<!the command's )--[a-z]", str(refused.value)), refused.value


def test_a_few_rows_of_numbers_take_a_short_way_to_the_same_predictions():
    random = np.random.default_rng(2)
    numbers = pandas.DataFrame({"a": random.normal(size=90), "b": random.integers(0, 50, 90), "c": random.normal(size=90), "same": 1.0})
    numbers.loc[5, "a"] = np.nan
    fitted = TabularRegressor(**BASIC).fit(numbers, 2 * numbers.b + numbers["c"])
    long_way = fitted.predict(polars.from_pandas(numbers))
    short = [numbers, numbers.to_numpy(), numbers.to_numpy().tolist(), numbers[numbers.columns[::-1]], numbers.astype({"a": object})]
    short += [numbers.astype(other) for other in ("Float64", {"b": "category"}, {"b": "float32"}, {"b": "Int64", "a": "Float64"})]
    short += [np.asfortranarray(numbers.to_numpy()), numbers.to_numpy()[:, ::-1].copy()[:, ::-1]]
    for table in short:
        np.testing.assert_array_equal(fitted.predict(table), long_way)
    # In single precision a value is its shortest decimal, also beside doubles.
    for single in (0.1, 1.2345679e20):
        one = numbers[:1].assign(c=np.float32(single))
        assert one.dtypes["c"] == np.float32
        np.testing.assert_array_equal(fitted.predict(one), fitted.predict(numbers[:1].assign(c=single)))
    for row in (0, 5):
        np.testing.assert_array_equal(fitted.predict(numbers[row : row + 1]), long_way[row : row + 1])
    with pytest.raises(ValueError, match='X, row 1, column "b": inf'):
        fitted.predict([[1.0, 2.0, 3.0, 1.0], [1.0, np.inf, 3.0, 1.0]])
    with pytest.raises(ValueError, match="1D array"):
        fitted.predict(np.zeros(4))


def test_a_few_rows_with_texts_take_the_short_way_too(frame):
    rows = frame[["area", "rooms", "kind", "garden", "class"]].assign(share=frame.share.astype("f8"))
    fitted = TabularRegressor(**BASIC).fit(rows, frame.price)
    long_way = fitted.predict(polars.from_pandas(rows))

    def has_short_way(table):
        return fitted._predict_few(table) is not None

    short = [rows, rows.to_numpy(), np.asfortranarray(rows.to_numpy()), rows.astype(object)]
    short += [rows.astype(other) for other in ({"kind": "category"}, {"rooms": "category"}, {"rooms": "Int64"}, {"kind": "string"})]
    for table in short:
        np.testing.assert_array_equal(fitted.predict(table), long_way)
        assert has_short_way(table[:3])
        for row in (0, 3, 4):
            np.testing.assert_array_equal(fitted.predict(table[row : row + 1]), long_way[row : row + 1])
    singles = rows.assign(share=frame.share)
    np.testing.assert_array_equal(fitted.predict(singles), fitted.predict(polars.from_pandas(singles)))
    levels = rows.assign(share=frame.share.astype("category"))
    np.testing.assert_array_equal(fitted.predict(levels), fitted.predict(polars.from_pandas(singles)))
    assert not has_short_way(singles) and not has_short_way(levels)
    assert not has_short_way(rows.assign(kind="castle"))
    with pytest.raises(TypeError, match=r'X, column "kind" mixes types: row 0 holds a str, row 1 an int \(1\)'):
        fitted.predict(rows.assign(kind=["flat", 1] + ["flat"] * (ROWS - 2)))
    with pytest.raises(ValueError, match='X, row 2, column "area": inf is no finite number'):
        fitted.predict(rows.assign(area=[1.0, 2.0, np.inf] + [1.0] * (ROWS - 3)))
    with pytest.raises(TypeError, match="found a dict"):
        fitted.predict(rows.assign(kind=[{}] * ROWS))


def test_unseen_texts_are_told_and_predicted_all_the_same(frame, model):
    other = frame[:3].assign(kind="castle")
    with pytest.warns(UserWarning, match='X, row 0, column "kind": "castle" did not occur'):
        assert np.isfinite(model.predict(other)).all()


def test_ctrl_c_keeps_the_best_so_far(interrupt_after):
    random = np.random.default_rng(0)
    X = random.normal(size=(4000, 20))
    y = X[:, 0] ** 2 + X[:, 1]
    interrupt_after(2.0)
    with pytest.warns(UserWarning, match="the training was interrupted"):
        model = TabularRegressor().fit(X, y)
    assert np.isfinite(model.predict(X)).all()


def test_a_time_limit_ends_the_training_with_a_model(frame):
    model = TabularRegressor(time_limit="300ms").fit(frame, "price")
    assert np.isfinite(model.predict(frame)).all()
    with pytest.raises(ValueError, match="give a time above 0, such as 30"):
        TabularRegressor(time_limit="soon").fit(frame, "price")


def test_inspect_says_what_the_command_says(frame, tmp_path):
    frame.to_parquet(tmp_path / "houses.parquet")
    told = subprocess.run(
        [command(), "inspect", "houses.parquet", "--target", "price"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    for table in (frame, polars.from_pandas(frame), tmp_path / "houses.parquet"):
        found = inspect(table, target="price")
        assert repr(found).splitlines()[1:] == told[1:]
        assert found.rows == ROWS and [column["name"] for column in found.columns] == list(frame.columns)


def test_neither_scikit_learn_nor_pandas_is_needed():
    program = """
import sys
for name in ("sklearn", "scipy", "pandas", "pyarrow"):
    sys.modules[name] = None
import chainrule
assert "chainrule.tabular" not in sys.modules
from chainrule import TabularRegressor
import numpy as np
X = np.random.default_rng(0).normal(size=(60, 2))
model = TabularRegressor(recipe="basic").fit(X, X[:, 0])
assert model.score(X, X[:, 0]) > 0.5
assert model.get_params()["recipe"] == "basic" and repr(model) == "TabularRegressor(recipe='basic')"
try:
    TabularRegressor().predict(X)
except ValueError as error:
    assert "not fitted" in str(error)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
