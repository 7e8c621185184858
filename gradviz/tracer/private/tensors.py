"""Tensors: their versions, views, memory and hooks."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter, methodcaller
from typing import Any, Final

import torch

from gradviz.tracer.private.lookup import find

HAS_VERSIONS: Final[bool] = (
    find(
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


_base = find(
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
    find(torch.Tensor, "_is_zerotensor") or _has_no_address
)
"""Whether a tensor is known to be all zeros and has no memory."""

_cdata = find(torch.UntypedStorage, "_cdata")
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
    find(torch, "_C._functorch.is_functorch_wrapped_tensor") or _cannot_be_read
)
"""Whether a tensor stands for others within a transform of `torch.func`."""

may_swap: Final[Callable[[torch.Tensor, torch.Tensor], bool]] = find(
    torch, "_has_compatible_shallow_copy_type"
) or (lambda tensor, other: False)
"""Whether a tensor can be given the memory of another one."""


_LOST_HOOKS: Final = (
    "This PyTorch hides the hooks of a tensor: a leaf that is moved by making it anew loses them."
)
_has_hooks: Final = find(torch.Tensor, "_backward_hooks", _LOST_HOOKS) is not None
_has_late_hooks: Final = find(torch.Tensor, "_post_accumulate_grad_hooks", _LOST_HOOKS) is not None
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
