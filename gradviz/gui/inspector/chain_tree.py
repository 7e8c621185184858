"""The tree of consumers under an equation: opened one by one, it leads down to the root."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.inspector.chain_model import ChainModel, Role
from gradviz.gui.inspector.formula_view import COPY_LATEX, fitted, keeps_copy_keys
from gradviz.gui.inspector.typeset import Box
from gradviz.gui.labels import elide
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme
from gradviz.gui.table_model import ModelIndex
from gradviz.recording.chain import PassChain
from gradviz.recording.chain_terms import ChainRule
from gradviz.recording.expression import Equation
from gradviz.recording.latex import equation_to_latex
from gradviz.recording.model import Item, NextEdge, Recording

_MAX_HEIGHT: Final = 380
_SIDE: Final = 6
_TOP: Final = 5
_LINE_GAP: Final = 3
_SCALE: Final = 1.2


class ChainTree(Retranslated, QTreeView):
    """Lists the consumers of a tensor, each with its part of the sum.

    Signals:
        chosen: the op or autograd node of a row was asked for (`Item`).
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ChainModel(parent=self)
        self._is_fitting = False
        self._delegate = _TermDelegate(theme, parent=self)
        self.setModel(self.rows)
        self.setItemDelegate(self._delegate)
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIndentation(18)
        self.setUniformRowHeights(False)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setMouseTracking(True)
        self._copy_action = self.addAction("")
        self._copy_action.triggered.connect(self.copy)
        self._copy_latex_action = self.addAction("")
        self._copy_latex_action.triggered.connect(self.copy_latex)
        self.expanded.connect(self._fit)
        self.collapsed.connect(self._fit)
        self.rows.rowsInserted.connect(self._fit)
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._on_activated)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Set the type again where its size is another one."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._lay_out_anew()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Chain rule, consumer by consumer down to the root"))
        self._copy_action.setText(self.tr("Copy as text"))
        self._copy_latex_action.setText(self.tr("Copy as LaTeX"))

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._delegate.theme = theme
        self.viewport().update()

    def show_terms(
        self,
        recording: Recording,
        chain: PassChain | None,
        edges: tuple[NextEdge, ...],
        playhead: int,
    ) -> None:
        """Show the consumers at edges; what was opened stays open while only time passes."""
        self.rows.show(recording, chain, edges, playhead)
        self._fit()

    def copy(self) -> None:
        """Put the selected row's equation on the clipboard."""
        equation = self._current()
        if equation is not None:
            QGuiApplication.clipboard().setText(equation.text)

    def copy_latex(self) -> None:
        """Put the selected row's equation on the clipboard as LaTeX."""
        equation = self._current()
        if equation is not None:
            QGuiApplication.clipboard().setText(equation_to_latex(equation))

    def _current(self) -> Equation | None:
        equation = self.currentIndex().data(Role.EQUATION)
        return equation if isinstance(equation, Equation) else None

    def event(self, event: QEvent) -> bool:
        """Take the keys that copy LaTeX before the window does."""
        return keeps_copy_keys(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy at the usual key and, as LaTeX, with Shift."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif QKeySequence(event.keyCombination()) == COPY_LATEX:
            self.copy_latex()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the equations again where the width has changed."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out_anew()

    def _lay_out_anew(self) -> None:
        self.scheduleDelayedItemsLayout()
        self._fit()

    def _on_clicked(self, index: QModelIndex) -> None:
        self.rows.list_more(index)

    def _on_activated(self, index: QModelIndex) -> None:
        if self.rows.list_more(index):
            return
        item = index.data(Role.ITEM)
        if isinstance(item, Item):
            self.chosen.emit(item)

    def _fit(self) -> None:
        """As high as the rows that are open, up to where it scrolls."""
        if self._is_fitting:
            return  # asking for the height of a row may list more rows
        self._is_fitting = True
        try:
            self.setFixedHeight(min(self._needed_height(), _MAX_HEIGHT))
        finally:
            self._is_fitting = False

    def _needed_height(self) -> int:
        height = 2
        index = self.rows.index(0, 0)
        while index.isValid() and height < _MAX_HEIGHT:
            height += self.sizeHintForIndex(index).height()
            index = self.indexBelow(index)
        return height

    def width_of(self, index: ModelIndex) -> int:
        """Pixels that a row has for its equation."""
        depth = 1
        at = index.parent()
        while at.isValid():
            depth += 1
            at = at.parent()
        return max(self.viewport().width() - depth * self.indentation() - 2 * _SIDE, 60)


class ChainSection(Retranslated, QWidget):
    """A line that opens and closes the tree under it; gone where there is nothing to follow."""

    def __init__(
        self, on_chosen: Callable[[Item], None], theme: Theme, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._shown: tuple[Recording, PassChain | None, tuple[NextEdge, ...], int] | None = None
        self.button = QToolButton(self)
        self.button.setObjectName("disclosure")
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.setCheckable(True)
        self.button.setMinimumWidth(24)
        self.button.toggled.connect(self._on_toggled)
        self.tree = ChainTree(theme, parent=self)
        self.tree.chosen.connect(on_chosen)
        self.tree.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.tree)
        self._retranslate()

    def _retranslate(self) -> None:
        self.button.setText(self.tr("Down to the root"))
        self.button.setToolTip(self.tr("The parts of this sum, consumer by consumer"))

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self.tree.set_theme(theme)

    def show_rules(
        self,
        recording: Recording,
        chain: PassChain | None,
        rules: tuple[ChainRule, ...],
        playhead: int,
    ) -> None:
        """Offer the terms of these rules."""
        edges = tuple(r.edge for r in rules if r.edge is not None and not r.is_root)
        self.setVisible(bool(edges))
        self._shown = (recording, chain, edges, playhead)
        if self.button.isChecked():
            self.tree.show_terms(*self._shown)

    def _on_toggled(self, is_open: bool) -> None:
        arrow = Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow
        self.button.setArrowType(arrow)
        if is_open and self._shown is not None:
            self.tree.show_terms(*self._shown)
        self.tree.setVisible(is_open)


class _TermDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, *, parent: ChainTree) -> None:
        super().__init__(parent)
        self._tree = parent
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        """As high as the equation and the line under it."""
        lines = self._lines(index)
        height = sum(line.height for line in lines) + _LINE_GAP * max(len(lines) - 1, 0)
        place = self._tree.fontMetrics().height()
        return QSize(60, round(height) + place + 2 * _TOP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        """Draw the row."""
        painter.save()
        try:
            self._paint(painter, option.rect, option.state, index)
        finally:
            painter.restore()

    def _paint(
        self, painter: QPainter, rect: QRect, state: QStyle.StateFlag, index: ModelIndex
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(self.theme.current_line))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(self.theme.alternate))
        painter.setPen(QColor(self.theme.text))
        y = float(rect.top() + _TOP)
        for line in self._lines(index):
            y += line.ascent
            line.draw(painter, rect.left() + _SIDE, y)
            y += line.descent + _LINE_GAP
        painter.setFont(self._tree.font())
        painter.setPen(QColor(self.theme.muted))
        metrics = self._tree.fontMetrics()
        width = rect.width() - 2 * _SIDE
        place = elide(str(index.data(Role.PLACE)), self._tree, width)
        painter.drawText(rect.left() + _SIDE, rect.bottom() - _TOP - metrics.descent(), place)

    def _lines(self, index: ModelIndex) -> tuple[Box, ...]:
        equation = index.data(Role.EQUATION)
        if not isinstance(equation, Equation):
            return ()
        size = self._tree.fontMetrics().height() * 0.82 * _SCALE
        return _set(equation, round(size, 1), self._tree.width_of(index))


@lru_cache(maxsize=512)
def _set(equation: Equation, size: float, width: int) -> tuple[Box, ...]:
    return tuple(fitted(equation, size, width))
