"""The parts of the window that need numpy and networkx, imported after the first paint."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from PySide6.QtCore import QThread

_HEAVY: Final = (
    "gradviz.gui.canvas.canvas",
    "gradviz.gui.timeline",
    "gradviz.gui.inspector",
    "gradviz.gui.devices.panel",
)


class PanelImporter(QThread):
    """Imports the modules in the background, so that the window answers meanwhile.

    Only modules are imported here; the widgets are built on the window's own thread when
    `finished` says that they can be.
    """

    def run(self) -> None:
        """Import all of them."""
        for name in _HEAVY:
            import_module(name)
