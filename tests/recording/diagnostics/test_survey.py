"""The facts behind the findings, of programs with a known answer."""

from __future__ import annotations

import pytest

from gradviz.recording.diagnostics import survey
from gradviz.recording.model import Recording
from tests.recording.diagnostics.conftest import record


def test_an_empty_recording_has_nothing_to_tell() -> None:
    found = survey(Recording())
    assert (found.missing, found.depths, found.memory.by_op) == ((), (), {})


CAUSES = """\
a = torch.randn(3, requires_grad=True)
b = torch.randn(3, requires_grad=True)
c = torch.randn(3, requires_grad=True)
d = torch.randn(3, requires_grad=True)
e = torch.randn(3, requires_grad=True)
f = torch.randn(3, requires_grad=True)
g = torch.randn(3, requires_grad=True)
h = torch.randn(3, requires_grad=True)
off = torch.randn(3)
m = torch.randn(3, requires_grad=True).double()
q = b.detach() * 2
with torch.no_grad():
    r = c * 2
s = d.argmax()
t = e.sum().item()
u = f.detach().numpy()
v = g.data * 2
loss = (a * (q + r + s + t + torch.from_numpy(u) + v + m.float())).sum()
loss.backward()
"""


@pytest.mark.parametrize(
    ("name", "reason", "line"),
    [
        ("b", "because .detach() on line 13 (b.detach()) cut it off", 13),
        ("c", "because line 15 (r = c * 2) ran while gradients were off", 15),
        ("d", "because s = d.argmax() on line 16 makes integers", 16),
        ("e", "because e.sum().item() on line 17 leaves PyTorch", 17),
        ("f", "because f.detach().numpy() on line 18 leaves PyTorch", 18),
        ("g", "because .data on line 19", 19),
        ("h", "because nothing was computed from it", 10),
        ("off", "because it does not require grad", 11),
        ("m", "made it from the leaf that requires grad: move or convert first", 12),
        ("loss", "because it is not a leaf, and only leaves keep their gradient", 20),
        ("q", "because .detach() on line 13", 13),
    ],
)
def test_every_cause_of_a_missing_gradient_is_told_with_its_line(
    name: str, reason: str, line: int
) -> None:
    by_name = {found.parameters["tensor"]: found for found in survey(record(CAUSES)).missing}
    assert reason in by_name[name].sentence
    assert by_name[name].line == line
    assert "a" not in by_name


def test_of_the_tensors_of_a_loop_the_last_is_told() -> None:
    text = (
        "x = torch.ones(2, requires_grad=True)\n"
        "for _ in range(50):\n    y = x * 2\ny.sum().backward()\n"
    )
    assert [found.parameters["tensor"] for found in survey(record(text)).missing] == ["y"]


def test_the_layers_of_each_pass_are_told_from_the_input_to_the_loss() -> None:
    text = (
        "m = nn.Sequential(\n"
        "    nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))\n"
        "for _ in range(2):\n    m(torch.ones(8, 4)).sum().backward()\n"
    )
    depths = survey(record(text)).depths
    assert [depth.pass_id for depth in depths] == [0, 1]
    assert [layer.op.scope for layer in depths[0].layers] == ["m.0", "m.2", "m.4"]
    assert depths[0].layers[-1].size == pytest.approx(1.0)
    steps = [layer.step for layer in depths[0].layers]
    assert steps == sorted(steps, reverse=True)
