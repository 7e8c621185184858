"""The size of all text in the window: larger, smaller, and large for a projector."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from gradviz.gui.docks import Docks
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.output_pane import OutputPane
from gradviz.gui.settings import DEFAULT_FONT_POINTS, PROJECTOR_POINTS, Settings
from gradviz.gui.style import Appearance


class TextSize:
    """Sets the text size of a window and remembers it; projector mode keeps a size of its own."""

    def __init__(
        self,
        window: QMainWindow,
        editor: CodeEditor,
        output: OutputPane,
        appearance: Appearance,
        settings: Settings,
        docks: Docks,
    ) -> None:
        self._window, self._editor, self._output = window, editor, output
        self._appearance, self._settings, self._docks = appearance, settings, docks

    def restore(self) -> None:
        """Use the remembered size, or that for a projector."""
        if self._settings.projector:
            self._show_for_projector(True)
        else:
            self._show(self._settings.font_points)

    def enlarge(self) -> None:
        """Make the text larger by a point."""
        self._set(self._editor.font_points + 1)

    def reduce(self) -> None:
        """Make the text smaller by a point."""
        self._set(self._editor.font_points - 1)

    def reset(self) -> None:
        """Use the default size."""
        self._set(PROJECTOR_POINTS if self._settings.projector else DEFAULT_FONT_POINTS)

    def set_projector(self, is_on: bool) -> None:
        """Make all text large for a projector, or as it was before."""
        self._settings.projector = is_on
        self._show_for_projector(is_on)

    def _set(self, points: int) -> None:
        self._show(points)
        if not self._settings.projector:
            self._settings.font_points = self._editor.font_points

    def _show(self, points: int) -> None:
        self._editor.set_font_points(points)
        points = self._editor.font_points
        is_projected = self._settings.projector
        self._output.set_font_points(points if is_projected else max(points - 1, 1))
        if is_projected:
            self._appearance.set_text_points(points)
        else:
            self._appearance.set_text_scale(points / DEFAULT_FONT_POINTS)

    def _show_for_projector(self, is_on: bool) -> None:
        window = self._window
        self._appearance.set_projector(is_on)
        # A widget in a style sheet keeps the font with which it was polished.
        sheet = window.styleSheet()
        window.setStyleSheet("")
        window.setFont(QApplication.font())
        window.setStyleSheet(sheet)
        for menu in (window.menuBar(), *window.findChildren(QMenu)):
            menu.setFont(QApplication.font())
        self._docks.make_room_for_titles()
        points = self._settings.font_points
        self._show(max(points, PROJECTOR_POINTS) if is_on else points)
