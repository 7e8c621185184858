"""Faults of whole training programs: what is kept, what is never updated, what diverges."""

from __future__ import annotations

import pytest

from gradviz.recording.diagnostics import FindingKind, Severity
from tests.recording.diagnostics.conftest import Findings

LOOP = """
model = nn.Linear(4, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
total, losses = 0, []
for step in range(4):
    loss = model(torch.randn(8, 4)).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    {}
{}
"""


@pytest.mark.parametrize(
    ("inside", "after", "op", "line"),
    [
        ("total += loss", "", "total += loss", 12),
        ("total = total + loss / 4", "", "total = total + loss / 4", 12),
        ("total = 0.9 * total + 0.1 * loss", "", "total = 0.9 * total + 0.1 * loss", 12),
        ("losses.append(loss)", "m = torch.stack(losses).mean()", "torch.stack(losses)", 13),
        ("losses.append(loss)", "m = sum(losses)", "m = sum(losses)", 13),
    ],
)
def test_a_sum_that_keeps_the_graph_of_each_round_is_found(
    findings: Findings, inside: str, after: str, op: str, line: int
) -> None:
    (found,) = findings(LOOP.format(inside, after), FindingKind.KEPT_GRAPH)
    assert found.sentence.startswith(
        f"{op} (line {line}) keeps 4 graphs alive that loss.backward() (line 10) has been through"
    )
    assert "Take loss.item() or loss.detach()" in found.sentence
    assert (found.severity, found.line) == (Severity.WARNING, line)


@pytest.mark.parametrize(
    "inside",
    [
        "total += loss.item()",
        "total += loss.detach()",
        "losses.append(loss)",
        "print(loss * 2 + loss)",
        "with torch.no_grad(): total += loss",
        "total = loss + 1",
        "losses = [*losses[-1:], loss]; last = sum(losses)",
    ],
)
def test_what_keeps_no_more_than_a_round_or_two_is_no_finding(
    findings: Findings, inside: str
) -> None:
    assert findings(LOOP.format(inside, ""), FindingKind.KEPT_GRAPH) == ()


def test_a_sum_that_backward_goes_through_is_no_finding(findings: Findings) -> None:
    text = (
        "w = torch.ones(3, requires_grad=True)\ntotal = 0\n"
        "for step in range(4):\n    loss = (w * step).square().sum()\n"
        "    (g,) = torch.autograd.grad(loss, w, create_graph=True)\n"
        "    total = total + loss + g.square().sum()\ntotal.backward()\n"
    )
    assert findings(text, FindingKind.KEPT_GRAPH) == ()


def test_the_parts_of_a_loss_may_be_added_up_to_be_shown(findings: Findings) -> None:
    text = (
        "d = nn.Linear(2, 1)\ndef back(x):\n    loss = d(x).mean()\n    loss.backward()\n"
        "    return loss\n"
        "for _ in range(4):\n    real, fake = back(torch.ones(3, 2)), back(torch.zeros(3, 2))\n"
        "    print((real + fake).item())\n"
    )
    assert findings(text, FindingKind.KEPT_GRAPH) == ()


SEVERAL = """
trunk, heads = nn.Sequential(nn.Linear(4, 3), nn.ReLU(inplace=True)), nn.ModuleList()
heads.extend(nn.Linear(3, 1) for _ in range(4))
opt = torch.optim.SGD([*trunk.parameters(), *heads.parameters()], lr=0.1)
for _ in range(3):
    opt.zero_grad()
    {}
    opt.step()
    print(sum(losses).item())
"""


@pytest.mark.parametrize(
    "round_",
    [
        "h = trunk(torch.randn(5, 4)); losses = [head(h).mean() for head in heads]\n"
        "    for one in losses: one.backward(retain_graph=True)",
        "h = trunk(torch.randn(5, 4)); losses = [head(h).mean() for head in heads]\n"
        "    g = [torch.autograd.grad(one, trunk[0].weight, retain_graph=True) for one in losses]",
        "losses = [head(trunk(torch.randn(5, 4))).mean() for head in heads]\n"
        "    for one in losses: one.backward()",
        "losses = []\n    for head in heads:\n"
        "        losses.append(head(trunk(torch.randn(5, 4))).mean())\n"
        "        losses[-1].backward()",
    ],
    ids=["tasks", "tasks, by grad", "models", "parts of a batch"],
)
def test_several_losses_of_one_round_may_be_added_up(findings: Findings, round_: str) -> None:
    assert findings(SEVERAL.format(round_), FindingKind.KEPT_GRAPH) == ()


