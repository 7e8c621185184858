"""Lay out a graph whose nodes belong to nested scopes, with a frame around each scope."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Final, Generic

import msgspec
import numpy as np

from gradviz.layout.framing import Picture
from gradviz.layout.model import (
    Layout,
    NodeT,
    Path,
    Point,
    Scopes,
)
from gradviz.layout.nesting import ENTRY, EXIT, UNIT, Nest
from gradviz.layout.options import LayoutOptions
from gradviz.layout.place import LOOP_REACH, Placement, place
from gradviz.layout.prepare import Drawing, Floats, Ints, make_drawing
from gradviz.layout.routes import Lines, Router, Routes, Strands, loop_route, ranges, starts_of
from gradviz.layout.scope_memory import ScopeMemory
from gradviz.layout.watch import Watch

LANE_GAP: Final = 8.0
"""Between lines that leave a frame at several places and go far together."""
LANES_WIDTH: Final = 16.0
"""Room that such lines share."""
MAX_FOLDED: Final = 500
"""Folded scopes of which it is kept how they were, in case that they are opened again."""
PIXEL_DIGITS: Final = 6
"""Decimals that are kept, so that the parts of a line meet exactly."""


class _Placed(msgspec.Struct, frozen=True):
    """A scope that was laid out: its ends and lines from the left and top of its frame.

    `anchor` is where its parent thinks that it is, from the left of its frame; `length` is that of
    the longest way through it.
    """

    x: Floats
    y: Floats
    size: Point
    anchor: float
    length: int
    lines: Lines


class _Inside(msgspec.Struct, frozen=True):
    """One scope to be laid out: its ends, and its lines as pairs of these.

    `pairs` are the ends that lines join, as upper · count + lower; `key` is all that matters of it.
    """

    size: Floats
    anchor: Floats
    length: Ints
    kind: Ints
    pairs: Ints
    strands: Strands
    key: Hashable

    def drawing(self) -> Drawing:
        """The scope, ready to be placed."""
        count = len(self.kind)
        width, height = self.size[:, 0].copy(), self.size[:, 1].copy()
        return msgspec.structs.replace(
            make_drawing(width, height, np.stack(np.divmod(self.pairs, count), 1)),
            entries=np.flatnonzero(self.kind == ENTRY),
            exits=np.flatnonzero(self.kind == EXIT),
            anchor=self.anchor.copy(),
            length=self.length.copy(),
        )


class CompoundLayout(Generic[NodeT]):
    """Scopes laid out from the innermost outwards, then put together from the outermost inwards.

    `sizes` are the widths and heights of the nest's nodes, as they are drawn downwards. With a
    `line_reach` each line stands for several, up to so many pixels beside it: there is room for
    them, and it ends at the middle of its nodes.
    """

    def __init__(
        self,
        nest: Nest[NodeT],
        sizes: Floats,
        options: LayoutOptions,
        *,
        previous: Layout[NodeT] | None,
        watch: Watch,
        line_reach: float = 0.0,
    ) -> None:
        self._reach = line_reach
        self._nest, self._options, self._watch = nest, options, watch
        self._frame = options.frame
        self._node_sizes = sizes
        self._memory = None if previous is None else ScopeMemory(previous, nest)
        self._before = Scopes() if previous is None else previous.scopes
        # What is laid out without a memory is as anything that it is like.
        self._known: dict[Hashable, _Placed] = {(k, None): s for k, s in self._before.made.values()}
        # Of every end: its size, how far its x is from its left, and where it is in its scope.
        ends = nest.ends
        self._size = self._node_sizes[ends.node]
        self._size[ends.kind != UNIT] = 2 * line_reach, 0.0
        self._anchor = self._size[:, 0] / 2
        self._x, self._y = np.zeros(len(ends.node)), np.zeros(len(ends.node))
        self._length = np.ones(len(ends.node), dtype=np.intp)
        legs = nest.legs
        self._lane = _lanes(legs.upper, legs.source)
        # The places of lines to frames and their borders are fixed, and with a reach all are.
        is_node = (ends.kind == UNIT) & (ends.inner < 0) & (not line_reach)
        spread = np.where(is_node, self._size[:, 0], 0.0)
        self._out_port, self._in_port = spread[legs.upper], spread[legs.lower]
        self._leave, self._enter = np.zeros(len(legs.upper)), np.zeros(len(legs.upper))
        # Of the legs in a row that join the same two ends, the first.
        self._is_first = np.diff(legs.upper * len(ends.kind) + legs.lower, prepend=-1) != 0

    def layout(self) -> Layout[NodeT]:
        """The whole picture, edges running down."""
        nest, picture = self._nest, self.picture()
        centres: list[Point] = [(x, y) for x, y in picture.centres.tolist()]
        edges = [(nest.nodes[u], nest.nodes[v]) for u, v in nest.edges.tolist()]
        loops = {}
        for number in nest.loops.tolist():
            node, (x, y) = nest.nodes[number], centres[number]
            width, height = self._node_sizes[number].tolist()
            loops[node, node] = loop_route(x, y, width, height, LOOP_REACH)
        return Layout(
            positions=dict(zip(nest.nodes, centres, strict=True)),
            routes=Routes(edges, picture.lines, loops),
            size=picture.size,
            frames=picture.frames,
            is_rough=picture.is_rough,
            scopes=picture.scopes,
        )

    def picture(self) -> Picture:
        """The same as arrays."""
        nest = self._nest
        made: dict[Path, tuple[Hashable, _Placed]] = {}
        placed: list[_Placed] = []
        total = len(nest.ends.node)
        for number in reversed(range(len(nest.paths))):
            first, last = nest.ends.first[number : number + 2].tolist()
            self._watch.stretch(1 - last / total, 1 - first / total)
            inside = self._inside(number, slice(first, last))
            scope = self._place(number, inside)
            made[nest.paths[number]] = inside.key, scope
            placed.append(scope)
            self._x[first:last], self._y[first:last] = scope.x, scope.y
            at = nest.end_of_scope[number]
            if at >= 0:
                self._size[at], self._anchor[at] = scope.size, scope.anchor
                self._length[at] = scope.length
        placed.reverse()
        left, top = self._origins(placed)
        x: Floats = self._x[nest.end_of_node] + left[nest.scope_of]
        y: Floats = self._y[nest.end_of_node] + top[nest.scope_of]
        centres: Floats = np.column_stack((x, y))
        corners = zip(left.tolist(), top.tolist(), placed, nest.paths, strict=True)
        return Picture(
            centres=centres.round(PIXEL_DIGITS),
            lines=self._lines(placed, left, top),
            size=placed[0].size,
            frames={
                path: (x0, y0, x0 + scope.size[0], y0 + scope.size[1])
                for x0, y0, scope, path in corners
                if path
            },
            is_rough=self._watch.is_rough,
            scopes=Scopes(made | self._folded(made)),
        )

    def _folded(
        self, made: Mapping[Path, tuple[Hashable, _Placed]]
    ) -> dict[Path, tuple[Hashable, _Placed]]:
        """Scopes that were open before and are not: what is opened again is just as it was."""
        rest = [(path, was) for path, was in self._before.made.items() if path not in made]
        return dict(rest[:MAX_FOLDED])

    def _inside(self, number: int, own: slice) -> _Inside:
        """What is in a scope whose inner ones are laid out."""
        ends, legs = self._nest.ends, self._nest.legs
        run = slice(*legs.first[number : number + 2].tolist())
        upper, lower = legs.upper[run] - own.start, legs.lower[run] - own.start
        count = own.stop - own.start
        size, anchor, kind = self._size[own], self._anchor[own], ends.kind[own]
        pairs = (upper * count + lower)[self._is_first[run]]
        if len(self._nest.loops):
            looped = self._nest.end_of_node[self._nest.loops] - own.start
            looped = looped[(looped >= 0) & (looped < count)]
            pairs = np.unique(np.concatenate((pairs, looped * (count + 1))))
        if (ends.inner[own] >= 0).any():
            self._leave[run] = self._aside(legs.upper[run], legs.leave[run])
            self._enter[run] = self._aside(legs.lower[run], legs.enter[run])
        strands = Strands(
            source=upper,
            target=lower,
            leave=self._leave[run],
            lane=self._lane[run],
            enter=self._enter[run],
            out_port=self._out_port[run],
            in_port=self._in_port[run],
        )
        length = self._length[own]
        arrays = (size, anchor, length, kind, pairs, *msgspec.structs.astuple(strands))
        key = (number > 0, self._reach, *(array.tobytes() for array in arrays))
        return _Inside(
            size=size,
            anchor=anchor,
            length=length,
            kind=kind,
            pairs=pairs,
            strands=strands,
            key=key,
        )

    def _aside(self, end: Ints, port: Ints) -> Floats:
        """Pixels from an inner scope's anchor to the port through which a line goes."""
        return np.where(port >= 0, self._x[port] - self._anchor[end], 0.0)

    def _place(self, number: int, inside: _Inside) -> _Placed:
        """Lay a scope out.

        One that is as it was before stays as it was, and those that look alike, the blocks of a
        model, are placed once.
        """
        known = self._before.made.get(self._nest.paths[number])
        if known is not None and known[0] == inside.key:
            before: _Placed = known[1]
            return before
        memory = None
        if self._memory is not None:
            sizes = np.column_stack((inside.size[:, 0], inside.anchor))
            memory = self._memory.of(number, sizes, inside.strands.lane)
        shape = inside.key, None if memory is None else memory.shape
        if shape not in self._known:
            bend_width = 2 * (float(inside.strands.lane.max(initial=0.0)) + self._reach)
            drawing = inside.drawing()
            placement = place(
                drawing,
                self._options,
                watch=self._watch,
                bend_width=bend_width,
                memory=memory,
            )
            assert placement is not None  # a scope has nodes, and so has the graph
            self._known[shape] = self._framed(inside, drawing, placement, is_root=number == 0)
        return self._known[shape]

    def _framed(
        self, inside: _Inside, drawing: Drawing, placement: Placement, *, is_root: bool
    ) -> _Placed:
        """What was placed, within its frame; the root has none, and its parts may go in rows."""
        strands, frame = inside.strands, self._frame
        shift, size = (0.0, 0.0), placement.size
        if not is_root:
            shift = (frame.left, frame.top)
            size = (size[0] + frame.left + frame.right, size[1] + frame.top + frame.bottom)
        main = _main_port(drawing, placement)
        anchor = size[0] / 2 if main is None else float(placement.node_x[main]) + shift[0]
        # The heights at which lines leave what they come from, and reach what they go to.
        half, y = drawing.height / 2, placement.node_y
        leaves, reaches = y + half, y - half
        leaves[drawing.entries] = -shift[1]
        reaches[drawing.exits] = size[1] - shift[1]
        router = Router(placement.layers, placement.x, placement.bands)
        lines = router.lines(strands, leaves[strands.source], reaches[strands.target])
        return _Placed(
            x=placement.node_x + shift[0],
            y=y + shift[1],
            size=size,
            anchor=anchor,
            length=placement.longest_way,
            lines=Lines(lines.points + shift, lines.starts),
        )

    def _origins(self, placed: list[_Placed]) -> tuple[Floats, Floats]:
        """Left and top of each scope's frame."""
        nest = self._nest
        left, top = np.zeros(len(placed)), np.zeros(len(placed))
        for number in range(1, len(placed)):
            at, parent = nest.end_of_scope[number], nest.parent[number]
            left[number] = left[parent] + (self._x[at] - placed[number].anchor)
            top[number] = top[parent] + (self._y[at] - placed[number].size[1] / 2)
        return left, top

    def _lines(self, placed: list[_Placed], left: Floats, top: Floats) -> Lines:
        """The line of each edge, from its legs."""
        nest = self._nest
        corners = np.column_stack((left, top))
        points = np.concatenate(
            [scope.lines.points + corner for scope, corner in zip(placed, corners, strict=True)]
        ).round(PIXEL_DIGITS)
        starts = starts_of(np.concatenate([np.diff(scope.lines.starts) for scope in placed]))
        firsts, lengths = starts[nest.ways], np.diff(starts)[nest.ways]
        # The points of each leg in turn, from its last one on where it was drawn from its target.
        which = ranges(firsts, lengths)
        is_up = nest.legs.is_up[nest.ways]
        if is_up.any():
            mirrored = np.repeat(2 * firsts + lengths - 1, lengths) - which
            which = np.where(np.repeat(is_up, lengths), mirrored, which)
        # Rows are taken several times as fast as they are indexed.
        steps = starts_of(lengths)[nest.first_step]
        return _simplified(Lines(points.take(which, axis=0), steps))


