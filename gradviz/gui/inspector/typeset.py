"""Lay out expressions as a textbook prints them: stacked fractions, italics, powers.

An expression becomes a box: a width, a height over and under the line of writing, and ink.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final, NamedTuple, assert_never

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from gradviz.gui.fonts import MONOSPACE
from gradviz.recording.expression import (
    Apply,
    Condition,
    Derivative,
    Equation,
    Expression,
    Negative,
    Number,
    Pending,
    Power,
    Product,
    Quotient,
    Shown,
    Sum,
    Symbol,
    Transposed,
    needs_parentheses,
    unwrapped,
)
from gradviz.recording.format import format_number

SERIF: Final = (
    "STIX Two Text",
    "Libertinus Serif",
    "Latin Modern Roman",
    "Cambria",
    "Times New Roman",
    "Nimbus Roman",
    "Liberation Serif",
    "DejaVu Serif",
    "serif",
)
_SUBSCRIPT_DIGITS: Final = "₀₁₂₃₄₅₆₇₈₉"
_SCRIPT: Final = 0.72
_SMALLEST: Final = 8.0


class Glyphs(NamedTuple):
    """Text at a place."""

    x: float
    y: float
    text: str
    font: QFont


class Rule(NamedTuple):
    """A stroke from one place to another."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float


Ink = Glyphs | Rule


class Box(NamedTuple):
    """A piece of formula; y is 0 on the line of writing and grows downwards."""

    width: float
    ascent: float
    descent: float
    ink: tuple[Ink, ...]

    @property
    def height(self) -> float:
        """From its top to its bottom."""
        return self.ascent + self.descent

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        """Draw with the painter's pen colour, the line of writing at `y`."""
        colour = painter.pen().color()
        for ink in self.ink:
            if isinstance(ink, Glyphs):
                painter.setFont(ink.font)
                painter.drawText(QPointF(x + ink.x, y + ink.y), ink.text)
            else:
                painter.setPen(QPen(colour, ink.width))
                painter.drawLine(QPointF(x + ink.x1, y + ink.y1), QPointF(x + ink.x2, y + ink.y2))
        painter.setPen(QPen(colour))


def shifted(box: Box, dx: float, dy: float) -> tuple[Ink, ...]:
    """The ink of a box, moved."""
    moved: list[Ink] = []
    for ink in box.ink:
        if isinstance(ink, Glyphs):
            moved.append(ink._replace(x=ink.x + dx, y=ink.y + dy))
        else:
            moved.append(Rule(ink.x1 + dx, ink.y1 + dy, ink.x2 + dx, ink.y2 + dy, ink.width))
    return tuple(moved)


def row(boxes: list[Box], gap: float = 0.0) -> Box:
    """Boxes side by side on one line of writing."""
    ink: list[Ink] = []
    x = 0.0
    for box in boxes:
        ink.extend(shifted(box, x, 0))
        x += box.width + gap
    return Box(
        max(x - gap, 0.0),
        max((b.ascent for b in boxes), default=0.0),
        max((b.descent for b in boxes), default=0.0),
        tuple(ink),
    )