def test_several_models_may_each_be_updated_in_a_round(findings: Findings) -> None:
    text = (
        "nets = [nn.Linear(3, 1) for _ in range(4)]\n"
        "opts = [torch.optim.SGD(net.parameters(), lr=0.1) for net in nets]\n"
        "for _ in range(3):\n    losses = []\n    for net, opt in zip(nets, opts):\n"
        "        loss = net(torch.ones(2, 3)).mean()\n        opt.zero_grad()\n"
        "        loss.backward()\n        opt.step()\n        losses.append(loss)\n"
        "    {}\n"
    )
    assert findings(text.format("print(sum(losses).item())"), FindingKind.KEPT_GRAPH) == ()
    kept = text.replace("    losses = []\n", "").replace("nets =", "losses = []\nnets =", 1)
    (found,) = findings(kept.format("mean = sum(losses)"), FindingKind.KEPT_GRAPH)
    assert "keeps 3 graphs alive" in found.sentence


def test_rounds_of_updates_by_hand_are_rounds(findings: Findings) -> None:
    text = (
        "w = torch.ones(3, requires_grad=True)\ntotal = 0\nfor _ in range(4):\n"
        "    loss = (w * 2).square().sum()\n    loss.backward()\n"
        "    {}\n    w.grad = None\n    total = total + loss\n"
    )
    for update in ("with torch.no_grad(): w -= 0.1 * w.grad", "w.data -= 0.1 * w.grad"):
        (found,) = findings(text.format(update), FindingKind.KEPT_GRAPH)
        assert "keeps 4 graphs alive" in found.sentence


def test_the_terms_of_a_loss_that_is_trained_are_no_rounds(findings: Findings) -> None:
    text = (
        "layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(4))\n"
        "def objective(x):\n    loss = 0\n    for layer in layers:\n        x = layer(x)\n"
        "        loss = loss + x.square().mean()\n    return loss\n"
        "objective(torch.randn(5, 4)).backward()\nprint(objective(torch.randn(5, 4)).item())\n"
    )
    assert findings(text, FindingKind.KEPT_GRAPH) == ()


VALIDATION = """
model = nn.Linear(4, 1)
model(torch.randn(8, 4)).square().mean().backward()
total, losses = 0, []
for _ in range(3):
    loss = model(torch.randn(8, 4)).square().mean()
    {}
print(total)
"""


@pytest.mark.parametrize("add", ["total += loss", "total = total + loss"])
def test_a_validation_that_keeps_its_graphs_is_found(findings: Findings, add: str) -> None:
    (found,) = findings(VALIDATION.format(add), FindingKind.KEPT_GRAPH)
    assert found.sentence == (
        f"{add} (line 9) keeps 3 graphs alive that no backward goes through, with all that they "
        "saved for it. Compute what is only to be read under torch.no_grad(), or add loss.item()."
    )


@pytest.mark.parametrize(
    "add",
    [
        "total += loss.item()",
        "total += loss.detach()",
        "with torch.no_grad(): total += loss",
        "(total + loss).backward()",
        "total = 1 + loss",
        "total = total + model.weight.sum()",
        "losses.append(loss); sum(losses).backward() if len(losses) > 2 else None",
    ],
)
def test_a_sum_that_keeps_no_graph_of_a_model_is_no_finding(findings: Findings, add: str) -> None:
    assert findings(VALIDATION.format(add), FindingKind.KEPT_GRAPH) == ()


