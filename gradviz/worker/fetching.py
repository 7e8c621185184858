"""Cut the asked part out of a value of the last run: slice first, then copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradviz.worker.messages import FetchValue, ValueFetched

if TYPE_CHECKING:
    import torch

MAX_ELEMENTS: Final = 1 << 20
"""More than any panel shows at once; what is asked beyond it is left out of the answer."""

_GONE: Final = "The engine no longer has this value: run the document again."


def fetch_value(request: FetchValue, tensor: torch.Tensor | None) -> ValueFetched:
    """Answer with the asked part of `tensor`; its shape tells how much of it there is."""
    if tensor is None:
        return _answer(request, problem=_GONE)
    import torch

    from gradviz.tracer.private import quiet
    from gradviz.tracer.summary import contents_of, statistics_of

    with torch.no_grad(), quiet():
        start, shape = bounded_part(tuple(tensor.shape), request.start, request.stop)
        part = tensor.detach()
        for dimension, (first, count) in enumerate(zip(start, shape, strict=True)):
            part = part.narrow(dimension, first, count)
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


def _answer(request: FetchValue, *, problem: str) -> ValueFetched:
    return ValueFetched(number=request.number, value=request.value, problem=problem)


def bounded_part(
    shape: tuple[int, ...], start: tuple[int, ...], stop: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Start and shape of the asked part, within `shape` and at most `MAX_ELEMENTS` large.

    Bounds that are missing mean the whole dimension. Where the part is too large the leading
    dimensions are cut first.
    """
    firsts, counts = [], []
    for dimension, size in enumerate(shape):
        first = start[dimension] if dimension < len(start) else 0
        last = stop[dimension] if dimension < len(stop) else size
        first = min(max(first, 0), size)
        firsts.append(first)
        counts.append(max(min(last, size) - first, 0))
    for dimension in range(len(counts)):
        others = 1
        for count in counts[:dimension] + counts[dimension + 1 :]:
            others *= count
        if others * counts[dimension] > MAX_ELEMENTS:
            counts[dimension] = max(1, MAX_ELEMENTS // others)
    return tuple(firsts), tuple(counts)
