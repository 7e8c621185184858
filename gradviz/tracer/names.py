"""Track the names that the person's variables give to tensors."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Mapping
from typing import Final

import torch

from gradviz.recording.model import TensorId
from gradviz.tracer.callers import HOLDERS, attributes_of, places_in
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.modules import ModuleScopes

_MOST_HELD: Final = 1000
"""In one list; longer ones hold results, not what is learned."""
_LOOKED_AT: Final = 256
"""Names, on the average, after each statement of a program that has more than these."""


class Names:
    """Follows a namespace: a tensor is called by the name that was bound to it last.

    Where that name has moved on to another tensor, one that is still bound takes its place.
    """

    def __init__(self, ledger: Ledger, scopes: ModuleScopes) -> None:
        self._ledger = ledger
        self._scopes = scopes
        self._bound: dict[str, TensorId] = {}
        self._modules: dict[str, weakref.ref[torch.nn.Module]] = {}
        self._calls_since_all = 0

    def bind(self, names: Mapping[str, object], mentioned: Collection[str] | None = None) -> None:
        """Read the namespace after something may have been bound in it.

        `mentioned` are the names in the code that may have done so; None looks at all names. Where
        there are very many, those that it does not mention but a function that it called may have
        bound wait for a later call: each call would take longer than the one before.
        """
        self._calls_since_all += 1
        before = self._bound
        if mentioned is None or len(names) <= _LOOKED_AT * self._calls_since_all:
            self._calls_since_all = 0
            looked_at = dict(names)
            self._bound = {}
        else:
            looked_at = {name: names[name] for name in mentioned if name in names}
            before = {name: before[name] for name in mentioned if name in before}
        for name, bound in looked_at.items():
            if isinstance(bound, torch.nn.Module):
                known = self._modules.get(name)
                if known is None or known() is not bound:
                    self._modules[name] = weakref.ref(bound)
                    self._scopes.name_tree(bound, name)
        present = {
            name: self._ledger.meet(bound)
            for name, bound in looked_at.items()
            if isinstance(bound, torch.Tensor) and not name.startswith("_")
        }
        changed = [name for name, number in present.items() if before.get(name) != number]
        gone = [(name, number) for name, number in before.items() if present.get(name) != number]
        for name, _ in gone:
            if name not in present:
                self._bound.pop(name, None)
        self._bound.update(present)
        for name in changed:
            self._name(present[name], name)
        for name, number in gone:
            self._rename(number, name)

    def name_met(self, names: Mapping[str, object]) -> None:
        """Name the tensors that were met already and have no name, modules' parameters too.

        Those that were changed since are met as they are now.
        """
        for name, bound in names.items():
            if isinstance(bound, torch.nn.Module):
                for path, parameter in bound.named_parameters(prefix=name):
                    self._name_unnamed(parameter, path)
            elif isinstance(bound, torch.Tensor) and not name.startswith("_"):
                self._name_unnamed(bound, name)

    def name_held(self, names: Mapping[str, object]) -> None:
        """Name leaves without a variable by where they are held: `weights[0]`, `trainer.w`."""
        for name, holder in names.items():
            if name.startswith("_"):
                continue
            is_row = type(holder) in HOLDERS
            items = list(places_in(holder) if is_row else attributes_of(holder).items())
            for key, held in items if len(items) <= _MOST_HELD else ():
                is_tensor = issubclass(type(held), torch.Tensor) and type(key) in (int, str)
                if is_tensor and held.is_leaf and held.requires_grad:
                    self._name_unnamed(held, f"{name}[{key!r}]" if is_row else f"{name}.{key}")

    def _name_unnamed(self, tensor: torch.Tensor, name: str) -> None:
        is_known = self._ledger.identity(tensor) is not None
        number = self._ledger.meet(tensor) if is_known else None
        while number is not None:
            entry = self._ledger.tensors[number]
            if entry.name is None:
                entry.name = name
            number = entry.previous

    def _name(self, number: TensorId, name: str) -> None:
        if not self._is_in_module(number):
            self._ledger.tensors[number].name = name

    def _rename(self, number: TensorId, lost: str) -> None:
        if self._ledger.tensors[number].name != lost:
            return
        for name, bound in self._bound.items():
            if bound == number:
                self._ledger.tensors[number].name = name

    def _is_in_module(self, number: TensorId) -> bool:
        name = self._ledger.tensors[number].name
        return name is not None and "." in name
