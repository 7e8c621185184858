"""Each finder: programs with a known answer, and their neighbours where it must stay silent."""

from __future__ import annotations

import pytest

from gradviz.recording.diagnostics import FINDERS, FindingKind, Severity, find, saved_memory
from gradviz.recording.diagnostics.finding import Finding
from gradviz.recording.model import ItemKind, Recording
from tests.capabilities import needs_saved
from tests.recording.diagnostics.conftest import Findings, record


def sentence(found: tuple[Finding, ...]) -> str:
    (one,) = found
    return one.sentence


def test_an_empty_recording_has_no_findings() -> None:
    assert find(Recording()) == ()
    assert len(FINDERS) == len({finder.__module__ for finder in FINDERS})


# Not finite, forward.


def test_the_first_op_that_makes_inf_of_finite_numbers_is_found(findings: Findings) -> None:
    found = findings(
        "x = torch.tensor([0., 1.], requires_grad=True)\na = x * 2\nb = a.log()\nc = b * 0\n",
        FindingKind.FORWARD_NOT_FINITE,
    )
    assert sentence(found) == (
        "b = a.log() (line 5) is the first operation with a result that is not finite (1 × Inf), "
        "although all of its inputs are finite. The logarithm of 0 is -Inf: keep its input above "
        "0, for instance with .clamp(min=1e-8)."
    )
    assert found[0].line == 5
    assert found[0].item is not None and found[0].item.kind is ItemKind.OP


def test_an_inf_that_reaches_the_loss_is_an_error_and_one_that_does_not_a_warning(
    findings: Findings,
) -> None:
    start = "x = torch.tensor([0., 1.], requires_grad=True)\nb = x.log()\n"
    kind = FindingKind.FORWARD_NOT_FINITE
    (reached,) = findings(f"{start}b.sum().backward()", kind)
    (unused,) = findings(f"{start}(x * 2).sum().backward()", kind)
    assert (reached.severity, unused.severity) == (Severity.ERROR, Severity.WARNING)


def test_nan_out_of_an_intended_inf_is_found_at_the_op_that_made_it(findings: Findings) -> None:
    found = findings(
        "s = torch.zeros(2, 2, requires_grad=True)\n"
        "m = s.masked_fill(torch.ones(2, 2) > 0, float('-inf'))\n"
        "p = m.softmax(-1)\n",
        FindingKind.FORWARD_NOT_FINITE,
    )
    assert sentence(found) == (
        "p = m.softmax(-1) (line 5) is the first operation with a result that is not a number (4 "
        "× NaN): it computed that from an Inf. A softmax over nothing but -Inf is NaN: the mask "
        "leaves a row no place to look at. Leave it one at least, or mask with a large negative "
        "number such as -1e4."
    )


@pytest.mark.parametrize(
    "text",
    [
        "s = torch.zeros(2, 2)\ns.masked_fill(torch.eye(2) > 0, float('-inf')).softmax(-1)",
        "torch.full((2, 2), float('-inf')).triu(1).exp()",
        "x = torch.tensor([float('nan'), 1.])\ny = x * 2",
        "x = torch.tensor([1., 2.]).log().exp()",
        "m = nn.MultiheadAttention(4, 2)\nq = torch.randn(3, 1, 4)\n"
        "mask = torch.full((3, 3), float('-inf')).triu(1)\nm(q, q, q, attn_mask=mask)",
    ],
)
def test_what_was_not_finite_on_purpose_or_before_is_no_finding(
    findings: Findings, text: str
) -> None:
    assert findings(text, FindingKind.FORWARD_NOT_FINITE) == ()


def test_what_was_given_that_is_not_finite_is_told_where_it_comes_through(
    findings: Findings,
) -> None:
    start = "d = torch.tensor([1., float('nan')])\nw = torch.ones(2, requires_grad=True)\n"
    (found,) = findings(f"{start}(w * d).sum().backward()", FindingKind.FORWARD_NOT_FINITE)
    assert found.sentence == (
        "d (line 3) was not finite when it was made (1 × NaN), and w * d (line 5) computes with it."
    )
    assert (found.line, found.severity) == (3, Severity.ERROR)
    masked = f"{start}(w * torch.where(torch.isnan(d), torch.zeros(2), d)).sum().backward()"
    assert findings(masked) == ()


# Not finite, backward.


def test_the_first_step_that_sends_inf_is_found(findings: Findings) -> None:
    (found,) = findings(
        "x = torch.tensor([0., 4.], requires_grad=True)\ny = x.sqrt()\n"
        "z = y * 3\nz.sum().backward()",
        FindingKind.BACKWARD_NOT_FINITE,
    )
    assert found.parameters["node"] == "SqrtBackward0"
    assert found.parameters["what"] == "1 × Inf"
    assert found.parameters["step"] == "3"
    assert (found.line, found.playhead) == (4, 3)


def test_where_the_anomaly_mode_ended_a_pass_is_told_with_its_cause(findings: Findings) -> None:
    (found,) = findings(
        "x = torch.tensor([0., 1.], requires_grad=True)\n"
        "with torch.autograd.detect_anomaly():\n    y = x.sqrt() * 0\n    y.sum().backward()\n",
        FindingKind.BACKWARD_NOT_FINITE,
    )
    assert found.sentence == (
        "Step 3 of y.sum().backward(), SqrtBackward0 of x.sqrt() (line 5), made a gradient that is "
        "not a number, and torch.autograd.detect_anomaly ended the pass there. At 0 its derivative "
        "is not finite, and 0 × Inf is NaN, so a gradient of 0 does not help: keep the 0 out of "
        "its input; a torch.where after it is too late."
    )
    assert (found.line, found.severity) == (5, Severity.ERROR)


def test_what_became_infinite_before_the_anomaly_mode_ended_a_pass_is_told_by_itself(
    findings: Findings,
) -> None:
    found = findings(
        "x = torch.tensor([0., 1.], requires_grad=True)\n"
        "with torch.autograd.detect_anomaly():\n    y = (x * 0).sqrt()\n    y.sum().backward()\n",
        FindingKind.BACKWARD_NOT_FINITE,
    )
    ended, began = found
    assert "MulBackward0 of x * 0 (line 5)" in ended.sentence
    assert "detect_anomaly ended the pass there" in ended.sentence
    assert "SqrtBackward0 of y = (x * 0).sqrt() (line 5)" in began.sentence
    assert "detect_anomaly" not in began.sentence


def test_passes_of_a_loop_that_fail_at_one_place_are_one_finding(findings: Findings) -> None:
    (found,) = findings(
        "x = torch.tensor([0., 4.], requires_grad=True)\n"
        "for _ in range(4):\n    y = x.sqrt()\n    y.sum().backward()\n",
        FindingKind.BACKWARD_NOT_FINITE,
    )
    assert "this happens in 4 passes. At 0 its derivative" in found.sentence
    assert found.playhead == 2


