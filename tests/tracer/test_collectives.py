"""What processes send each other changes tensors as any op in place does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch.distributed as dist

from gradviz.recording.model import OpKind, Recording
from gradviz.tracer import collectives
from tests.capabilities import problems
from tests.tracer.helpers import array, record

pytestmark = [
    pytest.mark.filterwarnings("ignore"),
    pytest.mark.skipif(not dist.is_available(), reason="this PyTorch has no collective calls"),
]


@pytest.fixture(params=["as it is", "hidden"])
def group(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A group of this process alone, also on a torch that hides such calls from modes."""
    if collectives.IS_HIDDEN:
        pytest.skip("torch 2.6 can wait for ever as such a group ends; see the two processes below")
    if request.param == "hidden":
        monkeypatch.setattr(collectives, "IS_HIDDEN", True)
        monkeypatch.setattr(dist.distributed_c10d, "has_torch_function", lambda given: False)
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


@pytest.mark.usefixtures("group")
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


@pytest.mark.usefixtures("group")
def test_a_sum_over_processes_is_an_op_although_no_version_counts_it() -> None:
    recording = record(f"{START}dist.all_reduce(t)\nmean = t / dist.get_world_size()\n")
    reduced, divided = recording.ops[-2:]
    assert (reduced.name, reduced.text) == ("all_reduce", "dist.all_reduce(t)")
    assert divided.inputs == reduced.outputs


@pytest.mark.usefixtures("group")
def test_how_objects_are_sent_is_no_op() -> None:
    recording = record(f"{START}dist.broadcast_object_list([1], 0)\n")
    assert [one.text for one in recording.ops] == ["torch.ones(2)", "torch.full((2,), 5.)"]
    assert dist.get_world_size() == 1


def test_what_another_process_changed_is_never_shown_as_it_was_before(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.tracer.two_ranks"]
    pipe = subprocess.PIPE
    ranks = [
        subprocess.Popen([*command, rank, str(tmp_path / "met")], stdout=pipe, stderr=pipe)
        for rank in "01"
    ]
    try:
        said, errors = ranks[0].communicate(timeout=120)
        assert [rank.wait(60) for rank in ranks] == [0, 0], errors.decode()
    finally:
        for rank in ranks:
            rank.kill()
            rank.communicate()
    told = [json.loads(line) for line in said.splitlines()]
    reduced, received = [[2, 2], [2], [2, 2]], [[4, 4], [4], [4, 4]]
    assert {str(one["before"]) for one in told} == {"[[1.0, 1.0], [1.0], [1.0, 1.0]]"}
    assert [(one["ops"], one["after"]) for one in told] == [
        *[(["all_reduce"], reduced)] * 3,
        (["recv"], received),
        *[(["irecv"], received)] * 2,
        ([], reduced),  # another thread's
    ]
