"""Find the names of what a call computed that the person bound.

`h = model(x)` binds the last of many ops' results once they are all done; which one it is shows
when the next op or backward pass begins.
"""

from __future__ import annotations

from types import CodeType
from typing import Any, NamedTuple

import torch

from gradviz.recording.model import TensorId
from gradviz.tracer.callers import names_in
from gradviz.tracer.entries import CallEntry, name_in
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.source import Place, SourceMap, Whence


class _Awaited(NamedTuple):
    targets: tuple[str, ...]
    code: CodeType
    frame: int
    globals: dict[str, Any] | None
    last: tuple[int, TensorId] | None


class Results:
    """Names tensors after the variables that calls were bound to: of a library, or of functions.

    Attributes:
        is_waiting: whether there is something to settle.
    """

    def __init__(self, ledger: Ledger, sources: SourceMap) -> None:
        self._ledger = ledger
        self._sources = sources
        self.is_waiting = False
        self._awaited: _Awaited | None = None
        self._module_call: CallEntry | None = None

    def expect(self, place: Whence, last: tuple[int, TensorId] | None = None) -> None:
        """An op has run within a call whose result the person binds to names.

        `last` tells what it made, by address and number: no reference, which would keep torch from
        exchanging it for another tensor.
        """
        site, _, frame, module_call = place
        if frame is None or self._goes_on(module_call):
            return
        code = frame.f_code
        # A function's frame must not be kept alive: it is recognised when it is met again.
        names = frame.f_globals if code.co_name == "<module>" else None
        self.is_waiting = True
        self._module_call = module_call
        last = last if site.is_of_last else None
        self._awaited = _Awaited(site.targets, code, id(frame), names, last)

    def expect_returned(self, place: Whence) -> None:
        """An op has run whose result the person's function returns."""
        _, _, frame, module_call = place
        if self._goes_on(module_call):
            return
        caller: Place | None = None
        while frame is not None and (caller is None or caller.site.is_returned):
            caller = self._sources.place_of_caller(frame.f_back)
            frame = caller.frame
        if caller is not None and caller.site.targets:
            self.expect(caller._replace(module_call=module_call))

    def _goes_on(self, module_call: CallEntry | None) -> bool:
        """Whether the call of a module is still being waited for, so that nothing was bound."""
        return self.is_waiting and module_call is not None and module_call is self._module_call

    def settle(self, place: Whence | None) -> None:
        """Something begins at `place`: what was expected may be bound by now."""
        awaited = self._awaited
        frame, module_call = (None, None) if place is None else (place[2], place[3])
        if awaited is None or self._goes_on(module_call):
            return
        self._awaited = None
        self.is_waiting = False
        names = awaited.globals
        if names is None:
            while frame is not None and id(frame) != awaited.frame:
                frame = frame.f_back
            if frame is None or frame.f_code is not awaited.code:
                self._name_last(awaited)
                return
            names = names_in(frame)
        for name in awaited.targets:
            bound = names.get(name)
            if name == "_" or not isinstance(bound, torch.Tensor):
                continue
            known = self._ledger.identity(bound)
            if known is not None and name_in(self._ledger.raw_tensors[known.latest]) is None:
                self._ledger.name(known.latest, name)

    def _name_last(self, awaited: _Awaited) -> None:
        """The call was left: what lives on of a sum is not one that was broken off."""
        if awaited.last is None or len(awaited.targets) != 1 or awaited.targets[0] == "_":
            return
        address, number = awaited.last
        known = self._ledger.by_object.get(address)
        if known is None or known.latest != number or known.reference() is None:
            return
        if name_in(self._ledger.raw_tensors[number]) is None:
            self._ledger.name(number, awaited.targets[0])
