"""Show matplotlib's figures among the outputs of a run, as a notebook does.

Matplotlib is the person's: nothing here imports it. It draws with `figure_backend`, which calls
`show` and `note_line` here.
"""

from __future__ import annotations

import ast
import io
import math
import struct
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import WeakKeyDictionary

import msgspec

from gradviz.language.outputs import Outputs, line_in
from gradviz.recording.model import Image, OutputKind

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

_PIXELS: Final = 2
"""To each of the figure's own, so that it is sharp on screens of high density and enlarged."""
_MAX_PIXELS: Final = 2 << 20
"""What the window unpacks in less than 50 ms."""
_MAX_SIDE: Final = 1 << 13
_LARGEST_CROP: Final = 4
"""How much larger than the figure what hangs over its edges may make the image."""
_PADDING_INCHES: Final = 0.1
_LONGEST_TITLE: Final = 200
_STOPPING_SECONDS: Final = 2.0
"""How long figures are still drawn after Stop."""
_LIMITS: Final = frozenset({"axis", "xlim", "ylim", "set_xlim", "set_ylim"})
_PNG_SIZE: Final = struct.Struct(">16x2L")

_receiver: Figures | None = None


def show(figure: Figure) -> None:
    """Show a figure as it is now, beside the line that is being executed; outside a run nothing."""
    if _receiver is not None:
        _receiver.show(figure)


def note_line(figure: Figure) -> None:
    """Remember that the line that is being executed has made the figure."""
    if _receiver is not None:
        _receiver.note_line(figure)


