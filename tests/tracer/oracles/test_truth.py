"""Never is a stale value shown as true; where it cannot be known, none is shown."""

# ruff: noqa: E501 — programs of one line each

from __future__ import annotations

import pytest

from gradviz.tracer.values import ValueStore
from tests.tracer.helpers import run_recorded
from tests.tracer.oracles.truth import compared_with_copies
from tests.tracer.programs import HOOKED, PROGRAMS

pytestmark = pytest.mark.filterwarnings("ignore")

# Each overwrites what was recorded before; {n} is the length of a side.
WRITES = {
    "in place": "x = torch.ones({n}, {n})\ny = x * 2\nx.add_(1)\ny.mul_(x)\nz = x + y\n",
    "conjugates": "x = torch.randn({n}, {n}, dtype=torch.complex64)\ny = x.conj()\nz = x.conj().imag\n"
    "w = x.imag\nx.mul_(2)\nu = x + 1\n",
    "other types of the same memory": "x = torch.ones({n}, {n})\ny = x.view(torch.int32)\nx.mul_(2)\nz = y + 1\n",
    "transposes": "x = torch.randn({n}, {n})\ny = x.t()\nz = x.flip(0).t()[1:]\nx.mul_(2)\nw = y + 1\n",
    "through a view": "x = torch.ones({n}, {n})\nv = x[1:]\ny = v * 2\nv.t().zero_()\nz = x + 1\n",
    "through data": "x = torch.ones({n}, {n})\ny = x * 2\nx.data.mul_(3)\nx.data[0] = 5.\nz = x + y\n",
    "data assigned": "x = torch.ones({n}, {n})\ny = x * 2\nx.data = y * 4\nz = x + y\ny.zero_()\n",
    "through detach": "x = torch.ones({n}, {n}, requires_grad=True)\ny = x * 2\n"
    "x.detach().mul_(3)\ny.detach_()[0] = 1.\nz = y + 1\n",
    "through NumPy": "x = torch.ones({n}, {n})\ny = x * 2\na = x.numpy()\na[:] = 7.\nz = x + y\n"
    "a[:] = 8.\nw = x + 1\na[:] = 9.\n",
    "through NumPy's protocol": "import numpy as np\nx = torch.ones({n}, {n})\ny = x * 2\n"
    "a = np.asarray(x)\na *= 3\nz = x + y\na *= 3\n",
    "through DLPack": "import numpy as np\nx = torch.ones({n}, {n})\ny = x * 2\n"
    "a = torch.from_dlpack(x)\na.mul_(5)\nb = np.from_dlpack(x)\nz = x + y\n",
    "from NumPy": "import numpy as np\na = np.ones(({n}, {n}), np.float32)\n"
    "x = torch.from_numpy(a)\ny = x * 2\na[:] = 5.\nz = x + y\na[:] = 6.\n",
    "as_tensor of NumPy": "import numpy as np\na = np.ones(({n}, {n}), np.float32)\n"
    "x = torch.as_tensor(a)\ny = x * 2\na[:] = 5.\nz = x + y\na[:] = 6.\n",
    "through the storage": "x = torch.ones({n}, {n})\ny = x * 2\ns = x.untyped_storage()\n"
    "s[0] = 255\nz = x + y\ns.fill_(1)\n",
    "through a pointer": "import ctypes\nx = torch.ones({n}, {n})\ny = x * 2\n"
    "ctypes.memset(x.data_ptr(), 0, 16)\nz = x + y\n",
    "set_ and resize_": "x = torch.ones({n}, {n})\ny = x * 2\nw = torch.zeros({n})\nx.set_(w)\n"
    "w.add_(1)\nx.resize_({n} // 2)\nz = x + 1\n",
    "storage shrunk": "x = torch.ones({n}, {n})\ny = x * 2\nz = x + y\n"
    "x.untyped_storage().resize_(4)\nw = y * 2\n",
    "storage freed": "x = torch.ones({n}, {n})\ny = x * 2\nx.untyped_storage().resize_(0)\n",
    "optimizer": "w = torch.ones({n}, {n}, requires_grad=True)\n"
    "o = torch.optim.SGD([w], lr=0.1, momentum=0.9)\n"
    "for _ in range(3):\n    (w * w).sum().backward()\n    o.step()\n    o.zero_grad(set_to_none=False)\n",
    "optimizer through data": "class Old(torch.optim.Optimizer):\n"
    "    def __init__(self, p):\n        super().__init__(p, {{}})\n"
    "    def step(self):\n        for g in self.param_groups:\n            for p in g['params']:\n"
    "                p.data.add_(p.grad.data, alpha=-0.1)\n                p.grad.data.zero_()\n"
    "w = torch.ones({n}, {n}, requires_grad=True)\no = Old([w])\n"
    "for _ in range(3):\n    (w * w).sum().backward()\n    o.step()\n",
    "batch norm": "m = nn.BatchNorm1d({n})\nbefore = m.running_mean + 0\n"
    "for k in range(3):\n    m(torch.arange(2. * {n}).view(2, {n}) + k)\nafter = m.running_mean + 0\n",
    "batch norm in a checkpoint": "from torch.utils.checkpoint import checkpoint\n"
    "m = nn.BatchNorm1d({n})\nx = torch.arange(2. * {n}).view(2, {n}).requires_grad_()\n"
    "for _ in range(2):\n    checkpoint(m, x, use_reentrant=False).sum().backward()\n"
    "    r = m.running_mean + m.running_var\n",
    "in a hook": "x = torch.ones({n}, {n}, requires_grad=True)\nh = x * 3\nb = torch.zeros({n}, {n})\n"
    "k = b + 0\ndef hook(g):\n    b.add_(1)\n    b.data.add_(1)\n    k.data[0] = 5.\n    return g * 2\n"
    "h.register_hook(hook)\nl = (h * 2 + b).sum()\nl.backward()\nc = b + 1\n",
    "of its gradient in a hook": "x = torch.ones({n}, {n}, requires_grad=True)\nh = x * 3\n"
    "def hook(g):\n    g.data.mul_(7)\nh.register_hook(hook)\n((h * 2) * h).sum().backward()\n",
    "of parameters in a hook": "w = torch.ones({n}, {n}, requires_grad=True)\n"
    "def update(p):\n    p.data.sub_(p.grad.data, alpha=0.1)\n    p.grad.data.zero_()\n"
    "w.register_post_accumulate_grad_hook(update)\n"
    "for _ in range(3):\n    (w * w).sum().backward()\n",
    "in a custom function": "class Leaky(torch.autograd.Function):\n    @staticmethod\n"
    "    def forward(ctx, x, b):\n        b.data.add_(1)\n        return x * 2\n    @staticmethod\n"
    "    def backward(ctx, g):\n        c.data.add_(1)\n        g.data.mul_(2)\n        return g * 2, None\n"
    "b = torch.ones({n}, {n})\nc = torch.ones({n}, {n})\nd = b * c\n"
    "x = torch.ones({n}, {n}, requires_grad=True)\n(Leaky.apply(x, b) * 1).sum().backward()\ne = b * c\n",
    "in a thread": "import threading\nx = torch.ones({n}, {n})\ny = x * 2\n"
    "t = threading.Thread(target=lambda: x.data.mul_(5))\nt.start(); t.join()\nz = x + y\n",
    "clipping": "w = torch.ones({n}, {n}, requires_grad=True)\n(w * w).sum().backward()\n"
    "nn.utils.clip_grad_norm_([w], 0.1)\n(w * w).sum().backward()\n",
    "loading a state": "m = nn.Linear({n}, {n})\ny = m.weight * 2\n"
    "m.load_state_dict({{k: v * 0 for k, v in m.state_dict().items()}})\nz = m.weight * 2\n"
    "m.reset_parameters()\nnn.init.zeros_(m.weight)\nw = m.weight + 1\n",
    "foreach": "a = [torch.ones({n}, {n}), torch.ones({n}, {n})]\nb = a[0] * a[1]\n"
    "torch._foreach_add_(a, 1)\nc = a[0] * a[1]\n",
    "swapping": "a = torch.ones({n}, {n})\nb = torch.zeros({n}, {n})\nc = a + b\n"
    "torch.utils.swap_tensors(a, b)\nd = a * 2\n",
    "embedding renorm": "e = nn.Embedding({n}, {n}, max_norm=0.1)\nw = e.weight * 1\n"
    "y = e(torch.arange(2)).sum()\nz = e.weight * 1\n",
    "compiled": "x = torch.ones({n}, {n})\ny = x * 2\n"
    "f = torch.compile(lambda t: t.data.mul_(2), backend='eager')\nf(x)\nz = x + y\n",
    "scripted": "@torch.jit.script\ndef f(t):\n    t.detach().mul_(2)\n    return t\n"
    "x = torch.ones({n}, {n})\ny = x * 2\nf(x)\nz = x + y\n",
}


