"""Track which `nn.Module` is being called, and what the person calls it."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import torch
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)

from gradviz.tracer.callers import name_of_module
from gradviz.tracer.entries import OUTSIDE, CallEntry
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.private.modes import functorch_layer, quiet
from gradviz.tracer.private.modules import buffers_of, parameters_of
from gradviz.tracer.quiet import Overhead
from gradviz.tracer.source import ModuleFrame, SourceMap

_FAST_PATH = (
    "{} takes a different path while it is recorded (PyTorch's fused inference path is off): "
    "results may differ in the last digits."
)

_FUSED: Final = (torch.nn.TransformerEncoderLayer, torch.nn.MultiheadAttention)
"""Modules with a fused path for inference, which torch leaves under any mode."""


class ModuleScopes:
    """The modules that are being called, outermost first, with their paths.

    Attributes:
        current: the call of the innermost module; an empty one outside.
        innermost: the same, and whence it was made; None outside.
    """

    def __init__(self, ledger: Ledger, sources: SourceMap, overhead: Overhead) -> None:
        self._ledger = ledger
        self._sources = sources
        self._overhead = overhead
        self._paths: dict[int, tuple[weakref.ref[torch.nn.Module], str]] = {}
        # Modules that nothing had a name for when they were called, such as a parametrization
        # that is tried out before it becomes a part of its module.
        self._strangers: set[int] = set()
        self._calls: dict[str, int] = {}
        self._expected: list[tuple[weakref.ref[torch.nn.Module], str]] = []
        self.current = OUTSIDE
        self.innermost: ModuleFrame | None = None

    def expect(self, module: torch.nn.Module, name: str) -> None:
        """Note that the person calls this module `name`, in case it or a part of it is called."""
        self._expected.append((weakref.ref(module), name))

    def leave_all(self) -> None:
        """Forget calls that were left by an exception."""
        self.current, self.innermost = OUTSIDE, None

    @contextmanager
    def watching(self, is_recorded_thread: Callable[[], bool]) -> Iterator[None]:
        """Follow the calls of all modules."""
        is_compiling = torch.compiler.is_compiling
        enter_module, leave_module = self._enter, self._leave

        def enter(module: torch.nn.Module, args: Any) -> None:
            # What is compiled is one opaque call; its compiler would trace this, too. In a
            # transform of torch.func, stand-ins take the places of parameters.
            if is_recorded_thread() and not is_compiling() and functorch_layer() is None:
                enter_module(module, args)

        def leave(module: torch.nn.Module, args: Any, result: Any) -> None:
            if is_recorded_thread() and not is_compiling() and functorch_layer() is None:
                leave_module(module)

        handles = [
            register_module_forward_pre_hook(enter),
            register_module_forward_hook(leave, always_call=True),
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
            self.leave_all()

    def name_tree(self, root: torch.nn.Module, name: str) -> None:
        """Name what is in a module that the person calls `name`."""
        known = self._path(root)
        if known is not None and ("." in known or known == name) and not self._has_new(root):
            return
        ledger, paths = self._ledger, self._paths
        identity_of, met = ledger.identity, set[int]()
        waiting = [(name, root)]
        seen = set[int]()
        while waiting:  # what three of torch's own walks would find, in one
            path, module = waiting.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            paths[id(module)] = (weakref.ref(module), path)
            within = f"{path}." if path else ""
            for one, parameter in parameters_of(module).items():
                # `functional_call` puts tensors of all kinds in the places of parameters.
                if isinstance(parameter, torch.nn.Parameter) and id(parameter) not in met:
                    met.add(id(parameter))
                    identity = identity_of(parameter)
                    if identity is None:
                        ledger.meet(parameter)
                        identity = identity_of(parameter)
                    if identity is not None:
                        ledger.name_in_module(identity, within + one)
            for one, buffer in buffers_of(module).items():
                identity = None if buffer is None else identity_of(buffer)
                if identity is not None and id(buffer) not in met:
                    met.add(id(buffer))
                    ledger.name_in_module(identity, within + one)
            attributes = vars(module)
            if torch.Tensor in map(type, attributes.values()):
                self._name_kept_beside(attributes, within, met)
            for one, child in reversed(list(module.named_children())):
                waiting.append((within + one, child))

    def _name_kept_beside(self, attributes: dict[str, Any], within: str, met: set[int]) -> None:
        """Name tensors that the person keeps in a module beside the parameters."""
        for one, value in attributes.items():
            if type(value) is torch.Tensor and id(value) not in met:
                identity = self._ledger.identity(value)
                if identity is not None and identity.module_name is None and value.is_leaf:
                    self._ledger.name_in_module(identity, within + one)

    def unname_replaced(self) -> None:
        """Take the name from parameters that were replaced before anything was computed from them.

        After `head.weight = embedding.weight` nothing is called `head.weight` any more but the
        embedding's own; what lay there first would be told to have no gradient.
        """
        replaced = set[str]()
        for reference, path in self._paths.values():
            module = reference()
            if module is None:
                continue
            for one, parameter in parameters_of(module).items():
                identity = None if parameter is None else self._ledger.identity(parameter)
                name = f"{path}.{one}" if path else one
                if identity is not None and identity.module_name != name:
                    replaced.add(name)
        if not replaced:
            return
        used = {number for op in self._ledger.ops for number in op.inputs}
        for number, entry in enumerate(self._ledger.tensors):
            if entry.name in replaced and entry.is_leaf and number not in used:
                entry.name = None

    def _has_new(self, root: torch.nn.Module) -> bool:
        return any(self._path(module) is None for module in root.modules())

    def _path(self, module: torch.nn.Module) -> str | None:
        known = self._paths.get(id(module))
        return known[1] if known is not None and known[0]() is module else None

    def _enter(self, module: torch.nn.Module, args: Any) -> None:
        try:
            path = self._path(module)
            if path is None or id(module) in self._strangers:
                with quiet():
                    path = self._name_unnamed_module(module)
            number = self._calls.get(path, 0)
            self._calls[path] = number + 1
            around = self.innermost
            entry = CallEntry(
                path, type(module).__name__, number, None if around is None else around.call
            )
            self.innermost = ModuleFrame(module, entry, around)
            self.current = entry
            if isinstance(module, _FUSED) and not module.training:
                with quiet():
                    if _is_fused(module, args, None if around is None else around.module):
                        self._overhead.warn(_FAST_PATH.format(type(module).__name__))
        except Exception as error:
            self._overhead.fail(error)

    def _leave(self, module: torch.nn.Module) -> None:
        if buffers_of(module):
            self._name_buffers(module)
        left = self.innermost
        while left is not None and left.module is not module:
            left = left.around
        if left is not None:
            around = self.innermost = left.around
            self.current = OUTSIDE if around is None else around.call

    def _name_buffers(self, module: torch.nn.Module) -> None:
        """Name those that took part in the call; unlike parameters the others are not entered."""
        path = self._path(module)
        if path is None:
            return
        try:
            for name, buffer in buffers_of(module).items():
                identity = self._ledger.identity(buffer) if buffer is not None else None
                if identity is not None and identity.module_name is None:
                    self._ledger.name_in_module(identity, f"{path}.{name}")
        except Exception as error:
            self._overhead.fail(error)

    def _name_unnamed_module(self, module: torch.nn.Module) -> str:
        kind = type(module).__name__.lower()
        around = self.innermost
        if around is not None:
            name = f"{around.call.path}.{_place_in(around.module, module) or kind}"
        elif (expected := self._expected_path(module)) is not None:
            name = expected
        else:
            name = self._name_in_callers(module, sys._getframe(3)) or kind
        (self._strangers.add if name == kind else self._strangers.discard)(id(module))
        self.name_tree(module, name)
        self._paths.setdefault(id(module), (weakref.ref(module), name))
        return name

    def _name_in_callers(self, module: torch.nn.Module, frame: FrameType | None) -> str | None:
        """What the person's nearest call that has a name for a module calls it."""
        place = self._sources.place(frame)
        while place is not None and place.frame is not None:
            name = name_of_module(place.frame, module)
            if name is not None:
                return name
            place = self._sources.place(place.frame.f_back)
        return None

    def _expected_path(self, stranger: torch.nn.Module) -> str | None:
        for reference, name in self._expected:
            root = reference()
            if root is None:
                continue
            for path, module in root.named_modules(prefix=name):
                if module is stranger:
                    return str(path)
        return None


def _is_fused(module: torch.nn.Module, args: Any, around: torch.nn.Module | None) -> bool:
    """Whether a call of a module that does not train would take the fused path without a mode."""
    attention: Any = module
    if isinstance(module, torch.nn.TransformerEncoderLayer):
        attention = module.self_attn
    elif isinstance(around, _FUSED) or not (len(args) < 3 or args[0] is args[1] is args[2]):
        return False
    is_usual = attention.batch_first and attention.in_proj_weight is not None
    if not is_usual or attention.num_heads % 2 or torch.is_autocast_enabled():
        return False
    if not torch.is_grad_enabled():
        return True
    taken = [one for one in args if isinstance(one, torch.Tensor)]
    return not any(one.requires_grad for one in (*taken, *module.parameters()))


def _place_in(whole: torch.nn.Module, part: torch.nn.Module) -> str | None:
    """The path of a module within another, None where it is no part of it."""
    return next((path for path, one in whole.named_modules() if one is part), None)
