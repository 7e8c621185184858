"""Describe what went wrong, where in the text, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType
from typing import Final

from gradviz.devices import exhausted
from gradviz.documents.check import syntax_error
from gradviz.language.advice import advice
from gradviz.language.two_devices import binding_line, explain, is_about_devices
from gradviz.recording.model import RunError
from gradviz.tracer.tracer import Memory

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_CPP_CHECK: Final = re.compile(r"^\[enforce fail at [^\]]*\] [^.]*\. ")
_CPP_STACK: Final = re.compile(r"\n(?:Exception raised from|C\+\+ CapturedTraceback)")
_SIGNATURES: Final = re.compile(
    r"(?P<what>\S+ received an invalid combination of arguments) - got (?P<got>.*?), "
    r"but expected (one of:|\()",
    re.DOTALL,
)
_MAX_MESSAGE: Final = 2000
_MAX_FRAMES: Final = 20


def run_error(
    error: BaseException,
    text: str,
    filename: str,
    namespace: Mapping[str, object],
    memory: Callable[[], Memory] = Memory,
    placement: Mapping[str, str] = MappingProxyType({}),
) -> RunError:
    """The description of an exception that the person's code raised.

    `memory` is called to describe the memory if it ran out. `placement` is where the run was asked
    to put what names mean.
    """
    if isinstance(error, SyntaxError) and (error.filename == filename or error.filename is None):
        return syntax_error(error, text)
    lines = text.split("\n")
    frames = _frames(error.__traceback__, filename)
    message = _message(error, raised_here=_is_raised_by(error.__traceback__, filename))
    place = _position(frames[-1], lines) if frames else (None, None, None, None)
    full = _full_message(error)
    said = advice(error, full, namespace)
    if frames and isinstance(error, RuntimeError) and is_about_devices(full):
        names = {**namespace, **frames[-1].tb_frame.f_locals}
        said = explain(text, place[0], place[2], names, placement) or said
    elif exhausted.is_out_of_memory(error, full):
        said = _who_holds_memory(error, full, text, filename, namespace, memory(), place[0])
    return RunError(
        type=type(error).__name__,
        message=message,
        line=place[0],
        column=place[1],
        end_line=place[2],
        end_column=place[3],
        help=said,
        traceback=_format(error, message, frames, lines, filename),
    )


def _who_holds_memory(
    error: BaseException,
    message: str,
    text: str,
    filename: str,
    namespace: Mapping[str, object],
    memory: Memory,
    line: int | None,
) -> str:
    def line_of(label: str, address: int) -> int | None:
        known = memory.lines.get(address)
        if known is not None or not label:
            return known
        # Made by no op of the run, such as a module's parameters: where its name is bound.
        return binding_line(text, line or text.count("\n") + 2, label)

    return exhausted.explain(error, message, namespace, filename, line_of, memory.kept)


def _frames(start: TracebackType | None, filename: str) -> list[TracebackType]:
    found: list[TracebackType] = []
    while start is not None:
        if start.tb_frame.f_code.co_filename == filename:
            found.append(start)
        start = start.tb_next
    return found


def _is_raised_by(start: TracebackType | None, filename: str) -> bool:
    """Whether the person's own code raised it, rather than something that they called."""
    last = None
    while start is not None:
        last, start = start, start.tb_next
    return last is not None and last.tb_frame.f_code.co_filename == filename


def _position(
    at: TracebackType, lines: list[str]
) -> tuple[int | None, int | None, int | None, int | None]:
    positions = list(at.tb_frame.f_code.co_positions())
    index = at.tb_lasti // 2
    if index >= len(positions):
        return at.tb_lineno, None, None, None
    line, end_line, column, end_column = positions[index]
    if line is None or end_line is None or end_line > len(lines):
        return at.tb_lineno, None, None, None
    if column is None or end_column is None:
        return line, None, None, None
    return (
        line,
        _characters(lines[line - 1], column),
        end_line,
        _characters(lines[end_line - 1], end_column),
    )


def _characters(line: str, nbytes: int) -> int:
    return len(line.encode()[:nbytes].decode(errors="replace"))


def _full_message(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]!r}" if error.args else ""
    try:
        return str(error)
    except Exception as problem:  # the person's own __str__ may raise
        return f"(its message could not be read: {type(problem).__name__})"


def plain_message(error: BaseException) -> str:
    """What a library says, in one sentence without the place in its own source."""
    return _message(error, raised_here=False)


def _message(error: BaseException, *, raised_here: bool) -> str:
    message = _CPP_STACK.split(_full_message(error))[0].strip()
    message = _CPP_CHECK.sub("", message)
    arguments = _SIGNATURES.match(message)
    if arguments is not None:
        # A list of all signatures in the types of C++ follows.
        return f"{arguments['what']}: got {arguments['got']}"
    if raised_here or not isinstance(error, RuntimeError):
        return message[:_MAX_MESSAGE]
    first = _SENTENCE_END.split(message.split("\n\n")[0], maxsplit=1)[0]
    return " ".join(first.split())[:_MAX_MESSAGE]


def _format(
    error: BaseException,
    message: str,
    frames: list[TracebackType],
    lines: list[str],
    filename: str,
) -> str:
    if not frames:
        return ""
    written = ["Traceback (most recent call last):"]
    left_out = len(frames) - _MAX_FRAMES
    for number, at in enumerate(frames):
        if _MAX_FRAMES // 2 <= number < _MAX_FRAMES // 2 + left_out:
            if number == _MAX_FRAMES // 2:
                written.append(f"  … {left_out} more calls …")
            continue
        where = at.tb_frame.f_code.co_name
        written.append(f'  File "{filename}", line {at.tb_lineno}, in {where}')
        if 0 < at.tb_lineno <= len(lines) and lines[at.tb_lineno - 1].strip():
            written.append(f"    {lines[at.tb_lineno - 1].strip()}")
    name = type(error).__name__
    written.append(f"{name}: {message}" if message else name)
    return "\n".join(written)
