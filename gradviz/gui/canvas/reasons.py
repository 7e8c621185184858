"""Say why there is nothing to draw, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gradviz.recording.model import Recording, RunStatus
from gradviz.recording.view import ViewMode, ViewOptions


def why_empty(recording: Recording, options: ViewOptions) -> str:
    """A sentence for a view without a single item."""
    if recording.has_graph:
        return _why_hidden(recording, options)
    error = recording.error
    if recording.status is not RunStatus.OK and error is not None and error.line is not None:
        return QCoreApplication.translate(
            "Canvas",
            "The run stopped on line {line} ({error}) before torch made anything, so there is no "
            "graph to draw.",
        ).format(line=error.line, error=error.type)
    if recording.status is not RunStatus.OK:
        return QCoreApplication.translate(
            "Canvas", "The run stopped before torch made anything, so there is no graph to draw."
        )
    if not recording.text.strip():
        return QCoreApplication.translate(
            "Canvas", "No graph yet. Run the text with Ctrl+Enter, and its graph is drawn here."
        )
    return QCoreApplication.translate(
        "Canvas", "This run made nothing with torch, so there is no graph to draw."
    )


def _why_hidden(recording: Recording, options: ViewOptions) -> str:
    if options.pass_id is not None:
        return QCoreApplication.translate(
            "Canvas", "The chosen backward pass executed nothing that could be drawn."
        )
    if options.mode is ViewMode.BACKWARD and not recording.autograd_nodes:
        return QCoreApplication.translate(
            "Canvas",
            "There is no backward graph: nothing in this run requires a gradient. "
            "Make a tensor with requires_grad=True, or show the forward graph.",
        )
    if options.hide_outside:
        return QCoreApplication.translate(
            "Canvas", "No backward pass went through anything, and everything else is hidden."
        )
    if options.hide_constants:
        return QCoreApplication.translate(
            "Canvas", "Nothing in this run requires a gradient, and everything else is hidden."
        )
    return QCoreApplication.translate(
        "Canvas", "Nothing in this run has a name or a connection that could be drawn."
    )
