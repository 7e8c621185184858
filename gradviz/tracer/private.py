"""Every private name of torch that gradviz uses, each with a public fallback.

No other module of gradviz uses a private name of torch's (a test reads them all). Each is looked up
once, here; what is missing is done the public way, and `NOT_TOLD` says in one sentence what such a
recording does not tell. Functions are bound directly, so that they cost what they cost in torch.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import wraps
from operator import attrgetter, methodcaller
from types import FunctionType, TracebackType
from typing import Any, Final

import torch
import torch.autograd.graph
from torch.overrides import TorchFunctionMode, has_torch_function

NOT_TOLD: list[str] = []
"""What recordings made with this torch do not tell, or tell otherwise, in sentences."""


def _find(owner: Any, path: str, without: str = "") -> Any:
    """What `path` leads to from `owner`; where it ends early None, and `without` is noted."""
    found = owner
    for name in path.split("."):
        found = getattr(found, name, None)
    if found is None and without and without not in NOT_TOLD:
        NOT_TOLD.append(without)
    return found


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


# Numbers of autograd nodes

_UNNUMBERED: Final = (
    "This PyTorch does not number autograd nodes: which op made which is inferred from the graph."
)
_LEAF_NUMBER: Final = 2**64 - 1


def _any_node() -> Any:
    with torch.inference_mode(False), torch.enable_grad():
        return torch.ones((), requires_grad=True).clone().grad_fn


LEAF_KIND: Final[type] = type(_any_node().next_functions[0][0])
"""The kind of the nodes that add to a leaf's `.grad`."""


class _Windows:
    """Stands in for torch's numbers: what was not met before was made by the op just run."""

    def __init__(self) -> None:
        self._latest = 0

    def open(self) -> int:
        """A number above those of all nodes that were met so far."""
        self._latest += 2
        return self._latest

    def number_of(self, node: Any) -> int:
        """A number between the two last ones that were given out; leaves were made by no op."""
        return _LEAF_NUMBER if node.name().endswith("AccumulateGrad") else self._latest - 1


_windows: Final = _Windows()
_get_number = _find(torch, "_C._autograd._get_sequence_nr", _UNNUMBERED)
_has_number = _find(_any_node(), "_sequence_nr", _UNNUMBERED)
_is_numbered: Final = _get_number is not None and _has_number is not None

next_node_number: Final[Callable[[], int]] = _get_number if _is_numbered else _windows.open
"""The number that this thread's next autograd node will have."""
node_number: Final[Callable[[Any], int]] = (
    methodcaller("_sequence_nr") if _is_numbered else _windows.number_of
)
"""The number of an autograd node."""


# Versions, views and memory of tensors

HAS_VERSIONS: Final[bool] = (
    _find(
        torch.Tensor,
        "_version",
        "This PyTorch does not count changes to a tensor: those by ops that do not say in their "
        "name that they change something may be missing, and each value is copied.",
    )
    is not None
)


def _no_version(tensor: torch.Tensor) -> int:
    return -1


version: Final[Callable[[torch.Tensor], int]] = (
    attrgetter("_version") if HAS_VERSIONS else _no_version
)
"""How often a tensor was changed in place; raises RuntimeError for inference tensors."""


def _nothing(tensor: Any) -> None:
    return None


def written_by_schema(func: Any) -> tuple[tuple[int, str], ...]:
    """The arguments, by place and name, that an operator's schema says it changes.

    None for functions without one, and for those of a schema that cannot be read.
    """
    names = func.overloads() if hasattr(func, "overloads") else ()
    schemas = [getattr(one, "_schema", None) for one in (func, *(getattr(func, n) for n in names))]
    found: dict[tuple[int, str], None] = {}
    for schema in schemas:
        for place, argument in enumerate(() if schema is None else schema.arguments):
            if argument.alias_info is not None and argument.alias_info.is_write:
                found[sys.maxsize if argument.kwarg_only else place, argument.name] = None
    return tuple(found)


_base = _find(
    torch.Tensor, "_base", "This PyTorch does not tell of which tensor another one is a view."
)
base: Final[Callable[[torch.Tensor], torch.Tensor | None]] = (
    attrgetter("_base") if _base is not None else _nothing
)
"""The tensor that a tensor is a view of; raises RuntimeError for inference tensors."""


def _has_no_address(tensor: torch.Tensor) -> bool:
    try:
        return bool(tensor.numel()) and not tensor.data_ptr()
    except RuntimeError:  # a transform's stand-in for a tensor
        return True


is_zerotensor: Final[Callable[[torch.Tensor], bool]] = (
    _find(torch.Tensor, "_is_zerotensor") or _has_no_address
)
"""Whether a tensor is known to be all zeros and has no memory."""

