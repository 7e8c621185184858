"""Bring back text that was not saved when the program was killed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QDateTime, QLocale, QObject, Signal

from gradviz.documents.drafts import Draft, DraftStore
from gradviz.errors import GradvizError
from gradviz.gui.banner import Banner
from gradviz.gui.document import Document
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.timers import single_shot

KEEP_AFTER_MS: Final = 1_000
"""At most so much typing is lost."""


class Recovery(QObject):
    """Keeps the editor's unsaved text as a draft, and says so when one came back.

    Signals:
        failed: a draft could not be kept (str); said once.
    """

    failed = Signal(str)

    def __init__(
        self,
        editor: CodeEditor,
        document: Document,
        store: DraftStore,
        banner: Banner,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._document = document
        self._store = store
        self._banner = banner
        self._restored: Draft | None = None
        self._has_failed = False
        self._has_ended = False
        self._timer = single_shot(self, self.keep, KEEP_AFTER_MS)
        editor.textChanged.connect(self._on_text_changed)
        editor.document().modificationChanged.connect(self._on_modification_changed)
        document.opened.connect(self._on_opened)
        banner.button_clicked.connect(self._on_discarded)

    def restore(self, path: Path | None) -> bool:
        """Bring back what was left behind, of a certain file where one is given."""
        draft = self._store.take_over(path)
        if draft is None:
            return False
        self._document.restore(draft)
        self._restored = draft
        self.retranslate()
        return True

    def count_others(self) -> int:
        """How many more drafts were left behind."""
        return self._store.count_left_behind()

    def retranslate(self) -> None:
        """Say in the language in use what came back."""
        if self._restored is None:
            self._banner.hide()
            return
        kept = QDateTime.fromMSecsSinceEpoch(round(self._restored.seconds * 1000))
        moment = QLocale().toString(kept, QLocale.FormatType.ShortFormat)
        sentence = self.tr("gradviz ended before {name} was saved: this is its text from {moment}.")
        self._banner.say(
            sentence.format(name=self._restored.name, moment=moment), self.tr("Discard it")
        )

    def keep(self) -> None:
        """Keep the text now, or nothing where it is saved."""
        self._timer.stop()
        if self._has_ended:
            return
        if not self._document.is_modified:
            self._store.forget()
            return
        path = self._document.path
        try:
            self._store.keep(
                Draft(
                    text=self._editor.toPlainText(),
                    name=self._document.name,
                    path="" if path is None else str(path),
                    is_trusted=self._document.is_trusted,
                )
            )
        except GradvizError as error:
            if not self._has_failed:
                self._has_failed = True
                self.failed.emit(str(error))

    def end(self) -> None:
        """The person has saved the text or does not want it."""
        self._has_ended = True
        self._timer.stop()
        self._store.forget()

    def _on_text_changed(self) -> None:
        if not self._timer.isActive() and self._document.is_modified:
            self._timer.start()

    def _on_modification_changed(self, is_modified: bool) -> None:
        if is_modified:
            self._timer.start()
        else:
            self._restored = None
            self.retranslate()
            self.keep()

    def _on_opened(self) -> None:
        self._restored = None
        self.retranslate()

    def _on_discarded(self) -> None:
        path = None if self._restored is None else self._document.path
        self._editor.document().setModified(False)
        if path is None or not path.exists() or not self._document.open_path(path):
            self._document.new()
