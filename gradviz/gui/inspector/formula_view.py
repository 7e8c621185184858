"""A widget that typesets equations and can be copied as text."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradviz.gui.inspector.typeset import Box, Typesetter
from gradviz.gui.style import Theme
from gradviz.recording.expression import Equation

_SMALLEST_SCALE: Final = 0.55
_LINE_GAP: Final = 4.0
_EQUATION_GAP: Final = 12.0


class FormulaView(QWidget):
    """Shows equations one under the other, broken and if need be shrunk to the width.

    Attributes:
        scale: size of the type relative to the widget's font.
        is_muted: written in the colour of remarks.
    """

    def __init__(
        self,
        theme: Theme,
        *,
        scale: float = 1.5,
        muted: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.scale = scale
        self.is_muted = muted
        self._theme = theme
        self._equations: tuple[Equation, ...] = ()
        self._lines: list[tuple[Box, float]] = []
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        copy = QAction(self.tr("Copy as text"), self)
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    @property
    def text(self) -> str:
        """All equations as plain text, one a line."""
        return "\n".join(equation.text for equation in self._equations)

    def show_equations(self, equations: tuple[Equation, ...]) -> None:
        """Show other equations."""
        if equations == self._equations:
            return
        self._equations = equations
        self.setAccessibleName(self.text)
        self._lay_out()

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self.update()

    def copy(self) -> None:
        """Put the plain text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text)

    def _lay_out(self) -> None:
        size = QFontMetrics(self.font()).height() * 0.82 * self.scale
        width = max(self.width() - 2.0, 40.0)
        y = 0.0
        self._lines = []
        for index, equation in enumerate(self._equations):
            lines = Typesetter(size).lines(equation, width)
            widest = max((line.width for line in lines), default=0.0)
            if widest > width:
                smaller = size * max(width / widest, _SMALLEST_SCALE) * 0.98
                lines = Typesetter(smaller).lines(equation, width)
            y += _EQUATION_GAP * min(self.scale, 1.0) if index else 0.0
            for number, line in enumerate(lines):
                y += (_LINE_GAP if number else 0.0) + line.ascent
                self._lines.append((line, y))
                y += line.descent
        self.setFixedHeight(round(y + 2) if self._lines else 0)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as the lines; the width is given from outside."""
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew where the width has changed."""
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy at the usual key."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(self._theme.muted if self.is_muted else self._theme.text))
            for box, y in self._lines:
                box.draw(painter, 1.0, y)
        finally:
            painter.end()