HIDDEN = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = {}([nn.Linear(3, 3), nn.Linear(3, 3)])
        self.head = nn.Linear(3, 1)
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(x)
net = Net()
opt = torch.optim.Adam(net.parameters())
for _ in range({}):
    loss = net(torch.randn(4, 3)).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""


def test_parameters_that_the_optimizer_was_not_given_are_found(findings: Findings) -> None:
    (found,) = findings(HIDDEN.format("list", 2), FindingKind.NOT_UPDATED)
    assert found.sentence.startswith(
        "net.linear.weight, net.linear.bias: loss.backward() (line 18) computes gradients that no "
        "optimizer uses: opt.step() (line 19) was not given these parameters."
    )
    assert found.severity is Severity.WARNING


GAN = """
g, d = nn.Linear(2, 3), nn.Linear(3, 1)
of_g, of_d = torch.optim.Adam(g.parameters()), torch.optim.Adam(d.parameters())
for _ in range(3):
    d(g(torch.randn(4, 2))).mean().backward()
    of_g.step()
    of_d.zero_grad()
    d(torch.randn(4, 3)).mean().backward()
    of_d.step()
    of_g.zero_grad()
"""
BY_HAND = """
w, b = nn.Parameter(torch.ones(3)), nn.Parameter(torch.zeros(()))
opt = torch.optim.SGD([w], lr=0.1)
for _ in range(3):
    (w.sum() + b).square().backward()
    opt.step()
    with torch.no_grad():
        b -= 0.1 * b.grad
    w.grad = b.grad = None
"""


@pytest.mark.parametrize(
    "text",
    [
        HIDDEN.format("nn.ModuleList", 3),
        HIDDEN.format("list", 1),
        GAN,
        BY_HAND,
        BY_HAND.replace("b -= 0.1 * b.grad", "b.data.sub_(0.1 * b.grad)"),
    ],
)
def test_parameters_that_something_updates_are_no_finding(findings: Findings, text: str) -> None:
    assert findings(text, FindingKind.NOT_UPDATED) == ()


def test_of_a_loss_that_had_grown_before_it_overflowed_that_is_told(findings: Findings) -> None:
    text = (
        "w = nn.Parameter(torch.ones(()))\nopt = torch.optim.SGD([w], lr={})\n"
        "for _ in range(20):\n    loss = ((w * 3 - 1) ** 2).mean()\n    opt.zero_grad()\n"
        "    loss.backward()\n    opt.step()\n{}"
    )
    (found,) = findings(text.format(1000.0, ""), FindingKind.FORWARD_NOT_FINITE)
    assert "The loss had grown from 4 to " in found.sentence
    assert "A smaller learning rate helps" in found.sentence
    later = text.format(0.01, "y = (w * 1e30) ** 2\ny.backward()\n")
    (other,) = findings(later, FindingKind.FORWARD_NOT_FINITE)
    assert "too large for float32" in other.sentence


CHECKPOINTED = """
from torch.utils.checkpoint import checkpoint
block, head = nn.Sequential(nn.Linear(3, 3), nn.ReLU()), nn.Linear(3, 1)
x = torch.randn(2, 3{})
head(checkpoint(block, x, use_reentrant={})).sum().backward()
"""


def test_a_checkpoint_of_what_needs_no_gradient_is_told_to_cut(findings: Findings) -> None:
    (found,) = findings(CHECKPOINTED.format("", True))
    assert found.sentence == (
        "block.0.weight, block.0.bias: .grad is None because checkpoint(block, x, "
        "use_reentrant=True) on line 7 was given nothing that requires grad: such a checkpoint "
        "then computes without gradients. use_reentrant=False has them."
    )
    assert (found.kind, found.severity) == (
        FindingKind.PARAMETER_WITHOUT_GRADIENT,
        Severity.WARNING,
    )


@pytest.mark.parametrize(("asked", "reentrant"), [(", requires_grad=True", True), ("", False)])
def test_a_checkpoint_with_gradients_is_no_finding(
    findings: Findings, asked: str, reentrant: bool
) -> None:
    assert findings(CHECKPOINTED.format(asked, reentrant)) == ()


