"""The elements of a value as a table, fetched from the engine as they are looked at."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from PySide6.QtCore import SignalInstance

from gradviz.errors import GradvizError
from gradviz.recording.model import Value, ValueId
from gradviz.recording.values import decode, to_array
from gradviz.worker.messages import FetchValue, ValueFetched

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]

TILE: Final = 64
"""Rows and columns that are fetched at a time."""
MAX_ROWS: Final = 50_000_000
"""More would not fit into the pixels that Qt counts."""
WRAP: Final = 16
"""Columns of a vector that is too long for one row."""
_ONE_ROW: Final = 256
_NO_ENGINE: Final = "The engine is not running. Restart it first."
_MAX_TILES: Final = 1024


class ValueSource(Protocol):
    """What the inspector needs of the engine."""

    value_fetched: SignalInstance
    state_changed: SignalInstance

    def fetch_value(self, request: FetchValue) -> int:
        """Ask for a part of a value; the answer is `value_fetched`."""

    def recompute(self, value: ValueId) -> int:
        """Ask for a value that was not kept; 0 where that cannot be done now."""


class _Tile(NamedTuple):
    leading: Index
    row: int
    column: int


class Elements:
    """A value's elements: those that are here, and a way to those that are not.

    Attributes:
        value: whose elements they are.
        problem: why others than those that are here cannot be had; a sentence in English.
    """

    def __init__(self, value: Value, source: ValueSource) -> None:
        self.value = value
        self.problem = ""
        self._source = source
        self._kept: Array | None = None
        if value.data is not None:
            try:
                self._kept = to_array(value)
            except GradvizError as error:
                self.problem = str(error)
        self._tiles: OrderedDict[_Tile, Array] = OrderedDict()
        self._asked: set[_Tile] = set()

    @property
    def whole(self) -> Array | None:
        """All elements, None where not all are here."""
        return self._kept if self.value.is_whole else None

    @property
    def kept(self) -> Array | None:
        """The elements that the recording has: all, or the leading corner."""
        return self._kept

    @property
    def shape(self) -> Index:
        """The shape that can be looked at: the corner's where the rest cannot be had."""
        if self.problem and self._kept is not None:
            return tuple(self._kept.shape)
        return self.value.shape

    @property
    def is_wrapped(self) -> bool:
        """Whether a vector is broken into rows of `WRAP` elements."""
        return len(self.shape) == 1 and self.shape[0] > _ONE_ROW

    @property
    def rows(self) -> int:
        """Rows of the table; a short vector is one row."""
        shape = self.shape
        if self.is_wrapped:
            return min(-(-shape[0] // WRAP), MAX_ROWS)
        return min(shape[-2], MAX_ROWS) if len(shape) > 1 else 1

    @property
    def columns(self) -> int:
        """Columns of the table."""
        if self.is_wrapped:
            return WRAP
        return min(self.shape[-1], MAX_ROWS) if self.shape else 1

    def index_of(self, leading: Index, row: int, column: int) -> Index:
        """The index in the tensor of a cell of the table."""
        if self.is_wrapped:
            return (row * WRAP + column,)
        if not self.shape:
            return ()
        return (*leading, row, column) if len(self.shape) > 1 else (column,)

    def at(self, leading: Index, row: int, column: int) -> np.generic | None:
        """The element of a cell; None where it has been asked for, or where there is none."""
        index = self.index_of(leading, row, column)
        if any(i >= size for i, size in zip(index, self.value.shape, strict=True)):
            return None
        kept = self._kept
        if kept is not None and all(i < n for i, n in zip(index, kept.shape, strict=True)):
            element: np.generic = kept[index]
            return element
        tile = _Tile(leading, row // TILE, column // TILE)
        found = self._tiles.get(tile)
        if found is None:
            self._ask(tile)
            return None
        self._tiles.move_to_end(tile)
        inner = (row - tile.row * TILE, column - tile.column * TILE)
        if inner[0] >= found.shape[0] or inner[1] >= found.shape[1]:
            return None
        fetched: np.generic = found[inner]
        return fetched

    def restart(self) -> None:
        """Ask again for what could not be had."""
        self.problem = ""
        self._asked.clear()

    def take(self, fetched: ValueFetched) -> bool:
        """Take what was fetched; whether something can be seen that could not before."""
        if fetched.problem:
            is_new = not self.problem
            self.problem = fetched.problem
            return is_new
        if not fetched.data:
            return False
        try:
            array = decode(fetched.data, fetched.storage, fetched.shape)
        except GradvizError as error:
            self.problem = str(error)
            return True
        tile = self._tile_at(fetched.start)
        self._asked.discard(tile)
        self._tiles[tile] = self._as_tile(array)
        while len(self._tiles) > _MAX_TILES:
            self._tiles.popitem(last=False)
        return True

    def _tile_at(self, start: Index) -> _Tile:
        if self.is_wrapped:
            return _Tile((), start[0] // (TILE * WRAP), 0)
        if len(start) < 2:
            return _Tile((), 0, start[0] // TILE if start else 0)
        return _Tile(start[:-2], start[-2] // TILE, start[-1] // TILE)

    def _as_tile(self, array: Array) -> Array:
        if self.is_wrapped:
            padding = -array.size % WRAP
            return np.concatenate([array, np.zeros(padding, array.dtype)]).reshape(-1, WRAP)
        return array.reshape(-1, array.shape[-1]) if array.ndim else array.reshape(1, 1)

    def _ask(self, tile: _Tile) -> None:
        if tile in self._asked or self.problem:
            return
        self._asked.add(tile)
        if self.is_wrapped:
            first = tile.row * TILE * WRAP
            self._fetch((first,), (min(first + TILE * WRAP, self.value.shape[0]),))
            return
        if not self.value.shape:
            self._fetch((), ())
            return
        row, column = tile.row * TILE, tile.column * TILE
        rows, columns = self.value.shape[-2:] if len(self.value.shape) > 1 else (1, *self.shape)
        ends = (min(row + TILE, rows), min(column + TILE, columns))
        if len(self.value.shape) < 2:
            self._fetch((column,), (ends[1],))
            return
        self._fetch((*tile.leading, row, column), (*(i + 1 for i in tile.leading), *ends))

    def _fetch(self, start: Index, stop: Index) -> None:
        if not self._source.fetch_value(FetchValue(value=self.value.id, start=start, stop=stop)):
            self.problem = _NO_ENGINE


def leading_sizes(shape: Index) -> Index:
    """The dimensions that an index must be chosen for, so that a matrix is left."""
    return shape[:-2] if len(shape) > 2 else ()
