"""The font of code and of numbers."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QFont

MONOSPACE: Final = (
    "JetBrains Mono",
    "Cascadia Code",
    "SF Mono",
    "Menlo",
    "Consolas",
    "DejaVu Sans Mono",
    "Noto Sans Mono",
    "Liberation Mono",
    "monospace",
)
"""Families in order of preference; the first one that is installed is used."""


def monospace_font(points: int) -> QFont:
    """A font whose characters are all equally wide, in points."""
    font = QFont()
    font.setFamilies(list(MONOSPACE))
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFixedPitch(True)
    font.setPointSize(points)
    return font
