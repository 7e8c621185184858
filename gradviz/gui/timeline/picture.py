"""Paints the lanes of the timeline: passes, gradient norms, times and marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF

from gradviz.gui.style import Theme
from gradviz.gui.timeline.scale import Columns, Scale, extent, heights
from gradviz.recording.nesting import Integers
from gradviz.recording.replay import Replay
from gradviz.recording.step_facts import StepFacts

PASS_HEIGHT: Final = 20
NORM_HEIGHT: Final = 26
TIME_HEIGHT: Final = 12
MARK_HEIGHT: Final = 11
GAP: Final = 3
_NAME_PAD: Final = 10
"""Pixels beside the name of a pass."""
_MIN_BAR: Final = 1.5
"""Height of a norm that is there, but the smallest."""


class Lanes(NamedTuple):
    """Top of each lane, in pixels, and the height of all."""

    passes: float
    norms: float
    times: float
    marks: float
    height: float


def place_lanes() -> Lanes:
    """Where the lanes are."""
    norms = PASS_HEIGHT + GAP
    times = norms + NORM_HEIGHT + 2
    marks = times + TIME_HEIGHT + 2
    return Lanes(0, norms, times, marks, marks + MARK_HEIGHT + 4)


def longest_fitting(names: tuple[str, ...], metrics: QFontMetrics, width: float) -> str:
    """The first of some names, the longest first, that fits into so many pixels; else nothing."""
    return next((n for n in names if metrics.horizontalAdvance(n) + _NAME_PAD <= width), "")


class Shown(NamedTuple):
    """What is painted: `stops` and `selected` are playheads, `current` is a pass."""

    replay: Replay
    facts: StepFacts | None
    stops: Integers
    selected: Integers
    current: int | None
    names: Callable[[int], tuple[str, ...]]
    lane_names: tuple[str, str]


class LanePainter:
    """Paints what is shown at a scale, in a theme."""

    def __init__(
        self, painter: QPainter, scale: Scale, shown: Shown, theme: Theme, font: QFont
    ) -> None:
        self._painter = painter
        self._scale = scale
        self._shown = shown
        self._theme = theme
        self._font = font
        self._lanes = place_lanes()
        self._inner = self._first_inner()

        self._columns = Columns(scale, shown.replay.length)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font)

    def paint(self) -> None:
        """Paint all lanes."""
        painter, columns = self._painter, self._columns
        self._paint_lane_names()
        self._clip()
        self._paint_grounds()
        self._paint_passes()
        if self._shown.facts is not None:
            self._paint_norms(columns, self._shown.facts)
            self._paint_times(columns, self._shown.facts)
            self._paint_bad_ground(columns, self._shown.facts)
        self._paint_marks(columns)
        painter.setClipping(False)

    def paint_over(self) -> None:
        """Paint what is to be seen also where steps are still to come."""
        self._clip()
        if self._shown.facts is not None:
            self._paint_crosses(self._columns, self._shown.facts)
        self._painter.setClipping(False)

    def _clip(self) -> None:
        left, width = self._scale.left, self._scale.right - self._scale.left
        self._painter.setClipRect(QRectF(left - 5, 0, width + 10, self._lanes.height))

    def _paint_lane_names(self) -> None:
        painter, theme, lanes = self._painter, self._theme, self._lanes
        painter.setPen(QColor(theme.muted))
        for text, top, height in zip(
            self._shown.lane_names,
            (lanes.norms, lanes.times - 3),
            (NORM_HEIGHT, TIME_HEIGHT + 6),
            strict=True,
        ):
            place = QRectF(0, top, self._scale.left - 5, height)
            painter.drawText(
                place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text
            )

    def _paint_grounds(self) -> None:
        painter, theme, lanes, scale = self._painter, self._theme, self._lanes, self._scale
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.base))
        top = lanes.norms
        height = lanes.times + TIME_HEIGHT - top
        painter.drawRoundedRect(QRectF(scale.left, top, scale.right - scale.left, height + 1), 3, 3)
        painter.setPen(QPen(QColor(theme.border), 1))
        base = lanes.norms + NORM_HEIGHT + 0.5
        painter.drawLine(QLineF(scale.left, base, scale.right, base))

    # Passes.

    def _paint_passes(self) -> None:
        for index in self._passes_in_sight():
            self._paint_pass(index)

    def _passes_in_sight(self) -> list[int]:
        """The passes of which something can be told apart; nested ones, then the current one last.

        What is nested lies upon what it is nested in.
        """
        replay, scale = self._shown.replay, self._scale
        passes = replay.recording.passes
        spans = np.array([replay.span_of(i) for i in range(len(passes))]).reshape(-1, 2)
        left, right = scale.all_x_of(spans[:, 0]), scale.all_x_of(spans[:, 1])
        seen = (right > scale.left) & (left < scale.right) & (spans[:, 1] > spans[:, 0])
        pixels = np.floor(left)
        numbers = np.flatnonzero(seen)
        _, first = np.unique(pixels[numbers], return_index=True)
        current = self._shown.current
        found = [int(n) for n in numbers[first] if n != current]
        if current is not None and seen[current]:
            found.append(current)
        return sorted(found, key=lambda number: passes[number].parent is not None)

    def _paint_pass(self, index: int) -> None:
        painter, theme, scale = self._painter, self._theme, self._scale
        first, last = self._shown.replay.span_of(index)
        pass_ = self._shown.replay.recording.passes[index]
        is_current = index == self._shown.current
        left = max(scale.x_of(first), scale.left - 4)
        right = min(scale.x_of(last), scale.right + 4)
        # What runs inside a step of another pass lies lower, upon the other.
        drop = 0 if pass_.parent is None else 5
        gap = 1 if right - left > 4 else 0
        box = QRectF(left + gap, 1 + drop, max(right - left - 2 * gap, 1), PASS_HEIGHT - 2 - drop)
        fill = theme.current_fill if is_current else theme.alternate
        line = theme.gradient if is_current else theme.border
        painter.setBrush(QColor(fill))
        pen = QPen(QColor(line), 1.5 if is_current else 1)
        if pass_.create_graph:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        if box.width() >= 4:
            painter.drawRoundedRect(box, 3, 3)
        else:
            painter.drawLine(QLineF(left, box.top(), left, box.bottom()))
        inner = self._inner.get(index)
        if inner is not None:
            box.setRight(min(box.right(), max(scale.x_of(inner), box.left())))
        self._name_pass(index, box, is_current=is_current)

    def _first_inner(self) -> dict[int, int]:
        """Where the first pass begins that is nested in a pass, by the outer one."""
        found: dict[int, int] = {}
        for pass_ in self._shown.replay.recording.passes:
            if pass_.parent is not None and pass_.steps:
                first = self._shown.replay.span_of(pass_.id)[0]
                found[pass_.parent] = min(first, found.get(pass_.parent, first))
        return found

    def _name_pass(self, index: int, box: QRectF, *, is_current: bool) -> None:
        if box.width() < 12:
            return
        name = longest_fitting(self._shown.names(index), QFontMetrics(self._font), box.width())
        self._painter.setPen(QColor(self._theme.text if is_current else self._theme.muted))
        place = box.adjusted(6, 0, -2, 0)
        self._painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), name)

    # Steps.

    def _paint_norms(self, columns: Columns, facts: StepFacts) -> None:
        low, high = extent(facts.norms)
        largest = heights(columns.largest(facts.norms), low, high)
        smallest = heights(columns.smallest(facts.norms), low, high)
        colour = QColor(self._theme.gradient)
        bottom = self._lanes.norms + NORM_HEIGHT
        room = NORM_HEIGHT - 3 - _MIN_BAR
        self._bars(columns, bottom, -(largest * room + _MIN_BAR), colour)
        if columns.width <= 1.0:
            # Of many steps in one column also the smallest is to be seen.
            self._bars(
                columns, bottom, -(smallest * room + _MIN_BAR), QColor(self._theme.gradient_text)
            )

    def _paint_times(self, columns: Columns, facts: StepFacts) -> None:
        if not facts.seconds.any():
            return
        low, high = extent(facts.seconds)
        seconds = np.where(facts.seconds > 0, facts.seconds, np.nan)
        longest = heights(columns.largest(seconds), low, high)
        top = self._lanes.times
        self._bars(columns, top, longest * (TIME_HEIGHT - 3) + 1, QColor(self._theme.edge))

    def _bars(self, columns: Columns, base: float, tall: Any, colour: QColor) -> None:
        """A bar in each column, from `base` on, so `tall` (upwards where negative)."""
        gap = min(columns.width * 0.12, 3.0) if columns.width > 2 else 0.0
        known = np.flatnonzero(~np.isnan(tall))
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(colour)
        rows = zip(columns.x[known].tolist(), tall[known].tolist(), strict=True)
        width = columns.width - 2 * gap
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, columns.width > 2)
        self._painter.drawRects([QRectF(x + gap, base, width, height) for x, height in rows])
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_bad_ground(self, columns: Columns, facts: StepFacts) -> None:
        """A ground under each column with NaN or Inf."""
        fill, width = QColor(self._theme.error_fill), max(columns.width, 1.0)
        for x in columns.x[columns.any(facts.has_nan | facts.has_inf)].tolist():
            self._painter.fillRect(QRectF(x, self._lanes.norms, width, NORM_HEIGHT - 1), fill)

    def _paint_crosses(self, columns: Columns, facts: StepFacts) -> None:
        """A cross on each column with NaN or Inf, as far apart as they can be told."""
        at = columns.x[columns.any(facts.has_nan | facts.has_inf)] + columns.width / 2
        middle = self._lanes.norms + NORM_HEIGHT / 2
        self._draw_spaced(at.tolist(), 9.0, middle, self._cross, self._theme.error)

    def _cross(self, at: QPointF, colour: QColor) -> None:
        """A gradient is not finite."""
        self._painter.setPen(QPen(colour, 2))
        for side in (-3.5, 3.5):
            self._painter.drawLine(at + QPointF(-3.5, -side), at + QPointF(3.5, side))

    # Marks.

    def _paint_marks(self, columns: Columns) -> None:
        facts, theme = self._shown.facts, self._theme
        middle = self._lanes.marks + MARK_HEIGHT / 2
        if facts is not None:
            at = columns.x[columns.any(facts.accumulates)] + columns.width / 2
            self._draw_spaced(at.tolist(), 5.0, middle, self._triangle, theme.leaf.line)
        self._draw_spaced(
            self._playheads_in_sight(self._shown.selected), 4.0, middle, self._ring, theme.selection
        )
        self._draw_spaced(
            self._playheads_in_sight(self._shown.stops), 6.0, middle, self._disc, theme.error
        )

    def _playheads_in_sight(self, playheads: Integers) -> list[float]:
        """The middles of the steps that some playheads have just executed."""
        scale = self._scale
        seen = playheads[(playheads > scale.first) & (playheads <= scale.last + 1)]
        middles = scale.all_x_of(seen - 0.5)
        _, first = np.unique(np.floor(middles), return_index=True)
        found: list[float] = middles[first].tolist()
        return found

    @staticmethod
    def _draw_spaced(
        places: list[float],
        apart: float,
        y: float,
        draw: Callable[[QPointF, QColor], None],
        colour: str,
    ) -> None:
        last = -1e9
        for x in places:
            if x - last >= apart:
                last = x
                draw(QPointF(x, y), QColor(colour))

    def _triangle(self, at: QPointF, colour: QColor) -> None:
        """A leaf's gradient changes."""
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(colour)
        x, y = at.x(), at.y()
        self._painter.drawPolygon(
            QPolygonF([QPointF(x - 4, y - 3), QPointF(x + 4, y - 3), QPointF(x, y + 4)])
        )

    def _ring(self, at: QPointF, colour: QColor) -> None:
        """Something happens to what is selected."""
        self._painter.setPen(QPen(colour, 1.6))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRect(QRectF(at.x() - 4.5, at.y() - 5, 9, 10))

    def _disc(self, at: QPointF, colour: QColor) -> None:
        """A breakpoint stops here."""
        self._painter.setPen(QPen(QColor(self._theme.base), 1))
        self._painter.setBrush(colour)
        self._painter.drawEllipse(at, 4.6, 4.6)
