"""The smooth curve that an edge's polyline is drawn as.

Slanted pieces become S-curves with vertical ends (horizontal ones where the graph reads to the
right, and none where its lines are straight); they stay inside the rectangle that their piece
spans, so a route that hits no card is a curve that hits no card. `bends` says which way the ends
run, None for straight lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPolygonF

from gradviz.gui.canvas.geometry import Box, Indices, Points, touching
from gradviz.layout.model import Direction

if TYPE_CHECKING:
    from gradviz.gui.canvas.scene import Scene

SAMPLES: Final = 9
ARROW_LENGTH: Final = 9.0
ARROW_WIDTH: Final = 8.0
LINE_LENGTH: Final = 9.0
FEWEST_LINES: Final = 4
MAX_LINES: Final = 24
STEEP: Final = 1.0
"""A piece that rises less than this (pixels) is drawn straight: it has no vertical ends."""


def curve_path(
    points: Points,
    bends: Direction | None,
    *,
    start_room: float = 0.0,
    end_room: float = 0.0,
) -> QPainterPath:
    """The curve through a polyline's points, with room left for an arrowhead at either end."""
    ends = points.copy()
    ends[0] += start_direction(points, bends) * start_room
    ends[-1] -= end_direction(points, bends) * end_room
    (x0, y0), ends = ends[0], ends[1:]
    path = QPainterPath(QPointF(x0, y0))
    for x1, y1 in ends:
        if bends is Direction.RIGHT and abs(x1 - x0) >= STEEP and abs(y1 - y0) >= 1e-6:
            middle = (x0 + x1) / 2
            path.cubicTo(middle, y0, middle, y1, x1, y1)
        elif bends is not Direction.DOWN or abs(y1 - y0) < STEEP or abs(x1 - x0) < 1e-6:
            path.lineTo(x1, y1)
        else:
            middle = (y0 + y1) / 2
            path.cubicTo(x0, middle, x1, middle, x1, y1)
        x0, y0 = x1, y1
    return path


def with_room_to_bend(
    points: Points, starts: Indices, gap: float, bends: Direction | None
) -> Points:
    """Routes, one after the other, with slanted pieces lengthened into the straight ones beside.

    The layout slants edges in the middle of the gap between two layers only; the curve has
    vertical ends of its own and bends more gently in the whole gap, `gap` high.
    """
    if bends is None or len(points) < 2:
        return points
    across, along = (1, 0) if bends is Direction.RIGHT else (0, 1)
    run, rise = np.diff(points[:, across]), np.diff(points[:, along])
    is_piece = np.ones(len(run), np.bool_)
    is_piece[starts[1:-1] - 1] = False
    is_straight = is_piece & (run == 0)
    slanted = np.flatnonzero(is_piece & (run != 0))
    way = np.sign(rise[slanted])
    more = np.maximum(0.0, gap - np.abs(rise[slanted])) / 2
    result = points.copy()
    for step, point in ((-1, 0), (1, 1)):
        beside = slanted + step
        inside = (beside >= 0) & (beside < len(run))
        beside = np.where(inside, beside, 0)
        goes_on = inside & is_straight[beside] & (rise[beside] * way > 0)
        length = np.where(goes_on, np.minimum(more, np.abs(rise[beside])), 0.0)
        result[slanted + point, along] += step * way * length
    return result


def curve_lines(
    segments: Points, samples: int | Indices, bends: Direction | None = Direction.DOWN
) -> tuple[Points, Indices]:
    """Straight pieces, shape (s, 4), as the short lines that their curves are drawn as.

    `samples` is how many lines a curve gets, one number for all or one for each. Returns the
    lines, shape (k, 4), and the piece that each belongs to; lines of one piece follow each other.
    Pieces that are drawn straight stay one line.
    """
    if bends is None:
        return segments, np.arange(len(segments))
    if bends is Direction.RIGHT:
        lines, piece = curve_lines(segments[:, [1, 0, 3, 2]], samples)
        return np.ascontiguousarray(lines[:, [1, 0, 3, 2]]), piece
    rise, run = segments[:, 3] - segments[:, 1], segments[:, 2] - segments[:, 0]
    is_bent = (np.abs(rise) >= STEEP) & (np.abs(run) >= 1e-6)
    counts = np.where(is_bent, samples, 1)
    piece = np.repeat(np.arange(len(segments)), counts)
    nth = np.arange(len(piece)) - np.repeat(np.cumsum(counts) - counts, counts)
    steps = counts[piece]
    bent = is_bent[piece]
    lines = np.empty((len(piece), 4))
    for column, t in ((0, nth / steps), (2, (nth + 1) / steps)):
        ease_x = np.where(bent, 3 * t**2 - 2 * t**3, t)
        ease_y = np.where(bent, 1.5 * t - 1.5 * t**2 + t**3, t)
        lines[:, column] = segments[piece, 0] + ease_x * run[piece]
        lines[:, column + 1] = segments[piece, 1] + ease_y * rise[piece]
    return lines, piece


