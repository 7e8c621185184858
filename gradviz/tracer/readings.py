"""What torch tells of a tensor of any kind, and a plain answer where it tells nothing."""

from __future__ import annotations

from typing import Final

import torch

from gradviz.tracer.private.tensors import base, version
from gradviz.tracer.values import ORDINARY, is_readable

_STRIDED: Final = torch.strided


def version_of(tensor: torch.Tensor) -> int:
    """How often the tensor was changed in place; -1 for inference tensors, which do not count."""
    try:
        return version(tensor)
    except RuntimeError:
        return -1


def pointer_of(tensor: torch.Tensor) -> int:
    """Where the tensor's elements lie, 0 for layouts without one place."""
    if tensor.layout is not _STRIDED:
        return 0
    if type(tensor) not in ORDINARY and not is_readable(tensor):
        return 0
    try:
        return tensor.data_ptr()
    except RuntimeError:  # a transform's stand-in for a tensor
        return 0


def nbytes_of(tensor: torch.Tensor) -> int:
    """The size of the tensor's elements."""
    if tensor.layout is _STRIDED and not tensor.is_nested:
        return tensor.nbytes
    try:
        return tensor.values().nbytes
    except RuntimeError:
        return 0


def base_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """The tensor that this one is a view of."""
    try:
        return base(tensor)
    except RuntimeError:  # inference tensors do not know
        return None
