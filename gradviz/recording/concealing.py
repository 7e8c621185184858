"""What would give away gradients that are still to come, while a learner predicts them."""

from __future__ import annotations

from gradviz.recording.model import Tensor
from gradviz.recording.query import (
    Comparison,
    Flag,
    Quantity,
    UnreadableQueryError,
    Word,
    read_query,
)
from gradviz.recording.replay import Replay

_TELLING_QUANTITIES = (Quantity.NORM, Quantity.GRAD_NORM)
_TELLING_FLAGS = (Flag.NAN, Flag.INF)


def gives_away(replay: Replay, tensor: Tensor, playhead: int) -> bool:
    """Whether a tensor's value may be computed from gradients that are still to come.

    That is what the person made after a backward call that has not ended at the playhead: what
    `autograd.grad` returned, a name for `x.grad`, a weight after its update.
    """
    recording = replay.recording
    begun = _ops_before_the_open_pass(replay, playhead)
    if begun is None:
        return False
    if tensor.op is not None:
        return tensor.op >= begun
    is_given = tensor.requires_grad or any(tensor.id in op.inputs for op in recording.ops[:begun])
    return not is_given


def _ops_before_the_open_pass(replay: Replay, playhead: int) -> int | None:
    """How many ops there were when the first pass began that has not ended; None after all."""
    open_passes = (
        pass_
        for pass_ in replay.recording.passes
        if pass_.steps and replay.span_of(pass_.id)[1] > playhead
    )
    return min((pass_.ops_before for pass_ in open_passes), default=None)


def query_tells_gradients(text: str) -> bool:
    """Whether a search asks how large gradients are."""
    try:
        terms = read_query(text)
    except UnreadableQueryError:
        return False
    for term in terms:
        match term.test:
            case Comparison(quantity=quantity) if quantity in _TELLING_QUANTITIES:
                return True
            case Word(flag=flag) if flag in _TELLING_FLAGS:
                return True
            case Flag() as flag if flag in _TELLING_FLAGS:
                return True
    return False
