"""Move camera and cards from one scene to the next, so that the eye can follow."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QVariantAnimation, Signal

from gradviz.gui.canvas.camera import Camera, showing
from gradviz.gui.canvas.geometry import Box, Indices, Points
from gradviz.gui.canvas.preview import between
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.transition import DURATION_MS, Transition
from gradviz.layout.model import Direction
from gradviz.recording.model import Item

KNOWN_SHARE: Final = 0.5
"""With fewer cards of another run in common it is another graph."""
MAX_MATCHED: Final = 60_000
"""Beyond this many cards, looking for common ones would take a frame or two."""
KEEP_IN_VIEW: Final = 24.0
_Span = tuple[float, ...]
"""From where to where along one axis."""


def box_of_item(scene: Scene, item: Item | None) -> Box | None:
    """Where an item is, as a card or as the frame of an open scope."""
    if item is None:
        return None
    card = scene.index.get(item)
    if card is not None:
        return scene.box_of(card)
    return next((frame.box for frame in scene.frames if frame.item == item), None)


def toggled_scope(before: Scene, after: Scene) -> Item | None:
    """The scope that is open in one of two scenes and a card in the other; None of several."""
    toggled = _toggled_scopes(before, after)
    return toggled[0] if len(toggled) == 1 else None


def _toggled_scopes(before: Scene, after: Scene) -> list[Item]:
    for framed, other in ((after, before), (before, after)):
        toggled = [frame.item for frame in framed.frames if frame.item in other.index]
        if toggled:
            return toggled
    return []


def camera_after(
    before: Scene,
    after: Scene,
    same: Indices,
    camera: Camera,
    size: tuple[int, int],
) -> Camera | None:
    """A camera that shows what was looked at where it was; None where that is not to be had.

    That is the beginning of the scope that was folded or opened between the two and, across the
    way of the edges, what else is in view; without one, or with several, the card nearest to the
    middle of the view, and in another kind of view a border of the graph that was in sight.
    """
    anchor = toggled_scope(before, after)
    if anchor is None:
        pair = _in_the_middle(before, same, camera, size)
        if pair is not None:
            moved = _moved(camera, before.box_of(pair[0]), after.box_of(pair[1]))
            if _toggled_scopes(before, after):
                return moved
            return _keeping_borders(moved, camera.view(*size), before.bounds, after.bounds, size)
        anchor = _nearest_scope(before, after, camera, size)
    old, new = box_of_item(before, anchor), box_of_item(after, anchor)
    if old is None or new is None:
        return None
    moved = _moved(camera, old, new)
    shift = _shift_in_view(before, after, same, camera.view(*size))
    if shift is not None and after.bends is Direction.DOWN:
        moved = moved._replace(left=camera.left + shift[0])
    elif shift is not None and after.bends is Direction.RIGHT:
        left = camera.left + new.left - old.left
        moved = moved._replace(left=left, top=camera.top + shift[1])
    view = moved.view(*size)
    if after.bends is Direction.DOWN and new.left <= view.left and view.right <= new.right:
        # No place shows all of its width: what else is in view need not be moved out of it.
        new = new._replace(left=view.left, right=view.right)
    return showing(
        moved,
        new._replace(bottom=min(new.bottom, new.top + size[1] / 2 / camera.scale)),
        *size,
        margin=KEEP_IN_VIEW,
    )


def _nearest_scope(
    before: Scene, after: Scene, camera: Camera, size: tuple[int, int]
) -> Item | None:
    """Of several scopes that were folded or opened the one nearest to the middle of the view."""
    x, y = camera.view(*size).centre

    def away(item: Item) -> float:
        box = box_of_item(before, item)
        assert box is not None
        middle_x, middle_y = box.centre
        return max(abs(middle_x - x), abs(middle_y - y))

    return min(_toggled_scopes(before, after), key=away, default=None)


def is_related(before: Scene, after: Scene, same: Indices) -> bool:
    """Whether two scenes are so alike that one can be followed into the other."""
    fewer = min(len(before.cards), len(after.cards))
    common = int((same >= 0).sum())
    if before.recording is after.recording:
        return common > 0 or bool(before.frames) or bool(after.frames)
    return fewer > 0 and common >= KNOWN_SHARE * fewer


def _moved(camera: Camera, old: Box, new: Box) -> Camera:
    """The camera moved along with the middle of a box's upper border."""
    dx = (new.left + new.right) / 2 - (old.left + old.right) / 2
    return camera._replace(left=camera.left + dx, top=camera.top + new.top - old.top)


def _keeping_borders(
    camera: Camera, seen: Box, before: Box, after: Box, size: tuple[int, int]
) -> Camera:
    """The camera moved so that the border of the graph that was in sight is so again."""
    view, margin = camera.view(*size), KEEP_IN_VIEW / camera.scale
    right, down = (
        _shift_to_border(seen[i::2], before[i::2], view[i::2], after[i::2], margin) for i in (0, 1)
    )
    return camera._replace(left=camera.left + right, top=camera.top + down)


