"""The languages of the window: which there are, which is wanted, and changing it at once."""

from __future__ import annotations

from enum import Enum
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from gradviz.gui.action_spec import QT_TRANSLATE_NOOP
from gradviz.resources_path import TRANSLATIONS

SOURCE_LANGUAGE: Final = "en"
LANGUAGES: Final = (SOURCE_LANGUAGE, "es")
"""Codes of the languages that gradviz speaks."""

KEYS: Final = (
    QT_TRANSLATE_NOOP("QShortcut", "Ctrl"),
    QT_TRANSLATE_NOOP("QShortcut", "Shift"),
    QT_TRANSLATE_NOOP("QShortcut", "Return"),
    QT_TRANSLATE_NOOP("QShortcut", "Enter"),
)
"""Keys that gradviz names as keyboards do; Qt's own Spanish writes Control+Mayúsculas."""


class LanguageChoice(Enum):
    """Which language the person wants."""

    SYSTEM = "system"
    ENGLISH = "en"
    SPANISH = "es"


QT_TEXTS: Final = (
    QT_TRANSLATE_NOOP("QFileDialog", "Look in:"),
    QT_TRANSLATE_NOOP("QFileDialog", "Files of type:"),
    # As Qt 6.11 writes them.
    QT_TRANSLATE_NOOP("QFileDialog", "&Look in:"),
    QT_TRANSLATE_NOOP("QFileDialog", "Files of &type:"),
)
"""Texts of Qt's own that its translations lack."""


class Languages:
    """Puts the program into a language, and into another one at any time.

    Every widget hears of it by Qt's `LanguageChange` event and sets its texts again.
    """

    def __init__(self) -> None:
        self._installed: list[QTranslator] = []
        self._code = ""

    def use(self, choice: LanguageChoice) -> None:
        """Show everything in the chosen language."""
        code = code_for(choice)
        if code == self._code:
            return
        self._code = code
        self.remove()
        QLocale.setDefault(_locale_of(code))
        # Qt's own texts first: what is installed last is asked first.
        for folder, name in (
            (QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), f"qtbase_{code}"),
            (str(TRANSLATIONS), f"gradviz_{code}"),
        ):
            translator = QTranslator()
            if translator.load(name, folder):
                QCoreApplication.installTranslator(translator)
                self._installed.append(translator)

    def remove(self) -> None:
        """Show everything as it is written in the source."""
        for translator in self._installed:
            QCoreApplication.removeTranslator(translator)
        self._installed.clear()


def code_for(choice: LanguageChoice) -> str:
    """The language that a choice means on this system."""
    if choice is not LanguageChoice.SYSTEM:
        return str(choice.value)
    for name in QLocale.system().uiLanguages():
        code = name.split("-")[0].lower()
        if code in LANGUAGES:
            return code
    return SOURCE_LANGUAGE


def shown_language() -> str:
    """The code of the language in which texts are shown."""
    # Its translation is its own code: the translator that is installed tells, and nothing else.
    return str(QCoreApplication.translate("Languages", "en"))


def _locale_of(code: str) -> QLocale:
    """How numbers and dates are written within texts of a language."""
    system, wanted = QLocale.system(), QLocale(code)
    return system if system.language() == wanted.language() else wanted
