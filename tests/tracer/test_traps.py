"""The ways in which watching torch is known to change it."""

from __future__ import annotations

import gc
import struct
import weakref
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from gradviz.tracer import Tracer
from gradviz.tracer.values import ValueStore
from tests.capabilities import problems
from tests.tracer.helpers import recording_of, run_plainly, run_recorded, same_bits, tensors_of
from tests.tracer.programs import PROGRAMS

STALE = """
x = torch.randn(64, requires_grad=True)
h = x * 1
views = [h[k:k + 32] for k in range(8)]
for k in range(8):
    h[k * 4:k * 4 + 8] *= 1.1 + k
    views[k].sum()
h.mul_(0.7)
total = (h.sin() * h).sum()
for k in (3, 1, 5):
    total = total + (views[k] * views[k].detach().clone()).sum()
total.backward()
"""


# What takes a stale view without asking for its node: only a recorder would make that here.
DETACHED = STALE.replace("total = (", "for view in views:\n    view.detach()\ntotal = (", 1)


# Torch makes the node of a view when it is changed itself, but not when elements of it are set.
SET = STALE.replace("total = (", "views[1][2:9] = 1.5\ntotal = (", 1)


@pytest.mark.parametrize("text", [STALE, DETACHED, SET], ids=["used", "detached", "set"])
def test_looking_at_stale_views_does_not_change_the_order_of_sums(text: str) -> None:
    plain, plain_error = run_plainly(text)
    recorded, error, _ = run_recorded(text)
    assert plain_error is None
    assert error is None
    assert same_bits(plain["x"].grad, recorded["x"].grad)


def test_a_recorder_that_fails_leaves_the_program_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, _ = run_plainly(PROGRAMS["optimizer"])
    for method in ("keep", "note", "before_write"):

        def fail(*_: object) -> None:
            raise RuntimeError("on purpose")

        with monkeypatch.context() as patch:
            patch.setattr(ValueStore, method, fail)
            recorded, error, traced = run_recorded(PROGRAMS["optimizer"])
        assert error is None
        assert any("on purpose" in sentence for sentence in traced.warnings)
        expected, got = tensors_of(plain), tensors_of(recorded)
        for name, tensor in expected.items():
            assert same_bits(tensor, got[name])
            assert same_bits(tensor.grad, got[name].grad)


class Owned:
    """Something that lives as long as the autograd node that owns it."""


def test_recording_keeps_no_graph_alive() -> None:
    namespace, _, traced = run_recorded(
        "x = torch.randn(100, 100, requires_grad=True)\nh = x * 2\ny = h.sum()\n"
        "y.backward(retain_graph=True)\n"
    )
    owned = Owned()
    namespace["y"].grad_fn.metadata["owned"] = owned
    alive = weakref.ref(owned)
    del owned, namespace
    gc.collect()
    assert alive() is None
    assert traced.live
    assert all(tensor.grad_fn is None for tensor in traced.live.values())


def test_custom_functions_used_in_backward_do_not_recurse() -> None:
    text = """
class Inner(torch.autograd.Function):
    @staticmethod
    def forward(ctx, g):
        return g * 2
    @staticmethod
    def backward(ctx, g):
        return g * 2
class Outer(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()
    @staticmethod
    def backward(ctx, g):
        for _ in range(50):
            g = Inner.apply(g)
        return g
x = torch.ones(2, requires_grad=True)
Outer.apply(Outer.apply(x)).sum().backward(create_graph=True)
x.grad.sum()
"""
    plain, _ = run_plainly(text)
    recorded, error, traced = run_recorded(text)
    assert error is None
    assert same_bits(plain["x"].grad, recorded["x"].grad)
    assert [op.name for op in traced.ops].count("Outer") == 2


def test_the_fused_inference_path_of_transformers_is_mentioned() -> None:
    text = (
        "net = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()\n"
        "x = torch.randn(2, 5, 8)\n"
        "with torch.no_grad():\n    y = net(x)\n"
    )
    plain, _ = run_plainly(text)
    recorded, _, traced = run_recorded(text)
    assert torch.allclose(plain["y"], recorded["y"], atol=1e-5)
    assert any("TransformerEncoderLayer" in sentence for sentence in traced.warnings)


@pytest.mark.parametrize("options", ["8, 2, 16", "9, 3, 16, batch_first=True"])
def test_transformers_that_take_no_fused_path_leave_none(options: str) -> None:
    width = options[0]
    text = (
        f"net = nn.TransformerEncoderLayer({options}).eval()\nx = torch.randn(2, 5, {width})\n"
        "with torch.no_grad():\n    y = net(x)\n"
    )
    plain, _ = run_plainly(text)
    recorded, _, traced = run_recorded(text)
    assert same_bits(plain["y"], recorded["y"])
    assert traced.warnings == ()


