"""The traps are real: with the cure taken away each of them springs.

The tests of the cures stand in `test_traps.py` and `test_cases.py`; here each cure is removed by
hand, to prove that those tests could fail.
"""

# ruff: noqa: E501 — programs of one line each

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch

import gradviz.tracer
from gradviz.recording.model import OutputKind, RunStatus
from gradviz.tracer import Tracer, forward
from gradviz.tracer.backward import BackwardRecorder
from gradviz.tracer.forward import ForwardMode, ForwardRecorder
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.readings import version_of
from tests.capabilities import needs_plain_passes, problems
from tests.tracer.helpers import array, record, run_plainly, run_recorded, same_bits, tensors_of
from tests.tracer.programs import HOOKED, PROGRAMS
from tests.tracer.test_traps import STALE
from tests.worker.peer import Peer

pytestmark = pytest.mark.filterwarnings("ignore")

_CHAIN = """
import resource, os, sys
soft = int(sys.argv[1]) << 20
if resource.getrlimit(resource.RLIMIT_STACK)[0] != soft:
    resource.setrlimit(resource.RLIMIT_STACK, (soft, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
import torch
x = torch.ones((), requires_grad=True)
y = x
for _ in range(100_000):
    y = y * 1
    y.grad_fn
del y
print("alive")
"""

# Trap 1: a deep chain overflows the stack when it dies. The cure: the worker's stack of 1 GiB.


@pytest.mark.skipif(sys.platform != "linux", reason="sets the limit of the main stack")
@pytest.mark.parametrize(("mebibytes", "survives"), [(8, False), (1024, True)])
def test_a_chain_of_100_000_ops_needs_a_large_stack_to_die(mebibytes: int, survives: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CHAIN, str(mebibytes)], capture_output=True, text=True, timeout=120
    )
    is_alive = done.returncode == 0 and "alive" in done.stdout
    if is_alive and not survives:
        pytest.skip("this PyTorch forgets deep chains of looked at nodes without a deep stack")
    assert is_alive is survives


def test_a_worker_records_and_forgets_a_chain_of_100_000_ops() -> None:
    text = (
        "import torch\nx = torch.ones((), requires_grad=True)\ny = x\n"
        "for _ in range(100_000):\n    y = y * 1\ny.backward()\ndel y\nprint(x.grad.item())\n"
    )
    with Peer() as peer:
        peer.wait_until_ready()
        recording = peer.run(text)
        assert recording.status is RunStatus.OK
        printed = [one for one in recording.outputs if one.kind is OutputKind.PRINT]
        assert [one.text.strip() for one in printed] == ["1.0"]
        assert len(recording.passes[0].steps) == 100_001
        assert peer.run("print(1)").status is RunStatus.OK


# Trap 2: looking at a stale view's `grad_fn` changes the order of sums. The cure: look at outputs
# and at what was written, right after the op.


def test_looking_at_every_tensor_would_change_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    original = forward.lean_handler
    views: list[torch.Tensor] = []

    def looking_handler(ledger: Ledger, recorder: ForwardRecorder) -> Any:
        handle = original(ledger, recorder)

        def call_and_look(*call: Any) -> Any:
            result = handle(*call)
            with torch._C.DisableTorchFunction():
                if isinstance(result, torch.Tensor):
                    views.append(result)
                for view in views:
                    view.grad_fn
            return result

        return call_and_look

    plain, _ = run_plainly(STALE)
    recorded, _, _ = run_recorded(STALE)
    assert same_bits(plain["x"].grad, recorded["x"].grad)
    monkeypatch.setattr(forward, "lean_handler", looking_handler)
    damaged, error, _ = run_recorded(STALE)
    assert error is None
    assert not same_bits(plain["x"].grad, damaged["x"].grad)


# Trap 3: a hook that returns something replaces gradients, and what it raises leaves through
# `backward()`. The cure: hooks return None and catch everything.


