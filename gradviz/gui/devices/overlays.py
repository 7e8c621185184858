"""The colours of devices, and a graph coloured by measured time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject

from gradviz.gui.canvas.look import NO_COLOUR, Colouring
from gradviz.gui.session import Session
from gradviz.gui.style import PAPER, Appearance, Paint, Theme, blended
from gradviz.recording.model import Item, ItemKind, Recording
from gradviz.recording.scopes import scopes_of
from gradviz.recording.timing import TimedPart, Timing

if TYPE_CHECKING:
    from gradviz.gui.canvas.canvas import Canvas

HEAT_LEVELS: Final = 12
_COOLEST: Final = 0.04
_HOTTEST: Final = 0.85
_READABLE: Final = 0.5


def devices_of(recording: Recording) -> tuple[str, ...]:
    """The devices of a run, the CPU first: the order of their colours everywhere."""
    found = {tensor.device for tensor in recording.tensors}
    return tuple(sorted(found, key=lambda name: (name != "cpu", name)))


def device_colour(theme: Theme, devices: tuple[str, ...], device: str) -> str:
    """The colour of a device."""
    return theme.series[devices.index(device) % len(theme.series)] if device in devices else ""


def seconds_of_items(recording: Recording, timing: Timing) -> dict[Item, float]:
    """What each op takes, forward and backward, and each of its autograd nodes, backward.

    Empty where the timing is of other ops than the recording's. An op's backward is shared out
    evenly among its nodes. Scopes take what the ops in them take.
    """
    ops = recording.ops
    found: dict[Item, float] = {}
    forward: dict[int, float] = {}
    first: tuple[str, str, int] | None = None
    for measurement in timing.measurements:
        if measurement.part not in (TimedPart.OP, TimedPart.OP_BACKWARD):
            continue
        conditions = (measurement.device, measurement.dtype, measurement.threads)
        first = first or conditions
        if conditions != first or not measurement.seconds or measurement.size is not None:
            continue
        for number in measurement.ops:
            if number >= len(ops):
                return {}
            item = Item(ItemKind.OP, number)
            found[item] = found.get(item, 0.0) + measurement.median
            forward[number] = found[item]
            nodes = ops[number].autograd_nodes
            if measurement.part is TimedPart.OP_BACKWARD:
                for node in nodes:
                    found[Item(ItemKind.NODE, node)] = measurement.median / len(nodes)
    until = np.zeros(len(ops) + 1)
    for number, spent in forward.items():
        until[number + 1] = spent
    until = np.cumsum(until)
    for scope in scopes_of(recording).scopes if forward else ():
        inside = float(until[scope.stop] - until[scope.start])
        if inside:
            found[Item(ItemKind.SCOPE, scope.id)] = inside
    return found


def heat_colouring(seconds: dict[Item, float], items: tuple[Item, ...], theme: Theme) -> Colouring:
    """A colour for each card by its share of the slowest one; what was not timed keeps its own."""
    codes = np.full(len(items), NO_COLOUR, dtype=np.uint8)
    most = max((seconds[item] for item in items if item in seconds), default=0.0)
    for index, item in enumerate(items):
        if item in seconds and most:
            # The root spreads the many quick ones, which would all look alike.
            codes[index] = round((HEAT_LEVELS - 1) * (seconds[item] / most) ** 0.5)
    return Colouring(palette=_palette(theme), cards=codes, paper=_palette(PAPER))


def _palette(theme: Theme) -> tuple[Paint, ...]:
    return tuple(
        _heat(theme, _COOLEST + (_HOTTEST - _COOLEST) * level / (HEAT_LEVELS - 1))
        for level in range(HEAT_LEVELS)
    )


def _heat(theme: Theme, share: float) -> Paint:
    fill = blended(theme.gradient, theme.canvas, share)
    is_dark = fill.lightnessF() < _READABLE
    text = theme.canvas if is_dark != theme.is_dark else theme.text
    line = blended(theme.gradient, theme.edge, share)
    return Paint(fill=fill.name(), line=line.name(), text=text)


class HeatOverlay(QObject):
    """Keeps the canvas coloured by measured time, whatever scene it shows.

    Attributes:
        is_on: whether it is to be coloured so.
        seconds: the times of items.
    """

    def __init__(
        self, session: Session, appearance: Appearance, canvas: Canvas, *, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._appearance = appearance
        self._canvas = canvas
        self.is_on = False
        self.seconds: dict[Item, float] = {}
        self._shown: Colouring | None = None
        canvas.scene_shown.connect(self._apply)
        appearance.theme_changed.connect(self._on_theme_changed)

    def switch(self, is_on: bool) -> None:
        """Colour the graph, or leave it to others."""
        if is_on is not self.is_on:
            self.is_on = is_on
            self._apply()

    def set_seconds(self, seconds: dict[Item, float]) -> None:
        """Other times."""
        self.seconds = seconds
        if self.is_on:
            self._apply()

    def _on_theme_changed(self, _theme: Theme) -> None:
        if self.is_on:
            self._apply()

    def _apply(self) -> None:
        scene = self._canvas.scene
        if scene is None:
            return
        colouring: Colouring | None = None
        if self.is_on and scene.recording is self._session.recording:
            colouring = heat_colouring(self.seconds, scene.items, self._appearance.theme)
        # Colours that somebody else has put there stay.
        is_mine = self._shown is not None and self._canvas.look.colouring is self._shown
        if colouring is not None or is_mine:
            self._canvas.set_colouring(colouring)
        self._shown = colouring
