"""Cards that errors and warnings were found at are marked, as in the panel of the findings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.finding_marks import FindingMarks
from gradviz.gui.main_window import MainWindow
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT
from gradviz.recording.diagnostics import Finding, FindingKind, Severity
from gradviz.recording.items import node_item, op_item, tensor_item
from gradviz.recording.model import Item, NodeId, TensorId
from gradviz.recording.view import ViewOptions
from tests.builders import make_chain_rule_recording

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


def make_finding(item: Item | None, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(
        kind=FindingKind.IN_PLACE,
        severity=severity,
        template="Something about {item}.",
        parameters={"item": "" if item is None else f"{item.kind.value} {item.id}"},
        item=item,
    )


def test_cards_and_what_stands_for_an_item_are_marked_but_not_for_notes() -> None:
    recording = make_chain_rule_recording()
    scene = build_scene(recording, ViewOptions())
    node = recording.ops[0].autograd_nodes[0]
    marks = FindingMarks(
        recording,
        [
            make_finding(node_item(NodeId(node)), Severity.WARNING),
            make_finding(op_item(0)),
            make_finding(tensor_item(TensorId(0)), Severity.NOTE),
            make_finding(None),
        ],
    )
    (card,) = marks.at(scene)
    assert card == scene.index[op_item(0)]
    assert marks.told_of(scene, card) == [
        f"Something about node {node}.",
        "Something about op 0.",
    ]
    assert FindingMarks(make_chain_rule_recording(), [make_finding(op_item(0))]).at(scene) == {}


def test_the_mark_is_painted_and_its_sentence_is_in_the_tooltip(
    drawn_canvas: Canvas, session: Session
) -> None:
    canvas = drawn_canvas
    assert canvas.scene is not None
    left, top, right, bottom = canvas.scene.card_boxes[canvas.scene.index[op_item(0)]].tolist()
    x, y = map(round, canvas.camera.to_canvas(right, bottom))
    assert canvas.grab().toImage().pixelColor(x + 4, y).name() != LIGHT.error
    canvas.show_findings(session.recording, [make_finding(op_item(0))])
    assert canvas.grab().toImage().pixelColor(x + 4, y).name() == LIGHT.error
    middle = QPointF(*canvas.camera.to_canvas((left + right) / 2, (top + bottom) / 2))
    assert canvas.tooltip_at(middle).endswith("\n\nSomething about op 0.")


def test_a_learner_who_predicts_is_shown_no_marks(qtbot, make_window) -> None:
    window: MainWindow = make_window(start=True)
    panels = window.panels
    qtbot.waitUntil(lambda: panels._findings is not None and window.centre.canvas is not None)
    session, canvas = window.session, window.centre.canvas
    session.show_recording(make_chain_rule_recording())
    assert panels._findings is not None
    panels._findings._show((make_finding(op_item(0)),), problem="")
    assert canvas._findings._findings
    session.conceal(True)
    assert canvas._findings._findings == []
    session.conceal(False)
    assert canvas._findings._findings