class Typesetter:
    """Makes boxes in one size of type.

    Attributes:
        size: size of the type in pixels.
    """

    def __init__(self, size: float) -> None:
        self.size = max(size, _SMALLEST)

    def text(self, text: str, *, italic: bool = False, mono: bool = False) -> Box:
        """A box of plain text."""
        return _text(text, round(self.size * (0.86 if mono else 1.0), 1), italic, mono)

    def name(self, text: str) -> Box:
        """A name: italic where it is an identifier, else as code."""
        plain = text.rstrip(_SUBSCRIPT_DIGITS)
        if plain.isidentifier():
            return self.text(text, italic=True)
        return self.text(text, mono=True)

    def set(self, expression: Expression) -> Box:
        """The box of an expression."""
        match expression:
            case Symbol(text):
                return self.name(text)
            case Shown(text):
                return self.text(text)
            case Number(value):
                return self.text(format_number(value).replace("-", "−"))
            case Derivative(of, by):
                return self._fraction(self._differential(of), self._differential(by))
            case Quotient(numerator, denominator):
                small = Typesetter(self.size * 0.9)
                return self._fraction(small.set(numerator), small.set(denominator))
            case Product(factors, sign):
                parts = [self._inside(f, expression, first=i == 0) for i, f in enumerate(factors)]
                return self._joined(parts, sign)
            case Sum(terms):
                return row([box for box, _ in self.terms(terms)], self.size * 0.28)
            case Negative(operand):
                return row([self.text("−"), self._inside(operand, expression)])
            case Power(base, exponent):
                above = Typesetter(self.size * _SCRIPT).set(exponent)
                return self._raised(self._inside(base, expression), above)
            case Transposed(operand):
                above = Typesetter(self.size * _SCRIPT).text("T")
                return self._raised(self._inside(operand, expression), above)
            case Apply(function, arguments):
                return self._application(function, arguments)
            case Condition(left, relation, right):
                middle = [self.set(left), self.text(relation), self.set(right)]
                return self._bracketed(row(middle, self.size * 0.28), "[", "]")
            case Pending():
                return self.text("…")
            case _:
                assert_never(expression)

    def terms(self, terms: tuple[Expression, ...]) -> list[tuple[Box, bool]]:
        """The terms of a sum with their signs, and whether a line may break before each."""
        boxes: list[tuple[Box, bool]] = []
        gap = self.size * 0.28
        for index, term in enumerate(terms):
            if index == 0:
                boxes.append((self.set(term), False))
            elif isinstance(term, Negative):
                inner = self._inside(term.operand, term)
                boxes.append((row([self.text("−"), inner], gap), True))
            else:
                inner = self._inside(term, Sum(terms), first=False)
                boxes.append((row([self.text("+"), inner], gap), True))
        return boxes

    def lines(self, equation: Equation, width: float) -> list[Box]:
        """The equation, broken before its signs where it is wider than `width`."""
        gap = self.size * 0.34
        pieces: list[tuple[Box, bool]] = [(self.set(equation.sides[0]), False)]
        for side in equation.sides[1:]:
            parts = self._breakable(side, width)
            pieces.append((row([self.text("="), parts[0][0]], gap), True))
            pieces.extend(parts[1:])
        indent = min(self.size * 1.2, width / 8)
        lines: list[list[Box]] = [[]]
        used = 0.0
        for box, breaks in pieces:
            if breaks and lines[-1] and used + gap + box.width > width:
                lines.append([Box(indent - gap, 0, 0, ())])
                used = indent - gap
            used += (gap if lines[-1] else 0.0) + box.width
            lines[-1].append(box)
        return [row(line, gap) for line in lines]

    def _breakable(self, side: Expression, width: float) -> list[tuple[Box, bool]]:
        """A side in the pieces between which a line may break."""
        if isinstance(side, Sum):
            return self.terms(side.terms)
        whole = self.set(side)
        if isinstance(side, Product) and whole.width > width * 0.85:
            gap = self.size * 0.24
            boxes = [self._inside(f, side, first=i == 0) for i, f in enumerate(side.factors)]
            rest = [(row([self.text(side.sign), box], gap), True) for box in boxes[1:]]
            return [(boxes[0], False), *rest]
        return [(whole, False)]

    def _inside(self, child: Expression, parent: Expression, *, first: bool = True) -> Box:
        if isinstance(parent, Product | Power | Transposed) and isinstance(child, Quotient):
            box = self.set(child)
            return self._bracketed(box) if not isinstance(parent, Product) else box
        if isinstance(parent, Transposed) and isinstance(child, Derivative):
            return self._bracketed(self.set(child))
        box = self.set(child)
        return self._bracketed(box) if needs_parentheses(child, parent, first=first) else box

    def _differential(self, name: str) -> Box:
        gap = 0.04 if name.rstrip(_SUBSCRIPT_DIGITS).isidentifier() else 0.16
        return row([self.text("d"), self.name(name)], self.size * gap)

    def _fraction(self, above: Box, below: Box) -> Box:
        width = max(above.width, below.width) + self.size * 0.3
        axis = -self.size * 0.27
        gap = self.size * 0.16
        thickness = max(1.0, self.size / 18)
        raise_by = axis - gap - above.descent
        lower_by = axis + gap + below.ascent
        ink = (
            *shifted(above, (width - above.width) / 2, raise_by),
            Rule(0.0, axis, width, axis, thickness),
            *shifted(below, (width - below.width) / 2, lower_by),
        )
        return Box(width, above.ascent - raise_by, lower_by + below.descent, ink)

    def _raised(self, base: Box, above: Box) -> Box:
        lift = max(base.ascent - above.ascent * 0.45, self.size * 0.35)
        ink = (*base.ink, *shifted(above, base.width + 1, -lift))
        width = base.width + 1 + above.width
        return Box(width, max(base.ascent, lift + above.ascent), base.descent, ink)

    def _joined(self, parts: list[Box], sign: str) -> Box:
        boxes = [parts[0]]
        for part in parts[1:]:
            boxes += [self.text(sign), part]
        return row(boxes, self.size * 0.24)

    def _application(self, function: str, arguments: tuple[Expression, ...]) -> Box:
        boxes: list[Box] = []
        for index, argument in enumerate(arguments):
            if index:
                boxes.append(self.text(", "))
            boxes.append(self.set(unwrapped(argument)))
        return row([self.text(function), self._bracketed(row(boxes))], self.size * 0.03)

    def _bracketed(self, box: Box, left: str = "(", right: str = ")") -> Box:
        size = self.size if box.height < self.size * 1.7 else box.height * 0.82
        tall = Typesetter(size)
        opening, closing = tall.text(left), tall.text(right)
        if size == self.size:
            return row([opening, box, closing])
        # Centre the tall brackets on the box instead of on the line of writing.
        drop = (box.descent - box.ascent) / 2 + size * 0.27
        middle = row([Box(opening.width, 0, 0, ()), box, Box(closing.width, 0, 0, ())])
        ink = (
            *shifted(opening, 0, drop),
            *middle.ink,
            *shifted(closing, opening.width + box.width, drop),
        )
        return Box(middle.width, middle.ascent, middle.descent, ink)


@lru_cache(maxsize=4096)
def _text(text: str, size: float, italic: bool, mono: bool) -> Box:
    font = _font(size, italic, mono)
    metrics = QFontMetricsF(font)
    # A slanted last letter leans over its advance.
    lean = max(0.0, metrics.tightBoundingRect(text).right() - metrics.horizontalAdvance(text))
    width = metrics.horizontalAdvance(text) + lean
    rise, fall = metrics.ascent() * 0.86, metrics.descent() * 0.86
    return Box(width, rise, fall, (Glyphs(0.0, 0.0, text, font),))


@cache
def _font(size: float, italic: bool, mono: bool) -> QFont:
    font = QFont()
    if mono:
        font.setFamilies(list(MONOSPACE))
        font.setStyleHint(QFont.StyleHint.Monospace)
    else:
        font.setFamilies(list(SERIF))
        font.setStyleHint(QFont.StyleHint.Serif)
    font.setPixelSize(max(1, round(size)))
    font.setItalic(italic)
    return font