RANDOM = """
from torch.utils.checkpoint import checkpoint, checkpoint_sequential
block = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5), nn.Linear(3, 3))
x = torch.randn(4, 3, requires_grad=True)
def noisy(t):
    return t * torch.rand_like(t)
def seeded(t):
    torch.manual_seed(3)
    return noisy(t)
def forked(t):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return noisy(t)
options = dict(use_reentrant={reentrant}, preserve_rng_state={preserve})
{text}
"""
REENTRANT = pytest.mark.parametrize("reentrant", [False, True])


@REENTRANT
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("y = checkpoint(block, x, **options)\ny.sum().backward()", 17),
        ("for _ in range(3):\n    checkpoint(block, x, **options).sum().backward()", 18),
        ("y = checkpoint_sequential([block, block], 2, x, **options)\ny.sum().backward()", 17),
    ],
)
def test_a_checkpoint_with_new_random_numbers_is_found(
    findings: Findings, text: str, line: int, *, reentrant: bool
) -> None:
    text = RANDOM.format(reentrant=reentrant, preserve=False, text=text)
    (found,) = findings(text, FindingKind.REDRAWN)
    assert (found.severity, found.line) == (Severity.ERROR, line)
    assert found.playhead is not None


@REENTRANT
@pytest.mark.parametrize("drawn", ["seeded(noisy(t))", "noisy(forked(t))", "unseeded(t)"])
def test_chance_of_a_checkpoint_that_its_own_seed_does_not_reach_is_found(
    findings: Findings, drawn: str, *, reentrant: bool
) -> None:
    text = (
        "def unseeded(t):\n    with torch.random.fork_rng():\n        return noisy(t)\n"
        f"checkpoint(lambda t: {drawn}, x, **options).sum().backward()"
    )
    text = RANDOM.format(reentrant=reentrant, preserve=False, text=text)
    (found,) = findings(text, FindingKind.REDRAWN)
    assert found.severity is Severity.ERROR


@REENTRANT
def test_each_checkpoint_with_new_random_numbers_is_found_with_its_step(
    findings: Findings, *, reentrant: bool
) -> None:
    text = "h = checkpoint(block, x, **options)\ny = checkpoint(noisy, h, **options)\n"
    text = RANDOM.format(reentrant=reentrant, preserve=False, text=f"{text}y.sum().backward()")
    second, first = findings(text, FindingKind.REDRAWN)
    assert second.playhead is not None and first.playhead is not None
    assert second.playhead < first.playhead
    assert first.sentence.startswith(
        "y.sum().backward() (line 19) computed a checkpoint again, for h = "
    )
    assert first.sentence.endswith(
        " (line 17), with new random numbers: preserve_rng_state=False keeps none. The gradients "
        "that went through it are not those of the loss. Leave preserve_rng_state=True where there "
        "is dropout or other chance in a checkpoint."
    )


@REENTRANT
@pytest.mark.parametrize(
    ("text", "preserve"),
    [
        ("checkpoint(block, x, **options).sum().backward()", True),
        ("checkpoint(block.eval(), x, **options).sum().backward()", False),
        ("checkpoint(torch.sin, x, **options).sum().backward()", False),
        ("checkpoint(block, x, **options)", False),
        ("block(checkpoint(torch.sin, x, **options)).sum().backward()", False),
        ("checkpoint(seeded, x, **options).sum().backward()", False),
        ("checkpoint(forked, x, **options).sum().backward()", False),
        ("checkpoint(lambda t: forked(seeded(t)), x, **options).sum().backward()", False),
        (
            "x.register_hook(lambda g: g + torch.rand_like(g))\n"
            "checkpoint(torch.sin, x, **options).sum().backward()",
            False,
        ),
    ],
    ids=[
        "kept",
        "no dropout",
        "no chance",
        "no backward",
        "dropout outside",
        "seeds itself",
        "seeds a fork",
        "seeds both",
        "chance in a hook",
    ],
)
def test_a_checkpoint_without_new_random_numbers_is_no_finding(
    findings: Findings, text: str, *, preserve: bool, reentrant: bool
) -> None:
    text = RANDOM.format(reentrant=reentrant, preserve=preserve, text=text)
    assert findings(text, FindingKind.REDRAWN) == ()


