"""Which nodes keep a tensor for backward, and how it lay in memory."""

from __future__ import annotations

from gradviz.recording.check import check_recording
from gradviz.recording.model import Recording, Tensor
from gradviz.recording.savers import saved_by
from gradviz.recording.values import contiguous_strides
from tests.capabilities import needs_saved
from tests.recording.test_chain_truth import record


def named(recording: Recording, name: str) -> Tensor:
    return next(tensor for tensor in recording.tensors if tensor.name == name)


def savers(recording: Recording, name: str) -> list[str]:
    found = saved_by(recording, named(recording, name).id)
    return [recording.autograd_nodes[number].name for number in found]


@needs_saved
def test_what_a_product_needs_is_saved_by_it() -> None:
    recording = record("p = a * b\ns = p.exp()\nq = s + a\nq.backward()")
    assert savers(recording, "a") == ["MulBackward0"]
    assert savers(recording, "s") == ["ExpBackward0"]
    assert savers(recording, "q") == []


def test_strides_are_kept_where_they_are_not_the_usual_ones() -> None:
    recording = record(
        "t = M.t()\ne = a.expand(4)\nc = t.contiguous()\nbig = torch.zeros(99, 99).t()"
    )
    strides = {
        name: recording.values[value].strides
        for name in ("M", "t", "e", "c", "big")
        if (value := named(recording, name).value) is not None
    }
    assert strides == {"M": None, "t": (1, 3), "e": (0,), "c": None, "big": (1, 99)}
    check_recording(recording)


def test_the_usual_strides() -> None:
    assert contiguous_strides((4, 3, 2)) == (6, 2, 1)
    assert contiguous_strides(()) == ()
    assert contiguous_strides((3, 0)) == (1, 1)
