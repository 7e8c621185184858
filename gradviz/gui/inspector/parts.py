"""The small pieces that the inspector's pages are made of: headings, facts, links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.labels import ElidedLabel, LinkButton, PlainLabel
from gradviz.gui.style import Paint, Theme
from gradviz.recording.model import Item

MAX_LINKS: Final = 40
"""A parameter of a long loop has thousands of consumers; the canvas shows those."""


_HEADING_SCALE: Final = 1.35
_NUMBER_SCALE: Final = 2.2
_SURELY: Final = 0.95
"""Of a heading's place as much as a long one has to leave free before it is large again."""


def style_sheet(theme: Theme, points: float) -> str:
    """How the pages look in a theme, with text of so many points."""
    return f"""
        QWidget#page QWidget {{ font-size: {points:.1f}pt; }}
        QWidget#page QLabel#kicker {{ font-size: {points * 0.9:.1f}pt; }}
        QWidget#page QLabel#heading {{ font-size: {points * _HEADING_SCALE:.1f}pt; }}
        QWidget#page QLabel#heading[is_long="true"] {{ font-size: {points:.1f}pt; }}
        QWidget#page QLabel#number {{ font-size: {points * _NUMBER_SCALE:.1f}pt; }}
        QLabel#heading, QLabel#number {{ font-weight: 600; }}
        QWidget#page {{ background: {theme.base}; }}
        QScrollArea {{ background: {theme.base}; border: none; }}
        QLabel {{ color: {theme.text}; background: transparent; }}
        QLabel#kicker {{ color: {theme.muted}; font-weight: 600; }}
        QLabel#fact {{ color: {theme.muted}; }}
        QLabel#remark {{ color: {theme.muted}; }}
        QFrame#hairline {{ color: {theme.border}; background: {theme.border}; border: none; }}
        QPushButton#link {{ color: {theme.accent}; border: none; padding: 1px 8px 1px 0;
                            text-align: left; }}
        QPushButton#link:hover, QPushButton#link:focus {{ text-decoration: underline; }}
        QToolButton#disclosure {{ color: {theme.accent}; background: transparent; border: none;
                                  padding: 2px 6px 2px 0; }}
        QToolButton#disclosure:hover, QToolButton#disclosure:focus {{
            text-decoration: underline; }}
        QToolButton#toggle {{ color: {theme.text}; background: {theme.window};
                              border: 1px solid {theme.border}; padding: 3px 12px; }}
        QToolButton#toggle[narrow="true"] {{ padding: 3px 7px; }}
        QToolButton#toggle:checked {{ color: {theme.accent_text}; background: {theme.accent};
                                      border-color: {theme.accent}; font-weight: 600; }}
        QToolButton#toggle:disabled {{ color: {theme.muted}; background: transparent;
                                       border-style: dashed; }}
        QToolButton#toggle:focus {{ border-color: {theme.selection}; }}
        QTreeView {{ background: {theme.base}; color: {theme.text}; border: none;
                     selection-background-color: {theme.current_line}; }}
        QTableView {{ background: {theme.base}; color: {theme.text};
                      gridline-color: {theme.border}; border: 1px solid {theme.border};
                      selection-background-color: {theme.accent};
                      selection-color: {theme.accent_text}; }}
        QTableView QTableCornerButton::section {{ background: {theme.alternate}; border: none; }}
        QHeaderView::section {{ background: {theme.alternate}; color: {theme.muted};
                                border: none; padding: 1px 6px; }}
        QHeaderView {{ background: {theme.alternate}; }}
    """


