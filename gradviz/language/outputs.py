"""Collect what a run shows: displays, prints, timings and warnings, up to a bound."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from gradviz.recording.model import Image, Output, OutputKind

MAX_CHARACTERS: Final = 2**20
MAX_LINES: Final = 20_000
MAX_IMAGES: Final = 50
MAX_IMAGE_NBYTES: Final = 16 << 20
_NO_LEAF: Final = "The .grad attribute of a Tensor that is not a leaf Tensor is"
_NO_LEAF_SAID: Final = (
    "This tensor is not a leaf: backward leaves its .grad None, unless .retain_grad() was called "
    "on it before."
)
"""What torch says in four sentences."""
_NO_DISPLAY: Final = "is non-interactive, and thus cannot be shown"
_NO_DISPLAY_SAID: Final = (
    "This figure is not shown, because the code has chosen a backend of matplotlib that only "
    "writes files: without matplotlib.use() the figure appears here."
)
_CUT: Final = "The output was cut here: a run shows at most 20,000 lines and 1 MiB."
_NO_MORE_IMAGES: Final = (
    "No more figures are shown from here on: a run shows at most 50, and 16 MiB of them."
)


class Outputs:
    """Passes each output on at once and keeps it.

    What is printed, and warnings, are from the line of the document, whose code is called
    `filename`, that was being executed: within a loop or a function that is a line of its own.

    Attributes:
        filename: what the document's code is called.
        line: line of the statement that is being executed.
        shown: everything that was shown; of images with the same number the last one.
        takes_images: whether there is room for more.
    """

    def __init__(self, on_output: Callable[[Output], None], filename: str) -> None:
        self.filename = filename
        self.line: int | None = None
        self.shown: list[Output] = []
        self._on_output = on_output
        self._characters = 0
        self._lines = 0
        self._is_cut = False
        self.takes_images = True
        self._images: dict[int, Output] = {}

    def add(self, kind: OutputKind, text: str, line: int | None = None) -> None:
        """Add an output, from the statement where no line is given, unless there are too many."""
        if self._is_cut:
            return
        line = self.line if line is None else line
        lines = text.count("\n") + 1
        if self._lines + lines > MAX_LINES or self._characters + len(text) > MAX_CHARACTERS:
            self._is_cut = True
            text = text[: MAX_CHARACTERS - self._characters]
            text = "\n".join(text.split("\n")[: MAX_LINES - self._lines])
            if text:
                self._emit(Output(line, kind, text))
            self._emit(Output(line, OutputKind.WARNING, _CUT))
            return
        self._characters += len(text)
        self._lines += lines
        self._emit(Output(line, kind, text))

    def add_image(self, text: str, image: Image, line: int | None) -> None:
        """Add an image and forget that with its number, unless there are too many.

        `text` stands for it where no images can be shown.
        """
        if not self.takes_images:
            return
        line = self.line if line is None else line
        before = self._images.pop(image.number, None)
        if before is not None:
            self.shown.remove(before)
        self._images[image.number] = output = Output(line, OutputKind.DISPLAY, text, image)
        nbytes = sum(len(one.image.png) for one in self._images.values() if one.image is not None)
        if nbytes > MAX_IMAGE_NBYTES or len(self._images) > MAX_IMAGES:
            self.takes_images = False
            output = Output(line, OutputKind.WARNING, _NO_MORE_IMAGES)
        self._emit(output)

    def _emit(self, output: Output) -> None:
        self.shown.append(output)
        self._on_output(output)

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """Within this block standard output, standard error and warnings are outputs."""
        out, error = _LineWriter(self), _LineWriter(self)
        streams = sys.stdin, sys.stdout, sys.stderr
        sys.stdin, sys.stdout, sys.stderr = io.StringIO(), out, error
        try:
            with warnings.catch_warnings():
                _warn_as_python_does()
                warnings.showwarning = self._show_warning
                yield
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams
            out.flush()
            error.flush()

    def _show_warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: Any = None,
        line: str | None = None,
    ) -> None:
        text = str(message).split(" (Triggered internally at ")[0]
        place = lineno if filename == self.filename else None
        if text.endswith(_NO_DISPLAY) and os.environ.get("MPLBACKEND", "").startswith("module://"):
            self.add(OutputKind.WARNING, _NO_DISPLAY_SAID, place)
        elif text.startswith(_NO_LEAF):
            self.add(OutputKind.WARNING, _NO_LEAF_SAID, place)
        else:
            self.add(OutputKind.WARNING, f"{category.__name__}: {text}", place)


def _warn_as_python_does() -> None:
    """What libraries tell each other about deprecations is nothing that a reader could mend."""
    warnings.simplefilter("default")
    for category in (
        DeprecationWarning,
        PendingDeprecationWarning,
        ImportWarning,
        ResourceWarning,
    ):
        warnings.simplefilter("ignore", category)
    warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")


class _LineWriter(io.TextIOBase):
    """A text stream whose lines become outputs when they are complete."""

    encoding = "utf-8"

    def __init__(self, outputs: Outputs) -> None:
        super().__init__()
        self._outputs = outputs
        self._pending: list[str] = []
        self._line: int | None = None

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        complete, newline, rest = text.rpartition("\n")
        self._line = line_in(self._outputs.filename)
        if newline:
            whole = "".join([*self._pending, complete])
            self._pending.clear()  # first: Stop may come while it is handed on
            self._outputs.add(OutputKind.PRINT, whole, self._line)
        if rest:
            self._pending.append(rest)
        return len(text)

    def flush(self) -> None:
        if self._pending:
            text = "".join(self._pending)
            self._pending.clear()
            self._outputs.add(OutputKind.PRINT, text, self._line)


def line_in(filename: str) -> int | None:
    """The innermost line of a file that is being executed."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != filename:
        frame = frame.f_back
    return None if frame is None else frame.f_lineno