@pytest.mark.parametrize("told", ["h", "x"])
def test_a_gradient_that_a_hook_made_infinite_is_found_where_it_came_in(
    findings: Findings, told: str
) -> None:
    (found,) = findings(
        "x = torch.tensor([1., 4.], requires_grad=True)\nh = x * 2\n"
        f"{told}.register_hook(lambda g: g / 0)\nh.sum().backward()",
        FindingKind.BACKWARD_NOT_FINITE,
    )
    node = {"h": "MulBackward0 of h = x * 2 (line 4)", "x": "AccumulateGrad of x (line 3)"}[told]
    assert found.sentence == (
        f"Step {2 if told == 'h' else 3} of 3 of h.sum().backward(), {node}, is the first that"
        " receives a gradient that is not finite (2 × Inf), although all that was sent before is"
        " finite: a hook changed it, or it is a sum that became too large."
    )


def test_a_gradient_that_began_infinite_is_no_step_s_fault(findings: Findings) -> None:
    assert (
        findings(
            "x = torch.tensor([1., 4.], requires_grad=True)\n"
            "(x * 2).backward(torch.tensor([float('inf'), 1.]))",
            FindingKind.BACKWARD_NOT_FINITE,
        )
        == ()
    )


# `.grad` is None.

GRAD = FindingKind.GRAD_IS_NONE
OTHER = "y = torch.tensor(1., requires_grad=True)\n"


@pytest.mark.parametrize(
    ("text", "expected", "line"),
    [
        (
            "d = x.detach()\n(d * y).backward()",
            "x: .grad is None because .detach() on line 5 (d = x.detach()) cut it off.",
            5,
        ),
        (
            "a = x * 2\nd = a.data * y\nd.backward()",
            "x: .grad is None because .data on line 6 (a.data) cut it off.",
            6,
        ),
        (
            "with torch.no_grad():\n    a = x * 2\n(a * y).backward()",
            "x: .grad is None because line 6 (a = x * 2) ran while gradients were off"
            " (torch.no_grad or inference mode).",
            6,
        ),
        (
            "c = x > 0\n(c * y).backward()",
            "x: .grad is None because c = x > 0 on line 5 makes integers or booleans, which have "
            "no gradient.",
            5,
        ),
        (
            "n = x.item()\n(y * n).backward()",
            "x: .grad is None because x.item() on line 5 leaves PyTorch: what is computed from a "
            "plain number or array has no gradient.",
            5,
        ),
        ("(y * 2).backward()", "x: .grad is None because nothing was computed from it.", 3),
        (
            "a = x * 2\nb = y * 2\nb.backward()",
            "x: .grad is None because b, which backward started from, does not depend on it.",
            3,
        ),
        (
            "class F(torch.autograd.Function):\n"
            "    @staticmethod\n    def forward(ctx, a, b): return a * b\n"
            "    @staticmethod\n    def backward(ctx, g): return None, g\n"
            "F.apply(x, y).backward()",
            "x: .grad is None because what was computed from it sent no gradient back.",
            3,
        ),
        (
            "d = (x * 2).detach().requires_grad_()\n(d * y).backward()",
            "x: .grad is None because .detach() on line 5 (d = (x * 2).detach()) cut it off.",
            5,
        ),
        (
            "with torch.no_grad():\n    a = x * 2\na.requires_grad_()\n(a * y).backward()",
            "x: .grad is None because line 6 (a = x * 2) ran while gradients were off"
            " (torch.no_grad or inference mode).",
            6,
        ),
        (
            "z = torch.tensor([x, 1.])\n(z * y).sum().backward()",
            "x: .grad is None because z = torch.tensor([x, 1.]) on line 5 copies numbers into a "
            "new tensor, which knows nothing of where they came from (requires_grad=True does not "
            "change that). Leave it out, or join tensors with torch.stack.",
            5,
        ),
        (
            "loss = torch.tensor((x * y).sum(), requires_grad=True)\nloss.backward()",
            "x, y: .grad is None because loss = torch.tensor((x * y).sum(), requires_grad=True) on "
            "line 5 copies numbers into a new tensor, which knows nothing of where they came from "
            "(requires_grad=True does not change that). Leave it out, or join tensors with "
            "torch.stack.",
            5,
        ),
        (
            "z = y.expand_as(x) + torch.zeros_like(x)\nz.backward()",
            "x: .grad is None because z, which backward started from, does not depend on it.",
            3,
        ),
    ],
)
def test_why_a_leaf_has_no_grad(findings: Findings, text: str, expected: str, line: int) -> None:
    start = "x = torch.tensor(2., requires_grad=True)\n"
    (found,) = findings(start + OTHER + text, GRAD)
    assert found.sentence == expected
    assert found.severity is Severity.WARNING
    assert found.line == line


