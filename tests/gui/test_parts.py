"""The keyboard reaches every part of the window, and comes out of the text again."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget

from gradviz.recording.model import TensorId
from gradviz.recording.view import tensor_item
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def full(make_window, engine):
    """A window with all its panels and a graph."""
    window = make_window(start=True)
    engine.become_ready()
    window.session.show_recording(make_chain_rule_recording())
    window.editor.setFocus()
    return window


def part_of(window, focus: QWidget | None) -> QWidget | None:
    parts = [part for part in window._parts() if part is not None]
    return next((p for p in parts if p is focus or p.isAncestorOf(focus)), None)


def test_the_keys_go_through_all_parts_and_back(qtbot, full) -> None:
    parts = list(full._parts())
    assert None not in parts
    for part in (*parts[1:], parts[0]):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab, CONTROL)
        assert part_of(full, QApplication.focusWidget()) is part
        assert full.parts.ring.place is part
        assert full.parts.ring.isVisible()
        assert QApplication.focusWidget().accessibleName() or part.accessibleName()
    for part in reversed(parts):
        full.parts.go_back()
        assert part_of(full, QApplication.focusWidget()) is part
    assert full.editor.toPlainText() == full.editor.toPlainText().replace("\t", "")


def test_the_outline_goes_with_the_focus(qtbot, full) -> None:
    full.parts.go_on()
    assert full.parts.ring.geometry().size() == full.output.size()
    corner = full.output.mapTo(full, QPoint(0, 0))
    assert full.grab().toImage().pixelColor(corner).name() == full.appearance.theme.accent
    full.output.resize(full.output.width(), full.output.height() - 20)
    assert full.parts.ring.geometry().size() == full.output.size()
    full.editor.setFocus()
    assert full.parts.ring.isHidden()


def test_all_that_the_tab_key_reaches_has_a_name(qtbot, full) -> None:
    full.session.move_playhead(2)
    full.session.select(tensor_item(TensorId(0)))
    full.find_bar.open()
    full.panels.search_bar.open()
    for dock in full.docks.values():
        dock.raise_()
        qtbot.waitUntil(dock.widget().isVisible)
        for widget in full.findChildren(QWidget):
            if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                name = QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
                assert name, (type(widget).__name__, type(widget.parent()).__name__)


def test_parts_that_are_not_to_be_seen_are_passed_over(qtbot, full) -> None:
    for dock in full.docks.values():
        dock.close()
    full.centre.setCurrentWidget(full.centre.start_page)
    full.parts.go_back()
    assert part_of(full, QApplication.focusWidget()) is full.centre.start_page
    full.parts.go_on()
    assert full.editor.hasFocus()
