"""After a recording nothing of it is left in torch, in the program, or in memory."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import tracemalloc
import weakref
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from gradviz.tracer import Tracer
from gradviz.tracer.private.engine import put_hooks, unhook
from tests.tracer.helpers import run_recorded
from tests.tracer.programs import FAILING, HOOKED, PROGRAMS

pytestmark = pytest.mark.filterwarnings("ignore")


def _everything_in_torch() -> dict[str, Any]:
    """Identities of all that stands in the modules and classes that a recorder might patch."""
    found: dict[str, Any] = {}
    owners = (
        torch,
        torch.Tensor,
        torch.autograd,
        torch.autograd.graph,
        torch.autograd.function,
        torch.autograd.Function,
        torch.autograd.functional,
        torch.func,
        torch.jit,
        torch.jit.ScriptFunction,
        torch.jit.ScriptModule,
        torch.nn.functional,
        torch.nn.Module,
        torch.nn.modules.module,
        torch.optim.Optimizer,
        sys.modules["torch.optim.optimizer"],
        torch.overrides,
        torch.utils,
        torch.utils.checkpoint,
        torch._C,
        torch.compiler,
        threading.Thread,
    )
    for owner in owners:
        for name, value in list(vars(owner).items()):
            found[f"{owner.__name__}.{name}"] = (
                len(value)
                if name.startswith("_global_") and hasattr(value, "__len__")
                else id(value)
            )
    found["modes"] = torch._C._len_torch_function_stack()
    found["dispatch modes"] = torch._C._len_torch_dispatch_stack()
    found["gc"] = gc.get_threshold()
    found["grad"] = torch.is_grad_enabled()
    found["threads"] = torch.get_num_threads()
    found["saved tensor hooks"] = torch._C._autograd._saved_tensors_hooks_is_enabled()
    return found


def test_every_name_in_torch_stands_for_what_it_did() -> None:
    for text in ("optimizer", "custom function", "compiled", "reentrant checkpoint", "numpy"):
        run_recorded(PROGRAMS[text])  # torch itself fills some tables on first use
    before = _everything_in_torch()
    for text in [*PROGRAMS.values(), *HOOKED.values(), *FAILING.values()]:
        run_recorded(text)
        gc.collect(0)
    after = _everything_in_torch()
    changed = {name for name in before if before[name] != after.get(name)}
    assert {name for name in changed if not name.startswith("torch._C.")} == set()


def test_a_patch_that_stays_would_be_found() -> None:
    before = _everything_in_torch()
    original = torch.from_numpy
    try:
        torch.from_numpy = lambda array: original(array)
        assert _everything_in_torch() != before
    finally:
        torch.from_numpy = original
    assert _everything_in_torch() == before


def _train(model: nn.Module, data: torch.Tensor) -> torch.Tensor:
    loss = model(data).square().mean()
    loss.backward()
    return loss


def test_hooks_are_gone_from_graph_modules_and_leaves() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.BatchNorm1d(3))
    x = torch.randn(4, 3, requires_grad=True)
    tracer = Tracer()
    with tracer:
        loss = (model(x) + x).square().mean()
        loss.backward(retain_graph=True)
    tracer.finish()
    for module in model.modules():
        for table in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks"):
            assert not getattr(module, table)
    for leaf in (x, *model.parameters()):
        assert not leaf._backward_hooks
        assert not leaf._post_accumulate_grad_hooks
    called: list[str] = []
    stack, seen = [loss.grad_fn], set()
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        # Torch numbers a node's hooks from nought: anything left behind takes a number.
        for register in (node.register_prehook, node.register_hook):
            handle = register(lambda *_: called.append("hook"))
            assert list(handle.hooks_dict_ref()) == [handle.id]
        stack.extend(after for after, _ in node.next_functions)
    loss.backward()
    assert len(called) == 2 * len(seen)
    assert "_register_hook" not in vars(torch.autograd.Function)


def test_hooks_of_other_threads_have_handles_while_many_are_put_in_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What stands in for torch's own way of registering hooks is for the recorder alone."""
    mine = torch.ones(2, requires_grad=True).exp()
    handles: list[Any] = []

    class Start:
        def __call__(self, *_: Any) -> None:
            """Nothing."""

    class Node:
        """Registers a hook, and has another thread register one meanwhile."""

        def __init__(self) -> None:
            self._node = torch.ones(2, requires_grad=True).exp().grad_fn

        def register_prehook(self, hook: Any) -> Any:
            other = threading.Thread(
                target=lambda: handles.append(mine.grad_fn.register_prehook(lambda *_: None))
            )
            other.start()
            other.join()
            return self._node.register_prehook(hook)

    hooked = put_hooks([(Node().register_prehook, Start()) for _ in range(40)])
    assert len(hooked) == len(handles) == 40
    assert all(isinstance(handle, RemovableHandle) for handle in handles)
    assert len({handle.id for handle in handles} | {key for _, key in hooked}) == 80
    for handle in handles:
        handle.remove()
    tables = [table for table, _ in hooked]
    unhook(hooked)
    assert not any(tables)


