"""Turn tensors into plain bytes and statistics."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import torch

from gradviz.recording.model import Statistics
from gradviz.recording.statistics import summarise
from gradviz.tracer.private.tensors import is_zerotensor

CORNER: Final = 64
"""Entries kept along each of the last two dimensions of a large tensor."""
_CORNER_BUDGET: Final = 4096
_BLOCK: Final = 2**17
"""Elements of a block, which stay in a core's cache while they are looked at."""
_ROW: Final = 2**12
_ONES: Final = {char: np.ones((_ROW, 1), char) for char in "fd"}
"""What sums a row of this type."""
_NO_ELEMENTS: Final = Statistics(None, None, None, None, None, 0, 0, 0)
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


def contents_of(tensor: torch.Tensor, shape: tuple[int, ...] | None = None) -> Contents | None:
    """All elements of a detached tensor, None where they cannot be read.

    Of each dimension only as many of the first as `shape` says.
    """
    if shape is None:
        shape = tuple(tensor.shape)
    if not has_memory(tensor, shape):
        return None
    plain: torch.Tensor | None = tensor
    if is_zerotensor(tensor):
        plain = torch.zeros(shape, dtype=tensor.dtype)
    elif not is_plain(tensor):
        try:
            plain = _to_plain(tensor, shape)
        except RuntimeError:  # its card has stopped working, or there is no memory for a copy
            return None
    if plain is None:
        return None
    storage = _PLAIN[plain.dtype]
    if not plain.numel():
        return Contents(storage, shape, b"")
    try:
        return Contents(storage, shape, _in_memory(plain, shape, plain.stride()).tobytes())
    except RuntimeError:  # a kind of tensor that has no memory of its own
        return None


def has_memory(tensor: torch.Tensor, shape: Sequence[int] | None = None) -> bool:
    """Whether there is memory as far as the tensor reaches: somebody may have freed it.

    Or as far as the first elements of each dimension do, as many as `shape` says.
    """
    if tensor.layout is not torch.strided or not tensor.numel() or is_zerotensor(tensor):
        return True
    count = tensor.storage_offset() + _reach(shape or tensor.shape, tensor.stride())
    try:
        return count * tensor.itemsize <= tensor.untyped_storage().nbytes()
    except NotImplementedError:  # a transform's stand-in for a tensor
        return False


def corner(shape: Sequence[int]) -> tuple[int, ...]:
    """How many of the first elements of each dimension are kept of a large tensor."""
    left = _CORNER_BUDGET
    sizes: list[int] = []
    for from_last, size in enumerate(reversed(shape)):
        limit = CORNER if from_last < 2 and len(shape) > 1 else left
        sizes.append(max(1, min(size, limit, left)))
        left //= sizes[-1]
    return tuple(reversed(sizes))


def statistics_of(values: Contents | torch.Tensor) -> Statistics | None:
    """Statistics of all elements; None where they cannot be read."""
    if isinstance(values, torch.Tensor):
        if not values.numel():
            return _NO_ELEMENTS
        if not has_memory(values):
            return None
        try:
            return _statistics_of_tensor(values)
        except RuntimeError:  # its card has stopped working, or has no memory for the sums
            return None
    if values.storage == "<f4" and len(values.data) == 4:
        return _statistics_of_number(float(np.frombuffer(values.data, "<f4")[0]))
    return summarise(np.frombuffer(values.data, values.storage))


def is_plain(tensor: torch.Tensor) -> bool:
    """Whether NumPy can read the tensor's memory."""
    return (
        tensor.dtype in _PLAIN
        and tensor.is_cpu
        and tensor.layout is torch.strided
        and not tensor.is_conj()
        and not tensor.is_neg()
        and not is_zerotensor(tensor)
    )


