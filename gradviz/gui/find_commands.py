"""Find, find next and find previous: in the text or in the graph, whichever is meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMainWindow

from gradviz.gui.centre import Centre
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.editor.find_bar import FindBar

if TYPE_CHECKING:
    from gradviz.gui.search.bar import SearchBar


class FindCommands:
    """Leads the Edit menu's find commands to the text's bar or the graph's.

    `search_bar` gives the graph's bar, None until the panels are built.
    """

    def __init__(
        self,
        window: QMainWindow,
        editor: CodeEditor,
        find_bar: FindBar,
        centre: Centre,
        search_bar: Callable[[], SearchBar | None],
    ) -> None:
        self._window = window
        self._editor, self._find_bar = editor, find_bar
        self._centre, self._search_bar = centre, search_bar

    @property
    def handlers(self) -> dict[str, Callable[[], object]]:
        """What each command does, by its id."""
        return {
            "find": self.find,
            "find_in_graph": self.find_in_graph,
            "find_next": self.find_next,
            "find_previous": self.find_previous,
        }

    def find(self) -> None:
        """Find in the graph if it has the focus, else in the text."""
        search = self._search_bar()
        if search is not None and self._centre.graph.isAncestorOf(self._window.focusWidget()):
            search.open()
        else:
            self._find_bar.open()

    def find_in_graph(self) -> None:
        """Open the graph's search bar."""
        search = self._search_bar()
        if search is not None:
            search.open()

    def find_next(self) -> None:
        """Go to the next match of the bar that is used."""
        self._used_bar().find_next()

    def find_previous(self) -> None:
        """Go to the previous match of the bar that is used."""
        self._used_bar().find_previous()

    def _used_bar(self) -> FindBar | SearchBar:
        """The search bar of the graph while it is open, else, or in the text, the find bar."""
        search = self._search_bar()
        if search is None or search.isHidden():
            return self._find_bar
        focus = self._window.focusWidget()
        is_in_text = self._editor.hasFocus() or self._find_bar.isAncestorOf(focus)
        return self._find_bar if is_in_text and not self._find_bar.isHidden() else search
