"""The questions that the window asks: which file, what to do with changes, whether to trust."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from gradviz.gui.sentences import in_language

_PLAIN: Final = Qt.TextFormat.PlainText


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

    def choose_open(self, folder: Path) -> tuple[Path, ...]:
        """Which files to open."""
        ...

    def choose_save(self, suggested: Path) -> Path | None:
        """Where to save."""
        ...

    def choose_save_recording(self, suggested: Path) -> Path | None:
        """Where to save the recording."""
        ...

    def choose_recording(self, folder: Path) -> Path | None:
        """Which recording to compare with."""
        ...

    def choose_export(self, suggested: Path, *, for_steps: bool) -> Path | None:
        """Where to save a picture of the graph, or a page for each of its steps."""
        ...

    def choose_picture(self, suggested: Path) -> Path | None:
        """Where to save a figure that the code drew."""
        ...

    def ask_overwrite(self, name: str) -> bool:
        """Whether to save over a file that somebody else has changed."""
        ...

    def ask_trust(self, name: str) -> bool:
        """Whether the text of a file from elsewhere may run."""
        ...

    def tell_problem(self, sentence: str) -> None:
        """Say that something did not work."""
        ...


class WindowDialogs:
    """The questions, asked with Qt's own dialogs over a window."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def ask_unsaved(self, name: str) -> Unsaved:
        """Save, Discard or Cancel."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(_PLAIN)
        box.setText(
            QCoreApplication.translate("Document", "Save the changes to {name}?").format(name=name)
        )
        box.setInformativeText(
            QCoreApplication.translate("Document", "Unsaved changes will be lost.")
        )
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        # Qt's own texts have a mnemonic on some systems and for some of them only.
        for which, text in (
            (buttons.Save, QCoreApplication.translate("Document", "&Save")),
            (buttons.Discard, QCoreApplication.translate("Document", "&Discard")),
            (buttons.Cancel, QCoreApplication.translate("Document", "&Cancel")),
        ):
            box.button(which).setText(text)
        box.setDefaultButton(buttons.Save)
        answers = {buttons.Save: Unsaved.SAVE, buttons.Discard: Unsaved.DISCARD}
        return answers.get(buttons(box.exec()), Unsaved.CANCEL)

    def choose_open(self, folder: Path) -> tuple[Path, ...]:
        """A file dialog in which several files can be chosen."""
        kinds = QCoreApplication.translate(
            "Document", "Python, notebooks and recordings (*.py *.ipynb *.gradviz);;All files (*)"
        )
        chosen, _ = QFileDialog.getOpenFileNames(
            self._window, QCoreApplication.translate("Document", "Open"), str(folder), kinds
        )
        return tuple(Path(name) for name in chosen)

    def choose_save(self, suggested: Path) -> Path | None:
        """A file dialog, which asks before it overwrites."""
        kinds = QCoreApplication.translate("Document", "Python (*.py)")
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, QCoreApplication.translate("Document", "Save as"), str(suggested), kinds
        )
        return Path(chosen) if chosen else None

    def choose_save_recording(self, suggested: Path) -> Path | None:
        """A file dialog, which asks before it overwrites."""
        kinds = QCoreApplication.translate("Document", "Recordings (*.gradviz)")
        title = QCoreApplication.translate("Document", "Save the recording as")
        chosen, _ = QFileDialog.getSaveFileName(self._window, title, str(suggested), kinds)
        return Path(chosen) if chosen else None

    def choose_recording(self, folder: Path) -> Path | None:
        """A file dialog."""
        kinds = QCoreApplication.translate("Document", "Recordings (*.gradviz)")
        title = QCoreApplication.translate("Document", "Compare with a recording")
        chosen, _ = QFileDialog.getOpenFileName(self._window, title, str(folder), kinds)
        return Path(chosen) if chosen else None

    def choose_export(self, suggested: Path, *, for_steps: bool) -> Path | None:
        """A file dialog, which asks before it overwrites; the chosen kind gives the ending."""
        translate = QCoreApplication.translate
        kinds = {
            translate("Document", "SVG picture (*.svg)"): ".svg",
            translate("Document", "PNG picture (*.png)"): ".png",
            translate("Document", "PDF page (*.pdf)"): ".pdf",
            translate("Document", "Graphviz graph (*.dot)"): ".dot",
            translate("Document", "JSON report (*.json)"): ".json",
        }
        title = translate("Document", "Export the graph")
        if for_steps:
            kinds = {translate("Document", "PDF, a page for each step (*.pdf)"): ".pdf"}
            title = translate("Document", "Export the steps")
        chosen, kind = QFileDialog.getSaveFileName(
            self._window, title, str(suggested), ";;".join(kinds)
        )
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix else path.with_suffix(kinds.get(kind, suggested.suffix))

    def choose_picture(self, suggested: Path) -> Path | None:
        """A file dialog, which asks before it overwrites."""
        kinds = QCoreApplication.translate("Document", "PNG picture (*.png)")
        title = QCoreApplication.translate("Document", "Save the picture as")
        chosen, _ = QFileDialog.getSaveFileName(self._window, title, str(suggested), kinds)
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix else path.with_suffix(".png")

    def ask_overwrite(self, name: str) -> bool:
        """Save over it, or not."""
        translate = QCoreApplication.translate
        return self._confirms(
            translate("Document", "Save over {name}?").format(name=name),
            translate(
                "Document",
                "The file has changed since it was opened here, and that change would be lost. "
                "File → Save as… keeps both.",
            ),
            translate("Document", "Save over it"),
            QMessageBox.ButtonRole.DestructiveRole,
        )

    def ask_trust(self, name: str) -> bool:
        """Trust and run, or not."""
        translate = QCoreApplication.translate
        return self._confirms(
            translate("Document", "Run {name}?").format(name=name),
            translate(
                "Document",
                "This file came from elsewhere. Running it gives its code full access to your "
                "account: it can read, change and delete your files and use the network. "
                "Run it only if you know what it does or trust who wrote it.",
            ),
            translate("Document", "Trust and run"),
            QMessageBox.ButtonRole.AcceptRole,
        )

    def tell_problem(self, sentence: str) -> None:
        """One sentence."""
        self._warning(in_language(sentence)).exec()

    def _confirms(
        self, question: str, explanation: str, yes: str, role: QMessageBox.ButtonRole
    ) -> bool:
        """Whether the person does it, knowing what it means; Enter and Escape do not."""
        box = self._warning(question)
        box.setInformativeText(explanation)
        does = box.addButton(yes, role)
        cancels = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(cancels)
        box.setEscapeButton(cancels)
        box.exec()
        return box.clickedButton() is does

    def _warning(self, text: str) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setTextFormat(_PLAIN)
        box.setText(text)
        return box
