"""What several test files need."""

import _thread
import signal
import threading

import pytest


@pytest.fixture
def interrupt_after():
    """Starts a timer that presses Ctrl-C. A shell that runs the tests in the background has taught them to ignore it: not here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda seconds: threading.Timer(seconds, _thread.interrupt_main).start()
    signal.signal(signal.SIGINT, before)
