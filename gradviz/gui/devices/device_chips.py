"""The devices as chips with the bytes on them, onto which tensors can be dropped."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gradviz.gui.devices.tensor_table import NAMES_MIME
from gradviz.gui.flow_layout import FlowLayout
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.units import format_bytes

_PADDING = 9
_SWATCH = 10


class Chip(NamedTuple):
    """A device, the bytes of the run's tensors on it, and its colour in the graph, if any."""

    device: str
    nbytes: int
    colour: str


class DeviceChips(Retranslated, QWidget):
    """One chip for each device.

    Signals:
        names_dropped: tensors were dropped onto a device (list of names, device).
    """

    names_dropped = Signal(list, str)

    def __init__(self, appearance: Appearance, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._shown: tuple[Chip, ...] = ()
        self._chips: list[_ChipWidget] = []
        self._flow = FlowLayout(spacing=6)
        self.setLayout(self._flow)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Bytes on each device"))
        for chip in self._chips:
            chip.setToolTip(self.tr("Drop tensors here to put them on {}").format(chip.chip.device))

    @property
    def shown(self) -> tuple[Chip, ...]:
        """The chips from the left."""
        return self._shown

    def show_devices(self, chips: tuple[Chip, ...]) -> None:
        """Show other chips."""
        theme = self._appearance.theme
        if chips == self._shown and all(chip.theme is theme for chip in self._chips):
            return
        self._shown = chips
        while self._chips:
            old = self._chips.pop()
            self._flow.removeWidget(old)
            old.hide()
            old.deleteLater()
        for chip in chips:
            widget = _ChipWidget(chip, theme, parent=self)
            widget.names_dropped.connect(self.names_dropped)
            self._flow.addWidget(widget)
            self._chips.append(widget)
            widget.show()
        self._retranslate()
        self.updateGeometry()


class _ChipWidget(QWidget):
    names_dropped = Signal(list, str)

    def __init__(self, chip: Chip, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.chip = chip
        self.theme = theme
        self._is_target = False
        self.setAcceptDrops(True)
        self.setAccessibleName(self._text())

    def _text(self) -> str:
        return f"{self.chip.device}  {format_bytes(self.chip.nbytes)}"

    def sizeHint(self) -> QSize:
        """Swatch and text."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._text()) + 3 * _PADDING + _SWATCH
        return QSize(width, metrics.height() + _PADDING)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chip, its border stronger while something is held over it."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            line = self.theme.accent if self._is_target else self.theme.border
            painter.setPen(QPen(QColor(line), 2 if self._is_target else 1))
            painter.setBrush(QColor(self.theme.alternate))
            rect = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.chip.colour or self.theme.border))
            centre = rect.center().y()
            painter.drawEllipse(QRectF(_PADDING, centre - _SWATCH / 2, _SWATCH, _SWATCH))
            painter.setPen(QColor(self.theme.text if self.chip.nbytes else self.theme.muted))
            text = rect.adjusted(2 * _PADDING + _SWATCH - 2, 0, 0, 0)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self._text())
        finally:
            painter.end()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take names of tensors."""
        if event.mimeData().hasFormat(NAMES_MIME):
            event.acceptProposedAction()
            self._set_target(True)

    def dragLeaveEvent(self, event: object) -> None:
        """Nothing is held over it any more."""
        self._set_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which tensors should go there."""
        self._set_target(False)
        names = bytes(event.mimeData().data(NAMES_MIME).data()).decode().split("\n")
        self.names_dropped.emit([name for name in names if name], self.chip.device)
        event.acceptProposedAction()

    def _set_target(self, is_target: bool) -> None:
        self._is_target = is_target
        self.update()
