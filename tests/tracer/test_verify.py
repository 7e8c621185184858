"""Checked gradients: right programs agree, a planted mistake is found where it is."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest
import torch

from gradviz.language.run import RunOptions, RunResult, run
from gradviz.recording.diagnostics import verified_findings
from gradviz.recording.verification import LeafCheck, Verdict, Verification

WRONG_CUBE = """\
import torch

class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3

    @staticmethod
    def backward(ctx, gradient):
        (x,) = ctx.saved_tensors
        return {factor} * x ** 2 * gradient

x = torch.tensor([1., 2., -0.5], requires_grad=True)
h = torch.tanh(x)
loss = Cube.apply(h).sum()
loss.backward()
"""

PROGRAMS = {
    "chain rule": """
x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)
g = (x + y) * z
g.backward()
""",
    "training with dropout and batch norm": """
m = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.GELU(),
                        torch.nn.Dropout(0.5), torch.nn.Linear(8, 3))
optimizer = torch.optim.Adam(m.parameters())
data, classes = torch.randn(6, 4), torch.tensor([0, 1, 2, 0, 1, 2])
for _ in range(2):
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(m(data), classes).backward()
    optimizer.step()
""",
    "in place and views": """
a = torch.randn(3, requires_grad=True)
out = torch.zeros(3)
out[0] = a[1] * 2
out[1:] = a[:2].exp()
out.mul_(2)
b = out.view(3, 1)
b[0].sin_()
out.sum().backward()
""",
    "accumulation over two passes": """
w = torch.randn(3, requires_grad=True)
(w ** 2).sum().backward()
(w ** 3).sum().backward()
""",
    "grad, non-scalar roots": """
w = torch.randn(3, requires_grad=True)
(g,) = torch.autograd.grad(w.sin(), w, torch.tensor([1., 2., 3.]))
""",
    "constants and detached branches": """
w = torch.rand(3, requires_grad=True)
h = w * w.detach() + torch.randn(3) * w.argmax()
h.sum().backward()
""",
    "lstm": """
lstm = torch.nn.LSTM(2, 3)
out, _ = lstm(torch.randn(4, 1, 2))
out.pow(2).sum().backward()
""",
    "double backward": """
b = torch.randn(3, requires_grad=True)
(g,) = torch.autograd.grad((b ** 3).sum(), b, create_graph=True)
g.pow(2).sum().backward()
""",
}


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the checks would stop before they have looked at all leaves."""
    monkeypatch.setattr("gradviz.tracer.verify.monotonic", lambda: 0.0)


@cache
def run_text(text: str, *, verify: bool = True) -> RunResult:
    options = RunOptions(verify=verify, seed=0)
    return run(text, options, on_output=lambda _output: None, on_line=lambda _line: None)


def disagreeing(found: Verification) -> list[LeafCheck]:
    return [one for one in found.leaves if Verdict.DISAGREES in (one.again, one.differences)]


def verified(text: str) -> Verification:
    result = run_text(text)
    assert result.recording.error is None
    assert result.verification is not None
    return result.verification


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_the_gradients_of_right_programs_agree(text: str) -> None:
    found = verified("import torch\n" + text)
    assert found.leaves
    assert {one.again for one in found.leaves} == {Verdict.AGREES}
    assert {one.differences for one in found.leaves} == {Verdict.AGREES}, found.leaves
    assert found.ops == ()


def test_a_wrong_custom_function_is_found_at_its_line() -> None:
    found = verified(WRONG_CUBE.format(factor=2))
    (leaf,) = disagreeing(found)
    assert leaf.differences is Verdict.DISAGREES
    assert leaf.again is Verdict.AGREES
    assert (leaf.differing, leaf.checked, leaf.numel) == (3, 3, 3)
    gaps = [abs(one.recorded - one.expected) for one in leaf.places]
    assert gaps == sorted(gaps, reverse=True)
    for place in leaf.places:
        assert place.recorded == pytest.approx(place.expected * 2 / 3, rel=1e-4)
    (op,) = found.ops
    assert (op.name, op.line) == ("Cube", 16)
    assert "input 1" in op.problem


def test_the_right_custom_function_is_not_accused() -> None:
    found = verified(WRONG_CUBE.format(factor=3))
    assert not disagreeing(found)
    assert not found.ops


LARGE = """\
import torch

class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, gradient):
        gradient = 2 * gradient
        {mistake}
        return gradient

torch.manual_seed(0)
w = torch.randn(60, 50, requires_grad=True)
(Double.apply(w) * w).sum().backward()
"""


def test_single_wrong_elements_of_a_large_leaf_are_found_wherever_they_are() -> None:
    mistake = "gradient = gradient.clone(); gradient[57, 3] += 1; gradient[2, 49] += 5"
    (leaf,) = verified(LARGE.format(mistake=mistake)).leaves
    assert leaf.differences is Verdict.DISAGREES
    assert (leaf.differing, leaf.checked, leaf.numel) == (2, 3000, 3000)
    assert [one.element for one in leaf.places] == [(2, 49), (57, 3)]
    gaps = [one.recorded - one.expected for one in leaf.places]
    assert gaps == pytest.approx([5, 1], abs=1e-4)


