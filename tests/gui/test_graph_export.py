from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.centre import Centre
from gradviz.gui.graph_export import GraphExport
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance
from gradviz.recording.view_options import FoldStart
from tests.recording.scoped import make_block_recording

pytestmark = pytest.mark.gui


class FakeDocument:
    """Where to save, and what could not be."""

    def __init__(self) -> None:
        self.target: Path | None = None
        self.problems: list[str] = []

    def choose_export(self) -> Path | None:
        return self.target

    def tell_problem(self, sentence: str) -> None:
        self.problems.append(sentence)


class Place:
    def __init__(self, qtbot) -> None:
        self.session, appearance = Session(), Appearance()
        self.centre = Centre(self.session, appearance)
        qtbot.addWidget(self.centre)
        canvas = Canvas(self.session, appearance)
        self.centre.set_canvas(canvas)
        self.document = FakeDocument()
        self.export = GraphExport(
            self.session,
            self.centre,
            self.document,
            appearance,
            parent=self.centre,  # type: ignore[arg-type]
        )
        self.session.start_folds(FoldStart.FOLDED)
        with qtbot.waitSignal(canvas.scene_shown):
            self.session.show_recording(make_block_recording())


@pytest.fixture
def place(qtbot) -> Place:
    return Place(qtbot)


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        (".svg", b"<?xml"),
        (".png", b"\x89PNG"),
        (".pdf", b"%PDF"),
        (".dot", b"digraph"),
        (".json", b"{"),
    ],
)
def test_the_graph_is_written_as_the_ending_says(
    qtbot, place: Place, tmp_path: Path, suffix: str, start: bytes
) -> None:
    place.document.target = tmp_path / f"graph{suffix}"
    with qtbot.waitSignal(place.export.finished):
        place.export.export()
    assert place.document.problems == []
    assert place.document.target.read_bytes().startswith(start)


def test_what_is_folded_is_folded_in_the_file(qtbot, place: Place, tmp_path: Path) -> None:
    drawn, text, report = (tmp_path / name for name in ("a.svg", "a.dot", "a.json"))
    for target in (drawn, text, report):
        with qtbot.waitSignal(place.export.finished):
            place.export.export_to(target)
    assert "36 ops" in drawn.read_text() and "relu" not in drawn.read_text()
    assert "box3d" in text.read_text() and "relu" not in text.read_text()
    assert len(json.loads(report.read_text())["ops"]) == 37, "the report is of the whole run"


def test_nothing_is_written_where_nobody_chose_a_file(place: Place, qtbot) -> None:
    with qtbot.assertNotEmitted(place.export.finished, wait=50):
        place.export.export()


def test_a_file_that_cannot_be_written_is_told_of(qtbot, place: Place, tmp_path: Path) -> None:
    for target in (tmp_path / "nowhere" / "graph.svg", tmp_path / "graph.doc"):
        with qtbot.waitSignal(place.export.finished):
            place.export.export_to(target)
    assert len(place.document.problems) == 2
    assert "graph.doc" in place.document.problems[1]


def test_the_picture_is_copied(qtbot, place: Place) -> None:
    QGuiApplication.clipboard().clear()
    with qtbot.waitSignal(place.export.finished):
        place.export.copy()
    image = QGuiApplication.clipboard().image()
    assert image.width() > 100
    assert image.height() > image.width()
