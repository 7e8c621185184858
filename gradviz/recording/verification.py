"""What came of checking a run's gradients against independent ones."""

from __future__ import annotations

from enum import Enum

import msgspec

from gradviz.recording.model import OpId, PassId, TensorId


class Verdict(Enum):
    """What a check says."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    KINK = "kink"
    """The function has no derivative there: the slopes to the two sides are not the same."""
    UNCHECKED = "unchecked"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An element of a leaf, its gradient, and the slope that finite differences found."""

    element: tuple[int, ...]
    recorded: float
    expected: float


class LeafCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A leaf's gradient in one pass.

    `again` is whether a second, independent `torch.autograd.grad` gave the same, bit for bit;
    `differences` whether finite differences in float64 did. Where they did not, `places` are the
    elements where they differ most, those first; of the `numel` elements `checked` were looked at,
    and `differing` of those differ. A leaf that agrees and is too large to be looked at element by
    element was checked along random directions and at `sampled` of its elements, 0 for all.
    `reason` says why something could not be checked.
    """

    leaf: TensorId
    pass_id: PassId
    again: Verdict = Verdict.UNCHECKED
    differences: Verdict = Verdict.UNCHECKED
    places: tuple[Place, ...] = ()
    differing: int = 0
    checked: int = 0
    numel: int = 0
    sampled: int = 0
    reason: str = ""


class OpCheck(msgspec.Struct, frozen=True, kw_only=True):
    """An op whose own derivative is not what finite differences say: the place of the mistake."""

    op: OpId
    name: str
    line: int | None
    problem: str


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """All checks of one run; `ops` are the culprits where leaves disagree."""

    leaves: tuple[LeafCheck, ...] = ()
    ops: tuple[OpCheck, ...] = ()
