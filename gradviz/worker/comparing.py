"""Compare two runs' large values where they live, so that no element of them is left out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch

from gradviz.recording.compare import Pairs
from gradviz.recording.extent import Extent
from gradviz.recording.model import Recording, ValueId
from gradviz.tracer.private.modes import quiet

_CHUNK = 1 << 22
"""Elements that are compared at a time."""

Live = Mapping[ValueId, torch.Tensor]


def large_extents(
    before: Recording, live_before: Live, after: Recording, live_after: Live
) -> tuple[Extent, ...]:
    """How far the values are apart that were not sent whole, as far as both are still there."""
    found: dict[tuple[ValueId, ValueId], Extent] = {}
    with torch.no_grad(), quiet():
        for was, is_now in _large_pairs(before, after):
            first, second = live_before.get(was), live_after.get(is_now)
            if (was, is_now) in found or first is None or second is None:
                continue
            if first.shape == second.shape and first.dtype == second.dtype:
                found[was, is_now] = extent_of(was, is_now, first, second)
    return tuple(found.values())


def _large_pairs(before: Recording, after: Recording) -> Iterator[tuple[ValueId, ValueId]]:
    for pair in Pairs(before, after):
        if pair.before is None or pair.after is None:
            continue
        if not (before.values[pair.before].is_whole and after.values[pair.after].is_whole):
            yield pair.before, pair.after


def extent_of(was: ValueId, is_now: ValueId, first: torch.Tensor, second: torch.Tensor) -> Extent:
    """How far two tensors of one shape are apart."""
    shape = tuple(first.shape)
    differing, largest, at = 0, 0.0, 0
    start = 0
    chunks = zip(_chunks(first), _chunks(second), strict=True)
    for one, other in chunks:
        differs = (one != other) & ~((one != one) & (other != other))
        count = int(differs.sum())
        if count:
            wide = torch.complex128 if one.is_complex() else torch.float64
            gap = other.to(wide) - one.to(wide)
            size = torch.where(differs, gap.abs(), -1.0).nan_to_num(nan=math.inf)
            place = int(size.argmax())
            here = float(gap[place].abs() if gap.is_complex() else gap[place])
            if not differing or _weight(here) > _weight(largest):
                largest, at = here, start + place
            differing += count
        start += one.numel()
    place_of = torch.unravel_index(torch.tensor(at), shape) if differing and shape else ()
    return Extent(
        before=was,
        after=is_now,
        numel=first.numel(),
        differing=differing,
        largest=largest,
        at=tuple(int(one) for one in place_of),
    )


def _weight(gap: float) -> float:
    return math.inf if math.isnan(gap) else abs(gap)


def _chunks(tensor: torch.Tensor) -> Iterator[torch.Tensor]:
    dense = tensor.detach()
    if dense.layout is not torch.strided:
        dense = dense.to_dense()
    if dense.is_quantized:
        dense = dense.dequantize()
    return iter(torch.split(dense.reshape(-1), _CHUNK))
