from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import torch

from benchmarks import models
from benchmarks.floor import floor
from benchmarks.memory import Held


def test_models_of_true_shape_have_as_many_parameters_as_the_originals() -> None:
    with torch.device("meta"):
        gpt2, resnet50 = models.GPT2(), models.ResNet50()
    assert sum(one.numel() for one in gpt2.parameters()) == 124_439_808
    assert sum(one.numel() for one in resnet50.parameters()) == 25_557_032


def test_memory_is_measured_in_a_process_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", "narrow_convolutions"],
        capture_output=True,
        check=True,
        timeout=150,
        cwd=Path(__file__).parents[2],
    )
    held = msgspec.json.decode(done.stdout, type=Held)
    # 33 convolutions with their norms, 16 sums: each result's gradient has half a MiB.
    assert held.gradients > 33 * 2**19
    assert 0 < held.beyond_plain < 2 * held.gradients


@pytest.mark.parametrize("holds", [False, True])
def test_the_floor_leaves_results_and_torch_as_they_are(*, holds: bool) -> None:
    weight = torch.tensor([1.0, 2.0], requires_grad=True)
    with floor(holds=holds):
        loss = (weight * weight).sum()
        loss.backward()
    assert weight.grad is not None
    assert weight.grad.tolist() == [2.0, 4.0]
    assert torch.overrides._get_current_function_mode() is None  # type: ignore[attr-defined]
