"""Find tensors, ops, autograd nodes and scopes of a recording by what is known about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Final, assert_never

import numpy as np

from gradviz.recording.model import (
    Item,
    ItemKind,
    OpKind,
    Recording,
    TensorRole,
    ValueId,
)
from gradviz.recording.per_recording import PerRecording
from gradviz.recording.query import (
    COMPARISONS,
    Comparison,
    Flag,
    Pattern,
    Quantity,
    Range,
    Shape,
    Term,
    Test,
    Word,
    read_query,
)
from gradviz.recording.replay import leaf_identities
from gradviz.recording.scopes import scope_title, scopes_of
from gradviz.recording.step_facts import facts_of_values

Flags = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.intp]]

KINDS: Final = (ItemKind.TENSOR, ItemKind.OP, ItemKind.NODE, ItemKind.SCOPE)
"""The groups of what is found, in their order."""
LONGEST_TEXT: Final = 200
"""Characters of an op's text in which something is sought."""
SHORTEST_TYPE: Final = 3
"""Letters from which on a word is the beginning of a dtype or a device."""


class Found:
    """What a query found: of each kind the identities, what is called exactly so first."""

    def __init__(self, ids: Sequence[Ints]) -> None:
        self.ids = tuple(ids)
        self.ends = np.cumsum([len(of_kind) for of_kind in self.ids])

    def __len__(self) -> int:
        return int(self.ends[-1])

    def count(self, kind: ItemKind) -> int:
        """How many of a kind there are."""
        return len(self.ids[KINDS.index(kind)])

    def item(self, number: int) -> Item:
        """The item at a place among all, 0 to `len`."""
        group = int(np.searchsorted(self.ends, number, side="right"))
        before = int(self.ends[group]) - len(self.ids[group])
        return Item(KINDS[group], int(self.ids[group][number - before]))

    def number_of(self, item: Item) -> int | None:
        """The place of an item among all, None where it is not among them."""
        group = KINDS.index(item.kind)
        at = np.flatnonzero(self.ids[group] == item.id)
        if not len(at):
            return None
        return int(self.ends[group]) - len(self.ids[group]) + int(at[0])


NOTHING: Final = Found([np.empty(0, np.intp)] * len(KINDS))


class _Texts:
    """Texts by item, each different one kept once."""

    def __init__(self, texts: Iterable[str]) -> None:
        numbers: dict[str, int] = {}
        codes = [numbers.setdefault(text, len(numbers)) for text in texts]
        self.codes = np.array(codes, np.intp)
        self.different = tuple(numbers)
        self._lowered = tuple(text.lower() for text in numbers)

    def containing(self, word: str) -> Flags:
        return self._flags(word in text for text in self._lowered)

    def beginning(self, word: str) -> Flags:
        return self._flags(text.startswith(word) for text in self._lowered)

    def called(self, word: str) -> Flags:
        """Of which the first line is exactly this."""
        return self._flags(text.split("\n", 1)[0] == word for text in self._lowered)

    def matching(self, search: Callable[[str], object]) -> Flags:
        return self._flags(search(text) is not None for text in self.different)

    def _flags(self, holds: Iterable[bool]) -> Flags:
        flags = np.fromiter(holds, np.bool_, len(self.different))
        return flags[self.codes]


