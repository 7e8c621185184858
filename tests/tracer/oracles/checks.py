"""Laws that every recording obeys; each raises `AssertionError` where one is broken.

None of them asks the recorder: they read the recording, and torch itself.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import torch

from gradviz.recording.model import NodeId, Pass, Recording, ValueId
from tests.tracer.oracles.samples import Ran, Recorded


def check_same_run(plain: Ran, recorded: Ran) -> None:
    """Recording changed nothing that the person can see."""
    assert recorded.error == plain.error, f"{recorded.error} instead of {plain.error}"
    assert torch.equal(plain.rng, recorded.rng), "random numbers"
    assert len(plain.outputs) == len(recorded.outputs)
    assert len(plain.leaves) == len(recorded.leaves)
    for index, (one, other) in enumerate(zip(plain.outputs, recorded.outputs, strict=True)):
        assert same_bits(one, other), f"output {index}"
    for index, (one, other) in enumerate(zip(plain.leaves, recorded.leaves, strict=True)):
        assert same_bits(one, other), f"leaf {index}"
        assert same_bits(one.grad, other.grad), f"gradient of leaf {index}"
        if one.grad is not None and one.grad.layout is torch.strided:
            assert other.grad is not None
            assert one.grad.stride() == other.grad.stride(), f"strides of gradient {index}"
    assert plain.kept_grad == recorded.kept_grad, "identity of .grad"


def same_bits(one: torch.Tensor | None, other: torch.Tensor | None) -> bool:
    """Whether two tensors have the same form and the same bits."""
    if one is None or other is None:
        return one is other
    if (one.shape, one.dtype, one.layout) != (other.shape, other.dtype, other.layout):
        return False
    return plain_array(one).tobytes() == plain_array(other).tobytes()


def plain_array(tensor: torch.Tensor) -> np.ndarray:
    """The elements as a recording would store them, by a way of our own."""
    tensor = tensor.detach()
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if tensor.dtype is torch.bfloat16:
        tensor = tensor.float()
    if tensor.dtype is torch.complex32:
        tensor = tensor.to(torch.complex64)
    # A clone: torch forbids to resize what NumPy has seen.
    return np.array(tensor.clone().numpy(force=True), order="C")


def recorded_array(recording: Recording, value: ValueId | None) -> np.ndarray | None:
    kept = recording.value(value)
    if kept is None or not kept.is_whole:
        return None
    assert kept.data is not None
    return np.frombuffer(kept.data, kept.storage).reshape(kept.shape)


def shows(recording: Recording, value: ValueId | None, tensor: torch.Tensor | None) -> bool:
    """Whether a recorded value is what the tensor holds; True where not all of it was kept."""
    if value is None or tensor is None:
        return value is None and tensor is None
    kept = recording.values[value]
    if kept.shape != tuple(tensor.shape) or kept.dtype != str(tensor.dtype).split(".")[1]:
        return False
    if tensor.numel() and not kept.is_whole:
        return tensor.numel() > 4096
    return tensor.numel() == 0 or kept.data == plain_array(tensor).tobytes()


def check_values(recorded: Recorded) -> None:
    """What is shown of leaves, outputs and gradients is what they hold."""
    ran, recording = recorded
    latest = {tensor.name: tensor for tensor in recording.tensors}
    final = {one.leaf: one.grad for pass_ in recording.passes for one in pass_.leaf_grads}
    for kind, tensors in (("leaf", ran.leaves), ("output", ran.outputs)):
        for index, tensor in enumerate(tensors):
            entry = latest.get(f"{kind}{index}")
            if entry is None:  # one tensor of several names
                assert any(one is tensor for one in [*ran.leaves, *ran.outputs])
                continue
            assert shows(recording, entry.value, tensor), f"value of {entry.name}"
            assert entry.requires_grad == tensor.requires_grad
            reached = any(node.leaf == entry.id for node in recording.autograd_nodes)
            if tensor._base is not None and tensor._base.requires_grad and not reached:
                continue  # asking a stale view changes it, so nobody asked
            assert entry.is_leaf == tensor.is_leaf
            if tensor.is_leaf:
                assert shows(recording, entry.grad, tensor.grad), f"gradient of {entry.name}"
                if ran.error is None and tensor.grad is not None and ran.outputs:
                    first = entry
                    while first.previous is not None:
                        first = recording.tensors[first.previous]
                    if first.id not in final:  # no op used it
                        assert ran.kept_grad[index]
                        assert torch.equal(tensor.grad, torch.ones_like(tensor))
                        continue
                    assert shows(recording, final[first.id], tensor.grad)
    if ran.error is None and any(one.requires_grad for one in ran.outputs):
        assert recording.passes


def match_graph(recording: Recording, pass_: Pass, roots: list[torch.Tensor]) -> dict[NodeId, Any]:
    """Walk torch's graph and the recorded one together: the nodes, one for one."""
    edges = [torch.autograd.graph.get_gradient_edge(one) for one in roots]
    assert len(edges) == len(pass_.roots)
    found: dict[NodeId, Any] = {}
    numbers: dict[Any, NodeId] = {}
    work: list[tuple[Any, NodeId]] = []
    for edge, root in zip(edges, pass_.roots, strict=True):
        assert edge.output_nr == root.slot
        work.append((edge.node, root.node))
    while work:
        node, number = work.pop()
        if number in found or node in numbers:
            assert found.get(number) is node
            assert numbers.get(node) == number, "two nodes taken for one, or one for two"
            continue
        found[number], numbers[node] = node, number
        entry = recording.autograd_nodes[number]
        name = node.name()
        assert entry.name == (name.rpartition("::")[2] if "::" in name else name)
        assert len(entry.next) == len(node.next_functions)
        for known, (after, slot) in zip(entry.next, node.next_functions, strict=True):
            assert (known is None) == (after is None)
            if known is not None:
                assert known.slot == slot
                work.append((after, known.node))
        if entry.name == "AccumulateGrad":
            assert entry.leaf is not None
            assert recording.tensors[entry.leaf].shape == tuple(node.variable.shape)
    return found


