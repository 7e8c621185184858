"""The `gradviz` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, assert_never

import gradviz
from gradviz.documents.files import RECORDING_SUFFIX
from gradviz.errors import GradvizError
from gradviz.export.errors import error_text
from gradviz.export.process import TEMPORARY_OPTION, TILE_OPTION
from gradviz.recording.model import Output, OutputKind, Recording, RunError, RunStatus
from gradviz.terminal import UNTRUSTED, ExitStatus, read_document, say
from gradviz.worker.headless import Limits, run_headless
from gradviz.worker.messages import Run

DEFAULT_TIMEOUT_SECONDS: Final = 120.0
_PICTURES: Final = (".svg", ".png", ".pdf")
_SUFFIXES: Final = (*_PICTURES, ".dot", ".json")
_COMMANDS_HELP: Final = """\
commands:
  gradviz [FILE …]                open the window; several files in windows side by side
  gradviz run FILE [options]      run it without a window
  gradviz time FILE [options]     time it: whole, by op, by size, on each device
  gradviz diff A B [options]      say where two recordings part, and by how much
  gradviz devices [options]       what this machine has, and why not more

`gradviz COMMAND --help` lists the options of a command.

exit status: 0 ran; 1 the code raised, or the recordings differ; 2 usage or unreadable file;
3 refused, since the file is not trusted; 4 stopped at a limit
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status (`ExitStatus`)."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Whatever a run prints can be shown, in whatever encoding the terminal has.
            stream.reconfigure(errors="backslashreplace")
    try:
        return _dispatch(arguments)
    except GradvizError as error:
        say(f"gradviz: {error}")
        return ExitStatus.USAGE
    except BrokenPipeError:
        # Who read the output has seen enough; nothing may be flushed into the pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.OK
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED


def _dispatch(arguments: Sequence[str]) -> int:
    match arguments[:1]:
        case ["run"]:
            return _run(_run_parser().parse_args(arguments[1:]))
        case ["time"]:
            from gradviz.timing_command import time_command

            return time_command(arguments[1:])
        case ["diff"]:
            from gradviz.diff_command import diff_command

            return diff_command(arguments[1:])
        case ["devices"]:
            from gradviz.timing_command import devices_command

            return devices_command(arguments[1:])
        case _:
            return _open_window(_window_parser().parse_args(arguments))


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz",
        usage="gradviz [FILE …] | run FILE | time FILE | diff A B | devices | --version | --help",
        description="Draw the graph of PyTorch code and step through its backward pass.",
        epilog=_COMMANDS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE",
        help="an expression file, a notebook or a recording")  # fmt: skip
    # For `recording.show()`: the file is the window's own, and goes once it was read.
    parser.add_argument(TEMPORARY_OPTION, action="store_true", help=argparse.SUPPRESS)
    # For one of several windows that were started together: its part of the screen.
    parser.add_argument(TILE_OPTION, metavar="I/N", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=f"gradviz {gradviz.__version__}")
    return parser


def _run_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz run",
        description="Run a file without a window and print what it displays, as a notebook would.",
    )
    add = parser.add_argument
    add("file", type=Path, metavar="FILE",
        help="an expression file, a notebook, or a recording: that is not run again")  # fmt: skip
    add("--json", metavar="PATH", help="write the report; - for standard output, then alone there")
    add("--export", metavar="PATH", action="append", default=[], type=_export_path,
        help=f"write the graph, by suffix: {' '.join(_SUFFIXES)} (repeatable)")  # fmt: skip
    add("--save", metavar="PATH", type=Path, help="write the recording (.gradviz)")
    add("--device", metavar="NAME", help="default device of the run: cpu, cuda:0, …")
    add("--timeout", metavar="S", type=_positive, default=DEFAULT_TIMEOUT_SECONDS,
        help="stop the run after S seconds (default: %(default)g)")  # fmt: skip
    add("--memory", metavar="MIB", type=int, help="stop the run where it needs more memory")
    add("--trust", action="store_true", help="run it as full Python with your own rights")
    return parser


def _export_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in _SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text}: the suffix must be one of {' '.join(_SUFFIXES)}")
    return path


