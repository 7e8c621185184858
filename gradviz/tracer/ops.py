"""Enter what has just run as ops, with their tensors and autograd nodes."""

from __future__ import annotations

from collections.abc import Sequence
from types import FrameType
from typing import Any, Final

import torch

from gradviz.recording.model import OpId, OpKind, TensorId
from gradviz.tracer.entries import OpEntry, name_in
from gradviz.tracer.functions import COUNTING_APART, MOVES, Profile, Treatment, tensors_in
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.modules import ModuleScopes
from gradviz.tracer.nodes import add_nodes
from gradviz.tracer.private.nodes import next_node_number
from gradviz.tracer.private.tensors import HAS_VERSIONS
from gradviz.tracer.readings import base_of, version_of
from gradviz.tracer.results import Results
from gradviz.tracer.source import NOWHERE, Place

_is_grad_enabled: Final = torch.is_grad_enabled

Seen = tuple[list[torch.Tensor], list[int], list[torch.Tensor]]
"""Inputs, their versions before the call, and those that the call writes to."""


class Ops:
    """Enters ops, their tensors and the autograd nodes that they made into the ledger."""

    def __init__(self, ledger: Ledger, scopes: ModuleScopes, results: Results) -> None:
        self._ledger = ledger
        self._scopes = scopes
        self._results = results

    def enter_call(
        self,
        profile: Profile,
        place: Place,
        seen: Seen,
        result: Any,
        window: tuple[int, int],
        seconds: float,
    ) -> None:
        """Enter a call that has just run, if it made or changed anything."""
        inputs, before, written = seen
        if profile.is_unversioned and hasattr(result, "wait"):
            self._enter_unfinished(profile, place, inputs, written, window, seconds)
            return
        if profile.shares:
            for tensor in tensors_in(result):
                self._ledger.values.expose(tensor)
        if profile.name in COUNTING_APART:
            for tensor in (*tensors_in(result), *written):
                self._ledger.aliases.share(tensor)
        changed: list[torch.Tensor] = []
        for tensor, earlier in zip(inputs, before, strict=False):
            if version_of(tensor) != earlier and not contains(changed, tensor):
                changed.append(tensor)
        for tensor in written:
            is_named = tensor is result or profile.name in COUNTING_APART
            is_counted = HAS_VERSIONS and not profile.is_unversioned
            is_sure = not profile.may_write and tensor.is_inference()  # which counts nothing
            forced = profile.trains or is_named or is_sure or not is_counted
            if forced and not contains(changed, tensor):
                changed.append(tensor)
        if type(result) is torch.Tensor:
            outputs = [] if contains(inputs, result) else [result]
        else:
            outputs = [one for one in tensors_in(result) if not contains(inputs, one)]
        if not outputs and not changed and profile.treatment is not Treatment.EXIT:
            return
        kind = _kind(profile, inputs, outputs, changed)
        direct = () if profile.name == "setitem" else (result, *written)
        stale = [one for one in changed if _is_made_later(one) and not contains(direct, one)]
        op = self.enter(
            profile.name, kind, place, inputs, outputs, changed, window, seconds, stale=stale
        )
        if profile.is_unversioned:
            for tensor in written:
                self._ledger.expect_versions(tensor, op)

    def _enter_unfinished(
        self,
        profile: Profile,
        place: Place,
        inputs: list[torch.Tensor],
        written: list[torch.Tensor],
        window: tuple[int, int],
        seconds: float,
    ) -> None:
        """What such a call writes is there only once the person has waited for it: see then."""
        op = self.enter(profile.name, OpKind.IN_PLACE, place, inputs, (), (), window, seconds)
        for tensor in written:
            self._ledger.values.expose(tensor)
            self._ledger.expect_versions(tensor, op)

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
        *,
        stale: Sequence[torch.Tensor] = (),
    ) -> OpId:
        """Enter an op that has just run; `window` bounds the sequence numbers of its nodes.

        `stale` are those of `changed` that get their nodes only when they are used next.
        """
        ledger = self._ledger
        site = place.site
        if site is not NOWHERE:
            ledger.line = site.line
        self._results.settle(place)
        text = name if place.inside_library else ""
        identity = ledger.identity
        met: list[TensorId] = []
        for tensor in inputs:
            known = identity(tensor)
            if known is not None and (
                ledger.is_current(known, tensor) or contains(changed, tensor)
            ):
                met.append(known.latest)
            else:
                met.append(ledger.meet(tensor) if known else self.meet(tensor, place.frame))
        number = OpId(len(ledger.raw_ops))
        made: list[TensorId] = []
        scope = self._scopes.current
        op = OpEntry(
            name, kind, text, site, scope, tuple(met), made, (), _is_grad_enabled(), seconds
        )
        ledger.raw_ops.append(op)
        first, last = window
        if last > first:
            rewritten = [one if not contains(stale, one) else base_of(one) for one in changed]
            sources = [one for one in (*outputs, *rewritten) if one is not None]
            roots = [one.grad_fn for one in sources if one.requires_grad]
            if changed:
                last = next_node_number()  # a view that was written to has its node made just now
            op.nodes = tuple(add_nodes(ledger, roots, number, first, last))
        for tensor in outputs:
            made.append(ledger.add_output(tensor, number, len(made)))
        for tensor in changed:
            self._enter_change(tensor, number, op, reads_node=not contains(stale, tensor))
        if op.nodes:
            for tensor, entered in zip(inputs, met, strict=True):
                if ledger.needs_node(entered) and not contains(changed, tensor):
                    ledger.read_node(ledger.tensors[entered], tensor)
        if site.targets:
            if place.inside_library or site.is_of_many:
                is_own = outputs and not place.inside_library
                latest = (id(outputs[-1]), made[len(outputs) - 1]) if is_own else None
                self._results.expect(place, latest)
            else:
                self._name_targets(op, outputs, site.targets)
        elif site.is_returned:
            self._results.expect_returned(place)
        if changed:
            for entered in made:
                ledger.raw_tensors[entered].line = ledger.line
        if kind is OpKind.SOURCE:
            for tensor, entered in zip(outputs, made, strict=False):
                ledger.remember_source(tensor, entered)
        return number

    def _enter_change(
        self, tensor: torch.Tensor, number: OpId, op: OpEntry, *, reads_node: bool
    ) -> None:
        ledger = self._ledger
        slot = len(op.outputs)
        op.outputs.append(ledger.add_version(tensor, number, slot, reads_node=reads_node))
        base = base_of(tensor)
        if base is not None and ledger.identity(base) is not None:
            op.outputs.append(ledger.add_version(base, number, len(op.outputs)))

    def meet(self, tensor: torch.Tensor, frame: FrameType | None) -> TensorId:
        """Enter a tensor that was not met before."""
        ledger = self._ledger
        number = ledger.meet(tensor)
        if frame is None or frame.f_code.co_name != "<module>":
            return number
        if name_in(ledger.raw_tensors[number]) is None:
            for name, bound in frame.f_globals.items():
                if bound is tensor:
                    ledger.name(number, name)
        return number

    def _name_targets(
        self, op: OpEntry, outputs: Sequence[torch.Tensor], targets: tuple[str, ...]
    ) -> None:
        if len(targets) != len(outputs) or not outputs:
            return
        for name, number in zip(targets, op.outputs, strict=False):
            if name != "_":
                self._ledger.raw_tensors[number].name = name


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


def _is_made_later(changed: torch.Tensor) -> bool:
    """Whether a changed tensor is a view, whose node torch may make only when it is used next."""
    viewed = base_of(changed)
    return viewed is not None and viewed.requires_grad


def contains(tensors: Sequence[torch.Tensor], tensor: torch.Tensor) -> bool:
    """Whether the very tensor is among these."""
    for one in tensors:  # noqa: SIM110 - a generator costs as much as all else here
        if one is tensor:
            return True
    return False
