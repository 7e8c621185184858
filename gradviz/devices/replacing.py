"""Let names, containers, objects and optimizers of a run mean other tensors."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final

import torch

Namespace = dict[str, object]

_DICTS: Final = (dict, OrderedDict, defaultdict)
_OWN_MODULE: Final = "__main__"


def replace_tensors(namespace: Namespace, replaced: Mapping[int, torch.Tensor]) -> None:
    """Let everything that is reachable from the names mean the moved tensors.

    `replaced` maps the `id` of a tensor to what takes its place. Looked through are lists, dicts,
    sets, tuples (which are made anew), attributes of the person's own objects and classes, and
    optimizers. What only a closure or an object of a library holds stays as it was.
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
        else:
            # Past properties, `__setattr__` and frozen dataclasses: it is the same attribute.
            attributes = vars(one)
            for key, value in list(attributes.items()):
                self._put(attributes, key, value)

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
        if _is_looked_into(value) and id(value) not in self._seen:
            self._seen[id(value)] = value
            self._pending.append(value)
        return value

    def _new_tuple(self, value: tuple[object, ...]) -> object:
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
    if kind in (list, deque, set, *_DICTS) or isinstance(value, torch.optim.Optimizer):
        return True
    if isinstance(value, type):
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
