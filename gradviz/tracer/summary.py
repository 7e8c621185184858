"""Turn tensors into plain bytes and statistics."""

from __future__ import annotations

import ctypes
import math
from typing import Any, Final, NamedTuple

import numpy as np
import torch

from gradviz.recording.model import Statistics
from gradviz.recording.statistics import summarise
from gradviz.tracer.private import is_zerotensor

CORNER: Final = 64
"""Entries kept along each of the last two dimensions of a large tensor."""
_CORNER_BUDGET: Final = 4096
_CHUNK: Final = 2**20
_BLOCK: Final = 2**18
"""Elements of a block, which stay in a core's cache while they are looked at."""
_ROW: Final = 2**12
_DOUBLE: Final = frozenset({"cpu", "cuda"})
"""Devices that surely compute in double precision: Apple's and many of Intel's cannot."""
_MAX_OUTWEIGHED: Final = 4.0
"""How many times its variance a mean's square may be for the spread to be told by sums."""
_PLAIN: Final = {
    torch.float32: "<f4",
    torch.float64: "<f8",
    torch.float16: "<f2",
    torch.int64: "<i8",
    torch.int32: "<i4",
    torch.int16: "<i2",
    torch.int8: "|i1",
    torch.uint8: "|u1",
    torch.bool: "|b1",
    torch.complex64: "<c8",
    torch.complex128: "<c16",
}
"""NumPy's names of the types that it has."""


class Contents(NamedTuple):
    """Elements in C order, little-endian, of numpy type `storage`."""

    storage: str
    kept_shape: tuple[int, ...]
    data: bytes


def contents_of(tensor: torch.Tensor) -> Contents | None:
    """All elements of a detached tensor, None where they cannot be read."""
    if not has_memory(tensor):
        return None
    if is_zerotensor(tensor):
        tensor = torch.zeros(tensor.shape, dtype=tensor.dtype)
    if tensor.dtype in _PLAIN and tensor.is_cpu and tensor.layout is torch.strided:
        plain = tensor
        if tensor.is_conj() or tensor.is_neg():
            plain = tensor.resolve_conj().resolve_neg()
    else:
        try:
            readable = _to_plain(tensor)
        except RuntimeError:  # its card has stopped working, or there is no memory for a copy
            return None
        if readable is None:
            return None
        plain = readable
    shape = tuple(plain.shape)
    storage = _PLAIN[plain.dtype]
    if not plain.numel():
        return Contents(storage, shape, b"")
    try:
        # Not by way of NumPy: torch then forbids the person to resize the tensor.
        plain = plain.contiguous()
        return Contents(storage, shape, ctypes.string_at(plain.data_ptr(), plain.nbytes))
    except (RuntimeError, TypeError):  # a kind of tensor that has no memory of its own
        return None


def has_memory(tensor: torch.Tensor) -> bool:
    """Whether there is memory as far as the tensor reaches: somebody may have freed it."""
    if tensor.layout is not torch.strided or not tensor.numel() or is_zerotensor(tensor):
        return True
    last = tensor.storage_offset()
    for size, stride in zip(tensor.shape, tensor.stride(), strict=True):
        last += (size - 1) * stride
    try:
        return (last + 1) * tensor.itemsize <= tensor.untyped_storage().nbytes()
    except NotImplementedError:  # a transform's stand-in for a tensor
        return False


def corner(tensor: torch.Tensor) -> torch.Tensor:
    """The leading part that is kept of a large tensor, as a view where that is possible."""
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    left = _CORNER_BUDGET
    for dim in range(tensor.dim() - 1, -1, -1):
        limit = CORNER if dim >= tensor.dim() - 2 and tensor.dim() > 1 else left
        size = max(1, min(tensor.shape[dim], limit, left))
        if size < tensor.shape[dim]:
            tensor = tensor.narrow(dim, 0, size)
        left //= size
    return tensor


def statistics_of(values: Contents | torch.Tensor) -> Statistics | None:
    """Statistics of all elements; None where they cannot be read."""
    if isinstance(values, torch.Tensor):
        try:
            return _statistics_of_tensor(values)
        except RuntimeError:  # its card has stopped working, or has no memory for the sums
            return None
    if values.storage == "<f4" and len(values.data) == 4:
        return _statistics_of_number(float(np.frombuffer(values.data, "<f4")[0]))
    return summarise(np.frombuffer(values.data, values.storage))


def _to_plain(tensor: torch.Tensor) -> torch.Tensor | None:
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    tensor = tensor.cpu().resolve_conj().resolve_neg()
    if tensor.dtype in _PLAIN:
        return tensor
    if tensor.dtype is torch.complex32:
        return tensor.to(torch.complex64)
    if tensor.is_floating_point():
        return tensor.to(torch.float32)
    try:
        return tensor.to(torch.int64)
    except (RuntimeError, TypeError):  # bit containers have no numbers
        return None


