"""Choose what is timed, on which devices, in which types, with how many threads, at which sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.documents.sizes import SizeInText, find_sizes
from gradviz.gui.devices.wording import device_title, dtype_title
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme
from gradviz.recording.machine import Machine
from gradviz.recording.timing import AS_PLACED, AS_WRITTEN, DTYPES, Sweep, TimedPart

_BOXES: Final = (
    TimedPart.FORWARD,
    TimedPart.BACKWARD,
    TimedPart.STEP,
    TimedPart.TRANSFER,
    TimedPart.STATEMENT,
    TimedPart.LINES,
    TimedPart.OP,
)
_FIRST_CHOSEN: Final = (TimedPart.FORWARD, TimedPart.BACKWARD)
_WIDE: Final = frozenset({TimedPart.STATEMENT, TimedPart.LINES, TimedPart.OP})
"""Those whose names need a row of their own."""


class SizeRange(NamedTuple):
    """How far a sweep goes: by factors of two, so many below the text's own size and above."""

    below: int
    above: int

    def values(self, size: int) -> tuple[int, ...]:
        """The sizes, those below 1 left out."""
        small = [size >> step for step in range(self.below, 0, -1)]
        return tuple(dict.fromkeys(v for v in small if v >= 1)) + tuple(
            size << step for step in range(self.above + 1)
        )


RANGES: Final = (SizeRange(0, 5), SizeRange(3, 3), SizeRange(0, 10), SizeRange(6, 6))