def test_a_leaf_that_backward_was_not_asked_for_is_a_note(findings: Findings) -> None:
    (found,) = findings(
        "x = torch.tensor(2., requires_grad=True)\ny = torch.tensor(1., requires_grad=True)\n"
        "(x * y).backward(inputs=[y])",
        GRAD,
    )
    assert found.severity is Severity.NOTE
    assert found.sentence == (
        "x: .grad is None because it is not among the inputs that backward was asked for."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "x = torch.tensor(2., requires_grad=True)\na = x * 2\na.backward()\na.grad",
            "a: .grad is None because it is not a leaf, and only leaves keep their gradient; "
            "call .retain_grad() on it before backward.",
        ),
        (
            "x = torch.tensor(2.)\ny = torch.tensor(2., requires_grad=True)\n"
            "(x * y).backward()\nx.grad",
            "x: .grad is None because it does not require grad.",
        ),
        (
            "x = torch.ones(2, requires_grad=True).double()\nx.sum().backward()\nx.grad",
            "x: .grad is None because x = torch.ones(2, requires_grad=True).double() on line 3 "
            "made it from the leaf that requires grad: move or convert first, then set "
            "requires_grad.",
        ),
        (
            "x = torch.tensor(2., requires_grad=True)\nx.grad",
            "x: .grad is None because no backward ran.",
        ),
        (
            "x = torch.tensor(2., requires_grad=True)\ng = torch.autograd.grad(x * 2, x)\nx.grad",
            "x: .grad is None because torch.autograd.grad returns gradients and leaves .grad"
            " alone.",
        ),
        (
            "x = torch.tensor(2., requires_grad=True)\na = x * 2\n(a * 3).backward()\n"
            "a.retain_grad()\na.grad",
            "a: .grad is None: .retain_grad() was called after backward (call it before), or .grad"
            " was cleared since.",
        ),
        (
            "x = torch.tensor(2., requires_grad=True)\na = x * 2\na.retain_grad()\n"
            "(a * 3).backward()\na.grad = None\na.grad",
            "a: .grad is None: .retain_grad() was called after backward (call it before), or .grad"
            " was cleared since.",
        ),
        (
            "w = torch.ones(2, requires_grad=True) * 0.1\nw.sum().backward()\nw.grad",
            "w: .grad is None because w = torch.ones(2, requires_grad=True) * 0.1 on line 3 made "
            "it from the leaf that requires grad: compute first, then call .requires_grad_().",
        ),
        (
            "w = torch.ones(2, requires_grad=True)\nw.sum().backward()\nw = w - 0.1 * w.grad\n"
            "w.sum().backward()\nw.grad",
            "w: .grad is None because w = w - 0.1 * w.grad on line 5 gave this name to a result, "
            "which is not a leaf: update the leaf in place, under torch.no_grad().",
        ),
        (
            "x = torch.ones(2, requires_grad=True)\nx = x.exp()\nx.sum().backward()\nx.grad",
            "x: .grad is None because x = x.exp() on line 4 gave this name to a result, which is "
            "not a leaf: the gradient is in .grad of the leaf that had this name before.",
        ),
        (
            "x = torch.tensor(2., requires_grad=True)\n(x * 2).backward()\n"
            "(g,) = torch.autograd.grad(x * x, x)\ng.grad",
            "g: .grad is None because the gradient on line 5 was computed without "
            "create_graph=True.",
        ),
    ],
)
def test_why_a_grad_that_the_person_read_is_none(
    findings: Findings, text: str, expected: str
) -> None:
    assert sentence(findings(text, GRAD)) == expected


def test_a_grad_that_was_read_of_what_has_no_name_is_told_by_its_text(findings: Findings) -> None:
    text = (
        "ws = [torch.ones(2, requires_grad=True) for _ in range(2)]\nhs = [w * 2 for w in ws]\n"
        "sum(h.sum() for h in hs).backward()\nhs[1].grad"
    )
    (found,) = findings(text, GRAD)
    assert found.sentence.startswith("w * 2: .grad is None because it is not a leaf")
    assert found.line == 6


@pytest.mark.parametrize(
    "text",
    [
        "x = torch.tensor(2., requires_grad=True)\na = x * 2\na.retain_grad()\n"
        "a.backward()\na.grad",
        "x = torch.tensor(2., requires_grad=True)\nx.grad\n(x * 2).backward()",
        "x = torch.tensor(2., requires_grad=True)\n(x * 2).backward()\nprint(x.item())",
        "x = torch.tensor(2., requires_grad=True)\ny = x * 2\ny.backward()",
        "x = torch.tensor(2., requires_grad=True)\n(x * 2).backward()\nx.grad = None",
        "x = torch.tensor(2., requires_grad=True)\ntorch.autograd.grad(x * 2, x)",
        "x = torch.tensor(2., requires_grad=True)\n(x * 2).backward()\n"
        "w = torch.tensor(1., requires_grad=True)",
    ],
)
def test_a_grad_that_is_there_or_that_nobody_misses_is_no_finding(
    findings: Findings, text: str
) -> None:
    assert findings(text, GRAD) == ()


@pytest.mark.parametrize("other", ["y", "2"])
def test_a_leaf_that_required_grad_too_late_is_told_what_came_before(
    findings: Findings, other: str
) -> None:
    (found,) = findings(
        f"x = torch.tensor(2.)\n{OTHER}h = x * {other}\nx.requires_grad_()\n(h * y).backward()",
        GRAD,
    )
    assert found.sentence == (
        f"x: .grad is None because line 5 (h = x * {other}) ran before requires_grad was set."
    )
    assert found.line == 5


def test_the_reason_that_several_tensors_share_is_said_in_the_plural(findings: Findings) -> None:
    leaves = "a = torch.ones((), requires_grad=True)\nb = torch.ones((), requires_grad=True)\n"
    assert sentence(findings(f"{leaves}{OTHER}d = (a + b).detach()\n(d * y).backward()", GRAD)) == (
        "a, b: .grad is None because .detach() on line 6 (d = (a + b).detach()) cut them off."
    )


def test_parameters_without_gradient_share_a_finding(findings: Findings) -> None:
    (found,) = findings(
        "class M(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a, self.b = nn.Linear(2, 2), nn.Linear(2, 2)\n"
        "    def forward(self, x):\n"
        "        return self.a(x)\n"
        "m = M()\n"
        "m(torch.ones(3, 2)).sum().backward()\n",
        FindingKind.PARAMETER_WITHOUT_GRADIENT,
    )
    assert found.sentence == (
        "m.b.weight, m.b.bias: .grad is None because nothing was computed from them."
    )


def test_a_frozen_parameter_is_no_finding(findings: Findings) -> None:
    assert (
        findings(
            "m = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))\n"
            "m[0].requires_grad_(False)\n"
            "m(torch.ones(3, 2)).sum().backward()\n"
        )
        == ()
    )


# Backward that cannot start, or not again.


def test_backward_without_a_graph_names_the_cut(findings: Findings) -> None:
    (found,) = findings(
        "x = torch.tensor(2., requires_grad=True)\nwith torch.no_grad():\n    y = x * 2\n"
        "z = y + 1\nz.backward()",
        FindingKind.NO_GRAPH,
    )
    assert found.sentence == (
        "backward cannot start from z (line 7): y = x * 2 on line 5 ran while gradients were off "
        "(torch.no_grad or inference mode)."
    )
    assert found.line == 5
    (found,) = findings(
        "x = torch.tensor(2.)\ny = x * 2\nx.requires_grad_()\ny.backward()", FindingKind.NO_GRAPH
    )
    assert found.sentence == (
        "backward cannot start from y (line 6): y = x * 2 on line 4 ran before requires_grad was "
        "set."
    )
    start = "x = torch.tensor([2., 1.], requires_grad=True)\n"
    (found,) = findings(f"{start}best = x.argmax()\n(best * 2.).backward()", FindingKind.NO_GRAPH)
    assert found.sentence == (
        "backward cannot start from best * 2. (line 5): best = x.argmax() on line 4 makes integers "
        "or booleans, which have no gradient."
    )
    (found,) = findings(
        f"{start}z = torch.tensor([a * 2 for a in x])\nz.sum().backward()", FindingKind.NO_GRAPH
    )
    assert found.sentence == (
        "backward cannot start from z.sum() (line 5): z = torch.tensor([a * 2 for a in x]) on line "
        "4 copies numbers into a new tensor, which knows nothing of where they came from. Leave it "
        "out, or join tensors with torch.stack."
    )
    (found,) = findings("x = torch.tensor(2.)\n(x * 2).sum().backward()", FindingKind.NO_GRAPH)
    assert found.sentence == (
        "backward cannot start from (x * 2).sum() (line 4): nothing that it was computed from"
        " requires grad."
    )


