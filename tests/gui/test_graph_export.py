from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage

from gradviz.gui import graph_export
from gradviz.gui.canvas import overlay_colours
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.look import Colouring, Focus
from gradviz.gui.centre import Centre
from gradviz.gui.graph_export import GraphExport
from gradviz.gui.session import Session
from gradviz.gui.settings import Settings
from gradviz.gui.style import DARK, LIGHT, PAPER, Appearance, Paint, Theme
from gradviz.recording.model import PassId
from gradviz.recording.overlays import Overlay
from gradviz.recording.view_options import FoldStart
from tests.builders import make_chain_rule_recording
from tests.recording.scoped import make_block_recording
from tests.recording.test_chain import repeat_pass

pytestmark = pytest.mark.gui


class FakeDocument:
    """Where to save, and what could not be."""

    def __init__(self) -> None:
        self.target: Path | None = None
        self.problems: list[str] = []
        self.asked_for_steps = False

    def choose_export(self, *, for_steps: bool = False) -> Path | None:
        self.asked_for_steps = for_steps
        return self.target

    def tell_problem(self, sentence: str) -> None:
        self.problems.append(sentence)


class Place:
    def __init__(self, qtbot) -> None:
        self.session, self.settings = Session(), Settings()
        self.appearance = appearance = Appearance()
        self.centre = Centre(self.session, appearance)
        qtbot.addWidget(self.centre)
        canvas = Canvas(self.session, appearance)
        self.centre.set_canvas(canvas)
        self.document = FakeDocument()
        self.export = GraphExport(
            self.session,
            self.centre,
            self.document,  # type: ignore[arg-type]
            self.settings,
            parent=self.centre,
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


def test_the_picture_has_pins_overlay_colours_and_focus_of_the_canvas(
    qtbot, place: Place, tmp_path: Path
) -> None:
    canvas = place.centre.canvas
    assert canvas is not None and canvas.scene is not None

    def export(name: str) -> QImage:
        with qtbot.waitSignal(place.export.finished):
            place.export.export_to(tmp_path / name)
        return QImage(str(tmp_path / name))

    def has(image: QImage, colour: str) -> bool:
        wanted = QColor(colour).rgb()
        return any(
            image.pixel(x, y) == wanted
            for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)
        )  # fmt: skip

    plain = export("plain.png")
    assert not has(plain, "#123456")
    paint = Paint(fill="#123456", line="#654321", text="#ffffff")
    codes = np.zeros(len(canvas.scene.cards), np.uint8)
    canvas.set_colouring(Colouring((paint,), codes))
    assert has(export("overlay.png"), "#123456")
    canvas.set_colouring(None)
    none = np.zeros(len(canvas.scene.cards), bool)
    canvas.set_focus(Focus(none, np.zeros(len(canvas.scene.edges), bool)))
    assert export("focus.png") != plain
    canvas.set_focus(None)
    assert export("again.png") == plain
    item = canvas.scene.items[0]
    canvas.set_offset(item, (240.0, 0.0))
    moved = export("moved.png")
    assert moved.width() > plain.width() + 100, "the card is where it was put"
    assert has(moved, LIGHT.selection), "the pin's head"


def test_pictures_are_on_white_paper_unless_the_windows_colours_are_wanted(
    qtbot, place: Place, tmp_path: Path
) -> None:
    canvas = place.centre.canvas
    assert canvas is not None and canvas.scene is not None

    def export(name: str) -> QImage:
        with qtbot.waitSignal(place.export.finished):
            place.export.export_to(tmp_path / name)
        return QImage(str(tmp_path / name))

    def colour(theme: Theme) -> None:
        coloured = overlay_colours.colour(
            canvas.scene, Overlay.GRADIENT, theme, pass_id=None, comparison=None
        )
        assert coloured is not None
        canvas.set_colouring(coloured.colouring)

    colour(LIGHT)
    light = export("light.png")
    place.appearance.set_theme(DARK)
    colour(DARK)
    paper = export("paper.png")
    assert paper.pixelColor(1, 1) == QColor(PAPER.canvas) == QColor("white")
    assert paper == light, "cards and overlay are those of the light window"
    place.export.toggle_colours()
    assert export("dark.png").pixelColor(1, 1) == QColor(DARK.canvas)
    with qtbot.waitSignal(place.export.finished):
        place.export.copy()
    assert QGuiApplication.clipboard().image().pixelColor(1, 1) == QColor(DARK.canvas)
    place.export.toggle_colours()
    with qtbot.waitSignal(place.export.finished):
        place.export.copy()
    assert QGuiApplication.clipboard().image().pixelColor(1, 1) == QColor("white")


def pages_of(path: Path) -> int:
    return len(re.findall(rb"/Type /Page\b", path.read_bytes()))


def test_every_step_has_a_page_of_its_own(qtbot, place: Place, tmp_path: Path) -> None:
    place.document.target = tmp_path / "steps.pdf"
    with qtbot.waitSignal(place.centre.canvas.scene_shown):
        place.session.show_recording(make_chain_rule_recording())
    with qtbot.waitSignal(place.export.finished):
        place.export.export_steps()
    assert place.document.problems == []
    assert place.document.asked_for_steps
    assert pages_of(place.document.target) == place.session.replay.length + 1
    with qtbot.waitSignal(place.export.finished):
        place.export.export_to(tmp_path / "one.pdf")
    assert pages_of(tmp_path / "one.pdf") == 1


def test_the_pages_of_the_pass_that_is_shown_alone(qtbot, place: Place, tmp_path: Path) -> None:
    recording = repeat_pass(make_chain_rule_recording(), cleared=True)
    with qtbot.waitSignal(place.centre.canvas.scene_shown):
        place.session.show_recording(recording)
    options = msgspec.structs.replace(place.session.view_options, pass_id=PassId(1))
    with qtbot.waitSignal(place.centre.canvas.scene_shown):
        place.session.set_view_options(options)
    with qtbot.waitSignal(place.export.finished):
        place.export.export_steps_to(tmp_path / "second.pdf")
    assert pages_of(tmp_path / "second.pdf") == len(recording.passes[1].steps) + 1


def test_why_no_steps_are_exported_is_said(qtbot, place: Place, monkeypatch) -> None:
    def said() -> str:
        with qtbot.waitSignal(place.export.reported) as heard:
            place.export.export_steps()
        return heard.args[0]

    chain = make_chain_rule_recording()
    with qtbot.waitSignal(place.centre.canvas.scene_shown):
        place.session.show_recording(msgspec.structs.replace(chain, passes=()))
    assert ".backward()" in said()
    with qtbot.waitSignal(place.centre.canvas.scene_shown):
        place.session.show_recording(chain)
    monkeypatch.setattr(graph_export, "MAX_PAGES", 3)
    assert "6 pages" in said()
    place.session.conceal(True)
    assert "finish predicting" in said()


def test_only_a_pdf_has_pages(qtbot, place: Place, tmp_path: Path) -> None:
    with qtbot.waitSignal(place.export.finished):
        place.export.export_steps_to(tmp_path / "steps.png")
    assert "steps.png" in place.document.problems[0]
    assert not (tmp_path / "steps.png").exists()


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