class Index:
    """What is sought in, made once for a recording; does not keep the recording alive."""

    def __init__(self, recording: Recording) -> None:
        tensors, ops, nodes = recording.tensors, recording.ops, recording.autograd_nodes
        scopes = scopes_of(recording).scopes
        self._counts = len(tensors), len(ops), len(nodes), len(scopes)
        tensor_texts = _Texts(tensor.name or "" for tensor in tensors)
        op_texts = _Texts(
            f"{op.name}\n{op.text[:LONGEST_TEXT]}\n{op.scope}\n{op.module_type}" for op in ops
        )
        paths = [op.scope for op in ops]
        node_texts = _Texts(
            f"{node.name}\n{'' if node.op is None else paths[node.op]}" for node in nodes
        )
        scope_texts = _Texts(f"{scope_title(s)}\n{s.path}\n{s.type}" for s in scopes)
        self._texts = tensor_texts, op_texts, node_texts, scope_texts
        self._types = (
            _Texts(tensor.dtype for tensor in tensors),
            _Texts(tensor.device for tensor in tensors),
        )
        self._is_unnamed = np.fromiter((t.name is None for t in tensors), np.bool_, len(tensors))
        makers = (-1 if tensor.op is None else tensor.op for tensor in tensors)
        self._maker = np.fromiter(makers, np.intp, len(tensors))
        shapes: dict[tuple[int, ...], int] = {}
        codes = (shapes.setdefault(tensor.shape, len(shapes)) for tensor in tensors)
        self._shape_codes = np.fromiter(codes, np.intp, len(tensors))
        self._shapes = tuple(shapes)
        self._flags = _tensor_flags(recording)
        in_place = (op.kind is OpKind.IN_PLACE for op in ops)
        self._in_place = np.fromiter(in_place, np.bool_, len(ops))
        self._lines = _lines(recording)
        self._numbers = _Numbers(recording)

    def find(self, terms: tuple[Term, ...]) -> Found:
        """All items for which all terms hold."""
        if not terms:
            return NOTHING
        masks = [np.ones(count, np.bool_) for count in self._counts]
        by_text = all(isinstance(term.test, Word | Pattern) for term in terms)
        for term in terms:
            test = term.test
            if term.is_negated and isinstance(test, Word) and test.flag is not None:
                # What merely has no such name is not meant.
                test = test.flag
            holds = self._test(test, by_maker=not by_text)
            for kind, of_kind in enumerate(holds):
                if of_kind is None:
                    masks[kind][:] = False
                else:
                    masks[kind] &= ~of_kind if term.is_negated else of_kind
        ids = [np.flatnonzero(mask) for mask in masks]
        exact = terms[0].test if len(terms) == 1 else None
        if isinstance(exact, Word):
            ids = [self._exact_first(k, of_kind, exact.text) for k, of_kind in enumerate(ids)]
        return Found(ids)

    def _exact_first(self, kind: int, ids: Ints, word: str) -> Ints:
        is_called = self._texts[kind].called(word)[ids] if len(ids) else ids.astype(np.bool_)
        return np.concatenate((ids[is_called], ids[~is_called]))

    def _test(self, test: Test, *, by_maker: bool) -> Sequence[Flags | None]:
        """For each kind which items a test holds for; None where it does not apply."""
        match test:
            case Word():
                return self._word(test, by_maker=by_maker)
            case Pattern():
                return self._by_text(lambda texts: texts.matching(test.regex.search), by_maker)
            case Shape():
                fits = np.array([test.fits(shape) for shape in self._shapes], np.bool_)
                return (fits[self._shape_codes] if len(fits) else self._none(0), None, None, None)
            case Range():
                return [(lines >= test.first) & (lines <= test.last) for lines in self._lines]
            case Comparison():
                return self._compare(test)
            case Flag():
                return self._flag(test)
            case _:
                assert_never(test)

    def _none(self, kind: int) -> Flags:
        return np.zeros(self._counts[kind], np.bool_)

    def _by_text(self, find: Callable[[_Texts], Flags], by_maker: bool) -> list[Flags]:
        found = [find(texts) for texts in self._texts]
        if by_maker and len(found[1]):
            # An unnamed result is known by the op that made it.
            made = self._is_unnamed & (self._maker >= 0)
            found[0] = found[0] | (made & found[1][self._maker])
        return found

    def _word(self, word: Word, *, by_maker: bool) -> Sequence[Flags]:
        found = self._by_text(lambda texts: texts.containing(word.text), by_maker)
        if len(word.text) >= SHORTEST_TYPE:
            for texts in self._types:
                found[0] = found[0] | texts.beginning(word.text)
        if word.flag is not None:
            flagged = self._flag(word.flag)
            found = [
                one if other is None else one | other
                for one, other in zip(found, flagged, strict=True)
            ]
        return found

    def _flag(self, flag: Flag) -> Sequence[Flags | None]:
        if flag in (Flag.NAN, Flag.INF):
            return self._bad(flag)
        if flag is Flag.IN_PLACE:
            return (None, self._in_place, None, None)
        return (self._flags[flag], None, None, None)

    def _bad(self, flag: Flag) -> Sequence[Flags | None]:
        numbers = self._numbers
        bad = numbers.nan if flag is Flag.NAN else numbers.inf
        tensors = bad.of(numbers.values) | bad.of(numbers.grads)
        nodes = self._none(2)
        nodes[numbers.step_nodes[bad.of(numbers.step_values)]] = True
        return (tensors, None, nodes, None)

    def _compare(self, test: Comparison) -> Sequence[Flags | None]:
        compare = COMPARISONS[test.sign]

        def holds(numbers: Floats) -> Flags:
            with np.errstate(invalid="ignore"):
                return np.asarray(compare(numbers, test.number)) & ~np.isnan(numbers)

        numbers = self._numbers
        match test.quantity:
            case Quantity.NORM:
                return (holds(numbers.value_norms), None, holds(numbers.received), None)
            case Quantity.GRAD_NORM:
                return (holds(numbers.grad_norms), None, None, None)
            case Quantity.NUMEL:
                return (holds(numbers.numel), None, None, None)
            case Quantity.NDIM:
                dims = np.array([len(shape) for shape in self._shapes], np.float64)
                of_tensors = dims[self._shape_codes] if len(dims) else np.empty(0)
                return (holds(of_tensors), None, None, None)
            case Quantity.BYTES:
                return (holds(numbers.nbytes), None, holds(numbers.saved), None)
            case Quantity.SECONDS:
                return (None, holds(numbers.op_seconds), holds(numbers.node_seconds), None)
            case Quantity.LINE:
                known = (np.where(lines >= 0, lines, np.nan) for lines in self._lines)
                return [holds(lines) for lines in known]
            case _:
                assert_never(test.quantity)


