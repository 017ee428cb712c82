"""``TabularRegressor(n_jobs=…)``: the same bits on any workers, and whatever happens to them; frames in partitions."""

import itertools
import os
import pickle
import signal
import subprocess
import sys
from contextlib import contextmanager

import numpy as np
import pytest
from chainrule import TabularRegressor, _core, _workers
from chainrule._workers import train_member

joblib = pytest.importorskip("joblib")


@pytest.fixture(scope="module")
def expected(frame, tmp_path_factory):
    return saved(TabularRegressor(members=2).fit(frame, "price"), tmp_path_factory.mktemp("expected"))


def saved(model, folder):
    model.save(folder / "model.safetensors")
    return (folder / "model.safetensors").read_bytes()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_any_number_of_workers_gives_the_same_bits(n_jobs, frame, expected, tmp_path):
    model = TabularRegressor(members=2, n_jobs=n_jobs).fit(frame, "price")
    assert saved(model, tmp_path) == expected
    assert _workers._kept is None
    model.report(tmp_path / "page.html")  # the rows stay here


@pytest.mark.parametrize("backend", ["threading", "multiprocessing"])
def test_the_callers_backend_is_used(backend, frame, expected, tmp_path):
    with joblib.parallel_config(backend):
        assert saved(TabularRegressor(members=2, n_jobs=2).fit(frame, "price"), tmp_path) == expected


def test_one_network_and_weights_travel_too(frame, tmp_path):
    weights = np.arange(1, 91)
    here = TabularRegressor(recipe="basic").fit(frame, "price", sample_weight=weights)
    there = TabularRegressor(recipe="basic", n_jobs=2).fit(frame, "price", sample_weight=weights)
    assert saved(there, tmp_path) == saved(here, tmp_path)


def training_of(frame):
    table = TabularRegressor(members=2, n_jobs=2)
    rows, _, _, _, columns = table._training_table(frame, "price", None, None, {})
    return _core.Elsewhere(rows, columns, table._wanted())


def test_the_order_of_arrival_makes_no_difference(frame, expected):
    training = training_of(frame)
    worker = _core.Worker(training.workload())
    while numbers := training.open_members():
        for number in reversed(numbers):
            training.take_member(number, worker.train(number))
    assert training.trained().model().to_bytes() == expected


def test_what_is_not_the_network_is_refused(frame):
    training = training_of(frame)
    workload = training.workload()
    returned = _core.Worker(workload).train(0)
    with pytest.raises(RuntimeError, match="what came back of network 1 cannot be used: it is network 0"):
        training.take_member(1, returned)
    with pytest.raises(RuntimeError, match="what came to the worker is damaged"):
        _core.Worker(workload[:-1])


def killer(mark):
    """Trains networks, but kills the worker that is the first to be given network 1. Workers need not import this file for it."""

    def train(key, workload, number):
        if number == 1 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return train_member(key, workload, number)

    return train


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_process_that_dies_costs_its_network_which_is_trained_again(frame, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(_workers, "train_member", killer(tmp_path / "killed"))
    assert saved(TabularRegressor(members=2, n_jobs=2).fit(frame, "price"), tmp_path) == expected
    assert (tmp_path / "killed").exists()


def test_workers_that_always_die_end_the_training_with_a_message(frame, monkeypatch):
    def dies(joblib, n_jobs, key, workload, numbers):
        raise joblib.externals.loky.process_executor.TerminatedWorkerError

    monkeypatch.setattr(_workers, "_arriving", dies)
    with pytest.raises(RuntimeError, match="workers died 3 times before a network came back: give them more memory"):
        TabularRegressor(members=2, n_jobs=2).fit(frame, "price")


def test_ctrl_c_keeps_the_networks_that_came_back(frame, monkeypatch):
    arriving = _workers._arriving

    @contextmanager
    def interrupted(*asked):
        with arriving(*asked) as networks:
            yield first_two(networks)

    def first_two(networks):
        yield from itertools.islice(networks, 2)
        raise KeyboardInterrupt

    monkeypatch.setattr(_workers, "_arriving", interrupted)
    with pytest.warns(UserWarning, match="interrupted: the model is the best one so far"):
        model = TabularRegressor(members=2, n_jobs=1).fit(frame, "price")
    assert len(model.history_) == 2 and np.isfinite(model.predict(frame)).all()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_jobs": 0}, "n_jobs is 0: it has to be None or an integer other than 0"),
        ({"n_jobs": "all"}, "n_jobs is 'all'"),
        ({"n_jobs": 2, "time_limit": "3s"}, "leave out n_jobs or time_limit"),
    ],
)
def test_what_has_no_meaning_is_refused(parameters, message, frame):
    with pytest.raises(ValueError, match=message):
        TabularRegressor(**parameters).fit(frame, "price")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_a_worker_raises_ends_the_training(n_jobs, frame, monkeypatch):
    def diverges(key, workload, number):
        raise ValueError(f"network {number} diverged")

    monkeypatch.setattr(_workers, "train_member", diverges)
    with pytest.raises(ValueError, match="network . diverged"):
        TabularRegressor(members=2, n_jobs=n_jobs).fit(frame, "price")


def test_the_extra_is_named_where_joblib_is_missing():
    program = """
import sys; sys.modules["joblib"] = sys.modules["sklearn"] = None
from chainrule import TabularRegressor
TabularRegressor(n_jobs=2).fit([[1.0], [2.0], [3.0], [4.0]] * 9, [1.0, 2.0, 3.0, 4.0] * 9)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert 'ImportError: n_jobs needs joblib: pip install "chainrule[joblib]"' in result.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_dask_cluster_gives_the_same_bits_though_one_of_its_workers_is_killed(cluster, frame, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(_workers, "train_member", killer(tmp_path / "killed"))
    with joblib.parallel_config("dask"):
        assert saved(TabularRegressor(members=2, n_jobs=-1).fit(frame, "price"), tmp_path) == expected
    assert (tmp_path / "killed").exists()


def test_the_folds_of_a_cross_validation_run_on_a_dask_cluster(cluster, frame):
    model_selection = pytest.importorskip("sklearn.model_selection")
    X, y = frame.drop(columns="price"), frame.price
    here = model_selection.cross_val_score(TabularRegressor(recipe="basic"), X, y, cv=3)
    with joblib.parallel_config("dask"):
        there = model_selection.cross_val_score(TabularRegressor(recipe="basic"), X, y, cv=3, n_jobs=-1)
    np.testing.assert_array_equal(there, here)


def test_the_partitions_of_a_dask_frame_are_predicted(frame):  # on a cluster in docs/python.md, whose programs are run
    dataframe = pytest.importorskip("dask.dataframe")
    model = pickle.loads(pickle.dumps(TabularRegressor(recipe="basic").fit(frame, "price")))
    parts = dataframe.from_pandas(frame.drop(columns="price"), npartitions=3)
    predicted = parts.map_partitions(model.predict, meta=("price", float))
    np.testing.assert_array_equal(predicted.compute(scheduler="synchronous"), model.predict(frame))
