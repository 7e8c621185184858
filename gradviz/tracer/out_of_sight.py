"""Keep the recorder's frames, which lie between the person's and torch's, out of what is shown."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import CodeType, FrameType, TracebackType
from typing import Any, Final

import torch

import gradviz
from gradviz.folders import folder_of, plain_name

_RECORDER: Final = folder_of(__file__)
_GRADVIZ: Final = folder_of(gradviz.__file__)
_HANDS_OVER: Final = torch.overrides.handle_torch_function.__code__
"""What a function of torch's that is written in Python calls a mode through, to be called again."""
_SHOWS: Final = "_showwarnmsg"
"""What Python calls, with a warning that is to be shown, by this name."""
_FILTER: Final[Any] = ("always", None, Warning, re.compile(r"gradviz\.tracer\."), 0)


@contextmanager
def warnings_where_they_belong() -> Iterator[None]:
    """Within this block torch's warnings name the line that they would name without a recording.

    Python takes a warning from C code for one of the Python code that called it, which is the
    recorder. So do the filters, and the memory of which warning a line has given already.
    """
    show = getattr(warnings, _SHOWS, None)
    if show is None:  # a Python that shows them in another way: they name the recorder
        yield
        return

    def show_in_place(message: warnings.WarningMessage) -> None:
        frame = _from_outside(message.filename)
        if frame is None:
            show(message)
            return
        names = frame.f_globals
        warnings.warn_explicit(
            message.message,
            message.category,
            frame.f_code.co_filename,
            frame.f_lineno,
            names.get("__name__") or "<string>",
            names.setdefault("__warningregistry__", {}),
            source=message.source,
        )

    filters: list[Any] = warnings.filters  # type: ignore[assignment]
    # Not by `filterwarnings`: it has Python show anew what was shown already.
    filters.insert(0, _FILTER)
    setattr(warnings, _SHOWS, show_in_place)
    try:
        yield
    finally:
        setattr(warnings, _SHOWS, show)
        with suppress(ValueError):
            filters.remove(_FILTER)


def _from_outside(filename: str) -> FrameType | None:
    """Who made the call that warns; None where the warning names somebody else than us."""
    if not plain_name(filename).startswith(_RECORDER):
        return None
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and not _is_ours(frame.f_code):  # torch's own, that warns its caller
        frame = frame.f_back
    if frame is not None:
        frame.f_globals.pop("__warningregistry__", None)
    while frame is not None and _is_ours(frame.f_code):
        frame = frame.f_back
    if frame is not None and frame.f_code is _HANDS_OVER and frame.f_back is not None:
        frame = frame.f_back.f_back
    return frame


def _is_ours(code: CodeType) -> bool:
    return plain_name(code.co_filename).startswith(_RECORDER)


def leave_tracebacks(error: BaseException) -> None:
    """Take the recorder's frames out of the tracebacks of an error and of what led to it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        waiting += one.__cause__, one.__context__
        one.__traceback__ = _without_us(one.__traceback__)


def without_us_told(calls: list[str]) -> list[str]:
    """The calls as Python's traceback tells them, without ours."""
    kept: list[str] = []
    was_ours = False
    for call in calls:
        is_ours = plain_name(call.removeprefix('  File "')).startswith(_GRADVIZ)
        if not is_ours:
            kept.append(call)
        elif not was_ours and len(kept) > 1 and f", in {_HANDS_OVER.co_name}\n" in kept[-1]:
            del kept[-2:]
        was_ours = is_ours
    return kept


def _without_us(first: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    at = first
    was_ours = False
    while at is not None:
        is_ours = _is_ours(at.tb_frame.f_code)
        if not is_ours:
            kept.append(at)
        elif not was_ours and len(kept) > 1 and kept[-1].tb_frame.f_code is _HANDS_OVER:
            del kept[-2:]  # it and the function that called it, which is called again
        was_ours = is_ours
        at = at.tb_next
    for one, following in zip(kept, [*kept[1:], None], strict=True):
        if one.tb_next is not following:
            one.tb_next = following
    return kept[0] if kept else None