ATTENTION = (
    "m = nn.MultiheadAttention(8, 2, batch_first={}).{}\nx = torch.randn(2, 4, 8)\n{}"
    "with torch.set_grad_enabled({}):\n    y, _ = m({}, need_weights=False)\n"
)


@pytest.mark.parametrize(
    ("options", "is_told"),
    [
        ((True, "eval()", "", False, "x, x, x"), True),
        ((True, "eval()", "m.requires_grad_(False)\n", True, "x, x, x"), True),
        ((True, "eval()", "", True, "x, x, x"), False),
        ((True, "train()", "", False, "x, x, x"), False),
        ((True, "eval()", "", False, "x, x + 1, x"), False),
        ((False, "eval()", "", False, "x, x, x"), False),
    ],
)
def test_the_fused_inference_path_of_attention_is_mentioned_where_it_is_left(
    options: tuple[object, ...], is_told: bool
) -> None:
    text = ATTENTION.format(*options)
    fused: list[object] = []
    original = torch._native_multi_head_attention

    def noted(*args: object) -> object:
        fused.append(args)
        return original(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "_native_multi_head_attention", noted)
        run_plainly(text)
        assert bool(fused) is is_told
    _, _, traced = run_recorded(text)
    assert any("MultiheadAttention" in sentence for sentence in traced.warnings) is is_told


def test_saved_tensors_are_still_checked() -> None:
    text = "x = torch.randn(3, requires_grad=True)\ny = x.exp()\ny += 1\ny.sum().backward()\n"
    _, error, traced = run_recorded(text)
    assert isinstance(error, RuntimeError)
    assert "inplace" in str(error)
    assert recording_of(traced).passes


def test_a_deep_graph_needs_no_deep_stack_to_be_recorded() -> None:
    text = "x = torch.ones((), requires_grad=True)\ny = x\nfor _ in range(8000):\n    y = y * 1\n"
    _, error, traced = run_recorded(text + "y.backward()\n")
    assert error is None
    assert len(traced.passes[0].steps) == 8001


def test_what_a_hook_on_saved_tensors_overwrites_during_backward_is_shown_as_it_was() -> None:
    text = """
x = torch.ones(3, requires_grad=True)
other = torch.zeros(3) + 1
def unpack(saved):
    other.mul_(5)
    return saved
with torch.autograd.graph.saved_tensors_hooks(lambda saved: saved.clone(), unpack):
    y = (x * x).sum()
y.backward()
"""
    _, error, traced = run_recorded(text)
    assert error is None
    added = next(one for one in traced.ops if one.text == "torch.zeros(3) + 1")
    value = traced.values[traced.tensors[added.outputs[0]].value]
    assert value.data is not None
    assert struct.unpack("<3f", value.data) == (1.0, 1.0, 1.0)


def test_hooks_on_saved_tensors_from_before_a_recording_are_watched_too() -> None:
    made: list[torch.Tensor] = []

    def unpack(saved: torch.Tensor) -> torch.Tensor:
        made[0].mul_(5)
        return saved

    x = torch.ones(3, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda saved: saved.clone(), unpack):
        tracer = Tracer()
        with tracer:
            made.append(torch.zeros(3) + 1)
            (x * x).sum().backward()
        traced = tracer.finish()
    added = next(one for one in traced.ops if one.name == "add")
    value = traced.values[traced.tensors[added.outputs[0]].value]
    assert value.data is not None
    assert struct.unpack("<3f", value.data) == (1.0, 1.0, 1.0)


class _Kernels(TorchDispatchMode):
    """Counts what torch starts."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> torch.Tensor:
        self.names.append(str(func))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("is_inside", [False, True])
def test_a_dispatch_mode_of_the_persons_sees_nothing_of_the_recorder(is_inside: bool) -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3), torch.nn.ReLU(True))
    leaf = torch.ones(4, 3, requires_grad=True)
    x = torch.ones(4, 3)

    def work() -> None:
        y = model(x) * leaf.exp()
        y += 1
        first, second = y.split(2)
        (first.sum() * second.mean()).backward()

    def kernels(recorded: bool) -> list[str]:
        model.zero_grad()
        leaf.grad = None
        mode, tracer = _Kernels(), Tracer() if recorded else nullcontext()
        with tracer if is_inside else mode, mode if is_inside else tracer:
            work()
        if isinstance(tracer, Tracer):
            assert problems(tracer.finish().warnings) == ()
        return mode.names

    plain = kernels(recorded=False)
    assert len(plain) > 20
    assert kernels(recorded=True) == plain