_cdata = _find(torch.UntypedStorage, "_cdata")
storage_key: Final[Callable[[torch.UntypedStorage], int]] = (
    attrgetter("_cdata") if _cdata is not None else methodcaller("data_ptr")
)
"""A number that the storages of one memory have in common."""


def _cannot_be_read(tensor: torch.Tensor) -> bool:
    if tensor.layout is not torch.strided:
        return False
    try:
        tensor.data_ptr()
    except RuntimeError:
        return True
    return False


is_stand_in: Final[Callable[[torch.Tensor], bool]] = (
    _find(torch, "_C._functorch.is_functorch_wrapped_tensor") or _cannot_be_read
)
"""Whether a tensor stands for others within a transform of `torch.func`."""

may_swap: Final[Callable[[torch.Tensor, torch.Tensor], bool]] = _find(
    torch, "_has_compatible_shallow_copy_type"
) or (lambda tensor, other: False)
"""Whether a tensor can be given the memory of another one."""


# What nodes save

_saved = _find(torch, "_C._autograd.SavedTensor")
SAVED: Final[Any] = _saved if _find(_saved, "data") is not None else None
"""The kind of what a node saved, None where it shows it only to those who unpack it.

Unpacking may run the person's hooks, so that nothing is read then.
"""
_SAVED_PREFIX: Final = "_raw_saved_"
UNTOLD_SAVED: Final = "This PyTorch does not tell what autograd nodes save for the backward pass."


def saved_names(kind: type) -> tuple[str, ...]:
    """The attributes in which nodes of this kind show what they saved."""
    if SAVED is None:
        return ()
    return tuple(name for name in dir(kind) if name.startswith(_SAVED_PREFIX))


def plain_saved_name(name: str) -> str:
    """What the node itself calls it."""
    return name.removeprefix(_SAVED_PREFIX)


# The engine

