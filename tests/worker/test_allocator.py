"""Freed memory stays with the worker, within bounds."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from gradviz.worker.allocator import KEPT_NBYTES

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="mallopt is the GNU C library's"
)

# One block each time, of a size that lies in the heap and not in pages of its own.
_PAGES_PER_TURN = """
import ctypes, resource
from gradviz.worker.allocator import keep_freed_memory
{before}
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
def turn():
    blocks = [libc.malloc(1 << 20) for _ in range(64)]
    for block in blocks:
        ctypes.memset(block, 1, 1 << 20)
    for block in reversed(blocks):
        libc.free(block)
turn()
faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    turn()
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults) // 4)
"""
_HELD_AFTERWARDS = """
import ctypes, psutil
from gradviz.worker.allocator import keep_freed_memory
assert keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
before = psutil.Process().memory_info().rss
for size, count in ((1 << 20, 400), (48 << 20, 8)):
    blocks = [libc.malloc(size) for _ in range(count)]
    for block in blocks:
        ctypes.memset(block, 1, size)
    for block in reversed(blocks):
        libc.free(block)
print(psutil.Process().memory_info().rss - before)
"""


def _printed(code: str, **environment: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return int(done.stdout)


def test_memory_that_was_freed_need_not_be_asked_for_again() -> None:
    kept = _printed(_PAGES_PER_TURN.format(before="assert keep_freed_memory()"))
    given_back = _printed(_PAGES_PER_TURN.format(before=""))
    assert kept < given_back / 10


def test_what_is_kept_has_a_bound() -> None:
    assert _printed(_HELD_AFTERWARDS) < KEPT_NBYTES + (32 << 20)


def test_settings_of_the_persons_stay() -> None:
    code = "from gradviz.worker.allocator import keep_freed_memory; print(int(keep_freed_memory()))"
    assert _printed(code) == 1
    assert _printed(code, MALLOC_TRIM_THRESHOLD_="131072") == 0
