"""What the colours of an overlay mean, in a corner of the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QLocale, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QLinearGradient, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gradviz.gui.buttons import flat_button
from gradviz.gui.canvas.minimap import Minimap
from gradviz.gui.canvas.overlay_colours import BAD, SEVERAL, ZERO, Legend, LegendRow
from gradviz.gui.icons import make_icon
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import SCALE_STEPS, Paint, Theme, scale_colour
from gradviz.recording.format import format_number
from gradviz.recording.overlays import Overlay
from gradviz.recording.units import format_seconds

MARGIN: Final = 12
LONGEST_NAME: Final = 28


class LegendView(Retranslated, QFrame):
    """Categories with counts, or a scale with its ends; sits in a corner of its parent.

    Signals:
        row_clicked: a category should stand out, or no more (its code).
        closed: the overlay should go.
    """

    row_clicked = Signal(int)
    closed = Signal()

    def __init__(
        self,
        theme: Theme,
        *,
        hides: Callable[[QRect], int],
        parent: QWidget,
    ) -> None:
        """Make one; `hides` tells how many cards a place in the parent would hide."""
        super().__init__(parent)
        self.setObjectName("legend")
        self._hides = hides
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._legend: Legend | None = None
        self._overlay = Overlay.NONE
        self._theme = theme
        self.title = QLabel()
        self._close = flat_button()
        self._close.setIconSize(QSize(12, 12))
        self._close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self._close)
        self._scale = _Scale(theme)
        self.ends = QLabel()
        self.remark = QLabel()
        for label in (self.title, self.ends, self.remark):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.rows: list[QToolButton] = []
        self._row_place = QVBoxLayout()
        self._row_place.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 6, 8)
        column.setSpacing(3)
        column.addLayout(head)
        column.addWidget(self._scale)
        column.addWidget(self.ends)
        column.addLayout(self._row_place)
        column.addWidget(self.remark)
        parent.installEventFilter(self)
        self.set_theme(theme)
        self._retranslate()
        self.hide()

    def _retranslate(self) -> None:
        self._close.setToolTip(self.tr("Remove these colours"))
        self._close.setAccessibleName(self.tr("Remove these colours"))
        self._fill()

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self._scale.set_theme(theme)
        self._close.setIcon(make_icon("close", theme))
        self.setStyleSheet(
            f"#legend {{ background: {theme.base}; border: 1px solid {theme.border};"
            f" border-radius: 6px; }} QLabel {{ color: {theme.text}; background: transparent; }}"
            f"QToolButton {{ color: {theme.text}; border: 1px solid transparent; padding: 1px 4px;"
            f" border-radius: 3px; }}"
            f"QToolButton:hover {{ background: {theme.current_line}; }}"
            f"QToolButton:focus {{ border-color: {theme.accent}; }}"
            f"QToolButton:checked {{ background: {theme.leaf.fill}; color: {theme.leaf.text}; }}"
        )

    def say(self, overlay: Overlay, legend: Legend | None) -> None:
        """Show a legend, or why there are no colours; hide where there is no overlay."""
        self._overlay, self._legend = overlay, legend
        self.setVisible(overlay is not Overlay.NONE)
        self._fill()
        self.place()

    def mark(self, code: int | None) -> None:
        """Show which category stands out."""
        for button in self.rows:
            button.setChecked(button.property("code") == code)

    def _fill(self) -> None:
        for button in self.rows:
            button.hide()
            button.deleteLater()
        self.rows = []
        overlay, legend = self._overlay, self._legend
        if overlay is Overlay.NONE:
            return
        self.title.setText(self._title(overlay))
        self.setAccessibleName(self.tr("Legend: {}").format(self._title(overlay)))
        has_scale = legend is not None and legend.has_scale
        self._scale.setVisible(has_scale)
        self.ends.setVisible(has_scale)
        if legend is not None and has_scale:
            low, high = (self._number(overlay, end) for end in (legend.low, legend.high))
            ends = f"{low} – {high}"
            self.ends.setText(self.tr("{} (logarithmic)").format(ends) if legend.is_log else ends)
        for row in () if legend is None else legend.rows:
            self._add(row)
        self.remark.setText(self._remark(overlay, legend))
        self.remark.setVisible(bool(self.remark.text()))
        self.place()

    def _add(self, row: LegendRow) -> None:
        button = QToolButton()
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCheckable(True)
        button.setIcon(_swatch(row.paint))
        name = self._name(row.name)
        short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
        size = "" if row.nbytes is None else f" · {self._number(Overlay.BYTES, row.nbytes)}"
        button.setText(f"{short}{size} ({row.cards})".replace("&", "&&"))
        button.setProperty("code", row.code)
        button.setToolTip(self.tr("Highlight these cards"))
        button.setAccessibleName(self.tr("%Ln cards: {}", "", row.cards).format(name))
        button.clicked.connect(self._on_clicked)
        self._row_place.addWidget(button)
        button.show()
        self.rows.append(button)

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, QToolButton):
            self.row_clicked.emit(button.property("code"))

    def _title(self, overlay: Overlay) -> str:
        return {
            Overlay.NONE: "",
            Overlay.DTYPE: self.tr("Dtype"),
            Overlay.DEVICE: self.tr("Device"),
            Overlay.TIME: self.tr("Time in this run"),
            Overlay.GRADIENT: self.tr("Gradient norm"),
            Overlay.BYTES: self.tr("Bytes"),
            Overlay.DIFFERENCE: self.tr("What differs"),
        }[overlay]

    def _name(self, name: str) -> str:
        names = {
            SEVERAL: self.tr("several"),
            ZERO: self.tr("zero"),
            BAD: self.tr("NaN or Inf"),
        }
        if self._overlay is Overlay.DIFFERENCE:
            names |= {
                "value": self.tr("value"),
                "gradient": self.tr("gradient"),
                "both": self.tr("value and gradient"),
            }
        return names.get(name, name)

    def _remark(self, overlay: Overlay, legend: Legend | None) -> str:
        if overlay is Overlay.DIFFERENCE and (legend is None or not legend.rows):
            if legend is None:
                return self.tr("No what-if run is shown.")
            return self.tr("Nothing differs.")
        if legend is not None and not legend.rows and not legend.has_scale:
            return {
                Overlay.TIME: self.tr("No times were recorded."),
                Overlay.GRADIENT: self.tr("No gradient was computed."),
            }.get(overlay, "")
        if legend is None or not legend.has_folded:
            return ""
        return {
            Overlay.TIME: self.tr("Folded cards: the sum"),
            Overlay.BYTES: self.tr("Folded cards: the sum"),
            Overlay.GRADIENT: self.tr("Folded cards: the largest"),
        }.get(overlay, "")

    def _number(self, overlay: Overlay, number: float) -> str:
        if not number:
            return "0"
        if overlay is Overlay.TIME:
            return format_seconds(number)
        if overlay is Overlay.BYTES:
            return QLocale().formattedDataSize(round(number))
        return format_number(number)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in a corner."""
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self.place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Be as large as what it says."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.place()
        return super().event(event)

    def place(self) -> None:
        """Stand in the corner where it hides the fewest cards."""
        around = self.parentWidget()
        if self.isHidden() or around is None:
            return
        layout = self.layout()
        if layout is not None:
            layout.activate()
        size = self.sizeHint().boundedTo(around.size() - QSize(2 * MARGIN, 2 * MARGIN))
        self.resize(size)
        right, bottom = (
            around.width() - size.width() - MARGIN,
            around.height() - size.height() - MARGIN,
        )
        # The last corner is the minimap's, but while all is in view there is none.
        places = (MARGIN, bottom), (MARGIN, MARGIN), (right, MARGIN), (right, bottom)
        corners = [QPoint(*place) for place in places]
        minimap = around.findChild(Minimap)
        if minimap is not None and minimap.isVisible():
            taken = minimap.geometry()
            corners = [at for at in corners if not QRect(at, size).intersects(taken)] or corners
        self.move(min(corners, key=lambda corner: self._hides(QRect(corner, size))))
        self.raise_()


class _Scale(QWidget):
    """The strip of colours from the lowest to the highest."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedHeight(12)
        self.setMinimumWidth(150)

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the strip."""
        painter = QPainter(self)
        try:
            strip = QRectF(self.rect()).adjusted(0.5, 0.5, -4.5, -0.5)
            gradient = QLinearGradient(strip.topLeft(), strip.topRight())
            for step in range(SCALE_STEPS):
                share = step / (SCALE_STEPS - 1)
                gradient.setColorAt(share, QColor(scale_colour(self._theme, share)))
            painter.fillRect(strip, gradient)
            painter.setPen(QColor(self._theme.border))
            painter.drawRect(strip)
        finally:
            painter.end()


def _swatch(paint: Paint) -> QIcon:
    pixmap = QPixmap(14, 14)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(paint.line), 1.5))
        painter.setBrush(QColor(paint.fill))
        painter.drawRoundedRect(QRectF(1, 1, 12, 12), 3, 3)
    finally:
        painter.end()
    return QIcon(pixmap)
