"""Positions and routes of a graph: layered layouts on networkx graphs, with numpy and scipy."""

from __future__ import annotations

from gradviz.layout.layered import layered_layout
from gradviz.layout.model import Direction, Layout, LayoutCancelled
from gradviz.layout.movement import Movement, movement
from gradviz.layout.networkx_layouts import (
    MAX_NODES,
    GraphTooLarge,
    NetworkxKind,
    networkx_layout,
)
from gradviz.layout.options import LayoutOptions
from gradviz.layout.paired import paired_layout
from gradviz.layout.routes import Routes
from gradviz.layout.shift import shift_points, shifted

__all__ = [
    "MAX_NODES",
    "Direction",
    "GraphTooLarge",
    "Layout",
    "LayoutCancelled",
    "LayoutOptions",
    "Movement",
    "NetworkxKind",
    "Routes",
    "layered_layout",
    "movement",
    "networkx_layout",
    "paired_layout",
    "shift_points",
    "shifted",
]
