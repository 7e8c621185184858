"""A list of findings: a mark, a title, a sentence over as many lines as it needs, and the line."""

from __future__ import annotations

from typing import Any, Final, assert_never

from PySide6.QtCore import (
    QAbstractListModel,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from gradviz.gui.finding_titles import finding_title, severity_word
from gradviz.gui.sentences import say
from gradviz.gui.session import Session
from gradviz.gui.style import Theme
from gradviz.gui.table_model import NO_INDEX, ModelIndex
from gradviz.recording.diagnostics import Finding, Severity
from gradviz.recording.model import ItemKind

_Role = Qt.ItemDataRole
_MARK: Final = 16
_LEFT: Final = 42
_SIDE: Final = 14
_TOP: Final = 11
_GAP: Final = 3
_SMALLEST_WIDTH: Final = 120
_WRAPPED: Final = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)


class FindingModel(QAbstractListModel):
    """The findings as rows.

    Attributes:
        findings: the rows.
    """

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.findings: tuple[Finding, ...] = ()

    def set_findings(self, findings: tuple[Finding, ...]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.findings = findings
        self.endResetModel()

    def rowCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """Number of findings."""
        return 0 if parent.isValid() else len(self.findings)

    def data(self, index: ModelIndex, role: int = _Role.DisplayRole) -> Any:
        """The sentence; to a screen reader also how serious it is, and where."""
        if not index.isValid() or index.row() >= len(self.findings):
            return None
        finding = self.findings[index.row()]
        if role == _Role.DisplayRole:
            return sentence_of(finding)
        if role == _Role.AccessibleTextRole:
            parts = (severity_word(finding.severity), finding_title(finding.kind))
            return f"{': '.join(parts)}. {sentence_of(finding)} {self.place_of(finding)}".strip()
        return None

    def place_of(self, finding: Finding) -> str:
        """`line 7`, empty where there is no line."""
        return "" if finding.line is None else self.tr("line {}").format(finding.line)


def sentence_of(finding: Finding) -> str:
    """A finding's sentence in the language in use."""
    parts = (finding.template, finding.hint)
    return " ".join(say(part, finding.parameters, "Findings") for part in parts if part)


class FindingDelegate(QStyledItemDelegate):
    """Paints a finding; its height follows from the width of the list."""

    def __init__(self, theme: Theme, *, parent: QListView) -> None:
        super().__init__(parent)
        self._list = parent
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        """As wide as the list, as high as the wrapped sentence."""
        width = max(self._list.viewport().width(), _SMALLEST_WIDTH)
        _, text = self._fonts()
        height = _TOP + _GAP + self._text_height(text, str(index.data()), width) + _TOP
        model = index.model()
        if isinstance(model, FindingModel) and index.row() < len(model.findings):
            height += self._title_room(model, model.findings[index.row()], width).height()
        return QSize(width, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        """Draw the row."""
        model = index.model()
        if not isinstance(model, FindingModel) or index.row() >= len(model.findings):
            return
        painter.save()
        try:
            self._paint(painter, option, model, model.findings[index.row()])
        finally:
            painter.restore()

    def _fonts(self) -> tuple[QFont, QFont]:
        text = QFont(self._list.font())
        title = QFont(text)
        title.setWeight(QFont.Weight.DemiBold)
        return title, text

    def _title_room(self, model: FindingModel, finding: Finding, width: int) -> QRect:
        """The title's room in a row of this width: beside the line, as high as it needs."""
        title, text = self._fonts()
        place = QFontMetrics(text).horizontalAdvance(model.place_of(finding))
        room = QRect(_LEFT, _TOP, width - _LEFT - _SIDE - (place + 10 if place else 0), 1 << 20)
        return QFontMetrics(title).boundingRect(room, _WRAPPED, finding_title(finding.kind))

    def _text_height(self, font: QFont, text: str, width: int) -> int:
        room = QRect(0, 0, width - _LEFT - _SIDE, 1 << 20)
        return QFontMetrics(font).boundingRect(room, _WRAPPED, text).height()

    def _paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        model: FindingModel,
        finding: Finding,
    ) -> None:
        theme = self.theme
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            fill = theme.current_line if chosen else theme.alternate
            painter.fillRect(rect, QColor(fill))
        if chosen:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(theme.accent))
        title_font, text_font = self._fonts()
        metrics = QFontMetrics(title_font)
        top = rect.top() + _TOP
        centre = QPointF(rect.left() + 14 + _MARK / 2, top + metrics.height() / 2)
        paint_mark(painter, finding.severity, centre, theme)
        right = rect.right() - _SIDE
        place = model.place_of(finding)
        painter.setFont(text_font)
        place_width = QFontMetrics(text_font).horizontalAdvance(place)
        painter.setPen(QColor(theme.muted))
        painter.drawText(QPointF(right - place_width, top + metrics.ascent()), place)
        painter.setFont(title_font)
        painter.setPen(QColor(theme.text))
        title_room = self._title_room(model, finding, rect.width()).translated(rect.topLeft())
        painter.drawText(title_room, _WRAPPED, finding_title(finding.kind))
        painter.setFont(text_font)
        room = QRect(
            rect.left() + _LEFT,
            title_room.bottom() + 1 + _GAP,
            rect.width() - _LEFT - _SIDE,
            rect.height(),
        )
        painter.drawText(room, _WRAPPED, sentence_of(finding))
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawLine(rect.left() + _LEFT, rect.bottom(), rect.right(), rect.bottom())


