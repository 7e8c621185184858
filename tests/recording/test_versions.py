"""Which records are versions of one tensor, and which of them a pass computed with."""

from __future__ import annotations

from gradviz.recording.model import PassId, TensorId
from gradviz.recording.versions import version_in_pass, versions_of
from tests.recording.test_view import LOOP, record


def test_the_versions_of_a_weight_are_found_from_any_of_them() -> None:
    recording = record(LOOP)
    of_w = tuple(t.id for t in recording.tensors if t.name == "w")

    assert len(of_w) == 4
    assert {versions_of(recording, version) for version in of_w} == {of_w}


def test_each_pass_of_a_loop_used_the_version_that_the_step_before_it_made() -> None:
    recording = record(LOOP)
    of_w = [t.id for t in recording.tensors if t.name == "w"]

    for start in of_w:
        used = [version_in_pass(recording, start, PassId(number)) for number in range(3)]
        assert used == of_w[:3]


def test_a_tensor_that_took_no_part_in_a_pass_stays_what_it_is() -> None:
    recording = record(LOOP)
    unused, y = (
        next(t.id for t in recording.tensors if t.name == name) for name in ("unused", "y")
    )

    assert version_in_pass(recording, unused, PassId(2)) == unused
    assert version_in_pass(recording, y, PassId(2)) == y


def test_a_version_that_the_pass_used_itself_is_kept() -> None:
    recording = record(
        "import torch\n"
        "x = torch.tensor(2.)\n"
        "w = torch.tensor(3., requires_grad=True)\n"
        "y = w + x\n"
        "x.add_(1.)\n"
        "z = y + w * x\n"
        "z.backward()\n"
    )
    first, second = versions_of(recording, TensorId(0))

    assert version_in_pass(recording, first, PassId(0)) == first
    assert version_in_pass(recording, second, PassId(0)) == second
