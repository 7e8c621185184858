"""The least that a recorder written in Python costs: what each event needs, and nothing beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from functools import partial
from typing import Any

import torch
from torch.autograd.graph import Node
from torch.overrides import TorchFunctionMode

from gradviz.tracer.functions import profile_of, written_by
from gradviz.tracer.private.engine import engine_wrapped, put_hooks, unhook

_Hold = Callable[[Sequence[Any]], None]
"""What takes the results of a call, or the gradients that came into a node."""


class Keeping(Enum):
    """What a floor does with what it sees, each as much as those before it and more."""

    NOTHING = "nothing"
    REFERENCES = "references"
    COPIES = "copies"
    """What is about to be overwritten is copied: a reference would show what came after."""


class _Handing(TorchFunctionMode):
    """Hands each call through, and what it made to `hold`."""

    def __init__(self, hold: _Hold) -> None:
        super().__init__()
        self._hold = hold

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **kwargs) if kwargs else func(*args)
        if type(result) is torch.Tensor:
            self._hold((result,))
        return result


class _Copying(_Handing):
    """Copies what a call overwrites, too."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        profile = profile_of(func)
        if profile.touches:
            self._hold([one.detach().clone() for one in written_by(profile, args, kwargs or {})])
        return super().__torch_function__(func, types, args, kwargs)


@contextmanager
def floor(keeping: Keeping) -> Iterator[None]:
    """See every result by a mode and every gradient by a hook on its node, and keep as much.

    Nothing is read, named, numbered or timed.
    """
    held: list[torch.Tensor] = []

    def hold(tensors: Sequence[Any]) -> None:
        held.extend([tensor.detach() for tensor in tensors if tensor is not None])

    taken: _Hold = _pass_by if keeping is Keeping.NOTHING else hold
    mode = _Copying if keeping is Keeping.COPIES else _Handing
    with mode(taken), engine_wrapped(partial(_hooked, taken)):
        yield


def _pass_by(tensors: Sequence[Any]) -> None:
    """Nothing is kept."""


def _hooked(hold: _Hold, engine: Callable[..., Any]) -> Callable[..., Any]:
    def run(outputs: Any, *args: Any, **kwargs: Any) -> Any:
        hooked = put_hooks([(node.register_prehook, hold) for node in _nodes_behind(outputs)])
        try:
            return engine(outputs, *args, **kwargs)
        finally:
            unhook(hooked)

    return run


def _nodes_behind(roots: Any) -> set[Node]:
    waiting = [root.grad_fn for root in roots]
    found: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(after for after, _ in node.next_functions if after is not None)
    return found
