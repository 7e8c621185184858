"""Measure and shorten the texts that are drawn on the canvas."""

from __future__ import annotations

import math
import re
from enum import Enum
from functools import cache, lru_cache
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF

ELLIPSIS: Final = "…"
LONGEST: Final = 400
"""Characters of a text that are looked at: no card is wide enough for more."""

MOST_ELEMENTS: Final = 16
"""Of a list that is shortened."""
_LIST: Final = re.compile(r"(?:[←+] |Σ \d+/\d+ = )?\[")
"""How a list begins, also in a note."""


class TextStyle(Enum):
    """Pixel size at scale 1, and weight, of every kind of text on the canvas."""

    NAME = (14, QFont.Weight.Bold)
    UNNAMED = (13, QFont.Weight.Medium)
    META = (11, QFont.Weight.Normal)
    VALUE = (13, QFont.Weight.Normal)
    SYMBOL = (17, QFont.Weight.Bold)
    OP_NAME = (13, QFont.Weight.DemiBold)
    RESULT = (11, QFont.Weight.Medium)
    GRAD_LABEL = (11, QFont.Weight.Bold)
    GRAD = (12, QFont.Weight.DemiBold)
    NO_GRAD = (12, QFont.Weight.Normal)
    CHIP = (12, QFont.Weight.Bold)
    FRAME = (12, QFont.Weight.Medium)
    FAR = (20, QFont.Weight.DemiBold)

    # Enum's own is written in Python, and every measured text is looked up by its style.
    __hash__ = object.__hash__


@cache
def font_of(style: TextStyle) -> QFont:
    """The font of a style, in the application's own family."""
    size, weight = style.value
    font = QFont()
    font.setPixelSize(size)
    font.setWeight(weight)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


@cache
def metrics_of(style: TextStyle) -> QFontMetricsF:
    """Widths and heights of a style, in pixels at scale 1."""
    return QFontMetricsF(font_of(style))


@lru_cache(maxsize=20_000)
def text_width(style: TextStyle, text: str) -> float:
    """How wide a text is drawn at scale 1."""
    return metrics_of(style).horizontalAdvance(text)


def clean(text: str) -> str:
    """On one line and without control characters, which fonts draw as boxes or not at all."""
    words = "".join(c if c.isprintable() else " " for c in text[: LONGEST + 1]).split()
    return " ".join(words)


@lru_cache(maxsize=20_000)
def fit_text(style: TextStyle, text: str, width: float) -> str:
    """The text, shortened in its middle so that it is at most `width` wide.

    Of a list whole elements are left out: half of a number is another number.
    """
    text = clean(text)
    if text_width(style, text) <= width:
        return text
    elements = text.split(", ") if _LIST.match(text) else []
    for kept in range(min(len(elements) - 1, MOST_ELEMENTS), 0, -1):
        shorter = _without_middle(elements, kept)
        if text_width(style, shorter) <= width:
            return shorter
    return metrics_of(style).elidedText(text, Qt.TextElideMode.ElideMiddle, width)


def _without_middle(elements: list[str], kept: int) -> str:
    """The text of a list of which the first and last elements are `kept`, at least one."""
    if kept == 1:
        return f"{elements[0]}, {ELLIPSIS}{']' * elements[0].count('[')}"
    last = kept // 2
    return ", ".join((*elements[: kept - last], ELLIPSIS, *elements[-last:]))


@cache
def _far_font(pixels: int) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def _whole_pixels(size: float) -> int:
    # Few sizes, so that few fonts are kept.
    return max(6, int(size) // 2 * 2)


def far_font(size: float) -> QFont:
    """The font, about `size` pixels of the scene high, of a card's one label seen from afar."""
    return _far_font(_whole_pixels(size))


@lru_cache(maxsize=20_000)
def _fit_far(pixels: int, text: str, width: int) -> str:
    metrics = QFontMetricsF(_far_font(pixels))
    return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width)


def far_size(text: str, width: float) -> float:
    """The size at which a text is as wide as said, in pixels."""
    return width / max(text_width(TextStyle.FAR, text), 1.0) * TextStyle.FAR.value[0]


def fit_far_text(size: float, text: str, width: float) -> str:
    """The text, shortened so that it is at most `width` wide in `far_font(size)`."""
    return _fit_far(_whole_pixels(size), text, math.ceil(width) + 1)
