"""Describe an item in plain words: its tooltip, and what a screen reader says."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QLocale

from gradviz.errors import GradvizError
from gradviz.gui.canvas.cards import gradient_text, shape_text, tensor_title
from gradviz.gui.canvas.chips import delivered_values
from gradviz.gui.canvas.counts import Counts
from gradviz.gui.canvas.edges import Edge
from gradviz.recording.compare import Comparison
from gradviz.recording.format import format_norm, format_number, format_place, format_value
from gradviz.recording.model import (
    Item,
    ItemKind,
    NodeId,
    Op,
    OpId,
    OpKind,
    Recording,
    Tensor,
    TensorId,
    TensorRole,
    Value,
    ValueId,
)
from gradviz.recording.replay import Phase, Replay
from gradviz.recording.residence import transfer_of
from gradviz.recording.scopes import Scope, scope_title, scopes_of
from gradviz.recording.statistics import statistics_of
from gradviz.recording.units import format_rate, format_seconds

LONGEST_LINE: Final = 160
ELEMENTS: Final = 16

translate = QCoreApplication.translate


def role_name(role: TensorRole) -> str:
    """What a tensor is to autograd."""
    names = {
        TensorRole.LEAF: translate("Canvas", "leaf"),
        TensorRole.PARAMETER: translate("Canvas", "parameter"),
        TensorRole.INTERMEDIATE: translate("Canvas", "intermediate tensor"),
        TensorRole.ROOT: translate("Canvas", "root of a backward pass"),
        TensorRole.CONSTANT: translate("Canvas", "constant: needs no gradient"),
    }
    return names[role]


def op_kind_name(kind: OpKind) -> str:
    """What an op does besides computing, empty where that is nothing."""
    names = {
        OpKind.CALL: "",
        OpKind.SOURCE: translate("Canvas", "makes a tensor"),
        OpKind.IN_PLACE: translate("Canvas", "changes its input in place"),
        OpKind.TRANSFER: translate("Canvas", "copies between devices"),
        OpKind.EXIT: translate("Canvas", "leaves torch"),
        OpKind.STEP: translate("Canvas", "optimizer step"),
    }
    return names[kind]


def title_of(recording: Recording, item: Item) -> str:
    """One line that names an item."""
    match item.kind:
        case ItemKind.TENSOR:
            return tensor_title(recording, recording.tensors[item.id])
        case ItemKind.OP:
            op = recording.ops[item.id]
            return op.text or op.name
        case ItemKind.NODE:
            return recording.autograd_nodes[item.id].name
        case ItemKind.SCOPE:
            return scope_title(scopes_of(recording).scopes[item.id])


def describe(
    replay: Replay, item: Item, playhead: int, comparison: Comparison | None = None
) -> str:
    """All there is to say about an item at a playhead, on a few lines of plain text.

    With the `comparison` of a what-if run, also what its value and its `.grad` were before.
    """
    recording = replay.recording
    match item.kind:
        case ItemKind.TENSOR:
            lines = _tensor_lines(replay, recording.tensors[item.id], playhead, comparison)
        case ItemKind.OP:
            lines = _op_lines(replay, recording.ops[OpId(item.id)], playhead)
        case ItemKind.NODE:
            lines = _node_lines(replay, NodeId(item.id), playhead)
        case ItemKind.SCOPE:
            lines = _scope_lines(replay, scopes_of(recording).scopes[item.id], playhead)
    return "\n".join(_shortened(line) for line in (title_of(recording, item), *lines) if line)


def describe_step(replay: Replay, playhead: int) -> str:
    """The step that has just been executed, as a sentence."""
    moment = replay.moment_at(playhead)
    if moment is None:
        return ""
    if moment.step is None:
        text = translate("Canvas", "Before the first step of {}.")
        return text.format(moment.pass_.text or translate("Canvas", "the backward pass"))
    node = replay.recording.autograd_nodes[moment.step.autograd_node]
    start = translate("Canvas", "Step {} of {}: {}.").format(
        moment.step.index + 1, len(moment.pass_.steps), node.name
    )
    if node.leaf is not None and moment.step.leaf_grad is not None:
        leaf = tensor_title(replay.recording, replay.recording.tensors[node.leaf])
        grad = gradient_text(replay.recording.values[moment.step.leaf_grad])
        return f"{start} {leaf}.grad = {grad}"
    flow = _flow(replay.recording, node.id, replay, playhead)
    return " ".join((start, *(f"{part}." for part in flow if part)))


def describe_chip(replay: Replay, edge: Edge, playhead: int) -> str:
    """The gradients that an edge has carried, on a line each."""
    lines = []
    for value in delivered_values(replay.recording, replay, edge.carriers, playhead):
        told = [shape_text(value.shape), value.dtype, format_value(value, ELEMENTS) or ""]
        norm = format_norm(value) if value.shape else None
        lines.append(" · ".join(part for part in (*told, norm) if part))
    if edge.tensor is None:
        title = translate("Canvas", "Gradient")
    else:
        tensor = replay.recording.tensors[edge.tensor]
        title = translate("Canvas", "Gradient of {}").format(tensor_title(replay.recording, tensor))
    return "\n".join(_shortened(line) for line in (title, *lines))


def describe_edge(replay: Replay, edge: Edge, playhead: int) -> str:
    """What flows along an edge: the tensor forward, the gradients that have come back by now."""
    recording = replay.recording
    lines = []
    if edge.is_pairing:
        lines.append(translate("Canvas", "The op and its autograd node"))
    if edge.tensor is not None:
        tensor = recording.tensors[edge.tensor]
        told = [tensor_title(recording, tensor), shape_text(tensor.shape), tensor.dtype]
        written = format_value(recording.value(tensor.value), ELEMENTS)
        lines += [" · ".join((*told, tensor.device)), "" if written is None else f"= {written}"]
    if edge.carriers:
        came = delivered_values(recording, replay, edge.carriers, playhead)
        if came:
            lines.append(describe_chip(replay, edge, playhead))
        else:
            lines.append(translate("Canvas", "no gradient has passed along it yet"))
    elif not edge.is_pairing:
        lines.append(translate("Canvas", "carries no gradient"))
    shown = (line for text in lines for line in text.splitlines())
    return "\n".join(_shortened(line) for line in shown if line)


def _tensor_lines(
    replay: Replay, tensor: Tensor, playhead: int, comparison: Comparison | None
) -> list[str]:
    recording = replay.recording
    op = None if tensor.op is None else recording.ops[tensor.op]
    line = "" if tensor.line is None else translate("Canvas", "line {}").format(tensor.line)
    lines = [
        role_name(tensor.role),
        f"{shape_text(tensor.shape)} · {tensor.dtype} · {tensor.device} · {_size(tensor.nbytes)}",
        " · ".join(part for part in (op.scope if op is not None else "", line) if part),
    ]
    value = recording.value(tensor.value)
    written = format_value(value, ELEMENTS)
    if written is not None:
        was = _was(comparison, tensor.value)
        lines.append(translate("Canvas", "value {}").format(written) + was)
    elif value is not None and (norm := format_norm(value)) is not None:
        lines.append(norm.replace("‖g‖", "‖·‖") + _was(comparison, tensor.value))
        lines.append(_statistics(value))
    if tensor.is_leaf and tensor.requires_grad:
        number = replay.leaf_grad_at(tensor.id, playhead)
        grad = recording.value(number)
        told = gradient_text(grad) if grad is not None else None
        lines.append(f".grad {told}{_was(comparison, number)}")
    return lines


def _op_lines(replay: Replay, op: Op, playhead: int) -> list[str]:
    recording = replay.recording
    name = op.name if op.text else ""
    where = op.scope + (f" ({op.module_type})" if op.module_type else "")
    place = format_place(op.location)
    line = translate("Canvas", "line {}").format(place) if place else ""
    lines = [
        " · ".join(part for part in (name, where, line) if part),
        op_kind_name(op.kind),
        _transfer(recording, op) or _time(op.seconds),
    ]
    for tensor_id in op.outputs[:4]:
        tensor = recording.tensors[TensorId(tensor_id)]
        told = [tensor.name or "", shape_text(tensor.shape), tensor.dtype, tensor.device]
        told.append(_size(tensor.nbytes))
        written = format_value(recording.value(tensor.value), ELEMENTS)
        lines.append("→ " + " · ".join(part for part in told if part))
        if written is not None:
            lines.append(f"= {written}")
    for node in op.autograd_nodes[:4]:
        lines.append(recording.autograd_nodes[node].name)
        lines.extend(_flow(recording, node, replay, playhead))
    return lines


def _node_lines(replay: Replay, node_id: NodeId, playhead: int) -> list[str]:
    node = replay.recording.autograd_nodes[node_id]
    lines = []
    if node.op is not None:
        op = replay.recording.ops[node.op]
        place = format_place(op.location)
        line = translate("Canvas", "line {}").format(place) if place else ""
        lines += [op.text, " · ".join(part for part in (op.scope, line) if part)]
    if node.leaf is not None:
        leaf = tensor_title(replay.recording, replay.recording.tensors[node.leaf])
        lines.append(translate("Canvas", "adds to {}.grad").format(leaf))
    phases = {
        Phase.IDLE: "",
        Phase.PENDING: translate("Canvas", "still to come"),
        Phase.CURRENT: translate("Canvas", "the step just executed"),
        Phase.DONE: translate("Canvas", "executed"),
    }
    step = replay.step_of(node_id, playhead)
    took = "" if step is None else _time(step.seconds)
    phase = phases[replay.phase_of(node_id, playhead)]
    lines.append(" · ".join(part for part in (phase, took) if part))
    if node.saved_nbytes:
        saved = _size(node.saved_nbytes)
        lines.append(translate("Canvas", "keeps {} for backward").format(saved))
    lines.extend(_flow(replay.recording, node_id, replay, playhead))
    return lines


def _scope_lines(replay: Replay, scope: Scope, playhead: int) -> list[str]:
    where = scope.path if scope.path != scope.name else ""
    count = Counts().ops(scope.stop - scope.start)
    line = "" if scope.line is None else translate("Canvas", "line {}").format(scope.line)
    lines = [" · ".join(part for part in (scope.type, where, line) if part), count]
    lines.append(_time(sum(op.seconds for op in replay.recording.ops[scope.start : scope.stop])))
    index = replay.pass_index_at(playhead)
    if index is not None:
        recording = replay.recording
        executed = replay.executed_in(index, playhead)
        inside = [
            step.index
            for step in recording.passes[index].steps
            if (op := recording.autograd_nodes[step.autograd_node].op) is not None
            and scope.start <= op < scope.stop
        ]
        if inside:
            done = sum(number < executed for number in inside)
            text = translate("Canvas", "{} of {} steps of its ops done")
            lines.append(text.format(done, len(inside)))
    return lines


def _size(nbytes: int) -> str:
    return QLocale().formattedDataSize(nbytes)


def _time(seconds: float) -> str:
    """How long something took, empty where that was not measured."""
    return translate("Canvas", "took {}").format(format_seconds(seconds)) if seconds > 0 else ""


def _transfer(recording: Recording, op: Op) -> str:
    """From where to where how much went how fast; empty for an op that copies nothing across."""
    transfer = transfer_of(recording, op)
    if transfer is None:
        return ""
    told = [f"{transfer.source} → {transfer.target}", _size(transfer.nbytes), _time(op.seconds)]
    if transfer.bytes_per_second is not None:
        told.append(format_rate(transfer.bytes_per_second, "B/s"))
    return " · ".join(part for part in told if part)


def _statistics(value: Value) -> str:
    try:
        known = statistics_of(value)
    except GradvizError:  # a record that contradicts itself has none
        known = None
    if known is None or known.min is None or known.max is None:
        return ""
    low, high = format_number(known.min), format_number(known.max)
    told = [translate("Canvas", "{} to {}").format(low, high)]
    if known.mean is not None and known.std is not None:
        mean, deviation = format_number(known.mean), format_number(known.std)
        told.append(translate("Canvas", "mean {} ± {}").format(mean, deviation))
    return " · ".join(told)


def _was(comparison: Comparison | None, value: ValueId | None) -> str:
    """What a value of a what-if run was before, empty where it is the same."""
    if comparison is None or value is None or value not in comparison.changed_values:
        return ""
    before = comparison.before.value(comparison.counterpart(value))
    told = "None" if before is None else gradient_text(before)
    return " " + translate("Canvas", "(was {})").format(told)


def _flow(
    recording: Recording, node: NodeId, replay: Replay, playhead: int
) -> tuple[str, str] | tuple[()]:
    step = replay.step_of(node, playhead)
    if step is None:
        return ()
    received = _gradients(recording, step.grad_outputs)
    sent = _gradients(recording, step.grad_inputs)
    return (
        translate("Canvas", "Received {}").format(received) if received else "",
        translate("Canvas", "Sent {}").format(sent) if sent else "",
    )


def _gradients(recording: Recording, values: tuple[ValueId | None, ...]) -> str:
    return ", ".join(gradient_text(recording.values[v]) for v in values if v is not None)


def _shortened(line: str) -> str:
    line = " ".join(line[: 4 * LONGEST_LINE].split())
    half = LONGEST_LINE // 2
    return line if len(line) <= LONGEST_LINE else f"{line[:half]} … {line[-half:]}"
