"""Compare two runs of one text: which values and gradients differ?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from functools import cached_property
from itertools import takewhile
from typing import TypeVar

import msgspec

from gradviz.recording.extent import Extent
from gradviz.recording.extents import extent_between
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


class Pairs:
    """What two recordings of one text have in common, and so can be compared.

    Identities of the two mean the same thing as long as the runs did the same calls in the same
    order; what comes after the first call that only one of them made is not among them.

    Attributes:
        before, after: the recordings.
        parted_at: the line of the first op or pass that only one of the runs made; None where both
            did the same.
    """

    def __init__(self, before: Recording, after: Recording) -> None:
        self.before = before
        self.after = after
        ops = _common(before.ops, after.ops, _is_same_call)
        self._tensors = _common(before.tensors, after.tensors, _is_same_tensor)
        self._passes = _common(before.passes, after.passes, self._is_same_pass)
        self.parted_at = self._parting(ops, self._passes)

    def __iter__(self) -> Iterator[Difference]:
        """Each quantity, equal or not: tensors as they were made, then gradients by step."""
        yield from self._of_tensors(self._tensors)
        for index in range(self._passes):
            yield from self._of_pass(index)

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
            yield Difference(
                item=item, quantity=Quantity.VALUE, before=first.value, after=second.value
            )
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
                    yield Difference(
                        item=node_item(first.autograd_node),
                        quantity=quantity,
                        before=was,
                        after=is_now,
                        pass_id=one.id,
                        step=first.index,
                        slot=slot,
                    )

    def _is_same_pass(self, one: Pass, other: Pass) -> bool:
        return one.location == other.location and _common(
            one.steps, other.steps, self._is_same_step
        ) == len(one.steps) == len(other.steps)

    def _is_same_step(self, one: Step, other: Step) -> bool:
        first = self.before.autograd_nodes[one.autograd_node]
        second = self.after.autograd_nodes[other.autograd_node]
        return first.id == second.id and first.name == second.name


class Comparison:
    """What differs between two recordings of one text.

    `extents` tell how values differ that were not kept whole; of others it is found here.

    Attributes:
        before, after: the recordings.
        differences: tensors first, in the order in which they were made, then gradients in the
            order of their steps.
        parted_at: the line of the first op or pass that only one of the runs made; None where both
            did the same.
    """

    def __init__(self, before: Recording, after: Recording, extents: Iterable[Extent] = ()) -> None:
        self.before = before
        self.after = after
        self._extents: dict[tuple[ValueId, ValueId], Extent | None] = {
            (one.before, one.after): one for one in extents
        }
        pairs = Pairs(before, after)
        self.parted_at = pairs.parted_at
        self.differences = tuple(one for one in pairs if self._differ(one.before, one.after))

    def extent_of(self, difference: Difference) -> Extent | None:
        """How many elements differ and how much; None where that is not known."""
        before, after = difference.before, difference.after
        if before is None or after is None:
            return None
        key = (before, after)
        if key not in self._extents:
            self._extents[key] = extent_between(
                self.before.values[before], self.after.values[after]
            )
        return self._extents[key]

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

    def _differ(self, before: ValueId | None, after: ValueId | None) -> bool:
        first, second = self.before.value(before), self.after.value(after)
        if first is None or second is None:
            return first is not second
        extent = self._extents.get((first.id, second.id))
        if extent is not None:
            return extent.differing > 0
        return not _is_same_value(first, second)


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
