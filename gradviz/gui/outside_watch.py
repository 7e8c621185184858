"""Notice that another program has written into the document's file, or taken it away."""

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
    """Says in a banner that the file is gone, or has another text, which its button takes over."""

    def __init__(
        self, document: Document, banner: Banner, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document, self._banner = document, banner
        self._watcher = QFileSystemWatcher(self)
        self._timer = single_shot(self, self.look, _PAUSE_MS)
        self._watcher.fileChanged.connect(self._timer.start)
        self._watcher.directoryChanged.connect(self._timer.start)
        document.changed.connect(self.look)
        banner.button_clicked.connect(document.reload)
        # What other machines do is not told.
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.applicationStateChanged.connect(self._on_application_changed)

    def look(self) -> None:
        """Compare the file with what was opened or saved last, and say where it differs."""
        path = self._document.path
        is_gone = path is not None and not path.is_file()
        # Where it is gone, it may come back.
        place = path.parent if path is not None and is_gone else path
        wanted = [str(place)] if place is not None and place.exists() else []
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched != wanted:
            if watched:
                self._watcher.removePaths(watched)
            if wanted:
                self._watcher.addPaths(wanted)
        name = self._document.name
        if is_gone:
            sentence = self.tr("{name} was moved or deleted. Saving writes it again.")
            self._banner.say(sentence.format(name=name))
        elif self._document.has_changed_outside():
            sentence = self.tr("Another program has changed {name}.")
            self._banner.say(sentence.format(name=name), self.tr("Reload"))
        else:
            self._banner.hide()

    def _on_application_changed(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self._timer.start()
