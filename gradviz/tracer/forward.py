"""Record the calls of the forward pass as the person wrote them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from types import FrameType, MethodType
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode

from gradviz.tracer.functions import (
    COUNTING_APART,
    PROFILES,
    SHARING,
    Profile,
    Treatment,
    flat,
    profile_of,
    tensors_in,
    written_by,
)
from gradviz.tracer.lean import Known, lean_handler
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.modules import ModuleScopes
from gradviz.tracer.ops import Ops, Seen, contains
from gradviz.tracer.private.modes import (
    SILENCES,
    functorch_layer,
    kernel_modes,
    modes_left,
    quiet,
    silenceable,
)
from gradviz.tracer.private.nodes import next_node_number
from gradviz.tracer.private.tensors import version
from gradviz.tracer.quiet import Overhead
from gradviz.tracer.readings import version_of
from gradviz.tracer.results import Results
from gradviz.tracer.source import Place, SourceMap, Whence
from gradviz.tracer.tape import Tape
from gradviz.tracer.values import ORDINARY

_OF_TAPE: Final = Tape.__torch_function__.__code__
"""In a checked run the tape stands between the person's call and the recorder."""


def _hand_through(
    mode: object, func: Callable[..., Any], types: object, args: Any = (), kwargs: Any = None
) -> Any:
    return func(*args, **(kwargs or {}))


class ForwardMode(TorchFunctionMode):
    """Hands every call of a torch function to the recorder."""

    def __init__(self, recorder: ForwardRecorder) -> None:
        super().__init__()
        self._handle = lean_handler(recorder.ledger, recorder)

    def shorten(self) -> None:
        """Let torch call the recorder itself, one call less for each of the person's."""
        if SILENCES:
            self.__dict__["__torch_function__"] = MethodType(self._handle, self)

    def forget(self) -> None:
        """Hand every call through, and let nothing hold on to this mode but those who use it."""
        self.__dict__.pop("__torch_function__", None)
        self._handle = _hand_through

    @silenceable
    def __torch_function__(self, *call: Any) -> Any:
        return self._handle(self, *call)


