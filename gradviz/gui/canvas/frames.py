"""The boxes around open scopes, and the control that folds or unfolds a scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.text import TextStyle, text_width
from gradviz.recording.model import Item

CONTROL: Final = 14.0
"""Side of the square with a minus (an open scope) or a plus (a folded one)."""
CONTROL_INSET: Final = 7.0
TITLE_HEIGHT: Final = 26.0
"""Room at a frame's top for its title and control; what is inside begins below."""
CLICK_REACH: Final = 4.0
"""A control is hit so far around itself: it is small."""


class Frame(NamedTuple):
    """The box around an open scope: `depth` is 0 for the outermost."""

    item: Item
    title: str
    box: Box
    depth: int


def control_of_frame(box: Box) -> Box:
    """Where the control that folds an open scope is: in its top left corner."""
    left, top = box.left + CONTROL_INSET, box.top + CONTROL_INSET
    return Box(left, top, left + CONTROL, top + CONTROL)


def control_of_card(box: Box) -> Box:
    """Where the control that unfolds a folded scope's card is: in its top right corner."""
    right, top = box.right - CONTROL_INSET, box.top + CONTROL_INSET
    return Box(right - CONTROL, top, right, top + CONTROL)


def title_of_frame(frame: Frame) -> Box:
    """Where a frame's control and title stand."""
    left, top = frame.box.left + CONTROL_INSET, frame.box.top + CONTROL_INSET
    room = text_width(TextStyle.FRAME, frame.title) + CONTROL + 2 * CONTROL_INSET
    return Box(left, top, min(left + room, frame.box.right), top + CONTROL)


def frames_in(frames: Sequence[Frame], box: Box) -> list[Frame]:
    """The frames that reach into a box."""
    return [
        frame
        for frame in frames
        if not (frame.box.left > box.right or frame.box.right < box.left)
        and not (frame.box.top > box.bottom or frame.box.bottom < box.top)
    ]


def frame_at(frames: Sequence[Frame], x: float, y: float) -> Frame | None:
    """The innermost frame whose title bar or border is at a point."""
    best: Frame | None = None
    for frame in frames:
        on_title = frame.box.contains(x, y) and y <= frame.box.top + TITLE_HEIGHT
        if on_title and (best is None or frame.depth > best.depth):
            best = frame
    return best
