"""The devices of this machine as cards, the choice among them, and why there are not more."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.devices.plot_loader import PlotLoader
from gradviz.gui.page import Page
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.machine import Device, DeviceLoad, Machine, MissingDevice
from gradviz.recording.units import format_bytes

if TYPE_CHECKING:
    from gradviz.gui.devices.live_plot import LivePlot

_BAR_STEPS = 1000
_KEPT_LOADS: Final = 60


class MachineView(Retranslated, Page):
    """Cards of devices; the run's device is chosen above them.

    Attributes:
        run_device: chooses where the next run makes its tensors.
    """

    def __init__(
        self, session: Session, appearance: Appearance, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = appearance.theme
        self._machine: Machine | None = None
        self._loads: dict[str, deque[DeviceLoad]] = {}
        self._live: dict[str, LivePlot] = {}
        self._live_texts: dict[str, QLabel] = {}
        self._loader = PlotLoader(parent=self)
        self._loader.loaded.connect(self._refresh)
        content = QWidget(self)
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(8, 8, 8, 8)
        self._layout.setSpacing(8)
        row = QHBoxLayout()
        self._run_on = QLabel(content)
        row.addWidget(self._run_on)
        self.run_device = QComboBox(content)
        row.addWidget(self.run_device, 1)
        self._layout.addLayout(row)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(8)
        self._layout.addLayout(self._cards)
        self._layout.addStretch()
        self.setWidget(content)
        self.run_device.activated.connect(self._on_device_chosen)
        session.run_settings_changed.connect(self._on_run_settings_changed)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Devices of this machine"))
        self._run_on.setText(self.tr("Run on"))
        self.run_device.setAccessibleName(self.tr("Device of the run"))
        self.run_device.setToolTip(self.tr("Where the next run creates tensors by default"))
        self._refresh()

    def show_machine(self, machine: Machine) -> None:
        """Show these devices."""
        self._machine = machine
        self._refresh()

    def start_plots(self) -> None:
        """Load the plotting library, which is about to be needed."""
        self._loader.start()

    def show_loads(self, loads: tuple[DeviceLoad, ...]) -> None:
        """Show how busy the devices are now."""
        for load in loads:
            kept = self._loads.setdefault(load.name, deque(maxlen=_KEPT_LOADS))
            kept.append(load)
            if load.name not in self._live and load.name in self._live_texts:
                self._refresh()
            elif load.name in self._live:
                self._live[load.name].set_loads(kept)
            if load.name in self._live_texts:
                self._live_texts[load.name].setText(self._load_text(load))

    def _load_text(self, load: DeviceLoad) -> str:
        if load.utilisation is None:
            return self.tr("{used} in use").format(used=format_bytes(load.used_nbytes))
        return self.tr("{percent} % busy, {used} in use by all programs").format(
            percent=round(100 * load.utilisation), used=format_bytes(load.used_nbytes)
        )

    def _add_live(self, layout: QVBoxLayout, name: str) -> None:
        """How busy it has been, where there is something to tell."""
        kept = self._loads.get(name)
        text = self._text(self._load_text(kept[-1]) if kept else "", muted=True)
        text.setVisible(bool(kept))
        self._live_texts[name] = text
        if kept and self._is_plotting:
            from gradviz.gui.devices.live_plot import LivePlot

            plot = self._live[name] = LivePlot(self._theme, parent=self)
            plot.set_loads(kept)
            layout.addWidget(plot)
        layout.addWidget(text)

    @property
    def _is_plotting(self) -> bool:
        return self._loader.is_finished and not self._loader.problem

    def _refresh(self) -> None:
        self._live.clear()
        self._live_texts.clear()
        while (item := self._cards.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                # Hidden at once: deleted only later, it would shine through the new cards.
                widget.hide()
                widget.deleteLater()
        for widget in self._make_cards():
            self._cards.addWidget(widget)
        self._on_run_settings_changed()

    def _make_cards(self) -> list[QWidget]:
        machine = self._machine
        if machine is None:
            return [self._text(self.tr("Waiting for the engine to list the devices…"), muted=True)]
        cards = [self._device_card(device) for device in machine.devices]
        cards += [self._missing_card(missing) for missing in machine.missing]
        about = self.tr("PyTorch {torch} ({build}), %Ln threads", "", machine.threads).format(
            torch=machine.torch, build=in_language(machine.build)
        )
        if machine.driver:
            about = self.tr("{about}, driver {driver}").format(about=about, driver=machine.driver)
        return [*cards, self._text(about, muted=True)]

    def _card(self, *, dashed: bool = False) -> tuple[QFrame, QVBoxLayout]:
        card = QFrame(self.widget())
        card.setObjectName("card")
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        line = "dashed" if dashed else "solid"
        fill = "transparent" if dashed else self._theme.base
        card.setStyleSheet(
            f"QFrame#card {{ background: {fill}; border: 1px {line} {self._theme.border};"
            " border-radius: 6px; }"
        )
        layout = QVBoxLayout(card)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(4)
        return card, layout

    def _device_card(self, device: Device) -> QWidget:
        card, layout = self._card()
        layout.addWidget(self._text(device.name, bold=True))
        layout.addWidget(self._text(device.title))
        if device.total_nbytes:
            layout.addWidget(self._memory_bar(device))
            layout.addWidget(self._text(self._memory_text(device), muted=True))
        if device.capability:
            layout.addWidget(self._text(in_language(device.capability), muted=True))
        self._add_live(layout, device.name)
        return card

    def _memory_bar(self, device: Device) -> QProgressBar:
        bar = QProgressBar(self)
        bar.setTextVisible(False)
        bar.setFixedHeight(8)
        bar.setRange(0, _BAR_STEPS)
        total = device.total_nbytes or 1
        free = device.free_nbytes
        bar.setValue(0 if free is None else round(_BAR_STEPS * (total - free) / total))
        bar.setAccessibleName(self.tr("Used memory of {}").format(device.name))
        bar.setStyleSheet(
            f"QProgressBar {{ background: {self._theme.window}; border: 1px solid"
            f" {self._theme.border}; border-radius: 3px; }}"
            f"QProgressBar::chunk {{ background: {self._theme.accent}; border-radius: 2px; }}"
        )
        return bar

    def _memory_text(self, device: Device) -> str:
        total = format_bytes(device.total_nbytes)
        if device.free_nbytes is None:
            return self.tr("{} of memory").format(total)
        return self.tr("{free} free of {total}").format(
            free=format_bytes(device.free_nbytes), total=total
        )

    def _missing_card(self, missing: MissingDevice) -> QWidget:
        card, layout = self._card(dashed=True)
        title = self.tr("No {}").format(missing.kind)
        layout.addWidget(self._text(title, bold=True, muted=True))
        layout.addWidget(self._text(in_language(missing.reason)))
        remedy = self._text(in_language(missing.remedy), muted=True)
        remedy.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        layout.addWidget(remedy)
        return card

    def _text(self, text: str, *, bold: bool = False, muted: bool = False) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        policy = label.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        label.setSizePolicy(policy)
        colour = self._theme.muted if muted else self._theme.text
        label.setStyleSheet(f"color: {colour};{' font-weight: 600;' if bold else ''}")
        return label

    def _on_run_settings_changed(self) -> None:
        device = self._session.run_settings.device
        known = [d.name for d in self._machine.devices] if self._machine is not None else []
        with QSignalBlocker(self.run_device):
            self.run_device.clear()
            self.run_device.addItems(known)
            if device not in known:
                # A document may ask for a device that this machine has not: say so, do not hide.
                text = self.tr("{} (not on this machine)") if known else "{}"
                self.run_device.addItem(text.format(device))
                known.append(device)
            self.run_device.setCurrentIndex(known.index(device))
        self.run_device.setEnabled(len(known) > 1)

    def _on_device_chosen(self, index: int) -> None:
        if self._machine is None or index >= len(self._machine.devices):
            return
        name = self._machine.devices[index].name
        settings = msgspec.structs.replace(self._session.run_settings, device=name)
        self._session.set_run_settings(settings)

    def _on_theme_changed(self, theme: Theme) -> None:
        self._theme = theme
        self._refresh()
