"""What a layout of nested scopes is given and gives: frames, and the picture as arrays."""

from __future__ import annotations

import msgspec
import numpy as np

from gradviz.layout.model import Path, Point, Rectangle, Scopes
from gradviz.layout.prepare import Floats
from gradviz.layout.routes import Lines


class Frame(msgspec.Struct, frozen=True):
    """Pixels between a scope's frame and its contents, as they are drawn downwards."""

    left: float
    top: float
    right: float
    bottom: float


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
