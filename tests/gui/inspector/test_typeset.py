"""Formulas are laid out as a textbook prints them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from gradviz.gui.inspector.formula_view import FormulaView
from gradviz.gui.inspector.typeset import Glyphs, Rule, Typesetter
from gradviz.gui.style import LIGHT
from gradviz.recording.expression import (
    Derivative,
    Equation,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Transposed,
)

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

DERIVATIVE = Derivative("g", "x")


def test_a_derivative_is_a_stacked_fraction(qapp: QApplication) -> None:
    box = Typesetter(20).set(DERIVATIVE)

    (bar,) = [ink for ink in box.ink if isinstance(ink, Rule)]
    above = {ink.text for ink in box.ink if isinstance(ink, Glyphs) and ink.y < bar.y1}
    below = {ink.text for ink in box.ink if isinstance(ink, Glyphs) and ink.y > bar.y1}
    assert above == {"d", "g"}
    assert below == {"d", "x"}
    assert bar.x2 - bar.x1 == pytest.approx(box.width)


def test_names_are_italic_and_numbers_are_not() -> None:
    box = Typesetter(20).set(Product((Symbol("x"), Number(3.0))))

    italic = {ink.text: ink.font.italic() for ink in box.ink if isinstance(ink, Glyphs)}
    assert italic == {"x": True, "·": False, "3": False}


def test_a_power_is_raised_and_smaller() -> None:
    box = Typesetter(20).set(Power(Symbol("x"), Number(2.0)))

    base, exponent = [ink for ink in box.ink if isinstance(ink, Glyphs)]
    assert exponent.y < base.y
    assert exponent.font.pixelSize() < base.font.pixelSize()


def test_a_transposed_derivative_stands_in_parentheses() -> None:
    box = Typesetter(20).set(Transposed(DERIVATIVE))

    texts = [ink.text for ink in box.ink if isinstance(ink, Glyphs)]
    assert "(" in texts
    assert ")" in texts


def test_ink_stays_within_its_box() -> None:
    box = Typesetter(20).set(Product((DERIVATIVE, Sum((Symbol("a"), Symbol("b"))))))

    for ink in box.ink:
        if isinstance(ink, Glyphs):
            assert 0 <= ink.x <= box.width
            assert -box.ascent <= ink.y <= box.descent


def test_a_long_sum_breaks_before_its_signs_and_fits() -> None:
    terms = tuple(Product((Derivative("g", f"p{i}"), Derivative(f"p{i}", "x"))) for i in range(6))
    equation = Equation((DERIVATIVE, Sum(terms), Number(12.0)))

    lines = Typesetter(20).lines(equation, 260)

    assert len(lines) > 2
    assert all(line.width <= 260 for line in lines)
    assert len(Typesetter(20).lines(equation, 5000)) == 1


def test_nothing_is_lost_by_breaking() -> None:
    terms = tuple(Product((Symbol(f"a{i}"), Symbol(f"b{i}"))) for i in range(8))
    equation = Equation((DERIVATIVE, Sum(terms)))

    def texts(width: float) -> list[str]:
        lines = Typesetter(20).lines(equation, width)
        return [ink.text for line in lines for ink in line.ink if isinstance(ink, Glyphs)]

    assert texts(150) == texts(9000)


def test_a_line_that_is_cut_keeps_the_ground_that_it_stands_on(qtbot) -> None:
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.setStyleSheet("background: #ff00ff")
    view = FormulaView(LIGHT, parent=ground)
    view.show_equations((Equation((Symbol("a_name_that_is_much_longer_than_its_place"),)),))
    view.resize(120, view.height())
    assert view.unbroken_width() > 240
    picture = ground.grab().toImage()
    colours = {
        picture.pixelColor(x, y).name() for x in range(view.width()) for y in range(view.height())
    }
    assert "#ff00ff" in colours
    assert LIGHT.base not in colours
