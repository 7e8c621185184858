"""The introduction's six ways to another device do what the panel's placement does.

`meta` stands in for the card: a real device of torch's that computes nothing.
"""

from __future__ import annotations

import pytest
import torch

from gradviz.language.run import RunOptions, run
from gradviz.recording.model import Recording, Tensor

HEAD = "import torch\ndevice = torch.device('{device}')\n"
TAIL = "\ny = (x * 2).sum()\ny.backward()\n"
PLAIN = "x = torch.rand(3)\nx.requires_grad_()"
WAYS = (
    "x = torch.rand(3, device='{device}', requires_grad=True)",
    "x = torch.rand(3, device=device, requires_grad=True)",
    "x = torch.rand(3).to('{device}').requires_grad_()",
    "x = torch.rand(3).to(device).requires_grad_()",
)
THERE_AND_BACK = (
    "x = torch.rand(3).to('{device}').cpu().requires_grad_()",
    "x = torch.rand(3).to('{device}').to('cpu').requires_grad_()",
)


def x_of(text: str, device: str, **options: object) -> Tensor:
    """The record of x after a run."""
    result = run(
        (HEAD + text + TAIL).format(device=device),
        RunOptions(**options),  # type: ignore[arg-type]
        on_output=lambda _: None,
        on_line=lambda _: None,
    )
    recording: Recording = result.recording
    assert recording.error is None, recording.error
    return next(t for t in reversed(recording.tensors) if t.name == "x")


def facts(tensor: Tensor) -> tuple[str, bool, bool, str]:
    return tensor.device, tensor.is_leaf, tensor.requires_grad, tensor.dtype


def placed(device: str) -> Tensor:
    return x_of(PLAIN, device, placement={"x": device})


@pytest.mark.parametrize("way", WAYS)
def test_each_way_leads_to_the_same_leaf_as_the_panel(way: str) -> None:
    assert facts(x_of(way, "meta")) == facts(placed("meta")) == ("meta", True, True, "float32")


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
@pytest.mark.parametrize("way", [*WAYS, "x = torch.rand(3).cuda().requires_grad_()"])
def test_each_way_leads_to_the_card(way: str) -> None:
    assert facts(x_of(way, "cuda:0")) == facts(placed("cuda:0"))


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
@pytest.mark.parametrize("way", THERE_AND_BACK)
def test_the_ways_back_lead_to_the_cpu(way: str) -> None:
    assert facts(x_of(way, "cuda:0")) == ("cpu", True, True, "float32")
