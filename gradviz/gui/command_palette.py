"""Find any command by typing a part of its name, and carry it out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPalette,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QListView,
    QMenu,
    QMenuBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.labels import PlainLabel

_ACTION: Final = Qt.ItemDataRole.UserRole
_KEYS: Final = Qt.ItemDataRole.UserRole + 1
_WIDTH: Final = 560
_HEIGHT: Final = 420
_MOVES: Final = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
}


class Command(NamedTuple):
    """A command and where it stands in the menus."""

    path: tuple[str, ...]
    action: QAction

    @property
    def title(self) -> str:
        """Its name behind those of its menus."""
        return " › ".join(self.path)


def commands_of(bar: QMenuBar) -> list[Command]:
    """Every command of the menus, in their order, those of submenus after the others."""
    found = [
        command
        for entry in bar.actions()
        for command in _commands(_submenu(entry), (_plain(entry.text()),))
    ]
    return sorted(found, key=lambda command: len(command.path) > 2)


def _commands(menu: QMenu | None, path: tuple[str, ...]) -> Iterator[Command]:
    if menu is None:
        return
    # Some menus are filled when they are about to be seen.
    menu.aboutToShow.emit()
    for action in menu.actions():
        if action.isSeparator() or not action.text():
            continue
        here = (*path, _plain(action.text()))
        inner = _submenu(action)
        if inner is None:
            yield Command(here, action)
        else:
            yield from _commands(inner, here)


def _submenu(action: QAction) -> QMenu | None:
    menu = action.menu()
    return menu if isinstance(menu, QMenu) else None


def _plain(text: str) -> str:
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def matches(sought: str, commands: list[Command]) -> list[Command]:
    """Those that have every sought word, best first: words may be cut short anywhere.

    They are looked for in names, then in what is said about the commands. Case and accents do not
    matter; without anything sought all come, in their order.
    """
    words = _folded(sought).split()
    ranked = []
    for number, command in enumerate(commands):
        title, name = _folded(command.title), _folded(command.path[-1])
        in_title = all(word in title for word in words)
        if not in_title and not all(word in title + _said_of(command) for word in words):
            continue
        begins = sum(any(part.startswith(word) for part in name.split()) for word in words)
        inside = sum(word in name for word in words)
        ranked.append((not in_title, -begins, -inside, number, command))
    return [command for *_, command in sorted(ranked, key=lambda one: one[:4])]


def _said_of(command: Command) -> str:
    return _folded(f" {command.action.toolTip()} {command.action.statusTip()}")


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


class CommandPalette(QDialog):
    """A line to type in and the commands that fit; Enter carries out the chosen one."""

    def __init__(self, bar: QMenuBar, *, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("command_palette")
        self.setWindowTitle(self.tr("Find a command"))
        self.setStyleSheet("#command_palette { border: 1px solid palette(mid); }")
        self._commands = commands_of(bar)
        self.line = QLineEdit()
        self.line.setPlaceholderText(self.tr("Find a command"))
        self.line.setAccessibleName(self.tr("Find a command"))
        self.line.setClearButtonEnabled(True)
        self.list = QListView()
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(_CommandDelegate(self.list))
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self.nothing = PlainLabel()
        self.nothing.set_text(self.tr("No command has these words."))
        self.nothing.setMargin(8)
        column.addWidget(self.line)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._fill)
        self.line.returnPressed.connect(self._carry_out)
        self.list.clicked.connect(self._carry_out)
        self._fill("")
        self._place(parent)

    @property
    def titles(self) -> list[str]:
        """What is listed, best first."""
        return [self._model.item(row).text() for row in range(self._model.rowCount())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move through the list with the keys while typing goes on in the line."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() not in _MOVES:
                return False
            QApplication.sendEvent(self.list, event)
            return True
        return super().eventFilter(watched, event)

    def _place(self, parent: QWidget) -> None:
        scale = self.fontMetrics().height() / 17
        room = parent.size() * 0.9
        size = QSize(round(_WIDTH * scale), round(_HEIGHT * scale)).boundedTo(room)
        self.resize(size)
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - size.width()) // 2, corner.y() + 60)

    def _fill(self, sought: str) -> None:
        self._model.clear()
        for command in matches(sought, self._commands):
            item = QStandardItem(command.title)
            item.setData(command.action, _ACTION)
            keys = command.action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item.setData(keys, _KEYS)
            item.setEnabled(command.action.isEnabled())
            item.setToolTip(command.action.toolTip())
            self._model.appendRow(item)
        self.nothing.setVisible(not self._model.rowCount())
        rows = range(self._model.rowCount())
        first = next((row for row in rows if self._model.item(row).isEnabled()), 0)
        self.list.setCurrentIndex(self._model.index(first, 0))

    def _carry_out(self, index: QModelIndex | None = None) -> None:
        chosen = index or self.list.currentIndex()
        action = chosen.data(_ACTION) if chosen.isValid() else None
        if not isinstance(action, QAction) or not action.isEnabled():
            return
        self.accept()
        action.trigger()


class _CommandDelegate(QStyledItemDelegate):
    """A command's name on the left, its keys on the right."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """A little air above and below."""
        size = super().sizeHint(option, index)
        return QSize(size.width(), size.height() + 8)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint the name, then the keys over its end."""
        self.initStyleOption(option, index)
        keys = str(index.data(_KEYS) or "")
        rect: QRect = option.rect
        room = option.fontMetrics.horizontalAdvance(keys) + 24 if keys else 8
        text = option.text
        option.text = ""
        style = QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter)
        state = option.state
        group = QPalette.ColorGroup.Normal
        if not state & QStyle.StateFlag.State_Enabled:
            group = QPalette.ColorGroup.Disabled
        role = QPalette.ColorRole.Text
        if state & QStyle.StateFlag.State_Selected:
            role = QPalette.ColorRole.HighlightedText
        painter.setPen(option.palette.color(group, role))
        left = rect.adjusted(8, 0, -room, 0)
        shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideMiddle, left.width())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(left, middle | Qt.AlignmentFlag.AlignLeft, shown)
        painter.drawText(rect.adjusted(0, 0, -10, 0), middle | Qt.AlignmentFlag.AlignRight, keys)
