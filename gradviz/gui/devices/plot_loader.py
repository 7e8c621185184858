"""Import pyqtgraph in a thread when it is first needed, so that the window does not wait."""

from __future__ import annotations

import sys
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Final

from PySide6.QtCore import QObject, Signal

from gradviz.gui.overrides import keep_errors_whole
from gradviz.gui.threads import Background

TIMING_PLOT: Final = "gradviz.gui.devices.timing_plot"


class PlotLoader(QObject):
    """Imports the plot's module in the background.

    Attributes:
        module: the name of what is imported.
        problem: why it could not be imported, empty where it could.
        is_finished: whether the import has come to its end, well or not.

    Signals:
        loaded: it is imported, or `problem` says why not.
    """

    loaded = Signal()

    def __init__(self, module: str = TIMING_PLOT, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.module = module
        self.problem = ""
        self.is_finished = False
        self._background = Background("plot import", parent=self)

    @property
    def is_loaded(self) -> bool:
        """Whether the module is there."""
        return self.module in sys.modules and not self.problem

    def start(self) -> None:
        """Begin, unless it was begun before."""
        if self.is_finished or self._background.is_busy:
            return
        self._background.call(
            partial(import_module, self.module), self._on_imported, failed=self._on_failed
        )

    def _on_imported(self, _module: ModuleType) -> None:
        keep_errors_whole()
        self.is_finished = True
        self.loaded.emit()

    def _on_failed(self, error: Exception) -> None:
        # A library that does not load costs the plot, not the panel.
        self.problem = f"{type(error).__name__}: {error}"
        self.is_finished = True
        self.loaded.emit()