def test_a_second_backward_names_the_first(findings: Findings) -> None:
    (found,) = findings(
        "x = torch.tensor(2., requires_grad=True)\ny = x * x\ny.backward()\ny.backward()",
        FindingKind.BACKWARD_TWICE,
    )
    assert found.sentence == (
        "y.backward() (line 6) needs what y = x * x (line 4) had saved, but y.backward() (line "
        "5) went through it before and freed it: give that call retain_graph=True, or compute "
        "the result again."
    )


def test_a_second_backward_of_the_rounds_of_a_loop_is_told_to_detach(findings: Findings) -> None:
    assert sentence(
        findings(
            "x = torch.tensor(2., requires_grad=True)\nh = x\nfor _ in range(2):\n"
            "    h = h * h\n    h.backward()",
            FindingKind.BACKWARD_TWICE,
        )
    ) == (
        "h.backward() (line 7) needs what h = h * h (line 6) had saved, but an earlier iteration "
        "of the loop went through it and freed it: detach what is carried from one iteration to "
        "the next, or give backward retain_graph=True."
    )


def test_a_second_backward_that_may_be_is_no_error(findings: Findings) -> None:
    found = findings(
        "x = torch.tensor(2., requires_grad=True)\ny = x * x\n"
        "y.backward(retain_graph=True)\ny.backward()"
    )
    assert [f.kind for f in found] == [FindingKind.NOT_CLEARED]
    assert found[0].severity is Severity.NOTE


# Changes in place, and past PyTorch's check.


@needs_saved
def test_a_change_through_a_view_is_found(findings: Findings) -> None:
    (found,) = findings(
        "x = torch.ones(3, requires_grad=True)\ny = x.exp()\nv = y[:2]\nv.mul_(2)\n"
        "y.sum().backward()",
        FindingKind.IN_PLACE,
    )
    assert (found.parameters["changed_line"], found.parameters["saved_line"]) == ("6", "4")
    assert found.parameters["tensor"] == "y"


@needs_saved
def test_an_update_that_changed_what_was_saved_is_called_as_it_was_written(
    findings: Findings,
) -> None:
    (found,) = findings(
        "m = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))\n"
        "o = torch.optim.SGD(m.parameters(), 0.1)\ny = m(torch.ones(1, 2)).sum()\n"
        "y.backward(retain_graph=True)\no.step()\ny.backward()",
        FindingKind.IN_PLACE,
    )
    assert found.sentence.startswith("o.step() (line 7) changed m.2.weight in place, but m.2: ")
    (found,) = findings(
        "x = torch.ones(2, requires_grad=True)\ny = x.exp()\ny[0] = 0\ny.sum().backward()",
        FindingKind.IN_PLACE,
    )
    assert found.sentence.startswith("y[0] = … (line 5) changed y in place, but y = x.exp() ")


@needs_saved
def test_an_error_that_the_person_caught_is_still_told(findings: Findings) -> None:
    (found,) = findings(
        "x = torch.ones(3, requires_grad=True)\ny = x.sigmoid()\ny.zero_()\n"
        "try:\n    y.sum().backward()\nexcept RuntimeError:\n    pass",
        FindingKind.IN_PLACE,
    )
    assert found.parameters["change"] == "y.zero_()"


@needs_saved
def test_the_right_one_of_two_saved_tensors_is_named(findings: Findings) -> None:
    (found,) = findings(
        "a = torch.ones(3, requires_grad=True)\nb = torch.ones(3, requires_grad=True)\n"
        "p, q = a * 1, b * 1\nc = p * q\nq += 1\nc.sum().backward()",
        FindingKind.IN_PLACE,
    )
    assert (found.parameters["tensor"], found.parameters["changed_line"]) == ("q", "7")


def test_a_harmless_change_in_place_is_no_finding(findings: Findings) -> None:
    text = "x = torch.ones(3, requires_grad=True)\ny = x * 2\ny += 1\ny.sum().backward()"
    assert findings(text) == ()


@needs_saved
@pytest.mark.parametrize("write", ["y.data.mul_(5)", "y.data[0] = 5", "y.data += 1"])
def test_a_silent_write_is_found(findings: Findings, write: str) -> None:
    (found,) = findings(
        f"x = torch.ones(3, requires_grad=True)\ny = x.exp()\n{write}\ny.sum().backward()",
        FindingKind.SILENT_WRITE,
    )
    assert found.line == 5
    assert found.sentence.endswith(
        "wrote into y through .data, which PyTorch does not notice: y = x.exp() (line 4) had saved"
        " it for backward, so ExpBackward0 computed a wrong gradient."
    )


@pytest.mark.parametrize(
    "text",
    [
        "x.data.fill_(3)\ny = x.exp()\ny.sum().backward()",
        "y = x.exp()\ny.sum().backward()\ny.data.fill_(3)",
        "y = x.exp()\nz = y.data * 2\ny.sum().backward()",
        "for _ in range(3):\n    y = (x * x).sum()\n    y.backward()\n"
        "    x.data -= 0.1 * x.grad\n    x.grad = None",
        "y = (x * x).sum()\nx.data = torch.zeros(3)\ny.backward()",
    ],
)
def test_a_write_that_no_step_reads_is_no_finding(findings: Findings, text: str) -> None:
    start = "x = torch.ones(3, requires_grad=True)\n"
    assert findings(start + text, FindingKind.SILENT_WRITE) == ()


# Gradients that add up.

LOOP = """\
m = nn.Linear(2, 1)
o = torch.optim.SGD(m.parameters(), lr=0.1)
for _ in range(3):
    {}
    loss = m(torch.ones(4, 2)).sum()
    loss.backward()
    o.step()
"""


def test_a_loop_that_never_clears_is_found(findings: Findings) -> None:
    (found,) = findings(LOOP.format("pass"), FindingKind.NOT_CLEARED)
    assert found.severity is Severity.WARNING
    assert found.parameters["passes"] == "3"
    assert found.parameters["tensors"] == "m.weight, m.bias"
    assert found.line == 8


