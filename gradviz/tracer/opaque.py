"""Record calls of what torch runs out of sight as one op each: compiled, scripted, transformed."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

import torch
import torch.autograd.functional

from gradviz.tracer.forward import ForwardMode, ForwardRecorder
from gradviz.tracer.private.modes import without

_TRANSFORMERS: Final = (
    "grad", "grad_and_value", "vmap", "jacrev", "jacfwd", "hessian", "functionalize",
)  # fmt: skip
"""Functions of `torch.func` that return a function, whose calls are what is computed."""
_TRANSFORMED: Final = ("vjp", "jvp", "linearize")
"""Functions of `torch.func` that compute at once, and may return a function as well."""
_DERIVATIVES: Final = ("jacobian", "hessian", "vjp", "jvp", "vhp", "hvp")
"""Those of `torch.autograd.functional`."""


def _stance(name: str) -> AbstractContextManager[Any]:
    return torch.compiler.set_stance(name) if name else nullcontext()


@contextmanager
def compiled_calls(
    recorder: ForwardRecorder, mode: ForwardMode, is_recorded_thread: Callable[[], bool]
) -> Iterator[None]:
    """Record each call of what `torch.compile` returns as one op.

    While a compiled function runs, the mode is off: the compiler would trace through it, and
    what came out was wrong. What was compiled before the recording cannot be told from any other
    function; it runs as it was written, and its calls are recorded one by one.
    """
    original: Any = torch.compile
    # Importing the compiler takes seconds; before it is imported nothing was compiled.
    is_imported = "torch._dynamo" in sys.modules

    def opaque(compiled: Callable[..., Any], name: str) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            with _stance("default" if is_imported else ""), without(mode):
                return compiled(*args, **kwargs)

        # Nobody sees what the compiled code writes.
        return _as_op(recorder, is_recorded_thread, name, compiled, run, guards=True)

    @functools.wraps(original)
    def compile(model: Any = None, **options: Any) -> Any:  # noqa: A001
        compiled = original(model, **options)
        if model is None:
            return lambda later: compile(later, **options)
        if isinstance(compiled, torch.nn.Module):
            compiled.forward = opaque(compiled.forward, type(model).__name__)
            return compiled
        return opaque(compiled, getattr(model, "__name__", "compiled"))

    with _replaced(torch, {"compile": compile}), _stance("force_eager" if is_imported else ""):
        yield


@contextmanager
def traces(
    recorder: ForwardRecorder,
    paused: Callable[[], AbstractContextManager[None]],
    is_recorded_thread: Callable[[], bool],
) -> Iterator[None]:
    """Leave `torch.jit.trace` alone: it notes every torch call, and sizes are tensors to it."""

    def opaque(name: str) -> Callable[..., Any]:
        original = getattr(torch.jit, name)

        def run(*args: Any, **kwargs: Any) -> Any:
            with paused():
                return original(*args, **kwargs)

        return _as_op(recorder, is_recorded_thread, name, original, run)

    with _replaced(torch.jit, {name: opaque(name) for name in ("trace", "trace_module")}):
        yield


@contextmanager
def scripted_calls(
    recorder: ForwardRecorder, is_recorded_thread: Callable[[], bool]
) -> Iterator[None]:
    """Record each call of what `torch.jit.script` made, of which no mode sees anything."""

    def opaque(original: Callable[..., Any], name_of: Callable[[Any], str]) -> Callable[..., Any]:
        def call(scripted: Any, *args: Any, **kwargs: Any) -> Any:
            run = functools.partial(original, scripted)
            if not is_recorded_thread():
                return run(*args, **kwargs)
            recorder.guard_all(args, kwargs)  # nobody sees what the scripted code writes
            return recorder.call_opaque(name_of(scripted), run, args, kwargs, sys._getframe(1))

        return call

    function: Any = torch.jit.ScriptFunction
    module: Any = torch.jit.ScriptModule
    of_functions, of_modules = function.__call__, module.__call__
    try:
        function.__call__ = opaque(of_functions, lambda scripted: scripted.name)
        module.__call__ = opaque(of_modules, lambda scripted: scripted.original_name)
        yield
    finally:
        function.__call__ = of_functions
        if "__call__" in vars(module):
            del module.__call__  # it is that of all modules


@contextmanager
def transforms(recorder: ForwardRecorder, is_recorded_thread: Callable[[], bool]) -> Iterator[None]:
    """Record each call of what a function of `torch.func` returns as one op.

    What is computed inside has stand-ins for tensors, which mean nothing outside. A transform that
    was imported by its name before the recording is not noticed: then what it returns has no op.
    """

    def opaque(name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        return _as_op(recorder, is_recorded_thread, name, run, has_stand_ins=True)

    def transformer(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def transform(*args: Any, **kwargs: Any) -> Any:
            return opaque(name, original(*args, **kwargs))

        return transform

    def transformed(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def run(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if isinstance(result, tuple):
                return tuple(opaque(name, one) if callable(one) else one for one in result)
            return result

        return opaque(name, run)

    functions = vars(torch.func)
    replaced: dict[str, Callable[..., Any]] = {}
    for wrap, names in ((transformer, _TRANSFORMERS), (transformed, _TRANSFORMED)):
        replaced |= {name: wrap(name, functions[name]) for name in names if name in functions}
    with _replaced(torch.func, replaced), _replaced(torch, {"vmap": replaced["vmap"]}):
        yield


@contextmanager
def derivatives(
    recorder: ForwardRecorder, is_recorded_thread: Callable[[], bool]
) -> Iterator[None]:
    """Record what `torch.autograd.functional` makes of the passes that it runs."""

    def around(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            if not is_recorded_thread():
                return original(*args, **kwargs)
            return recorder.call_around(name, original, args, kwargs, sys._getframe(1))

        return call

    functional = torch.autograd.functional
    replaced = {name: around(name, getattr(functional, name)) for name in _DERIVATIVES}
    with _replaced(functional, replaced):
        yield


def _as_op(
    recorder: ForwardRecorder,
    is_recorded_thread: Callable[[], bool],
    name: str,
    original: Callable[..., Any],
    run: Callable[..., Any] | None = None,
    *,
    guards: bool = False,
    has_stand_ins: bool = False,
) -> Callable[..., Any]:
    """What records each call of `original` as one op; it is done by `run` where that is given.

    `guards` keeps what the arguments hold, as they may change unseen.
    """

    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not is_recorded_thread():
            return original(*args, **kwargs)
        if guards:
            recorder.guard_all(args, kwargs)
        frame = sys._getframe(1)
        return recorder.call_opaque(
            name,
            run or original,
            args,
            kwargs,
            frame,
            sees_inside=has_stand_ins,
            has_stand_ins=has_stand_ins,
        )

    return call


@contextmanager
def _replaced(owner: Any, functions: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    originals = {name: getattr(owner, name) for name in functions}
    try:
        for name, function in functions.items():
            setattr(owner, name, function)
        yield
    finally:
        for name, original in originals.items():
            setattr(owner, name, original)