def _to_plain(tensor: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor | None:
    """A copy for NumPy of the first elements; None where they are no numbers."""
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    for dimension, size in enumerate(shape):
        tensor = tensor.narrow(dimension, 0, size)
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


class _Sums(NamedTuple):
    """What is summed over a block's finite elements, and their ends; the others are counted."""

    finite: int
    low: float
    high: float
    zeros: int
    total: float
    squares: float
    nan: int
    inf: int


def _sums_of(block: np.ndarray[Any, Any]) -> _Sums:
    """By NumPy, which needs half of torch's time and wakes no other thread for it."""
    low, high = float(block.min()), float(block.max())
    nan = inf = 0
    if not (math.isfinite(low) and math.isfinite(high)):
        nan = int(np.count_nonzero(np.isnan(block)))
        finite = _finite(block)
        inf = block.size - finite.size - nan
        block = finite
        if not block.size:
            return _Sums(0, math.inf, -math.inf, 0, 0.0, 0.0, nan, inf)
        low, high = float(block.min()), float(block.max())
    zeros = 0
    if low <= 0.0 <= high:
        are_zero = block == 0
        # Mostly none is, which shows sooner than how many are.
        zeros = int(np.count_nonzero(are_zero)) if are_zero.any() else 0
    total = squares = 0.0
    whole = block.size - block.size % _ROW
    if whole:
        # Products of single rows, which are too short to be shared among threads.
        rows = block[:whole].reshape(-1, 1, _ROW)
        total = float(np.matmul(rows, _ONES[block.dtype.char]).sum(dtype=np.float64))
        squares = float(np.matmul(rows, rows.transpose(0, 2, 1)).sum(dtype=np.float64))
    if whole < block.size:
        rest = block[whole:].astype(np.float64)
        total += float(rest.sum())
        squares += float(np.dot(rest, rest))
    return _Sums(block.size, low, high, zeros, total, squares, nan, inf)


def _finite(block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    finite: np.ndarray[Any, Any] = block[np.isfinite(block)]
    return finite


def elements_of(tensor: torch.Tensor) -> np.ndarray[Any, Any]:
    """All elements of a plain tensor, in the order in which they lie in memory.

    What NumPy reads as long as `tensor` lives, whose memory must be there. Not by way of
    `Tensor.numpy`: torch then forbids the person to resize the tensor.
    """
    if tensor.is_contiguous():
        return _in_memory(tensor, (tensor.numel(),), (1,))
    by_stride = sorted(zip(tensor.stride(), tensor.shape, strict=True), reverse=True)
    strides, shape = zip(*by_stride, strict=True)
    return _in_memory(tensor, shape, strides).reshape(-1)


def _in_memory(
    tensor: torch.Tensor, shape: Sequence[int], strides: Sequence[int]
) -> np.ndarray[Any, Any]:
    """What lies from the tensor's first element on, which must be in memory that can be read."""
    size = tensor.itemsize
    memory = (ctypes.c_char * (_reach(shape, strides) * size)).from_address(tensor.data_ptr())
    steps = [stride * size for stride in strides]
    return np.ndarray(shape, _PLAIN[tensor.dtype], memoryview(memory), 0, steps)


def _reach(shape: Sequence[int], strides: Sequence[int]) -> int:
    """How far it is from before the first element to behind the last one; there are some."""
    reach = 1
    for size, stride in zip(shape, strides, strict=True):
        reach += (size - 1) * stride
    return reach


def _blocks_of(tensor: torch.Tensor) -> Iterator[np.ndarray[Any, Any]]:
    """The elements in single or double precision; of what is complex its absolute value."""
    if is_plain(tensor) and tensor.dtype in (torch.float32, torch.float64):
        elements = elements_of(tensor)
        for start in range(0, elements.size, _BLOCK):
            yield np.ascontiguousarray(elements[start : start + _BLOCK])
        return
    for part in torch.split(tensor.reshape(-1), _BLOCK):
        block = part.cpu()
        block = block.abs() if block.dtype.is_complex else block.resolve_neg()
        is_narrow = block.dtype.is_floating_point and block.itemsize <= 4
        block = block.to(torch.float32 if is_narrow else torch.float64).contiguous()
        yield elements_of(block)


def _statistics_of_tensor(tensor: torch.Tensor) -> Statistics:
    """Block by block, so that a large tensor needs little memory and its own is read once.

    Row by row in the block's precision, the rows' sums in double. A sum of squares tells the
    spread only where the mean does not outweigh it: else deviations from the mean have to be
    summed. What is repeated, as the gradients of sums and means are, is looked at once.
    """
    once = tensor.detach()
    if is_zerotensor(once):
        once = torch.zeros((), dtype=once.dtype).expand(once.shape)
    for dimension, stride in enumerate(once.stride()):
        if stride == 0:
            once = once.narrow(dimension, 0, 1)
    repeats = tensor.numel() // once.numel()
    with np.errstate(all="ignore"):
        parts = [_sums_of(block) for block in _blocks_of(once)]
    counts, lows, highs, zeros, totals, squared, nans, infs = zip(*parts, strict=True)
    count, total, squares = sum(counts), sum(totals), sum(squared)
    nan, inf = sum(nans) * repeats, sum(infs) * repeats
    if not count:
        return Statistics(None, None, None, None, None, 0, nan, inf)
    low, high = min(lows), max(highs)
    mean = total / count
    variance = squares / count - mean * mean
    std, norm = math.sqrt(max(0.0, variance)), math.sqrt(squares)
    is_out_of_range = not 1e-30 < squares < 1e30 * count
    if low == high:
        mean, std, norm = low, 0.0, abs(low) * math.sqrt(count)
    elif is_out_of_range or variance < mean * mean / _MAX_OUTWEIGHED:
        mean, std, norm = _moments_of(once, count, max(abs(low), abs(high)))
    return Statistics(
        min=low,
        max=high,
        mean=mean,
        std=std,
        norm=norm * math.sqrt(repeats),
        zeros=sum(zeros) * repeats,
        nan=nan,
        inf=inf,
    )


def _moments_of(tensor: torch.Tensor, count: int, scale: float) -> tuple[float, float, float]:
    """Mean, spread and norm of the finite elements in double precision, none above `scale`."""
    total = squares = spread = 0.0
    for block in _blocks_of(tensor):
        exact = _finite(block).astype(np.float64) / scale
        total += float(exact.sum())
        squares += float(np.square(exact).sum())
    mean = total / count
    for block in _blocks_of(tensor):
        deviation = _finite(block).astype(np.float64) / scale - mean
        spread += float(np.square(deviation).sum())
    return mean * scale, math.sqrt(spread / count) * scale, math.sqrt(squares) * scale
