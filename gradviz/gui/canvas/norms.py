"""How wide an edge is drawn where its width tells the norm of the gradient on it."""

from __future__ import annotations

import math
from typing import Final

from gradviz.errors import GradvizError
from gradviz.recording.model import Recording, ValueId
from gradviz.recording.per_recording import PerRecording
from gradviz.recording.replay import Carrier, Replay
from gradviz.recording.statistics import statistics_of

NormRange = tuple[float, float]
"""The norms of the narrowest and of the widest edge."""

NARROW: Final = 1.0
WIDE: Final = 9.0


def _nothing(_recording: Recording) -> dict[ValueId, float]:
    return {}


_known = PerRecording(_nothing)


def norm_of(recording: Recording, value: ValueId) -> float:
    """The Euclidean norm of a value's finite elements, NaN where it is not known."""
    known = _known(recording)
    if value not in known:
        try:
            statistics = statistics_of(recording.values[value])
        except GradvizError:  # a file may contradict itself
            statistics = None
        norm = None if statistics is None else statistics.norm
        known[value] = math.nan if norm is None else norm
    return known[value]


def norm_on_edge(replay: Replay, carriers: tuple[Carrier, ...], playhead: int) -> float:
    """The norm of all gradients that an edge has carried by a playhead, NaN where unknown."""
    values = (replay.gradient_at(carrier, playhead) for carrier in carriers)
    norms = [norm_of(replay.recording, value) for value in values if value is not None]
    return math.hypot(*norms) if norms else math.nan


def width_of(norm: float, between: NormRange) -> float:
    """The width of an edge in pixels, on a logarithmic scale; zero and the unknown are narrow."""
    low, high = between
    if not norm > 0:
        return NARROW
    if high <= low:
        return (NARROW + WIDE) / 2
    share = (math.log(norm) - math.log(low)) / (math.log(high) - math.log(low))
    return NARROW + (WIDE - NARROW) * min(max(share, 0.0), 1.0)
