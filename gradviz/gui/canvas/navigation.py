"""Which card the arrow keys lead to."""

from __future__ import annotations

from enum import Enum
from typing import Final

import numpy as np

from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.scene import Scene
from gradviz.layout.model import Direction

SIDEWAYS_BIAS: Final = 3.0
"""How much further a card seems for each pixel that it is aside, when one looks along a row."""


class Way(Enum):
    """The way of an arrow key."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"


def first_card(scene: Scene, frame: Box | None) -> int:
    """Where the arrow keys begin: at the first card, where a frame is selected at its first one."""
    if frame is None:
        return 0
    inside = [card for card in scene.cards_in(frame).tolist() if frame.holds(scene.box_of(card))]
    return min(inside, default=0)


def card_beyond(scene: Scene, card: int, way: Way) -> int | None:
    """The card one arrow key away: along an edge as the graph reads, else the neighbour beside it.

    Edges are followed up and down, in a graph that reads to the right to the left and right.
    """
    is_sideways = scene.bends is Direction.RIGHT
    back, on = (Way.LEFT, Way.RIGHT) if is_sideways else (Way.UP, Way.DOWN)
    if way is back:
        following = [scene.edges[edge].source for edge in scene.edges_into(card)]
    elif way is on:
        following = [scene.edges[edge].target for edge in scene.edges_out_of(card)]
    else:
        return _beside(scene, card, way)
    x, y = scene.centre_of(card)

    def distance(other: int) -> float:
        other_x, other_y = scene.centre_of(other)
        return abs(other_x - x) + abs(other_y - y)

    return min(following, key=distance, default=None)


def _beside(scene: Scene, card: int, way: Way) -> int | None:
    centres = (scene.card_boxes[:, :2] + scene.card_boxes[:, 2:]) / 2
    away = centres - centres[card]
    axis = 0 if way in (Way.LEFT, Way.RIGHT) else 1
    ahead = away[:, axis] if way in (Way.RIGHT, Way.DOWN) else -away[:, axis]
    aside = np.abs(away[:, 1 - axis])
    distance = ahead + SIDEWAYS_BIAS * aside
    distance[ahead <= aside] = np.inf
    distance[card] = np.inf
    best = int(np.argmin(distance))
    return best if np.isfinite(distance[best]) else None
