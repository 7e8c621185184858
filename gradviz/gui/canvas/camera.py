"""Which part of the scene the canvas shows, and how large."""

from __future__ import annotations

from typing import Final, NamedTuple

from gradviz.gui.canvas.geometry import Box

SMALLEST: Final = 0.002
LARGEST: Final = 5.0
LARGEST_FIT: Final = 1.5
"""Fitting a small graph does not blow it up further: cards are not posters."""
READABLE: Final = 0.55
"""The smallest scale at which labels can be read."""
COMFORTABLE: Final = 0.75
"""The scale at which a part is looked at: it is not made smaller for what is out of view anyway."""
THINNEST: Final = 12.0
"""Pixels across a picture below which it is a line on which nothing can be told apart."""


class Camera(NamedTuple):
    """`scale` pixels of the canvas show one of the scene; (`left`, `top`) is in its corner."""

    left: float = 0.0
    top: float = 0.0
    scale: float = 1.0

    def to_scene(self, x: float, y: float) -> tuple[float, float]:
        """The point of the scene that a pixel of the canvas shows."""
        return self.left + x / self.scale, self.top + y / self.scale

    def to_canvas(self, x: float, y: float) -> tuple[float, float]:
        """Where on the canvas a point of the scene is shown."""
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def panned(self, dx: float, dy: float) -> Camera:
        """The picture moved by so many pixels of the canvas."""
        return self._replace(left=self.left - dx / self.scale, top=self.top - dy / self.scale)

    def zoomed(self, factor: float, x: float, y: float) -> Camera:
        """Larger by a factor, with what is at a pixel of the canvas staying there."""
        scale = max(SMALLEST, min(self.scale * factor, LARGEST))
        left, top = self.to_scene(x, y)
        return Camera(left - x / scale, top - y / scale, scale)

    def view(self, width: float, height: float) -> Box:
        """The box of the scene that a canvas of that size shows."""
        right, bottom = self.to_scene(width, height)
        return Box(self.left, self.top, right, bottom)


def fitting(box: Box, width: float, height: float, *, largest: float = LARGEST_FIT) -> Camera:
    """A camera that shows a whole box in the middle of a canvas of that size."""
    scale = largest
    if box.width > 0 and box.height > 0 and width > 0 and height > 0:
        scale = min(width / box.width, height / box.height, largest)
    scale = max(scale, SMALLEST)
    left = (box.left + box.right) / 2 - width / scale / 2
    top = (box.top + box.bottom) / 2 - height / scale / 2
    return Camera(left, top, scale)


def opening(
    box: Box, start: Box, width: float, height: float, *, enlargement: float = 1.0
) -> Camera:
    """A camera for the first look at a box: all of it, or, where that could not be read, `start`.

    `start` then stands at a comfortable scale, with as much as possible of the rest around it.
    What is read has to be larger by `enlargement` than usual.
    """
    fitted = fitting(box, width, height, largest=LARGEST_FIT * enlargement)
    if fitted.scale >= READABLE * enlargement:
        return fitted
    return _looking_at(start, box, width, height, COMFORTABLE * enlargement)


def spanning(
    box: Box, start: Box, width: float, height: float, *, enlargement: float = 1.0
) -> Camera | None:
    """A camera that shows a long box from side to side, around `start`.

    None where the whole box can be seen as more than a line.
    """
    if min(box.width, box.height) * fitting(box, width, height).scale >= THINNEST:
        return None
    comfortable = COMFORTABLE * enlargement
    across = min(width / max(box.width, 1.0), comfortable)
    if box.width > box.height:
        across = min(height / max(box.height, 1.0), comfortable)
    return _looking_at(start, box, width, height, across)


def _looking_at(start: Box, box: Box, width: float, height: float, scale: float) -> Camera:
    """A camera with one part of a box in the middle, as far as the box reaches around it."""
    room_x, room_y = width / scale, height / scale
    left = (start.left + start.right - room_x) / 2
    top = (start.top + start.bottom - room_y) / 2
    return Camera(
        _within(left, box.left, box.right, room_x),
        _within(top, box.top, box.bottom, room_y),
        scale,
    )


def _within(low: float, first: float, last: float, room: float) -> float:
    """Where a window of a size begins so that it shows no emptiness beside what it looks at."""
    if last - first <= room:
        return (first + last - room) / 2
    return min(max(low, first), last - room)


def showing(camera: Camera, box: Box, width: float, height: float, *, margin: float) -> Camera:
    """The camera moved as little as needed so that a box is in view, `margin` pixels inside.

    Where the box is in view already it does not move.
    """
    left, top = camera.to_canvas(box.left, box.top)
    right, bottom = camera.to_canvas(box.right, box.bottom)
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return camera
    return camera.panned(_shift(left, right, width, margin), _shift(top, bottom, height, margin))


def _shift(low: float, high: float, room: float, margin: float) -> float:
    if low < margin:
        return margin - low
    if high > room - margin:
        return max(room - margin - high, margin - low)
    return 0.0
