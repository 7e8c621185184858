"""Fixtures of the tests of devices."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def settable_backends(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's own test data, which other tests import, forbid older versions to be set up."""
    flag = "__allow_nonbracketed_mutation_flag"
    monkeypatch.setattr(torch.backends, flag, True, raising=False)
