"""The first picture after a scope was folded or opened: what is behind it moves along at once.

Every place across stays as it is. The next layout takes over from there when it is done.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Final

import numpy as np

from gradviz.gui.canvas.cards import CardKind
from gradviz.gui.canvas.frames import Frame
from gradviz.gui.canvas.geometry import Box, Points
from gradviz.gui.canvas.scene import Scene
from gradviz.layout.model import Direction
from gradviz.recording.model import Item
from gradviz.recording.view_options import Folds

FOLDED: Final = 64.0
"""Pixels along the edges that a folded scope's card is about as long as."""
OPENED: Final = 80.0
"""Pixels of room that are made for what is opened: little, since it goes on in the same way when
it is known how much is wanted, and would have to come back from too far."""
MAX_CHANGES: Final = 40


def toggled(scene: Scene, before: Folds, after: Folds) -> tuple[list[Item], list[Item]]:
    """The folded scopes of a scene that are to be open, and the open ones to be folded."""
    if scene.folding is None or before.start is not after.start:
        return [], []
    by_key = scene.folding.tree.by_key

    def named(keys: Iterable[str]) -> set[int]:
        return {number for key in keys for number in by_key.get(key, ())}

    opened = named((after.opened - before.opened) | (before.folded - after.folded))
    folded = named((after.folded - before.folded) | (before.opened - after.opened))
    scopes = [scene.items[card] for card in np.flatnonzero(scene.kinds == CardKind.SCOPE).tolist()]
    cards = [item for item in scopes if item.id in opened - folded]
    frames = [frame.item for frame in scene.frames if frame.item.id in folded - opened]
    return cards, frames


def preview(scene: Scene, opened: list[Item], folded: list[Item]) -> Scene | None:
    """The scene with room behind what is to be opened, and without that of what is to be folded.

    None where nothing changes that can be foreseen. Only what is painted on the way is right in
    it: nothing is measured again.
    """
    if scene.bends is None or not 0 < len(opened) + len(folded) <= MAX_CHANGES:
        return None
    along = 1 if scene.bends is Direction.DOWN else 0
    result = scene
    # From the end on, so that what is changed next is still where it was.
    changes = [(scene.box_of(scene.index[item]), item, True) for item in opened]
    boxes = {frame.item: frame.box for frame in scene.frames}
    changes += [(boxes[item], item, False) for item in folded]
    outer: list[Box] = []
    for box, item, is_open in sorted(changes, key=lambda change: -change[0][along]):
        if any(other.holds(box) for other in outer):
            continue
        if is_open:
            result = _with_opened(result, item, along)
        else:
            outer.append(box)
            result = _with_folded(result, item, along)
    return result


def between(before: Scene, after: Scene, share: float) -> Scene:
    """The scene on the way from one to its preview."""
    return _changed(
        before,
        before.rects + (after.rects - before.rects) * share,
        before.points + (after.points - before.points) * share,
        before.edge_boxes + (after.edge_boxes - before.edge_boxes) * share,
        [
            _between(one, other, share)
            for one, other in zip(before.frames, after.frames, strict=True)
        ],
    )


def _between(one: Frame, other: Frame, share: float) -> Frame:
    ends = zip(one.box, other.box, strict=True)
    return one._replace(box=Box(*(a + (b - a) * share for a, b in ends)))


def _with_opened(scene: Scene, item: Item, along: int) -> Scene:
    end = scene.box_of(scene.index[item])[along + 2]
    return _shifted(scene, end + 1.0, OPENED, along)


def _with_folded(scene: Scene, item: Item, along: int) -> Scene:
    frame = next(frame for frame in scene.frames if frame.item == item)
    start, end = frame.box[along], frame.box[along + 2]
    low, high = scene.rects[:, along], scene.rects[:, along] + scene.rects[:, along + 2]
    across = scene.rects[:, 1 - along] + scene.rects[:, 3 - along] / 2
    within = (across >= frame.box[1 - along]) & (across <= frame.box[3 - along])
    inside = within & (low >= start) & (high <= end)
    # What stands beside it stays, and what is behind does not come nearer than that.
    beside = ~inside & (low < end) & (high > start)
    least = max(start + FOLDED, float(high[beside].max(initial=start)))
    if least >= end:
        return scene
    rects = scene.rects.copy()
    place = np.array(frame.box[:2])
    place[along] += FOLDED / 2
    place[1 - along] = (frame.box[1 - along] + frame.box[3 - along]) / 2
    rects[inside, :2] = place - rects[inside, 2:] * 0.05
    rects[inside, 2:] *= 0.1
    points = scene.points.copy()
    is_near = (points[:, along] >= start) & (points[:, along] <= end)
    at_side = points[:, 1 - along]
    is_near &= (at_side >= frame.box[1 - along]) & (at_side <= frame.box[3 - along])
    points[is_near, along] = np.minimum(points[is_near, along], least)
    closed = _changed(scene, rects, points, scene.edge_boxes, scene.frames)
    return _shifted(closed, end - 1.0, least - end, along)


def _shifted(scene: Scene, behind: float, by: float, along: int) -> Scene:
    """Everything whose middle is behind a place, moved by so many pixels."""
    rects, points = scene.rects.copy(), scene.points.copy()
    middle = rects[:, along] + rects[:, along + 2] / 2
    rects[:, along] += by * (middle > behind)
    points[:, along] += by * (points[:, along] > behind)
    edge_boxes = scene.edge_boxes.copy()
    edge_boxes[:, along::2] += by * (edge_boxes[:, along::2] > behind)
    frames = [
        frame._replace(box=Box(*_moved(tuple(frame.box), behind, by, along)))
        for frame in scene.frames
    ]
    return _changed(scene, rects, points, edge_boxes, frames)


def _moved(
    box: tuple[float, ...], behind: float, by: float, along: int
) -> tuple[float, float, float, float]:
    moved = list(box)
    for end in (along, along + 2):
        if moved[end] > behind:
            moved[end] += by
    return moved[0], moved[1], moved[2], moved[3]


def _changed(
    scene: Scene, rects: Points, points: Points, edge_boxes: Points, frames: Iterable[Frame]
) -> Scene:
    """A scene of the same cards and edges elsewhere, of which nothing was measured."""
    result = copy.copy(scene)
    result.rects, result.points, result.frames = rects, points, tuple(frames)
    result.edge_boxes = edge_boxes
    result.card_boxes = np.hstack((rects[:, :2], rects[:, :2] + rects[:, 2:]))
    result.__dict__.pop("segments", None)
    return result
