"""What a run showed, as a notebook would: outputs with their lines, and the error as a card."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.editor.code_editor import monospace_font
from gradviz.gui.icons import make_icon
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.settings import DEFAULT_FONT_POINTS
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.model import Output, OutputKind, RunError

# A person reads the end of a long output; the window must stay quick whatever is printed.
MAX_LINES: Final = 5_000
MAX_OUTPUT_CHARACTERS: Final = 200_000
_MARGIN: Final = 10
# Of the pane's height; what is longer scrolls.
_LARGEST_CARD: Final = 0.7


class OutputPane(QWidget):
    """The outputs of the last run, plain text, bounded; and why it failed.

    Signals:
        line_activated: a line of the person's text shall be shown (int line, int column).
    """

    line_activated = Signal(int, int)

    def __init__(self, appearance: Appearance, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("output_pane")
        self.text = OutputText(appearance, parent=self)
        self.text.line_activated.connect(self.line_activated)
        self.card = ErrorCard(appearance, parent=self)
        self.card.line_activated.connect(self.line_activated)
        self.card.resized.connect(self._fit_card)
        self._card_place = QScrollArea()
        self._card_place.setFrameShape(QScrollArea.Shape.NoFrame)
        self._card_place.setWidgetResizable(True)
        self._card_place.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._card_place.setWidget(self.card)
        self._card_place.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.text, 1)
        column.addWidget(self._card_place)

    def clear(self) -> None:
        """Empty the pane, as at the start of a run."""
        self.text.clear_outputs()
        self.clear_error()

    def add_output(self, output: Output) -> None:
        """Show one more output."""
        self.text.add_output(output)

    def show_error(self, error: RunError) -> None:
        """Show why the run failed."""
        self._card_place.show()
        self.card.show_error(error)
        self._fit_card()

    def clear_error(self) -> None:
        """Take the error away."""
        self._card_place.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the card as high as its text, and leave room for the outputs."""
        super().resizeEvent(event)
        self._fit_card()

    def _fit_card(self) -> None:
        wanted = self.card.heightForWidth(self.width())
        self._card_place.setFixedHeight(min(wanted, round(self.height() * _LARGEST_CARD)))

    def set_font_points(self, points: int) -> None:
        """Make the text larger or smaller."""
        self.text.set_font_points(points)
        self.card.set_font_points(points)


