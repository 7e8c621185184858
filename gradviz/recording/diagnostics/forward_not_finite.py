"""The first op that made NaN or Inf of finite inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from gradviz.recording.diagnostics.causes import cause_in_forward, cause_of_inf
from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.items import op_item, tensor_item
from gradviz.recording.model import Op, OpKind, Statistics, TensorId, line_of
from gradviz.recording.values import to_array

FROM_FINITE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) is the first operation with a result that is not finite ({what}), "
    "although all of its inputs are finite.",
)
FROM_INF: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) is the first operation with a result that is not a number ({what}): it "
    "computed that from an Inf.",
)

FROM_THE_START: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor} (line {line}) was not finite when it was made ({what}), and {op} (line {op_line})"
    " computes with it.",
)

_PUTS_INF: Final = ("fill", "where", "full", "scatter", "setitem", "copy", "pad", "clamp")
"""Parts of names of ops that put an Inf where the person asked for one, such as in a mask."""
_MAKES_NOTHING: Final = ("empty", "data", "detach", "set_")
"""Parts of names of ops whose results were not computed."""


def find_forward_not_finite(evidence: Evidence) -> Iterator[Finding]:
    """The op, if any; an Inf that was put into a mask on purpose is none.

    And what a run was given that is not finite, where that comes through to a result.
    """
    if not evidence.has_not_finite:
        return
    intended: set[TensorId] = set()
    given: tuple[TensorId, Statistics, Op] | None = None
    for op in evidence.recording.ops:
        if op.kind in (OpKind.SOURCE, OpKind.STEP) or _has(op, _MAKES_NOTHING):
            continue
        made = [evidence.tensor_statistics(t) for t in op.outputs]
        nan = sum(s.nan for s in made if s is not None)
        inf = sum(s.inf for s in made if s is not None)
        if not nan and not inf:
            continue
        taken = [(t, evidence.tensor_statistics(t)) for t in op.inputs]
        if any(s is None for _, s in taken):  # not known: it may have been there before
            continue
        had_nan = any(s is not None and s.nan for _, s in taken)
        infinite = [t for t, s in taken if s is not None and s.inf]
        bad = ((t, s) for t, s in taken if s is not None and s.nan + s.inf)
        given = given or next(((t, s, op) for t, s in bad if _is_given(evidence, t)), None)
        if not nan and not infinite and not had_nan and _has(op, _PUTS_INF):
            intended.update(op.outputs)
            continue
        if had_nan or (infinite and not nan):
            if intended.issuperset(infinite) and not had_nan:
                intended.update(op.outputs)
            continue
        if given is not None and given[1].nan:
            yield from _given(evidence, *given)
        if infinite:
            is_masked = all(t in intended or _is_mask(evidence, t) for t in infinite)
            cause = cause_of_inf(op, is_masked=is_masked), dict[str, str]()
        else:
            cause = cause_in_forward(evidence, op, nan=nan)
        template = FROM_INF if infinite else FROM_FINITE
        yield _finding(evidence, op, nan, inf, template, cause)
        return
    if given is not None:
        yield from _given(evidence, *given)


def _is_given(evidence: Evidence, tensor: TensorId) -> bool:
    """Whether a tensor was not computed of others; what is not initialised will be written to."""
    found = evidence.recording.tensors[tensor]
    op = None if found.op is None else evidence.recording.ops[found.op]
    return found.previous is None and (
        op is None or (op.kind is OpKind.SOURCE and not _has(op, _MAKES_NOTHING))
    )


def _given(evidence: Evidence, tensor: TensorId, known: Statistics, op: Op) -> Iterator[Finding]:
    if not _spreads(evidence):
        return
    found = evidence.recording.tensors[tensor]
    yield Finding(
        kind=FindingKind.FORWARD_NOT_FINITE,
        severity=Severity.ERROR,
        template=FROM_THE_START,
        parameters={
            "tensor": evidence.name(tensor),
            "line": str(found.line or "?"),
            "what": say_counts(known.nan, known.inf),
            "op": evidence.label(op),
            "op_line": say_place(op),
        },
        item=tensor_item(tensor),
        line=found.line,
    )


def _has(op: Op, parts: tuple[str, ...]) -> bool:
    return any(part in op.name for part in parts)


def _is_mask(evidence: Evidence, tensor: TensorId) -> bool:
    """Whether a tensor holds -Inf and no Inf, as far as that is known."""
    value = evidence.recording.value(evidence.recording.tensors[tensor].value)
    return value is not None and value.is_whole and not np.isposinf(to_array(value)).any()


def _finding(
    evidence: Evidence,
    op: Op,
    nan: int,
    inf: int,
    template: str,
    cause: tuple[str, dict[str, str]],
) -> Finding:
    hint, known = cause
    return Finding(
        kind=FindingKind.FORWARD_NOT_FINITE,
        severity=Severity.ERROR if nan or _spreads(evidence) else Severity.WARNING,
        template=template,
        parameters={
            "op": evidence.label(op),
            "line": say_place(op),
            "what": say_counts(nan, inf),
            **known,
        },
        hint=hint,
        item=op_item(op.id),
        line=line_of(op),
    )


def _spreads(evidence: Evidence) -> bool:
    """Whether what backward starts from, or a gradient, is not finite either."""
    recording = evidence.recording
    roots = {t for p in recording.passes for t in p.root_tensors if t is not None}
    ends = [recording.tensors[t].value for t in roots]
    ends += [grad for p in recording.passes for _, grad in p.leaf_grads]
    known = (evidence.statistics(value) for value in ends)
    return any(s is not None and (s.nan or s.inf) for s in known)


def say_counts(nan: int, inf: int) -> str:
    """`2 × NaN, 1 × Inf`."""
    parts = [f"{count} × {word}" for count, word in ((nan, "NaN"), (inf, "Inf")) if count]
    return ", ".join(parts)