class TimingControls(Retranslated, QWidget):
    """Checkboxes for parts and devices; types, threads, sizes and ceilings below an arrow.

    Attributes:
        part_boxes: the checkbox of each part; that of ops stands for their backward, too.
        device_boxes: the checkbox of each device of the machine, and of the placement.
        threads: the thread counts; the data of its entries are tuples of int.
        types: a menu of types, each ticked or not.
        sizes: the sizes of the text; the data of its entries are `SizeInText` or None.
        ranges: how far a sweep goes.
        ceilings: whether the machine's ceilings are measured, too.
        more: opens what is below the arrow.

    Signals:
        changed: something else is chosen.
    """

    changed = Signal()

    def __init__(self, *, document_text: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document_text = document_text
        self._usual_threads = 0
        self._theme: Theme | None = None
        self._placement: Mapping[str, str] = {}
        self.device_boxes: dict[str, QCheckBox] = {}
        self._build_parts()
        self._build_more()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._parts)
        layout.addLayout(self._devices)
        layout.addWidget(self.more)
        layout.addWidget(self._details)
        self._retranslate()

    def _build_parts(self) -> None:
        self.part_boxes = {part: QCheckBox(self) for part in _BOXES}
        self._parts = QGridLayout()
        self._parts.setHorizontalSpacing(12)
        self._parts.setVerticalSpacing(3)
        self._parts.setColumnStretch(1, 1)
        place = 0
        for part, box in self.part_boxes.items():
            box.setChecked(part in _FIRST_CHOSEN)
            box.toggled.connect(self._on_changed)
            wide = part in _WIDE
            place += place % 2 if wide else 0
            self._parts.addWidget(box, place // 2, place % 2, 1, 2 if wide else 1)
            place += 2 if wide else 1
        self._devices = QVBoxLayout()
        self._devices.setSpacing(3)
        self._on_label = QLabel(self)
        self._devices.addWidget(self._on_label)

    def _build_more(self) -> None:
        self.more = QToolButton(self)
        self.more.setCheckable(True)
        self.more.setAutoRaise(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.more.toggled.connect(self._on_more_toggled)
        self._details = QWidget(self)
        self.types = QMenu(self)
        self.types.triggered.connect(self._on_type_triggered)
        for dtype in (AS_WRITTEN, *DTYPES):
            action = self.types.addAction("")
            action.setCheckable(True)
            action.setData(dtype)
            action.setChecked(dtype == AS_WRITTEN)
        self.types_button = QToolButton(self._details)
        self.types_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.types_button.setMenu(self.types)
        self.threads = QComboBox(self._details)
        self.sizes = _SizeBox(self._offer_sizes, parent=self._details)
        self.ranges = QComboBox(self._details)
        for one in RANGES:
            self.ranges.addItem("", one)
        self.ceilings = QCheckBox(self._details)
        combos: tuple[QComboBox, ...] = (self.threads, self.sizes, self.ranges)
        for combo in combos:
            combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            combo.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            combo.setMinimumContentsLength(10)
            combo.activated.connect(self._on_changed)
        self.types_button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._labels = {box: QLabel(self._details) for box in self._rows()}
        grid = QGridLayout(self._details)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, box in enumerate(self._rows()):
            grid.addWidget(self._labels[box], row, 0)
            grid.addWidget(box, row, 1)
        grid.addWidget(self.ceilings, len(self._labels), 0, 1, 2)
        self._details.hide()

    def _rows(self) -> tuple[QWidget, ...]:
        return self.types_button, self.threads, self.sizes, self.ranges

    def _retranslate(self) -> None:
        titles = {
            TimedPart.STATEMENT: self.tr("Statement at the cursor"),
            TimedPart.LINES: self.tr("Selected lines"),
            TimedPart.FORWARD: self.tr("Forward"),
            TimedPart.BACKWARD: self.tr("Backward"),
            TimedPart.STEP: self.tr("Optimizer step"),
            TimedPart.TRANSFER: self.tr("Transfers"),
            TimedPart.OP: self.tr("Each op by itself"),
        }
        for part, box in self.part_boxes.items():
            box.setText(titles[part])
        self.part_boxes[TimedPart.OP].setToolTip(
            self.tr("Forward and backward of every op of the text; the graph shows them as heat")
        )
        self._on_label.setText(self.tr("On"))
        self.more.setText(self.tr("Types, threads, sizes"))
        names = (self.tr("Types"), self.tr("Threads"), self.tr("Sizes"), self.tr("Range"))
        for row, name in zip(self._rows(), names, strict=True):
            self._labels[row].setText(name)
            row.setAccessibleName(name)
        self.threads.setAccessibleName(self.tr("Threads of PyTorch on the CPU"))
        self.sizes.setToolTip(
            self.tr("A number of the text that is multiplied, everywhere it stands for a size")
        )
        self.ceilings.setText(self.tr("Ceilings of the machine"))
        self.ceilings.setToolTip(
            self.tr("What a large copy and a large product of matrices reach, for the roofline")
        )
        for action in self.types.actions():
            action.setText(dtype_title(action.data()))
        self._name_ranges()
        self._tell_types()
        if self._usual_threads:
            self._offer_threads(self._usual_threads)
        self._offer_sizes()
        self._offer_transfers()
        self._name_placement()

    def set_machine(self, machine: Machine) -> None:
        """Offer this machine's devices, all of them chosen, and its thread counts."""
        titles = {device.name: device.title for device in machine.devices} | {AS_PLACED: ""}
        if list(titles) != list(self.device_boxes):
            self._make_device_boxes(titles)
        for name, title in titles.items():
            self.device_boxes[name].setToolTip(title)
        self._name_placement()
        self._offer_threads(machine.threads)
        self._offer_transfers()
        self.changed.emit()

    def _make_device_boxes(self, names: Iterable[str]) -> None:
        kept = {name: box.isChecked() for name, box in self.device_boxes.items()}
        for box in self.device_boxes.values():
            box.hide()
            box.deleteLater()
        self.device_boxes = {}
        for name in names:
            box = QCheckBox(device_title(name), self)
            box.setChecked(kept.get(name, name != AS_PLACED))
            box.toggled.connect(self._on_changed)
            self._devices.addWidget(box)
            self.device_boxes[name] = box
        self._outline_boxes()

    def set_placement(self, placement: Mapping[str, str]) -> None:
        """Offer to time the document where this placement puts its tensors."""
        self._placement = placement
        self._name_placement()

    def _name_placement(self) -> None:
        box = self.device_boxes.get(AS_PLACED)
        if box is None:
            return
        box.setText(device_title(AS_PLACED))
        places = ", ".join(f"{name} → {device}" for name, device in self._placement.items())
        box.setToolTip(places)
        box.setVisible(bool(self._placement))
        if not self._placement:
            box.setChecked(False)

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self._outline_boxes()

    def _outline_boxes(self) -> None:
        if self._theme is None:
            return
        boxes = (*self.part_boxes.values(), *self.device_boxes.values(), self.ceilings)
        for box in boxes:
            outline(box, self._theme)

    def _offer_threads(self, usual: int) -> None:
        self._usual_threads = usual
        chosen = self.threads.currentIndex()
        self.threads.clear()
        self.threads.addItem(self.tr("{} (as PyTorch chooses)").format(usual), ())
        if usual > 1:
            self.threads.addItem("1", (1,))
            self.threads.addItem(self.tr("1 and {}").format(usual), (1, usual))
            powers = [1 << step for step in range(usual.bit_length()) if 1 << step < usual]
            if len(powers) > 1:
                counts = (*powers, usual)
                self.threads.addItem(", ".join(map(str, counts)), counts)
        self.threads.setCurrentIndex(max(0, min(chosen, self.threads.count() - 1)))

    def _offer_sizes(self) -> None:
        """List the sizes of the text as it is now."""
        chosen: SizeInText | None = self.sizes.currentData()
        with QSignalBlocker(self.sizes):
            self.sizes.clear()
            self.sizes.addItem(self.tr("as written"), None)
            for size in find_sizes(self._document_text()):
                if size.is_named:
                    text = f"{size.key} = {size.value}"
                else:
                    text = self.tr("{number} (%Ln places)", "", len(size.places)).format(
                        number=size.key
                    )
                self.sizes.addItem(text, size)
                if chosen is not None and size.key == chosen.key:
                    self.sizes.setCurrentIndex(self.sizes.count() - 1)
        self._offer_ranges()

    def _offer_ranges(self) -> None:
        is_swept = self.sizes.currentData() is not None
        self.ranges.setVisible(is_swept)
        self._labels[self.ranges].setVisible(is_swept)
        self._name_ranges()

    def _name_ranges(self) -> None:
        size: SizeInText | None = self.sizes.currentData()
        for index in range(self.ranges.count()):
            one = SizeRange(*self.ranges.itemData(index))
            if size is None:
                self.ranges.setItemText(index, f"× {1 << one.above}")
            else:
                values = one.values(size.value)
                text = self.tr("{first} to {last}, doubled").format(
                    first=f"{values[0]:,}", last=f"{values[-1]:,}"
                )
                self.ranges.setItemText(index, text)

    def _offer_transfers(self) -> None:
        box = self.part_boxes[TimedPart.TRANSFER]
        possible = len(set(self.device_boxes) - {AS_PLACED}) > 1
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
        ticked = {part for part, box in self.part_boxes.items() if box.isChecked()}
        if TimedPart.OP in ticked:
            ticked.add(TimedPart.OP_BACKWARD)
        return tuple(part for part in TimedPart if part in ticked)

    @property
    def chosen_devices(self) -> tuple[str, ...]:
        """The devices that are ticked."""
        return tuple(name for name, box in self.device_boxes.items() if box.isChecked())

    @property
    def chosen_threads(self) -> tuple[int, ...]:
        """The thread counts, empty for PyTorch's own choice."""
        return tuple(self.threads.currentData() or ())

    @property
    def chosen_dtypes(self) -> tuple[str, ...]:
        """The types that are ticked, empty for those of the text alone."""
        ticked = tuple(a.data() for a in self.types.actions() if a.isChecked())
        return () if ticked == (AS_WRITTEN,) else ticked

    @property
    def chosen_sweep(self) -> Sweep | None:
        """The sizes, None for that of the text."""
        size: SizeInText | None = self.sizes.currentData()
        if size is None:
            return None
        return Sweep(size=size.key, values=SizeRange(*self.ranges.currentData()).values(size.value))

    def _tell_types(self) -> None:
        ticked = [a.text() for a in self.types.actions() if a.isChecked()]
        self.types_button.setText(", ".join(ticked))

    def _on_type_triggered(self, action: QAction) -> None:
        if not any(one.isChecked() for one in self.types.actions()):
            action.setChecked(True)
        self._tell_types()
        self.changed.emit()

    def _on_more_toggled(self, is_open: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._offer_sizes()
        self._details.setVisible(is_open)

    def _on_changed(self) -> None:
        self._offer_ranges()
        self.changed.emit()


class _SizeBox(QComboBox):
    """Lists the sizes again each time it is opened: the text may be another."""

    def __init__(self, refill: Callable[[], None], *, parent: QWidget) -> None:
        super().__init__(parent)
        self._refill = refill

    def showPopup(self) -> None:
        """List what there is now."""
        self._refill()
        super().showPopup()


def outline(box: QCheckBox, theme: Theme) -> None:
    """Let a check box be seen on the panels' ground.

    Qt takes a darker shade of the window for its outline, which a dark ground swallows.
    """
    palette = box.palette()
    palette.setColor(QPalette.ColorRole.Window, QColor(theme.muted))
    box.setPalette(palette)
