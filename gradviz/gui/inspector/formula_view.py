"""A widget that typesets equations; they can be copied as text and as LaTeX, and read aloud."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFocusEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradviz.gui.inspector.spoken import spoken_equation
from gradviz.gui.inspector.typeset import Box, Typesetter, row
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme
from gradviz.recording.expression import Equation
from gradviz.recording.latex import equation_to_latex

_SMALLEST_SCALE: Final = 0.6
_SIDE_MARGIN: Final = 2.0
_LINE_GAP: Final = 4.0
_EQUATION_GAP: Final = 12.0

COPY_LATEX: Final = QKeySequence("Ctrl+Shift+C")
"""The window copies its picture with these keys, elsewhere than on a formula."""


def keeps_copy_keys(event: QEvent) -> bool:
    """Keep a press of those keys from the window's commands; whether the event was such a one."""
    is_kept = (
        isinstance(event, QKeyEvent)
        and event.type() is QEvent.Type.ShortcutOverride
        and QKeySequence(event.keyCombination()) == COPY_LATEX
    )
    if is_kept:
        event.accept()
    return is_kept


class FormulaView(Retranslated, QWidget):
    """Shows equations one under the other, broken and if need be shrunk to the width.

    Attributes:
        scale: size of the type relative to the widget's font.
        is_muted: written in the colour of remarks.
        is_side_by_side: short equations share a line.
    """

    def __init__(
        self,
        theme: Theme,
        *,
        scale: float = 1.5,
        muted: bool = False,
        side_by_side: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.scale = scale
        self.is_muted = muted
        self.is_side_by_side = side_by_side
        self._theme = theme
        self._equations: tuple[Equation, ...] = ()
        self._lines: list[tuple[Box, float, float]] = []
        self._let_keys_in()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._copy_action = QAction(self)
        self._copy_action.triggered.connect(self.copy)
        self._copy_latex_action = QAction(self)
        self._copy_latex_action.triggered.connect(self.copy_latex)
        for action, keys in (
            (self._copy_action, QKeySequence(QKeySequence.StandardKey.Copy)),
            (self._copy_latex_action, COPY_LATEX),
        ):
            action.setShortcut(keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self.addAction(action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Set the type again where its size is another one."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._lay_out()

    def _retranslate(self) -> None:
        self._copy_action.setText(self.tr("Copy as text"))
        self._copy_latex_action.setText(self.tr("Copy as LaTeX"))
        self._name_for_readers()

    @property
    def text(self) -> str:
        """All equations as plain text, one a line."""
        return "\n".join(equation.text for equation in self._equations)

    @property
    def latex(self) -> str:
        """All equations as LaTeX, one a line."""
        return "\n".join(equation_to_latex(equation) for equation in self._equations)

    def show_equations(self, equations: tuple[Equation, ...]) -> None:
        """Show other equations."""
        if equations == self._equations:
            return
        self._equations = equations
        self._let_keys_in()
        self._name_for_readers()
        self._lay_out()

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self.update()

    def copy(self) -> None:
        """Put the plain text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text)

    def copy_latex(self) -> None:
        """Put the LaTeX on the clipboard."""
        QGuiApplication.clipboard().setText(self.latex)

    def _let_keys_in(self) -> None:
        # With Tab, so that a screen reader comes by.
        policy = Qt.FocusPolicy
        self.setFocusPolicy(policy.StrongFocus if self._equations else policy.NoFocus)

    def _name_for_readers(self) -> None:
        self.setAccessibleName(" ".join(spoken_equation(one) for one in self._equations))
        self.setAccessibleDescription(self.text)

    def unbroken_width(self) -> int:
        """How wide it has to be for every equation to stand on one line, in full size."""
        typesetter = Typesetter(self._type_size())
        lines = [line for one in self._equations for line in typesetter.lines(one, math.inf)]
        return math.ceil(max((line.width for line in lines), default=0.0) + _SIDE_MARGIN)

    def _type_size(self) -> float:
        return QFontMetrics(self.font()).height() * 0.82 * self.scale

    def _lay_out(self) -> None:
        size = self._type_size()
        width = max(self.width() - _SIDE_MARGIN, 40.0)
        y = 0.0
        self._lines = []
        for rank in self._ranks(size, width):
            y += _EQUATION_GAP * min(self.scale, 1.0) if self._lines else 0.0
            for number, line in enumerate(rank):
                y += (_LINE_GAP if number else 0.0) + line.ascent
                self._lines.append((line, 1.0, y))
                y += line.descent
        self.setFixedHeight(round(y + 2) if self._lines else 0)
        self.updateGeometry()
        self.update()

    def _ranks(self, size: float, width: float) -> list[list[Box]]:
        """Groups of lines that belong together: an equation, or several short ones in a row."""
        ranks: list[list[Box]] = []
        for equation in self._equations:
            lines = fitted(equation, size, width)
            gap = size * 1.6
            if self.is_side_by_side and ranks and len(ranks[-1]) == len(lines) == 1:
                last = ranks[-1][0]
                if last.width + gap + lines[0].width <= width:
                    ranks[-1] = [row([last, lines[0]], gap)]
                    continue
            ranks.append(lines)
        return ranks

    def sizeHint(self) -> QSize:
        """As high as the lines; the width is given from outside."""
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines again where the width has changed."""
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def event(self, event: QEvent) -> bool:
        """Take the keys that copy LaTeX before the window does."""
        return keeps_copy_keys(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy as LaTeX."""
        if QKeySequence(event.keyCombination()) == COPY_LATEX:
            self.copy_latex()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys go."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that they go elsewhere."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(self._theme.muted if self.is_muted else self._theme.text))
            for box, x, y in self._lines:
                if box.width > self.width():
                    self._draw_cut(painter, box, x, y)
                else:
                    box.draw(painter, x, y)
            if self.hasFocus():
                painter.fillRect(0, 0, 2, self.height(), QColor(self._theme.accent))
        finally:
            painter.end()

    def _draw_cut(self, painter: QPainter, box: Box, x: float, y: float) -> None:
        """Say that the line goes on: what cannot be shown is there in the copied text."""
        dots = Typesetter(self.fontMetrics().height() * self.scale).text("…")
        room = self.width() - dots.width - 4
        painter.save()
        painter.setClipRect(QRectF(0, 0, room, self.height()))
        box.draw(painter, x, y)
        painter.restore()
        dots.draw(painter, room + 4, y)


def fitted(equation: Equation, size: float, width: float) -> list[Box]:
    """The equation's lines, in smaller type where a part that cannot be broken is too wide."""
    lines = Typesetter(size).lines(equation, width)
    widest = max((line.width for line in lines), default=0.0)
    if widest > width:
        smaller = size * max(width / widest, _SMALLEST_SCALE) * 0.98
        lines = Typesetter(smaller).lines(equation, width)
    return lines
