"""What the installed PyTorch can tell: tests of what it cannot are skipped, and say so."""

from __future__ import annotations

import pytest
import torch

from gradviz.tracer.private.engine import has_saving_hooks
from gradviz.tracer.private.lookup import NOT_TOLD
from gradviz.tracer.private.nodes import SAVED, UNTOLD_SAVED

needs_saved = pytest.mark.skipif(
    SAVED is None,
    reason="this PyTorch shows what nodes save by unpacking it only (no SavedTensor.data)",
)

needs_plain_passes = pytest.mark.skipif(
    has_saving_hooks(),
    reason="this PyTorch does not tell of hooks on saved tensors: every pass is watched closely",
)

needs_no_cuda = pytest.mark.skipif(
    torch.version.cuda is not None,
    reason="a PyTorch built with CUDA makes events where there is no card",
)


def problems(warnings: tuple[str, ...]) -> tuple[str, ...]:
    """The warnings of a recording without those that every one made with this PyTorch has."""
    always = {*NOT_TOLD, UNTOLD_SAVED}
    return tuple(sentence for sentence in warnings if sentence not in always)
