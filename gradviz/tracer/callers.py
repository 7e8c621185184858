"""Read the caller's names and text, and leave no trace in its frame."""

from __future__ import annotations

import inspect
import linecache
import sys
from collections.abc import Iterable
from types import FrameType, FunctionType, ModuleType
from typing import Any, Final, cast

import torch
from torch import nn

_ROWS: Final = (nn.ModuleList, nn.ModuleDict, nn.Sequential)
"""In these, modules of one kind lie side by side: a variable goes through them one by one."""
HOLDERS: Final = frozenset({dict, list, tuple})
_ONLY_OURS: Final = 3
"""References to a frame's own snapshot of its locals: the frame's, ours, and getrefcount's."""


def names_in(frame: FrameType) -> dict[str, object]:
    """What the caller's local names stand for, in a module its global ones."""
    snapshot = frame.f_locals
    names = dict(snapshot)
    if sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        # The frame keeps this snapshot, and with it everything that the person deletes later.
        # Somebody who called locals() holds the same dictionary and needs it.
        if sys.getrefcount(snapshot) <= _ONLY_OURS:
            snapshot.clear()
    return names


def name_of_module(frame: FrameType, module: nn.Module) -> str | None:
    """What a caller calls a module: by its place in a row of its like, `blocks.0`, else by a name.

    What has neither is called by its place in another module, of several by that from farthest
    outside. Names are variables and attributes of the method's `self`.
    """
    own: str | None = None
    found: list[tuple[bool, str]] = []
    for name, bound in _bound_in(frame):
        kind = type(bound)
        if bound is module:
            own = own or str(name)
        elif kind in HOLDERS:
            if not str(name).startswith("_"):
                found += [(True, f"{name}.{key}") for key in _keys_of(bound, module)]
        elif issubclass(kind, nn.Module) and not str(name).startswith("_"):
            parts = dict(cast(nn.Module, bound).named_modules(prefix=str(name)))
            for path, part in parts.items():
                if part is module:
                    in_row = isinstance(parts[path.rpartition(".")[0]], _ROWS)
                    found.append((in_row, path))
    in_row, path = max(found, key=lambda one: (one[0], one[1].count(".")), default=(False, None))
    return path if in_row or own is None else own


def _keys_of(holder: Any, module: nn.Module) -> list[Any]:
    return [key for key, one in places_in(holder) if one is module]


def places_in(holder: Any) -> Iterable[tuple[Any, Any]]:
    """What one of `HOLDERS` holds, each with its key or index."""
    return holder.items() if type(holder) is dict else enumerate(holder)


def attributes_of(holder: object) -> dict[str, Any]:
    """What an object of the person's has, found without running its code.

    Nothing of what has other names: files, classes, functions, torch's modules and tensors.
    """
    if issubclass(type(holder), (ModuleType, type, FunctionType, nn.Module, torch.Tensor)):
        return {}
    try:
        found = object.__getattribute__(holder, "__dict__")
    except AttributeError:
        return {}
    return found if type(found) is dict else {}


def _bound_in(frame: FrameType) -> list[tuple[object, object]]:
    """A caller's variables, and the attributes of the method's `self`."""
    names = names_in(frame)
    owner = names.pop("self", None)
    bound: list[tuple[object, object]] = [*frame.f_globals.items(), *names.items()]
    try:
        attributes = object.__getattribute__(owner, "__dict__")
    except AttributeError:
        return bound
    parts = attributes.get("_modules")  # where an nn.Module keeps those that it has
    bound += attributes.items()
    if isinstance(parts, dict):
        bound += parts.items()
    return bound


def source_name(filename: str) -> str:
    """The name of the file that code was compiled from; of a notebook's cell `In[4]`."""
    notebook = sys.modules.get("IPython")
    try:
        found = notebook.get_ipython().compile.format_code_name(filename)  # type: ignore[union-attr]
    except AttributeError:  # no notebook, or one that cannot tell
        return filename
    return filename if found is None else str(found[1])


def text_of(frame: FrameType) -> str:
    """The text of the caller's file or cell; empty where Python does not know it."""
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    return "".join(lines)
