"""What stands in a picture of the canvas besides its scene."""

from __future__ import annotations

from typing import NamedTuple

from gradviz.gui.canvas.badges import Badge


class Extras(NamedTuple):
    """What the canvas draws on top: the cards that were put somewhere by hand, and notes."""

    pinned: tuple[int, ...] = ()
    badges: tuple[Badge, ...] = ()