class FindingList(QListView):
    """A list whose rows are as wide as it is, and so as high as their text needs."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        # Thousands of rows are measured a few at a time.
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setMouseTracking(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap for the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()


def go_to(session: Session, finding: Finding) -> None:
    """Show the place of a finding: its step, and its op, node or tensor with its line.

    What it is folded up in is opened: the exact place is what was asked for.
    """
    if finding.playhead is not None:
        session.move_playhead(finding.playhead)
    if finding.item is None:
        return
    shown = session.folding().shown_as(finding.item)
    if shown is not None and shown.kind is ItemKind.SCOPE and shown != finding.item:
        session.reveal(finding.item)
    else:
        session.select(finding.item)


def severity_colour(theme: Theme, severity: Severity) -> str:
    """The colour of a mark."""
    match severity:
        case Severity.ERROR:
            return theme.error
        case Severity.WARNING:
            return theme.warning
        case Severity.NOTE:
            return theme.muted
        case _:
            assert_never(severity)


def paint_mark(painter: QPainter, severity: Severity, centre: QPointF, theme: Theme) -> None:
    """A disc with a cross, a triangle with a bar, or a ring with an i: told apart by shape too."""
    half = _MARK / 2
    colour = QColor(severity_colour(theme, severity))
    sign = QPen(QColor(theme.base), 1.8)
    sign.setCapStyle(Qt.PenCapStyle.RoundCap)
    x, y = centre.x(), centre.y()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    match severity:
        case Severity.ERROR:
            painter.drawEllipse(centre, half, half)
            painter.setPen(sign)
            reach = half * 0.36
            painter.drawLine(QPointF(x - reach, y - reach), QPointF(x + reach, y + reach))
            painter.drawLine(QPointF(x - reach, y + reach), QPointF(x + reach, y - reach))
        case Severity.WARNING:
            path = QPainterPath(QPointF(x, y - half))
            path.lineTo(x + half + 0.5, y + half - 1)
            path.lineTo(x - half - 0.5, y + half - 1)
            path.closeSubpath()
            painter.drawPath(path)
            painter.setPen(sign)
            painter.drawLine(QPointF(x, y - half * 0.3), QPointF(x, y + half * 0.18))
            painter.drawPoint(QPointF(x, y + half * 0.58))
        case Severity.NOTE:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 1.4))
            painter.drawEllipse(QRectF(x - half + 1, y - half + 1, _MARK - 2, _MARK - 2))
            sign = QPen(colour, 1.8)
            sign.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(sign)
            painter.drawLine(QPointF(x, y - half * 0.02), QPointF(x, y + half * 0.42))
            painter.drawPoint(QPointF(x, y - half * 0.4))
        case _:
            assert_never(severity)
    painter.setBrush(Qt.BrushStyle.NoBrush)
