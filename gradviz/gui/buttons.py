"""Small buttons as they stand in bars and over tables."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QToolButton, QWidget


def flat_button(parent: QWidget | None = None) -> QToolButton:
    """A button that looks like one only under the pointer."""
    button = QToolButton(parent)
    button.setAutoRaise(True)
    return button


def toggle_button(on_clicked: Callable[[], object], *, parent: QWidget) -> QToolButton:
    """One of several that stand side by side, of which one is chosen."""
    button = QToolButton(parent)
    button.setObjectName("toggle")
    button.setCheckable(True)
    button.clicked.connect(on_clicked)
    return button