@pytest.mark.parametrize(
    "clear",
    [
        "o.zero_grad()",
        "o.zero_grad(set_to_none=False)",
        "m.zero_grad()",
        "for p in m.parameters(): p.grad = None",
        "for p in m.parameters(): p.grad is None or p.grad.zero_()",
        "for p in m.parameters(): p.grad is None or p.grad.data.zero_()",
    ],
)
def test_a_loop_that_clears_has_no_findings(findings: Findings, clear: str) -> None:
    assert findings(LOOP.format(clear)) == ()


def test_gradients_of_two_losses_that_add_up_are_a_note(findings: Findings) -> None:
    (found,) = findings(
        "x = torch.tensor(2., requires_grad=True)\n(x * 2).backward()\n(x * 3).backward()",
        FindingKind.NOT_CLEARED,
    )
    assert found.severity is Severity.NOTE
    assert found.parameters["passes"] == "2"


# Layers.


def test_dead_units_are_counted(findings: Findings) -> None:
    (found,) = findings(
        "m = nn.Sequential(nn.Linear(2, 4), nn.ReLU())\n"
        "with torch.no_grad():\n    m[0].bias[:3] = -100.\n    m[0].bias[3] = 100.\n"
        "m(torch.randn(32, 2)).sum().backward()",
        FindingKind.DEAD_RELU,
    )
    assert (found.parameters["dead"], found.parameters["units"]) == ("3", "4")
    assert found.parameters["samples"] == "32"
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize(
    "text",
    [
        "m = nn.Sequential(nn.Linear(2, 64), nn.ReLU())\nm(torch.randn(64, 2)).sum().backward()",
        "m = nn.Sequential(nn.Linear(2, 4), nn.ReLU())\nm(torch.zeros(2, 2) + 1).sum().backward()",
        "torch.relu(torch.full((32, 4), -1.))",
    ],
)
def test_a_healthy_relu_is_no_finding(findings: Findings, text: str) -> None:
    assert findings(text, FindingKind.DEAD_RELU) == ()


def test_vanishing_gradients_are_found(findings: Findings) -> None:
    (found,) = findings(
        "layers = [x for _ in range(12) for x in (nn.Linear(8, 8), nn.Sigmoid())]\n"
        "m = nn.Sequential(*layers)\nm(torch.randn(16, 8)).sum().backward()",
        FindingKind.VANISHING,
    )
    assert (found.parameters["first"], found.parameters["last"]) == ("m.0", "m.22")
    assert found.parameters["layers"] == "12"


def test_exploding_gradients_are_found(findings: Findings) -> None:
    (found,) = findings(
        "x = torch.randn(16, 8)\nws = [torch.randn(8, 8) * 10 for _ in range(6)]\n"
        "for w in ws: w.requires_grad_()\n"
        "for w in ws: x = x @ w\nx.mean().backward()",
        FindingKind.EXPLODING,
    )
    assert found.parameters["layers"] == "6"


def test_gradients_vanish_in_a_chain_of_numbers_too(findings: Findings) -> None:
    chain = "h = torch.tensor(1.)\nfor w in ws:\n    h = torch.sigmoid({})\nh.backward()"
    weights = "ws = [torch.tensor(1., requires_grad=True) for _ in range(12)]\n"
    (found,) = findings(weights + chain.format("w * h"), FindingKind.VANISHING)
    assert found.parameters["layers"] == "12"
    assert found.line == 6
    powers = "x = torch.tensor(3.)\nsum(w * x**n for n, w in enumerate(ws)).square().backward()"
    assert findings(weights + powers) == ()
    # Beside matrices, what a number scales is no layer: that may be the loss itself.
    mixed = (
        "s = torch.tensor(1., requires_grad=True)\nm = nn.Linear(99, 999)\n"
        "loss = m(torch.randn(999, 99)).square().mean()\n"
        "(s * (s * (s * (s * loss)))).backward()"
    )
    assert findings(mixed) == ()


def test_gradients_beyond_what_can_be_squared_are_told(findings: Findings) -> None:
    (found,) = findings(
        "w = torch.tensor(1e60, dtype=torch.float64, requires_grad=True)\n"
        "h = torch.tensor(1e-280, dtype=torch.float64)\nfor _ in range(5):\n    h = h * w\n"
        "h.backward()",
        FindingKind.EXPLODING,
    )
    assert found.parameters["layers"] == "5"


def test_the_rounds_of_a_loop_are_told_apart_by_number(findings: Findings) -> None:
    (found,) = findings(
        "W = (torch.randn(10, 10) * 2).requires_grad_()\nh = torch.randn(10)\n"
        "for t in range(30):\n    h = W @ h\nh.sum().backward()",
        FindingKind.EXPLODING,
    )
    assert found.parameters["first"] == "h = W @ h #1"
    assert found.parameters["last"] == "h = W @ h #30"


def test_a_parameter_on_which_a_gradient_does_not_depend_is_told_so(findings: Findings) -> None:
    """A gradient penalty: the last bias moves the score, but not the gradient of the score."""
    (found,) = findings(
        "D = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))\n"
        "x = torch.randn(3, 2, requires_grad=True)\n"
        "gx, = torch.autograd.grad(D(x).sum(), x, create_graph=True)\n"
        "penalty = ((gx.norm(dim=1) - 1) ** 2).mean()\npenalty.backward()",
    )
    assert found.sentence == (
        "D.2.bias: .grad is None because penalty, which backward started from, does not depend"
        " on it."
    )


def test_a_deep_model_in_order_has_no_findings(findings: Findings) -> None:
    found = findings(
        "layers = [x for _ in range(12)\n"
        "          for x in (nn.Linear(32, 32), nn.LayerNorm(32), nn.GELU())]\n"
        "m = nn.Sequential(*layers)\nm(torch.randn(16, 32)).square().mean().backward()",
    )
    assert found == ()


# Memory.


@needs_saved
def test_saved_memory_is_counted_once_and_without_parameters() -> None:
    recording = record(
        "x = torch.ones(100, requires_grad=True)\ny = x.exp()\nz = y.sin()\nw = y.cos()\n"
        "(z + w).sum().backward()\nv = x.exp()\nv.sum().backward()"
    )
    memory = saved_memory(recording)
    texts = [(recording.ops[op].text, nbytes) for op, nbytes in memory.by_op.items()]

    assert texts == [("x.exp()", 400), ("x.exp()", 400)]
    assert memory.peak == 400


@needs_saved
def test_the_peak_grows_with_what_is_held_at_once_only() -> None:
    step = "y = (x.exp().exp()).sum()\n"
    alternate = record(
        f"x = torch.ones(10, requires_grad=True)\n{(step + 'y.backward()' + chr(10)) * 3}"
    )
    together = record(f"x = torch.ones(10, requires_grad=True)\n{step * 3}y.backward()")

    assert saved_memory(alternate).peak == 80
    assert saved_memory(together).peak == 240


