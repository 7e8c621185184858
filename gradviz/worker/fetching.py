"""Fetch a part of a value of the last run: it is sliced first, then copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradviz.worker.messages import NOT_KEPT, FetchValue, ValueFetched

if TYPE_CHECKING:
    import torch

MAX_ELEMENTS: Final = 1 << 20
"""More than any panel shows at once; what is asked beyond it is left out of the answer."""


def fetch_value(request: FetchValue, tensor: torch.Tensor | None) -> ValueFetched:
    """Answer with the asked part of `tensor`; its shape tells how much of it there is."""
    if tensor is None:
        return _answer(request, problem=NOT_KEPT)
    import torch

    from gradviz.tracer.private.modes import quiet
    from gradviz.tracer.summary import contents_of, statistics_of

    with torch.no_grad(), quiet():
        if request.picture or request.histogram:
            return _pictured(request, _dense(tensor.detach()))
        start, shape = bounded_part(tuple(tensor.shape), request.start, request.stop)
        part = _narrowed(tensor.detach(), start, shape)
        contents = contents_of(part)
        if contents is None:
            return _answer(request, problem="The elements of this value cannot be read.")
        return ValueFetched(
            number=request.number,
            value=request.value,
            start=start,
            shape=shape,
            storage=contents.storage,
            data=contents.data,
            statistics=statistics_of(tensor) if request.statistics else None,
        )


def _narrowed(tensor: torch.Tensor, start: tuple[int, ...], shape: tuple[int, ...]) -> torch.Tensor:
    for dimension, (first, count) in enumerate(zip(start, shape, strict=True)):
        tensor = tensor.narrow(dimension, first, count)
    return tensor


def _pictured(request: FetchValue, tensor: torch.Tensor) -> ValueFetched:
    from gradviz.tracer.summary import statistics_of
    from gradviz.worker.picturing import histogram_of, picture_of

    start, shape = asked_part(tuple(tensor.shape), request.start, request.stop)
    picture = None
    if request.picture:
        part = _narrowed(tensor, start, shape)
        columns = part.shape[-1] if part.dim() else 1
        picture = picture_of(part.reshape(-1, columns) if part.numel() else part.new_zeros(0, 0))
    return ValueFetched(
        number=request.number,
        value=request.value,
        start=start,
        shape=shape,
        statistics=statistics_of(tensor) if request.statistics else None,
        histogram=histogram_of(tensor) if request.histogram else None,
        picture=picture,
    )


def _dense(tensor: torch.Tensor) -> torch.Tensor:
    import torch

    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    return tensor.dequantize() if tensor.is_quantized else tensor


def _answer(request: FetchValue, *, problem: str) -> ValueFetched:
    return ValueFetched(number=request.number, value=request.value, problem=problem)


def bounded_part(
    shape: tuple[int, ...], start: tuple[int, ...], stop: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Start and shape of the asked part, within `shape` and at most `MAX_ELEMENTS` large.

    Bounds that are missing mean the whole dimension. Where the part is too large the leading
    dimensions are cut first.
    """
    firsts, asked = asked_part(shape, start, stop)
    counts = list(asked)
    for dimension in range(len(counts)):
        others = 1
        for count in counts[:dimension] + counts[dimension + 1 :]:
            others *= count
        if others * counts[dimension] > MAX_ELEMENTS:
            counts[dimension] = max(1, MAX_ELEMENTS // others)
    return firsts, tuple(counts)


def asked_part(
    shape: tuple[int, ...], start: tuple[int, ...], stop: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Start and shape of the asked part, within `shape`; missing bounds mean all of it."""
    firsts, counts = [], []
    for dimension, size in enumerate(shape):
        first = start[dimension] if dimension < len(start) else 0
        last = stop[dimension] if dimension < len(stop) else size
        first = min(max(first, 0), size)
        firsts.append(first)
        counts.append(max(min(last, size) - first, 0))
    return tuple(firsts), tuple(counts)
