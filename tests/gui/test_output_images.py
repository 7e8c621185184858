"""Figures in the output pane."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QGuiApplication, QImage, QTextCursor
from PySide6.QtWidgets import QApplication, QMenu

from gradviz.gui.image_window import ImageWindow
from gradviz.gui.output_margin import unpack
from gradviz.gui.output_pane import OutputPane
from gradviz.gui.settings import DEFAULT_FONT_POINTS
from gradviz.gui.style import DARK
from gradviz.recording.model import Image, Output, OutputKind

pytestmark = pytest.mark.gui

RED, BLUE = QColor("#c00000"), QColor("#0000c0")
TEXT = "<Figure size 640x480 with 1 Axes: Loss>"
BREAK = "\u2028"
IN_LINES = f"<Figure size 640x480 with 1 Axes:{BREAK}Loss>"


def png(colour: QColor, width: int = 1200, height: int = 800) -> bytes:
    pixels = QImage(width, height, QImage.Format.Format_RGB32)
    pixels.fill(colour)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    assert pixels.save(buffer, "PNG")
    return bytes(buffer.data().data())


def figure(line: int = 2, number: int = 1, colour: QColor = RED) -> Output:
    image = Image(number, 600, 400, png(colour))
    return Output(line, OutputKind.DISPLAY, TEXT, image)


@pytest.fixture
def pane(qtbot, appearance) -> OutputPane:
    pane = OutputPane(appearance)
    qtbot.addWidget(pane)
    pane.resize(400, 600)
    pane.show()
    qtbot.waitExposed(pane)
    return pane


def area(pane: OutputPane, colour: QColor = RED) -> tuple[int, int]:
    """Width and height of what has this colour in the pane."""
    pixels = pane.text.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(pixels.constBits(), np.uint32)
    found = flat.reshape(pixels.height(), -1)[:, : pixels.width()] == colour.rgb()
    return int(found.any(0).sum()), int(found.any(1).sum())


def test_an_image_is_as_wide_as_the_pane_and_keeps_its_proportions(qtbot, pane) -> None:
    pane.add_output(Output(1, OutputKind.PRINT, "before"))
    pane.add_output(figure())
    pane.add_output(Output(3, OutputKind.PRINT, "after"))
    width, height = area(pane)
    assert 300 < width <= pane.text.viewport().width()
    assert height == pytest.approx(width * 400 / 600, abs=2)
    assert pane.text.horizontalScrollBar().maximum() == 0
    pane.resize(250, 600)
    qtbot.waitUntil(lambda: area(pane)[0] < 250)
    assert area(pane)[1] == pytest.approx(area(pane)[0] * 400 / 600, abs=2)
    pane.resize(1000, 600)
    qtbot.waitUntil(lambda: area(pane) == pytest.approx((600, 400), abs=4))


def test_an_image_fits_into_a_low_pane_and_needs_no_scroll_bar(qtbot, pane) -> None:
    pane.add_output(figure())
    pane.resize(400, 200)
    qtbot.waitUntil(lambda: area(pane)[1] <= 200)
    assert area(pane)[1] >= 120
    assert pane.text.verticalScrollBar().maximum() == 0


@pytest.mark.parametrize("after", [[], [Output(3, OutputKind.PRINT, "after")]])
def test_the_last_image_is_seen_whole_whatever_the_panes_height(pane, after) -> None:
    for height in range(200, 220):
        pane.resize(400, height)
        pane.clear()
        pane.add_output(Output(1, OutputKind.PRINT, "before\n" * 20))
        pane.add_output(Output(1, OutputKind.DISPLAY, "x" * 200))
        pane.add_output(figure())
        for output in after:
            pane.add_output(output)
        QApplication.processEvents()
        image = pane.text.document().findBlockByNumber(pane.text.blockCount() - 1 - len(after))
        assert pane.text.verticalScrollBar().value() <= image.firstLineNumber()


def test_with_larger_text_an_image_is_larger(pane) -> None:
    pane.resize(1400, 1000)
    pane.add_output(figure())
    pane.set_font_points(2 * DEFAULT_FONT_POINTS)
    assert area(pane) == pytest.approx((1200, 800), abs=4)


@pytest.mark.parametrize("first", [[], [Output(1, OutputKind.PRINT, "first")]])
def test_an_image_goes_when_another_of_its_number_comes(pane, first) -> None:
    for output in first:
        pane.add_output(output)
    words = [output.text for output in first]

    def blocks() -> list[tuple[str, int | None]]:
        document = pane.text.document()
        every = (document.findBlockByNumber(n) for n in range(document.blockCount()))
        return [(b.text().strip(BREAK), unpack(b.userState())[0]) for b in every][len(words) :]

    pane.add_output(figure(2))
    assert blocks() == [(IN_LINES, 2)]
    pane.add_output(figure(2, colour=BLUE))
    assert blocks() == [(IN_LINES, 2)]
    assert area(pane) == (0, 0)
    assert area(pane, BLUE) != (0, 0)
    pane.add_output(Output(3, OutputKind.WARNING, "a"))
    pane.add_output(Output(4, OutputKind.PRINT, "b"))
    pane.add_output(figure(2))
    assert blocks() == [("a", 3), ("b", 4), (IN_LINES, 2)]
    assert area(pane, BLUE) == (0, 0)
    assert area(pane) != (0, 0)
    pane.add_output(figure(5, number=2, colour=BLUE))
    pane.add_output(figure(2))
    assert blocks() == [("a", 3), ("b", 4), (IN_LINES, 5), (IN_LINES, 2)]
    pane.clear()
    pane.add_output(Output(2, OutputKind.PRINT, "c"))
    assert pane.text.toPlainText() == "c"
    assert area(pane, BLUE) == (0, 0)


def test_an_images_own_colours_stay_in_a_dark_window(pane, appearance) -> None:
    pane.add_output(figure())
    before = area(pane)
    appearance.set_theme(DARK)
    assert area(pane) == before


def test_copied_text_has_words_in_place_of_an_image(pane) -> None:
    pane.add_output(Output(1, OutputKind.PRINT, "before"))
    pane.add_output(figure())
    pane.add_output(Output(3, OutputKind.PRINT, "after"))
    pane.text.selectAll()
    pane.text.copy()
    assert QGuiApplication.clipboard().text() == f"before\n{TEXT}\nafter"


def test_the_program_ends_well_with_copied_output_on_the_clipboard() -> None:
    program = (
        "from PySide6.QtWidgets import QApplication\n"
        "from gradviz.gui.output_text import OutputText\n"
        "from gradviz.gui.style import LIGHT, Appearance\n"
        "from gradviz.recording.model import Output, OutputKind\n"
        "app = QApplication([])\n"
        "text = OutputText(Appearance(LIGHT))\n"
        "text.add_output(Output(1, OutputKind.PRINT, 'a'))\n"
        "text.selectAll()\n"
        "text.copy()\n"
        "print(app.clipboard().text())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, [b"a"])


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\nno", png(RED, 9000, 1)])
def test_what_is_no_image_or_too_large_a_one_stays_words(pane, content: bytes) -> None:
    pane.add_output(Output(2, OutputKind.DISPLAY, TEXT, Image(1, 600, 400, content)))
    assert pane.text.toPlainText() == TEXT


def test_a_file_that_breaks_off_shows_its_words(pane) -> None:
    cut = png(RED)[:60]
    pane.add_output(Output(2, OutputKind.DISPLAY, TEXT, Image(1, 600, 400, cut)))
    assert pane.text.toPlainText().startswith(TEXT)
    assert area(pane) == (0, 0)


def centre(pane: OutputPane) -> QPoint:
    return QPoint(100, 100)


def test_a_double_click_and_enter_open_an_image_large(qtbot, pane) -> None:
    output = figure()
    pane.add_output(output)
    with qtbot.waitSignal(pane.text.image_opened) as opened:
        qtbot.mouseDClick(pane.text.viewport(), Qt.MouseButton.LeftButton, pos=centre(pane))
    assert opened.args == [output]
    pane.text.setFocus()
    pane.text.moveCursor(QTextCursor.MoveOperation.Start)
    with qtbot.waitSignal(pane.text.image_opened):
        qtbot.keyClick(pane.text, Qt.Key.Key_Return)
    with qtbot.waitSignal(pane.text.image_copied):
        qtbot.keyClick(pane.text, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)


def test_the_menu_of_an_image_opens_copies_and_saves_it(pane, monkeypatch) -> None:
    menus: list[list[str]] = []
    monkeypatch.setattr(
        QMenu, "popup", lambda menu, _at: menus.append([a.text() for a in menu.actions()])
    )

    def ask(reason: QContextMenuEvent.Reason) -> None:
        at = centre(pane)
        event = QContextMenuEvent(reason, at, pane.text.viewport().mapToGlobal(at))
        QApplication.sendEvent(pane.text.viewport(), event)

    pane.add_output(figure())
    ask(QContextMenuEvent.Reason.Mouse)
    ask(QContextMenuEvent.Reason.Keyboard)
    pane.clear()
    pane.add_output(Output(1, OutputKind.PRINT, "text"))
    ask(QContextMenuEvent.Reason.Mouse)
    own = ["Open it large", "Copy picture", "Save picture as…"]
    assert menus[:2] == [own, own]
    assert not set(own) & set(menus[2])


def test_the_keyboards_place_is_marked_only_where_it_is(qtbot, pane) -> None:
    pane.add_output(figure())
    pane.add_output(Output(3, OutputKind.PRINT, "after"))
    accent = QColor(pane.text.theme.accent)
    pane.text.setFocus()
    pane.text.moveCursor(QTextCursor.MoveOperation.Start)
    qtbot.waitUntil(lambda: area(pane, accent)[0] > 300)
    assert area(pane)[0] > 300, "only its frame is painted over"
    pane.text.moveCursor(QTextCursor.MoveOperation.Down)
    assert area(pane)[0] > 300, "the keyboard within it selects nothing"
    pane.text.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.waitUntil(lambda: area(pane, accent)[0] < 5)


def test_a_window_saves_copies_and_opens_an_image(qtbot, make_window, dialogs, tmp_path) -> None:
    window = make_window()
    output = figure()
    dialogs.to_save = tmp_path / "loss.png"
    window.output.text.image_saved.emit(output)
    assert output.image is not None
    assert dialogs.to_save.read_bytes() == output.image.png
    assert dialogs.asked[-1].endswith(".png")
    dialogs.to_save = tmp_path / "missing" / "loss.png"
    window.output.text.image_saved.emit(output)
    assert len(dialogs.problems) == 1
    dialogs.to_save = None
    window.output.text.image_saved.emit(output)
    assert len(dialogs.problems) == 1
    window.output.text.image_copied.emit(output)
    assert QGuiApplication.clipboard().image().size() == QImage.fromData(output.image.png).size()
    window.output.text.image_opened.emit(output)
    (large,) = window.findChildren(ImageWindow)
    qtbot.waitExposed(large)
    assert large.windowTitle() == TEXT[1:-1]
    middle = QPointF(large.rect().center()).toPoint()
    assert large.grab().toImage().pixelColor(middle * large.devicePixelRatioF()) == RED
    qtbot.keyClick(large, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(ImageWindow))
