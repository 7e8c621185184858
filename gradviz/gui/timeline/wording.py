"""What the timeline says: where the playhead stands, what a pass is called, what a step was."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from gradviz.recording.format import format_number, format_place
from gradviz.recording.model import Pass, Recording, RunStatus, Step
from gradviz.recording.naming import node_op, shorten
from gradviz.recording.replay import Replay
from gradviz.recording.step_facts import StepFacts
from gradviz.recording.units import format_seconds


def describe_nothing(recording: Recording) -> str:
    """Why there is nothing to step through."""
    translate = QCoreApplication.translate
    if not (recording.tensors or recording.outputs or recording.error):
        return translate("Timeline", "Run the code to step through its backward pass.")
    if recording.passes:
        return translate("Timeline", "No autograd node was executed in this run's backward pass.")
    if recording.status is not RunStatus.OK:
        return translate("Timeline", "The run ended before it came to a backward pass.")
    return translate("Timeline", "This run has no backward pass: call .backward() on a scalar.")


def describe_playhead(replay: Replay, playhead: int) -> str:
    """Where the playhead stands, in one line."""
    translate = QCoreApplication.translate
    recording = replay.recording
    moment = replay.moment_at(playhead)
    if moment is None or not replay.length:
        return describe_nothing(recording)
    pass_, step = moment
    parts = []
    if len(recording.passes) > 1:
        text = translate("Timeline", "Pass {} of {}")
        parts.append(text.format(pass_.id + 1, len(recording.passes)))
    count = len(pass_.steps)
    if step is None:
        parts.append(translate("Timeline", "Before step 1 of {}").format(count))
        parts.append(shorten(pass_.text, 40))
        line = format_place(pass_.location)
        if line:
            parts.append(translate("Timeline", "line {}").format(line))
    else:
        parts.append(translate("Timeline", "Step {} of {}").format(step.index + 1, count))
        parts += _step_parts(recording, step)
    return " · ".join(part for part in parts if part)


def _step_parts(recording: Recording, step: Step) -> list[str]:
    node = recording.autograd_nodes[step.autograd_node]
    parts = [node.name]
    if node.leaf is not None:
        parts.append(recording.tensors[node.leaf].name or "")
    op = node_op(recording, node.id)
    if op is not None and op.scope:
        parts.append(op.scope)
    line = "" if op is None else format_place(op.location)
    if line:
        parts.append(QCoreApplication.translate("Timeline", "line {}").format(line))
    return parts


def describe_step(replay: Replay, facts: StepFacts | None, playhead: int) -> str:
    """A step for a tooltip: what was executed, what it received, how long it took."""
    translate = QCoreApplication.translate
    lines = [describe_playhead(replay, playhead)]
    if facts is not None and 0 < playhead <= len(facts.norms):
        at = playhead - 1
        norm = float(facts.norms[at])
        known = []
        if facts.has_nan[at]:
            known.append(translate("Timeline", "has NaN"))
        if facts.has_inf[at]:
            known.append(translate("Timeline", "has Inf"))
        if not np.isnan(norm):
            known.append(translate("Timeline", "received ‖g‖ = {}").format(format_number(norm)))
        if facts.seconds[at] > 0:
            known.append(format_seconds(float(facts.seconds[at])))
        if facts.accumulates[at]:
            known.append(translate("Timeline", "changes .grad"))
        lines.append(" · ".join(known))
    return "\n".join(line for line in lines if line)


def pass_names(recording: Recording, pass_: Pass) -> tuple[str, ...]:
    """What a pass is called, from the longest name to the shortest."""
    translate = QCoreApplication.translate
    number = str(pass_.id + 1)
    kind = bare = "backward" if pass_.accumulates else "grad"
    if pass_.create_graph:
        kind += " (create_graph)"
    line = format_place(pass_.location)
    where = translate("Timeline", "line {}").format(line) if line else ""
    inside = ""
    if pass_.parent is not None and pass_.parent_step is not None:
        text = translate("Timeline", "inside pass {}, step {}")
        inside = text.format(pass_.parent + 1, pass_.parent_step + 1)
    rows = (
        [number, kind, where, inside],
        [number, kind, inside],
        [number, kind],
        [number, bare],
        [number],
    )
    names = (" · ".join(part for part in row if part) for row in rows)
    return tuple(dict.fromkeys(names))


def describe_pass(recording: Recording, pass_: Pass) -> str:
    """A pass for a tooltip."""
    translate = QCoreApplication.translate
    lines = [shorten(pass_.text, 60), pass_names(recording, pass_)[0]]
    count = translate("Timeline", "{} steps").format(len(pass_.steps))
    time = format_seconds(pass_.seconds) if pass_.seconds else ""
    lines.append(" · ".join(part for part in (count, time) if part))
    lines.append(translate("Timeline", "Click: its first step. Double click: zoom in or out."))
    return "\n".join(lines)
