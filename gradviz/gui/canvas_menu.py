"""The menu of a card of the graph: break on it, go to its events, fold it, show its text."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QMenu

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.debugger import Debugger
from gradviz.recording.changeable import changeable
from gradviz.recording.model import Item, ItemKind
from gradviz.recording.scopes import scope_title


class CanvasMenu(QObject):
    """Offers what can be done with the card or the edge under the pointer, or with the selection.

    Signals:
        text_wanted: the text of an item should be shown (`Item`).
        filled: the menu of an item is being made; others may add to it (`QMenu`, `Item`).
        what_if_wanted: the selected item should get another value.
    """

    text_wanted = Signal(object)
    filled = Signal(object, object)
    what_if_wanted = Signal()

    def __init__(self, canvas: Canvas, debugger: Debugger, *, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._debugger = debugger
        canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        canvas.customContextMenuRequested.connect(self._on_requested)

    def menu_for(self, item: Item) -> QMenu:
        """The menu of an item."""
        menu = QMenu(self._canvas)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        point = menu.addAction(self.tr("Break here"))
        point.setCheckable(True)
        point.setChecked(self._debugger.is_on(item))
        point.triggered.connect(self._on_break)
        menu.addSeparator()
        following = menu.addAction(self.tr("Go to its next event"))
        following.triggered.connect(self._on_next)
        before = menu.addAction(self.tr("Go to its previous event"))
        before.triggered.connect(self._on_previous)
        for action, back in ((following, False), (before, True)):
            action.setEnabled(self._debugger.has_event(back=back))
        menu.addSeparator()
        what_if = menu.addAction(self.tr("What if…"))
        what_if.triggered.connect(self.what_if_wanted)
        session = self._debugger.session
        ahead = not session.conceals
        found = changeable(session.replay, item, session.playhead, ahead=ahead)
        what_if.setEnabled(found is not None)
        menu.addSeparator()
        self._add_folding(menu, item)
        if self._canvas.offset_of(item) is not None:
            put_back = menu.addAction(self.tr("Put it back where the layout places it"))
            put_back.triggered.connect(self._on_put_back)
            menu.addSeparator()
        self.filled.emit(menu, item)
        text = menu.addAction(self.tr("Show its line of code"))
        text.triggered.connect(self._on_text)
        return menu

    def _add_folding(self, menu: QMenu, item: Item) -> None:
        """What can be opened and folded here."""
        folding = self._debugger.session.folding()
        if item.kind is ItemKind.SCOPE:
            is_open = item.id in folding.open
            toggle = menu.addAction(self.tr("Fold it") if is_open else self.tr("Open it"))
            toggle.triggered.connect(self._on_toggle)
        around = folding.scope_of(folding.shown_as(item) or item)
        if around is not None:
            text = self.tr("Fold {scope}").format(scope=scope_title(around).replace("&", "&&"))
            fold = menu.addAction(text)
            fold.triggered.connect(self._on_fold_around)
        if menu.actions() and not menu.actions()[-1].isSeparator():
            menu.addSeparator()

    def _on_toggle(self) -> None:
        session = self._debugger.session
        if session.selection is not None:
            session.toggle_scope(session.selection)

    def _on_fold_around(self) -> None:
        session = self._debugger.session
        around = None if session.selection is None else session.fold_around(session.selection)
        if around is not None:
            session.select(around)

    def _on_put_back(self) -> None:
        item = self._debugger.session.selection
        if item is not None:
            self._canvas.put_back(item)

    def _on_requested(self, position: QPoint) -> None:
        session = self._debugger.session
        place = QPointF(position)
        canvas = self._canvas
        item = canvas.item_at(place) or canvas.edge_item_at(place) or canvas.frame_item_at(place)
        item = item or session.selection
        if item is not None:
            session.select(item)
            self.menu_for(item).popup(self._canvas.mapToGlobal(position))

    def _on_break(self) -> None:
        item = self._debugger.session.selection
        if item is not None:
            self._debugger.toggle_item(item)

    def _on_next(self) -> None:
        self._debugger.go_to_event()

    def _on_previous(self) -> None:
        self._debugger.go_to_event(back=True)

    def _on_text(self) -> None:
        item = self._debugger.session.selection
        if item is not None:
            self.text_wanted.emit(item)