def check_ownership(recording: Recording) -> None:
    """Ops, tensors and autograd nodes name each other alike."""
    for op in recording.ops:
        for slot, number in enumerate(op.outputs):
            assert recording.tensors[number].op == op.id
            assert recording.tensors[number].slot == slot
        for node in op.autograd_nodes:
            assert recording.autograd_nodes[node].op == op.id
    for entry in recording.autograd_nodes:
        if entry.op is not None:
            assert entry.id in recording.ops[entry.op].autograd_nodes
    for tensor in recording.tensors:
        if tensor.autograd_node is not None and not tensor.is_leaf:
            assert tensor.requires_grad


def check_order(recording: Recording, pass_: Pass) -> None:
    """A node runs once, and after all that sends to it."""
    executed: set[NodeId] = set()
    sent_to: set[NodeId] = {root.node for root in pass_.roots}
    for index, step in enumerate(pass_.steps):
        assert step.index == index, "numbering"
        assert step.autograd_node not in executed, "a node ran twice"
        assert step.autograd_node in sent_to, "a node ran that nothing was sent to"
        executed.add(step.autograd_node)
        for edge in recording.autograd_nodes[step.autograd_node].next:
            if edge is not None:
                assert edge.node not in executed, "a node ran before one that sends to it"
                sent_to.add(edge.node)