def smooth_lines(
    segments: Points, scale: float, bends: Direction | None = Direction.DOWN
) -> Points:
    """Straight pieces, shape (s, 4), as lines short enough to look smooth at a scale."""
    length = np.abs(segments[:, 2:] - segments[:, :2]).sum(axis=1) * scale
    samples = np.clip(length / LINE_LENGTH, FEWEST_LINES, MAX_LINES).astype(np.intp)
    return curve_lines(segments, samples, bends)[0]


def tips_of(scene: Scene, edges: Indices, box: Box, *, at_start: bool) -> tuple[Points, Points]:
    """The ends of some edges in a box, each place once, and the unit vectors out of them."""
    first, last = scene.starts[edges], scene.starts[edges + 1] - 1
    tip, inner = (first, first + 1) if at_start else (last, last - 1)
    places = scene.points[tip]
    inside = touching(np.hstack((places, places)), box.grown(ARROW_LENGTH))
    tip, inner = tip[inside], inner[inside]
    ends = np.hstack((scene.points[tip], scene.points[tip] - scene.points[inner]))
    _, seen = np.unique(np.round(ends[:, :2]) @ (1.0, 1e7), return_index=True)
    ends = ends[seen]
    places, ways = ends[:, :2], ends[:, 2:]
    for axis, straight in ((0, Direction.RIGHT), (1, Direction.DOWN)):
        if scene.bends is straight:
            runs = np.abs(ways[:, axis]) >= STEEP
            ways[runs, 1 - axis] = 0.0
    length = np.hypot(ways[:, 0], ways[:, 1])[:, None]
    return places, np.where(length > 0, ways / np.maximum(length, 1e-9), (0.0, 1.0))


def arrow_heads(tips: Points, ways: Points) -> QPainterPath:
    """Filled triangles with their points at some places, pointing along unit vectors."""
    backs = tips - ways * ARROW_LENGTH
    sides = ways[:, ::-1] * (-ARROW_WIDTH / 2, ARROW_WIDTH / 2)
    path = QPainterPath()
    for corners in np.stack((tips, backs + sides, backs - sides), axis=1).tolist():
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
    return path


def places_along(
    scene: Scene,
    edges: Indices,
    shares: Points,
    *,
    samples: int = SAMPLES - 1,
    with_shared: bool = False,
) -> Points:
    """Points on the curves of some edges at shares of their lengths, shape (k, shares, 2).

    Where an edge shares a trunk with others, they are on the rest of it, unless said otherwise.
    Curves are measured as so many lines.
    """
    lines, piece = curve_lines(scene.segments_of(edges), samples, scene.bends)
    owner = np.repeat(np.arange(len(edges)), scene.starts[edges + 1] - scene.starts[edges] - 1)[
        piece
    ]
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    if not with_shared:
        # What several edges share belongs to none of them, unless nothing else is left.
        own = length * (scene.sharers[scene.pieces_of(edges)][piece] == 1)
        has_own = np.bincount(owner, own, len(edges)) > 0
        length = np.where(has_own[owner], own, length)
    end = np.cumsum(length)
    first = np.searchsorted(owner, np.arange(len(edges)))
    last = np.append(first[1:], len(lines)) - 1
    begin = end[first] - length[first]
    wanted = begin[:, None] + shares * (end[last] - begin)[:, None]
    at = np.clip(np.searchsorted(end, wanted), first[:, None], last[:, None])
    part = (wanted - (end[at] - length[at])) / np.maximum(length[at], 1e-9)
    start, step = lines[at, :2], lines[at, 2:] - lines[at, :2]
    places: Points = start + np.clip(part, 0.0, 1.0)[..., None] * step
    return places


def end_direction(points: Points, bends: Direction | None) -> Points:
    """Unit vector along which the curve arrives at its last point."""
    return _direction(points[-2], points[-1], bends) if len(points) > 1 else np.array((0.0, 1.0))


def start_direction(points: Points, bends: Direction | None) -> Points:
    """Unit vector along which the curve leaves its first point."""
    return _direction(points[0], points[1], bends) if len(points) > 1 else np.array((0.0, 1.0))


def _direction(start: Points, end: Points, bends: Direction | None) -> Points:
    step = end - start
    if bends is Direction.RIGHT and abs(step[0]) >= STEEP:
        return np.array((1.0 if step[0] > 0 else -1.0, 0.0))
    if bends is Direction.DOWN and abs(step[1]) >= STEEP:
        return np.array((0.0, 1.0 if step[1] > 0 else -1.0))
    length = float(np.hypot(*step))
    return step / length if length > 0 else np.array((0.0, 1.0))


def arrow_head(tip: Points, direction: Points, *, size: float = 1.0) -> QPolygonF:
    """A filled triangle with its tip at `tip`, pointing along `direction`."""
    back = tip - direction * ARROW_LENGTH * size
    side = np.array((-direction[1], direction[0])) * ARROW_WIDTH * size / 2
    return QPolygonF([QPointF(*tip), QPointF(*(back + side)), QPointF(*(back - side))])
