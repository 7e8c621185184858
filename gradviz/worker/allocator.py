"""Let the worker keep the memory that one run freed for the next one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
from typing import Final

KEPT_NBYTES: Final = 256 << 20
"""At most so much freed memory stays with the process at the top of its heap."""
MAPPED_NBYTES: Final = 32 << 20
"""What is at least so large has pages of its own, which are given back when it is freed."""
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_SETTINGS: Final = (
    "MALLOC_TRIM_THRESHOLD_",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_TOP_PAD_",
    "GLIBC_TUNABLES",
)


def described() -> str:
    """What `keep_freed_memory` has set, in the words of glibc's variables."""
    trim, mapped = KEPT_NBYTES, MAPPED_NBYTES
    return f"MALLOC_TRIM_THRESHOLD_={trim} MALLOC_MMAP_THRESHOLD_={mapped}"


def keep_freed_memory() -> bool:
    """Give freed memory back to the system only beyond `KEPT_NBYTES`; False where nothing was set.

    By itself the GNU C library returns the end of its heap whenever a few megabytes of it are
    free, and the next tensors have to be given every page again: that took up to a half of the
    time of a model's pass, and more where gradients are kept, since they move the heap's end.
    `mallopt` is that library's own function (mallopt(3)); under another one, and where the person
    has chosen settings in the environment, everything stays as it is.
    """
    if platform.libc_ver()[0] != "glibc" or any(name in os.environ for name in _SETTINGS):
        return False
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        is_set = mallopt(_TRIM_THRESHOLD, KEPT_NBYTES), mallopt(_MMAP_THRESHOLD, MAPPED_NBYTES)
        return all(is_set)
    return False
