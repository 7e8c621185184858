"""Let names, containers, objects and optimizers of a run mean other tensors."""

from __future__ import annotations

import contextlib
from collections import OrderedDict, defaultdict, deque
from collections.abc import Mapping
from functools import partial
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any, Final

import torch

Namespace = dict[str, object]

_DICTS: Final = (dict, OrderedDict, defaultdict)
_OWN_MODULE: Final = "__main__"


def replace_tensors(namespace: Namespace, replaced: Mapping[int, torch.Tensor]) -> None:
    """Let everything that is reachable from the names mean the moved tensors.

    `replaced` maps the `id` of a tensor to what takes its place. Looked through are lists, dicts,
    sets, tuples (which are made again), attributes of the person's own objects and classes, what
    their functions enclose or have as defaults, and optimizers. What only an object of a library
    holds stays as it was.
    """
    _Replacer(replaced).replace(namespace)


class _Replacer:
    def __init__(self, replaced: Mapping[int, torch.Tensor]) -> None:
        self._replaced = replaced
        self._pending: list[object] = []
        # The objects themselves, so that no other one takes the identity of one that is gone.
        self._seen: dict[int, object] = {}
        self._tuples: dict[int, tuple[tuple[object, ...], object]] = {}

    def replace(self, namespace: Namespace) -> None:
        self._seen[id(namespace)] = namespace
        for name, value in list(namespace.items()):
            if name != "__builtins__":
                self._put(namespace, name, value)
        optimizers: list[torch.optim.Optimizer] = []
        while self._pending:
            one = self._pending.pop()
            if isinstance(one, torch.optim.Optimizer):
                optimizers.append(one)
            else:
                self._look_into(one)
        for optimizer in optimizers:
            _move_optimizer(optimizer, self._replaced)

    def _look_into(self, one: object) -> None:
        if isinstance(one, list | deque):
            for index, element in enumerate(one):
                self._put(one, index, element)
        elif isinstance(one, set):
            for element in [e for e in one if self._new(e) is not e]:
                one.remove(element)
                one.add(self._new(element))
        elif type(one) in _DICTS:
            assert isinstance(one, dict)
            for key, value in list(one.items()):
                self._put(one, key, value)
        elif isinstance(one, type):
            for key, value in list(vars(one).items()):
                new = self._new(value)
                if new is not value:
                    setattr(one, key, new)
        elif isinstance(one, FunctionType):
            self._look_into_function(one)
        elif isinstance(one, partial):
            state = one.func, self._new(one.args), one.keywords, vars(one)
            one.__setstate__(state)  # type: ignore[attr-defined]
            for each in (one.func, one.keywords):
                self._new(each)
        else:
            # Past properties, `__setattr__` and frozen dataclasses: it is the same attribute.
            attributes = vars(one)
            for key, value in list(attributes.items()):
                self._put(attributes, key, value)

    def _look_into_function(self, one: FunctionType) -> None:
        for cell in one.__closure__ or ():
            with contextlib.suppress(ValueError):  # a cell that nothing was put into
                cell.cell_contents = self._new(cell.cell_contents)
        if one.__defaults__:
            one.__defaults__ = self._new_tuple(one.__defaults__)
        if one.__kwdefaults__:
            self._new(one.__kwdefaults__)

    def _put(self, owner: Any, key: object, value: object) -> None:
        new = self._new(value)
        if new is not value:
            owner[key] = new

    def _new(self, value: object) -> object:
        """What takes the place of a value; containers are noted to be looked into."""
        if isinstance(value, torch.Tensor):
            return self._replaced.get(id(value), value)
        if isinstance(value, tuple):
            return self._new_tuple(value)
        if isinstance(value, MethodType):
            self._new(value.__self__)
            return value
        if _is_looked_into(value) and id(value) not in self._seen:
            self._seen[id(value)] = value
            self._pending.append(value)
        return value

    def _new_tuple(self, value: tuple[Any, ...]) -> Any:
        known = self._tuples.get(id(value))
        if known is not None:
            return known[1]
        elements = [self._new(element) for element in value]
        is_same = all(new is old for new, old in zip(elements, value, strict=True))
        new = value if is_same else _made_anew(type(value), elements)
        self._tuples[id(value)] = value, new
        return new


def _made_anew(kind: type[tuple[object, ...]], elements: list[object]) -> object:
    try:
        return tuple.__new__(kind, elements)  # a named tuple's own constructor takes them singly
    except TypeError:
        return kind(elements)  # `torch.return_types`


def _is_looked_into(value: object) -> bool:
    kind = type(value)
    if kind in (list, deque, set, partial, *_DICTS) or isinstance(value, torch.optim.Optimizer):
        return True
    if isinstance(value, type | FunctionType):
        return value.__module__ == _OWN_MODULE
    is_own = kind is SimpleNamespace or kind.__module__ == _OWN_MODULE
    return is_own and hasattr(value, "__dict__")


def _move_optimizer(optimizer: torch.optim.Optimizer, replaced: Mapping[int, torch.Tensor]) -> None:
    """Let the optimizer hold the moved tensors, its state beside them."""
    for group in optimizer.param_groups:
        group["params"] = [replaced.get(id(p), p) for p in group["params"]]
        for parameter in group["params"]:
            old = next((o for o in optimizer.state if replaced.get(id(o)) is parameter), None)
            if old is not None:
                optimizer.state[parameter] = optimizer.state.pop(old)
            state = optimizer.state.get(parameter, {})
            for key, value in state.items():
                # `step` stays on the CPU, where torch keeps it unless a kernel reads it.
                stays = key == "step" and not (group.get("capturable") or group.get("fused"))
                if isinstance(value, torch.Tensor) and not stays:
                    state[key] = value.to(parameter.device)
