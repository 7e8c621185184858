"""What two recordings hold differently, as views: `recording.differences(other)[0].line`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import overload

from gradviz.errors import GradvizError
from gradviz.recording.alignment import Alignment, aligned_by_text
from gradviz.recording.compare import Difference, Pairs, Quantity
from gradviz.recording.extent import Extent
from gradviz.recording.extents import Tolerance, extent_of_arrays
from gradviz.recording.format import format_number, format_shape
from gradviz.recording.model import Item, ItemKind, Op, Pass, Recording, Tensor, ValueId
from gradviz.recording.naming import op_label, shorten
from gradviz.recording.queries import RecordingView
from gradviz.recording.record_views import Array, OpView, PassView, StepView, TensorView
from gradviz.recording.tolerant import Basis, TolerantComparison


class DifferenceView:
    """One quantity that is not the same in two recordings.

    What is said of its place is said of the recording that was asked; the other one's is
    `other_line`.
    """

    def __init__(self, differences: Differences, record: Difference) -> None:
        self._all = differences
        self.record = record

    @property
    def quantity(self) -> Quantity:
        """Whether it is a value, a `.grad`, or a gradient on its way."""
        return self.record.quantity

    @property
    def what(self) -> str:
        """What differs: `h`, `w.grad`, `out of MulBackward0, slot 1`."""
        data, record = self._all.recording.data, self.record
        if record.step is None:
            name = _tensor_name(data, data.tensors[record.item.id])
            return f"{name}.grad" if record.quantity is Quantity.GRAD else name
        node = data.autograd_nodes[record.item.id]
        if node.leaf is not None:
            return f"into {node.name} of {_tensor_name(data, data.tensors[node.leaf])}"
        if record.quantity is Quantity.ARRIVED:
            return f"into {node.name}" + (f", slot {record.slot}" if record.slot else "")
        return f"out of {node.name}" + (f", slot {record.slot}" if len(node.next) > 1 else "")

    @property
    def when(self) -> str:
        """The step: `step 3`, `step 3 of pass 2` where there are several; empty for a tensor."""
        if self.record.step is None or self.record.pass_id is None:
            return ""
        step = f"step {self.record.step + 1}"
        is_single = len(self._all.recording.data.passes) == 1
        return step if is_single else f"{step} of pass {self.record.pass_id + 1}"

    @property
    def op(self) -> OpView | None:
        """The op that made it, or whose node the gradient came into or out of."""
        op = _op_of(self._all.recording.data, self.record.item)
        return None if op is None else OpView(self._all.recording, op)

    @property
    def tensor(self) -> TensorView | None:
        """The tensor; None for a gradient on its way."""
        if self.record.item.kind is not ItemKind.TENSOR:
            return None
        return self._all.recording.tensors[self.record.item.id]

    @property
    def step(self) -> StepView | None:
        """The step at which the gradient came or went; None for a tensor."""
        if self.record.step is None or self.record.pass_id is None:
            return None
        return self._all.recording.passes[self.record.pass_id].steps[self.record.step]

    @property
    def text(self) -> str:
        """The piece of source that made it."""
        return "" if self.op is None else self.op.text

    @property
    def file(self) -> str:
        """The file of that piece, empty where that is not known."""
        return self._all.recording.data.filename if self.op is None else self.op.file

    @property
    def line(self) -> int | None:
        """The line of that piece; for a leaf the one where it was first seen."""
        return _line_of(self._all.recording.data, self.record.item)

    @property
    def other_line(self) -> int | None:
        """The line in the other recording."""
        return _line_of(self._all.other.data, self.record.item_before)

    @property
    def largest(self) -> float | None:
        """The largest gap, this recording's less the other's; None where that is not known."""
        return None if self._extent is None else self._extent.largest

    @property
    def at(self) -> tuple[int, ...] | None:
        """The index of the largest gap."""
        return None if self._extent is None else self._extent.at

    @property
    def differing(self) -> int | None:
        """How many of the compared elements differ."""
        return None if self._extent is None else self._extent.differing

    @property
    def compared(self) -> int | None:
        """How many elements were compared: all, or those of the corner."""
        return None if self._extent is None else self._extent.numel

    @property
    def is_complete(self) -> bool:
        """Whether all elements were compared, and not only the statistics and a corner."""
        return self._all.comparison.basis_of(self.record) is Basis.ELEMENTS

    @property
    def statistics(self) -> tuple[str, ...]:
        """Where not all elements were: the names of the statistics that differ."""
        return self._all.comparison.statistics_of(self.record)

    @property
    def value(self) -> Array | None:
        """All its elements."""
        return self._all.recording.array(self.record.after)

    @property
    def other_value(self) -> Array | None:
        """All its elements in the other recording."""
        return self._all.other.array(self.record.before)

    @cached_property
    def _extent(self) -> Extent | None:
        extent = self._all.comparison.extent_of(self.record)
        return extent if extent is not None and extent.differing else None

    @property
    def sentence(self) -> str:
        """How far they are apart: `3 of 40 differ, most at [0, 3]: by +1.2e-6`."""
        before = self._all.other.data.value(self.record.before)
        after = self._all.recording.data.value(self.record.after)
        if before is None or after is None:
            return "only the other recording has it" if after is None else "the other has none"
        if before.shape != after.shape:
            return f"shape {format_shape(after.shape)}, in the other {format_shape(before.shape)}"
        parts = []
        extent = self._extent
        if extent is not None:
            gap = f"{'+' if extent.largest > 0 else ''}{format_number(extent.largest)}"
            where = "" if self.is_complete else " of the corner"
            place = f" at {list(extent.at)}" if extent.at else ""
            count = f"{extent.differing:,} of {extent.numel:,}{where}, up to "
            parts.append(f"{count if extent.at else ''}{gap}{place}")
        if self.statistics:
            parts.append(f"by its {', '.join(self.statistics)}")
        if before.dtype != after.dtype:
            parts.append(f"{after.dtype}, in the other {before.dtype}")
        return "; ".join(parts)

    def __repr__(self) -> str:
        place = "" if self.line is None else f"line {self.line}"
        return f"<{', '.join(filter(None, (self.what, self.when, place)))}: {self.sentence}>"


class Differences(Sequence[DifferenceView]):
    """What differs between two recordings: values as they were made, gradients by step, `.grad`.

    Attributes:
        recording, other: the one that was asked, and the one that it is compared with.
        comparison: the records behind it.
        values, gradients: how many of each were compared.
        by_statistics: how many of these by their statistics and a corner only.
        not_compared: of how many that both runs made one recording has nothing to compare.
    """

    def __init__(
        self, recording: RecordingView, other: RecordingView, *, rtol: float, atol: float
    ) -> None:
        if not (rtol >= 0 and atol >= 0):
            raise GradvizError("rtol and atol are to be 0 or more.")
        self.recording, self.other = recording, other
        alignment = aligned_by_text(other.data, recording.data)
        tolerance = Tolerance(rtol, atol)
        self.comparison = TolerantComparison(
            other.data,
            recording.data,
            alignment,
            extents=_extents_of_fetched(recording, other, alignment, tolerance),
            tolerance=tolerance,
        )
        kinds = Counter(
            (self.comparison.basis_of(pair), pair.quantity is Quantity.VALUE)
            for pair in self.comparison.pairs
            if pair.before is not None or pair.after is not None
        )
        complete, partly, nothing = (
            [kinds[basis, False], kinds[basis, True]]
            for basis in (Basis.ELEMENTS, Basis.STATISTICS, Basis.NOTHING)
        )
        self.gradients, self.values = map(sum, zip(complete, partly, strict=True))
        self.by_statistics, self.not_compared = sum(partly), sum(nothing)

    @property
    def only_here(self) -> tuple[OpView | PassView, ...]:
        """The ops and backward calls that the other recording has not."""
        return _calls(self.recording, self.comparison.pairs.alignment.only_after)

    @property
    def only_there(self) -> tuple[OpView | PassView, ...]:
        """The ops and backward calls that only the other recording has."""
        return _calls(self.other, self.comparison.pairs.alignment.only_before)

    @property
    def are_none(self) -> bool:
        """Whether both did the same, and whatever could be compared is equal."""
        return not (self or self.only_here or self.only_there)

    @property
    def has_nothing_in_common(self) -> bool:
        """Whether there was nothing to compare."""
        return not (self.values or self.gradients or self.not_compared)

    @overload
    def __getitem__(self, index: int) -> DifferenceView: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[DifferenceView]: ...
    def __getitem__(self, index: int | slice) -> DifferenceView | Sequence[DifferenceView]:
        if isinstance(index, slice):
            return [DifferenceView(self, record) for record in self.comparison.differences[index]]
        return DifferenceView(self, self.comparison.differences[index])

    def __len__(self) -> int:
        return len(self.comparison.differences)

    def __repr__(self) -> str:
        from gradviz.recording.difference_text import differences_text

        return differences_text(self)


def _calls(view: RecordingView, records: Iterable[Op | Pass]) -> tuple[OpView | PassView, ...]:
    return tuple(
        OpView(view, record) if isinstance(record, Op) else PassView(view, record)
        for record in records
    )


def _extents_of_fetched(
    recording: RecordingView, other: RecordingView, alignment: Alignment, tolerance: Tolerance
) -> tuple[Extent, ...]:
    """How far large values are apart whose elements both recordings can still give."""
    found: dict[tuple[ValueId, ValueId], Extent] = {}
    for pair in Pairs(other.data, recording.data, alignment):
        before, after = other.data.value(pair.before), recording.data.value(pair.after)
        if before is None or after is None or before.shape != after.shape:
            continue
        key = before.id, after.id
        if key in found or (before.is_whole and after.is_whole):
            continue
        with suppress(GradvizError):
            first, second = other.array(before.id), recording.array(after.id)
            if first is not None and second is not None:
                found[key] = extent_of_arrays(*key, first, second, tolerance)
    return tuple(found.values())


def _tensor_name(recording: Recording, tensor: Tensor) -> str:
    if tensor.name is not None:
        return tensor.name
    if tensor.op is None:
        return f"tensor {tensor.id}"
    label = shorten(op_label(recording, recording.ops[tensor.op]), 48)
    return label if not tensor.slot else f"{label}[{tensor.slot}]"


def _op_of(recording: Recording, item: Item) -> Op | None:
    records = recording.tensors if item.kind is ItemKind.TENSOR else recording.autograd_nodes
    number = records[item.id].op
    return None if number is None else recording.ops[number]


def _line_of(recording: Recording, item: Item) -> int | None:
    op = _op_of(recording, item)
    if op is not None:
        return None if op.location is None else op.location.line
    if item.kind is ItemKind.TENSOR:
        return recording.tensors[item.id].line
    leaf = recording.autograd_nodes[item.id].leaf
    return None if leaf is None else recording.tensors[leaf].line
