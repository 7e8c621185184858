from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractSlider, QApplication

from gradviz.gui.icons import make_icon
from gradviz.gui.output_margin import unpack
from gradviz.gui.output_pane import OutputPane
from gradviz.gui.output_text import MAX_LINES
from gradviz.gui.style import DARK
from gradviz.recording.model import Output, OutputKind, RunError

pytestmark = pytest.mark.gui


TOLD = "This PyTorch was built without CUDA."


@pytest.fixture
def pane(qtbot, appearance) -> OutputPane:
    pane = OutputPane(appearance)
    qtbot.addWidget(pane)
    pane.resize(400, 300)
    pane.show()
    qtbot.waitExposed(pane)
    return pane


def line_numbers(pane: OutputPane) -> list[int | None]:
    document = pane.text.document()
    return [
        unpack(document.findBlockByNumber(i).userState())[0] for i in range(document.blockCount())
    ]


def test_each_output_carries_the_number_of_its_line_once(pane) -> None:
    pane.add_output(Output(3, OutputKind.DISPLAY, "tensor([1.,\n        2.])"))
    pane.add_output(Output(5, OutputKind.PRINT, "a\n"))
    pane.add_output(Output(5, OutputKind.PRINT, "b\n"))
    assert pane.text.toPlainText() == "tensor([1.,\n        2.])\na\nb"
    assert line_numbers(pane) == [3, None, 5, None]


def test_text_from_a_run_is_never_taken_for_markup(pane) -> None:
    pane.add_output(Output(1, OutputKind.PRINT, "<b>&amp;</b>"))
    assert pane.text.toPlainText() == "<b>&amp;</b>"
    pane.show_error(RunError("E", "<img src=x>", help="<i>do</i>"))
    assert {label.textFormat() for label in (pane.card.message, pane.card.help)} == {
        Qt.TextFormat.PlainText
    }


def test_a_flood_is_bounded_and_keeps_its_end(pane) -> None:
    for number in range(MAX_LINES + 50):
        pane.add_output(Output(1, OutputKind.PRINT, f"{number}"))
    assert pane.text.blockCount() == MAX_LINES
    assert pane.text.toPlainText().endswith(f"\n{MAX_LINES + 49}")


def test_the_end_stays_in_sight_until_the_person_scrolls_away(pane) -> None:
    scroll = pane.text.verticalScrollBar()

    def add(count: int) -> None:
        for number in range(count):
            # Wide, so that the horizontal scroll bar takes a row away after the fact.
            pane.add_output(Output(1, OutputKind.PRINT, f"{number} " + "x" * 200))
        QApplication.processEvents()

    add(60)
    add(60)
    assert scroll.value() == scroll.maximum() > 60
    scroll.triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)
    add(10)
    assert scroll.value() == 0
    scroll.triggerAction(QAbstractSlider.SliderAction.SliderToMaximum)
    add(10)
    assert scroll.value() == scroll.maximum()


def test_an_enormous_output_is_cut_and_says_so(pane) -> None:
    pane.add_output(Output(1, OutputKind.DISPLAY, "x" * 200_123))
    assert pane.text.toPlainText().endswith("… 123 more characters")


