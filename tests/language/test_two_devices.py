"""Errors about tensors on different devices name them, their lines and the fix."""

from __future__ import annotations

import pytest

from gradviz.language.run import RunOptions, run


def help_for(text: str, placement: dict[str, str] | None = None) -> str:
    text = f"import torch\n{text}\n"
    options = RunOptions(placement=placement or {})
    result = run(text, options, on_output=lambda _: None, on_line=lambda _: None)
    assert result.recording.error is not None
    return result.recording.error.help


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "x = torch.rand(3)\ny = torch.rand(3, device='meta')\nz = (x *\n     y)",
            "x (line 2) is on cpu, y (line 3) on meta. Move one of them: y = y.to(x.device).",
        ),
        (
            "x = torch.rand(3)\ny = torch.rand(3, device='meta', requires_grad=True)\nz = x * y",
            "x (line 2) is on cpu, y (line 3) on meta. Write device=x.device into the call that "
            "makes y.",
        ),
        (
            "net = torch.nn.Linear(3, 2)\nx = torch.rand(3, device='meta')\nnet(x)",
            "x (line 3) is on meta, net.weight (line 2) on cpu. Move the module to the data: "
            "net.to(x.device).",
        ),
        (
            "def f(a, b):\n    return a @ b\nf(torch.rand(3), torch.rand(3, device='meta'))",
            "a is on cpu, b on meta. Move one of them: b = b.to(a.device).",
        ),
        (
            "xs = [torch.rand(3), torch.rand(3, device='meta')]\ntorch.cat(xs)",
            "xs[0] (line 2) is on cpu, xs[1] (line 2) on meta. Move one of them: "
            "xs[1] = xs[1].to(xs[0].device).",
        ),
    ],
)
def test_both_tensors_their_lines_and_the_fix_are_named(text: str, said: str) -> None:
    assert help_for(text) == said


@pytest.mark.parametrize(("moved", "other"), [("x", "net"), ("net", "x")])
def test_what_the_panel_has_moved_apart_is_not_blamed_on_the_text(moved: str, other: str) -> None:
    text = "x = torch.rand(3, 3)\nnet = torch.nn.Linear(3, 2)\nnet(x)"
    said = help_for(text, {moved: "meta"})
    assert said.endswith(
        f"The devices panel puts {moved} on meta: move {other} there too, or undo that move."
    )


def test_where_no_two_names_differ_the_general_advice_stays() -> None:
    said = help_for("torch.rand(3) * torch.rand(3, device='meta')")
    assert said == "Move one of them: x.to(y.device)."
