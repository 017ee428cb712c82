"""What the measured Python programs have in common: see bench/README.md.

Importing this reads the request and limits the threads, so it comes before the library that is measured.
"""

import itertools
import json
import os
import statistics
import struct
import sys
import time
from types import SimpleNamespace

CHECKED_STEPS = 100
CHECKED_ROWS = 100
BLOCK = 0.020
WARM_UP = 0.3
MIN_BLOCKS = 3

workload, mode, file, threads, seconds = sys.argv[1:6]
variant = sys.argv[6] if len(sys.argv) > 6 else None
threads, seconds = int(threads), float(seconds)

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(threads)
if hasattr(os, "sched_setaffinity"):
    # Some libraries (XLA) start one thread per processor that they may use, and have no other switch.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])

import numpy as np  # noqa: E402  (after the limits)


def read_problem(path):
    with open(path, "rb") as stream:
        if stream.read(8) != b"CRBENCH1":
            sys.exit(f"error: {path} is not a problem file")
        integers = lambda count: struct.unpack(f"<{count}I", stream.read(4 * count))
        reals = lambda *shape: np.fromfile(stream, "<f4", int(np.prod(shape))).reshape(shape)
        (count,) = integers(1)
        widths = integers(count)
        batch, rows, rule, activation = integers(4)
        (rate,) = struct.unpack("<f", stream.read(4))
        return SimpleNamespace(
            widths=widths,
            batch=batch,
            rows=rows,
            batches=rows // batch,
            adam=rule == 1,
            activation=("relu", "leaky_relu", "identity")[activation],
            learning_rate=rate,
            x=reals(rows, widths[0]),
            y=reals(rows, widths[-1]),
            # Pairs of W (o,i) and b (o), the out layer last.
            layers=[(reals(o, i), reals(o)) for i, o in zip(widths, widths[1:])],
        )


problem = read_problem(file)


def batch(t):
    rows = slice(t % problem.batches * problem.batch, (t % problem.batches + 1) * problem.batch)
    return problem.x[rows], problem.y[rows]


def print_values(version, values):
    print(json.dumps({"version": version, "values": [float(v) for v in values]}))


def print_times(version, times):
    times = [1e6 * t for t in times]
    print(json.dumps({"version": version, "median": statistics.median(times), "min": min(times), "max": max(times), "blocks": len(times)}))


def measure(run, steps_per_turn=1):
    """Times of a step over blocks: `run(n)` makes n turns, and waits for their result."""
    start, turns, times = time.perf_counter(), 1, []
    while True:
        block_start = time.perf_counter()
        run(turns)
        end = time.perf_counter()
        if end - block_start < BLOCK and not times:
            turns *= 2
        elif end - start > WARM_UP * seconds:
            times.append((end - block_start) / (turns * steps_per_turn))
        if end - start > (1 + WARM_UP) * seconds and len(times) >= MIN_BLOCKS:
            return times


def answer_losses(version, losses):
    """`losses` yields the loss of one step after another."""
    print_values(version, itertools.islice(losses, CHECKED_STEPS))


def answer_times(version, run, steps_per_turn=1):
    """`run(n)` makes n turns of so many steps."""
    print_times(version, measure(run, steps_per_turn))


def answer_row(version, predict):
    """`predict(x)` predicts x (1, inputs)."""
    rows = [problem.x[r : r + 1] for r in range(problem.rows)]
    if mode == "check":
        return print_values(version, [np.asarray(predict(x)).item() for x in rows[:CHECKED_ROWS]])
    count = 0

    def loop(n):
        nonlocal count
        for r in range(count, count + n):
            predict(rows[r % problem.rows])
        count += n

    print_times(version, measure(loop))


def answer_rows(version, predict):
    """`predict(x)` predicts x (n, inputs)."""
    if mode == "check":
        return print_values(version, np.asarray(predict(problem.x[:CHECKED_ROWS])).ravel())

    def loop(n):
        for _ in range(n):
            np.asarray(predict(problem.x))

    print_times(version, measure(loop))
