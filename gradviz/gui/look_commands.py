"""What the menus change about the look of the window: theme, language, size of text, motion."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMainWindow

from gradviz.gui.languages import LanguageChoice, Languages
from gradviz.gui.looks import theme_for, window_style_sheet
from gradviz.gui.menus import DataMenus
from gradviz.gui.qactions import paint_actions
from gradviz.gui.settings import Settings, ThemeChoice
from gradviz.gui.style import Appearance, Theme
from gradviz.gui.text_size import TextSize


class LookCommands(QObject):
    """Carries out what is chosen and remembers it; the system's theme is followed.

    Attributes:
        handlers: what carries out the actions, by their names.

    Signals:
        language_changed: the window speaks another language.
    """

    language_changed = Signal()

    def __init__(
        self,
        window: QMainWindow,
        appearance: Appearance,
        settings: Settings,
        languages: Languages,
        text_size: TextSize,
    ) -> None:
        super().__init__(window)
        self._window, self._appearance, self._settings = window, appearance, settings
        self._languages, self._text_size = languages, text_size
        self._actions: Mapping[str, QAction] = {}
        self.handlers: dict[str, Callable[[], object]] = {
            "larger": text_size.enlarge,
            "smaller": text_size.reduce,
            "usual_size": text_size.reset,
            "full_screen": self._toggle_full_screen,
            "projector": self._toggle_projector,
            "reduce_motion": self._toggle_motion,
        }
        appearance.reduced_motion = settings.reduced_motion

    def attach(self, actions: Mapping[str, QAction], menus: DataMenus) -> None:
        """Mark in the menus what is chosen, and do what is chosen there."""
        self._actions = actions
        actions["reduce_motion"].setChecked(self._settings.reduced_motion)
        actions["projector"].setChecked(self._settings.projector)
        menus.theme_chosen.connect(self._on_theme_chosen)
        menus.language_chosen.connect(self._on_language_chosen)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_theme_changed)
        self._appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(self._appearance.theme)

    def _toggle_full_screen(self) -> None:
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)
        self._actions["full_screen"].setChecked(self._window.isFullScreen())

    def _toggle_projector(self) -> None:
        self._text_size.set_projector(self._actions["projector"].isChecked())

    def _toggle_motion(self) -> None:
        self._settings.reduced_motion = not self._settings.reduced_motion
        self._appearance.reduced_motion = self._settings.reduced_motion

    def _on_theme_chosen(self, choice: ThemeChoice) -> None:
        self._settings.theme = choice
        self._appearance.set_theme(theme_for(choice))

    def _on_system_theme_changed(self) -> None:
        if self._settings.theme is ThemeChoice.SYSTEM:
            self._appearance.set_theme(theme_for(ThemeChoice.SYSTEM))

    def _on_theme_changed(self, theme: Theme) -> None:
        self._window.setStyleSheet(window_style_sheet(theme))
        paint_actions(self._actions, theme)

    def _on_language_chosen(self, choice: LanguageChoice) -> None:
        self._settings.language = choice
        self._languages.use(choice)
        self.language_changed.emit()
