"""The `gradviz` command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final, assert_never

import gradviz
from gradviz.documents.expression_file import (
    ExpressionFile,
    decode_expression,
    read_expression_file,
)
from gradviz.documents.files import RECORDING_SUFFIX
from gradviz.documents.notebook import read_notebook
from gradviz.errors import GradvizError
from gradviz.export.errors import error_text
from gradviz.recording.model import Output, OutputKind, Recording, RunError, RunStatus
from gradviz.recording.timing import TimedPart
from gradviz.worker.conversation import Conversation, WorkerDiedError
from gradviz.worker.headless import Limits, death_error, run_headless
from gradviz.worker.messages import (
    Answer,
    DevicesListed,
    ListDevices,
    RequestFailed,
    Run,
    TimeParts,
    TimingFinished,
    TimingProgressed,
)

DEFAULT_TIMEOUT_SECONDS: Final = 120.0
TEMPORARY_OPTION: Final = "--temporary"
_PICTURES: Final = (".svg", ".png", ".pdf")
_SUFFIXES: Final = (*_PICTURES, ".dot", ".json")
_UNTRUSTED: Final = (
    "{} is not run: it would have full access to your account. "
    "Look at what it does, then give --trust."
)
_COMMANDS_HELP: Final = """\
commands:
  gradviz [FILE]                  open the window
  gradviz run FILE [options]      run it without a window
  gradviz time FILE [options]     time its forward, its backward and its transfers
  gradviz devices [options]       what this machine has, and why not more

`gradviz COMMAND --help` lists the options of a command.