@needs_saved
def test_a_linear_layer_saves_its_input_under_its_own_name() -> None:
    recording = record(
        "m = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 8))\n"
        "m(torch.ones(5, 8)).sum().backward()"
    )
    memory = saved_memory(recording)
    assert memory.by_scope == {"m.0": 160, "m.1": 160}


@needs_saved
def test_only_a_large_peak_is_told(findings: Findings) -> None:
    small, large = (
        f"x = torch.ones({size}, requires_grad=True)\ny = x.exp()\ny.sum().backward()"
        for size in (1000, 5_000_000)
    )
    assert findings(small) == ()
    (found,) = findings(large, FindingKind.SAVED_MEMORY)
    assert found.severity is Severity.NOTE
    assert found.parameters["peak"] == "19.07 MiB"


# Ordinary programs in which nothing is wrong.


def test_gradients_that_are_cleared_before_they_are_used_again_are_no_finding(
    findings: Findings,
) -> None:
    gan = (
        "import torch.nn.functional as F\n"
        "G, D = nn.Linear(4, 8), nn.Linear(8, 1)\n"
        "og = torch.optim.SGD(G.parameters(), 0.1)\n"
        "od = torch.optim.SGD(D.parameters(), 0.1)\n"
        "for _ in range(3):\n"
        "    fake = G(torch.randn(16, 4))\n"
        "    od.zero_grad()\n"
        "    (D(torch.randn(16, 8)).mean() - D(fake.detach()).mean()).backward()\n"
        "    od.step()\n"
        "    og.zero_grad()\n"
        "    D(fake).mean().backward()\n"
        "    og.step()\n"
    )
    assert findings(gan) == ()


def test_gradients_that_are_zero_are_not_told_to_be_added_up(findings: Findings) -> None:
    (found,) = findings(
        "v = torch.ones(2, requires_grad=True)\nw = torch.ones(2, requires_grad=True)\n"
        "for _ in range(3):\n    (v + w * 0).sum().backward()\n",
        FindingKind.NOT_CLEARED,
    )
    assert found.parameters["tensors"] == "v"


def test_micro_batches_are_counted_from_one_clearing_to_the_next(findings: Findings) -> None:
    (found,) = findings(
        "m = nn.Linear(4, 2)\nopt = torch.optim.SGD(m.parameters(), 0.1)\n"
        "for step in range(3):\n    opt.zero_grad()\n    for part in range(4):\n"
        "        m(torch.randn(8, 4)).square().mean().backward()\n    opt.step()\n",
        FindingKind.NOT_CLEARED,
    )
    assert found.severity is Severity.NOTE
    assert found.parameters["passes"] == "4"


def test_a_sum_that_an_update_used_and_that_nobody_used_again_is_only_told(
    findings: Findings,
) -> None:
    text = (
        "w = torch.ones(2, requires_grad=True)\nw.sum().backward()\n"
        "with torch.no_grad():\n    w -= w.grad\nw.sum().backward()\n"
    )
    kind = FindingKind.NOT_CLEARED
    (told,) = findings(text, kind)
    (used,) = findings(text + "with torch.no_grad():\n    w -= w.grad\n", kind)
    assert (told.severity, used.severity) == (Severity.NOTE, Severity.WARNING)


def test_a_target_network_is_no_warning(findings: Findings) -> None:
    text = (
        "m, t = nn.Linear(4, 2), {}\nx = torch.randn(8, 4)\n"
        "with torch.no_grad():\n    target = t(x)\n"
        "(m(x) - target).square().mean().backward()\n"
    )
    found = findings(text.format("nn.Linear(4, 2)"))
    assert [f.severity for f in found] == [Severity.NOTE]
    found = findings(text.format("nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))"))
    assert [f.severity for f in found] == [Severity.NOTE]
    assert found[0].sentence == (
        "t.0.weight, t.0.bias, t.1.weight, … (4): .grad is None because they were used only "
        "while gradients were off (torch.no_grad or inference mode), first on line 6 (t.0: "
        "linear)."
    )


def test_a_copy_whose_leaf_has_no_name_is_told_of_once(findings: Findings) -> None:
    text = "w = torch.randn(3, requires_grad=True).double()\n(w * w).sum().backward()\n"
    (found,) = findings(text)
    assert found.severity is Severity.WARNING
    assert findings("w = torch.randn(3).double().requires_grad_()\nw.sum().backward()\n") == ()
    assert (
        findings("a = torch.ones(3, requires_grad=True)\nw = a.double()\nw.sum().backward()") == ()
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "x = torch.zeros(2, requires_grad=True)\ny = x.log()\ny.sum().backward()",
            FindingKind.FORWARD_NOT_FINITE,
        ),
        (
            "x = torch.zeros(32, 4, requires_grad=True)\ny = torch.relu(x - 1)\ny.sum().backward()",
            FindingKind.DEAD_RELU,
        ),
    ],
)
def test_a_finding_of_the_forward_leads_to_the_step_of_its_op(
    findings: Findings, text: str, kind: FindingKind
) -> None:
    (found,) = findings(text, kind)
    assert found.line == 4
    assert found.item is not None
    assert found.playhead == 2


def test_gradients_of_calls_beside_each_other_are_not_compared_by_depth(findings: Findings) -> None:
    beside = (
        "policy = nn.Linear(4, 2)\nx = torch.randn(5, 4)\nweight = torch.arange(5.)\n"
        "steps = [policy(row).square().sum() for row in x]\n"
        "loss = sum(w * one for w, one in zip(weight, steps))\nloss.backward()"
    )
    assert findings(beside) == ()


# Causes.