def _statistics_of_number(number: float) -> Statistics:
    if math.isfinite(number):
        zeros = int(number == 0.0)
        return Statistics(number, number, number, 0.0, abs(number), zeros, 0, 0)
    nan = math.isnan(number)
    return Statistics(None, None, None, None, None, 0, int(nan), int(not nan))


def _ends_and_zeros(block: torch.Tensor) -> tuple[float, float, int]:
    """The lowest and the highest element, and how many are zero where these are finite.

    In memory that it can read NumPy finds them several times sooner than torch. Blocks are
    contiguous.
    """
    if not block.is_cpu or is_zerotensor(block):
        low, high = (float(end) for end in block.aminmax())
        return low, high, block.numel() - int(block.count_nonzero())
    array = _array_of(block)
    with np.errstate(invalid="ignore"):
        low, high = float(array.min()), float(array.max())
    # What is nowhere zero need not be searched for zeros.
    return low, high, int(np.count_nonzero(array == 0)) if low <= 0.0 <= high else 0


def _array_of(flat: torch.Tensor) -> np.ndarray[Any, Any]:
    """What NumPy may read as long as `flat` lives, which is contiguous.

    Not by way of `Tensor.numpy`: torch then forbids the person to resize the tensor.
    """
    memory = (ctypes.c_char * flat.nbytes).from_address(flat.data_ptr())
    return np.frombuffer(memoryview(memory), _PLAIN[flat.dtype])


def _statistics_of_finite(flat: torch.Tensor) -> Statistics | None:
    """The usual case, None where something is not finite.

    Block by block, so that memory is read once for all sums; row by row in single precision, the
    rows' sums in double. A sum of squares tells the spread only where the mean does not outweigh
    it: else deviations from the mean have to be summed.
    """
    count = flat.numel()
    lowest, highest = math.inf, -math.inf
    total = squares = 0.0
    zeros = 0
    for part in torch.split(flat, _BLOCK):
        block = part.contiguous()
        low, high, zeros_here = _ends_and_zeros(block)
        if not (math.isfinite(low) and math.isfinite(high)):
            return None
        lowest, highest = min(lowest, low), max(highest, high)
        zeros += zeros_here
        whole = block.numel() - block.numel() % _ROW
        if whole:
            rows = block[:whole].view(-1, _ROW)
            total += sum(rows.sum(1).tolist())
            squares += sum([n * n for n in torch.linalg.vector_norm(rows, dim=1).tolist()])
        if whole < block.numel():
            rest = block[whole:].to(torch.float64)
            total += float(rest.sum())
            squares += float(rest.square().sum())
    mean = total / count
    variance = squares / count - mean * mean
    std, norm = math.sqrt(max(0.0, variance)), math.sqrt(squares)
    is_out_of_range = not 1e-30 < squares < 1e30 * count
    if is_out_of_range or variance < mean * mean / _MAX_OUTWEIGHED:
        spread, exact = torch.std_mean(flat, correction=0)
        mean, std = float(exact), float(spread)
        norm = float(torch.linalg.vector_norm(flat, dtype=torch.float64))
    return Statistics(
        min=lowest, max=highest, mean=mean, std=std, norm=norm, zeros=zeros, nan=0, inf=0
    )


def _statistics_of_tensor(tensor: torch.Tensor) -> Statistics | None:
    """Chunk by chunk in double precision, so that a large tensor needs little extra memory."""
    flat = tensor.detach().reshape(-1)
    if flat.device.type not in _DOUBLE:
        flat = flat.cpu()
    flat = flat.abs() if flat.dtype.is_complex else flat.resolve_neg()
    if flat.numel() and flat.dtype in (torch.float32, torch.float64):
        found = _statistics_of_finite(flat)
        if found is not None:
            return found
    count = zeros = nan = inf = 0
    low, high, total, squares = math.inf, -math.inf, 0.0, 0.0
    for chunk in torch.split(flat, _CHUNK):
        exact = chunk.to(torch.float64)
        finite = exact.isfinite()
        if not bool(finite.all()):
            nan += int(exact.isnan().sum())
            inf += int(exact.isinf().sum())
            exact = exact[finite]
        if not exact.numel():
            continue
        smallest, largest = exact.aminmax()
        low, high = min(low, float(smallest)), max(high, float(largest))
        total += float(exact.sum())
        squares += float(exact.square().sum())
        zeros += exact.numel() - int(exact.count_nonzero())
        count += exact.numel()
    if not count:
        return Statistics(None, None, None, None, None, zeros, nan, inf)
    mean = total / count
    spread = 0.0
    for chunk in torch.split(flat, _CHUNK):
        exact = chunk.to(torch.float64)
        deviation = (exact - mean)[exact.isfinite()]
        spread += float(deviation.square().sum())
    return Statistics(
        min=low,
        max=high,
        mean=mean,
        std=math.sqrt(spread / count),
        norm=math.sqrt(squares),
        zeros=zeros,
        nan=nan,
        inf=inf,
    )
