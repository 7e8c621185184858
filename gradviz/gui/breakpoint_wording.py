"""What breakpoints and their conditions are called."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QCoreApplication, QLocale

from gradviz.recording.breakpoints import Breakpoint, Condition, Place
from gradviz.recording.format import format_number
from gradviz.recording.naming import shorten

_LONGEST = 40


def place_text(point: Breakpoint) -> str:
    """Where a breakpoint stops: `x + y · line 6`."""
    translate = QCoreApplication.translate
    line = ""
    if point.line is not None:
        line = translate("Breakpoints", "line {}").format(point.line)
    match point.on:
        case Place.ANYWHERE:
            return translate("Breakpoints", "Anywhere")
        case Place.LINE:
            return translate("Breakpoints", "Line {}").format(point.line)
        case Place.OP:
            parts = [shorten(point.text, _LONGEST), point.scope, line]
        case Place.NODE:
            parts = [point.name, shorten(point.text, _LONGEST), point.scope, line]
        case Place.TENSOR:
            parts = [point.name, line]
        case Place.MODULE:
            parts = [translate("Breakpoints", "Module {}").format(point.scope)]
        case _:
            assert_never(point.on)
    if point.number:
        parts.append(translate("Breakpoints", "no. {}").format(point.number + 1))
    return " · ".join(part for part in parts if part)


def condition_name(condition: Condition) -> str:
    """What has to hold, as it is offered."""
    translate = QCoreApplication.translate
    match condition:
        case Condition.ALWAYS:
            return translate("Breakpoints", "always")
        case Condition.NOT_FINITE:
            return translate("Breakpoints", "gradient has NaN or Inf")
        case Condition.NORM_ABOVE:
            return translate("Breakpoints", "norm above")
        case Condition.NORM_BELOW:
            return translate("Breakpoints", "norm below")
        case Condition.ZEROS_ABOVE:
            return translate("Breakpoints", "zeros above")
        case Condition.ACCUMULATES:
            return translate("Breakpoints", "a leaf accumulates")
        case _:
            assert_never(condition)


def condition_text(point: Breakpoint) -> str:
    """What has to hold, with its threshold: `norm above 10`; empty for nothing."""
    match point.when:
        case Condition.ALWAYS:
            return ""
        case Condition.NORM_ABOVE | Condition.NORM_BELOW:
            return f"{condition_name(point.when)} {format_number(point.threshold)}"
        case Condition.ZEROS_ABOVE:
            percent = QLocale().toString(100 * point.threshold, "g", 4)
            return f"{condition_name(point.when)} {percent} %"
        case _:
            return condition_name(point.when)
