"""Positions and routes of a graph: layered layouts on networkx graphs, with numpy and scipy."""

from __future__ import annotations

from gradviz.layout.layered import layered_layout
from gradviz.layout.model import Direction, Layout, LayoutCancelled
from gradviz.layout.paired import paired_layout

__all__ = ["Direction", "Layout", "LayoutCancelled", "layered_layout", "paired_layout"]
