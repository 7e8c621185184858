"""The bar under the graph: all passes and their steps, and the moves through them."""

from gradviz.gui.timeline.bar import SPEEDS, Timeline

__all__ = ["SPEEDS", "Timeline"]