class ForwardRecorder:
    """Runs calls of torch functions, and has them entered into the ledger.

    Attributes:
        ops: what enters them.
        depth: how many recorded calls and engine runs are being executed; what happens inside
            one of them is part of it and not recorded by itself.
        hooks_seen: whether the person has got hold of something to hook into a pass with.
        watching: makes a block within which calls are handed to this recorder again.
        seen_inside: tensors from outside that the opaque call being executed computes from, None
            where that is not to be known.
    """

    def __init__(
        self, ledger: Ledger, sources: SourceMap, scopes: ModuleScopes, overhead: Overhead
    ) -> None:
        self.ledger = ledger
        self._sources = sources
        self.scopes = scopes
        self.overhead = overhead
        self.results = Results(ledger, sources)
        self.ops = Ops(ledger, scopes, self.results)
        self.direct = sources.direct
        self.silent = sources.silent
        self.depth = 0
        self.hooks_seen = False
        self.watching: Callable[[], AbstractContextManager[object]] = nullcontext
        self.seen_inside: list[torch.Tensor] | None = None
        self._has_stand_ins = False

    @property
    def is_transforming(self) -> bool:
        """Whether a transform of `torch.func` runs, where tensors may be stand-ins for others."""
        return self._has_stand_ins or functorch_layer() is not None

    def place(self, frame: FrameType | None) -> Place | None:
        """Where a call comes from; None where it is not to be recorded."""
        site = None if frame is None else self._sources.direct_site(frame)
        if site is not None:
            return Place(site, False, frame)
        return self._sources.place(frame, self.scopes.innermost)

    def handle(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        frame: FrameType | None,
    ) -> Any:
        """Do and record a call that a mode was handed."""
        others = modes_left()
        # What the recorder does with tensors would be seen by somebody else's code.
        aside = others > 0 or kernel_modes() > 0
        for kind in types:
            aside = aside or kind not in ORDINARY
        if aside and types and not (others or self.depth):
            result = self._by_strangers(func, types, args, kwargs)
            if result is not NotImplemented:
                return result
        return self.call(func, args, kwargs, frame, aside=aside)

    def _by_strangers(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """What objects that are no tensors, but are taken for some, make of a call, as torch asks.

        The call is theirs and no op; what they compute instead is recorded.
        """
        if any(issubclass(kind, torch.Tensor) for kind in types):
            return NotImplemented
        given: dict[type, Any] = {}
        for one in flat((args, kwargs)):
            given.setdefault(type(one), one)
        for kind in types:
            stranger = given.get(kind)
            if stranger is None:
                return NotImplemented
            with self.watching():
                result = stranger.__torch_function__(func, types, args, kwargs)
            if result is not NotImplemented:
                return result
        return NotImplemented

    def enter_called(
        self,
        profile: Profile,
        place: Whence,
        known: Known,
        written: list[torch.Tensor],
        result: Any,
        window: tuple[int, int],
        seconds: float,
    ) -> None:
        """Enter a call of which it turned out only afterwards that it was not the usual one."""
        seen: Seen = [one for one, _, _ in known], [earlier for _, _, earlier in known], written
        self.ops.enter_call(profile, Place(*place), seen, result, window, seconds)

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
            if self.seen_inside is not None and treatment is not Treatment.SKIP:
                self._see_inside(args, kwargs)
            if profile.touches or "out" in kwargs:
                self.guard(profile, args, kwargs)
            result = func(*args, **kwargs)
            if profile.name in COUNTING_APART:
                self._note_apart(result, args)
            return result
        started = perf_counter()
        site = None if frame is None else self._sources.direct_site(frame)
        if treatment is Treatment.GRAD and frame is not None and frame.f_code is _OF_TAPE:
            frame = frame.f_back
            site = None if frame is None else self._sources.direct_site(frame)
        if treatment is Treatment.GRAD and site is None:
            result = func(*args, **kwargs)
            if result is not None and (found := self._sources.place(frame)) is not None:
                self._note(treatment, args[0], result, found)
            return result
        if site is not None:
            place: Place | None = Place(site, False, frame)
        else:
            place = self._sources.place(frame, self.scopes.innermost)
        if place is None:
            if profile.touches or "out" in kwargs:
                self.guard(profile, args, kwargs)
            return func(*args, **kwargs)
        if treatment is Treatment.GRAD or treatment is Treatment.REFRESH:
            result = func(*args, **kwargs)
            self._note(treatment, args[0], result, place)
            return result
        inputs = tensors_in((*args, *kwargs.values()) if kwargs else args)
        written: list[torch.Tensor] = []
        if kwargs or profile.touches:
            written = written_by(profile, args, kwargs)
            if treatment is Treatment.EXIT and profile.touches:
                self.guard(profile, args, kwargs)
        seen: Seen = (inputs, self._prepare(inputs, written, aside=aside), written)
        return self._recorded(profile, place, func, args, kwargs, seen, started, aside=aside)

    def guard(self, profile: Profile, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Something that is not recorded by itself changes memory that may be referred to."""
        if profile.hooks:
            self.hooks_seen = True
            return
        try:
            if self.is_transforming:
                return
            with quiet():
                if profile.exposes:
                    for tensor in tensors_in(args[:1]):
                        self.ledger.values.expose(tensor)
                else:
                    for tensor in written_by(profile, args, kwargs):
                        self.ledger.values.before_write(tensor)
                        if profile.is_unversioned:
                            self.ledger.expect_versions(tensor, None)
                        else:
                            self.ledger.changes_unseen(tensor)
        except Exception as error:
            self.overhead.fail(error)

    def _note_apart(self, result: Any, args: tuple[Any, ...]) -> None:
        """Changes of what a call has returned, or of what it was for, do not count for others."""
        try:
            if not self.is_transforming:
                with quiet():
                    for tensor in tensors_in((result, *args[:1])):
                        self.ledger.aliases.share(tensor)
        except Exception as error:
            self.overhead.fail(error)

    def guard_all(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Any of these arguments may be about to change unseen."""
        try:
            with quiet():
                for tensor in tensors_in((args, kwargs)):
                    self.ledger.values.before_write(tensor)
        except Exception as error:
            self.overhead.fail(error)

    def _recorded(
        self,
        profile: Profile,
        place: Place,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        seen: Seen,
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
                    self.ops.enter_call(profile, place, seen, result, (first, last), ended - began)
            else:
                self.ops.enter_call(profile, place, seen, result, (first, last), ended - began)
        except Exception as error:
            self.overhead.fail(error)
        self.overhead.seconds += perf_counter() - started - (ended - began)
        return result

    def call_opaque(
        self,
        name: str,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        frame: FrameType | None,
        *,
        sees_inside: bool = False,
        has_stand_ins: bool = False,
    ) -> Any:
        """Run something that no mode sees, and record it as one op of this name.

        With `sees_inside` tensors that it takes from around it are inputs like its arguments: all
        of them where `has_stand_ins` says that it computes with others in their places, else those
        that require grad.
        """
        if self.depth or functorch_layer() is not None:
            return func(*args, **kwargs)
        started = perf_counter()
        place = self.place(frame)
        if place is None:
            return func(*args, **kwargs)
        profile = Profile(Treatment.OP, name, shares=name in SHARING)
        inputs = tensors_in((args, kwargs))
        before = self._prepare(inputs, [], aside=True)
        seen: Seen = (inputs, before, [])
        if not sees_inside:
            return self._recorded(profile, place, func, args, kwargs, seen, started, aside=True)

        def run(*args: Any, **kwargs: Any) -> Any:
            found = self.seen_inside = []
            self._has_stand_ins = has_stand_ins
            try:
                return func(*args, **kwargs)
            finally:
                self.seen_inside, self._has_stand_ins = None, False
                others = [one for one in found if not contains(inputs, one)]
                before.extend(self._prepare(others, [], aside=True))
                inputs.extend(others)

        return self._recorded(profile, place, run, args, kwargs, seen, started, aside=True)

    def _see_inside(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Of what a call within an opaque one takes, note what was there before."""
        assert self.seen_inside is not None
        try:
            with quiet():
                for one in tensors_in((args, kwargs)):
                    is_known = self.ledger.identity(one) is not None
                    if not (self._has_stand_ins or one.requires_grad):
                        continue
                    is_outer = is_known or isinstance(one, torch.nn.Parameter)
                    if is_outer and not contains(self.seen_inside, one):
                        self.seen_inside.append(one)
        except Exception as error:
            self.overhead.fail(error)

    def call_around(
        self,
        name: str,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        frame: FrameType | None,
    ) -> Any:
        """Run something that calls the person's own code, and record what it returns as of one op.

        What the person's code does meanwhile is recorded as anywhere else.
        """
        place = None
        if not self.depth and functorch_layer() is None:
            place = self.place(frame)
        if place is None:
            return func(*args, **kwargs)
        inputs = tensors_in((args, kwargs))
        seen: Seen = (inputs, self._prepare(inputs, [], aside=True), [])
        first, began = next_node_number(), perf_counter()
        result = func(*args, **kwargs)
        ended, last = perf_counter(), next_node_number()
        try:
            with quiet():
                profile = Profile(Treatment.OP, name)
                self.ops.enter_call(profile, place, seen, result, (first, last), ended - began)
        except Exception as error:
            self.overhead.fail(error)
        return result

    def _note(self, treatment: Treatment, tensor: torch.Tensor, result: Any, place: Place) -> None:
        try:
            with quiet():
                if treatment is Treatment.REFRESH:
                    self.ledger.refresh(tensor)
                elif isinstance(result, torch.Tensor):
                    self.ledger.note_grad(tensor, result)
                elif not place.inside_library and (location := place.site.location) is not None:
                    self.ledger.note_no_grad(tensor, location.line)
        except Exception as error:
            self.overhead.fail(error)

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
                        self.ledger.meet(tensor)
                    for tensor in written:
                        self.ledger.values.before_write(tensor)
                return [version_of(tensor) for tensor in inputs]
        except Exception as error:
            self.overhead.fail(error)
            return []
