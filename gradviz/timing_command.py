"""`gradviz time` and `gradviz devices`: what the device panel does, without a window."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gradviz.documents.expression_file import ExpressionFile
from gradviz.documents.sizes import find_sizes
from gradviz.errors import GradvizError
from gradviz.export.errors import error_text
from gradviz.export.timing import (
    machine_to_json,
    machine_to_text,
    timing_to_csv,
    timing_to_json,
    timing_to_text,
)
from gradviz.recording.timing import AS_PLACED, AS_WRITTEN, DTYPES, Sweep, TimedPart
from gradviz.terminal import UNTRUSTED, ExitStatus, read_document, say
from gradviz.worker.conversation import Conversation, Reply, WorkerDiedError
from gradviz.worker.headless import death_error
from gradviz.worker.messages import (
    Answer,
    DevicesListed,
    ListDevices,
    RequestFailed,
    TimeParts,
    TimingFinished,
    TimingProgressed,
)

SWEEP_STEPS: Final = 6
"""Sizes of a sweep that does not say where it ends."""
_USUAL: Final = (TimedPart.FORWARD, TimedPart.BACKWARD, TimedPart.TRANSFER)
_MAX_SIZES: Final = 40
_AS_WRITTEN: Final = "written"


def devices_command(arguments: Sequence[str]) -> ExitStatus:
    """Print the devices of this machine."""
    parser = argparse.ArgumentParser(
        prog="gradviz devices", description="Say what this machine has, and why not more."
    )
    parser.add_argument("--json", action="store_true", help="write JSON instead of a table")
    options = parser.parse_args(arguments)
    with Conversation() as worker:
        worker.wait_until_ready()
        listed = _ask_for_devices(worker)
    write = machine_to_json if options.json else machine_to_text
    print(write(listed.machine))
    return ExitStatus.OK


def time_command(arguments: Sequence[str]) -> ExitStatus:
    """Time a file and print what was measured."""
    options = _time_parser().parse_args(arguments)
    document = read_document(options.file)
    if not options.trust:
        say(f"gradviz: {UNTRUSTED.format(options.file)}")
        return ExitStatus.REFUSED
    # What is asked wrongly is told before torch is imported.
    _check_parts(options, document.text)
    sweep = _sweep(options, document.text)
    with Conversation() as worker:
        worker.wait_until_ready()
        devices = options.device or _usual_devices(worker, document)
        request = TimeParts(
            text=document.text,
            filename=str(options.file),
            parts=_parts(options),
            devices=tuple(devices),
            line=options.line,
            end_line=options.end_line,
            threads=tuple(options.threads),
            dtypes=tuple(AS_WRITTEN if d == _AS_WRITTEN else d for d in options.dtype),
            sweep=sweep,
            ceilings=options.ceilings,
            seed=document.metadata.seed,
            run_device=document.metadata.device or "cpu",
            placement=document.metadata.placement,
        )
        try:
            reply = worker.ask(request, on_progress=_show_progress)
        except WorkerDiedError as error:
            say(error_text(death_error(error, None), document.text, str(options.file)))
            return ExitStatus.RAISED
    return _print_timing(reply, document, options)


def _print_timing(
    reply: Reply, document: ExpressionFile, options: argparse.Namespace
) -> ExitStatus:
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
    if options.json or options.csv:
        for failure in finished.timing.failures:
            say(failure)
    if finished.error is not None:
        say(error_text(finished.error, document.text, str(options.file)).rstrip("\n"))
    if reply.interrupted:
        return ExitStatus.INTERRUPTED
    has_failed = finished.error is not None or not finished.timing.measurements
    return ExitStatus.RAISED if has_failed else ExitStatus.OK


def _time_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradviz time",
        description="Time a file's forward, its backward and its transfers, or other parts of it.",
    )
    add = parser.add_argument
    add("file", type=Path, metavar="FILE", help="an expression file or a notebook")
    add("--device", metavar="NAME", action="append", default=[],
        help="where: cpu, cuda:0, …, or placed, where the document puts its tensors "
        "(repeatable; default: every device of this machine)")  # fmt: skip
    add("--dtype", metavar="TYPE", action="append", default=[], choices=(*DTYPES, _AS_WRITTEN),
        help=f"in which type: {', '.join(DTYPES)}, or {_AS_WRITTEN}, as the text makes it "
        "(repeatable)")  # fmt: skip
    add("--threads", metavar="N", action="append", default=[], type=_count,
        help="with how many CPU threads (repeatable)")  # fmt: skip
    add("--line", metavar="N", type=_count, help="time the statement on line N as well")
    add("--end-line", metavar="N", type=_count,
        help="with --line: time the lines from there to N together")  # fmt: skip
    add("--step", action="store_true", help="time the optimizer's step as well")
    add("--op", action="store_true", help="time each op by itself instead, forward and backward")
    add("--sweep", metavar="SIZE[=A:B]",
        help="time it at other sizes: a number of the text or the name that is bound to it, "
        "doubled from A to B")  # fmt: skip
    add("--sweep-seconds", metavar="S", type=float, default=2.0,
        help="end the sweep when one execution takes longer (default: %(default)g)")  # fmt: skip
    add("--sweep-memory", metavar="MIB", type=_count,
        help="end the sweep before it needs more (default: half of what is free)")  # fmt: skip
    add("--ceilings", action="store_true",
        help="measure what each device reaches at best: a copy, a matrix product")  # fmt: skip
    add("--trust", action="store_true", help="run it as full Python with your own rights")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write JSON instead of a table")
    form.add_argument("--csv", action="store_true", help="write CSV instead of a table")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be 1 or more")
    return number


def _parts(options: argparse.Namespace) -> tuple[TimedPart, ...]:
    if options.op:
        return (TimedPart.OP, TimedPart.OP_BACKWARD)
    parts = list(_USUAL)
    if options.step:
        parts.insert(2, TimedPart.STEP)
    if options.line is not None:
        parts.insert(0, TimedPart.STATEMENT if options.end_line is None else TimedPart.LINES)
    return tuple(parts)


def _check_parts(options: argparse.Namespace, text: str) -> None:
    """Raise `GradvizError` where the parts to be timed exclude each other or are not there."""
    if options.op and (options.step or options.line is not None):
        raise GradvizError("--op times nothing but each op: leave --line and --step out.")
    count = len(text.removesuffix("\n").split("\n"))
    if options.end_line is not None and options.line is None:
        raise GradvizError("--end-line needs --line, where the lines begin.")
    for line in (options.line, options.end_line):
        if line is not None and line > count:
            raise GradvizError(f"There is no line {line}: the text has {count}.")
    if options.end_line is not None and options.end_line < options.line:
        raise GradvizError(f"Line {options.end_line} stands before line {options.line}.")


def _sweep(options: argparse.Namespace, text: str) -> Sweep | None:
    if options.sweep is None:
        return None
    key, _, bounds = options.sweep.partition("=")
    size = next((one for one in find_sizes(text) if one.key == key), None)
    if size is None:
        known = ", ".join(one.key for one in find_sizes(text)) or "none"
        raise GradvizError(f"The text has no size {key}; it has {known}.")
    nbytes = None if options.sweep_memory is None else options.sweep_memory << 20
    return Sweep(
        size=key,
        values=_doubled(bounds, size.value),
        max_seconds=options.sweep_seconds,
        max_nbytes=nbytes,
    )


def _doubled(bounds: str, value: int) -> tuple[int, ...]:
    if not bounds:
        return tuple(value << step for step in range(SWEEP_STEPS))
    first, _, last = bounds.partition(":")
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last)):
        raise GradvizError(f"{bounds} is not a range of sizes: write 64:4096.")
    values = [int(first)]
    while values[-1] * 2 <= int(last) and len(values) < _MAX_SIZES:
        values.append(values[-1] * 2)
    return tuple(values)


def _usual_devices(worker: Conversation, document: ExpressionFile) -> list[str]:
    names = [device.name for device in _ask_for_devices(worker).machine.devices]
    return [*names, AS_PLACED] if document.metadata.placement else names


def _ask_for_devices(worker: Conversation) -> DevicesListed:
    match worker.ask(ListDevices(), on_progress=lambda _answer: None).answer:
        case DevicesListed() as listed:
            return listed
        case RequestFailed() as failed:
            raise GradvizError(failed.sentence)
        case _:
            raise KeyboardInterrupt


def _show_progress(answer: Answer) -> None:
    if isinstance(answer, TimingProgressed) and answer.measuring:
        say(f"{answer.done + 1} of {answer.total}: {answer.measuring}")
