"""Which card the arrow keys lead to."""

from __future__ import annotations

from enum import Enum
from typing import Final

import numpy as np

from gradviz.gui.canvas.scene import Scene

SIDEWAYS_BIAS: Final = 3.0
"""How much further a card seems that is above or below, when one looks left or right."""


class Way(Enum):
    """The way of an arrow key."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"


def card_beyond(scene: Scene, card: int, way: Way) -> int | None:
    """The card one arrow key away: along an edge up or down, else the neighbour beside it."""
    match way:
        case Way.UP:
            following = [scene.edges[edge].source for edge in scene.edges_into(card)]
        case Way.DOWN:
            following = [scene.edges[edge].target for edge in scene.edges_out_of(card)]
        case Way.LEFT | Way.RIGHT:
            return _beside(scene, card, way)
    x, y = scene.centre_of(card)

    def distance(other: int) -> float:
        other_x, other_y = scene.centre_of(other)
        return abs(other_x - x) + abs(other_y - y)

    return min(following, key=distance, default=None)


def _beside(scene: Scene, card: int, way: Way) -> int | None:
    centres = (scene.card_boxes[:, :2] + scene.card_boxes[:, 2:]) / 2
    away = centres - centres[card]
    ahead = away[:, 0] if way is Way.RIGHT else -away[:, 0]
    distance = ahead + SIDEWAYS_BIAS * np.abs(away[:, 1])
    distance[ahead <= np.abs(away[:, 1])] = np.inf
    distance[card] = np.inf
    best = int(np.argmin(distance))
    return best if np.isfinite(distance[best]) else None