def _shift_to_border(seen: _Span, before: _Span, view: _Span, after: _Span, margin: float) -> float:
    """How far a view moves along one axis to show the one border that was seen; 0 if it is far."""
    sees_low, sees_high = seen[0] <= before[0], seen[1] >= before[1]
    shift = 0.0
    if sees_low and not sees_high:
        shift = min(after[0] - margin - view[0], 0.0)
    elif sees_high and not sees_low:
        shift = max(after[1] + margin - view[1], 0.0)
    # What was in the middle has to stay in sight.
    return shift if abs(shift) < (view[1] - view[0]) / 2 else 0.0


def _shift_in_view(
    before: Scene, after: Scene, same: Indices, view: Box
) -> tuple[float, float] | None:
    """How far most of what is in view and stays has moved; None where there is nothing."""
    kept = np.flatnonzero(same >= 0)
    kept = kept[np.isin(same[kept], before.cards_in(view))]
    if not len(kept):
        return None
    old, new = before.rects[same[kept]], after.rects[kept]
    x, y = np.median(new[:, :2] + new[:, 2:] / 2 - old[:, :2] - old[:, 2:] / 2, axis=0).tolist()
    return x, y


def _in_the_middle(
    before: Scene, same: Indices, camera: Camera, size: tuple[int, int]
) -> tuple[int, int] | None:
    kept = np.flatnonzero(same >= 0)
    if not len(kept):
        return None
    view = camera.view(*size)
    middle = np.array(((view.left + view.right) / 2, (view.top + view.bottom) / 2))
    rects = before.rects[same[kept]]
    away = np.abs(rects[:, :2] + rects[:, 2:] / 2 - middle).max(axis=1)
    best = int(np.argmin(away))
    if away[best] > max(view.width, view.height) or not math.isfinite(away[best]):
        return None
    return int(same[kept[best]]), int(kept[best])


class Motion(QObject):
    """Runs one transition at a time.

    Attributes:
        transition: what is on its way, None where nothing moves; a preview stays when it is over.

    Signals:
        moved: the next picture of it can be drawn.
    """

    moved = Signal()

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.transition: Transition | None = None
        self._ended: Transition | None = None
        self._previewed: Scene | None = None
        self._animation = QVariantAnimation(self)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.setDuration(DURATION_MS)
        self._animation.valueChanged.connect(self._on_value_changed)
        self._animation.finished.connect(self._on_finished)

    @property
    def share(self) -> float:
        """How much of the way is done, from 0 to 1."""
        value = self._animation.currentValue()
        return float(value) if value is not None else 0.0

    @property
    def is_preview(self) -> bool:
        """Whether a preview is shown."""
        return self._previewed is not None

    def seen(self, scene: Scene) -> tuple[Scene, Points]:
        """A scene as it is drawn now, and where its cards are."""
        eased = 1.0 - (1.0 - self.share) ** 3
        if self.transition is not None and self._previewed is scene:
            seen = between(self.transition.before, self.transition.after, eased)
            return seen, seen.rects
        if self.transition is not None and self.transition.after is scene:
            return scene, self.transition.rects_at(eased)
        return scene, scene.rects

    def start(self, transition: Transition) -> None:
        """Begin a transition; one that is on its way is left."""
        self.stop()
        self.transition = transition
        self._animation.start()

    def start_preview(self, scene: Scene, after: Scene, camera: Camera) -> None:
        """Move a scene's cards to where they are in a preview, and leave them there."""
        seen, rects = self.seen(scene)
        same = np.arange(len(scene.cards))
        self.start(transition_between(seen, after, same, rects, camera, camera))
        self._previewed = scene

    def stop(self) -> None:
        """Jump to the end."""
        self._animation.stop()
        self.transition = self._ended = self._previewed = None

    def take_ended(self) -> Transition | None:
        """The transition that has just come to its end, asked for the first time."""
        ended, self._ended = self._ended, None
        return ended

    def _on_value_changed(self) -> None:
        self.moved.emit()

    def _on_finished(self) -> None:
        if self._previewed is None:
            self.transition, self._ended = None, self.transition
        self.moved.emit()


def transition_between(
    before: Scene,
    after: Scene,
    same: Indices,
    before_rects: Points,
    old: Camera,
    new: Camera,
) -> Transition:
    """The way between two scenes that were, and are, looked at through two cameras."""
    scale = old.scale / new.scale
    shift = Camera(old.left - new.left / scale, old.top - new.top / scale, scale)
    moved = before_rects * scale
    moved[:, :2] -= np.array((shift.left, shift.top)) * scale
    return Transition(before, after, same, moved, shift)
