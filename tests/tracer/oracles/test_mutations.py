"""Each check of the oracles fails on an error of one part in a million, or of one bit of fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from torch.testing._internal.opinfo.core import SampleInput

from gradviz.recording.model import NextEdge, Pass, Recording, ValueId
from gradviz.tracer import forward
from gradviz.tracer.backward import BackwardRecorder
from gradviz.tracer.forward import ForwardRecorder
from gradviz.tracer.ledger import Ledger
from tests.tracer.oracles.checks import (
    check_accumulation,
    check_order,
    check_ownership,
    check_replay,
    check_requery,
    check_same_run,
    check_values,
    match_graph,
)
from tests.tracer.oracles.samples import Ran, Recorded, operators, run, run_recorded, samples_of

_SMALL = 1e-6


def _recorded() -> tuple[Ran, Recorded]:
    (op,) = [op for op in operators(torch.float32) if op.name == "addcmul"]
    one, other = (samples_of(op, torch.float32, 4)[3] for _ in range(2))
    return run(op, one), run_recorded(op, other)


def _with_value(recording: Recording, number: ValueId) -> Recording:
    kept = recording.values[number]
    assert kept.data is not None
    array = np.frombuffer(kept.data, kept.storage) * (1 + _SMALL)
    data = array.astype(kept.storage).tobytes()
    assert data != kept.data
    values = list(recording.values)
    values[number] = msgspec.structs.replace(kept, data=data)
    return msgspec.structs.replace(recording, values=tuple(values))


def _with_pass(recording: Recording, pass_: Pass) -> Recording:
    return msgspec.structs.replace(recording, passes=(pass_, *recording.passes[1:]))


def _with_step(recording: Recording, index: int, **changes: Any) -> Recording:
    (pass_,) = recording.passes
    steps = list(pass_.steps)
    steps[index] = msgspec.structs.replace(steps[index], **changes)
    return _with_pass(recording, msgspec.structs.replace(pass_, steps=tuple(steps)))


def _sample(tensor: torch.Tensor) -> Any:
    return SampleInput(tensor)  # type: ignore[no-untyped-call]


def _branching() -> Recorded:
    """Like a sample, with a gradient that two consumers send to."""

    def call(x: torch.Tensor) -> torch.Tensor:
        h = x.sin()
        return h * h.exp() + h

    return run_recorded(call, _sample(torch.linspace(0.1, 1, 5).requires_grad_()))


def test_undamaged_recordings_pass() -> None:
    plain, recorded = _recorded()
    check_same_run(plain, recorded.ran)
    for one in (recorded, _branching()):
        check_values(one)
        check_ownership(one.recording)
        check_order(one.recording, one.recording.passes[0])
        assert check_accumulation(one.recording, one.recording.passes[0], one.ran.cotangents) > 2
        assert check_replay(one) > 2
        assert check_requery(one) > 2


@pytest.mark.parametrize("what", ["leaf", "leaf.grad", "output"])
def test_a_value_that_is_off_by_a_millionth_is_found(what: str) -> None:
    _, recorded = _recorded()
    recording = recorded.recording
    entry = next(one for one in recording.tensors if one.name == f"{what.split('.')[0]}0")
    number = entry.grad if what.endswith("grad") else entry.value
    assert number is not None
    with pytest.raises(AssertionError, match=r"value of|gradient of"):
        check_values(Recorded(recorded.ran, _with_value(recording, number)))


def test_every_gradient_that_is_off_by_a_millionth_is_found() -> None:
    recorded = _branching()
    recording = recorded.recording
    (pass_,) = recording.passes
    numbers = {
        value
        for step in pass_.steps
        for value in (*step.grad_outputs, *step.grad_inputs)
        if value is not None
    }
    assert len(numbers) > 5
    for number in numbers:
        damaged = _with_value(recording, number)
        with pytest.raises(AssertionError, match=r"into|out of"):
            check_replay(Recorded(recorded.ran, damaged))
    # Where one node alone sends, what it sent and what arrives are one value: off on both sides.
    arrived = {value for step in pass_.steps for value in step.grad_outputs if value is not None}
    sent = {value for step in pass_.steps for value in step.grad_inputs if value is not None}
    summed = arrived ^ sent
    assert (len(arrived), len(summed)) == (5, 5)
    for number in summed:
        damaged = _with_value(recording, number)
        with pytest.raises(AssertionError, match="slot"):
            check_accumulation(damaged, damaged.passes[0], recorded.ran.cotangents)
    for number in arrived:
        with pytest.raises(AssertionError, match="slot"):
            check_requery(Recorded(recorded.ran, _with_value(recording, number)))


def test_a_sum_taken_in_another_order_is_found() -> None:
    big, small = np.float32(1e8), np.float32(1)
    assert (big + small) - big != (big - big) + small

    def call(x: torch.Tensor) -> torch.Tensor:
        h = x * 1
        return h * 1e8 + h * 1 + h * -1e8

    recorded = run_recorded(call, _sample(torch.ones(3, requires_grad=True)))
    recording = recorded.recording
    (pass_,) = recording.passes
    steps = list(pass_.steps)
    first, *_, last = (
        index
        for index, step in enumerate(steps)
        if recording.autograd_nodes[step.autograd_node].name == "MulBackward0"
        and index < len(steps) - 2
    )
    steps[first], steps[last] = steps[last], steps[first]
    swapped = msgspec.structs.replace(pass_, steps=tuple(steps))
    damaged = _with_pass(recording, swapped)
    check_accumulation(recording, pass_, recorded.ran.cotangents)
    with pytest.raises(AssertionError):
        check_accumulation(damaged, swapped, recorded.ran.cotangents)
    with pytest.raises(AssertionError):
        check_replay(Recorded(recorded.ran, damaged))
    with pytest.raises(AssertionError):
        check_order(damaged, swapped)


def test_a_step_left_out_or_run_twice_is_found() -> None:
    recorded = _branching()
    (pass_,) = recorded.recording.passes
    for index in range(len(pass_.steps)):
        left = (*pass_.steps[:index], *pass_.steps[index + 1 :])
        damaged = _with_pass(recorded.recording, msgspec.structs.replace(pass_, steps=left))
        with pytest.raises(AssertionError):
            check_replay(Recorded(recorded.ran, damaged))
    twice = msgspec.structs.replace(pass_, steps=(*pass_.steps, pass_.steps[-1]))
    with pytest.raises(AssertionError, match="numbering"):
        check_order(recorded.recording, twice)


def test_an_undefined_gradient_shown_as_defined_is_found_and_the_other_way() -> None:
    recorded = _branching()
    recording = recorded.recording
    (pass_,) = recording.passes
    last = pass_.steps[-1]
    for arrived in ((None,), (last.grad_outputs[0], last.grad_outputs[0])):
        damaged = _with_step(recording, len(pass_.steps) - 1, grad_outputs=arrived)
        with pytest.raises(AssertionError):
            check_accumulation(damaged, damaged.passes[0], recorded.ran.cotangents)


def test_an_edge_that_leads_elsewhere_is_found() -> None:
    recorded = _branching()
    recording = recorded.recording
    for number, node in enumerate(recording.autograd_nodes):
        for slot, edge in enumerate(node.next):
            if edge is None:
                continue
            for wrong in (None, NextEdge(edge.node, edge.slot + 1), NextEdge(node.id, edge.slot)):
                edges = (*node.next[:slot], wrong, *node.next[slot + 1 :])
                nodes = list(recording.autograd_nodes)
                nodes[number] = msgspec.structs.replace(node, next=edges)
                damaged = msgspec.structs.replace(recording, autograd_nodes=tuple(nodes))
                with pytest.raises(AssertionError):
                    match_graph(damaged, damaged.passes[0], recorded.ran.outputs)


def test_a_node_given_to_another_op_is_found() -> None:
    recording = _branching().recording
    owned = next(node for node in recording.autograd_nodes if node.op is not None)
    other = next(op.id for op in recording.ops if op.id != owned.op)
    nodes = list(recording.autograd_nodes)
    nodes[owned.id] = msgspec.structs.replace(owned, op=other)
    with pytest.raises(AssertionError):
        check_ownership(msgspec.structs.replace(recording, autograd_nodes=tuple(nodes)))


def _sabotage(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Any], Any]) -> None:
    """Let the recorder do something to each call's result."""
    original = forward.lean_handler

    def sabotaged(ledger: Ledger, recorder: ForwardRecorder) -> Any:
        handle = original(ledger, recorder)
        return lambda *call: spoil(handle(*call))

    monkeypatch.setattr(forward, "lean_handler", sabotaged)


