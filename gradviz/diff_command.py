"""`gradviz diff`: what differs between two recordings, without torch."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from gradviz.documents.files import RECORDING_SUFFIX
from gradviz.documents.recording_file import read_recording
from gradviz.errors import GradvizError
from gradviz.export.differences import differences_to_json
from gradviz.recording.difference_text import differences_text
from gradviz.recording.queries import RecordingView
from gradviz.terminal import ExitStatus


def diff_command(arguments: Sequence[str]) -> ExitStatus:
    """Print what differs between two recordings."""
    options = _parser().parse_args(arguments)
    before, after = (_read(path) for path in (options.before, options.after))
    found = after.differences(before, rtol=options.rtol, atol=options.atol)
    if options.json:
        print(differences_to_json(found))
    else:
        print(differences_text(found, str(options.after), str(options.before)))
    return ExitStatus.OK if found.are_none else ExitStatus.DIFFERENT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz diff",
        description="Say where two recordings part and by how much: values, then gradients. Calls "
        "are the same by what was written; lines may have moved.",
        epilog="exit status: 0 both did the same, with equal numbers; 1 they differ; 2 usage or "
        "unreadable file",
    )
    add = parser.add_argument
    add("before", type=Path, metavar="A", help="a recording (.gradviz), the one to go by")
    add("after", type=Path, metavar="B", help="the recording that is compared with it")
    add("--rtol", metavar="X", type=_tolerance, default=0.0,
        help="let a number of B be apart by X times the one of A (default: 0)")  # fmt: skip
    add("--atol", metavar="X", type=_tolerance, default=0.0,
        help="let it be apart by X besides (default: 0)")  # fmt: skip
    add("--json", action="store_true", help="write all differences as JSON")
    return parser


def _tolerance(text: str) -> float:
    number = float(text)
    if not number >= 0:
        raise argparse.ArgumentTypeError("it must be 0 or more")
    return number


def _read(path: Path) -> RecordingView:
    if path.suffix.lower() == ".py":
        saved = path.with_suffix(RECORDING_SUFFIX)
        raise GradvizError(
            f"{path} is not a recording; `gradviz run {path} --trust --save {saved}` makes one."
        )
    return RecordingView(read_recording(path))
