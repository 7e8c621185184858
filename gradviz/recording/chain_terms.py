"""The terms of the chain rule as data, and how they are written within an equation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import numpy as np

from gradviz.recording.expression import (
    ONE,
    Apply,
    Derivative,
    Equation,
    Expression,
    Number,
    Pending,
    Product,
    Shown,
    Sum,
    Symbol,
    to_text,
)
from gradviz.recording.format import (
    elements_of,
    format_elements,
    format_norm,
    format_number,
    format_shape,
)
from gradviz.recording.local import Local
from gradviz.recording.model import NextEdge, NodeId, OpId, Recording, TensorId, Value, ValueId
from gradviz.recording.pytorch_formulas import pytorch_formula
from gradviz.recording.senders import Senders
from gradviz.recording.values import to_number

MAX_SHOWN: Final = 6
"""Elements of a tensor that are written out within an equation."""


class ChainTerm(msgspec.Struct, frozen=True, kw_only=True):
    """What one consumer contributes: `upstream` times `local`.

    `total` is what the term is a part of, `through` the symbol of the consumer's result, `op` the
    op that consumed, `result_edge` where the result's own gradient arrives. `from_root` says that
    the result is what the pass differentiates, so that `upstream` is 1. `is_repeated` says
    that the same result uses the tensor more than once. `contribution` is what the engine sent;
    `playhead` the moment from which it is known, and `is_delivered` whether that was reached.
    """

    op: OpId | None
    node: NodeId
    slot: int
    through: str
    result: TensorId | None
    result_edge: NextEdge
    total: Derivative
    upstream: Derivative
    upstream_value: ValueId | None
    local: Derivative
    derivative: Local
    contribution: ValueId | None
    playhead: int
    from_root: bool
    is_repeated: bool
    is_delivered: bool


class ChainRule(msgspec.Struct, frozen=True, kw_only=True):
    """The chain rule of one tensor at a moment.

    `total` is the derivative that it explains. `equation` has the symbols, the numbers that the
    playhead has reached and, once all terms are there, the sum; `where` explains its factors.
    `so_far` is the sum of the terms that have arrived while others are still to come. Of `count`
    terms `arrived` have arrived; `terms` are those that are written out, the latest of a long sum.
    """

    tensor: TensorId | None
    total: Derivative
    terms: tuple[ChainTerm, ...]
    equation: Equation
    where: tuple[Equation, ...]
    so_far: Expression | None
    is_root: bool
    is_complete: bool
    root_meaning: str = ""
    count: int = 0
    arrived: int = 0
    edge: NextEdge | None = None
    """Where the gradient arrives that it explains."""

    changed_to: Expression | None = None
    """What a hook made of the sum before it went on, None where it went on as it was."""

    own_formulas: tuple[tuple[str, str], ...] = ()
    """Node class and PyTorch's own formula, for terms that have no textbook form."""

    @property
    def text(self) -> str:
        """The equation on one line."""
        return self.equation.text


def symbols_of(term: ChainTerm) -> Expression:
    """The term in symbols, such as `dg/dp · z`."""
    formula = term.derivative.formula
    whole = term.derivative.is_whole
    is_number = term.derivative.number is not None
    if formula is not None and whole and not is_number:
        return formula
    if term.from_root:
        return formula if formula is not None and not whole else term.local
    factor: Expression = term.local
    if term.is_repeated and formula is not None and not whole:
        factor = formula
    product = Product((term.upstream, factor), "·" if is_number or formula is None else "⊙")
    return Apply("Σ", (product,)) if term.derivative.is_summed else product


def numbers_of(recording: Recording, term: ChainTerm) -> Expression:
    """The term in numbers, such as `3 · 2`: its value where it is no product of two numbers."""
    if not term.is_delivered:
        return Pending()
    sent = recording.value(term.contribution)
    number = to_number(recording.value(term.upstream_value))
    local = term.derivative.number
    if number is None or local is None or to_number(sent) is None:
        return show_value(sent)
    if term.from_root:
        return Number(local)
    return Product((Number(number), Number(local)))


def explanations(terms: Iterable[ChainTerm]) -> tuple[Equation, ...]:
    """What the factors of terms are: their formulas, and the numbers of those delivered."""
    lines: list[Equation] = []
    for term in terms:
        sides: list[Expression] = [term.local]
        local = term.derivative
        if local.formula is not None and not local.is_whole:
            sides.append(local.formula)
        if local.number is not None and term.is_delivered:
            sides.append(Number(local.number))
        equation = Equation(without_repetition(sides))
        hidden = term.is_repeated or term.from_root or (local.is_whole and local.number is None)
        if len(equation.sides) > 1 and not hidden and equation not in lines:
            lines.append(equation)
    return tuple(lines)


def sign_of(term: ChainTerm) -> str:
    """How the factors of a term are joined."""
    return "·" if term.derivative.number is not None else "⊙"


def own_formulas(recording: Recording, terms: Iterable[ChainTerm]) -> tuple[tuple[str, str], ...]:
    """Node class and PyTorch's own formula, for the terms that have no textbook form."""
    found: dict[tuple[str, str], None] = {}
    for term in terms:
        name = recording.autograd_nodes[term.node].name
        formula = None if term.derivative.formula else pytorch_formula(name, term.slot)
        if formula is not None:
            found[name, formula.text] = None
    return tuple(found)


def item_at(values: tuple[ValueId | None, ...], slot: int) -> ValueId | None:
    """An entry, None beyond the end."""
    return values[slot] if slot < len(values) else None


def add_terms(terms: list[Expression], before: int, after: int) -> Expression:
    """A sum; dots stand for the terms before and after those that are written out."""
    dots: list[Expression] = [Symbol("⋯")]
    terms = [*(dots if before else []), *terms, *(dots if after else [])]
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def without_repetition(sides: list[Expression]) -> tuple[Expression, ...]:
    """The sides of an equation without one that repeats the side before."""
    kept = [sides[0]]
    for side in sides[1:]:
        if to_text(side) != to_text(kept[-1]):
            kept.append(side)
    return tuple(kept)


def total_of(senders: Senders, count: int) -> Expression:
    """The sum of the first contributions, as it is written in an equation."""
    if not senders.is_known(count):
        return Symbol("…")
    total = senders.sum_of(count)
    return Number(0.0) if total is None else _show_array(total)


def _show_array(array: np.ndarray[Any, Any]) -> Expression:
    if array.size == 1 and array.dtype.kind != "c":
        return Number(float(array.reshape(())))
    if array.size <= MAX_SHOWN:
        return Shown(format_elements(array))
    norm = float(np.linalg.norm(np.abs(array).astype(np.float64)))
    return Shown(f"({format_shape(array.shape)}, ‖g‖ = {format_number(norm)})")


def show_value(value: Value | None) -> Expression:
    """A gradient within an equation: its number, its few elements, or its shape and norm."""
    if value is None:
        return Symbol("undefined")
    number = to_number(value)
    if number is not None:
        return ONE if number == 1.0 else Number(number)
    if value.is_whole and value.numel <= MAX_SHOWN:
        elements = elements_of(value)
        if elements is not None:
            return Shown(format_elements(elements))
    norm = format_norm(value)
    return Shown(f"({format_shape(value.shape)}{', ' + norm if norm else ''})")