class OutputText(Retranslated, QPlainTextEdit):
    """The outputs one below the other; a block's user state is its line in the person's text.

    Signals:
        line_activated: the number beside an output was clicked (int line, int column).
    """

    line_activated = Signal(int, int)

    def __init__(self, appearance: Appearance, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("output")
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setMaximumBlockCount(MAX_LINES)
        self.setUndoRedoEnabled(False)
        self._theme = appearance.theme
        self._is_empty = True
        self._follows = True
        self.verticalScrollBar().actionTriggered.connect(self._on_scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._follow)
        self._last: tuple[int | None, OutputKind] | None = None
        self._margin = _Margin(self)
        self.updateRequest.connect(self._on_update_request)
        self.set_font_points(DEFAULT_FONT_POINTS)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Output"))
        self.setPlaceholderText(self.tr("What the code prints and displays appears here."))

    def clear_outputs(self) -> None:
        """Empty the text."""
        self.clear()
        self._is_empty = True
        self._follows = True
        self._last = None

    def add_output(self, output: Output) -> None:
        """Append one output; the view follows the end unless the person scrolled away from it."""
        text = self._bounded(output.text.removesuffix("\n"))
        if output.kind is OutputKind.WARNING:
            text = in_language(text)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        form = self._format_of(output.kind)
        continues = self._last == (output.line, output.kind) and output.kind is OutputKind.PRINT
        for number, line in enumerate(text.split("\n")):
            if not self._is_empty:
                cursor.insertBlock()
            self._is_empty = False
            cursor.setCharFormat(form)
            cursor.insertText(line)
            starts = number == 0 and not continues
            cursor.block().setUserState(_pack(output.line if starts else None, output.kind))
        cursor.endEditBlock()
        self._last = (output.line, output.kind)
        if self._follows:
            self._follow()
            self.horizontalScrollBar().setValue(0)

    def _on_scrolled(self) -> None:
        # Only what the person does: the range changes by itself, and late.
        scroll = self.verticalScrollBar()
        self._follows = scroll.sliderPosition() >= scroll.maximum()

    def _follow(self) -> None:
        if self._follows:
            scroll = self.verticalScrollBar()
            scroll.setValue(scroll.maximum())

    def _bounded(self, text: str) -> str:
        left_out = len(text) - MAX_OUTPUT_CHARACTERS
        if left_out <= 0:
            return text
        note = self.tr("… %n more characters", "", left_out)
        return f"{text[:MAX_OUTPUT_CHARACTERS]}\n{note}"

    def set_font_points(self, points: int) -> None:
        """Make the text larger or smaller."""
        self.setFont(monospace_font(points))
        width = self.fontMetrics().horizontalAdvance("0000") + 2 * _MARGIN
        self._margin.setFixedWidth(width)
        self.setViewportMargins(width, 0, 0, 0)
        self._place_margin()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the margin as high as the text."""
        super().resizeEvent(event)
        self._place_margin()

    def first_visible_block(self) -> tuple[QTextBlock, float]:
        """The first block in sight and its top in the viewport."""
        block = self.firstVisibleBlock()
        return block, self.blockBoundingGeometry(block).translated(self.contentOffset()).top()

    def block_height(self, block: QTextBlock) -> float:
        """Height of a block's text in pixels, without the document's margin below the last."""
        return block.layout().boundingRect().height()

    def colour_of(self, kind: OutputKind) -> str:
        """The colour of an output's kind."""
        theme = self._theme
        match kind:
            case OutputKind.DISPLAY:
                return theme.accent
            case OutputKind.PRINT:
                return theme.border
            case OutputKind.TIMING:
                return theme.success
            case OutputKind.WARNING:
                return theme.warning

    @property
    def theme(self) -> Theme:
        """The theme in use."""
        return self._theme

    def _format_of(self, kind: OutputKind) -> QTextCharFormat:
        form = QTextCharFormat()
        if kind is OutputKind.WARNING:
            form.setForeground(QColor(self._theme.warning))
        elif kind is OutputKind.TIMING:
            form.setForeground(QColor(self._theme.success))
        return form

    def _place_margin(self) -> None:
        inside = self.contentsRect()
        self._margin.setGeometry(inside.left(), inside.top(), self._margin.width(), inside.height())

    def _on_update_request(self, _area: object, _scrolled: int) -> None:
        self._margin.update()

    def _on_theme_changed(self, theme: Theme) -> None:
        self._theme = theme
        block = self.document().firstBlock()
        while block.isValid():
            _line, kind = unpack(block.userState())
            if kind is not None:
                cursor = QTextCursor(block)
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                cursor.setCharFormat(self._format_of(kind))
            block = block.next()
        self._margin.update()


_KINDS: Final = tuple(OutputKind)


def _pack(line: int | None, kind: OutputKind) -> int:
    return (line or 0) * len(_KINDS) + _KINDS.index(kind)


def unpack(state: int) -> tuple[int | None, OutputKind | None]:
    """The person's line (None where it is not to be shown) and the kind of a block."""
    if state < 0:
        return None, None
    line, kind = divmod(state, len(_KINDS))
    return line or None, _KINDS[kind]


class _Margin(Retranslated, QWidget):
    """Line numbers beside the outputs; a click goes there."""

    def __init__(self, text: OutputText) -> None:
        super().__init__(text)
        self._text = text
        self.setMouseTracking(True)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setToolTip(self.tr("The line that showed this; click to go there"))

    def sizeHint(self) -> QSize:
        """As wide as it was fixed."""
        return QSize(self.width(), 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the line whose number is there."""
        line = self._line_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and line is not None:
            self._text.line_activated.emit(line, 0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where a click does something."""
        if self._line_at(event.position().y()) is None:
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _line_at(self, y: float) -> int | None:
        offset = self._text.viewport().y() - self.y()
        block = self._text.cursorForPosition(QPoint(0, round(y) - offset)).block()
        while block.isValid():
            line, _kind = unpack(block.userState())
            if line is not None:
                return line
            block = block.previous()
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the numbers, and a stripe in the colour of each output's kind."""
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        theme = self._text.theme
        painter.fillRect(self.rect(), QColor(theme.base))
        painter.setFont(self._text.font())
        offset = self._text.viewport().y() - self.y()
        block, top = self._text.first_visible_block()
        while block.isValid() and top <= self.height():
            height = self._text.block_height(block)
            line, kind = unpack(block.userState())
            if kind is not None:
                stripe = QRectF(self.width() - 5, top + offset, 3, height)
                painter.fillRect(stripe, QColor(self._text.colour_of(kind)))
            if line is not None:
                painter.setPen(QColor(theme.muted))
                painter.drawText(
                    QRectF(0, top + offset, self.width() - _MARGIN, height),
                    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                    str(line),
                )
            top += height
            block = block.next()


class ErrorCard(Retranslated, QFrame):
    """One error: what it is, where, what to do, and the person's own part of the traceback.

    Signals:
        line_activated: the place of the error shall be shown (int line, int column).
        resized: the card needs another height than before.
    """

    line_activated = Signal(int, int)
    resized = Signal()

    def __init__(self, appearance: Appearance, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("error_card")
        self._theme = appearance.theme
        self._error: RunError | None = None
        self._place: tuple[int, int] | None = None
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._type = _plain_label("type")
        self._message = _plain_label("message")
        self._help = _plain_label("help")
        self._traceback = _plain_label("traceback")
        self._go = QPushButton()
        self._go.setObjectName("go")
        self._go.setCursor(Qt.CursorShape.PointingHandCursor)
        self._go.clicked.connect(self._on_go_clicked)
        self._fold = QToolButton()
        self._fold.setObjectName("fold")
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setAutoRaise(True)
        self._fold.setCheckable(True)
        self._fold.toggled.connect(self._on_fold_toggled)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self._go)
        foot.addWidget(self._fold)
        foot.addStretch(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 10)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._icon, 0, 0)
        for row, widget in enumerate((self._type, self._message, self._help)):
            grid.addWidget(widget, row, 1)
        grid.addLayout(foot, 3, 1)
        grid.addWidget(self._traceback, 4, 1)
        grid.setRowStretch(5, 1)
        self.set_font_points(DEFAULT_FONT_POINTS)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()

    def _retranslate(self) -> None:
        self._fold.setText(self.tr("Traceback"))
        if self._error is not None:
            self._say(self._error)
            self.resized.emit()

    def show_error(self, error: RunError) -> None:
        """Show an error."""
        self._error = error
        self._help.setVisible(bool(error.help))
        self._traceback.setText(error.traceback.rstrip())
        self._fold.setVisible(bool(error.traceback))
        self._fold.setChecked(False)
        self._traceback.hide()
        self._go.setVisible(error.line is not None)
        self._place = None
        if error.line is not None:
            column = error.column or 0
            self._place = (error.line, column)
        self._say(error)

    def _say(self, error: RunError) -> None:
        error_type, message = in_language(error.type), in_language(error.message)
        self._type.setText(error_type)
        self._message.setText(message)
        self._help.setText(in_language(error.help))
        if self._place is not None:
            line, column = self._place
            self._go.setText(
                self.tr("line {line}, column {column}").format(line=line, column=column + 1)
            )
        self.setAccessibleName(f"{error_type}: {message}")

    def set_font_points(self, points: int) -> None:
        """Make the text larger or smaller."""
        self._traceback.setFont(monospace_font(max(points - 1, 1)))
        self._message.setFont(monospace_font(points))

    def _on_go_clicked(self) -> None:
        if self._place is not None:
            self.line_activated.emit(*self._place)

    def _on_fold_toggled(self, opened: bool) -> None:
        self._traceback.setVisible(opened)
        self._fold.setIcon(make_icon("chevron-down" if opened else "chevron-right", self._theme))
        self.resized.emit()

    def _on_theme_changed(self, theme: Theme) -> None:
        self._theme = theme
        self._icon.setPixmap(make_icon("error", theme, theme.error).pixmap(20, 20))
        self._fold.setIcon(make_icon("chevron-right", theme))
        self.setStyleSheet(
            f"#error_card {{ background: {theme.error_fill}; border: none;"
            f" border-top: 2px solid {theme.error}; }}"
            f"QLabel {{ background: transparent; color: {theme.text}; }}"
            f"#type {{ color: {theme.error}; font-weight: 600; }}"
            f"#go {{ color: {theme.accent}; background: transparent; border: none;"
            f" text-decoration: underline; padding: 0px 2px; }}"
            f"#fold {{ color: {theme.muted}; background: transparent; border: none; }}"
        )


def _plain_label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label