def _positive(text: str) -> float:
    seconds = float(text)
    if not seconds > 0:
        raise argparse.ArgumentTypeError("it must be above 0")
    return seconds


def _open_window(options: argparse.Namespace) -> int:
    for path in options.files:
        if not path.is_file():
            raise GradvizError(f"{path} cannot be opened: there is no such file.")
    from gradviz.gui.app import run_app
    from gradviz.gui.side_by_side import Tile

    tile = None if options.tile is None else Tile.parse(options.tile)
    return run_app(options.files, tile=tile, is_temporary=options.temporary)


def _run(options: argparse.Namespace) -> int:
    for path in (
        *options.export,
        *([Path(options.json)] if options.json not in (None, "-") else []),
        *([options.save] if options.save is not None else []),
    ):
        if not path.absolute().parent.is_dir():
            raise GradvizError(f"{path} cannot be written: its folder does not exist.")
    if options.file.suffix.lower() == RECORDING_SUFFIX:
        return _replay(options)
    document = read_document(options.file)
    if options.trust:
        recording, is_interrupted = run_headless(
            Run(
                text=document.text,
                filename=str(options.file),
                device=options.device or document.metadata.device or "cpu",
                seed=document.metadata.seed,
                placement=document.metadata.placement,
            ),
            Limits(options.timeout, options.memory),
            on_output=lambda output: _show_output(output, options),
        )
    else:
        error = RunError("NotTrusted", UNTRUSTED.format(options.file))
        recording = Recording(text=document.text, status=RunStatus.REFUSED, error=error)
        is_interrupted = False
    if recording.status is RunStatus.REFUSED and recording.error is not None:
        say(f"gradviz: {recording.error.message}")
    elif recording.error is not None:
        say(error_text(recording.error, document.text, str(options.file)).rstrip("\n"))
    _write_results(recording, options)
    return ExitStatus.INTERRUPTED if is_interrupted else _status_of(recording)


def _replay(options: argparse.Namespace) -> int:
    """Print and export what a recorded run did, without running anything."""
    from gradviz.documents.recording_file import read_recording

    recording = read_recording(options.file)
    for output in recording.outputs:
        _show_output(output, options)
    if recording.error is not None:
        filename = recording.filename or str(options.file)
        say(error_text(recording.error, recording.text, filename).rstrip("\n"))
    _write_results(recording, options)
    return _status_of(recording)


def _status_of(recording: Recording) -> ExitStatus:
    match recording.status:
        case RunStatus.OK:
            return ExitStatus.OK
        case RunStatus.ERROR:
            return ExitStatus.RAISED
        case RunStatus.REFUSED:
            return ExitStatus.REFUSED
        case RunStatus.LIMITED:
            return ExitStatus.LIMITED
        case _:
            assert_never(recording.status)


def _show_output(output: Output, options: argparse.Namespace) -> None:
    if output.kind is OutputKind.WARNING:
        place = options.file if output.line is None else f"{options.file}:{output.line}"
        say(f"{place}: {output.text.rstrip()}")
    elif options.json != "-":
        print(output.text, flush=True)


def _write_results(recording: Recording, options: argparse.Namespace) -> None:
    from gradviz.documents.files import replace_file
    from gradviz.export.report import report_text

    if options.json == "-":
        print(report_text(recording), end="")
    elif options.json is not None:
        replace_file(Path(options.json), report_text(recording).encode())
    if recording.status is RunStatus.REFUSED:
        return
    if options.save is not None:
        from gradviz.documents.recording_file import write_recording

        write_recording(options.save, recording)
    for path in options.export:
        _exporter(path)(recording, path)


def _exporter(path: Path) -> Callable[[Recording, Path], None]:
    from gradviz.documents.files import replace_file

    match path.suffix.lower():
        case ".json":
            from gradviz.export.report import report_text

            return lambda recording, path: replace_file(path, report_text(recording).encode())
        case ".dot":
            from gradviz.export.dot import dot_text

            return lambda recording, path: replace_file(path, dot_text(recording).encode())
        case _:
            from gradviz.gui.canvas.picture import save_picture

            return save_picture
