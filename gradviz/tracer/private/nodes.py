"""Autograd nodes: their numbers, and what they save."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Any, Final

import torch

from gradviz.tracer.private.lookup import find

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
_get_number = find(torch, "_C._autograd._get_sequence_nr", _UNNUMBERED)
_has_number = find(_any_node(), "_sequence_nr", _UNNUMBERED)
_is_numbered: Final = _get_number is not None and _has_number is not None

next_node_number: Final[Callable[[], int]] = _get_number if _is_numbered else _windows.open
"""The number that this thread's next autograd node will have."""
node_number: Final[Callable[[Any], int]] = (
    methodcaller("_sequence_nr") if _is_numbered else _windows.number_of
)
"""The number of an autograd node."""


_saved = find(torch, "_C._autograd.SavedTensor")
SAVED: Final[Any] = _saved if find(_saved, "data") is not None else None
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
