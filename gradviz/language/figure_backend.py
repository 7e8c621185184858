"""The backend that matplotlib loads to show its figures among the outputs of a run.

It is chosen by the environment variable MPLBACKEND of the window's workers.
"""

from __future__ import annotations

from typing import Any

from matplotlib import is_interactive, pyplot
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from gradviz.language.figures import note_line, show


class FigureManager(FigureManagerBase):
    """Shows its figure as an image; there is no window."""

    def __init__(self, canvas: Any, num: int | str) -> None:
        super().__init__(canvas, num)
        note_line(canvas.figure)

    def show(self) -> None:
        """Show the figure as it is now; it stays open."""
        show(self.canvas.figure)

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """Show all open figures and, unless the person is to draw on into them, close them.

        A window would be open until the person closes it; here the run goes on.
        """
        numbers = pyplot.get_fignums()
        current = pyplot.gcf() if numbers else None
        for number in numbers:
            show(pyplot.figure(number))
        if current is not None:
            pyplot.figure(current)  # the person's next call draws where it would have
        if block or (block is None and not is_interactive()):
            pyplot.close("all")


class FigureCanvas(FigureCanvasAgg):
    """Draws as files are drawn."""

    manager_class = FigureManager
