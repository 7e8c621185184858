"""Steps through what a checkpoint computes again are shown on the step around them."""

from __future__ import annotations

import pytest

from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.marks import Marks
from gradviz.recording.items import node_item, op_item, tensor_item
from gradviz.recording.replay import Phase
from gradviz.recording.view import ViewMode, ViewOptions
from tests.recording.test_recomputed import INNER, TEXT
from tests.recording.test_view import record

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


def test_inside_the_inner_pass_the_step_around_it_is_current() -> None:
    recording = record(TEXT)
    scene = build_scene(recording, ViewOptions(pass_id=INNER))
    replay = scene.replay
    first, last = replay.span_of(INNER)
    made = next(op for op in recording.ops if op.name == "CheckpointFunction")
    card = scene.index[op_item(made.id)]
    result = scene.index[tensor_item(made.outputs[0])]
    (into,) = scene.edges_out_of(result)
    (out_of,) = (edge for edge in scene.edges_into(card) if scene.edges[edge].carriers)
    for playhead in range(first + 1, last + 1):
        marks = Marks(scene, playhead)
        assert marks.phase_of(card) is Phase.CURRENT
        assert marks.is_delivered(into)
        assert marks.chip_of(into) is not None
        assert not marks.is_delivered(out_of)
    after = Marks(scene, last + 1)
    assert after.is_delivered(out_of)
    assert after.phase_of(card) is Phase.CURRENT


def test_beside_the_inner_pass_the_one_around_it_keeps_what_it_has_done() -> None:
    recording = record(TEXT)
    scene = build_scene(recording, ViewOptions(mode=ViewMode.BOTH, pass_id=INNER))
    outer = recording.passes[0]
    first, last = scene.replay.span_of(INNER)
    summed, checkpoint, multiplied = (
        scene.index[node_item(step.autograd_node)] for step in outer.steps[:3]
    )
    (into,) = (edge for edge in scene.edges_out_of(checkpoint) if scene.edges[edge].carriers)
    for playhead in range(first + 1, last + 1):
        marks = Marks(scene, playhead)
        phases = [marks.phase_of(card) for card in (summed, checkpoint, multiplied)]
        assert phases == [Phase.DONE, Phase.PENDING, Phase.PENDING]
        inner = recording.passes[INNER].steps[playhead - first - 1]
        assert marks.phase_of(scene.index[node_item(inner.autograd_node)]) is Phase.CURRENT
        assert marks.is_delivered(into)
        chip = marks.chip_of(into)
        assert chip is not None
        assert chip.text == "[[1, 1]]"