@needs_plain_passes
def test_a_hook_that_returned_something_would_change_gradients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = BackwardRecorder._plain_start

    def returns(self: BackwardRecorder, run: Any) -> Any:
        start = original(self, run)

        def damaging(number: Any, gradients: Any) -> Any:
            start(number, gradients)
            return tuple(None if one is None else one * 2 for one in gradients)

        return damaging

    text = PROGRAMS["same tensor twice"]
    plain, _ = run_plainly(text)
    monkeypatch.setattr(BackwardRecorder, "_plain_start", returns)
    damaged, _, traced = run_recorded(text)
    assert traced.passes
    assert not same_bits(plain["x"].grad, damaged["x"].grad)


def test_every_hook_returns_none_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    returned: list[object] = []
    for name in ("_on_start", "_on_end"):
        original = getattr(BackwardRecorder, name)

        def watched(self: Any, *args: Any, _original: Any = original) -> Any:
            result = _original(self, *args)
            returned.append(result)
            return result

        monkeypatch.setattr(BackwardRecorder, name, watched)
    plain_start = BackwardRecorder._plain_start

    def watched_start(self: BackwardRecorder, run: Any) -> Any:
        start = plain_start(self, run)
        return lambda *args: returned.append(start(*args))

    monkeypatch.setattr(BackwardRecorder, "_plain_start", watched_start)
    run_recorded(PROGRAMS["optimizer"])
    run_recorded(HOOKED["tensor hook"])
    assert len(returned) > 20
    assert set(returned) == {None}
    monkeypatch.undo()

    def explode(*_: object, **__: object) -> None:
        raise MemoryError("on purpose")

    for name in ("_keep_arrived", "_keep_sent", "_close", "_open"):
        with monkeypatch.context() as patch:
            patch.setattr(BackwardRecorder, name, explode)
            plain, _ = run_plainly(PROGRAMS["several roots"])
            recorded, error, traced = run_recorded(PROGRAMS["several roots"])
        assert error is None
        assert same_bits(plain["x"].grad, recorded["x"].grad)
        if name in ("_close", "_open"):
            assert any("on purpose" in sentence for sentence in traced.warnings)


# Trap 4: a node in its own metadata is never freed, nor is a graph that a kept tensor holds on to.
# The cure: numbers in the metadata, `detach()` of tensors.


class _Owned:
    """Lives as long as the autograd node whose metadata it is in."""


@pytest.mark.parametrize("cycle", [False, True])
def test_a_node_in_its_own_metadata_would_never_be_freed(cycle: bool) -> None:
    with Tracer():
        y = (torch.ones(3, requires_grad=True) * 2).sum()
    node = y.grad_fn
    assert all(type(value) is int for value in node.metadata.values())
    owned = _Owned()
    node.metadata["owned"] = owned
    if cycle:
        node.metadata["self"] = node
    alive = weakref.ref(owned)
    del y, node, owned
    gc.collect()
    assert (alive() is not None) is cycle


# Trap 5: a tensor hook set before an in-place op reports the old value's gradient. The cure:
# hooks on nodes, and a record for each version.


def test_gradients_belong_to_the_version_that_they_are_of() -> None:
    text = (
        "x = torch.ones(2, requires_grad=True)\nh = x * 2\nseen = []\n"
        "h.register_hook(lambda g: seen.append(g.clone()))\nh.mul_(10)\n(h * 3).sum().backward()\n"
        "told = seen[0]\n"
    )
    namespace, _, _ = run_recorded(text)
    recording = record(text)
    old, new = [one for one in recording.tensors if one.name == "h"]
    arrived = {
        step.autograd_node: array(recording, step.grad_outputs[0]).tolist()
        for step in recording.passes[0].steps
    }
    assert (arrived[old.autograd_node], arrived[new.autograd_node]) == ([30, 30], [3, 3])
    assert namespace["told"].tolist() == [30, 30]