@pytest.fixture
def _quick_collections() -> Iterator[None]:
    """The garbage collector looks only at what is made from now on."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("_quick_collections")
def test_the_program_and_its_graph_die_with_their_names() -> None:
    for name, text in (PROGRAMS | HOOKED).items():
        if name == "compiled":  # the compiler keeps what it compiled
            continue
        namespace, error, traced = run_recorded(text)
        assert error is None
        watched = {
            key: weakref.ref(value)
            for key, value in namespace.items()
            if isinstance(value, (torch.Tensor, nn.Module, torch.optim.Optimizer))
        }
        assert watched or name == "leaves the scope"
        assert traced.tensors
        namespace.clear()
        del namespace
        gc.collect()
        assert {key for key, one in watched.items() if one() is not None} == set(), name


class _Owned:
    """Lives as long as the autograd node whose metadata it is in."""


def test_a_recording_that_was_dropped_drops_its_values() -> None:
    x = torch.ones(300, 300)
    tracer = Tracer()
    with tracer:
        y = x * 2
    traced = tracer.finish()
    storages = [weakref.ref(one) for one in traced.live.values()]
    assert storages
    mark = weakref.ref(tracer)
    del traced, tracer
    gc.collect()
    assert mark() is None
    assert [one() for one in storages] == [None] * len(storages)
    assert y.sum() == 180_000


def test_a_graph_that_outlives_its_recording_keeps_nothing_of_it() -> None:
    x = torch.ones(3, requires_grad=True)
    tracer = Tracer()
    with tracer:
        y = (x * 2).exp().sum()
        y.backward(retain_graph=True)
    marks = [weakref.ref(one) for one in (tracer, tracer._ledger, tracer._forward)]
    tracer.finish()
    del tracer
    gc.collect()
    assert [one() for one in marks] == [None, None, None]
    y.backward()
    owned = _Owned()
    y.grad_fn.metadata["owned"] = owned
    alive = weakref.ref(owned)
    del owned, y
    gc.collect()
    assert alive() is None


def test_recording_the_same_graph_again_and_again_leaves_nothing_on_its_nodes() -> None:
    x = torch.ones(3, requires_grad=True)
    y = (x * 2).sum()
    for _ in range(20):
        tracer = Tracer()
        with tracer:
            y.backward(retain_graph=True)
        tracer.finish()
    node = y.grad_fn
    while node is not None:
        assert len(node.metadata) <= 1
        node = node.next_functions[0][0] if node.next_functions else None


def _once(model: nn.Module, data: torch.Tensor) -> int:
    tracer = Tracer()
    with tracer:
        _train(model, data)
    return len(tracer.finish().ops)


def what_a_thousand_recordings_leave() -> tuple[dict[str, int], int]:
    """Objects by type, where there are more than 50 of them, and bytes."""
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1))
    data = torch.randn(2, 3)
    for _ in range(20):  # caches fill
        assert _once(model, data) > 3
    gc.collect()
    gc.freeze()
    objects = Counter(type(one).__name__ for one in gc.get_objects())
    tracemalloc.start()
    _once(model, data)
    gc.collect()
    first = tracemalloc.get_traced_memory()[0]
    for _ in range(1000):
        _once(model, data)
    gc.collect()
    last = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    grown = Counter(type(one).__name__ for one in gc.get_objects()) - objects
    return {name: count for name, count in grown.items() if count > 50}, last - first


def test_a_thousand_recordings_leave_no_object_and_no_memory() -> None:
    # In a process of its own, where no other test's caches and threads are counted.
    code = (
        "import json\n"
        "from tests.tracer.test_nothing_left import what_a_thousand_recordings_leave\n"
        "print(json.dumps(what_a_thousand_recordings_leave()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=150,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    objects, nbytes = json.loads(done.stdout)
    assert objects == {}
    # Torch itself leaves some 30 bytes behind for the hooks of one such pass.
    assert nbytes < 100_000
