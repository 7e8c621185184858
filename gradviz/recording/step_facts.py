"""Norms, zeros, NaN and times of all steps at once, for the timeline and for breakpoints."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from itertools import chain
from typing import Any, Final

import numpy as np

from gradviz.errors import GradvizError
from gradviz.recording.model import Recording, Value, ValueId
from gradviz.recording.moments import moments_of
from gradviz.recording.statistics import statistics_of

Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]

_BATCH_NBYTES: Final = 1 << 22
_NORM, _ZEROS, _NUMEL, _NAN, _INF = range(5)


class StepFacts:
    """One element for each step of all passes, in the order of the playhead.

    Attributes:
        norms: Euclidean norm of what the node received, over its finite elements; NaN where it
            received nothing, nothing finite, or nothing of which the norm is known.
        zero_fractions: which part of the elements that it received are zero, NaN as above.
        has_nan: whether it received or sent a NaN.
        has_inf: whether it received or sent an infinity.
        first_bad: the first of a run of such steps, within its pass.
        accumulates: whether it changed a leaf's `.grad`.
        seconds: how long it took, 0 where that was not measured.
    """

    norms: Floats
    zero_fractions: Floats
    has_nan: Flags
    has_inf: Flags
    first_bad: Flags
    accumulates: Flags
    seconds: Floats

    def until(self, playhead: int) -> StepFacts:
        """The same without what the gradients of the steps from a playhead on are."""
        facts = copy(self)
        ahead = np.arange(len(self.norms)) >= playhead
        facts.norms = np.where(ahead, np.nan, self.norms)
        facts.zero_fractions = np.where(ahead, np.nan, self.zero_fractions)
        facts.has_nan = self.has_nan & ~ahead
        facts.has_inf = self.has_inf & ~ahead
        facts.first_bad = self.first_bad & ~ahead
        return facts

    def __init__(self, recording: Recording) -> None:
        steps = [step for pass_ in recording.passes for step in pass_.steps]
        moments = moments_of(recording)
        if moments is not None:
            steps = [steps[number] for number in moments.tolist()]
        count = len(steps)
        self.seconds = np.fromiter((step.seconds for step in steps), np.float64, count)
        self.accumulates = np.fromiter((s.leaf_grad is not None for s in steps), np.bool_, count)
        received = _Gradients([step.grad_outputs for step in steps])
        sent = _Gradients([step.grad_inputs for step in steps])
        facts = facts_of_values(recording, np.union1d(received.values, sent.values))
        squares = received.total(facts[:, _NORM] ** 2)
        numel = received.total(facts[:, _NUMEL])
        with np.errstate(divide="ignore", invalid="ignore"):
            self.norms = np.where(received.counts > 0, np.sqrt(squares), np.nan)
            self.zero_fractions = received.total(facts[:, _ZEROS]) / numel
        self.has_nan = (received.total(facts[:, _NAN]) > 0) | (sent.total(facts[:, _NAN]) > 0)
        self.has_inf = (received.total(facts[:, _INF]) > 0) | (sent.total(facts[:, _INF]) > 0)
        lengths = [len(pass_.steps) for pass_ in recording.passes]
        passes = np.repeat(np.arange(len(lengths)), lengths)
        if moments is not None:
            passes = passes[moments]
        self.first_bad = entries(self.has_nan | self.has_inf, passes)


def entries(holds: Flags, runs: np.ndarray[Any, Any]) -> Flags:
    """Where something begins to hold: it did not at the step before of the same run.

    Runs may stand inside of others.
    """
    if np.any(runs[1:] < runs[:-1]):
        order = np.argsort(runs, kind="stable")
        found = np.empty_like(holds)
        found[order] = entries(holds[order], runs[order])
        return found
    first = holds.copy()
    first[1:] &= ~(holds[:-1] & (runs[1:] == runs[:-1]))
    return first


class _Gradients:
    """The gradients of each step that are there at all, as flat arrays."""

    def __init__(self, slots: list[tuple[ValueId | None, ...]]) -> None:
        present = [[value for value in values if value is not None] for values in slots]
        self.counts = np.fromiter(map(len, present), np.int64, len(present))
        self.values = np.fromiter(chain.from_iterable(present), np.int64)
        self._owner = np.repeat(np.arange(len(present)), self.counts)

    def total(self, of_values: Floats) -> Floats:
        """The sum over each step's gradients of something that is known of each value."""
        total = np.bincount(self._owner, of_values[self.values], minlength=len(self.counts))
        return total.astype(np.float64, copy=False)


def facts_of_values(recording: Recording, wanted: np.ndarray[Any, Any]) -> Floats:
    """Norm, zeros, elements, NaN and Inf of each wanted value; shape (number of values, 5).

    The norm of what is not known is NaN.
    """
    facts = np.zeros((len(recording.values), 5))
    batches: dict[str, list[Value]] = defaultdict(list)
    sizes: dict[str, int] = defaultdict(int)
    for number in wanted.tolist():
        value = recording.values[number]
        if value.statistics is not None or not value.is_whole or value.data is None:
            facts[number] = _from_statistics(value)
            continue
        batches[value.storage].append(value)
        sizes[value.storage] += len(value.data)
        if sizes[value.storage] >= _BATCH_NBYTES:
            _summarise(batches.pop(value.storage), facts)
            sizes[value.storage] = 0
    for values in batches.values():
        _summarise(values, facts)
    return facts


def _from_statistics(value: Value) -> tuple[float, float, float, float, float]:
    try:
        known = statistics_of(value)
    except GradvizError:  # a file may contradict itself
        known = None
    if known is None:
        return np.nan, 0.0, np.nan, 0.0, 0.0
    norm = np.nan if known.norm is None else known.norm
    return norm, known.zeros, value.numel, known.nan, known.inf


def _summarise(values: list[Value], facts: Floats) -> None:
    """The facts of whole values of one storage, all at once."""
    try:
        element = np.dtype(values[0].storage)
        joined = np.frombuffer(b"".join(v.data for v in values if v.data is not None), element)
    except (TypeError, ValueError, SyntaxError):
        facts[[value.id for value in values]] = np.nan, 0.0, np.nan, 0.0, 0.0
        return
    numel = np.array([len(value.data or b"") // element.itemsize for value in values])
    owner = np.repeat(np.arange(len(values)), numel)

    def total(of_elements: np.ndarray[Any, Any]) -> Floats:
        return np.bincount(owner, of_elements, minlength=len(values)).astype(np.float64)

    size = np.abs(joined).astype(np.float64, copy=False)
    nan, inf = np.isnan(size), np.isinf(size)
    finite = np.where(nan | inf, 0.0, size)
    # Scaled, so that the squares of very large and of very small elements are told apart from 0.
    largest = np.zeros(len(values))
    np.maximum.at(largest, owner, finite)
    scale = np.where(largest > 0, largest, 1.0)
    norms = scale * np.sqrt(total((finite / scale[owner]) ** 2))
    has_nan, has_inf = total(nan), total(inf)
    norms[has_nan + has_inf == numel] = np.nan
    numbers = [value.id for value in values]
    facts[numbers] = np.column_stack((norms, total(size == 0), numel, has_nan, has_inf))
