"""Find the names of what a call computed that the person bound.

`h = model(x)` binds the last of many ops' results once they are all done; which one it is shows
when the next op or backward pass begins.
"""

from __future__ import annotations

from types import CodeType, FrameType
from typing import Any, NamedTuple

import torch

from gradviz.tracer.callers import names_in
from gradviz.tracer.entries import name_in
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.source import SourceMap, Whence


class _Awaited(NamedTuple):
    targets: tuple[str, ...]
    code: CodeType
    frame: int
    globals: dict[str, Any] | None


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

    def expect(self, place: Whence) -> None:
        """An op has run within a call whose result the person binds to names."""
        site, _, frame = place
        if frame is None:
            return
        code = frame.f_code
        # A function's frame must not be kept alive: it is recognised when it is met again.
        names = frame.f_globals if code.co_name == "<module>" else None
        self.is_waiting = True
        self._awaited = _Awaited(site.targets, code, id(frame), names)

    def expect_returned(self, frame: FrameType | None) -> None:
        """An op has run whose result the person's function returns from `frame`."""
        place = None
        while frame is not None and (place is None or place.site.is_returned):
            place = self._sources.place_of_caller(frame.f_back)
            frame = place.frame
        if place is not None and place.site.targets:
            self.expect(place)

    def settle(self, frame: FrameType | None) -> None:
        """Something begins in `frame`: what was expected may be bound by now."""
        awaited = self._awaited
        if awaited is None:
            return
        self._awaited = None
        self.is_waiting = False
        names = awaited.globals
        if names is None:
            while frame is not None and id(frame) != awaited.frame:
                frame = frame.f_back
            if frame is None or frame.f_code is not awaited.code:
                return
            names = names_in(frame)
        for name in awaited.targets:
            bound = names.get(name)
            if name == "_" or not isinstance(bound, torch.Tensor):
                continue
            known = self._ledger.identity(bound)
            if known is not None and name_in(self._ledger.raw_tensors[known.latest]) is None:
                self._ledger.name(known.latest, name)
