"""Edges on their way from one scene to the next: what is in both moves, the rest fades.

Very many of them are drawn as fewer and straighter lines: a frame has time for so many.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import numpy as np
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.gui.canvas.blocks import cosmetic, draw_lines, edge_groups
from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.curves import curve_lines, places_along
from gradviz.gui.canvas.geometry import Box, Indices, Mask, Points, touching
from gradviz.gui.canvas.look import Detail, Look, detail_at
from gradviz.gui.canvas.overlay import DELIVERED_WIDTH
from gradviz.gui.canvas.painter import EDGE_WIDTH
from gradviz.gui.canvas.scene import Scene

LINES: Final = 2_400
"""In one frame."""
STILL_LINES: Final = 1_200
"""Of those that appear or go."""
MOST_LINES_EACH: Final = 8
"""That one edge is drawn as."""


class EdgeMotion:
    """The edges between two scenes, at any share of the way.

    `same` has for each card of the scene after the one before; `shift` is where the scene before
    stands at the start, in the coordinates of the scene after.
    """

    def __init__(self, before: Scene, after: Scene, same: Indices, shift: Camera) -> None:
        self._before, self._after = before, after
        self._same, self._shift = same, shift
        self._seen: tuple[Box, Indices, Points, Points] | None = None

    @cached_property
    def _kept(self) -> tuple[Indices, Indices]:
        """The edges that are in both scenes: their numbers before and after."""
        if self._before.edges is self._after.edges:
            every = np.arange(len(self._after.edges))
            return every, every
        count = len(self._before.cards)
        known = self._before.sources * count + self._before.targets
        order = np.argsort(known)
        ends = self._same[self._after.sources], self._same[self._after.targets]
        wanted = np.where((ends[0] < 0) | (ends[1] < 0), -1, ends[0] * count + ends[1])
        place = np.searchsorted(known, wanted, sorter=order)
        found = order[np.minimum(place, len(order) - 1)] if len(order) else place
        is_kept = np.zeros(len(wanted), np.bool_)
        if len(order):
            is_kept = known[found] == wanted
        return found[is_kept], np.flatnonzero(is_kept)

    @cached_property
    def _gone(self) -> Indices:
        return np.delete(np.arange(len(self._before.edges)), self._kept[0])

    @cached_property
    def _fresh(self) -> Indices:
        return np.delete(np.arange(len(self._after.edges)), self._kept[1])

    def _seen_in(self, view: Box) -> Indices:
        """Which of the edges that are in both move through a view."""
        before, after = self._kept
        if view.holds(self._after.bounds) and view.holds(self._bounds_before):
            return np.arange(len(after))
        old, new = self._shifted(self._before.edge_boxes[before]), self._after.edge_boxes[after]
        ways = np.minimum(old[:, :2], new[:, :2]), np.maximum(old[:, 2:], new[:, 2:])
        return touching(np.hstack(ways), view)

    @property
    def _bounds_before(self) -> Box:
        return Box(*self._shifted(np.array(self._before.bounds)).tolist())

    def _shifted(self, places: Points) -> Points:
        """Places of the scene before in the coordinates of the scene after."""
        corner = np.tile((self._shift.left, self._shift.top), places.shape[-1] // 2)
        shifted: Points = (places - corner) * self._shift.scale
        return shifted

    def _view_before(self, view: Box) -> Box:
        """A view in the coordinates of the scene before."""
        places = np.array(view) / self._shift.scale
        return Box(*(places + np.tile((self._shift.left, self._shift.top), 2)).tolist())

    def _moving(self, view: Box) -> tuple[Indices, Points, Points]:
        """The edges after that move through a view, and points of each before and after."""
        if self._seen is None or self._seen[0] != view:
            shown = _thinned(self._seen_in(view), LINES)
            before, after = (numbers[shown] for numbers in self._kept)
            each = min(LINES // max(len(shown), 1), MOST_LINES_EACH)
            start = self._shifted(_points_of(self._before, before, each))
            self._seen = view, after, start, _points_of(self._after, after, each)
        return self._seen[1:]

    def _groups(
        self, edges: Indices, look: Look, delivered: Mask
    ) -> Iterator[tuple[QColor, float, Indices]]:
        """Edges after by colour and width, those along which gradients came at last."""
        is_coloured = look.colouring is not None and look.colouring.edges is not None
        came = delivered[edges] & (not is_coloured)
        for colour, chosen in edge_groups(self._after, edges[~came], look):
            yield colour, EDGE_WIDTH, chosen
        if came.any():
            yield QColor(look.theme.done), DELIVERED_WIDTH, edges[came]

    def paint(
        self,
        painter: QPainter,
        look: Look,
        delivered: Mask,
        view: Box,
        scale: float,
        share: float,
    ) -> None:
        """Draw what is in view, `share` of the way from 0 to 1.

        Along the edges after that were `delivered`, shape (m,), gradients have come.
        """
        plain = look._replace(colouring=None, focus=None)
        is_near = detail_at(scale) is not Detail.BLOCKS

        def draw(lines: Points, colour: QColor, width: float, strength: float = 1.0) -> None:
            colour.setAlphaF(colour.alphaF() * strength)
            painter.setPen(QPen(colour, width) if is_near else cosmetic(colour))
            draw_lines(painter, _inside(lines, view))

        for colour, edges in edge_groups(self._before, self._gone, plain):
            lines = self._shifted(_lines_of(self._before, edges, self._view_before(view)))
            draw(lines, colour, EDGE_WIDTH, 1.0 - share)
        # At first they cannot be seen, and their scene's index is made beside the window's thread.
        fresh = self._fresh if share > 0.0 else self._fresh[:0]
        for colour, width, edges in self._groups(fresh, look, delivered):
            draw(_lines_of(self._after, edges, view), colour, width, share)
        shown, start, end = self._moving(view)
        points = start + (end - start) * share
        place = np.empty(len(self._after.edges), np.intp)
        place[shown] = np.arange(len(shown))
        for colour, width, edges in self._groups(shown, look, delivered):
            chosen = points[place[edges]]
            lines = np.concatenate((chosen[:, :-1], chosen[:, 1:]), axis=2).reshape(-1, 4)
            draw(lines, colour, width)


def _thinned(numbers: Indices, most: int) -> Indices:
    """At most so many of them, evenly spread."""
    return numbers[:: max(1, -(-len(numbers) // most))]


def _inside(lines: Points, view: Box) -> Points:
    """Those of lines, shape (k, 4), that may be seen: wide ones take long where nobody looks."""
    low, high = np.minimum(lines[:, :2], lines[:, 2:]), np.maximum(lines[:, :2], lines[:, 2:])
    return lines[touching(np.hstack((low, high)), view.grown(EDGE_WIDTH))]


def _points_of(scene: Scene, edges: Indices, lines: int) -> Points:
    """Some edges as so many lines each, shape (k, lines + 1, 2)."""
    if lines > 1 and len(edges):
        shares = np.linspace(0.0, 1.0, lines + 1)
        return places_along(scene, edges, shares, with_shared=True)
    ends = scene.starts[edges], scene.starts[edges + 1] - 1
    return np.stack([scene.points[end] for end in ends], axis=1)


def _lines_of(scene: Scene, edges: Indices, view: Box) -> Points:
    """What is in view of some edges that stay where they are, shape (k, 4)."""
    pieces = scene.segments[_thinned(scene.pieces_in(edges, view), STILL_LINES)]
    each = min(STILL_LINES // max(len(pieces), 1), MOST_LINES_EACH)
    return curve_lines(pieces, each, scene.bends)[0]
