"""Give the worker's main thread a stack on which deep graphs can be destroyed.

PyTorch destroys a chain of autograd nodes recursively: about 40,000 of them overflow the usual
8 MiB and kill the process. The kernel lays out the room below the main stack when a program is
started, so the limit is raised and the same program is started again in this process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from typing import Final

STACK_NBYTES: Final = 1 << 30
THREAD_STACK_NBYTES: Final = 64 << 20
"""Of other threads: reentrant backward calls move to them."""
_PTHREAD_ATTRIBUTES_NBYTES: Final = 256
"""More than any C library's `pthread_attr_t`."""


def ensure_large_stack() -> None:
    """Return with a stack of `STACK_NBYTES`, or the most that the system allows."""
    if sys.platform != "win32":  # there the limit is the executable's own
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
        unlimited = resource.RLIM_INFINITY
        wanted = STACK_NBYTES if hard == unlimited else min(STACK_NBYTES, hard)
        if soft == unlimited or soft >= wanted:
            _keep_thread_stacks_small()
            return
        try:
            resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
        except (OSError, ValueError):
            return
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def _keep_thread_stacks_small() -> None:
    # The C library gives every native thread, such as those of OpenMP, a stack as large as the
    # main one's limit; under a limit of memory that is refused, and OpenMP ends the process.
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        attributes = ctypes.create_string_buffer(_PTHREAD_ATTRIBUTES_NBYTES)
        libc.pthread_attr_init(attributes)
        libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(THREAD_STACK_NBYTES))
        libc.pthread_setattr_default_np(attributes)
        libc.pthread_attr_destroy(attributes)


def limit_memory(extra_nbytes: int) -> None:
    """Let this process take `extra_nbytes` more than it has now; beyond that allocation fails.

    Counted is what it could write to (RLIMIT_DATA), so that the mapped libraries of a large torch
    build do not count. Where the system has no such limit nothing is limited.
    """
    if sys.platform != "win32":
        import resource

        import psutil

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        now = getattr(psutil.Process().memory_info(), "data", 0)
        wanted = now + extra_nbytes
        resource.setrlimit(
            resource.RLIMIT_DATA,
            (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard),
        )
