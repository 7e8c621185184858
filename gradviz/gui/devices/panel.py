"""The device panel: this machine's devices, where tensors are, and what the work costs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QScrollArea, QTabWidget, QVBoxLayout, QWidget

from gradviz.documents.timings import TimingHistory
from gradviz.gui.devices.machine_view import MachineView
from gradviz.gui.devices.tensor_view import TensorView
from gradviz.gui.devices.timing_view import TimingView
from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.machine import Machine


class DevicePanel(Retranslated, QWidget):
    """Three tabs: devices, tensors, time.

    Attributes:
        machine_view: the devices and the device of the run.
        tensor_view: where tensors are, and moving them.
        timing_view: timing, its plot and its table.
    """

    def __init__(
        self,
        session: Session,
        engine: Engine,
        appearance: Appearance,
        *,
        document_text: Callable[[], str],
        statement_line: Callable[[], int],
        selected_lines: Callable[[], tuple[int, int]] | None = None,
        history: TimingHistory | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._has_asked = False
        self.machine_view = MachineView(session, appearance, parent=self)
        self.tensor_view = TensorView(session, appearance, parent=self)
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
        self._on_theme_changed(appearance.theme)
        engine.devices_listed.connect(self._on_devices_listed)
        engine.state_changed.connect(self._on_engine_state_changed)
        self._retranslate()

    def _retranslate(self) -> None:
        for index, text in enumerate((self.tr("Devices"), self.tr("Tensors"), self.tr("Time"))):
            self.tabs.setTabText(index, text)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the devices as they are now: memory may have been freed since."""
        super().showEvent(event)
        self._has_asked = False
        self._ask_for_devices()

    def _ask_for_devices(self) -> None:
        if self.isVisible() and not self._has_asked and self._engine.state is EngineState.READY:
            self._has_asked = True
            self._engine.list_devices()

    def _on_engine_state_changed(self, _state: EngineState) -> None:
        # After a run the memory is another; while one is going on the engine cannot answer.
        self._has_asked = False
        self._ask_for_devices()

    def _on_devices_listed(self, machine: Machine) -> None:
        self.machine_view.show_machine(machine)
        self.tensor_view.set_devices([device.name for device in machine.devices])
        self.timing_view.set_machine(machine)

    def _on_theme_changed(self, theme: Theme) -> None:
        # The ground of the other panels on this side.
        self.setStyleSheet(
            f"QWidget#devices, QWidget#page, QScrollArea {{ background: {theme.base}; }}"
        )
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