class _OfValues:
    """What is known of each value, asked with -1 for no value."""

    def __init__(self, of_values: np.ndarray[Any, Any], absent: Any) -> None:
        self._of_values = np.append(of_values, absent)

    def of(self, values: Ints) -> Any:
        return self._of_values[values]


class _Numbers:
    """The numbers of a recording's items; what takes long is found when it is asked for."""

    def __init__(self, recording: Recording) -> None:
        tensors, nodes = recording.tensors, recording.autograd_nodes
        count = len(tensors)
        self._facts = value_facts(recording)
        self.values = _value_ids((t.value for t in tensors), count)
        self.grads = _value_ids((t.grad for t in tensors), count)
        self.numel = np.array([float(np.prod(t.shape)) for t in tensors], np.float64)
        self.nbytes = np.fromiter((t.nbytes for t in tensors), np.float64, count)
        self.saved = np.fromiter((n.saved_nbytes for n in nodes), np.float64, len(nodes))
        seconds = (op.seconds for op in recording.ops)
        self.op_seconds = np.fromiter(seconds, np.float64, len(recording.ops))
        self.node_seconds = np.zeros(len(nodes))
        owners: list[int] = []
        values: list[int] = []
        is_received: list[bool] = []
        for pass_ in recording.passes:
            for step in pass_.steps:
                self.node_seconds[step.autograd_node] += step.seconds
                for gradients, came in ((step.grad_outputs, True), (step.grad_inputs, False)):
                    present = [value for value in gradients if value is not None]
                    owners += [step.autograd_node] * len(present)
                    values += present
                    is_received += [came] * len(present)
        self.step_nodes = np.array(owners, np.intp)
        self.step_values = np.array(values, np.intp)
        self._is_received = np.array(is_received, np.bool_)
        self._node_count = len(nodes)

    @cached_property
    def value_norms(self) -> Floats:
        """Of each tensor the norm of its value."""
        return np.asarray(_OfValues(self._facts[:, 0], np.nan).of(self.values))

    @cached_property
    def grad_norms(self) -> Floats:
        """Of each tensor the norm of its `.grad` at the end."""
        return np.asarray(_OfValues(self._facts[:, 0], np.nan).of(self.grads))

    @cached_property
    def received(self) -> Floats:
        """Of each node the largest norm that it received, NaN where there was none."""
        norms = self._facts[self.step_values[self._is_received], 0]
        found = np.full(self._node_count, -np.inf)
        np.fmax.at(found, self.step_nodes[self._is_received], norms)
        return np.where(np.isfinite(found), found, np.nan)

    @cached_property
    def nan(self) -> _OfValues:
        """Which values have NaN."""
        return _OfValues(self._facts[:, 3] > 0, False)

    @cached_property
    def inf(self) -> _OfValues:
        """Which values have infinities."""
        return _OfValues(self._facts[:, 4] > 0, False)