exit status: 0 ran; 1 the code raised; 2 usage or unreadable file; 3 refused, since the file is not
trusted; 4 stopped at a limit
"""


class ExitStatus(IntEnum):
    """What the command's exit status says."""

    OK = 0
    RAISED = 1
    USAGE = 2
    REFUSED = 3
    LIMITED = 4
    INTERRUPTED = 130
    """As shells say it: 128 and the number of SIGINT."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is the README's."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Whatever a run prints can be shown, in whatever encoding the terminal has.
            stream.reconfigure(errors="backslashreplace")
    try:
        return _dispatch(arguments)
    except GradvizError as error:
        _say(f"gradviz: {error}")
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
            return _time(_time_parser().parse_args(arguments[1:]))
        case ["devices"]:
            return _devices(_devices_parser().parse_args(arguments[1:]))
        case _:
            return _open_window(_window_parser().parse_args(arguments))


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz",
        usage="gradviz [FILE] | run FILE | time FILE | devices | --version | --help",
        description="Draw the graph of PyTorch code and step through its backward pass.",
        epilog=_COMMANDS_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE",
        help="an expression file, a notebook or a recording")  # fmt: skip
    # For `recording.show()`: the file is the window's own, and goes once it was read.
    parser.add_argument(TEMPORARY_OPTION, action="store_true", help=argparse.SUPPRESS)
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


def _time_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz time", description="Time a file's forward, its backward and its transfers."
    )
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="an expression file or a notebook")
    add("--device", metavar="NAME", action="append", default=[],
        help="where (repeatable; default: every device of this machine)")  # fmt: skip
    add("--line", metavar="N", type=int, help="time the statement on line N as well")
    add("--trust", action="store_true", help="run it as full Python with your own rights")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write JSON instead of a table")
    form.add_argument("--csv", action="store_true", help="write CSV instead of a table")
    return parser


def _devices_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz devices", description="Say what this machine has, and why not more."
    )
    parser.add_argument("--json", action="store_true", help="write JSON instead of a table")
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
    if options.file is not None and not options.file.is_file():
        raise GradvizError(f"{options.file} cannot be opened: there is no such file.")
    from gradviz.gui.app import run_app

    return run_app(options.file, is_temporary=options.temporary)


def _read(path: Path) -> ExpressionFile:
    if path.suffix.lower() == RECORDING_SUFFIX:
        raise GradvizError(f"{path} is a recording, which holds no more to be timed.")
    if path.suffix.lower() == ".ipynb":
        return decode_expression(read_notebook(path).encode("utf-8", errors="replace"))
    document = read_expression_file(path)
    if document.problem:
        _say(f"{path}: {document.problem}")
    return document


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
    document = _read(options.file)
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
        error = RunError("NotTrusted", _UNTRUSTED.format(options.file))
        recording = Recording(text=document.text, status=RunStatus.REFUSED, error=error)
        is_interrupted = False
    if recording.status is RunStatus.REFUSED and recording.error is not None:
        _say(f"gradviz: {recording.error.message}")
    elif recording.error is not None:
        _say(error_text(recording.error, document.text, str(options.file)).rstrip("\n"))
    _write_results(recording, options)
    return ExitStatus.INTERRUPTED if is_interrupted else _status_of(recording)


def _replay(options: argparse.Namespace) -> int:
    """Say and write what a recorded run did, without running anything."""
    from gradviz.documents.recording_file import read_recording

    recording = read_recording(options.file)
    for output in recording.outputs:
        _show_output(output, options)
    if recording.error is not None:
        filename = recording.filename or str(options.file)
        _say(error_text(recording.error, recording.text, filename).rstrip("\n"))
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
        _say(f"{place}: {output.text.rstrip()}")
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
            if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
                os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
            from gradviz.gui.canvas.picture import save_picture

            return save_picture


def _devices(options: argparse.Namespace) -> int:
    from gradviz.export.timing import machine_to_json, machine_to_text

    with Conversation() as worker:
        worker.wait_until_ready()
        listed = _ask_for_devices(worker)
    print(machine_to_json(listed.machine) if options.json else machine_to_text(listed.machine))
    return ExitStatus.OK


def _ask_for_devices(worker: Conversation) -> DevicesListed:
    match worker.ask(ListDevices(), on_progress=lambda _answer: None).answer:
        case DevicesListed() as listed:
            return listed
        case RequestFailed() as failed:
            raise GradvizError(failed.sentence)
        case _:
            raise KeyboardInterrupt


def _time(options: argparse.Namespace) -> int:
    from gradviz.export.timing import timing_to_csv, timing_to_json, timing_to_text

    document = _read(options.file)
    if not options.trust:
        _say(f"gradviz: {_UNTRUSTED.format(options.file)}")
        return ExitStatus.REFUSED
    parts = [TimedPart.FORWARD, TimedPart.BACKWARD, TimedPart.TRANSFER]
    with Conversation() as worker:
        worker.wait_until_ready()
        devices = options.device or [
            device.name for device in _ask_for_devices(worker).machine.devices
        ]
        request = TimeParts(
            text=document.text,
            parts=tuple(parts if options.line is None else [TimedPart.STATEMENT, *parts]),
            devices=tuple(devices),
            line=options.line,
            seed=document.metadata.seed,
            placement=document.metadata.placement,
        )
        try:
            reply = worker.ask(request, on_progress=_show_progress)
        except WorkerDiedError as error:
            _say(error_text(death_error(error, None), document.text, str(options.file)))
            return ExitStatus.RAISED
    match reply.answer:
        case TimingFinished() as finished:
            pass
        case RequestFailed() as failed:
            raise GradvizError(failed.sentence)
        case _:
            return ExitStatus.INTERRUPTED
    write = timing_to_text
    if options.json or options.csv:
        write = timing_to_json if options.json else timing_to_csv
    print(write(finished.timing).rstrip("\n"))
    if finished.error is not None:
        _say(error_text(finished.error, document.text, str(options.file)).rstrip("\n"))
    if reply.interrupted:
        return ExitStatus.INTERRUPTED
    has_failed = finished.error is not None or not finished.timing.measurements
    return ExitStatus.RAISED if has_failed else ExitStatus.OK


def _show_progress(answer: Answer) -> None:
    if isinstance(answer, TimingProgressed) and answer.measuring:
        _say(f"{answer.done + 1} of {answer.total}: {answer.measuring}")


def _say(message: str) -> None:
    """Tell the person something that is no result."""
    print(message, file=sys.stderr, flush=True)
