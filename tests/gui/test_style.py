"""The colours: every theme is complete, readable and tells the roles apart."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLineEdit, QSpinBox, QWidget

from gradviz.gui.canvas.cards import CardKind
from gradviz.gui.canvas.look import card_paint
from gradviz.gui.looks import window_style_sheet
from gradviz.gui.style import LIGHT, THEMES, Appearance, Paint, Theme, make_palette, role_paint
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


@both_themes
@pytest.mark.parametrize("kind", CardKind)
def test_every_card_is_readable_and_its_outline_seen(theme: Theme, kind: CardKind) -> None:
    paint = card_paint(theme, kind)
    assert contrast(paint.text, paint.fill) >= 4.5
    if kind is not CardKind.CONSTANT:  # Constants recede; their text says the same.
        assert contrast(paint.line, theme.canvas) >= 3.0


@both_themes
def test_gradients_are_readable_wherever_they_are_written(theme: Theme) -> None:
    for ground in (theme.canvas, theme.current_fill):
        assert contrast(theme.gradient_text, ground) >= 4.5, ground
    assert contrast(theme.canvas, theme.gradient) >= 4.0, "bold, on the chip of the current step"
    assert contrast(theme.muted, theme.canvas) >= 4.5
    for line in (theme.current, theme.selection, theme.done, theme.match):
        assert contrast(line, theme.canvas) >= 3.0, line
    assert contrast(theme.edge, theme.canvas) >= 2.9


@both_themes
def test_a_field_to_write_in_can_be_told_from_what_is_around_it(qtbot, theme: Theme) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.setPalette(make_palette(theme))
    field.setStyleSheet(window_style_sheet(theme))
    field.resize(120, 28)
    picture = field.grab().toImage()
    assert picture.pixelColor(0, 14).name() == theme.border
    assert picture.pixelColor(60, 14).name() == theme.base


@both_themes
def test_a_box_for_numbers_has_a_border_that_is_seen(qtbot, theme: Theme) -> None:
    appearance = Appearance()
    appearance.set_theme(theme)
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.setBackgroundRole(QPalette.ColorRole.Base)
    box = QSpinBox(ground)
    box.setGeometry(10, 10, 120, 28)
    ground.resize(140, 48)
    picture = ground.grab().toImage()
    appearance.set_theme(LIGHT)
    border = max(contrast(picture.pixelColor(x, 24).name(), theme.base) for x in range(10, 13))
    assert border >= contrast(theme.border, theme.base) * 0.9