def check_accumulation(
    recording: Recording, pass_: Pass, cotangents: list[torch.Tensor] | None = None
) -> int:
    """What arrives at a slot is the sum, in the order of execution, of what was sent to it.

    Returns how many slots were compared.
    """
    sent: dict[tuple[int, int], list[ValueId | None]] = defaultdict(list)
    roots: dict[tuple[int, int], list[np.ndarray]] = defaultdict(list)
    at_roots = {(root.node, root.slot) for root in pass_.roots}
    for root, cotangent in zip(pass_.roots, cotangents or (), strict=False):
        roots[root.node, root.slot].append(plain_array(cotangent))
    compared = 0
    for step in pass_.steps:
        for slot, arrived in enumerate(step.grad_outputs):
            place = (step.autograd_node, slot)
            if cotangents is None and place in at_roots:
                continue
            values = [value for value in sent[place] if value is not None]
            terms: list[Any] = [*roots[place], *(recorded_array(recording, one) for one in values)]
            if arrived is None:
                assert not terms, "something was sent that never arrived"
                continue
            assert terms, "something arrived that was never sent"
            whole = recorded_array(recording, arrived)
            if whole is None or any(term is None for term in terms):
                continue
            total = terms[0]
            for term in terms[1:]:
                total = total + term
            assert _same(total, whole), f"slot {slot} of step {step.index}"
            compared += 1
        edges = recording.autograd_nodes[step.autograd_node].next
        for edge, value in zip(edges, step.grad_inputs, strict=False):
            if edge is not None:
                sent[edge.node, edge.slot].append(value)
    return compared


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    """The same bits; a sum of NaNs is any NaN, and the sign of a zero is not a sum's."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if one.tobytes() == other.tobytes():
        return True
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))


def replay_by_hand(
    recording: Recording, pass_: Pass, nodes: dict[NodeId, Any], cotangents: list[torch.Tensor]
) -> dict[NodeId, torch.Tensor]:
    """Call the nodes one at a time in the recorded order; every gradient must be the recorded.

    The graph must have been retained. Returns what reaches each AccumulateGrad node.
    """
    waiting: dict[tuple[int, int], torch.Tensor] = {}
    reached: dict[NodeId, torch.Tensor] = {}
    for root, cotangent in zip(pass_.roots, cotangents, strict=True):
        _add(waiting, (root.node, root.slot), cotangent)
    for step in pass_.steps:
        number = step.autograd_node
        entry, node = recording.autograd_nodes[number], nodes[number]
        arrived = [waiting.pop((number, slot), None) for slot in range(len(step.grad_outputs))]
        for value, gradient in zip(step.grad_outputs, arrived, strict=True):
            assert shows(recording, value, gradient), f"into {entry.name} at step {step.index}"
        if entry.name == "AccumulateGrad":
            if arrived[0] is not None:
                reached[number] = arrived[0]
            continue
        with torch.no_grad():
            call = node.apply if hasattr(node, "apply") else node
            results = call(*arrived)
        results = results if isinstance(results, (tuple, list)) else (results,)
        assert len(results) >= len(entry.next)
        for slot, (edge, result) in enumerate(zip(entry.next, results, strict=False)):
            fitted = None
            if edge is not None and result is not None:
                fitted = _fitted(result, nodes[edge.node]._input_metadata[edge.slot])
                _add(waiting, (edge.node, edge.slot), fitted)
            if slot < len(step.grad_inputs) and (edge is not None or result is None):
                recorded = step.grad_inputs[slot]
                assert shows(recording, recorded, result) or shows(recording, recorded, fitted), (
                    f"out of {entry.name} at step {step.index}"
                )
    assert not waiting, "gradients that no step took"
    return reached


def _add(waiting: dict[Any, torch.Tensor], place: Any, gradient: torch.Tensor) -> None:
    before = waiting.get(place)
    if before is None:
        waiting[place] = gradient
    elif before.is_sparse and not gradient.is_sparse:
        waiting[place] = gradient + before
    else:
        waiting[place] = before + gradient


def _fitted(gradient: torch.Tensor, expected: Any) -> torch.Tensor:
    """What the engine makes of a gradient before it hands it on."""
    shape = tuple(expected.shape)
    if not gradient.is_sparse and tuple(gradient.shape) != shape:
        gradient = gradient.sum_to_size(shape)
    if gradient.is_complex() and not expected.dtype.is_complex:
        gradient = gradient.real
    return gradient.to(expected.dtype)


def check_replay(recorded: Recorded) -> int:
    """Hand replay gives the gradients of all leaves; returns how many steps were replayed."""
    ran, recording = recorded
    (pass_,) = recording.passes
    nodes = match_graph(recording, pass_, ran.outputs)
    # Running the nodes by hand must find the leaves as the engine did.
    reached = replay_by_hand(recording, pass_, nodes, ran.cotangents)
    for number, gradient in reached.items():
        leaf = nodes[number].variable
        expected = leaf.grad
        assert expected is not None
        index = next(k for k, one in enumerate(ran.leaves) if one is leaf)
        if ran.kept_grad[index]:
            gradient = torch.ones_like(leaf).add_(gradient)
        assert same_bits(gradient.to(expected.dtype), expected) or _same(
            plain_array(gradient), plain_array(expected)
        )
    return len(pass_.steps)


def check_requery(recorded: Recorded) -> int:
    """Asked again for the gradient at each edge, torch gives the recorded one, bit for bit."""
    ran, recording = recorded
    (pass_,) = recording.passes
    nodes = match_graph(recording, pass_, ran.outputs)
    asked = 0
    for step in pass_.steps:
        node = nodes[step.autograd_node]
        for slot, value in enumerate(step.grad_outputs):
            if value is None:
                continue
            edge = torch.autograd.graph.GradientEdge(node, slot)
            (gradient,) = torch.autograd.grad(
                ran.outputs, [edge], ran.cotangents, retain_graph=True
            )
            assert shows(recording, value, gradient), f"slot {slot} of step {step.index}"
            asked += 1
    return asked
