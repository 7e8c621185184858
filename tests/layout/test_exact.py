from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gradviz.layout.exact import PART, least_slant

OTHER_THREADS = """
import time
from benchmarks import graphs
from gradviz.layout import layered_layout

small = graphs.deep(60), graphs.square(49), graphs.transformer(2)
for graph in small:
    layered_layout(graph)
time.sleep(0.3)
all_threads, this_thread = time.process_time(), time.thread_time()
for graph in small:
    for _ in range(10):
        layered_layout(graph)
all_threads, this_thread = time.process_time() - all_threads, time.thread_time() - this_thread
print((all_threads - this_thread) / this_thread)
"""


@pytest.mark.parametrize("rows", [2, 8])
@pytest.mark.parametrize("count", [PART // 2, PART, 3 * PART])
def test_no_way_that_keeps_the_distances_leads_to_less_slant(count: int, rows: int) -> None:
    chance = np.random.default_rng(count + rows)
    a, b = chance.integers(0, count, (2, 2 * count))
    row = np.arange(count) % rows
    left = np.array([i for i in range(count - rows) if row[i] == row[i + rows]])
    right, distance = left + rows, chance.uniform(10.0, 50.0, len(left))
    x = least_slant(count, (a, b), (left, right, distance))
    assert x is not None
    assert (x[right] - x[left] >= distance - 1e-3).all()
    slope = np.zeros(count)
    np.add.at(slope, a, x[a] - x[b])
    np.add.at(slope, b, x[b] - x[a])
    for _ in range(100):
        other = np.zeros(count)
        for i, j, least in zip(left, right, distance, strict=True):
            other[j] = other[i] + least + chance.exponential(20.0)
        other += chance.uniform(-500.0, 500.0, rows)[row]
        assert slope @ (other - x) > -1e-3 * np.abs(slope).sum() * np.abs(other - x).max()


def test_small_layouts_wake_no_other_threads() -> None:
    """Those of BLAS cost more than the work that they share, most where the machine is busy."""
    done = subprocess.run(
        [sys.executable, "-c", OTHER_THREADS], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 0.3
