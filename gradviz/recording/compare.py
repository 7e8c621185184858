"""Set two runs of one text side by side: which values and gradients are not the same?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import cached_property
from itertools import takewhile
from typing import TypeVar

import msgspec

from gradviz.recording.items import node_item, tensor_item
from gradviz.recording.model import (
    Item,
    Op,
    Pass,
    PassId,
    Recording,
    Step,
    Tensor,
    Value,
    ValueId,
)

_Record = TypeVar("_Record")


class Quantity(Enum):
    """What of an item differs."""

    VALUE = "value"
    """What a tensor holds."""
    GRAD = "grad"
    """A tensor's `.grad` when the run ended."""
    ARRIVED = "arrived"
    """The gradient that came into a node, at a slot."""
    SENT = "sent"
    """The gradient that a node sent on, at a slot."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One quantity that is not the same: its values in the one and in the other recording.

    `pass_id`, `step` and `slot` say when, for gradients on the way; None for tensors. A value is
    None where there was none.
    """

    item: Item
    quantity: Quantity
    before: ValueId | None
    after: ValueId | None
    pass_id: PassId | None = None
    step: int | None = None
    slot: int = 0


class Comparison:
    """What differs between two recordings of one text.

    Identities of the two mean the same thing as long as the runs did the same calls in the same
    order; after the first call that only one of them made nothing is compared.

    Attributes:
        before, after: the recordings.
        differences: tensors first, in the order in which they were made, then gradients in the
            order of their steps.
        parted_at: the line of the first op or pass that only one of the runs made; None where both
            did the same.
    """

    def __init__(self, before: Recording, after: Recording) -> None:
        self.before = before
        self.after = after
        ops = _common(before.ops, after.ops, _is_same_call)
        tensors = _common(before.tensors, after.tensors, _is_same_tensor)
        passes = _common(before.passes, after.passes, self._is_same_pass)
        self.parted_at = self._parting(ops, passes)
        self.differences = (
            *self._of_tensors(tensors),
            *(one for index in range(passes) for one in self._of_pass(index)),
        )

    @cached_property
    def by_item(self) -> dict[Item, tuple[Difference, ...]]:
        """The differences of each item that has some."""
        found: dict[Item, tuple[Difference, ...]] = {}
        for difference in self.differences:
            found[difference.item] = (*found.get(difference.item, ()), difference)
        return found

    @cached_property
    def changed_values(self) -> frozenset[ValueId]:
        """The values of the second recording that are not as they were in the first."""
        return frozenset(one.after for one in self.differences if one.after is not None)

    def counterpart(self, value: ValueId) -> ValueId | None:
        """What a changed value of the second recording was in the first; None where there is none.

        Where one value stands in several places the first place that differs tells.
        """
        return self._counterparts.get(value)

    @cached_property
    def _counterparts(self) -> dict[ValueId, ValueId | None]:
        found: dict[ValueId, ValueId | None] = {}
        for one in self.differences:
            if one.after is not None:
                found.setdefault(one.after, one.before)
        return found

    def _parting(self, ops: int, passes: int) -> int | None:
        for first, second, same in (
            (self.before.ops, self.after.ops, ops),
            (self.before.passes, self.after.passes, passes),
        ):
            longer: Sequence[Op | Pass] = first if len(first) > len(second) else second
            if same < len(longer):
                location = longer[same].location
                return location.line if location is not None else 0
        return None

    def _of_tensors(self, count: int) -> Iterator[Difference]:
        for first, second in zip(self.before.tensors[:count], self.after.tensors, strict=False):
            item = tensor_item(first.id)
            if self._differ(first.value, second.value):
                yield Difference(
                    item=item, quantity=Quantity.VALUE, before=first.value, after=second.value
                )
            if self._differ(first.grad, second.grad):
                yield Difference(
                    item=item, quantity=Quantity.GRAD, before=first.grad, after=second.grad
                )

    def _of_pass(self, index: int) -> Iterator[Difference]:
        one, other = self.before.passes[index], self.after.passes[index]
        for first, second in zip(one.steps, other.steps, strict=False):
            for quantity, before, after in (
                (Quantity.ARRIVED, first.grad_outputs, second.grad_outputs),
                (Quantity.SENT, first.grad_inputs, second.grad_inputs),
            ):
                for slot, (was, is_now) in enumerate(zip(before, after, strict=False)):
                    if self._differ(was, is_now):
                        yield Difference(
                            item=node_item(first.autograd_node),
                            quantity=quantity,
                            before=was,
                            after=is_now,
                            pass_id=one.id,
                            step=first.index,
                            slot=slot,
                        )

    def _differ(self, before: ValueId | None, after: ValueId | None) -> bool:
        first, second = self.before.value(before), self.after.value(after)
        if first is None or second is None:
            return first is not second
        return not _is_same_value(first, second)

    def _is_same_pass(self, one: Pass, other: Pass) -> bool:
        return one.location == other.location and _common(
            one.steps, other.steps, self._is_same_step
        ) == len(one.steps) == len(other.steps)

    def _is_same_step(self, one: Step, other: Step) -> bool:
        first = self.before.autograd_nodes[one.autograd_node]
        second = self.after.autograd_nodes[other.autograd_node]
        return first.id == second.id and first.name == second.name


def _common(
    first: Sequence[_Record], second: Sequence[_Record], is_same: Callable[[_Record, _Record], bool]
) -> int:
    """How many records at the beginning of both are the same."""
    return sum(1 for _ in takewhile(lambda pair: is_same(*pair), zip(first, second, strict=False)))


def _is_same_call(one: Op, other: Op) -> bool:
    return one.name == other.name and one.location == other.location and one.inputs == other.inputs


def _is_same_tensor(one: Tensor, other: Tensor) -> bool:
    return one.op == other.op and one.slot == other.slot and one.version == other.version


def _is_same_value(one: Value, other: Value) -> bool:
    return (
        one.shape == other.shape
        and one.dtype == other.dtype
        and one.data == other.data
        and one.statistics == other.statistics
    )
