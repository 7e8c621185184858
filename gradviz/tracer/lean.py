"""The usual call, in one go: ordinary tensors come in, one comes out, or one of them is changed.

What `ForwardRecorder` does for such a call is written out here in one place, because every call of
a program goes through it and each step by itself is felt: the call is noted as one tuple, which
`Ledger` turns into entries when somebody asks for them, in most runs after the person's code.
Whatever is not so simple goes the long way, before or after the call itself has run.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Sequence
from time import perf_counter
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

import torch

from gradviz.recording.model import NodeId, OpId, TensorId
from gradviz.tracer.entries import Identity, NodeEntry, name_in
from gradviz.tracer.functions import PROFILES, Profile, Treatment, profile_of, written_by
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.nodes import (
    KINDS,
    add_nodes,
    disown_nodes,
    forget_earlier,
    kind_of,
    link,
    node_id,
    saved_by,
)
from gradviz.tracer.private.modes import functorch_layer, kernel_modes, modes_left
from gradviz.tracer.private.nodes import next_node_number, node_number
from gradviz.tracer.private.tensors import HAS_VERSIONS, base, version
from gradviz.tracer.quiet import Overhead
from gradviz.tracer.source import NOWHERE

if TYPE_CHECKING:
    from gradviz.tracer.forward import ForwardRecorder
    from gradviz.tracer.source import Whence

Handler = Callable[..., Any]
"""A mode's `__torch_function__`."""
Known = list[tuple[torch.Tensor, Identity | None, int]]
"""Inputs of a call, each with what is known of it and its version before the call."""

_is_grad_enabled: Final = torch.is_grad_enabled
_GRAD: Final = Treatment.GRAD
_FLOAT32: Final = torch.float32
_CPU: Final = torch.device("cpu")
_TENSOR: Final = torch.Tensor
_PARAMETER: Final = torch.nn.Parameter
_NO_TENSORS: Final = frozenset(
    {
        NoneType, bool, int, float, complex, str, slice, type(...), torch.Size,
        torch.dtype, torch.device, torch.layout, torch.memory_format,
    }
)  # fmt: skip