def test_of_a_large_leaf_that_is_wrong_everywhere_a_random_part_is_counted() -> None:
    (leaf,) = verified(LARGE.format(mistake="gradient = gradient * 3")).leaves
    assert leaf.differences is Verdict.DISAGREES
    assert 500 < leaf.checked < leaf.numel == 3000
    assert leaf.differing > 0.9 * leaf.checked
    assert len(leaf.places) == 3


def test_a_large_leaf_that_agrees_says_how_it_was_checked() -> None:
    result = run_text(LARGE.format(mistake="pass"))
    assert result.verification is not None
    (leaf,) = result.verification.leaves
    assert (leaf.differences, leaf.sampled) == (Verdict.AGREES, 32)
    sentences = [f.sentence for f in verified_findings(result.recording, result.verification)]
    assert sentences[0] == (
        "Checked: the gradient of w is what an independent autograd.grad gives, bit for bit, and"
        " what finite differences in float64 give."
    )
    assert sentences[-1] == (
        "The gradient of w is too large for finite differences at each element: it was checked"
        " along random directions and at 32 elements drawn at random."
    )


def test_the_sentence_counts_what_differs_and_begins_with_the_largest() -> None:
    mistake = "gradient = gradient.clone(); gradient[57, 3] += 1; gradient[2, 49] += 5"
    result = run_text(LARGE.format(mistake=mistake))
    assert result.verification is not None
    sentences = [f.sentence for f in verified_findings(result.recording, result.verification)]
    (told,) = (one for one in sentences if "of w is not" in one)
    start = "Checked: the gradient of w is not what finite differences give at 2 of 3000 elements."
    assert told.startswith(start + " The largest differences: [2, 49] ")
    assert "[57, 3]" in told
    some = run_text(LARGE.format(mistake="gradient = gradient * 3"))
    assert some.verification is not None
    sentences = [f.sentence for f in verified_findings(some.recording, some.verification)]
    assert any("elements that were looked at, drawn at random from 3000" in s for s in sentences)


def test_a_hook_that_changes_a_gradient_is_noticed() -> None:
    found = verified(
        "import torch\n"
        "x = torch.tensor([1., 2.], requires_grad=True)\n"
        "x.register_hook(lambda gradient: gradient * 10)\n"
        "(x ** 2).sum().backward()\n"
    )
    (leaf,) = found.leaves
    assert leaf.again is Verdict.DISAGREES
    assert leaf.differences is Verdict.AGREES


def test_a_kink_is_no_mistake() -> None:
    found = verified(
        "import torch\nx = torch.zeros(2, requires_grad=True)\nx.relu().sum().backward()"
    )
    (leaf,) = found.leaves
    assert leaf.differences is Verdict.KINK
    assert not disagreeing(found)


def test_an_op_at_a_kink_is_not_accused_beside_a_wrong_one() -> None:
    text = WRONG_CUBE.format(factor=2).replace(
        "loss = ", "w = torch.zeros(3, requires_grad=True)\nloss = "
    )
    found = verified(text.replace(".sum()", ".sum() + w.relu().sum()"))
    assert [op.name for op in found.ops] == ["Cube"]
    assert len(disagreeing(found)) == 1


def test_an_op_at_the_border_of_where_it_is_defined_is_not_accused() -> None:
    found = verified(
        "import torch\nx = torch.tensor([0.0, 1.0, 4.0], requires_grad=True)\n"
        "u = torch.log(torch.sqrt(x * 2))\n"
        "torch.where(x > 0, u, torch.zeros(3)).sum().backward()\n"
    )
    assert len(disagreeing(found)) == 1
    assert not found.ops


def test_what_cannot_be_checked_says_why() -> None:
    found = verified(
        "import torch\n"
        "table = torch.nn.Embedding(5, 3, sparse=True)\n"
        "table(torch.tensor([1, 2, 1])).pow(2).sum().backward()\n"
    )
    (leaf,) = found.leaves
    assert leaf.again is Verdict.AGREES
    assert leaf.differences is Verdict.UNCHECKED
    assert leaf.reason


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_checking_changes_nothing(text: str) -> None:
    text = "import torch\n" + text + "\nlast = torch.rand(3)\n"
    plain, checked = run_text(text, verify=False).recording, run_text(text).recording
    for record in ("ops", "tensors", "autograd_nodes", "passes"):
        ours, theirs = getattr(checked, record), getattr(plain, record)
        assert len(ours) == len(theirs)
    assert [one.data for one in checked.values] == [one.data for one in plain.values]
    assert [without_times(one) for one in checked.ops] == [without_times(one) for one in plain.ops]


def without_times(op: msgspec.Struct) -> msgspec.Struct:
    return msgspec.structs.replace(op, seconds=0.0)


def test_nothing_stays_patched() -> None:
    before = torch.autograd.Function.__dict__["apply"], torch.autograd.graph._engine_run_backward
    verified(PROGRAMS["chain rule"].replace("x =", "import torch\nx =", 1))
    after = torch.autograd.Function.__dict__["apply"], torch.autograd.graph._engine_run_backward
    assert before == after


def test_a_checked_run_notes_who_read_grad_and_got_none() -> None:
    text = "d = x.detach() * 2\n(x * d).sum().backward()\nd.grad\n"
    recording = run_text(f"import torch\nx = torch.ones(2, requires_grad=True)\n{text}").recording
    (noted,) = (tensor for tensor in recording.tensors if tensor.read_no_grad is not None)
    assert noted.name == "d"
