"""Measure what a device reaches at best: a copy too large for its caches, a product of matrices."""

from __future__ import annotations

from typing import Final

import torch
from torch.utils.benchmark import Timer

from gradviz.devices.machine import free_nbytes
from gradviz.devices.precision import computing_in, torch_type
from gradviz.devices.waiting import clock_of, current
from gradviz.errors import GradvizError
from gradviz.recording.timing import Ceiling

_COPY_NBYTES: Final = 256 << 20
"""Larger than the caches of today's processors and cards."""
_MATRIX_SIZES: Final = {"cpu": 1024}
_CARD_MATRIX_SIZE: Final = 8192
_SECONDS: Final = 0.3
_SHARE_OF_FREE: Final = 8


def measure_ceiling(device: str, dtype: str, threads: int) -> Ceiling:
    """Median of a large copy (read and write counted) and of a square product of matrices.

    Raises `GradvizError` where the device has no memory for them or cannot multiply.
    """
    wanted = torch_type(dtype) or torch.get_default_dtype()
    kind = torch.device(device).type
    free = free_nbytes(device)
    nbytes = _COPY_NBYTES if free is None else min(_COPY_NBYTES, free // _SHARE_OF_FREE)
    size = _MATRIX_SIZES.get(kind, _CARD_MATRIX_SIZE)
    try:
        with torch.no_grad(), current(device), computing_in(dtype):
            origin = torch.ones(max(1, nbytes // wanted.itemsize), dtype=wanted, device=device)
            target = torch.empty_like(origin)
            copying = _median("target.copy_(origin)", device, threads, target=target, origin=origin)
            moved = 2 * origin.nbytes
            del origin, target
            a = torch.rand(size, size, device=device).to(wanted)
            result = torch.empty_like(a)
            multiplying = _median(
                "torch.mm(a, a, out=result)", device, threads, torch=torch, a=a, result=result
            )
    except (RuntimeError, NotImplementedError, TypeError) as problem:
        raise GradvizError(f"The ceilings of {device} could not be measured.") from problem
    return Ceiling(
        device=device,
        threads=threads,
        dtype=dtype,
        bytes_per_second=moved / copying,
        flops_per_second=2 * size**3 / multiplying,
    )


def _median(source: str, device: str, threads: int, /, **names: object) -> float:
    timer = Timer(stmt=source, globals=names, num_threads=threads, timer=clock_of([device]))
    timer.timeit(2)
    return float(timer.blocked_autorange(min_run_time=_SECONDS).median)
