"""What a layout of nested scopes is given and gives: frames, and the picture as arrays."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np

from gradviz.layout.model import Path, Point, Rectangle, Scopes
from gradviz.layout.prepare import Floats
from gradviz.layout.routes import Lines


class Frame(msgspec.Struct, frozen=True):
    """Pixels between a scope's frame and its contents, as they are drawn downwards.

    `least` is the least width and height of a frame by path, for its title.
    """

    left: float
    top: float
    right: float
    bottom: float
    least: Mapping[Path, Point]

    def turned(self) -> Frame:
        """The same with its axes exchanged."""
        return Frame(
            left=self.top,
            top=self.left,
            right=self.bottom,
            bottom=self.right,
            least={path: (height, width) for path, (width, height) in self.least.items()},
        )


def frame_of(padding: float, header: float, sizes: Mapping[Path, Point] | None = None) -> Frame:
    """A frame with room for a title of so many pixels above its contents."""
    top = padding + header
    return Frame(left=padding, top=top, right=padding, bottom=padding, least=sizes or {})


class Picture(msgspec.Struct, frozen=True):
    """A layout as arrays: the centres of the nodes of a nest, and the lines of its edges.

    Its edges are those that are no loops; the rest is as in `Layout`.
    """

    centres: Floats
    lines: Lines
    size: Point
    frames: dict[Path, Rectangle]
    is_rough: bool
    scopes: Scopes

    def turned(self) -> Picture:
        """The same with its axes exchanged."""
        lines = Lines(np.ascontiguousarray(self.lines.points[:, ::-1]), self.lines.starts)
        return Picture(
            centres=np.ascontiguousarray(self.centres[:, ::-1]),
            lines=lines,
            size=(self.size[1], self.size[0]),
            frames={
                path: (top, left, bottom, right)
                for path, (left, top, right, bottom) in self.frames.items()
            },
            is_rough=self.is_rough,
            scopes=self.scopes,
        )