IN_BACKWARD = """
m = nn.Linear(3, 1)
of = {p: torch.optim.SGD([p], lr=0.1) for p in m.parameters()}
def update(p):
    of[p].step()
    of[p].zero_grad()
for p in m.parameters():
    p.register_post_accumulate_grad_hook(update)
for _ in range(2):
    m(torch.randn(2, 3)).square().sum().backward()
"""
ADVERSARIAL = """
m = nn.Linear(4, 3)
x, y = torch.randn(8, 4, requires_grad=True), torch.randint(0, 3, (8,))
(g,) = torch.autograd.grad(nn.functional.cross_entropy(m(x), y), x)
nn.functional.cross_entropy(m(x.detach() + 0.1 * g.sign()), y).backward()
"""


@pytest.mark.parametrize("text", [IN_BACKWARD, ADVERSARIAL], ids=["in backward", "returned"])
def test_a_gradient_that_was_used_is_not_missed(findings: Findings, text: str) -> None:
    assert findings(text) == ()


def test_a_gradient_that_was_returned_and_read_of_grad_is_explained(findings: Findings) -> None:
    (found,) = findings(f"{ADVERSARIAL}x.grad\n")
    assert found.sentence.startswith("x: .grad is None because")


def test_the_detach_before_the_step_of_its_own_optimizer_is_told(findings: Findings) -> None:
    text = (
        "g, d = nn.Linear(2, 2), nn.Linear(2, 1)\n"
        "of_g, of_d = (torch.optim.SGD(m.parameters(), lr=0.1) for m in (g, d))\n"
        "fake = g(torch.randn(4, 2))\n"
        "d(fake.detach()).mean().backward()\nof_d.step()\n"
        "(-d(fake.detach())).mean().backward()\nof_g.step()\n"
    )
    (found,) = findings(text, FindingKind.PARAMETER_WITHOUT_GRADIENT)
    assert found.sentence == (
        "g.weight, g.bias: .grad is None because .detach() on line 8 (fake.detach()) cut them off."
    )


def test_an_optimizer_that_has_only_what_is_frozen_is_told_of(findings: Findings) -> None:
    text = (
        "base, lora = nn.Linear(2, 2).requires_grad_(False), nn.Linear(2, 2)\n"
        "opt = torch.optim.SGD(base.parameters(), lr=0.1)\n"
        "for _ in range(2):\n    opt.zero_grad()\n"
        "    (base(torch.ones(3, 2)) + lora(torch.ones(3, 2))).mean().backward()\n    opt.step()\n"
    )
    (found,) = findings(text, FindingKind.IDLE_STEP)
    assert "none in .grad of base.weight, base.bias, which this optimizer has" in found.sentence
    assert (found.line, found.severity) == (8, Severity.WARNING)


def test_what_is_no_number_is_not_told_to_be_made_one(findings: Findings) -> None:
    text = LOOP.format("", "").replace("total, losses = 0", "queue, losses = torch.zeros(8, 4)")
    text = text.replace("loss = model", "q = model").replace(".square()", "; loss = q.square()")
    text = text.replace("    opt.step()\n", "    opt.step()\n    queue[:, step:step + 1] = q\n")
    (found,) = findings(text, FindingKind.KEPT_GRAPH)
    assert found.sentence.endswith("q requires grad. Take q.detach() to keep.")


@pytest.mark.parametrize(
    ("loss", "count"), [("features[0].square()", 0), ("features[1].square()", 1)]
)
def test_a_relu_that_backward_does_not_come_by_is_not_told_to_be_dead(
    findings: Findings, loss: str, count: int
) -> None:
    text = (
        "first = nn.Linear(2, 4)\nwith torch.no_grad(): first.bias[:] = -100.\n"
        "features = [first(torch.randn(32, 2))]\nfeatures.append(features[0].relu())\n"
        f"{loss}.sum().backward()"
    )
    assert len(findings(text, FindingKind.DEAD_RELU)) == count
