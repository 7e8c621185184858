"""Compare two runs: which values and gradients differ?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cached_property

import msgspec

from gradviz.recording.alignment import Alignment, PassPair, aligned_by_identity
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
    Value,
    ValueId,
)


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

    `item` is of the other recording, as are `pass_id`, `step` and `slot`, which say when, for
    gradients on the way; None for tensors. A value is None where there was none.
    """

    item: Item
    item_before: Item
    quantity: Quantity
    before: ValueId | None
    after: ValueId | None
    pass_id: PassId | None = None
    step: int | None = None
    slot: int = 0


class Pairs:
    """What two recordings have in common, and so can be compared: by default, two of one text.

    Attributes:
        before, after: the recordings.
        alignment: which of their records mean the same.
        parted_at: the line of the first op or pass that only one of the runs made; None where both
            did the same.
    """

    def __init__(
        self, before: Recording, after: Recording, alignment: Alignment | None = None
    ) -> None:
        self.before = before
        self.after = after
        self.alignment = alignment or aligned_by_identity(before, after)
        self.parted_at = self._parting()

    def __iter__(self) -> Iterator[Difference]:
        """Each quantity, equal or not: tensors as they were made, then gradients by step."""
        yield from self._of_tensors()
        for pair in self.alignment.passes:
            yield from self._of_pass(pair)

    def _parting(self) -> int | None:
        for kind in (Op, Pass):
            first, second = (
                [record for record in records if isinstance(record, kind)]
                for records in (self.alignment.only_before, self.alignment.only_after)
            )
            longer = first if len(first) > len(second) else second
            if longer:
                location = longer[0].location
                return location.line if location is not None else 0
        return None

    def _of_tensors(self) -> Iterator[Difference]:
        for pair in self.alignment.tensors:
            item, item_before = tensor_item(pair.after.id), tensor_item(pair.before.id)
            for quantity, before, after in (
                (Quantity.VALUE, pair.before.value, pair.after.value),
                (Quantity.GRAD, pair.grad_before, pair.grad_after),
            ):
                yield Difference(
                    item=item,
                    item_before=item_before,
                    quantity=quantity,
                    before=before,
                    after=after,
                )

    def _of_pass(self, pair: PassPair) -> Iterator[Difference]:
        for first, second in pair.steps:
            quantities = [(Quantity.ARRIVED, first.grad_outputs, second.grad_outputs)]
            # Nodes of other names send other gradients on.
            if self._name(self.before, first) == self._name(self.after, second):
                quantities.append((Quantity.SENT, first.grad_inputs, second.grad_inputs))
            for quantity, before, after in quantities:
                for slot, (was, is_now) in enumerate(zip(before, after, strict=False)):
                    yield Difference(
                        item=node_item(second.autograd_node),
                        item_before=node_item(first.autograd_node),
                        quantity=quantity,
                        before=was,
                        after=is_now,
                        pass_id=pair.after.id,
                        step=second.index,
                        slot=slot,
                    )

    @staticmethod
    def _name(recording: Recording, step: Step) -> str:
        return recording.autograd_nodes[step.autograd_node].name


class Comparison:
    """What differs between two recordings: by default, two of one text.

    `extents` tell how values differ that were not kept whole; of others it is found here.

    Attributes:
        before, after: the recordings.
        pairs: what of them was compared.
        differences: tensors first, in the order in which they were made, then gradients in the
            order of their steps.
        parted_at: the line of the first op or pass that only one of the runs made; None where both
            did the same.
    """

    def __init__(
        self,
        before: Recording,
        after: Recording,
        extents: Iterable[Extent] = (),
        alignment: Alignment | None = None,
    ) -> None:
        self.before = before
        self.after = after
        self._extents: dict[tuple[ValueId, ValueId], Extent | None] = {
            (one.before, one.after): one for one in extents
        }
        self.pairs = Pairs(before, after, alignment)
        self.parted_at = self.pairs.parted_at
        self.differences = tuple(one for one in self.pairs if self._differ(one))

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

    def _differ(self, pair: Difference) -> bool:
        first, second = self.before.value(pair.before), self.after.value(pair.after)
        if first is None or second is None:
            return first is not second
        extent = self._extents.get((first.id, second.id))
        if extent is not None:
            return extent.differing > 0
        return not is_same_value(first, second)


def is_same_value(one: Value, other: Value) -> bool:
    """Whether all that was kept of two values is the same, bit for bit."""
    return (
        one.shape == other.shape
        and one.dtype == other.dtype
        and one.data == other.data
        and one.statistics == other.statistics
    )
