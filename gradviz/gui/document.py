"""The expression file in the editor: new, open, save, and what is asked before text is lost."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from gradviz.errors import GradvizError
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.library import is_shipped
from gradviz.gui.session import Session
from gradviz.gui.settings import Settings

_PLAIN: Final = Qt.TextFormat.PlainText
READABLE: Final = (".py", ".ipynb")


class Origin(Enum):
    """Where a document's text came from; decides whether it may run without a question."""

    TYPED = "typed"
    EXAMPLE = "example"
    FILE = "file"


class Unsaved(Enum):
    """What to do with changes that were not saved."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


class Dialogs(Protocol):
    """The questions that a document asks the person."""

    def ask_unsaved(self, name: str) -> Unsaved:
        """What to do with unsaved changes."""
        ...

    def choose_open(self, folder: Path) -> Path | None:
        """Which file to open."""
        ...

    def choose_save(self, suggested: Path) -> Path | None:
        """Where to save."""
        ...

    def ask_trust(self, name: str) -> bool:
        """Whether a file from elsewhere may run."""
        ...

    def tell_problem(self, sentence: str) -> None:
        """Say that something did not work."""
        ...


class Document(QObject):
    """The text in the editor as a file.

    Attributes:
        path: where it is saved, None where it never was; an example has none of its own.
        origin: where the text came from.

    Signals:
        changed: it is another document, or it has another name.
    """

    changed = Signal()

    def __init__(
        self,
        editor: CodeEditor,
        session: Session,
        settings: Settings,
        dialogs: Dialogs,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._session = session
        self._settings = settings
        self._dialogs = dialogs
        self._suggested = "untitled.py"
        self.path: Path | None = None
        self.origin = Origin.TYPED

    @property
    def name(self) -> str:
        """What the title of the window calls the document."""
        return self.path.name if self.path is not None else self._suggested

    @property
    def filename(self) -> str:
        """What tracebacks call the document."""
        return str(self.path) if self.path is not None else self._suggested

    @property
    def is_modified(self) -> bool:
        """Whether there are changes that were not saved."""
        return self._editor.document().isModified()

    def new(self) -> bool:
        """Start an empty document; whether that was done."""
        if not self.may_discard():
            return False
        self._adopt("", None, Origin.TYPED, self.tr("untitled.py"))
        return True

    def open(self) -> bool:
        """Ask for a file and open it; whether one was opened."""
        folder = self.path.parent if self.path is not None else Path.home()
        chosen = self._dialogs.choose_open(folder)
        return chosen is not None and self.open_path(chosen)

    def open_path(self, path: Path) -> bool:
        """Open a file or a shipped example, never running it; whether that was done."""
        if not self.may_discard():
            return False
        try:
            text = read_text(path)
        except GradvizError as error:
            self._dialogs.tell_problem(str(error))
            return False
        if is_shipped(path):
            self._adopt(text, None, Origin.EXAMPLE, path.name)
        elif path.suffix.lower() == ".ipynb":
            self._adopt(text, None, Origin.FILE, path.with_suffix(".py").name)
        else:
            self._adopt(text, path, Origin.FILE, path.name)
            self._settings.add_recent(path)
        return True

    def save(self) -> bool:
        """Save to the document's file, asking where when it has none; whether it was saved."""
        return self.save_as() if self.path is None else self._write(self.path)

    def save_as(self) -> bool:
        """Ask where to save, and save there; whether it was saved."""
        folder = self.path.parent if self.path is not None else Path.home()
        chosen = self._dialogs.choose_save(folder / self.name)
        if chosen is None:
            return False
        return self._write(chosen if chosen.suffix else chosen.with_suffix(".py"))

    def may_run(self) -> bool:
        """Whether the text may run: it was typed here, shipped, or the person trusts its file."""
        return True

    def may_discard(self) -> bool:
        """Whether the text may go: it is saved, or the person says so."""
        if not self.is_modified:
            return True
        match self._dialogs.ask_unsaved(self.name):
            case Unsaved.SAVE:
                return self.save()
            case Unsaved.DISCARD:
                return True
            case Unsaved.CANCEL:
                return False

    def _write(self, path: Path) -> bool:
        text = self._editor.toPlainText()
        try:
            write_text(path, text)
        except GradvizError as error:
            self._dialogs.tell_problem(str(error))
            return False
        self.path = path
        self._suggested = path.name
        self._editor.document().setModified(False)
        self._settings.add_recent(path)
        self.changed.emit()
        return True

    def _adopt(self, text: str, path: Path | None, origin: Origin, suggested: str) -> None:
        self.path = path
        self.origin = origin
        self._suggested = suggested
        self._editor.replace_text(text)
        self.changed.emit()


def read_text(path: Path) -> str:
    """The text of an expression file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GradvizError(str(error)) from error


def write_text(path: Path, text: str) -> None:
    """Write the text."""
    path.write_text(text, encoding="utf-8")


class WindowDialogs:
    """The questions, asked with Qt's own dialogs over a window."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def ask_unsaved(self, name: str) -> Unsaved:
        """Save, Discard or Cancel."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(_PLAIN)
        box.setText(_tr("Save the changes to {name}?").format(name=name))
        box.setInformativeText(_tr("Without saving, they are lost."))
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        answers = {buttons.Save: Unsaved.SAVE, buttons.Discard: Unsaved.DISCARD}
        return answers.get(buttons(box.exec()), Unsaved.CANCEL)

    def choose_open(self, folder: Path) -> Path | None:
        """A file dialog."""
        kinds = _tr("Python and notebooks (*.py *.ipynb);;All files (*)")
        chosen, _ = QFileDialog.getOpenFileName(self._window, _tr("Open"), str(folder), kinds)
        return Path(chosen) if chosen else None

    def choose_save(self, suggested: Path) -> Path | None:
        """A file dialog, which asks before it overwrites."""
        kinds = _tr("Python (*.py)")
        chosen, _ = QFileDialog.getSaveFileName(self._window, _tr("Save as"), str(suggested), kinds)
        return Path(chosen) if chosen else None

    def ask_trust(self, name: str) -> bool:
        """Trust and run, or not."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setTextFormat(_PLAIN)
        box.setText(_tr("Run {name}?").format(name=name))
        box.setInformativeText(
            _tr(
                "This file came from elsewhere. Running it gives its code full access to your "
                "account: it can read, change and delete your files and use the network. "
                "Run it only if you know what it does or trust who wrote it."
            )
        )
        yes = box.addButton(_tr("Trust and run"), QMessageBox.ButtonRole.AcceptRole)
        no = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(no)
        box.setEscapeButton(no)
        box.exec()
        return box.clickedButton() is yes

    def tell_problem(self, sentence: str) -> None:
        """One sentence."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setTextFormat(_PLAIN)
        box.setText(sentence)
        box.exec()


def _tr(text: str) -> str:
    return QCoreApplication.translate("Document", text)
