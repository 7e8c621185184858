"""Tell in plain text what differs between two recordings, as `gradviz diff` prints it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from gradviz.recording.compare import Quantity
from gradviz.recording.differences import Differences, DifferenceView
from gradviz.recording.format import format_place
from gradviz.recording.naming import shorten
from gradviz.recording.outline import counted
from gradviz.recording.record_views import OpView, PassView

MAX_ROWS: Final = 12
_MAX_CALLS: Final = 5
_MAX_CODE: Final = 40
_TITLES: Final = {
    Quantity.VALUE: "Values, in the order in which they were made",
    Quantity.GRAD: ".grad at the end",
}
_ON_THE_WAY: Final = "Gradients on their way, step by step"


def differences_text(
    found: Differences, here: str = "this recording", there: str = "the other"
) -> str:
    """How much differs, the first differences of each kind, and the calls that only one made."""
    parts = [_summary(found, here, there)]
    for title, rows in groupby(found, lambda one: _TITLES.get(one.quantity, _ON_THE_WAY)):
        parts.append("\n".join([f"{title}:", *_table(list(rows))]))
    for name, calls in ((there, found.only_there), (here, found.only_here)):
        if calls:
            parts.append("\n".join([f"Only in {name}:", *_calls(calls)]))
    return "\n\n".join(parts)


def _summary(found: Differences, here: str, there: str) -> str:
    if found.has_nothing_in_common:
        return f"{here} and {there} have nothing in common: no op or tensor of one is in the other."
    values, gradients = counted(found.values, "value"), counted(found.gradients, "gradient")
    if not found:
        same = "Both runs did the same" if found.are_none else "Of what both runs did, all is equal"
        sentences = [f"{same}; {values} and {gradients} are equal."]
    else:
        of_values = sum(one.quantity is Quantity.VALUE for one in found)
        sentences = [
            f"{of_values:,} of {values} and {len(found) - of_values:,} of {gradients} differ."
        ]
        first = found[0]
        place = f"line {_place(first)}" if first.line is not None else ""
        what = ", ".join(filter(None, (place, first.what, first.when)))
        sentences.append(f"The first difference: {what}: {first.sentence}.")
    if found.by_statistics:
        sentences.append(
            f"{counted(found.by_statistics, 'of these was', 'of these were')} compared by the "
            "statistics and a corner, since a recording has no more of large tensors."
        )
    if found.not_compared:
        sentences.append(f"{found.not_compared:,} could not be compared: nothing of them was kept.")
    return "\n".join(sentences)


def _table(differences: Sequence[DifferenceView]) -> Iterable[str]:
    rows: list[tuple[str, ...]] = [("line", "when", "what", "code", "difference")]
    for one in differences[:MAX_ROWS]:
        what, code = shorten(one.what, _MAX_CODE), _code(one)
        rows.append((_place(one), one.when, what, "" if code == what else code, one.sentence))
    return _columns(rows, len(differences) - MAX_ROWS)


def _calls(calls: Sequence[OpView | PassView]) -> Iterable[str]:
    rows = [("line", "code")]
    rows += [
        (format_place(call.record.location), shorten(call.text, 2 * _MAX_CODE))
        for call in calls[:_MAX_CALLS]
    ]
    return _columns(rows, len(calls) - _MAX_CALLS)


def _columns(rows: Sequence[tuple[str, ...]], more: int) -> Iterable[str]:
    """Rows below a title, without the columns that only have a title."""
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    for first, *rest in zip(*columns, strict=True):
        cells = [f"{text:<{width}}" for text, width in zip(rest, widths[1:], strict=True)]
        yield "  ".join([f"  {first:>{widths[0]}}", *cells]).rstrip()
    if more > 0:
        yield f"  … {more:,} more"


def _place(difference: DifferenceView) -> str:
    """The line, and that in the other recording where it is another one: `12 (10)`."""
    op = difference.op
    line = difference.line
    place = format_place(op.record.location) if op is not None else str(line or "")
    other = difference.other_line
    return place if other in (line, None) else f"{place} ({other})"


def _code(difference: DifferenceView) -> str:
    op = difference.op
    if op is None:
        return ""
    text = f"{op.scope}: {op.name}" if op.scope and op.text in ("", op.name) else op.text
    return shorten(text, _MAX_CODE)