def test_an_inf_that_was_written_is_not_told_to_be_too_large(findings: Findings) -> None:
    text = "x = torch.ones(2, requires_grad=True)\ny = x * float('inf')\ny.sum().backward()\n"
    (found,) = findings(text, FindingKind.FORWARD_NOT_FINITE)
    assert found.hint == ""
    named = "info = torch.full((2,), 3e38, requires_grad=True)\ny = info * 10\ny.sum().backward()\n"
    (found,) = findings(named, FindingKind.FORWARD_NOT_FINITE)
    assert found.hint != ""


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("y = torch.log(x)", "The logarithm of 0 is -Inf"),
        ("y = (x - 1000 * torch.ones(2)).softmax(0)\ny = (y * 0).log()", "The logarithm of 0"),
        ("y = (1000 * x).softmax(0).log()", "log_softmax computes both at once"),
        ("y = torch.sqrt(x - 1)", "For the negative numbers among its inputs"),
        ("y = (x - 1) ** 0.5", "For the negative numbers among its inputs"),
        ("y = torch.acos(x + 1e-6)", "It takes numbers from -1 to 1"),
        ("y = 1 / x", "It divides by 0"),
        ("y = x / x", "It divides by 0"),
        ("y = x[:1].std()", "A single value has no spread"),
        (
            "y = ((x + 300).half() ** 2).sum()",
            "too large for float16, whose largest number is 65504",
        ),
        (
            "y = nn.functional.cross_entropy(x[None], torch.tensor([-100]))",
            "over no targets",
        ),
    ],
)
def test_of_what_is_not_finite_in_forward_the_cause_is_told(
    findings: Findings, text: str, hint: str
) -> None:
    start = "x = torch.tensor([0., 1.], requires_grad=True)\n"
    (found,) = findings(f"{start}{text}\ny.sum().backward()", FindingKind.FORWARD_NOT_FINITE)
    assert hint in found.sentence


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("y = torch.sqrt(x)", "At 0 its derivative is not finite: keep"),
        ("y = x ** 0.5", "At 0 its derivative is not finite: keep"),
        ("y = torch.acos(x)", "At 1 and -1 its derivative is not finite"),
        ("y = torch.asin(-x)", "At 1 and -1 its derivative is not finite"),
        ("y = torch.where(x > 0, torch.sqrt(x), x)", "a torch.where after it is too late"),
        ("y = torch.ones(2) / (x + 1) * torch.tensor([float('inf'), 1.])", ""),
    ],
)
def test_of_what_is_not_finite_in_backward_the_cause_is_told_where_it_is_known(
    findings: Findings, text: str, hint: str
) -> None:
    start = "x = torch.tensor([0., 1.], requires_grad=True)\n"
    (found,) = findings(f"{start}{text}\ny.sum().backward()", FindingKind.BACKWARD_NOT_FINITE)
    assert hint in found.hint
    assert bool(hint) == bool(found.hint)


# Optimizer steps without gradients.

TRAINING = (
    "model = nn.Linear(3, 1)\nother = nn.Linear(3, 1)\n"
    "opt = torch.optim.Adam({}.parameters())\n"
    "for _ in range(2):\n    loss = model(torch.randn(4, 3)).square().mean()\n    {}\n"
)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            TRAINING.format("model", "loss.backward(); opt.zero_grad(); opt.step()"),
            "what loss.backward() (line 8) left in .grad of model.weight, model.bias had been"
            " cleared. Call backward between zero_grad() and step().",
        ),
        (
            TRAINING.format("model", "opt.zero_grad(); opt.step(); loss.backward()"),
            "what loss.backward() (line 8) left in .grad of model.weight, model.bias had been"
            " cleared. Call backward between zero_grad() and step().",
        ),
        (
            TRAINING.format("other", "loss.backward(); opt.step()"),
            "loss.backward() (line 8) left gradients, but none in .grad of other.weight,"
            " other.bias, which this optimizer has.",
        ),
        (
            TRAINING.format("model", "opt.step()"),
            "nothing was in .grad of model.weight, model.bias yet. Call backward before it.",
        ),
    ],
)
def test_a_step_that_finds_no_gradients_is_told_of(
    findings: Findings, text: str, what: str
) -> None:
    found = findings(text, FindingKind.IDLE_STEP)
    assert sentence(found) == f"opt.step() (line 8) changed nothing: {what}"
    assert (found[0].line, found[0].severity) == (8, Severity.WARNING)


@pytest.mark.parametrize(
    "step",
    [
        "opt.zero_grad(); loss.backward(); opt.step()",
        "loss.backward(); opt.step(); opt.zero_grad()",
        "opt.step(lambda: (loss.backward(), loss)[1])",
    ],
)
def test_a_step_with_gradients_is_no_finding(findings: Findings, step: str) -> None:
    assert findings(TRAINING.format("model", step), FindingKind.IDLE_STEP) == ()


def test_only_the_first_step_without_gradients_is_a_note(findings: Findings) -> None:
    text = TRAINING.format("model", "opt.step(); opt.zero_grad(); loss.backward()")
    (found,) = findings(text, FindingKind.IDLE_STEP)
    assert found.severity is Severity.NOTE


# Each with each.


@pytest.mark.parametrize(
    ("loss", "line"),
    [
        ("nn.functional.mse_loss(model(x), y)", "loss = nn.functional.mse_loss(model(x), y)"),
        ("((model(x) - y) ** 2).mean()", "model(x) - y"),
        ("(y - model(x)).abs().mean()", "y - model(x)"),
    ],
)
def test_a_column_compared_with_a_row_is_found(findings: Findings, loss: str, line: str) -> None:
    found = findings(
        f"model = nn.Linear(3, 1)\nx, y = torch.randn(8, 3), torch.randn(8)\nloss = {loss}\n"
        "loss.backward()",
        FindingKind.BROADCAST,
    )
    assert sentence(found).startswith(f"{line} (line 5) takes ")
    assert "64 pairs" in sentence(found)


@pytest.mark.parametrize(
    "loss",
    [
        "(model(x) - y[:, None]).square().mean()",
        "(model(x).squeeze(1) - y).square().mean()",
        "(model(x).squeeze(1)[:, None] - y).square().mean()",
        "(model(x)[:, None].squeeze(2) - model(x).flatten()).square().mean()",
        "(model(x)[:1] - y[:1]).square().mean()",
    ],
)
def test_other_differences_are_no_finding(findings: Findings, loss: str) -> None:
    text = f"model = nn.Linear(3, 1)\nx, y = torch.randn(8, 3), torch.randn(8)\nloss = {loss}\n"
    assert findings(f"{text}loss.backward()", FindingKind.BROADCAST) == ()


# Gradients of zeros only.


@pytest.mark.parametrize(
    ("flat", "start"),
    [
        ("torch.round(w)", "The derivative of q = torch.round(w) (line 4) is 0 everywhere"),
        ("w.sign()", "The derivative of q = w.sign() (line 4) is 0 everywhere"),
        ("w.clone().floor_()", "The derivative of w.clone().floor_() (line 4) is 0 everywhere"),
        (
            "torch.div(w, 3, rounding_mode='trunc')",
            "The derivative of q = torch.div(w, 3, rounding_mode='trunc') (line 4) is 0 everywhere",
        ),
        ("w.clamp(5, 6)", "All that q = w.clamp(5, 6) (line 4) took lies outside its bounds"),
        ("nn.Hardtanh()(w + 9)", "All that q = hardtanh: hardtanh (line 4) took lies outside"),
        ("(w + 900).sigmoid()", "q = (w + 900).sigmoid() (line 4) is saturated: all that it took"),
        ("w[:, None].softmax(1)", "q = w[:, None].softmax(1) (line 4) has a single class"),
        (
            "nn.functional.cross_entropy(w[:, None], torch.zeros(3).long())",
            "q = nn.functional.cross_entropy(w[:…zeros(3).long()) (line 4) has a single class",
        ),
    ],
)
def test_a_leaf_that_gets_zeros_only_is_told_through_what(
    findings: Findings, flat: str, start: str
) -> None:
    found = findings(
        f"w = torch.randn(3, requires_grad=True)\nq = {flat}\nq.sum().backward()\n",
        FindingKind.ZERO_GRADIENT,
    )
    assert sentence(found).startswith(start)
    assert "q.sum().backward() (line 5) gives w only zeros." in sentence(found)
    assert (found[0].line, found[0].severity) == (4, Severity.WARNING)
    assert found[0].playhead is not None


