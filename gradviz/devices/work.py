"""Count the arithmetic and the memory traffic of a piece of code, op by op, while it runs once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import torch
from torch.utils.flop_counter import flop_registry

from gradviz.errors import GradvizError
from gradviz.tracer.functions import tensors_in
from gradviz.tracer.private.kernels import DispatchMode

_MOVES: Final = """
copy_ _to_copy clone fill_ zero_ zeros zeros_like ones ones_like empty empty_like full
full_like new_zeros new_empty arange cat stack index_select gather scatter index index_put_
index_put embedding embedding_dense_backward constant_pad_nd masked_fill masked_fill_
select_backward slice_backward _local_scalar_dense repeat roll flip contiguous scalar_tensor
lift_fresh lift_fresh_copy empty_strided set_ resize_ where tril triu eye
"""
_NO_ARITHMETIC: Final = frozenset(_MOVES.split())
"""These move and make elements, without computing any."""


class Work:
    """What was counted.

    Attributes:
        flops: floating-point operations: two for each product and sum of a matrix product or a
            convolution (PyTorch's own formulas), one for each element of any other op's largest
            tensor.
        moved_nbytes: bytes of every tensor that an op read or wrote, each op for itself.
        peak_nbytes: the most that the device's allocator held beyond what was there before, None
            where the device does not tell.
    """

    def __init__(self) -> None:
        self.flops = 0
        self.moved_nbytes = 0
        self.peak_nbytes: int | None = None


@contextmanager
def counted_work(device: str) -> Iterator[Work]:
    """Count what the block does, on the device that it computes on.

    Raises `GradvizError` where this torch has no way to see single kernels.
    """
    if DispatchMode is None:
        raise GradvizError("This PyTorch does not show its kernels, so they are not counted.")
    work = Work()
    allocator = _allocator(device)
    before = 0
    if allocator is not None:
        # Without the device they are about the current card.
        allocator.synchronize(device)
        before = int(allocator.memory_allocated(device))
        allocator.reset_peak_memory_stats(device)
    with _Counter(work):
        yield work
    if allocator is not None:
        allocator.synchronize(device)
        work.peak_nbytes = max(0, int(allocator.max_memory_allocated(device)) - before)


def _allocator(device: str) -> Any:
    """The module of torch that knows the device's allocator, None where there is none."""
    try:
        kind = torch.device(device).type
    except RuntimeError:
        return None
    module = getattr(torch, kind, None)
    names = ("synchronize", "memory_allocated", "reset_peak_memory_stats", "max_memory_allocated")
    return module if kind != "cpu" and all(hasattr(module, name) for name in names) else None


class _Counter(DispatchMode if DispatchMode is not None else object):  # type: ignore[misc]
    def __init__(self, work: Work) -> None:
        super().__init__()
        self._work = work

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        # A view computes and moves nothing.
        if not func.is_view:
            read = tensors_in([args, kwargs])
            written = tensors_in([result])
            self._work.moved_nbytes += sum(map(_nbytes, read))
            self._work.moved_nbytes += sum(map(_nbytes, written))
            self._work.flops += _flops(func, args, kwargs, result, [*read, *written])
        return result


def _flops(
    func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, met: list[torch.Tensor]
) -> int:
    packet = func.overloadpacket
    formula: Callable[..., int] | None = flop_registry.get(packet)
    if formula is not None:
        return int(formula(*args, **kwargs, out_val=result))
    if packet.__name__ in _NO_ARITHMETIC:
        return 0
    if packet.__name__.startswith("_foreach"):
        return sum(t.numel() for t in tensors_in([args[:1]]))
    return max((tensor.numel() for tensor in met if tensor.is_floating_point()), default=0)


def _nbytes(tensor: torch.Tensor) -> int:
    """What must be read to see all elements: those of an expanded tensor lie in one place."""
    if tensor.layout is not torch.strided:
        return 0
    own = tensor.element_size()
    for size, stride in zip(tensor.shape, tensor.stride(), strict=True):
        own *= size if stride else min(size, 1)
    return own