_OTHER_DOORS: Final = (
    "This PyTorch hides the entry to its engine: passes that do not begin with backward() or "
    "torch.autograd.grad() are not recorded."
)
_ENGINE: Final = "_engine_run_backward"
_engines: Final[tuple[Any, ...]] = tuple(
    module
    for module in (torch.autograd, torch.autograd.graph)
    if _find(module, _ENGINE, _OTHER_DOORS) is not None
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
    _find(
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
_register_hook: Final = _find(_hook_owner, "_register_hook")


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


_saving_hooks = _find(torch, "_C._autograd._top_saved_tensors_default_hooks")


def has_saving_hooks() -> bool:
    """Whether hooks of the person's are being put on all that nodes save; where torch does not
    tell, they may be: a pass is then watched more closely.
    """
    return _saving_hooks is None or _saving_hooks(False) is not None


_compiling = _find(
    _module("torch._guards"),
    "TracingContext.try_get",
    "This PyTorch does not tell when its compiler rehearses a backward pass, which may be recorded "
    "as if it had run.",
)


def is_compiling() -> bool:
    """Whether a compiler runs the engine on stand-ins, to see what it would do."""
    if _compiling is None:
        return bool(torch.compiler.is_compiling())
    return _compiling() is not None


_LOST_HOOKS: Final = (
    "This PyTorch hides the hooks of a tensor: a leaf that is moved by making it anew loses them."
)
_has_hooks: Final = _find(torch.Tensor, "_backward_hooks", _LOST_HOOKS) is not None
_has_late_hooks: Final = _find(torch.Tensor, "_post_accumulate_grad_hooks", _LOST_HOOKS) is not None
_hooks: Final = attrgetter("_backward_hooks")
_late_hooks: Final = attrgetter("_post_accumulate_grad_hooks")


def may_have_hooks(tensor: torch.Tensor) -> bool:
    """Whether the person may have put a hook on a tensor."""
    return not _has_hooks or bool(_hooks(tensor))


def may_have_late_hooks(tensor: torch.Tensor) -> bool:
    """Whether the person may have put a hook on what a leaf's `.grad` becomes."""
    return not _has_late_hooks or bool(_late_hooks(tensor))


def hooks_of(tensor: torch.Tensor) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The hooks on a tensor's gradient, and those on a leaf's `.grad`; none where they hide."""
    first = (_hooks(tensor) if _has_hooks else None) or {}
    second = (_late_hooks(tensor) if _has_late_hooks else None) or {}
    return tuple(first.values()), tuple(second.values())


# Transforms of torch.func


def _no_layer() -> None:
    return None


functorch_layer: Final[Callable[[], Any]] = (
    _find(
        torch,
        "_C._functorch.peek_interpreter_stack",
        "This PyTorch does not tell when a transform of torch.func runs: what happens in it may be "
        "recorded as if there were none.",
    )
    or _no_layer
)
"""The innermost transform of `torch.func` that runs, None where none does."""


# Modes of torch functions

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
_quiet = _find(
    torch,
    "_C.DisableTorchFunction",
    "This PyTorch lets your own modes and tensor subclasses see what the recorder reads.",
)
_silenced: Final[Callable[[], AbstractContextManager[Any]]] = _quiet or _Quiet
_undispatched = _find(torch, "_C._DisableTorchDispatch", _SEEN_BY_KERNEL_MODES)


def _no_kernel_modes() -> int:
    return 0


kernel_modes: Final[Callable[[], int]] = (
    _find(torch, "_C._len_torch_dispatch_stack", _SEEN_BY_KERNEL_MODES)
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
_current_mode = _find(torch.overrides, "_get_current_function_mode", _NO_WAY_ASIDE)
_without_innermost = _find(torch.overrides, "_pop_mode_temporarily", _NO_WAY_ASIDE)
_can_pop: Final = _current_mode is not None and _without_innermost is not None
_mode_stack = _find(torch.overrides, "_get_current_function_mode_stack")


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


_push_mode = _find(torch, "_C._push_on_torch_function_stack")
_pop_mode = _find(torch, "_C._pop_torch_function_stack")
_get_switch = _find(torch, "_C._get_torch_function_state")
_set_switch = _find(torch, "_C._set_torch_function_state")
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


modes_left: Final[Callable[[], int]] = _find(torch, "_C._len_torch_function_stack") or _some_modes
"""How many modes there are outside the one that handles a call."""


# Modules


def _public_parameters(module: torch.nn.Module) -> Mapping[str, torch.Tensor | None]:
    return dict(module.named_parameters(recurse=False, remove_duplicate=False))


def _public_buffers(module: torch.nn.Module) -> Mapping[str, torch.Tensor | None]:
    return dict(module.named_buffers(recurse=False, remove_duplicate=False))


_a_module: Final = torch.nn.Module()
parameters_of: Final[Callable[[torch.nn.Module], Mapping[str, torch.Tensor | None]]] = (
    attrgetter("_parameters") if _find(_a_module, "_parameters") is not None else _public_parameters
)
"""The module's own parameters; None where a place is registered and empty."""
buffers_of: Final[Callable[[torch.nn.Module], Mapping[str, torch.Tensor | None]]] = (
    attrgetter("_buffers") if _find(_a_module, "_buffers") is not None else _public_buffers
)
"""The module's own buffers; None where a place is registered and empty."""


# Settings

_PRINTING: Final = _find(torch, "_tensor_str.PRINT_OPTS")
_DEVICES: Final = _module("torch.utils._device")


@contextmanager
def printing_kept() -> Iterator[None]:
    """How tensors are printed is as before after this block; as torch has it where that hides."""
    before = None if _PRINTING is None else dict(vars(_PRINTING))
    try:
        yield
    finally:
        if before is None:
            torch.set_printoptions(profile="default")
        else:
            vars(_PRINTING).update(before)


def chosen_device() -> torch.device | None:
    """The default device, None where nobody has set one."""
    if hasattr(_DEVICES, "CURRENT_DEVICE"):
        chosen: torch.device | None = _DEVICES.CURRENT_DEVICE
        return chosen
    device = torch.get_default_device()
    return None if device == torch.device("cpu") else device


def tensor_makers() -> frozenset[Callable[..., Any]]:
    """The functions that make tensors on the default device."""
    listed = _find(_DEVICES, "_device_constructors")
    if listed is not None:
        return frozenset(listed())
    return frozenset({getattr(torch, name) for name in _MAKERS.split()})


_MAKERS: Final = (
    "empty ones zeros full rand randn randint randperm arange linspace logspace eye tensor "
    "as_tensor scalar_tensor asarray empty_strided normal tril_indices triu_indices range"
)


# Kernels

_dispatch_mode = getattr(_module("torch.utils._python_dispatch"), "TorchDispatchMode", None)


def _without_compiler(mode: Any) -> Any:
    """The same kind of mode, whose first kernel does not import the compiler.

    Torch would wrap each handler so that the compiler leaves it alone, for which it has to be
    imported: seconds during which nothing can be stopped. Under a mode it compiles nothing anyway.
    """

    class KernelMode(mode):  # type: ignore[misc]
        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False

    return KernelMode


DispatchMode: Final[Any] = None if _dispatch_mode is None else _without_compiler(_dispatch_mode)
"""A mode that sees each kernel that torch starts; None where there is none, which nobody records
with: it only counts the work of what is timed."""
