"""Notice that another program has written into the document's file, and offer its text."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt
from PySide6.QtGui import QGuiApplication

from gradviz.gui.banner import Banner
from gradviz.gui.document import Document
from gradviz.gui.timers import single_shot

_PAUSE_MS: Final = 200
"""Programs write a file in several pieces, or put another in its place."""


class OutsideWatch(QObject):
    """Says in a banner that the file has another text by now, which its button takes over."""

    def __init__(
        self, document: Document, banner: Banner, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._banner = document, banner
        self._watcher = QFileSystemWatcher(self)
        self._timer = single_shot(self, self.look, _PAUSE_MS)
        self._watcher.fileChanged.connect(self._timer.start)
        document.changed.connect(self.look)
        banner.button_clicked.connect(document.reload)
        # What was put in place of a file that was removed is not told, nor what other machines do.
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.applicationStateChanged.connect(self._on_application_changed)

    def look(self) -> None:
        """Compare the file with what was opened or saved last, and say where it differs."""
        path = self._document.path
        watched = self._watcher.files()
        wanted = [str(path)] if path is not None and path.is_file() else []
        if watched != wanted:
            if watched:
                self._watcher.removePaths(watched)
            if wanted:
                self._watcher.addPaths(wanted)
        if wanted and self._document.has_changed_outside():
            sentence = self.tr("Another program has changed {name}.")
            self._banner.say(sentence.format(name=self._document.name), self.tr("Reload"))
        else:
            self._banner.hide()

    def _on_application_changed(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self._timer.start()
