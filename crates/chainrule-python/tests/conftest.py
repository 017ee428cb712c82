"""What several test files need."""

import _thread
import signal
import threading

import numpy as np
import pandas
import pytest


@pytest.fixture(scope="module")
def frame():
    """Houses with a text column and a gap."""
    random = np.random.default_rng(1)
    frame = pandas.DataFrame({"area": random.uniform(20, 200, 90), "kind": random.choice(["flat", "house", "loft"], 90)})
    frame["price"] = 3 * frame.area + 100 * (frame.kind == "house") + random.normal(0, 5, 90)
    frame.loc[3, "area"] = np.nan
    return frame


@pytest.fixture
def interrupt_after():
    """Starts a timer that presses Ctrl-C. A shell that runs the tests in the background has taught them to ignore it: not here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda seconds: threading.Timer(seconds, _thread.interrupt_main).start()
    signal.signal(signal.SIGINT, before)