class Heading(ElidedLabel):
    """The title of a page; one that is too long for its place is smaller, and elided only then."""

    def __init__(self, *, scale: float = _HEADING_SCALE, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("heading" if scale < _NUMBER_SCALE else "number")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._is_long = False

    def _elide(self) -> None:
        self.ensurePolished()
        needed = float(QFontMetrics(self.font()).horizontalAdvance(self.full_text()))
        if self._is_long:
            # Somewhat more than it was: a size at which it just fits must not come and go.
            needed *= _HEADING_SCALE / _SURELY
        if (is_long := needed > self.width()) != self._is_long:
            self._is_long = is_long
            self.setProperty("is_long", is_long)
            self.style().unpolish(self)
            self.style().polish(self)
        super()._elide()


class Kicker(QLabel):
    """The small line over a part of a page."""

    def __init__(self, text: str, *, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setObjectName("kicker")
        self.setTextFormat(Qt.TextFormat.PlainText)


class Remark(PlainLabel):
    """A sentence that explains, in the colour of remarks."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("remark")

    def set_text(self, text: str) -> None:
        """Show another sentence; nothing at all where it is empty."""
        super().set_text(text)
        self.setVisible(bool(text))


class RoleBadge(QWidget):
    """The colours of a tensor's card with the name of its role."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._paint: Paint | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_role(self, text: str, paint: Paint) -> None:
        """Show a role."""
        self._text, self._paint = text, paint
        self.setAccessibleName(text)
        self._fit()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        self.setFixedSize(metrics.horizontalAdvance(self._text) + 16, metrics.height() + 4)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Be as large as the text needs."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the badge."""
        if self._paint is None:
            return
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(self._paint.line))
            painter.setBrush(QColor(self._paint.fill))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
            painter.setPen(QColor(self._paint.text))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)
        finally:
            painter.end()


class Facts(QWidget):
    """Pairs of a word and what it is, in two columns."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._shown: tuple[tuple[str, str], ...] = ()

    def show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        """Show other pairs; those without content are left out."""
        facts = tuple(fact for fact in facts if fact[1])
        if facts == self._shown:
            return
        if tuple(word for word, _ in facts) == tuple(word for word, _ in self._shown):
            for number, (word, content) in enumerate(facts):
                item = self._grid.itemAtPosition(number, 1)
                label = None if item is None else item.widget()
                if isinstance(label, ElidedLabel):
                    label.set_text(content)
                    label.setAccessibleName(f"{word}: {content}")
        else:
            self._rebuild(facts)
        self._shown = facts

    def shown(self) -> dict[str, str]:
        """The pairs that are shown."""
        return dict(self._shown)

    def _rebuild(self, facts: tuple[tuple[str, str], ...]) -> None:
        clear(self._grid)
        for number, (word, content) in enumerate(facts):
            name = QLabel(word, self)
            name.setObjectName("fact")
            name.setTextFormat(Qt.TextFormat.PlainText)
            value = ElidedLabel(content, parent=self)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAccessibleName(f"{word}: {content}")
            self._grid.addWidget(name, number, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, number, 1)


class Links(QWidget):
    """Texts that lead to items, one a line or all in a row."""

    def __init__(
        self,
        on_chosen: Callable[[Item], None],
        *,
        in_a_row: bool = False,
        limit: int = MAX_LINKS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._limit = limit
        self._in_a_row = in_a_row
        self._on_chosen = on_chosen
        self._shown: tuple[tuple[str, Item], ...] = ()
        self._items: dict[LinkButton, Item] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def show_links(self, links: tuple[tuple[str, Item], ...]) -> None:
        """Show other links."""
        if links == self._shown:
            return
        self._shown = links
        clear(self._column)
        self._items = {}
        line: QHBoxLayout | None = None
        for text, item in links[: self._limit]:
            button = LinkButton(text, parent=self)
            self._items[button] = item
            button.clicked.connect(self._on_clicked)
            if line is None or not self._in_a_row:
                line = QHBoxLayout()
                line.setContentsMargins(0, 0, 0, 0)
                line.addStretch(1)
                self._column.addLayout(line)
            line.insertWidget(line.count() - 1, button)
        if len(links) > self._limit:
            text = self.tr("and {} more").format(len(links) - self._limit)
            self._column.addWidget(Kicker(text, parent=self))

    def buttons(self) -> list[LinkButton]:
        """The links, in order."""
        return list(self._items)

    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, LinkButton) and button in self._items:
            self._on_chosen(self._items[button])


def hairline(parent: QWidget) -> QFrame:
    """A thin line between two parts of a page."""
    line = QFrame(parent)
    line.setObjectName("hairline")
    line.setFixedHeight(1)
    return line


def clear(layout: QLayout) -> None:
    """Remove everything from a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        inner = item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        if inner is not None:
            clear(inner)
