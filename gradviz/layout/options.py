"""How a layout is drawn, and how the making of it is stopped, hurried and followed."""

from __future__ import annotations

from typing import Final

import msgspec

from gradviz.layout.framing import Frame
from gradviz.layout.model import Direction, ShouldStop
from gradviz.layout.watch import Progress, Watch


class LayoutOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What all layouts are told in the same words; distances are in pixels.

    `layer_gap` is between layers, `node_gap` between neighbours, `component_gap` between
    components. A frame is `frame_padding` from its contents, with room for a title of
    `frame_header` above them.

    Soon after `should_stop` has returned true, `LayoutCancelled` is raised. After
    `deadline_seconds` what can be left out is, soundness never: more crossings, longer lines, and
    `Layout.is_rough`. `progress` is called with the part that is done, from 0 to 1.
    """

    direction: Direction = Direction.DOWN
    layer_gap: float = 44.0
    node_gap: float = 28.0
    component_gap: float = 56.0
    frame_padding: float = 14.0
    frame_header: float = 26.0
    should_stop: ShouldStop | None = None
    deadline_seconds: float | None = None
    progress: Progress | None = None

    @property
    def line_gap(self) -> float:
        """Between a long edge and what is beside it."""
        return self.node_gap * 0.6

    @property
    def is_turned(self) -> bool:
        """Whether the axes of what is drawn downwards are exchanged in the end."""
        return self.direction is Direction.RIGHT

    @property
    def frame(self) -> Frame:
        """The room around the contents of a scope, as it is drawn downwards."""
        padding, top = self.frame_padding, self.frame_padding + self.frame_header
        if self.is_turned:
            return Frame(left=top, top=padding, right=padding, bottom=padding)
        return Frame(left=padding, top=top, right=padding, bottom=padding)

    def watch(self) -> Watch:
        """What is asked while a layout is made; the deadline runs from now on."""
        return Watch(self.should_stop, self.deadline_seconds, self.progress)


DEFAULTS: Final = LayoutOptions()