def _facts(recording: Recording) -> Floats:
    return facts_of_values(recording, np.arange(len(recording.values)))


value_facts: Final = PerRecording(_facts)
"""Of each value norm, zeros, elements, NaN and Inf, shape (number of values, 5)."""


def _value_ids(values: Iterable[ValueId | None], count: int) -> Ints:
    return np.fromiter((-1 if value is None else value for value in values), np.intp, count)


def _tensor_flags(recording: Recording) -> dict[Flag, Flags]:
    tensors = recording.tensors
    identities = leaf_identities(recording)
    given = {identities[t.id] for t in tensors if t.grad is not None}
    for pass_ in recording.passes:
        given.update(identities[leaf] for leaf, grad in pass_.leaf_grads if grad is not None)

    def flags(holds: Iterable[bool]) -> Flags:
        return np.fromiter(holds, np.bool_, len(tensors))

    is_leaf = flags(t.is_leaf for t in tensors)
    requires_grad = flags(t.requires_grad for t in tensors)
    is_given = flags(identities[t.id] in given for t in tensors)
    is_asked = flags(t.retains_grad or t.read_no_grad is not None for t in tensors)
    return {
        Flag.REQUIRES_GRAD: requires_grad,
        Flag.LEAF: is_leaf & requires_grad,
        Flag.PARAMETER: flags(t.role is TensorRole.PARAMETER for t in tensors),
        Flag.CONSTANT: ~requires_grad,
        Flag.ROOT: flags(t.role is TensorRole.ROOT for t in tensors),
        Flag.GRAD_NONE: ((is_leaf & requires_grad) | is_asked) & ~is_given,
        Flag.GRAD_GIVEN: is_given,
    }


def _lines(recording: Recording) -> tuple[Ints, Ints, Ints, Ints]:
    """For each kind the line of each item in the recording's text, -1 where there is none."""
    ops = [
        -1 if op.location is None or op.location.file else op.location.line for op in recording.ops
    ]
    nodes = [-1 if node.op is None else ops[node.op] for node in recording.autograd_nodes]
    tensors = [-1 if t.line is None else t.line for t in recording.tensors]
    scopes = [-1 if s.line is None else s.line for s in scopes_of(recording).scopes]
    return (
        np.array(tensors, np.intp),
        np.array(ops, np.intp),
        np.array(nodes, np.intp),
        np.array(scopes, np.intp),
    )


index_of: Final = PerRecording(Index)
"""The index of a recording; made once, as long as the recording lives."""


def find(recording: Recording, text: str) -> Found:
    """What a query finds in a recording.

    Raises UnreadableQueryError with one sentence.
    """
    return index_of(recording).find(read_query(text))
