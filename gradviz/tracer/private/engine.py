"""The engine: its entries, the pass that it runs, and hooks on what it executes."""

from __future__ import annotations

import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import FunctionType
from typing import Any, Final

import torch
import torch.autograd.graph
from torch.overrides import has_torch_function

from gradviz.tracer.private.lookup import find, module_of

_OTHER_DOORS: Final = (
    "This PyTorch hides the entry to its engine: passes that do not begin with backward() or "
    "torch.autograd.grad() are not recorded."
)
_ENGINE: Final = "_engine_run_backward"
_engines: Final[tuple[Any, ...]] = tuple(
    module
    for module in (torch.autograd, torch.autograd.graph)
    if find(module, _ENGINE, _OTHER_DOORS) is not None
)
_Engine = Callable[..., Any]


@contextmanager
def engine_wrapped(wrap: Callable[[_Engine], _Engine]) -> Iterator[None]:
    """Within this block, what runs the engine is what `wrap` makes of it.

    It is called with the roots, their gradients, `retain_graph`, `create_graph`, the inputs, and
    the keyword `accumulate_grad`.
    """
    if len(_engines) == 2:
        doors = [(module, _ENGINE, getattr(module, _ENGINE)) for module in _engines]
        wrapped = [wrap(original) for _, _, original in doors]
    else:
        doors = [
            (torch.autograd, "backward", torch.autograd.backward),
            (torch.autograd, "grad", torch.autograd.grad),
        ]
        wrapped = [_through(wrap, public) for _, _, public in doors]
    for (module, name, _), replacement in zip(doors, wrapped, strict=True):
        setattr(module, name, replacement)
    try:
        yield
    finally:
        for module, name, original in doors:
            setattr(module, name, original)


def _sequence(given: Any) -> tuple[Any, ...]:
    if given is None:
        return ()
    if isinstance(given, dict):
        return tuple(given.values())
    return tuple(given) if isinstance(given, (list, tuple)) else (given,)


def _through(wrap: Callable[[_Engine], _Engine], public: _Engine) -> _Engine:
    """`backward` or `grad`, with the engine behind it as `wrap` has it."""
    signature = inspect.signature(public)
    itself = _by_itself(public)
    asks_modes = "handle_torch_function" in public.__code__.co_names
    accumulates = "tensors" in signature.parameters

    @wraps(public)
    def run(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        roots = _sequence(given["tensors" if accumulates else "outputs"])
        leaves = _sequence(given.get("inputs"))
        if asks_modes and has_torch_function((*roots, *leaves)):
            return public(*args, **kwargs)  # it asks the modes, and they come back here

        def engine(*_: Any, **__: Any) -> Any:
            return itself(*args, **kwargs)

        grads = given.get("grad_tensors" if accumulates else "grad_outputs")
        creates = given.get("create_graph", False)
        keeps = given.get("retain_graph")
        keeps = creates if keeps is None else keeps
        return wrap(engine)(roots, grads, keeps, creates, leaves, accumulate_grad=accumulates)

    return run


def _by_itself(public: _Engine) -> _Engine:
    """The original function, which hands itself to the modes, and not its replacement."""
    names = dict(public.__globals__)
    code, name = public.__code__, public.__name__
    itself = FunctionType(code, names, name, public.__defaults__, public.__closure__)
    itself.__kwdefaults__ = public.__kwdefaults__
    names[name] = itself
    return itself


open_passes: Final[list[int]] = []
"""Numbers of the recorded passes that run at the moment, the innermost last."""


def _innermost_pass() -> int:
    return open_passes[-1] if open_passes else -1


current_pass: Final[Callable[[], int]] = (
    find(
        torch,
        "_C._current_graph_task_id",
        "This PyTorch does not tell which backward pass runs: passes within passes that run in "
        "other threads may be taken for one.",
    )
    or _innermost_pass
)
"""A number of the pass that the engine runs in this thread, -1 outside."""

_Hooked = tuple[Any, Any]
"""What takes one hook away again: its dictionary and its key there, or None and torch's handle."""
_hook_owner: Final[Any] = torch.autograd.Function
_register_hook: Final = find(_hook_owner, "_register_hook")


def put_hooks(hooks: Iterable[tuple[Callable[[Any], Any], Callable[..., None]]]) -> list[_Hooked]:
    """Hand hooks to the methods of nodes that put them in place, which come first in the pairs.

    Torch makes a handle for each, with a number of its own; only what takes a hook away is noted
    here, and it is its own key.
    """
    if _register_hook is None:
        return [(None, register(hook)) for register, hook in hooks]
    noted: list[_Hooked] = []
    thread = threading.get_ident()

    def note(known: OrderedDict[Any, Any] | None, hook: Any) -> tuple[Any, Any]:
        if threading.get_ident() != thread:
            return _register_hook(known, hook)  # type: ignore[no-any-return]
        if known is None:
            known = OrderedDict()
        known[hook] = hook
        noted.append((known, hook))
        return known, None

    _hook_owner._register_hook = staticmethod(note)
    try:
        for register, hook in hooks:
            register(hook)
    finally:
        del _hook_owner._register_hook
    return noted


def unhook(hooked: list[_Hooked]) -> None:
    """Take hooks away."""
    for known, which in hooked:
        if known is None:
            which.remove()
        else:
            known.pop(which, None)
    hooked.clear()


_saving_hooks = find(torch, "_C._autograd._top_saved_tensors_default_hooks")


def has_saving_hooks() -> bool:
    """Whether hooks of the person's are being put on all that nodes save; where torch does not
    tell, they may be: a pass is then watched more closely.
    """
    return _saving_hooks is None or _saving_hooks(False) is not None


_compiling = find(
    module_of("torch._guards"),
    "TracingContext.try_get",
    "This PyTorch does not tell when its compiler rehearses a backward pass, which may be recorded "
    "as if it had run.",
)


def is_compiling() -> bool:
    """Whether a compiler runs the engine on stand-ins, to see what it would do."""
    if _compiling is None:
        return bool(torch.compiler.is_compiling())
    return _compiling() is not None