# Trap 6: the mode switches off the fused inference path of transformers: the digits may differ.
# The cure: say so.


def test_the_fused_inference_path_is_off_under_any_mode() -> None:
    net = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()
    fused: list[object] = []
    original = torch._transformer_encoder_layer_fwd

    def noted(*args: Any) -> Any:
        fused.append(args)
        return original(*args)

    with pytest.MonkeyPatch.context() as patch, torch.no_grad():
        patch.setattr(torch, "_transformer_encoder_layer_fwd", noted)
        net(torch.ones(1, 2, 8))
        assert len(fused) == 1
        tracer = Tracer()
        with tracer:
            net(torch.ones(1, 2, 8))
        assert len(fused) == 1
    assert any("TransformerEncoderLayer" in sentence for sentence in tracer.finish().warnings)


# Trap 7: bookkeeping outside the mode's handler records itself, and inference tensors have no
# version. The cure: no torch function of ours reaches the mode; `version_of` asks first.


PASSING_ON = ("forward.py", "lean.py", "patches.py", "threads.py")
"""Where calls of the person's go on to torch."""


def test_the_recorders_own_calls_never_reach_its_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(gradviz.tracer.__file__).parent
    passes_on = {str(folder / name) for name in PASSING_ON}
    reached: list[str] = []
    original = ForwardMode.__torch_function__

    def watched(self: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        code = sys._getframe(1).f_code
        if code.co_filename.startswith(str(folder)) and code.co_filename not in passes_on:
            reached.append(f"{code.co_name}: {func}")
        return original(self, func, types, args, kwargs)

    monkeypatch.setattr(ForwardMode, "__torch_function__", watched)
    monkeypatch.setattr(ForwardMode, "shorten", lambda _: None)
    for name in ("optimizer", "lstm", "batch norm", "larger than a corner", "complex", "views"):
        plain, _ = run_plainly(PROGRAMS[name])
        recorded, error, _ = run_recorded(PROGRAMS[name])
        assert error is None
        assert tensors_of(plain).keys() == tensors_of(recorded).keys()
    assert reached == []
    monkeypatch.setattr("gradviz.tracer.tracer.quiet", nullcontext)
    monkeypatch.setattr("gradviz.tracer.backward.quiet", nullcontext)
    monkeypatch.setattr("gradviz.tracer.optimizers.quiet", nullcontext)
    run_recorded(PROGRAMS["optimizer"])
    assert reached, "without the cure the recorder's calls come back to it"


def test_inference_tensors_are_asked_for_no_version() -> None:
    with torch.inference_mode():
        x = torch.ones(3)
    with pytest.raises(RuntimeError, match="version"):
        x._version
    assert version_of(x) == -1
    recording = record(
        "with torch.inference_mode():\n    x = torch.ones(3)\n    y = x * 2\n    y.add_(1)\nz = y.clone()\n"
    )
    assert problems(recording.warnings) == ()
    last = [one for one in recording.tensors if one.name == "y"][-1]
    assert array(recording, last.value).tolist() == [3, 3, 3]


def test_a_custom_function_in_a_hook_is_called_once() -> None:
    """The mode is on while hooks run; `Function.apply` must not be wrapped a second time."""
    text = (
        "calls = []\nclass Two(torch.autograd.Function):\n    @staticmethod\n"
        "    def forward(ctx, g):\n        calls.append(1)\n        return g * 2\n    @staticmethod\n"
        "    def backward(ctx, g):\n        return g * 2\n"
        "x = torch.ones(2, requires_grad=True)\nh = x * 1\n"
        "h.register_hook(lambda g: Two.apply(g))\nh.sum().backward()\nn = torch.tensor(len(calls))\n"
    )
    plain, _ = run_plainly(text)
    recorded, error, traced = run_recorded(text)
    assert error is None
    assert problems(traced.warnings) == ()
    assert recorded["n"] == plain["n"] == 1
    assert same_bits(plain["x"].grad, recorded["x"].grad)
