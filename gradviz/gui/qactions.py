"""Qt's actions and menus, made from the table of commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from gradviz.gui.action_spec import MENUS, ActionSpec
from gradviz.gui.actions import ACTIONS
from gradviz.gui.icons import make_icon
from gradviz.gui.style import Theme

_CONTEXT: Final = "Actions"
_ROLES: Final = {"about": QAction.MenuRole.AboutRole, "quit": QAction.MenuRole.QuitRole}
"""What macOS has in the program's own menu."""


def translate(text: str) -> str:
    """A text of the table in the person's language."""
    return QCoreApplication.translate(_CONTEXT, text) if text else ""


def plain_text(spec: ActionSpec) -> str:
    """A command's name without its mnemonic."""
    return translate(spec.text).replace("&", "")


def key_name(keys: str) -> str:
    """What a key is called on the person's keyboard: `Mayús+F10` in Spanish."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def build_actions(
    parent: QWidget, handlers: Mapping[str, Callable[[], object]]
) -> dict[str, QAction]:
    """One QAction for each command, connected to its handler."""
    actions = {}
    for spec in ACTIONS:
        action = QAction(parent)
        action.setObjectName(spec.id)
        action.setShortcuts([QKeySequence(keys) for keys in spec.shortcuts])
        action.setCheckable(spec.checkable)
        # By itself Qt takes for Quit whatever begins so: in Spanish, what clears the highlighting.
        action.setMenuRole(_ROLES.get(spec.id, QAction.MenuRole.NoRole))
        action.triggered.connect(_without_argument(handlers[spec.id]))
        actions[spec.id] = action
    name_actions(actions)
    return actions


def name_actions(actions: Mapping[str, QAction]) -> None:
    """Give the actions their texts in the language that is in use."""
    for spec in ACTIONS:
        action = actions[spec.id]
        action.setText(translate(spec.text))
        set_tooltip(action, translate(spec.tooltip) or plain_text(spec).rstrip("…"))


def set_tooltip(action: QAction, text: str) -> None:
    """A tooltip that ends with the action's first key."""
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{text} ({keys})" if keys and "(" not in text else text)


def fill_menus(bar: QMenuBar, actions: Mapping[str, QAction]) -> None:
    """Add the menus of the table to a menu bar."""
    for title in MENUS:
        menu = bar.addMenu("")
        menu.setObjectName(_menu_name(title))
        for spec in ACTIONS:
            if spec.menu != title:
                continue
            place = _submenu(menu, spec.submenu) if spec.submenu else menu
            if spec.starts_group:
                place.addSeparator()
            place.addAction(actions[spec.id])
    name_menus(bar)


def _submenu(menu: QMenu, title: str) -> QMenu:
    found = menu.findChild(QMenu, _menu_name(title))
    if isinstance(found, QMenu):
        return found
    submenu = menu.addMenu("")
    submenu.setObjectName(_menu_name(title))
    submenu.setToolTipsVisible(True)
    return submenu


def find_menu(bar: QMenuBar, title: str) -> QMenu:
    """The menu or submenu of a title of the table."""
    menu = bar.findChild(QMenu, _menu_name(title))
    assert isinstance(menu, QMenu)
    return menu


def name_menus(bar: QMenuBar) -> None:
    """Give the menus their titles in the language that is in use."""
    for title in (*MENUS, *dict.fromkeys(spec.submenu for spec in ACTIONS if spec.submenu)):
        find_menu(bar, title).setTitle(translate(title))


def _menu_name(title: str) -> str:
    return title.replace("&", "").lower()


def paint_actions(actions: Mapping[str, QAction], theme: Theme) -> None:
    """Give the actions their icons in a theme."""
    for spec in ACTIONS:
        if spec.icon:
            actions[spec.id].setIcon(make_icon(spec.icon, theme))


def graph_key(key: str, action: QAction, graph: QWidget) -> QAction:
    """A second shortcut for an action, active only while the graph has the focus."""
    second = QAction(graph)
    second.setShortcut(QKeySequence(key))
    second.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    second.triggered.connect(action.trigger)
    graph.addAction(second)
    return second


def _without_argument(handler: Callable[[], object]) -> Callable[[], None]:
    def call() -> None:
        handler()

    return call
