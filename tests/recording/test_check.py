"""A recording that contradicts itself is refused before anybody looks a record up."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest

from gradviz.errors import GradvizError
from gradviz.recording import model
from gradviz.recording.check import MAX_TEXT, check_recording
from gradviz.recording.model import (
    LeafGrad,
    Location,
    NextEdge,
    NodeId,
    PassId,
    Recording,
    RunError,
    Saved,
    Statistics,
    TensorId,
    ValueId,
)
from tests.builders import make_chain_rule_recording

replace = msgspec.structs.replace


def with_record(field: str, index: int, **changes: object) -> Recording:
    recording = make_chain_rule_recording()
    records = list(getattr(recording, field))
    records[index] = replace(records[index], **changes)
    return replace(recording, **{field: tuple(records)})


def with_step(**changes: object) -> Recording:
    steps = list(make_chain_rule_recording().passes[0].steps)
    steps[1] = replace(steps[1], **changes)
    return with_record("passes", 0, steps=tuple(steps))


def with_value(**changes: object) -> Recording:
    return with_record("values", 0, **changes)


def saved(**changes: object) -> Saved:
    return replace(Saved("self", TensorId(0), 0, 4, 0), **changes)


BROKEN: dict[str, Callable[[], Recording]] = {
    "tensor numbered twice": lambda: with_record("tensors", 1, id=TensorId(0)),
    "tensor of a missing op": lambda: with_record("tensors", 3, op=2),
    "tensor of a missing node": lambda: with_record("tensors", 0, autograd_node=-1),
    "tensor of a missing value": lambda: with_record("tensors", 0, value=999),
    "tensor of a missing grad": lambda: with_record("tensors", 0, grad=999),
    "view of nothing": lambda: with_record("tensors", 0, base=5),
    "version of itself": lambda: with_record("tensors", 2, previous=2),
    "version before a later one": lambda: with_record("tensors", 2, previous=3),
    "size below zero": lambda: with_record("tensors", 0, shape=(-1,)),
    "too many dimensions": lambda: with_record("tensors", 0, shape=(1,) * 65),
    "huge size": lambda: with_record("tensors", 0, shape=(2**63,)),
    "bytes below zero": lambda: with_record("tensors", 0, nbytes=-1),
    "line below zero": lambda: with_record("tensors", 0, line=-1),
    "op numbered wrong": lambda: with_record("ops", 0, id=7),
    "input that is not there": lambda: with_record("ops", 0, inputs=(TensorId(5),)),
    "output that is not there": lambda: with_record("ops", 0, outputs=(TensorId(-1),)),
    "node of op that is not there": lambda: with_record("ops", 0, autograd_nodes=(NodeId(5),)),
    "line beyond Qt": lambda: with_record("ops", 0, location=Location(2**31, 0, 1, 0)),
    "endless op": lambda: with_record("ops", 0, seconds=float("inf")),
    "edge to nowhere": lambda: with_record("autograd_nodes", 0, next=(NextEdge(NodeId(5), 0),)),
    "edge slot": lambda: with_record("autograd_nodes", 0, next=(NextEdge(NodeId(0), -1),)),
    "node's op": lambda: with_record("autograd_nodes", 0, op=2),
    "node's leaf": lambda: with_record("autograd_nodes", 2, leaf=5),
    "root that is not there": lambda: with_record("passes", 0, roots=(NextEdge(NodeId(9), 0),)),
    "roots without tensors": lambda: with_record("passes", 0, root_tensors=()),
    "root tensor": lambda: with_record("passes", 0, root_tensors=(TensorId(9),)),
    "step number": lambda: with_step(index=5),
    "step's node": lambda: with_step(autograd_node=5),
    "step's incoming": lambda: with_step(grad_outputs=(ValueId(999),)),
    "step's outgoing": lambda: with_step(grad_inputs=(ValueId(999),)),
    "step's leaf": lambda: with_step(leaf_grad=-1),
    "step's time": lambda: with_step(seconds=float("nan")),
    "leaf before": lambda: with_record("passes", 0, grads_before=(LeafGrad(TensorId(9), None),)),
    "leaf after": lambda: with_record(
        "passes", 0, leaf_grads=(LeafGrad(TensorId(0), ValueId(999)),)
    ),
    "pass in itself": lambda: with_record("passes", 0, parent=PassId(0)),
    "ops before": lambda: with_record("passes", 0, ops_before=3),
    "read of no grad": lambda: with_record("tensors", 0, read_no_grad=-1),
    "saved tensor": lambda: with_record("autograd_nodes", 0, saved=(saved(tensor=TensorId(5)),)),
    "saved bytes": lambda: with_record("autograd_nodes", 0, saved=(saved(nbytes=-1),)),
    "element type": lambda: with_value(storage="|O"),
    "element count": lambda: with_value(data=b"12345"),
    "more kept than there is": lambda: with_value(kept_shape=(1,)),
    "kept size below zero": lambda: with_value(kept_shape=(-1,), data=None),
    "counts": lambda: with_value(statistics=Statistics(None, None, None, None, None, -1, 0, 0)),
    "long text": lambda: replace(make_chain_rule_recording(), text="x" * (MAX_TEXT + 1)),
    "error line": lambda: replace(make_chain_rule_recording(), error=RunError("A", "b", line=-3)),
    "run time": lambda: replace(make_chain_rule_recording(), run_seconds=float("inf")),
}


def test_a_sound_recording_is_accepted() -> None:
    check_recording(make_chain_rule_recording())
    check_recording(Recording())


@pytest.mark.parametrize("what", BROKEN)
def test_a_contradiction_is_refused_with_a_sentence(what: str) -> None:
    with pytest.raises(GradvizError, match=r"^[A-Z].*\.$"):
        check_recording(BROKEN[what]())


CHECKED = {
    "AutogradNode": {"id", "op", "next", "leaf"},
    "LeafGrad": {"leaf", "grad"},
    "NextEdge": {"node"},
    "Op": {"id", "inputs", "outputs", "autograd_nodes"},
    "Pass": {"id", "root_tensors", "parent"},
    "Saved": {"tensor"},
    "Step": {"autograd_node", "grad_outputs", "grad_inputs", "leaf_grad"},
    "Tensor": {"id", "previous", "base", "op", "autograd_node", "value", "grad"},
    "Value": {"id"},
}


def test_every_field_that_holds_an_identity_is_checked() -> None:
    """Whoever adds such a field checks it in `check_recording`, breaks it above, and lists it."""
    identity = re.compile(r"\b(TensorId|OpId|NodeId|PassId|ValueId)\b")
    found: dict[str, set[str]] = {}
    for name, record in vars(model).items():
        if isinstance(record, type) and record.__module__ == model.__name__ and name != "Recording":
            fields = {
                field
                for field, hint in getattr(record, "__annotations__", {}).items()
                if identity.search(str(hint))
            }
            if fields:
                found[name] = fields
    found["AutogradNode"].add("next")  # by way of NextEdge, as `roots` of a pass are
    assert found == CHECKED
