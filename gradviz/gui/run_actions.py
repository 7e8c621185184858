"""Keep the Run and Stop actions true to what the engine can do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.icons import make_icon
from gradviz.gui.qactions import set_tooltip
from gradviz.gui.run_control import RunControl
from gradviz.gui.style import Appearance, Theme


class RunActions(QObject):
    """Enables Run and Stop, explains in their tooltips why they are disabled.

    Stop becomes a restart of the engine when stopping took too long.

    `others` make runs of their own, and wait for the engine as Run does.
    """

    def __init__(
        self,
        run: QAction,
        stop: QAction,
        control: RunControl,
        engine: Engine,
        appearance: Appearance,
        *,
        others: Sequence[QAction],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._run = run
        self._others = others
        self._stop = stop
        self._control = control
        self._engine = engine
        self._theme = appearance.theme
        # The keys of Run while it is disabled: the run then waits, or is refused with the reason.
        self._keys = QAction(parent)
        self._keys.setShortcuts(run.shortcuts())
        self._keys.triggered.connect(control.run)
        parent.addAction(self._keys)
        control.changed.connect(self._update)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._update()

    def retranslate(self) -> None:
        """Set every text in the language in use."""
        self._update()

    def _on_theme_changed(self, theme: Theme) -> None:
        self._theme = theme
        self._update()

    def _update(self) -> None:
        obstacle = self._control.obstacle
        self._run.setEnabled(not obstacle)
        for action in self._others:
            action.setEnabled(not obstacle)
        set_tooltip(self._run, obstacle or self.tr("Run the code and draw its graph"))
        # It stands on the button's accent colour.
        self._run.setIcon(make_icon("run", self._theme, self._theme.accent_text))
        self._keys.setEnabled(bool(obstacle))
        may_force = self._control.may_force
        self._stop.setEnabled(self._engine.state is EngineState.BUSY or may_force)
        self._stop.setText(self.tr("Force restart") if may_force else self.tr("S&top"))
        self._stop.setIcon(make_icon("restart" if may_force else "stop", self._theme))
        set_tooltip(
            self._stop,
            self.tr("End the engine's process and start a new one")
            if may_force
            else self.tr("Stop the running code"),
        )