class Figures:
    """The figures of a run; a context manager in which `show` leads to it.

    An unchanged figure is shown once. One that is shown again by the same line, as in a loop that
    draws it while it trains, is shown in place of what it was.
    """

    def __init__(
        self, outputs: Outputs, paused: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._outputs = outputs
        self._paused = paused
        self._made: WeakKeyDictionary[Figure, int | None] = WeakKeyDictionary()
        self._latest: WeakKeyDictionary[Figure, tuple[int | None, Image]] = WeakKeyDictionary()
        self._count = 0
        self._unfinished: Figure | None = None

    def __enter__(self) -> Self:
        global _receiver
        _receiver = self
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        global _receiver
        _receiver = None

    def note_line(self, figure: Figure) -> None:
        """Remember which line has made a figure, for when it is shown at the end."""
        self._made[figure] = line_in(self._outputs.filename)

    def displays(self, value: object, *, is_wanted: bool) -> bool:
        """Whether a bare expression of this value shows a figure.

        One that pyplot has open is shown in the end anyway: only where `is_wanted` here already.
        """
        if not isinstance(value, _kind("matplotlib.figure", "Figure")) or _is_empty(value):
            return False
        manager = value.canvas.manager
        return manager is None or (is_wanted and isinstance(manager, _own_managers()))

    def show(self, figure: Figure, line: int | None = None) -> None:
        """Show a figure beside a line, that which is being executed where none is given."""
        if not self._outputs.takes_images:
            return
        if line is None:
            line = line_in(self._outputs.filename) or self._outputs.line
        text = _described(figure)
        if _is_empty(figure):
            self._outputs.add(OutputKind.DISPLAY, text, line)
            return
        self._unfinished = figure
        with self._paused():
            image = _drawn(figure)
        self._unfinished = None
        before = self._latest.get(figure)
        if before is not None and before[1].png == image.png:
            return
        if before is not None and before[0] == line:
            number = before[1].number
        else:
            self._count = number = self._count + 1
        image = msgspec.structs.replace(image, number=number)
        self._latest[figure] = line, image
        self._outputs.add_image(text, image, line)

    def show_open(self, *, is_stopping: bool = False) -> None:
        """Show the figures of pyplot that nobody has closed, each beside the line that made it.

        After Stop for a moment only. One whose drawing has just failed, or was stopped, is not
        drawn again.
        """
        pyplot: Any = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        deadline = time.monotonic() + _STOPPING_SECONDS
        for figure in map(pyplot.figure, pyplot.get_fignums()):
            if is_stopping and time.monotonic() > deadline:
                return
            is_own = isinstance(figure.canvas.manager, _own_managers())
            if not is_own or figure is self._unfinished or _is_empty(figure):
                continue
            line = self._made.get(figure)
            try:
                self.show(figure, line)
            except Exception as error:  # the person's own, as in a label that is no valid formula
                reason = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(".: ")
                sentence = f"This figure could not be drawn: {reason}."
                self._outputs.add(OutputKind.WARNING, sentence, line)


def tells_little(call: ast.expr, value: object) -> bool:
    """Whether a call has drawn or set something, and its value only repeats what.

    That is what matplotlib has drawn, such as lines, axes and a legend, and new limits of axes.
    """
    if not isinstance(call, ast.Call) or _kind("matplotlib.artist", "Artist") == ():
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return is_drawn(value) or (name in _LIMITS and bool(call.args or call.keywords))


def is_drawn(value: object, depth: int = 2) -> bool:
    """Whether a value is what matplotlib has drawn, or holds it."""
    if depth and isinstance(value, dict):
        value = list(value.values())
    if depth and isinstance(value, list | tuple):
        return any(is_drawn(one, depth - 1) for one in value)
    return isinstance(value, _kind("matplotlib.artist", "Artist"))


def _kind(module: str, name: str) -> Any:
    """A class of a module, for `isinstance`; none where the person has not imported it."""
    return getattr(sys.modules.get(module), name, ())


def _own_managers() -> Any:
    return _kind(f"{__package__}.figure_backend", "FigureManager")


def _is_empty(figure: Figure) -> bool:
    return not figure.get_children()[1:]  # the first one is its background


def _described(figure: Figure) -> str:
    """What stands for a figure in text: as in a notebook, with the titles in it."""
    suptitle = getattr(figure, "get_suptitle", str)()  # there from matplotlib 3.8 on
    titles = [suptitle, *(axes.get_title() for axes in figure.axes)]
    said = ", ".join(filter(None, (" ".join(title.split()) for title in titles)))
    start = repr(figure).removesuffix(">")
    return f"{start}: {said[:_LONGEST_TITLE]}>" if said else f"{start}>"


def _drawn(figure: Figure) -> Image:
    """Draw a figure with all that hangs over its edges, as large as there is room for."""
    dpi = figure.dpi
    try:
        figure.dpi = min(_PIXELS * dpi, _largest_dpi(*figure.get_size_inches()))
        figure.draw_without_rendering()
        crop = _crop(figure)
        extent = figure.get_size_inches() if crop is None else (crop.width, crop.height)
        drawn_dpi = min(figure.dpi, _largest_dpi(*extent))
        stream = io.BytesIO()
        figure.canvas.print_figure(
            stream,
            format="png",
            dpi=drawn_dpi,
            bbox_inches=crop,
            pil_kwargs={"compress_level": 1},  # takes half the time, and half as much space again
        )
    finally:
        figure.dpi = dpi
    png = stream.getvalue()
    width, height = (max(1, round(side * dpi / drawn_dpi)) for side in _PNG_SIZE.unpack_from(png))
    return Image(0, width, height, png)


def _largest_dpi(width: float, height: float) -> float:
    return min(_MAX_SIDE / max(width, height), math.sqrt(_MAX_PIXELS / (width * height)))


def _crop(figure: Figure) -> Bbox | None:
    """The part of the plane that is drawn, in inches; None for what belongs to the figure."""
    wanted = figure.get_tightbbox()
    width, height = figure.get_size_inches() * _LARGEST_CROP
    if not (0 < wanted.width <= width and 0 < wanted.height <= height):
        return None
    return wanted.padded(_PADDING_INCHES)