def test_a_recorder_that_moves_a_gradient_by_a_millionth_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = BackwardRecorder.wrap

    def wrap(self: BackwardRecorder, engine: Any, is_recorded_thread: Any) -> Any:
        def slightly_off(outputs: Any, cotangents: Any, *args: Any, **kwargs: Any) -> Any:
            moved = tuple(one * (1 + _SMALL) for one in cotangents)
            return engine(outputs, moved, *args, **kwargs)

        return original(self, slightly_off, is_recorded_thread)

    monkeypatch.setattr(BackwardRecorder, "wrap", wrap)
    plain, recorded = _recorded()
    with pytest.raises(AssertionError, match="gradient of leaf"):
        check_same_run(plain, recorded.ran)


def test_a_recorder_that_draws_a_random_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def draw(result: Any) -> Any:
        torch.rand(1)
        return result

    _sabotage(monkeypatch, draw)
    plain, recorded = _recorded()
    with pytest.raises(AssertionError, match="random numbers"):
        check_same_run(plain, recorded.ran)


def test_a_recorder_that_moves_an_output_by_a_millionth_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def move(result: Any) -> Any:
        if isinstance(result, torch.Tensor) and result.requires_grad and not result.is_leaf:
            with torch.no_grad():
                result.data *= 1 + _SMALL
        return result

    _sabotage(monkeypatch, move)
    plain, recorded = _recorded()
    with pytest.raises(AssertionError, match="output"):
        check_same_run(plain, recorded.ran)


def test_another_exception_or_message_and_another_grad_object_are_found() -> None:
    plain, recorded = _recorded()
    for error in ((ValueError, "no"), (RuntimeError, "other")):
        wrong = recorded.ran._replace(error=error)
        with pytest.raises(AssertionError, match="instead of"):
            check_same_run(plain._replace(error=(ValueError, "other")), wrong)
    with pytest.raises(AssertionError, match="identity"):
        check_same_run(plain, recorded.ran._replace(kept_grad=[True] * len(plain.kept_grad)))
