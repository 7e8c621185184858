"""The chain rule as a tree: a tensor's consumers, the consumers of each of those, up to the root.

A row is made when its parent is opened, so that a weight of a long loop costs nothing.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractItemModel,
    QLocale,
    QModelIndex,
    QObject,
    Qt,
)

from gradviz.gui.inspector.spoken import spoken_equation
from gradviz.gui.table_model import NO_INDEX, ModelIndex
from gradviz.recording.chain import PassChain
from gradviz.recording.chain_terms import ChainTerm
from gradviz.recording.expression import Equation
from gradviz.recording.format import format_place
from gradviz.recording.model import Item, ItemKind, NextEdge, NodeId, Recording
from gradviz.recording.naming import op_label, shorten

_DISPLAY: Final = Qt.ItemDataRole.DisplayRole

_TOTAL, _MORE = -1, -2
_NOWHERE: Final = NextEdge(NodeId(-1), 0)

FIRST: Final = 8
"""Consumers that are listed at once; a row under them stands for the others."""
BATCH: Final = 32
"""Consumers that this row lists when it is chosen."""


class Role(IntEnum):
    """What a row can be asked for besides its text."""

    EQUATION = Qt.ItemDataRole.UserRole
    """The row's `Equation`."""
    PLACE = Qt.ItemDataRole.UserRole + 1
    """The consumer and its line."""
    ITEM = Qt.ItemDataRole.UserRole + 2
    """The `Item` that the row leads to, None for the root."""


class _Row:
    """One consumer's term of the derivative at `edge`, or (without a term) where it begins.

    With number `_TOTAL` it stands for the whole derivative, where there are several of them, with
    `_MORE` for the consumers that are not listed yet.
    """

    def __init__(self, edge: NextEdge, number: int, parent: _Row | None, at: int) -> None:
        self.edge = edge
        self.number = number
        self.parent = parent
        self.at = at
        self.rows: list[_Row] = []


