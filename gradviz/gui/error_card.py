"""Why a run failed: the error as a card under the outputs."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from gradviz.gui.flow_layout import FlowLayout
from gradviz.gui.fonts import monospace_font
from gradviz.gui.icons import make_icon
from gradviz.gui.labels import PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.settings import DEFAULT_FONT_POINTS
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.model import RunError


class ErrorCard(Retranslated, QFrame):
    """One error: what it is, where, what to do, and the person's own part of the traceback.

    Attributes:
        type, message, help, traceback: the labels.
        go: the button with the place of the error, which leads there.
        fold: shows or hides the traceback.

    Signals:
        line_activated: the place of the error should be shown (int line, int column).
        resized: the card needs another height than before.
    """

    line_activated = Signal(int, int)
    resized = Signal()

    def __init__(self, appearance: Appearance, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("error_card")
        self._appearance = appearance
        self._theme = appearance.theme
        self._error: RunError | None = None
        self._place: tuple[int, int] | None = None
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.type, self.message, self.help, self.traceback = (PlainLabel() for _ in range(4))
        for label, name in (
            (self.type, "type"),
            (self.message, "message"),
            (self.help, "help"),
            (self.traceback, "traceback"),
        ):
            label.setObjectName(name)
        self.go = QPushButton()
        self.go.setObjectName("go")
        self.go.setCursor(Qt.CursorShape.PointingHandCursor)
        self.go.clicked.connect(self._on_go_clicked)
        self.fold = QToolButton()
        self.fold.setObjectName("fold")
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setAutoRaise(True)
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._on_fold_toggled)
        foot = FlowLayout(spacing=12)
        foot.addWidget(self.go)
        foot.addWidget(self.fold)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 10)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._icon, 0, 0)
        for row, widget in enumerate((self.type, self.message, self.help)):
            grid.addWidget(widget, row, 1)
        grid.addLayout(foot, 3, 1)
        grid.addWidget(self.traceback, 4, 1)
        grid.setRowStretch(5, 1)
        self.set_font_points(DEFAULT_FONT_POINTS)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        appearance.text_scaled.connect(self._on_text_scaled)
        self._on_text_scaled()
        self._retranslate()

    def _retranslate(self) -> None:
        self.fold.setText(self.tr("Traceback"))
        if self._error is not None:
            self._say(self._error)
            self.resized.emit()

    def show_error(self, error: RunError) -> None:
        """Show an error."""
        self._error = error
        self.help.setVisible(bool(error.help))
        self.traceback.setText(error.traceback.rstrip())
        self.fold.setVisible(bool(error.traceback))
        self.fold.setChecked(False)
        self.traceback.hide()
        self.go.setVisible(error.line is not None)
        self._place = None
        if error.line is not None:
            column = error.column or 0
            self._place = (error.line, column)
        self._say(error)

    def _say(self, error: RunError) -> None:
        error_type, message = in_language(error.type), in_language(error.message)
        self.type.setText(error_type)
        self.message.setText(message)
        self.help.setText(in_language(error.help))
        if self._place is not None:
            line, column = self._place
            self.go.setText(
                self.tr("line {line}, column {column}").format(line=line, column=column + 1)
            )
        self.setAccessibleName(f"{error_type}: {message}")

    def set_font_points(self, points: int) -> None:
        """Make the text larger or smaller."""
        self.traceback.setFont(monospace_font(max(points - 1, 1)))
        self.message.setFont(monospace_font(points))

    def _on_text_scaled(self) -> None:
        font = self._appearance.scaled_font()
        for widget in (self.type, self.help, self.go, self.fold):
            widget.setFont(font)
        self.resized.emit()

    def _on_go_clicked(self) -> None:
        if self._place is not None:
            self.line_activated.emit(*self._place)

    def _on_fold_toggled(self, opened: bool) -> None:
        self.traceback.setVisible(opened)
        self._show_chevron()
        self.resized.emit()

    def _show_chevron(self) -> None:
        is_open = self.fold.isChecked()
        self.fold.setIcon(make_icon("chevron-down" if is_open else "chevron-right", self._theme))

    def _on_theme_changed(self, theme: Theme) -> None:
        self._theme = theme
        self._icon.setPixmap(make_icon("error", theme, theme.error).pixmap(20, 20))
        self._show_chevron()
        self.setStyleSheet(
            f"#error_card {{ background: {theme.error_fill}; border: none;"
            f" border-top: 2px solid {theme.error}; }}"
            f"QLabel {{ background: transparent; color: {theme.text}; }}"
            f"#type {{ color: {theme.error}; font-weight: 600; }}"
            f"#go {{ color: {theme.accent}; background: transparent; border: none;"
            f" text-decoration: underline; padding: 0px 2px; }}"
            f"#fold {{ color: {theme.muted}; background: transparent; border: none; }}"
        )
