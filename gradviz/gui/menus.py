"""The menus whose entries are data: examples, recent documents, themes, languages."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from gradviz.gui.languages import LanguageChoice
from gradviz.gui.library import list_examples
from gradviz.gui.settings import Settings, ThemeChoice


class DataMenus(QObject):
    """The menus whose entries are data: recent files, examples, themes and languages.

    Attributes:
        examples: the shipped examples.
        recent: the documents used last; missing ones are marked.
        themes: light, dark, or as the system.
        languages: the languages of the window, or that of the system.

    Signals:
        example_chosen: an example should be opened (`Path`).
        recent_chosen: a document should be opened (`Path`).
        theme_chosen: another theme is wanted (`ThemeChoice`).
        language_chosen: another language is wanted (`LanguageChoice`).
    """

    example_chosen = Signal(object)
    recent_chosen = Signal(object)
    theme_chosen = Signal(object)
    language_chosen = Signal(object)

    def __init__(self, settings: Settings, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings = settings
        self.examples = QMenu(parent)
        self.examples.setToolTipsVisible(True)
        self.examples.triggered.connect(self._on_example_triggered)
        self.recent = QMenu(parent)
        self.recent.aboutToShow.connect(self.fill_recent)
        self.recent.triggered.connect(self._on_recent_triggered)
        self.themes = _choices(tuple(ThemeChoice), settings.theme, parent)
        self.themes.triggered.connect(self._on_theme_triggered)
        self.languages = _choices(tuple(LanguageChoice), settings.language, parent)
        self.languages.triggered.connect(self._on_language_triggered)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every text in the language in use, and list its examples."""
        self.examples.setTitle(self.tr("&Examples"))
        self.recent.setTitle(self.tr("Open &recent"))
        self.themes.setTitle(self.tr("&Theme"))
        self.languages.setTitle(self.tr("Lan&guage"))
        texts = {
            ThemeChoice.SYSTEM: self.tr("As the &system"),
            ThemeChoice.LIGHT: self.tr("&Light"),
            ThemeChoice.DARK: self.tr("&Dark"),
            LanguageChoice.SYSTEM: self.tr("As the &system"),
            # A language is called what those who speak it call it.
            LanguageChoice.ENGLISH: "&English",
            LanguageChoice.SPANISH: "E&spañol",
        }
        # So that they are found by those who do not speak them yet, too.
        said = {
            LanguageChoice.ENGLISH: self.tr("English"),
            LanguageChoice.SPANISH: self.tr("Spanish"),
        }
        for action in self.languages.actions():
            action.setStatusTip(said.get(action.data(), ""))
        for action in (*self.themes.actions(), *self.languages.actions()):
            action.setText(texts[action.data()])
        self.examples.clear()
        for example in list_examples():
            action = self.examples.addAction(example.title)
            action.setToolTip(example.summary)
            action.setData(example.path)

    def fill_recent(self) -> None:
        """List the recent documents as they are now."""
        self.recent.clear()
        for path in self._settings.recent:
            shown = str(path).replace("&", "&&")
            exists = path.exists()
            text = shown if exists else self.tr("{path} (missing)").format(path=shown)
            action = self.recent.addAction(text)
            action.setData(path)
            action.setEnabled(exists)
        if not self.recent.actions():
            self.recent.addAction(self.tr("None yet")).setEnabled(False)
            return
        self.recent.addSeparator()
        self.recent.addAction(self.tr("Clear this list"))

    def _on_example_triggered(self, action: QAction) -> None:
        self.example_chosen.emit(action.data())

    def _on_recent_triggered(self, action: QAction) -> None:
        path = action.data()
        if isinstance(path, Path):
            self.recent_chosen.emit(path)
        else:
            self._settings.clear_recent()

    def _on_theme_triggered(self, action: QAction) -> None:
        self.theme_chosen.emit(action.data())

    def _on_language_triggered(self, action: QAction) -> None:
        self.language_chosen.emit(action.data())


def _choices(choices: tuple[object, ...], chosen: object, parent: QWidget) -> QMenu:
    """A menu of exclusive choices."""
    menu = QMenu(parent)
    group = QActionGroup(menu)
    for choice in choices:
        action = menu.addAction("")
        action.setCheckable(True)
        action.setData(choice)
        action.setChecked(choice is chosen)
        group.addAction(action)
    return menu