class ChainModel(QAbstractItemModel):
    """The consumers of what is differentiated by, each opened to those of its result."""

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recording = Recording()
        self._chain: PassChain | None = None
        self._playhead = 0
        self._edges: tuple[NextEdge, ...] = ()
        self._top = _Row(_NOWHERE, 0, None, 0)

    def show(
        self,
        recording: Recording,
        chain: PassChain | None,
        edges: tuple[NextEdge, ...],
        playhead: int,
    ) -> None:
        """Show the terms at an edge; of several edges, a row for each comes first."""
        self._playhead = playhead
        if chain is self._chain and edges == self._edges:
            self.layoutChanged.emit()
            return
        self.beginResetModel()
        self._recording, self._chain, self._edges = recording, chain, edges
        self._top = top = _Row(edges[0] if edges else _NOWHERE, 0, None, 0)
        if len(edges) > 1:
            top.rows = [_Row(edge, _TOTAL, top, at) for at, edge in enumerate(edges)]
        self.endResetModel()
        self.fetchMore(NO_INDEX)

    def rowCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """Rows that have been made."""
        return len(self._row(parent).rows)

    def columnCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """One column."""
        return 1

    def hasChildren(self, parent: ModelIndex = NO_INDEX) -> bool:
        """Whether the row can be opened."""
        return self._total(self._row(parent)) > 0

    def canFetchMore(self, parent: ModelIndex) -> bool:
        """Whether nothing is listed yet; more than the first rows only come when asked for."""
        row = self._row(parent)
        return not row.rows and self._total(row) > 0

    def fetchMore(self, parent: ModelIndex) -> None:
        """List the first consumers."""
        if self.canFetchMore(parent):
            self._list(self._row(parent), FIRST)

    def list_more(self, index: ModelIndex) -> bool:
        """List further consumers where the row stands for those that are not; whether it did."""
        more = self._row(index)
        parent = more.parent
        if more.number != _MORE or parent is None:
            return False
        at = QModelIndex() if parent is self._top else self.createIndex(parent.at, 0, parent)
        self.beginRemoveRows(at, more.at, more.at)
        parent.rows.pop()
        self.endRemoveRows()
        self._list(parent, BATCH)
        return True

    def _list(self, row: _Row, count: int) -> None:
        first, total = len(row.rows), self._total(row)
        last = min(first + count, total)
        edge = self._edge_above(row)
        if last <= first or edge is None:
            return
        made = [_Row(edge, number, row, number) for number in range(first, last)]
        if last < total:
            made.append(_Row(edge, _MORE, row, last))
        at = QModelIndex() if row is self._top else self.createIndex(row.at, 0, row)
        self.beginInsertRows(at, first, first + len(made) - 1)
        row.rows += made
        self.endInsertRows()

    def index(self, row: int, column: int, parent: ModelIndex = NO_INDEX) -> QModelIndex:
        """The index of a row."""
        rows = self._row(parent).rows
        if column != 0 or not 0 <= row < len(rows):
            return QModelIndex()
        return self.createIndex(row, column, rows[row])

    def parent(self, index: ModelIndex = NO_INDEX) -> QModelIndex:  # type: ignore[override]
        """The row that was opened to see this one."""
        row = self._row(index).parent
        if row is None or row is self._top:
            return QModelIndex()
        return self.createIndex(row.at, 0, row)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row's equation as text, and what `Role` asks for."""
        if not index.isValid():
            return None
        row = self._row(index)
        if row.number == _MORE:
            is_text = role in (_DISPLAY, Qt.ItemDataRole.AccessibleTextRole, Role.PLACE)
            return self._more_text(row) if is_text else None
        term = self._term(row)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return f"{self._equation(row, term).text}  {self._place(row, term)}".rstrip()
            case Qt.ItemDataRole.AccessibleTextRole:
                place = self._place(row, term)
                return f"{place}: {spoken_equation(self._equation(row, term))}"
            case Role.EQUATION:
                return self._equation(row, term)
            case Role.PLACE:
                return self._place(row, term)
            case Role.ITEM:
                return self._item(term)
            case _:
                return None

    def _row(self, index: ModelIndex) -> _Row:
        if not index.isValid():
            return self._top
        row = index.internalPointer()
        assert isinstance(row, _Row)
        return row

    def _term(self, row: _Row) -> ChainTerm | None:
        if self._chain is None or row.number in (_TOTAL, _MORE):
            return None
        terms = self._chain.terms_at(row.edge, row.number, row.number + 1, self._playhead)
        return terms[0] if terms and self._chain.count_at(row.edge) else None

    def _edge_above(self, row: _Row) -> NextEdge | None:
        """Whose consumers a row opens to."""
        if row is self._top or row.number == _TOTAL:
            return row.edge
        term = self._term(row)
        return None if term is None else term.result_edge

    def _total(self, row: _Row) -> int:
        if self._chain is None or not self._edges or row.number == _MORE:
            return 0
        if row is self._top and len(self._edges) > 1:
            return len(self._edges)
        edge = self._edge_above(row)
        if edge is None:
            return 0
        count = self._chain.count_at(edge)
        # What backward begins with is a row of its own, under that of the last consumer.
        return count or int(row is not self._top)

    def _more_text(self, row: _Row) -> str:
        left = 0 if row.parent is None else self._total(row.parent) - row.at
        return self.tr("Show more ({} further consumers)").format(QLocale().toString(left))

    def _equation(self, row: _Row, term: ChainTerm | None) -> Equation:
        assert self._chain is not None
        if row.number == _TOTAL:
            rule = self._chain.rule_of_edge(row.edge, self._playhead)
            return self._chain.start_at(row.edge) if rule is None else rule.equation
        return self._chain.start_at(row.edge) if term is None else self._chain.equation_of(term)

    def _place(self, row: _Row, term: ChainTerm | None) -> str:
        if row.number == _TOTAL:
            return self._chain.names.edge(row.edge) if self._chain is not None else ""
        if term is None:
            return self.tr("backward begins here")
        if term.op is None:
            return self._recording.autograd_nodes[term.node].name
        op = self._recording.ops[term.op]
        label = shorten(op_label(self._recording, op), 40)
        place = format_place(op.location)
        return self.tr("{op}, line {line}").format(op=label, line=place) if place else label

    def _item(self, term: ChainTerm | None) -> Item | None:
        if term is None:
            return None
        if term.op is not None:
            return Item(ItemKind.OP, term.op)
        return Item(ItemKind.NODE, term.node)
