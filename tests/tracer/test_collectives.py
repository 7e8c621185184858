"""What processes send each other changes tensors as any op in place does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
import torch.distributed as dist

from gradviz.recording.model import OpKind, Recording
from tests.capabilities import problems
from tests.tracer.helpers import array, record

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(
        not (dist.is_available() and hasattr(dist.distributed_c10d, "has_torch_function")),
        reason="this PyTorch hides collective calls from modes, or has none",
    ),
]


@pytest.fixture(autouse=True)
def group() -> Iterator[None]:
    """A group of this process alone."""
    store = dist.HashStore()  # type: ignore[attr-defined]
    dist.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    dist.destroy_process_group()


def held(recording: Recording, name: str) -> list[object]:
    """What each version of a tensor held."""
    values = [array(recording, one.value) for one in recording.tensors if one.name == name]
    return [None if value is None else value.tolist() for value in values]


START = "import torch.distributed as dist\nt = torch.ones(2)\nu = torch.full((2,), 5.)\n"
CALLS = {
    "dist.scatter(t, [u], src=0)": "scatter",
    "dist.all_gather([t], u)": "all_gather",
    "dist.all_to_all_single(t, u)": "all_to_all_single",
    "dist.gather(u, [t])": "gather",
    "dist.scatter(t, scatter_list=[u], async_op=True).wait()": "scatter",
}


@pytest.mark.parametrize("call", CALLS)
def test_what_a_process_receives_is_a_new_version(call: str) -> None:
    recording = record(f"{START}old = t * 1\n{call}\nnew = t * 10\n")
    assert problems(recording.warnings) == ()
    (op,) = [one for one in recording.ops if one.name == CALLS[call]]
    assert op.kind is OpKind.IN_PLACE
    assert call.startswith(op.text)
    assert held(recording, "t") == [[1, 1], [5, 5]]
    last = recording.ops[-1]
    assert recording.tensors[last.inputs[0]].op == op.id
    assert held(recording, "new") == [[50, 50]]


def test_a_sum_over_processes_is_an_op_although_no_version_counts_it() -> None:
    recording = record(f"{START}dist.all_reduce(t)\nmean = t / dist.get_world_size()\n")
    reduced, divided = recording.ops[-2:]
    assert (reduced.name, reduced.text) == ("all_reduce", "dist.all_reduce(t)")
    assert divided.inputs == reduced.outputs


def test_how_objects_are_sent_is_no_op() -> None:
    recording = record(f"{START}dist.broadcast_object_list([1], 0)\n")
    assert [one.text for one in recording.ops] == ["torch.ones(2)", "torch.full((2,), 5.)"]
    assert torch.distributed.get_world_size() == 1
