"""What the window says of its document: the title, and whether it may run."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMainWindow

from gradviz.gui.banner import Banner
from gradviz.gui.document import Document


class Heading(QObject):
    """Keeps the window's title and the banner above the text true to the document."""

    def __init__(self, window: QMainWindow, document: Document, banner: Banner) -> None:
        super().__init__(window)
        self._window, self._document, self._banner = window, document, banner
        document.opened.connect(self._show_trust)
        document.changed.connect(self._show_title)
        document.changed_trust.connect(self._show_trust)

    def retranslate(self) -> None:
        """Set every text."""
        self._show_title()
        self._show_trust()

    def _show_title(self) -> None:
        recording = self._document.recording
        rank = None if recording is None else recording.environment.rank
        title = self.tr("{name}[*] – gradviz")
        if rank is not None:
            title = self.tr("{name}[*] (recording of rank {rank}) – gradviz")
        elif recording is not None:
            title = self.tr("{name}[*] (recording) – gradviz")
        self._window.setWindowTitle(title.format(name=self._document.name, rank=rank))
        self._window.setWindowModified(self._document.is_modified)

    def _show_trust(self) -> None:
        if self._document.recording is not None:
            self._banner.say(
                self.tr("This is a recording: nothing was run. Run executes its code in a new run.")
            )
        elif self._document.is_trusted:
            self._banner.hide()
        else:
            self._banner.say(
                self.tr("This file came from elsewhere. It was not run; Run will ask first.")
            )
