"""The colours: every theme is complete, readable and tells the roles apart."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QColor, QPalette

from gradviz.gui.style import THEMES, Paint, Theme, make_palette, role_paint
from gradviz.recording.model import TensorRole

pytestmark = pytest.mark.gui

both_themes = pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = QColor(colour).getRgbF()[:3]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@both_themes
def test_text_is_readable_on_what_it_stands_on(theme: Theme) -> None:
    for text, ground in (
        (theme.text, theme.window),
        (theme.text, theme.base),
        (theme.muted, theme.window),
        (theme.muted, theme.base),
        (theme.error, theme.base),
        (theme.warning, theme.base),
        (theme.gradient_text, theme.canvas),
        (theme.accent_text, theme.accent),
        (theme.comment, theme.base),
        (theme.keyword, theme.base),
        (theme.string, theme.base),
    ):
        assert contrast(text, ground) >= 4.5, (text, ground)
    for paint in (role_paint(theme, role) for role in TensorRole):
        assert contrast(paint.text, paint.fill) >= 4.5
    assert contrast(theme.op.text, theme.op.fill) >= 4.5
    assert contrast(theme.autograd_node.text, theme.autograd_node.fill) >= 4.5


@both_themes
def test_every_role_has_colours_of_its_own(theme: Theme) -> None:
    paints: list[Paint] = [role_paint(theme, role) for role in TensorRole]
    for one, other in itertools.combinations(paints, 2):
        assert (one.fill, one.line) != (other.fill, other.line)


@both_themes
def test_palette_follows_the_theme(theme: Theme) -> None:
    palette = make_palette(theme)
    assert palette.color(QPalette.ColorRole.Base) == QColor(theme.base)
    assert palette.color(QPalette.ColorRole.Text) == QColor(theme.text)
