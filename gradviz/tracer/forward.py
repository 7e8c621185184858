"""Record the calls of the forward pass as the person wrote them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from types import FrameType
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode

from gradviz.recording.model import OpId, OpKind, TensorId
from gradviz.tracer.functions import MOVES, PROFILES, Profile, Treatment, profile_of, tensors_in
from gradviz.tracer.lean import enter_call
from gradviz.tracer.ledger import Ledger, OpEntry, base_of, version_of
from gradviz.tracer.modules import ModuleScopes
from gradviz.tracer.private import (
    HAS_VERSIONS,
    functorch_layer,
    is_stand_in,
    modes_left,
    next_node_number,
    quiet,
    silenceable,
    version,
)
from gradviz.tracer.quiet import Overhead
from gradviz.tracer.results import Results
from gradviz.tracer.source import NOWHERE, Place, Site, SourceMap
from gradviz.tracer.values import ORDINARY

_is_grad_enabled: Final = torch.is_grad_enabled
_STRIDED: Final = torch.strided

_Seen = tuple[list[torch.Tensor], list[int], list[torch.Tensor]]
"""Inputs, their versions before the call, and those that the call writes to."""
_Whence = tuple[Site, bool, FrameType | None]
"""What a `Place` holds."""


class ForwardMode(TorchFunctionMode):
    """Hands every call of a torch function to the recorder."""

    def __init__(self, recorder: ForwardRecorder) -> None:
        super().__init__()
        self._recorder = recorder

    @silenceable
    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        aside = modes_left() > 0  # attributes of tensors would be read by somebody else's code
        for kind in types:
            aside = aside or kind not in ORDINARY
        if aside:
            return self._recorder.call(func, args, kwargs or {}, sys._getframe(1), aside=True)
        return self._recorder.call(func, args, kwargs or {}, sys._getframe(1))


class ForwardRecorder:
    """Enters ops, their tensors and the autograd nodes that they made into the ledger.

    Attributes:
        depth: how many recorded calls and engine runs are being executed; what happens inside
            one of them is part of it and not recorded by itself.
        hooks_seen: whether the person has got hold of something to hook into a pass with.
    """

    def __init__(
        self, ledger: Ledger, sources: SourceMap, scopes: ModuleScopes, overhead: Overhead
    ) -> None:
        self._ledger = ledger
        self._sources = sources
        self._scopes = scopes
        self._overhead = overhead
        self._results = Results(ledger)
        self.depth = 0
        self.hooks_seen = False

    def call(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        frame: FrameType | None,
        *,
        aside: bool = False,
    ) -> Any:
        """Run `func` exactly as it would run by itself, and record it.

        `aside` says that other modes or subclasses of tensors must not see the recording.
        """
        profile = PROFILES.get(func) or profile_of(func)
        treatment = profile.treatment
        if treatment is Treatment.SKIP or self.depth or functorch_layer() is not None:
            if profile.touches or "out" in kwargs:
                self.guard(profile, args, kwargs)
            return func(*args, **kwargs)
        started = perf_counter()
        site = None if frame is None else self._sources.direct_site(frame)
        if treatment is Treatment.GRAD and site is None:
            result = func(*args, **kwargs)
            if result is not None and (place := self._sources.place(frame)) is not None:
                self._note(treatment, args[0], result, place)
            return result
        is_lean = profile.is_lean and not aside
        if is_lean and (kwargs or profile.may_write):
            is_lean = not _written(profile, args, kwargs)
        if site is not None:
            if is_lean:
                return self._call_lean(profile, (site, False, frame), func, args, kwargs, started)
            place = Place(site, False, frame)
        else:
            place = self._sources.place(frame)
        if place is None:
            if profile.touches or "out" in kwargs:
                self.guard(profile, args, kwargs)
            return func(*args, **kwargs)
        if is_lean:
            return self._call_lean(profile, place, func, args, kwargs, started)
        if treatment is Treatment.GRAD or treatment is Treatment.REFRESH:
            result = func(*args, **kwargs)
            self._note(treatment, args[0], result, place)
            return result
        inputs = tensors_in((args, kwargs)) if kwargs else tensors_in(args)
        written: list[torch.Tensor] = []
        if kwargs or profile.touches:
            written = _written(profile, args, kwargs)
            if treatment is Treatment.EXIT and profile.touches:
                self.guard(profile, args, kwargs)
        seen: _Seen = (inputs, self._prepare(inputs, written, aside=aside), written)
        return self._recorded(profile, place, func, args, kwargs, seen, started, aside=aside)

    def _call_lean(
        self,
        profile: Profile,
        place: _Whence,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        started: float,
    ) -> Any:
        """The usual call: nothing that is written to."""
        inputs: list[torch.Tensor] = []
        for one in args:
            if isinstance(one, torch.Tensor):
                inputs.append(one)
            elif isinstance(one, (tuple, list, dict)):
                inputs = tensors_in(args)
                break
        if kwargs:
            inputs += tensors_in(kwargs)
        try:
            before = [version(tensor) for tensor in inputs]
        except RuntimeError:  # inference tensors
            before = [version_of(tensor) for tensor in inputs]
        self.depth += 1
        first = next_node_number()
        began = perf_counter()
        try:
            result = func(*args, **kwargs)
        finally:
            ended = perf_counter()
            self.depth -= 1
        window = (first, next_node_number())
        try:
            if not self._enter_lean(profile, place, inputs, before, result, window, ended - began):
                seen: _Seen = (inputs, before, [])
                self._enter(profile, Place(*place), seen, result, window, ended - began)
        except Exception as error:
            self._overhead.fail(error)
        self._overhead.seconds += perf_counter() - started - (ended - began)
        return result

    def _enter_lean(
        self,
        profile: Profile,
        place: _Whence,
        inputs: list[torch.Tensor],
        before: list[int],
        result: Any,
        window: tuple[int, int],
        seconds: float,
    ) -> bool:
        """Enter a call that changed none of its inputs; False where this is not so simple."""
        if type(result) is not torch.Tensor or not inputs or result.layout is not _STRIDED:
            return False
        if result.is_inference() or is_stand_in(result) or any(map(is_stand_in, inputs)):
            return False
        ledger = self._ledger
        by_object, tensors = ledger.by_object, ledger.tensors
        site, inside_library, frame = place
        if site is not NOWHERE:
            ledger.line = site.line
        self._results.settle(frame)
        met: list[TensorId] = []
        for tensor, earlier in zip(inputs, before, strict=True):
            if earlier < 0 or version(tensor) != earlier or tensor is result:
                return False
            known = by_object.get(id(tensor))
            if known is None or known.reference() is not tensor:
                number = self._meet(tensor, frame)
            elif (
                known.version != earlier or known.pointer != tensor.data_ptr() or not known.pointer
            ):
                return False
            else:
                number = known.latest
            entry = tensors[number]
            if entry.node is None and entry.requires_grad and not entry.is_leaf:
                return False
            met.append(number)
        name = profile.name
        text = name if inside_library else ""
        enter_call(ledger, site, (name, text), self._scopes.current(), met, result, window, seconds)
        targets = site.targets
        if targets:
            if inside_library:
                self._results.expect(Place(*place))
            elif len(targets) == 1 and targets[0] != "_":
                tensors[-1].name = targets[0]
        return True

    def guard(self, profile: Profile, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Something that is not recorded by itself changes memory that may be referred to."""
        if profile.hooks:
            self.hooks_seen = True
            return
        try:
            if functorch_layer() is not None:
                return
            with quiet():
                if profile.exposes:
                    for tensor in tensors_in(args[:1]):
                        self._ledger.values.expose(tensor)
                else:
                    for tensor in _written(profile, args, kwargs):
                        self._ledger.values.before_write(tensor)
        except Exception as error:
            self._overhead.fail(error)

    def guard_all(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Any of these arguments may be about to change unseen."""
        try:
            with quiet():
                for tensor in tensors_in((args, kwargs)):
                    self._ledger.values.before_write(tensor)
        except Exception as error:
            self._overhead.fail(error)

    def _recorded(
        self,
        profile: Profile,
        place: Place,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        seen: _Seen,
        started: float,
        *,
        aside: bool,
    ) -> Any:
        first = next_node_number()
        self.depth += 1
        began = perf_counter()
        try:
            result = func(*args, **kwargs)
        finally:
            ended = perf_counter()
            self.depth -= 1
        last = next_node_number()
        try:
            if aside:
                with quiet():
                    self._enter(profile, place, seen, result, (first, last), ended - began)
            else:
                self._enter(profile, place, seen, result, (first, last), ended - began)
        except Exception as error:
            self._overhead.fail(error)
        self._overhead.seconds += perf_counter() - started - (ended - began)
        return result

    def call_opaque(
        self,
        name: str,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        frame: FrameType | None,
    ) -> Any:
        """Run something that no mode sees, and record it as one op of this name."""
        if self.depth or functorch_layer() is not None:
            return func(*args, **kwargs)
        started = perf_counter()
        place = self._sources.place(frame)
        if place is None:
            return func(*args, **kwargs)
        profile = Profile(Treatment.OP, name, shares=name == "from_numpy")
        inputs = tensors_in((args, kwargs))
        seen: _Seen = (inputs, self._prepare(inputs, [], aside=True), [])
        return self._recorded(profile, place, func, args, kwargs, seen, started, aside=True)

    def _note(self, treatment: Treatment, tensor: torch.Tensor, result: Any, place: Place) -> None:
        try:
            with quiet():
                if treatment is Treatment.REFRESH:
                    self._ledger.refresh(tensor)
                elif isinstance(result, torch.Tensor):
                    self._ledger.note_grad(tensor, result)
                elif not place.inside_library and (location := place.site.location) is not None:
                    self._ledger.note_no_grad(tensor, location.line)
        except Exception as error:
            self._overhead.fail(error)

    def _prepare(
        self, inputs: list[torch.Tensor], written: list[torch.Tensor], *, aside: bool
    ) -> list[int]:
        try:
            if not aside and not written:
                try:
                    return [version(tensor) for tensor in inputs]
                except RuntimeError:  # inference tensors
                    return [version_of(tensor) for tensor in inputs]
            with quiet():
                if written:
                    for tensor in inputs:
                        self._ledger.meet(tensor)
                    for tensor in written:
                        self._ledger.values.before_write(tensor)
                return [version_of(tensor) for tensor in inputs]
        except Exception as error:
            self._overhead.fail(error)
            return []

    def _enter(
        self,
        profile: Profile,
        place: Place,
        seen: _Seen,
        result: Any,
        window: tuple[int, int],
        seconds: float,
    ) -> None:
        inputs, before, written = seen
        if profile.shares:
            for tensor in tensors_in(result):
                self._ledger.values.expose(tensor)
        changed = [
            tensor
            for tensor, earlier in zip(inputs, before, strict=False)
            if version_of(tensor) != earlier
        ]
        for tensor in written:
            is_named = tensor is result or profile.name in ("data", "set_")
            forced = profile.trains or is_named or not HAS_VERSIONS
            if forced and not _contains(changed, tensor):
                changed.append(tensor)
        if type(result) is torch.Tensor:
            outputs = [] if _contains(inputs, result) else [result]
        else:
            outputs = [one for one in tensors_in(result) if not _contains(inputs, one)]
        if not outputs and not changed and profile.treatment is not Treatment.EXIT:
            return
        kind = _kind(profile, inputs, outputs, changed)
        self.enter(profile.name, kind, place, inputs, outputs, changed, window, seconds)

    def enter(
        self,
        name: str,
        kind: OpKind,
        place: Place,
        inputs: Sequence[torch.Tensor],
        outputs: Sequence[torch.Tensor],
        changed: Sequence[torch.Tensor],
        window: tuple[int, int],
        seconds: float,
    ) -> OpId:
        """Enter an op that has just run; `window` bounds the sequence numbers of its nodes."""
        ledger = self._ledger
        site = place.site
        if site is not NOWHERE:
            ledger.line = site.line
        self._results.settle(place.frame)
        text = name if place.inside_library else ""
        identity = ledger.identity
        met: list[TensorId] = []
        for tensor in inputs:
            known = identity(tensor)
            if known is not None and (
                ledger.is_current(known, tensor) or _contains(changed, tensor)
            ):
                met.append(known.latest)
            else:
                met.append(ledger.meet(tensor) if known else self._meet(tensor, place.frame))
        number = OpId(len(ledger.ops))
        made: list[TensorId] = []
        scope = self._scopes.current()
        op = OpEntry(
            name, kind, text, site, scope, tuple(met), made, (), _is_grad_enabled(), seconds
        )
        ledger.ops.append(op)
        first, last = window
        if last > first:
            roots = [tensor.grad_fn for tensor in (*outputs, *changed) if tensor.requires_grad]
            op.nodes = tuple(ledger.add_nodes(roots, number, first, last))
        for tensor in outputs:
            made.append(ledger.add_output(tensor, number, len(made)))
        for tensor in changed:
            self._enter_change(tensor, number, op)
        if op.nodes:
            for tensor, entered in zip(inputs, met, strict=True):
                if ledger.needs_node(entered) and not _contains(changed, tensor):
                    ledger.read_node(ledger.tensors[entered], tensor)
        if site.targets:
            if place.inside_library:
                self._results.expect(place)
            else:
                self._name_targets(op, outputs, site.targets)
        if changed:
            for entered in made:
                ledger.tensors[entered].line = ledger.line
        if kind is OpKind.SOURCE:
            for tensor, entered in zip(outputs, made, strict=False):
                ledger.remember_source(tensor, entered)
        return number

    def _enter_change(self, tensor: torch.Tensor, number: OpId, op: OpEntry) -> None:
        ledger = self._ledger
        op.outputs.append(ledger.add_version(tensor, number, len(op.outputs)))
        base = base_of(tensor)
        if base is not None and ledger.identity(base) is not None:
            op.outputs.append(ledger.add_version(base, number, len(op.outputs)))

    def _meet(self, tensor: torch.Tensor, frame: FrameType | None) -> TensorId:
        """Enter a tensor that was not met before."""
        ledger = self._ledger
        number = ledger.meet(tensor)
        if frame is not None and frame.f_code.co_name == "<module>":
            entry = ledger.tensors[number]
            if entry.name is None:
                for name, bound in frame.f_globals.items():
                    if bound is tensor:
                        entry.name = name
        return number

    def _name_targets(
        self, op: OpEntry, outputs: Sequence[torch.Tensor], targets: tuple[str, ...]
    ) -> None:
        if len(targets) != len(outputs) or not outputs:
            return
        for name, number in zip(targets, op.outputs, strict=False):
            if name != "_":
                self._ledger.tensors[number].name = name


def _written(profile: Profile, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[torch.Tensor]:
    """The arguments that the call will or may change."""
    if "out" in kwargs:
        return tensors_in(kwargs["out"])
    if profile.writes:
        return tensors_in(args[0]) if args else tensors_in(kwargs.get("input"))
    if profile.may_write and (kwargs.get("inplace") or any(one is True for one in args[1:])):
        return tensors_in(args[:1])
    if profile.trains:
        training = kwargs.get("training", kwargs.get("use_input_stats", False))
        if training or any(one is True for one in args[3:]):
            return tensors_in((args[1:3], kwargs.get("running_mean"), kwargs.get("running_var")))
    return []


def _kind(
    profile: Profile,
    inputs: list[torch.Tensor],
    outputs: list[torch.Tensor],
    changed: list[torch.Tensor],
) -> OpKind:
    if profile.treatment is Treatment.EXIT:
        return OpKind.EXIT
    if profile.name in MOVES and inputs:
        made = outputs[0] if outputs else inputs[0]
        if any(tensor.device != made.device for tensor in inputs):
            return OpKind.TRANSFER
    if changed and not profile.trains:
        return OpKind.IN_PLACE
    if not inputs:
        return OpKind.SOURCE
    return OpKind.CALL


def _contains(tensors: Sequence[torch.Tensor], tensor: torch.Tensor) -> bool:
    for one in tensors:  # noqa: SIM110 - a generator costs as much as all else here
        if one is tensor:
            return True
    return False