def _main_port(drawing: Drawing, placement: Placement) -> int | None:
    """The port on whose line a frame is threaded: one of a straight way through, if any."""
    x = placement.node_x
    leaving = set(x[drawing.exits].tolist())
    for port in drawing.entries.tolist():
        if float(x[port]) in leaving:
            return int(port)
    for ports in (drawing.entries, drawing.exits):
        if len(ports):
            return int(ports[0])
    return None


def _lanes(upper: Ints, source: Ints) -> Floats:
    """Beside the trunk, for lines of several sources that leave one frame."""
    if not len(upper):
        return np.zeros(0)
    nodes = int(source.max()) + 1
    both, number = np.unique(upper * nodes + source, return_inverse=True)
    starts = np.flatnonzero(np.diff(both // nodes, prepend=-1))
    counts = np.diff(starts, append=len(both))
    nth = np.arange(len(both)) - np.repeat(starts, counts)
    gap = np.minimum(LANE_GAP, LANES_WIDTH / np.maximum(counts - 1, 1))
    middle = (counts - 1) / 2
    lane: Floats = (nth - np.repeat(middle, counts)) * np.repeat(gap, counts)
    return lane[number]


def _simplified(lines: Lines) -> Lines:
    """The same lines without points that are there twice, or on the way straight down."""
    points, line = lines.points, np.repeat(np.arange(len(lines.starts) - 1), np.diff(lines.starts))
    x, y = points.T
    is_same = (line[1:] == line[:-1]) & (x[1:] == x[:-1]) & (y[1:] == y[:-1])
    kept = np.flatnonzero(np.append(True, ~is_same)[: len(points)])
    x, line = x[kept], line[kept]
    follows = (line[1:] == line[:-1]) & (x[1:] == x[:-1])
    turns = np.ones(len(x), dtype=np.bool_)
    turns[1:-1] = ~(follows[1:] & follows[:-1])
    kept, line = kept[turns], line[turns]
    counts = np.bincount(line, minlength=len(lines.starts) - 1)
    return Lines(points.take(kept, axis=0), starts_of(counts))
