"""Choose what is timed, on which devices and with how many threads."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme
from gradviz.recording.machine import Machine
from gradviz.recording.timing import TimedPart

_OFFERED = (TimedPart.STATEMENT, TimedPart.FORWARD, TimedPart.BACKWARD, TimedPart.TRANSFER)


class TimingControls(Retranslated, QWidget):
    """Checkboxes for parts and devices, a list of thread counts.

    Attributes:
        part_boxes: the checkbox of each part.
        device_boxes: the checkbox of each device of the machine.
        threads: the thread counts; the data of its entries are tuples of int.

    Signals:
        changed: something else is chosen.
    """

    changed = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._usual_threads = 0
        self._theme: Theme | None = None
        self.part_boxes = {part: QCheckBox(self) for part in _OFFERED}
        for part, box in self.part_boxes.items():
            box.setChecked(part in (TimedPart.FORWARD, TimedPart.BACKWARD))
            box.toggled.connect(self._on_changed)
        self.device_boxes: dict[str, QCheckBox] = {}
        self.threads = QComboBox(self)
        self._devices = QVBoxLayout()
        self._devices.setSpacing(2)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(12)
        layout.setVerticalSpacing(4)
        layout.addWidget(self.part_boxes[TimedPart.STATEMENT], 0, 0, 1, 2)
        layout.addWidget(self.part_boxes[TimedPart.FORWARD], 1, 0)
        layout.addWidget(self.part_boxes[TimedPart.BACKWARD], 1, 1)
        layout.addWidget(self.part_boxes[TimedPart.TRANSFER], 2, 0, 1, 2)
        self._on_label, self._threads_label = QLabel(self), QLabel(self)
        layout.addWidget(self._on_label, 3, 0)
        layout.addWidget(self._threads_label, 3, 1)
        layout.addLayout(self._devices, 4, 0)
        layout.addWidget(self.threads, 4, 1)
        layout.setColumnStretch(1, 1)
        self._retranslate()

    def _retranslate(self) -> None:
        titles = {
            TimedPart.STATEMENT: self.tr("Statement at the cursor"),
            TimedPart.FORWARD: self.tr("Forward"),
            TimedPart.BACKWARD: self.tr("Backward"),
            TimedPart.TRANSFER: self.tr("Transfers"),
        }
        for part, box in self.part_boxes.items():
            box.setText(titles[part])
        self.threads.setAccessibleName(self.tr("Threads of PyTorch on the CPU"))
        self._on_label.setText(self.tr("On"))
        self._threads_label.setText(self.tr("Threads"))
        if self._usual_threads:
            self._offer_threads(self._usual_threads)
        self._offer_transfers()

    def set_machine(self, machine: Machine) -> None:
        """Offer this machine's devices, all of them chosen, and its thread counts."""
        kept = {name: box.isChecked() for name, box in self.device_boxes.items()}
        for box in self.device_boxes.values():
            box.hide()
            box.deleteLater()
        self.device_boxes = {}
        for device in machine.devices:
            box = QCheckBox(device.name, self)
            box.setToolTip(device.title)
            box.setChecked(kept.get(device.name, True))
            box.toggled.connect(self._on_changed)
            self._devices.addWidget(box)
            self.device_boxes[device.name] = box
        self._outline_boxes()
        self._offer_threads(machine.threads)
        self._offer_transfers()
        self.changed.emit()

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self._outline_boxes()

    def _outline_boxes(self) -> None:
        """Qt takes a darker shade of the window for it, which the panels' dark ground swallows."""
        if self._theme is None:
            return
        for box in (*self.part_boxes.values(), *self.device_boxes.values()):
            palette = box.palette()
            palette.setColor(QPalette.ColorRole.Window, QColor(self._theme.muted))
            box.setPalette(palette)

    def _offer_threads(self, usual: int) -> None:
        self._usual_threads = usual
        chosen = self.threads.currentIndex()
        self.threads.clear()
        self.threads.addItem(self.tr("{} (as PyTorch chooses)").format(usual), ())
        if usual > 1:
            self.threads.addItem("1", (1,))
            self.threads.addItem(self.tr("1 and {}").format(usual), (1, usual))
        self.threads.setCurrentIndex(max(0, min(chosen, self.threads.count() - 1)))

    def _offer_transfers(self) -> None:
        box = self.part_boxes[TimedPart.TRANSFER]
        possible = len(self.device_boxes) > 1
        box.setEnabled(possible)
        if not possible:
            box.setChecked(False)
        box.setToolTip(
            self.tr("Copies of all leaves between the CPU and each other device")
            if possible
            else self.tr("Transfers need a second device")
        )

    @property
    def chosen_parts(self) -> tuple[TimedPart, ...]:
        """The parts that are ticked."""
        return tuple(part for part, box in self.part_boxes.items() if box.isChecked())

    @property
    def chosen_devices(self) -> tuple[str, ...]:
        """The devices that are ticked."""
        return tuple(name for name, box in self.device_boxes.items() if box.isChecked())

    @property
    def chosen_threads(self) -> tuple[int, ...]:
        """The thread counts, empty for PyTorch's own choice."""
        chosen: Sequence[int] = self.threads.currentData() or ()
        return tuple(chosen)

    def _on_changed(self) -> None:
        self.changed.emit()
