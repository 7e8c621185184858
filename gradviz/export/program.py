"""Show a recording in the window or draw its picture, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from gradviz.documents.files import RECORDING_SUFFIX
from gradviz.documents.recording_file import write_recording
from gradviz.errors import GradvizError
from gradviz.export.process import (
    TEMPORARY_OPTION,
    own_environment,
    program_command,
    start_window,
)
from gradviz.recording.model import Recording

PICTURE_SECONDS: Final = 60.0
MAX_PICTURE_RECORDS: Final = 4_000
"""Ops and autograd nodes; a picture of more is neither quick nor readable."""

_MAX_NAME: Final = 64


def open_window(recording: Recording, name: str) -> None:
    """Show a recording in the window, and return at once.

    Raises GradvizError where there is nowhere to show it.
    """
    if sys.platform.startswith("linux") and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise GradvizError(
            "There is no screen to show the recording on; save it, and open it where there is one."
        )
    # The window removes both when it has read the file.
    path = Path(tempfile.mkdtemp(prefix="gradviz-")) / f"{_harmless(name)}{RECORDING_SUFFIX}"
    write_recording(path, recording)
    start_window(TEMPORARY_OPTION, str(path), outlives_terminal=True)


def _harmless(name: str) -> str:
    """A safe file name made of one that may come from an untrusted file."""
    return re.sub(r"[^\w-]+", "_", name).strip("_")[:_MAX_NAME] or "recording"


def svg_text(recording: Recording) -> str:
    """The picture of a recording as SVG; raises GradvizError where it cannot be drawn."""
    count = len(recording.ops) + len(recording.autograd_nodes)
    if count > MAX_PICTURE_RECORDS:
        raise GradvizError(f"{count:,} ops and autograd nodes are too many for a picture.")
    with tempfile.TemporaryDirectory(prefix="gradviz-") as folder:
        source, picture = (
            Path(folder) / f"recording{RECORDING_SUFFIX}",
            Path(folder) / "picture.svg",
        )
        write_recording(source, recording)
        environment = own_environment()
        if sys.platform != "win32":  # there Qt would find no font
            environment["QT_QPA_PLATFORM"] = "offscreen"
        try:
            done = subprocess.run(
                [*program_command(), "run", str(source), "--export", str(picture)],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PICTURE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise GradvizError("Drawing the picture took too long.") from error
        if not picture.is_file():
            reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise GradvizError(f"The picture could not be drawn: {reason}")
        return picture.read_text("utf-8")