def test_clicking_a_number_asks_for_the_line(qtbot, pane) -> None:
    pane.add_output(Output(7, OutputKind.DISPLAY, "3\n4"))
    pane.add_output(Output(9, OutputKind.DISPLAY, "5"))
    height = pane.text.fontMetrics().lineSpacing()
    margin = pane.text.margin
    for row, line in ((0, 7), (1, 7), (2, 9)):
        at = QPoint(5, 4 + row * height + height // 2)
        with qtbot.waitSignal(pane.line_activated) as asked:
            qtbot.mousePress(margin, Qt.MouseButton.LeftButton, pos=at)
        assert asked.args == [line, 0]


def test_an_error_shows_its_place_what_to_do_and_a_folded_traceback(
    qtbot, pane, appearance
) -> None:
    error = RunError(
        "RuntimeError",
        "sizes do not match",
        line=4,
        column=2,
        help="Look at the shapes.",
        traceback="line 4\n",
    )
    pane.show_error(error)
    card = pane.card
    assert card.isVisible()
    assert card.type.text() == "RuntimeError"
    assert card.go.text() == "line 4, column 3"
    assert card.help.isVisible()
    assert card.traceback.isHidden()
    card.fold.click()
    assert card.traceback.isVisible()
    appearance.set_theme(DARK)
    opened = make_icon("chevron-down", DARK).pixmap(16).toImage()
    assert card.fold.icon().pixmap(16).toImage() == opened
    with qtbot.waitSignal(pane.line_activated) as asked:
        card.go.click()
    assert asked.args == [4, 2]


def test_clearing_takes_away_outputs_and_error(pane) -> None:
    pane.add_output(Output(1, OutputKind.PRINT, "a"))
    pane.show_error(RunError("E", "m"))
    pane.clear()
    assert pane.text.toPlainText() == ""
    assert not pane.card.isVisible()
    pane.add_output(Output(1, OutputKind.PRINT, "b"))
    assert pane.text.toPlainText() == "b"


def test_a_long_warning_wraps_as_the_pane_is_wide_and_tensors_do_not(qtbot, pane) -> None:
    sentence = "This sentence is longer than the pane is wide, " * 4 + "and it ends here."
    row = "tensor([" + "1.0000, " * 30 + "1.0000])"
    pane.add_output(Output(1, OutputKind.WARNING, sentence))
    document = pane.text.document()
    first = document.firstBlock()
    assert first.layout().lineCount() > 2
    for points in (9, 10, 11, 13, 18):
        pane.set_font_points(points)
        assert pane.text.horizontalScrollBar().maximum() == 0
    pane.set_font_points(10)
    assert first.text().replace("\u2028", " ") == sentence
    narrow = first.layout().lineCount()
    pane.resize(700, 300)
    qtbot.waitUntil(lambda: document.firstBlock().layout().lineCount() < narrow)
    assert document.firstBlock().text().replace("\u2028", " ") == sentence
    pane.add_output(Output(2, OutputKind.DISPLAY, row))
    assert document.lastBlock().layout().lineCount() == 1
    assert line_numbers(pane) == [1, 2]


def test_warnings_keep_their_colour_in_another_theme(pane, appearance) -> None:
    pane.add_output(Output(1, OutputKind.WARNING, "careful"))
    appearance.set_theme(DARK)
    fragment = pane.text.document().firstBlock().begin().fragment()
    assert fragment.charFormat().foreground().color().name() == DARK.warning


def test_a_long_error_scrolls_and_leaves_room_for_the_outputs(pane) -> None:
    pane.show_error(RunError("E", "word " * 2000))
    assert pane.card.height() > pane.height()
    assert pane.text.height() >= 0.25 * pane.height()


def test_a_short_error_is_shown_whole(qtbot, pane) -> None:
    pane.show_error(RunError("E", "sizes of these two tensors do not match " * 2, help="Look."))
    card = pane.card

    def is_whole() -> bool:
        shown = card.visibleRegion().boundingRect().height()
        return shown >= card.heightForWidth(card.width())

    qtbot.waitUntil(is_whole)


def test_nothing_of_an_error_is_cut_where_the_pane_is_narrow(qtbot, pane) -> None:
    pane.resize(200, 600)
    pane.show_error(
        RunError("AssertionError", "no card", line=95, column=4, help=TOLD, traceback=TOLD)
    )
    card = pane.card

    def is_seen() -> bool:
        parts = (card.help, card.message, card.go, card.fold)
        ends = [part.mapTo(pane, part.rect().bottomRight()) for part in parts]
        return all(pane.rect().contains(end) for end in ends)

    qtbot.waitUntil(is_seen)
    assert card.fold.geometry().top() > card.go.geometry().bottom()


def test_an_error_that_has_room_is_shown_whole(qtbot, appearance) -> None:
    pane = OutputPane(appearance)
    qtbot.addWidget(pane)
    for width in range(380, 460, 7):
        pane.resize(width, 240)
        pane.show()
        pane.clear()
        pane.show_error(
            RunError(
                "EOFError",
                "EOF when reading a line",
                line=2,
                column=7,
                help="There is no keyboard input here; write the value into the text.",
                traceback="Traceback",
            )
        )
        QApplication.processEvents()
        place = pane.card.parentWidget().parentWidget()
        assert place.verticalScrollBar().maximum() == 0
        assert pane.card.height() <= place.height() < 0.7 * pane.height()
