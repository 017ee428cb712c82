"""How many threads may share large work."""

from __future__ import annotations

import os
import threading


def available_threads() -> int:
    """All there are (0), or as many as OMP_NUM_THREADS says, as NumPy's own products have them.

    joblib sets that in its processes. One on any thread but the main one, which others run beside.
    """
    if threading.current_thread() is not threading.main_thread():
        return 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return int(limit) if limit.isdecimal() else 0
