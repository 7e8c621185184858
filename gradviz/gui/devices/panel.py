"""The device panel: this machine's devices, where tensors are, and what the work costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from gradviz.documents.timings import TimingHistory
from gradviz.gui.devices.machine_view import MachineView
from gradviz.gui.devices.overlays import HeatOverlay, seconds_of_items
from gradviz.gui.devices.tensor_view import TensorView
from gradviz.gui.devices.timing_view import TimingView
from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.machine import Machine
from gradviz.recording.model import Item
from gradviz.recording.overlays import Overlay
from gradviz.recording.timing import TimedPart, Timing

if TYPE_CHECKING:
    from gradviz.gui.canvas.canvas import Canvas

_SAMPLE_SECONDS: Final = 1.0


class DevicePanel(Retranslated, QWidget):
    """Three tabs: devices, tensors, time.

    Attributes:
        machine_view: the devices and the device of the run.
        tensor_view: where tensors are, and moving them.
        timing_view: timing, its plot and its table.
        heat: colours the graph by measured time, None where there is no canvas.

    Signals:
        text_changed: the document's text should be this one (str).
        overlay_wanted: the graph should be coloured by this (`Overlay`).
        heat_shown: the graph is coloured by measured time.
    """

    text_changed = Signal(str)
    overlay_wanted = Signal(object)
    heat_shown = Signal()

    def __init__(
        self,
        session: Session,
        engine: Engine,
        appearance: Appearance,
        *,
        document_text: Callable[[], str],
        statement_line: Callable[[], int],
        selected_lines: Callable[[], tuple[int, int]],
        history: TimingHistory | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._appearance = appearance
        self._engine = engine
        self._has_asked = False
        self._is_in_front = True
        self._timing: tuple[Timing, str] | None = None
        self.heat: HeatOverlay | None = None
        self.machine_view = MachineView(session, appearance, parent=self)
        self.tensor_view = TensorView(session, appearance, document_text=document_text, parent=self)
        self.tensor_view.text_changed.connect(self.text_changed)
        self.tensor_view.overlay_wanted.connect(self._on_device_overlay_wanted)
        self.timing_view = TimingView(
            session,
            engine,
            appearance,
            document_text=document_text,
            statement_line=statement_line,
            selected_lines=selected_lines,
            history=history,
            parent=self,
        )
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        for view in (self.machine_view, self.tensor_view, self.timing_view):
            self.tabs.addTab(view, "")
            content = view.widget() if isinstance(view, QScrollArea) else None
            page = content or view
            page.setObjectName("page")
            page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("devices")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self.tabs)
        appearance.theme_changed.connect(self._on_theme_changed)
        appearance.text_scaled.connect(self._on_text_scaled)
        self._on_theme_changed(appearance.theme)
        engine.devices_listed.connect(self._on_devices_listed)
        engine.state_changed.connect(self._on_engine_state_changed)
        engine.machine_sampled.connect(self.machine_view.show_loads)
        self.tabs.currentChanged.connect(self._watch)
        self._retranslate()

    def colour_graph(self, canvas: Canvas) -> None:
        """Offer to colour this canvas by measured time."""
        self.heat = HeatOverlay(self._session, self._appearance, canvas, parent=self)
        self.timing_view.heat.toggled.connect(self._on_heat_wanted)
        self.timing_view.measured.connect(self._on_measured)
        self._session.recording_changed.connect(self._update_heat)

    def fill_canvas_menu(self, menu: QMenu, item: Item) -> None:
        """Offer to move the tensor of a card to another device."""
        self.tensor_view.fill_menu(menu, item)

    def _on_device_overlay_wanted(self, is_wanted: bool) -> None:
        self.overlay_wanted.emit(Overlay.DEVICE if is_wanted else Overlay.NONE)

    def _on_heat_wanted(self, is_wanted: bool) -> None:
        if self.heat is not None:
            self.heat.switch(is_wanted)
            if is_wanted:
                self.heat_shown.emit()

    def leave_colours(self) -> None:
        """Somebody else colours the graph."""
        self.timing_view.heat.setChecked(False)

    def tell_overlay(self, overlay: Overlay) -> None:
        """The graph is coloured by this."""
        self.tensor_view.tell_coloured(overlay is Overlay.DEVICE)

    def _on_measured(self, timing: Timing, text: str) -> None:
        if any(m.part is TimedPart.OP for m in timing.measurements):
            self._timing = timing, text
            self._update_heat()

    def _update_heat(self) -> None:
        """Colour the ops by measured time, if the timing is of the recording's text."""
        recording = self._session.recording
        seconds = {}
        if self._timing is not None and self._timing[1] == recording.text:
            seconds = seconds_of_items(recording, self._timing[0])
        self.timing_view.offer_heat(bool(seconds))
        if self.heat is not None:
            self.heat.set_seconds(seconds)

    def _retranslate(self) -> None:
        for index, text in enumerate((self.tr("Devices"), self.tr("Tensors"), self.tr("Time"))):
            self.tabs.setTabText(index, text)
        self.tabs.setAccessibleName(self.tr("Devices"))

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the devices as they are now: memory may have been freed since."""
        super().showEvent(event)
        self.window().installEventFilter(self)
        self._has_asked = False
        self._ask_for_devices()
        self._watch()

    def hideEvent(self, event: QHideEvent) -> None:
        """What nobody sees is not sampled."""
        super().hideEvent(event)
        self._watch()

    def set_in_front(self, is_in_front: bool) -> None:
        """Whether it is seen in its dock: Qt moves one that is behind another, it does not hide."""
        self._is_in_front = is_in_front
        if is_in_front:
            self._has_asked = False
            self._ask_for_devices()
        self._watch()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that the window becomes an icon."""
        if event.type() == QEvent.Type.WindowStateChange:
            self._watch()
        return super().eventFilter(watched, event)

    def _watch(self, _index: int = 0) -> None:
        """Have the machine sampled while its tab is seen."""
        is_seen = (
            self.isVisible()
            and self._is_in_front
            and not self.window().isMinimized()
            and self.tabs.currentWidget() is self.machine_view
        )
        if is_seen:
            self.machine_view.start_plots()
        self._engine.watch_machine(_SAMPLE_SECONDS if is_seen else 0.0)

    def _ask_for_devices(self) -> None:
        if self.isVisible() and not self._has_asked and self._engine.state is EngineState.READY:
            self._has_asked = True
            self._engine.list_devices()

    def _on_engine_state_changed(self, _state: EngineState) -> None:
        # After a run the memory is another; while one is going on the engine cannot answer.
        self._has_asked = False
        self._ask_for_devices()
        if self._engine.state is EngineState.READY:
            # A new worker has been told nothing yet.
            self._watch()

    def _on_devices_listed(self, machine: Machine) -> None:
        self.machine_view.show_machine(machine)
        self.tensor_view.set_devices([device.name for device in machine.devices])
        self.timing_view.set_machine(machine)

    def _on_text_scaled(self) -> None:
        self._update_style(self._appearance.theme)

    def _update_style(self, theme: Theme) -> None:
        points = self._appearance.scaled_font().pointSizeF()
        # The ground of the other panels on this side.
        self.setStyleSheet(
            f"QWidget#devices, QWidget#page, QScrollArea {{ background: {theme.base}; }}"
            f"MachineView QWidget {{ font-size: {points:.1f}pt; }}"
        )

    def _on_theme_changed(self, theme: Theme) -> None:
        self._update_style(theme)
        # One choice among three, as in the bar above the canvas; the dock has tabs already.
        self.tabs.setStyleSheet(
            f"QTabWidget::pane {{ border: none; }}"
            f"QTabWidget::tab-bar {{ left: 8px; }}"
            f"QTabBar {{ qproperty-drawBase: 0; }}"
            f"QTabBar::tab {{ background: {theme.base}; color: {theme.text}; padding: 5px 12px;"
            f" border: 1px solid {theme.border}; margin-left: -1px; }}"
            f"QTabBar::tab:first {{ margin-left: 0; border-top-left-radius: 4px;"
            f" border-bottom-left-radius: 4px; }}"
            f"QTabBar::tab:last {{ border-top-right-radius: 4px;"
            f" border-bottom-right-radius: 4px; }}"
            f"QTabBar::tab:selected {{ background: {theme.accent}; color: {theme.accent_text};"
            f" border-color: {theme.accent}; }}"
            f"QTabBar::tab:focus {{ text-decoration: underline; }}"
        )
