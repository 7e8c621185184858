"""Modules: their own parameters and buffers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Final

import torch

from gradviz.tracer.private.lookup import find


def _public_parameters(module: torch.nn.Module) -> Mapping[str, torch.Tensor | None]:
    return dict(module.named_parameters(recurse=False, remove_duplicate=False))


def _public_buffers(module: torch.nn.Module) -> Mapping[str, torch.Tensor | None]:
    return dict(module.named_buffers(recurse=False, remove_duplicate=False))


_a_module: Final = torch.nn.Module()
parameters_of: Final[Callable[[torch.nn.Module], Mapping[str, torch.Tensor | None]]] = (
    attrgetter("_parameters") if find(_a_module, "_parameters") is not None else _public_parameters
)
"""The module's own parameters; None where a place is registered and empty."""
buffers_of: Final[Callable[[torch.nn.Module], Mapping[str, torch.Tensor | None]]] = (
    attrgetter("_buffers") if find(_a_module, "_buffers") is not None else _public_buffers
)
"""The module's own buffers; None where a place is registered and empty."""
