"""Modes and transforms, which see what torch is called with."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import TracebackType
from typing import Any, Final

import torch
import torch.overrides
from torch.overrides import TorchFunctionMode

from gradviz.tracer.private.lookup import find


def _no_layer() -> None:
    return None


functorch_layer: Final[Callable[[], Any]] = (
    find(
        torch,
        "_C._functorch.peek_interpreter_stack",
        "This PyTorch does not tell when a transform of torch.func runs: what happens in it may be "
        "recorded as if there were none.",
    )
    or _no_layer
)
"""The innermost transform of `torch.func` that runs, None where none does."""


_silence: Final = threading.local()


class _Quiet:
    """Stands in for torch's own: modes that are `silenceable` hand calls through."""

    def __enter__(self) -> None:
        _silence.depth = getattr(_silence, "depth", 0) + 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _silence.depth -= 1


_SEEN_BY_KERNEL_MODES: Final = (
    "This PyTorch lets your own dispatch modes see what the recorder reads."
)
_quiet = find(
    torch,
    "_C.DisableTorchFunction",
    "This PyTorch lets your own modes and tensor subclasses see what the recorder reads.",
)
_silenced: Final[Callable[[], AbstractContextManager[Any]]] = _quiet or _Quiet
_undispatched = find(torch, "_C._DisableTorchDispatch", _SEEN_BY_KERNEL_MODES)


def _no_kernel_modes() -> int:
    return 0


kernel_modes: Final[Callable[[], int]] = (
    find(torch, "_C._len_torch_dispatch_stack", _SEEN_BY_KERNEL_MODES)
    if _undispatched is not None
    else None
) or _no_kernel_modes
"""How many modes of the person's see each kernel that torch starts."""


def quiet() -> AbstractContextManager[Any]:
    """While it is entered, torch calls no mode and no subclass of the person's."""
    return _Unseen() if kernel_modes() else _silenced()


class _Unseen:
    def __enter__(self) -> None:
        self._guards = _silenced(), _undispatched()
        for guard in self._guards:
            guard.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for guard in reversed(self._guards):
            guard.__exit__(kind, error, traceback)


_NO_WAY_ASIDE: Final = (
    "This PyTorch does not let the recorder step aside: what torch.compile made runs uncompiled "
    "while it is recorded."
)
_current_mode = find(torch.overrides, "_get_current_function_mode", _NO_WAY_ASIDE)
_without_innermost = find(torch.overrides, "_pop_mode_temporarily", _NO_WAY_ASIDE)
_can_pop: Final = _current_mode is not None and _without_innermost is not None
_mode_stack = find(torch.overrides, "_get_current_function_mode_stack")


SILENCES: Final[bool] = _quiet is not None and _can_pop
"""Whether torch itself keeps calls from modes where they are to be off."""


def silenceable(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A mode's `__torch_function__` that hands calls through where the mode is to be off."""
    if SILENCES:
        return handler

    def handle(
        self: TorchFunctionMode,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if getattr(_silence, "depth", 0):
            return func(*args, **(kwargs or {}))
        return handler(self, func, types, args, kwargs)

    return handle


@contextmanager
def without(mode: TorchFunctionMode) -> Iterator[None]:
    """Within this block the mode is off, where it is the innermost one."""
    if not _can_pop:
        with ExitStack() as stack:
            stack.enter_context(_Quiet())
            if (
                "torch._dynamo" in sys.modules
            ):  # else nothing was compiled, and importing it is slow
                stack.enter_context(torch.compiler.set_stance("force_eager"))
            yield
    elif _current_mode() is mode:
        with _without_innermost():
            yield
    else:
        yield


_push_mode = find(torch, "_C._push_on_torch_function_stack")
_pop_mode = find(torch, "_C._pop_torch_function_stack")
_get_switch = find(torch, "_C._get_torch_function_state")
_set_switch = find(torch, "_C._set_torch_function_state")
_can_put_back: Final = None not in (_mode_stack, _push_mode, _pop_mode, _get_switch, _set_switch)


@contextmanager
def on(mode: TorchFunctionMode) -> Iterator[None]:
    """Within this block the mode is on, and no other of its kind; after it torch is as before.

    An interrupt may come when a mode, or what turns modes off, was entered and the block that
    leaves it has not begun, or before a mode that was taken off for a call is put back. What is
    to put it back may do so as late as the exception is forgotten.
    """
    if not _can_put_back:
        with mode:
            yield
        return
    switch = _get_switch()
    _take_off(type(mode))
    try:
        _push_mode(mode)
        yield
    finally:
        _set_switch(switch)
        _take_off(type(mode))


def _take_off(kind: type[TorchFunctionMode]) -> None:
    modes = _mode_stack()
    if any(type(mode) is kind for mode in modes):
        for _ in modes:
            _pop_mode()
        for mode in modes:
            if type(mode) is not kind:
                _push_mode(mode)


def is_on(mode: TorchFunctionMode) -> bool:
    """Whether the mode sees the calls of this thread at the moment, as far as can be told."""
    return _mode_stack is not None and mode in _mode_stack()


def _some_modes() -> int:
    return 1


modes_left: Final[Callable[[], int]] = find(torch, "_C._len_torch_function_stack") or _some_modes
"""How many modes there are outside the one that handles a call."""