@pytest.mark.parametrize("side", [2, 80])
@pytest.mark.parametrize("name", WRITES)
def test_what_was_overwritten_is_shown_as_it_was(
    name: str, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = compared_with_copies(WRITES[name].format(n=side), monkeypatch)
    assert not told.wrong, "\n".join(told.wrong)
    assert told.shown >= told.unknown


@pytest.mark.parametrize("name", [*PROGRAMS, *HOOKED])
def test_every_value_of_a_program_is_what_a_copy_held(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = compared_with_copies((PROGRAMS | HOOKED)[name], monkeypatch)
    assert not told.wrong, "\n".join(told.wrong)
    assert told.shown


@pytest.mark.parametrize("budget", [0, 30_000, 10**9])
@pytest.mark.parametrize("name", ["in place", "optimizer", "through a view", "from NumPy"])
def test_a_small_budget_makes_values_unknown_but_never_wrong(
    name: str, budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = WRITES[name].format(n=80)
    told = compared_with_copies(text, monkeypatch, budget=budget)
    assert not told.wrong, "\n".join(told.wrong)
    large = [value for value in told.recording.values if value.numel > 4096]
    assert large
    if budget == 0:
        assert not any(value.is_whole for value in large)


def test_the_memory_that_values_held_is_told_and_stays_within_the_budget() -> None:
    text = "x = torch.ones(100, 100)\nfor _ in range(9):\n    x.mul_(2)\n"
    side = 100 * 100 * 4
    _, _, free = run_recorded(text)
    assert 10 * side <= free.peak_nbytes <= 11 * side
    assert len(free.live) == 10
    _, _, tight = run_recorded(text, budget=3 * side)
    corners = 10 * 64 * 64 * 4
    assert tight.peak_nbytes <= 3 * side + corners
    assert 1 <= len(tight.live) <= 3
    whole = [
        value for value in tight.values if value.statistics is not None or value.id in tight.live
    ]
    assert len(whole) < 10


def test_copies_that_differ_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle itself: a store that forgets to copy before a write shows what is not so."""
    monkeypatch.setattr(ValueStore, "before_write", lambda *_: None)
    text = "x = torch.ones(80, 80)\ny = x * 2\nx.data.mul_(3)\n"
    assert compared_with_copies(text, monkeypatch).wrong