def test_gradients_that_round_to_0_in_half_precision_are_told(findings: Findings) -> None:
    text = (
        "net = nn.Linear(2, 1)\nwith torch.autocast('cpu', torch.float16):\n"
        "    out = net(torch.ones(4, 2))\n(out.float().sum() * {}).backward()\n"
    )
    found = findings(text.format("1e-9"), FindingKind.ZERO_GRADIENT)
    assert sentence(found) == (
        "The gradient that out.float() (line 6) sends back is so small that it rounds to 0 in "
        "float16: (out.float().sum() * 1e-9).backward() (line 6) gives net.weight, net.bias only "
        "zeros. Scale the loss, as torch.amp.GradScaler does, or use bfloat16."
    )
    assert findings(text.format("1e-3")) == ()


def test_the_passes_of_a_loop_that_give_only_zeros_are_one_finding(findings: Findings) -> None:
    found = findings(
        "net = nn.Linear(2, 2)\nfor i in range(3):\n"
        "    net(torch.ones(1, 2)).sign().sum().backward()",
        FindingKind.ZERO_GRADIENT,
    )
    assert "gives net.weight, net.bias only zeros" in sentence(found)


@pytest.mark.parametrize(
    "text",
    [
        "q = w - w.floor()",
        "q = torch.zeros(3) / w",
        "q = w + (w.round() - w).detach()",
        "q = w * w.sign()",
        "q = w.clamp(-9, 9)",
        "q = w.clamp(0.1, 0.2) + w",
        "q = w.softmax(0)",
        "q = w.sigmoid() * 0",
        "q = (w[:, None] @ torch.zeros(1, 2)).relu()",
        "q = w.detach().round().requires_grad_()",
        "b = w.argmax()\nq = w[b]",
        "lora = torch.zeros(3, requires_grad=True)\nq = w.tanh() * lora",
    ],
)
def test_a_gradient_that_is_not_lost_in_one_op_is_no_finding(findings: Findings, text: str) -> None:
    start = "w = torch.tensor([0.3, -0.7, 1.2], requires_grad=True)\n"
    assert findings(f"{start}{text}\nq.sum().backward()\n", FindingKind.ZERO_GRADIENT) == ()


# What a loss was given.

_LOSS = """\
net = nn.Linear(2, 3)
x, y = torch.randn(4, 2), torch.tensor([0, 1, 2, 0])
loss = {}
loss.backward()
"""


@pytest.mark.parametrize(
    ("loss", "part", "severity"),
    [
        (
            "nn.CrossEntropyLoss()(net(x).softmax(1), y)",
            "computes a softmax itself, and net(x).softmax(1) (line 5) has already",
            Severity.WARNING,
        ),
        (
            "nn.functional.cross_entropy(torch.softmax(net(x), 1).view(4, 3), y)",
            "computes a softmax itself, and torch.softmax(net(x), 1) (line 5) has already",
            Severity.WARNING,
        ),
        (
            "nn.CrossEntropyLoss()(nn.LogSoftmax(1)(net(x)), y)",
            "computes a log_softmax itself, so that logsoftmax: log_softmax (line 5) changes",
            Severity.NOTE,
        ),
        (
            "nn.BCEWithLogitsLoss()(net(x).sigmoid(), torch.ones(4, 3))",
            "computes a sigmoid itself, and net(x).sigmoid() (line 5) has already",
            Severity.WARNING,
        ),
        (
            "nn.functional.nll_loss(net(x).softmax(1), y)",
            "takes logarithms of probabilities, which are at most 0, but net(x).softmax(1) goes",
            Severity.WARNING,
        ),
        (
            "nn.functional.nll_loss(net(x).log_softmax(0), y)",
            "net(x).log_softmax(0) (line 5) makes each column add up to 1, over all examples",
            Severity.WARNING,
        ),
        (
            "nn.functional.nll_loss(net(x).softmax(0).log(), y)",
            "net(x).softmax(0) (line 5) makes each column add up to 1, over all examples",
            Severity.WARNING,
        ),
        (
            "nn.KLDivLoss(reduction='sum')(net(x) + 9, torch.full((4, 3), 1 / 3))",
            "takes logarithms of probabilities, which are at most 0, but net(x) + 9 goes",
            Severity.WARNING,
        ),
    ],
)
def test_a_loss_that_was_given_the_wrong_thing_is_told(
    findings: Findings, loss: str, part: str, severity: Severity
) -> None:
    found = findings(_LOSS.format(loss), FindingKind.LOSS_INPUT)
    assert part in sentence(found)
    assert (found[0].line, found[0].severity) == (5, severity)


@pytest.mark.parametrize(
    "loss",
    [
        "nn.CrossEntropyLoss()(net(x), y)",
        "nn.CrossEntropyLoss()(net(x), torch.randn(4, 3).softmax(1))",
        "nn.functional.cross_entropy(net(x).softmax(1) * 20, y)",
        "nn.functional.nll_loss(net(x).log_softmax(1), y)",
        "nn.functional.nll_loss(net(x).log_softmax(1).bfloat16(), y)",
        "nn.functional.nll_loss((net(x) * 0).repeat(1, 2)[:, :4].log_softmax(0), y)",
        "nn.functional.kl_div(net(x).log_softmax(0), torch.randn(4, 3).softmax(0))",
        "nn.functional.kl_div(net(x).log_softmax(1), torch.randn(4, 3).softmax(1))",
        "nn.functional.binary_cross_entropy(net(x).sigmoid(), torch.ones(4, 3))",
        "nn.functional.binary_cross_entropy_with_logits(net(x), torch.randn(4, 3).sigmoid())",
        "net(x).sum() + nn.functional.cross_entropy(net(x).detach().softmax(1), y)",
    ],
)
def test_a_loss_that_was_given_what_it_takes_is_no_finding(findings: Findings, loss: str) -> None:
    assert findings(_LOSS.format(loss), FindingKind.LOSS_INPUT) == ()
