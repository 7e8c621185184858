"""Parts of torch that are written in Python and call the person's modules or stand for an op."""

from __future__ import annotations

import pytest

from gradviz.language.run import RunOptions, run
from tests.capabilities import problems
from tests.tracer.helpers import record, run_plainly, run_recorded, same_bits

pytestmark = pytest.mark.filterwarnings("ignore")


def test_what_an_averaged_model_computes_is_recorded() -> None:
    recording = record(
        "from torch.optim.swa_utils import AveragedModel, update_bn\n"
        "net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))\nema = AveragedModel(net)\n"
        "data = [torch.randn(4, 2), torch.randn(4, 2)]\nema.update_parameters(net)\n"
        "update_bn(data, ema)\nout = ema(data[0])\nout.sum().backward()\n"
    )
    linear = [one for one in recording.ops if one.name == "linear"]
    assert [one.scope for one in linear] == ["ema.module.0"] * 3
    lines = [one.location.line for one in linear if one.location is not None]
    assert lines == [6, 6, 7]
    averaged = [one for one in recording.tensors if one.name == "ema.module.0.weight"]
    assert averaged[-1].grad is not None


def test_dual_numbers_come_from_what_they_were_made_of() -> None:
    text = """
import torch.autograd.forward_ad as fwAD
x = torch.randn(3, requires_grad=True)
v = torch.ones(3)
with fwAD.dual_level():
    d = fwAD.make_dual(x, v)
    o = d * d
    p, t = fwAD.unpack_dual(o)
(p + t * 2).sum().backward()
"""
    plain, _ = run_plainly(text)
    namespace, error, _ = run_recorded(text)
    assert error is None
    assert same_bits(plain["x"].grad, namespace["x"].grad)
    recording = record(text)
    tensors = recording.tensors
    made, multiplied, unpacked = (
        next(one for one in recording.ops if one.text == words)
        for words in ("fwAD.make_dual(x, v)", "d * d", "fwAD.unpack_dual(o)")
    )
    assert [tensors[one].name for one in made.inputs] == ["x", "v"]
    assert multiplied.inputs == made.outputs * 2
    assert unpacked.inputs == multiplied.outputs
    assert {tensors[one].name for one in unpacked.outputs} == {"p", "t"}


def test_a_frozen_script_module_is_recorded_though_it_does_not_know_whether_it_trains() -> None:
    text = """
m = torch.jit.freeze(torch.jit.trace(nn.Linear(3, 2).eval(), torch.randn(1, 3)))
x = torch.randn(4, 3, requires_grad=True)
m(x).sum().backward()
"""
    _, error, traced = run_recorded(text)
    assert error is None
    assert problems(traced.warnings) == ()
    assert "Linear" in [one.name for one in traced.ops]


@pytest.mark.parametrize(
    "replacing",
    [
        "net.load_state_dict({'weight': torch.ones(2, 3), 'bias': torch.ones(2)}, assign=True)",
        "net.weight = torch.nn.Parameter(torch.zeros(2, 3))",
    ],
)
def test_parameters_that_took_the_places_of_others_are_called_by_these(replacing: str) -> None:
    text = f"""
import torch
net = torch.nn.Linear(3, 2)
x = torch.ones(4, 3)
net(x).sum().backward()
{replacing}
net(x).sum().backward()
"""
    options = RunOptions(seed=0)
    recording = run(text, options, on_output=lambda _: None, on_line=lambda _: None).recording
    calls = [one for one in recording.ops if one.name == "linear"]
    taken = [[recording.tensors[one].name for one in call.inputs] for call in calls]
    assert taken == [["x", "net.weight", "net.bias"]] * 2
    assert len({call.inputs for call in calls}) == 2