def lean_handler(ledger: Ledger, recorder: ForwardRecorder) -> Handler:
    """Handle calls of torch functions: the usual ones here, all others by `recorder`."""
    profiles, clock, caller = PROFILES, perf_counter, sys._getframe
    direct, silent, place_of = recorder.direct, recorder.silent, recorder.place
    inputs_of, prepare = _input_finder(ledger), _preparer(ledger, recorder.overhead)
    note = _noter(ledger, recorder)
    overhead = recorder.overhead

    def handle(
        mode: object,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        started = clock()
        profile = profiles.get(func) or profile_of(func)
        if profile.is_nothing:
            return func(*args, **kwargs) if kwargs else func(*args)
        if (
            not profile.is_lean
            or recorder.depth
            or modes_left()
            or kernel_modes()
            or functorch_layer() is not None
            or (kwargs and "out" in kwargs)
        ):
            frame = caller(1)
            is_aside = profile.treatment is _GRAD and id(frame.f_code) in silent
            if is_aside and not recorder.depth:  # `zero_grad` looks at the `.grad` of each leaf
                return func(*args)
            return recorder.handle(func, types, args, kwargs or {}, frame)
        inputs = inputs_of((*args, *kwargs.values()) if kwargs else args)
        if inputs is None:
            return recorder.handle(func, types, args, kwargs or {}, caller(1))
        frame = caller(1)
        sites = direct.get(id(frame.f_code))
        site = None if sites is None else sites.get(frame.f_lasti)
        place: Whence | None = (site, False, frame, None) if site is not None else place_of(frame)
        if place is None:
            if profile.touches:
                recorder.guard(profile, args, kwargs or {})
            return func(*args, **kwargs) if kwargs else func(*args)
        written = written_by(profile, args, kwargs or {}) if profile.touches else []
        if written and not prepare(profile, inputs, written):
            return recorder.handle(func, types, args, kwargs or {}, frame)
        first = next_node_number()
        began = clock()
        try:
            recorder.depth = 1
            result = func(*args, **kwargs) if kwargs else func(*args)
        finally:
            ended = clock()
            recorder.depth = 0
        try:
            note(profile, place, inputs, written, result, first, ended - began)
        except Exception as error:
            overhead.fail(error)
            disown_nodes(ledger)
        overhead.seconds += clock() - ended + began - started
        return result

    return handle


def _input_finder(ledger: Ledger) -> Callable[[tuple[Any, ...]], Known | None]:
    """Find the tensors that a call takes: None where one was changed unseen or is unusual."""
    by_object, tensors = ledger.by_object, ledger.raw_tensors
    shared, exposed = ledger.aliases.shared, ledger.aliases.exposed

    def inputs_of(args: tuple[Any, ...]) -> Known | None:
        found: Known = []
        try:
            for one in args:
                kind = type(one)
                if kind is _TENSOR or kind is _PARAMETER:
                    known = by_object.get(id(one))
                    counted = version(one)
                    if known is not None and known.reference() is one:
                        if (
                            known.version != counted
                            or not known.pointer
                            or known.pointer != one.data_ptr()
                            or ((shared or exposed) and ledger.is_outdated(known, one))
                        ):
                            return None
                        entry = tensors[known.latest]
                        if type(entry) is not tuple and (
                            entry.node is None and entry.requires_grad and not entry.is_leaf
                        ):
                            return None
                        found.append((one, known, counted))
                    else:
                        found.append((one, None, counted))
                elif kind not in _NO_TENSORS and not (
                    (kind is tuple or kind is list) and _are_plain(one)
                ):
                    return None
        except RuntimeError:  # inference tensors have no version, stand-ins lie nowhere
            return None
        return found or None

    return inputs_of


def _are_plain(arguments: Any) -> bool:
    """Whether there can be no tensor among these arguments."""
    for one in arguments:  # noqa: SIM110 - a generator costs as much as all else here
        if type(one) not in _NO_TENSORS:
            return False
    return True


_Prepare = Callable[[Profile, Known, list[torch.Tensor]], bool]


def _preparer(ledger: Ledger, overhead: Overhead) -> _Prepare:
    """Keep what is about to be overwritten: False where something about it is unusual."""
    meet, meet_usual, by_object = ledger.meet, ledger.meet_usual, ledger.by_object
    before_write = ledger.values.before_write

    def prepare(profile: Profile, inputs: Known, written: list[torch.Tensor]) -> bool:
        if not HAS_VERSIONS or (len(written) > 1 and written[0] is written[1]):
            return False
        for one in written:
            if type(one) is not _TENSOR or (profile.trains and one.requires_grad):
                return False
        for one, _, _ in inputs:
            if base(one) is not None:
                return False
        try:
            for at, (one, known, counted) in enumerate(inputs):
                if known is None:
                    known = by_object.get(id(one))
                    if known is None or known.reference() is not one:
                        known = meet_usual(one)
                    if known is None:
                        meet(one)
                        known = by_object[id(one)]
                        if not known.pointer:
                            return False
                    inputs[at] = one, known, counted
            for one in written:
                before_write(one)
        except Exception as error:
            overhead.fail(error)
            return False
        return True

    return prepare


_Note = Callable[[Profile, "Whence", Known, list[torch.Tensor], Any, int, float], None]


def _noter(ledger: Ledger, recorder: ForwardRecorder) -> _Note:
    """Note a call that has just run."""
    by_object, values = ledger.by_object, ledger.values
    tensors, ops, kept = ledger.raw_tensors, ledger.raw_ops, values.raw
    keep, meet, results, scopes = values.note, recorder.ops.meet, recorder.results, recorder.scopes
    note_node, reference_to, is_grad_enabled = _node_noter(ledger), weakref.ref, _is_grad_enabled
    renew = ledger.add_usual_version

    def note(
        profile: Profile,
        place: Whence,
        inputs: Known,
        written: list[torch.Tensor],
        result: Any,
        first: int,
        seconds: float,
    ) -> None:
        pointer = counted = 0
        if type(result) is _TENSOR and not result.is_nested:
            try:
                pointer, counted = result.data_ptr(), version(result)
            except RuntimeError:  # as above
                pointer = 0
        is_new = False
        is_in_place = bool(written) and written[0] is result
        changed = written if is_in_place or profile.trains else ()
        for one, known, earlier in inputs:
            if known is None:
                is_new = True
            if (one is result or version(one) != earlier) and not (
                changed and (one is changed[0] or one is changed[-1])
            ):
                pointer = 0
        if not pointer:
            window = first, next_node_number()
            recorder.enter_called(profile, place, inputs, written, result, window, seconds)
            return
        site, inside_library, frame, _ = place
        if site is not NOWHERE:
            ledger.line = site.line
        if results.is_waiting:
            results.settle(place)
        taken = [meet(one, frame) if known is None else known.latest for one, known, _ in inputs]
        op = len(ops)
        node = result.grad_fn
        if node is None:
            made: tuple[NodeId, ...] = ()
            requires_grad, grad_enabled = result.requires_grad, is_grad_enabled()
            entered, output_nr = None, 0
        else:
            made = note_node(node, op, first)
            requires_grad, grad_enabled = True, not is_in_place or is_grad_enabled()
            entered = made[0] if len(made) == 1 else node_id(ledger, node)
            output_nr = result.output_nr
            if is_new and made:
                for number, (one, known, _) in zip(taken, inputs, strict=True):
                    if known is None and ledger.needs_node(number):
                        ledger.read_node(tensors[number], one)
        source: TensorId | None = None
        if (viewed := base(result)) is not None and (seen := ledger.identity(viewed)) is not None:
            source = seen.latest
        targets, target = site.targets, None
        if targets:
            if inside_library or site.is_of_many:
                last = None if inside_library else (id(result), TensorId(len(tensors)))
                results.expect(place, last)
            elif len(targets) == 1 and targets[0] != "_":
                target = targets[0]
        elif site.is_returned:
            results.expect_returned(place)
        name = profile.name
        text = name if inside_library else ""
        device = _CPU if result.is_cpu else result.device
        if device is _CPU and result.dtype is _FLOAT32 and not result.dim():
            value, nbytes = len(kept), 4
            kept.append(result.item())
        else:
            value, nbytes = keep(result, counted), result.nbytes
        number = TensorId(len(tensors))
        previous: TensorId | None = None
        versions: tuple[tuple[Any, ...], ...] = ()
        if is_in_place:
            previous = by_object[id(result)].latest
            target = name_in(tensors[previous])
        elif changed:
            versions = tuple([note_version(one, number, at) for at, one in enumerate(changed, 1)])
        noted = (
            number, name, text, site, scopes.current, tuple(taken), made,
            grad_enabled, previous, target, ledger.line, device, requires_grad, nbytes, source,
            entered, output_nr, value, pointer, seconds, versions,
        )  # fmt: skip
        if versions:
            tensors.extend((noted, *versions))  # Ctrl+C must not come between these
        else:
            tensors.append(noted)
        ops.append(noted)
        if is_in_place:
            renew(result, number, OpId(op), counted, pointer)
            return
        by_object[id(result)] = Identity(reference_to(result), number, number, counted, pointer)
        if versions:
            for one, (renewed, *_) in zip(changed, versions, strict=True):
                renew(one, renewed, OpId(op), version(one), one.data_ptr())

    def note_version(tensor: torch.Tensor, made: TensorId, slot: int) -> tuple[Any, ...]:
        """What the call that made `made` has trained."""
        previous = by_object[id(tensor)].latest
        return (
            TensorId(made + slot), ledger.line, slot, tensor.device, tensor.requires_grad,
            tensor.nbytes, values.note(tensor, version(tensor)), tensor.data_ptr(), previous,
            name_in(tensors[previous]),
        )  # fmt: skip

    return note


def _node_noter(ledger: Ledger) -> Callable[[Any, int, int], tuple[NodeId, ...]]:
    """Enter what an op has made on the way to the node of its result, mostly that alone."""
    key, entries, kinds = ledger.key, ledger.nodes, KINDS

    def note_node(node: Any, op: int, first: int) -> tuple[NodeId, ...]:
        if node_number(node) != first:
            last = next_node_number()
            return tuple(add_nodes(ledger, (node,), OpId(op), first, last)) if last > first else ()
        number = NodeId(len(entries))
        kind = kinds.get(type(node)) or kind_of(node)
        entry = NodeEntry(kind[0], OpId(op))
        entries.append(entry)
        metadata = node.metadata
        if metadata:
            forget_earlier(metadata)
        metadata[key] = number
        mask = link(ledger, entry, node.next_functions)
        if kind[1]:
            entry.saved = saved_by(node, kind, mask)
        return (number,)

    return note_node
