"""Check that a recording from a file or another process agrees with itself.

Decoding has checked the types. What follows here lets everybody else look records up by identity
without asking again: identities are indices that exist, sizes are true, numbers are finite.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import chain
from typing import Final

from gradviz.errors import GradvizError
from gradviz.recording.model import Location, ModuleCall, Pass, Recording, Tensor, Value

MAX_TEXT: Final = 8 << 20
"""Characters; no text that a person edits is longer."""

MAX_DIMENSIONS: Final = 64
"""As numpy has it; torch allows as many."""

ITEM_NBYTES: Final = {
    "|b1": 1, "|u1": 1, "|i1": 1,
    "<u2": 2, "<i2": 2, "<f2": 2,
    "<u4": 4, "<i4": 4, "<f4": 4,
    "<u8": 8, "<i8": 8, "<f8": 8,
    "<c8": 8, "<c16": 16,
}  # fmt: skip
"""Sizes of the numpy types that the elements of a value may have."""

_LARGEST_LINE: Final = 2**31 - 1
_LARGEST_SIZE: Final = 2**63 - 1


def check_recording(recording: Recording) -> None:
    """Raise GradvizError with one sentence if a recording is inconsistent."""
    if len(recording.text) > MAX_TEXT:
        raise GradvizError(f"The recording's text is longer than {MAX_TEXT >> 20} Mi characters.")
    for what, records in (
        ("tensor", recording.tensors),
        ("op", recording.ops),
        ("autograd node", recording.autograd_nodes),
        ("pass", recording.passes),
        ("value", recording.values),
    ):
        if [record.id for record in records] != list(range(len(records))):
            raise GradvizError(f"The recording's {what} records are not numbered 0, 1, 2, ….")
    _check_values(recording.values)
    _check_tensors(recording)
    _check_ops(recording)
    _check_module_calls(recording.module_calls)
    _check_nodes(recording)
    for pass_ in recording.passes:
        _check_pass(recording, pass_)
    error = recording.error
    places = [output.line for output in recording.outputs]
    if error is not None:
        places += [error.line, error.column, error.end_line, error.end_column]
    _require_small(places, "line", _LARGEST_LINE)
    _require_finite((recording.run_seconds, recording.record_seconds))


def _check_values(values: tuple[Value, ...]) -> None:
    # Values come in few forms, of which each needs to be looked at only once.
    forms = {
        (v.shape, v.kept_shape, v.storage, -1 if v.data is None else len(v.data)) for v in values
    }
    for shape, kept_shape, storage, nbytes in forms:
        _check_shape(shape)
        _check_shape(kept_shape)
        if nbytes >= 0:
            _check_kept(shape, kept_shape, storage, nbytes)
    for value in values:
        if value.strides is not None:
            _check_strides(value)
    counts = (
        (v.statistics.zeros, v.statistics.nan, v.statistics.inf)
        for v in values
        if v.statistics is not None
    )
    _require_small(chain.from_iterable(counts), "count", _LARGEST_SIZE)


def _check_shape(shape: tuple[int, ...]) -> None:
    if len(shape) > MAX_DIMENSIONS:
        raise GradvizError(f"The recording has a tensor of {len(shape)} dimensions.")
    _require_small(shape, "size", _LARGEST_SIZE)


def _check_strides(value: Value) -> None:
    strides = value.strides or ()
    if len(strides) != len(value.shape):
        raise GradvizError("The recording has a value with too few or too many strides.")
    _require_small((abs(stride) for stride in strides), "stride", _LARGEST_SIZE)


def _check_kept(
    shape: tuple[int, ...], kept_shape: tuple[int, ...], storage: str, nbytes: int
) -> None:
    element_nbytes = ITEM_NBYTES.get(storage)
    if element_nbytes is None:
        raise GradvizError(f"The recording has elements of an unknown type {storage!r}.")
    if nbytes != element_nbytes * math.prod(kept_shape):
        raise GradvizError("The recording has a value with too few or too many bytes.")
    if len(kept_shape) != len(shape) or any(
        kept > size for kept, size in zip(kept_shape, shape, strict=True)
    ):
        raise GradvizError("The recording has a value of which more was kept than there is.")


def _check_tensors(recording: Recording) -> None:
    tensors = recording.tensors
    for shape in {tensor.shape for tensor in tensors}:
        _check_shape(shape)
    _require_within((t.base for t in tensors), tensors, "tensor")
    _require_within((t.op for t in tensors), recording.ops, "op")
    _require_within((t.autograd_node for t in tensors), recording.autograd_nodes, "autograd node")
    _require_within((t.value for t in tensors), recording.values, "value")
    _require_within((t.grad for t in tensors), recording.values, "value")
    _require_small((t.line for t in tensors), "line", _LARGEST_LINE)
    _require_small((t.read_no_grad for t in tensors), "line", _LARGEST_LINE)
    _require_small(chain.from_iterable(_sizes_of(t) for t in tensors), "size", _LARGEST_SIZE)
    if any(t.previous is not None and not 0 <= t.previous < t.id for t in tensors):
        raise GradvizError("The recording has a tensor that comes before its own earlier version.")


def _sizes_of(tensor: Tensor) -> tuple[int, int, int]:
    return tensor.nbytes, tensor.slot, tensor.output_nr


def _check_ops(recording: Recording) -> None:
    ops, tensors = recording.ops, recording.tensors
    _require_within(chain.from_iterable(op.inputs for op in ops), tensors, "tensor")
    _require_within(chain.from_iterable(op.outputs for op in ops), tensors, "tensor")
    nodes = chain.from_iterable(op.autograd_nodes for op in ops)
    _require_within(nodes, recording.autograd_nodes, "autograd node")
    _require_small((op.call for op in ops), "count", _LARGEST_SIZE)
    _require_finite(op.seconds for op in ops)
    _check_places(op.location for op in ops)


def _check_places(locations: Iterable[Location | None]) -> None:
    numbers = chain.from_iterable(
        (place.line, place.column, place.end_line, place.end_column)
        for place in locations
        if place is not None
    )
    _require_small(numbers, "line", _LARGEST_LINE)


def _check_module_calls(calls: tuple[ModuleCall, ...]) -> None:
    _require_small((call.call for call in calls), "count", _LARGEST_SIZE)
    for number, call in enumerate(calls):
        if call.parent is not None and not 0 <= call.parent < number:
            raise GradvizError("The recording has a module's call within a later one.")


def _check_nodes(recording: Recording) -> None:
    nodes = recording.autograd_nodes
    edges = [edge for node in nodes for edge in node.next if edge is not None]
    _require_within((edge.node for edge in edges), nodes, "autograd node")
    _require_small((edge.slot for edge in edges), "slot", _LARGEST_LINE)
    _require_within((node.op for node in nodes), recording.ops, "op")
    _require_within((node.leaf for node in nodes), recording.tensors, "tensor")
    _require_small((node.saved_nbytes for node in nodes), "size", _LARGEST_SIZE)
    saved = [saved for node in nodes for saved in node.saved]
    _require_within((one.tensor for one in saved), recording.tensors, "tensor")
    _require_small((one.nbytes for one in saved), "size", _LARGEST_SIZE)


def _check_pass(recording: Recording, pass_: Pass) -> None:
    nodes, values, steps = recording.autograd_nodes, recording.values, pass_.steps
    if len(pass_.roots) != len(pass_.root_tensors):
        raise GradvizError("The recording has a pass whose roots do not match its tensors.")
    if [step.index for step in steps] != list(range(len(steps))):
        raise GradvizError("The recording has a pass whose steps are not numbered 0, 1, 2, ….")
    _require_within((edge.node for edge in pass_.roots), nodes, "autograd node")
    _require_small((edge.slot for edge in pass_.roots), "slot", _LARGEST_LINE)
    _require_within(pass_.root_tensors, recording.tensors, "tensor")
    _require_within((step.autograd_node for step in steps), nodes, "autograd node")
    _require_within(chain.from_iterable(s.grad_outputs for s in steps), values, "value")
    _require_within(chain.from_iterable(s.grad_inputs for s in steps), values, "value")
    _require_within((step.leaf_grad for step in steps), values, "value")
    for pairs in (pass_.grads_before, pass_.leaf_grads):
        _require_within((pair.leaf for pair in pairs), recording.tensors, "tensor")
        _require_within((pair.grad for pair in pairs), values, "value")
    _require_finite((pass_.seconds, *(step.seconds for step in steps)))
    _check_places((pass_.location,))
    if pass_.parent is not None and not 0 <= pass_.parent < pass_.id:
        raise GradvizError("The recording has a pass that was called by a later one.")
    _require_small((pass_.parent_step,), "step", _LARGEST_LINE)
    _require_within(pass_.redrawn, steps, "step")
    _require_small((pass_.ops_before,), "count", len(recording.ops))


def _require_within(ids: Iterable[int | None], records: tuple[object, ...], what: str) -> None:
    present = [number for number in ids if number is not None]
    if present and not (min(present) >= 0 and max(present) < len(records)):
        raise GradvizError(f"The recording speaks of {what} records that it does not have.")


def _require_small(numbers: Iterable[int | None], what: str, largest: int) -> None:
    present = [number for number in numbers if number is not None]
    if present and not (min(present) >= 0 and max(present) <= largest):
        raise GradvizError(f"The recording has a {what} that cannot be.")


def _require_finite(numbers: Iterable[float]) -> None:
    if not all(map(math.isfinite, numbers)):
        raise GradvizError("The recording has a time that is not a number.")
