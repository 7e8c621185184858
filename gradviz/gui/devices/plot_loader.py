"""Import pyqtgraph in a thread when it is first needed, so that the window does not wait."""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

_POLL_MS: Final = 25
TIMING_PLOT: Final = "gradviz.gui.devices.timing_plot"


class PlotLoader(QObject):
    """Imports the plot's module in the background.

    Attributes:
        module: the name of what is imported.
        problem: why it could not be imported, empty where it could.

    Signals:
        loaded: it is imported, or `problem` says why not.
    """

    loaded = Signal()

    def __init__(self, module: str = TIMING_PLOT, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.module = module
        self.problem = ""
        self._thread: threading.Thread | None = None
        # Polled rather than signalled: the thread may outlive this object, and touches nothing
        # of Qt's.
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._on_tick)

    @property
    def is_loaded(self) -> bool:
        """Whether the module is there."""
        return self.module in sys.modules and not self.problem

    @property
    def is_finished(self) -> bool:
        """Whether the import has come to its end, well or not."""
        return self._thread is not None and not self._thread.is_alive()

    def start(self) -> None:
        """Begin, unless it was begun before."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._import, name="plot import", daemon=True)
            self._thread.start()
            self._timer.start()

    def _import(self) -> None:
        try:
            import_module(self.module)
        except Exception as problem:
            # A library that does not load costs the plot, not the panel.
            self.problem = f"{type(problem).__name__}: {problem}"

    def _on_tick(self) -> None:
        if self._thread is not None and not self._thread.is_alive():
            self._timer.stop()
            self.loaded.emit()
