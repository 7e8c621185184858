from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import torch

from benchmarks import models
from benchmarks.floor import Keeping, floor
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


@pytest.mark.parametrize("keeping", Keeping)
def test_the_floor_leaves_results_and_torch_as_they_are(keeping: Keeping) -> None:
    weight = torch.tensor([1.0, 2.0], requires_grad=True)
    with floor(keeping):
        product = weight * weight
        product += 1
        loss = product.sum()
        loss.backward(retain_graph=True)
    assert weight.grad is not None
    assert weight.grad.tolist() == [2.0, 4.0]
    assert torch.overrides._get_current_function_mode() is None  # type: ignore[attr-defined]
    assert loss.grad_fn is not None
    handle = loss.grad_fn.register_prehook(lambda *_: None)
    assert list(handle.hooks_dict_ref()) == [handle.id]


def test_only_the_highest_floor_copies_what_is_overwritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copied: list[list[float]] = []
    original = torch.Tensor.clone

    def clone(self: torch.Tensor) -> torch.Tensor:
        copied.append(self.tolist())
        return original(self)

    monkeypatch.setattr(torch.Tensor, "clone", clone)
    for keeping, expected in (
        (Keeping.NOTHING, []),
        (Keeping.REFERENCES, []),
        (Keeping.COPIES, [[-1.0, 2.0], [0.0, 2.0]]),
    ):
        copied.clear()
        with floor(keeping):
            x = torch.tensor([-1.0, 2.0])
            torch.nn.functional.relu(x, inplace=True)
            x += 1
        assert copied == expected
