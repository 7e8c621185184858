"""The pieces of the inspector's pages."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gradviz.gui.inspector.parts import Heading, style_sheet
from gradviz.gui.style import LIGHT

pytestmark = pytest.mark.gui


def test_a_long_heading_is_smaller_before_it_is_elided(qtbot: QtBot) -> None:
    outer = QWidget()
    outer.setStyleSheet(style_sheet(LIGHT, 18.0))
    page = QWidget(parent=outer)
    page.setObjectName("page")
    heading = Heading(parent=page)
    QVBoxLayout(page).addWidget(heading)
    QVBoxLayout(outer).addWidget(page)
    qtbot.addWidget(outer)
    heading.set_text("loss.backward()")
    outer.show()

    def looks_at(width: int) -> tuple[float, bool]:
        outer.resize(width, 200)
        qtbot.waitUntil(lambda: outer.width() == width)
        return round(heading.font().pointSizeF(), 1), heading.text() == heading.full_text()

    large, small = (24.3, True), (18.0, True)
    assert looks_at(600) == large
    widths = range(600, 100, -4)
    seen = [looks_at(width) for width in widths]
    assert large in seen and small in seen and seen[-1] == (18.0, False)
    # Never both large and elided, and back to large where there is room.
    assert (24.3, False) not in seen
    assert looks_at(600) == large
