"""Cases of autograd that a recorder gets wrong easily: what was recorded of each."""

# ruff: noqa: E501 — programs of one line each

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from gradviz.recording.model import OpKind, Pass, Recording, TensorRole
from gradviz.tracer import Tracer
from tests.capabilities import problems
from tests.tracer.helpers import array, record, recording_of, run_plainly, run_recorded, same_bits
from tests.tracer.oracles.checks import check_accumulation, check_order, check_ownership

pytestmark = pytest.mark.filterwarnings("ignore")


def lawful(text: str, *, hooked: bool = False) -> Recording:
    """The recording of a program whose gradients are those of the plain run; it obeys the laws.

    `hooked` says that hooks change gradients between one node and the next.
    """
    plain, plain_error = run_plainly(text)
    namespace, error, traced = run_recorded(text)
    assert (type(error), str(error)) == (type(plain_error), str(plain_error))
    with torch._C.DisableTorchFunction():
        for name, tensor in plain.items():
            if isinstance(tensor, torch.Tensor) and not tensor.is_nested:
                assert same_bits(tensor, namespace[name]), name
                if tensor.is_leaf:
                    assert same_bits(tensor.grad, namespace[name].grad), f"{name}.grad"
    recording = recording_of(traced)
    check_ownership(recording)
    for pass_ in recording.passes:
        check_order(recording, pass_)
        if pass_.parent is None and not hooked:
            check_accumulation(recording, pass_)
    return recording


def op(recording: Recording, name: str):
    found = [one for one in recording.ops if one.name == name]
    assert found, [one.name for one in recording.ops]
    return found[-1]


def named(recording: Recording, name: str):
    found = [one for one in recording.tensors if one.name == name]
    assert found, [one.name for one in recording.tensors]
    return found[-1]


def executed(recording: Recording, pass_: Pass) -> list[str]:
    return [recording.autograd_nodes[step.autograd_node].name for step in pass_.steps]


def nodes_of(recording: Recording, name: str) -> list[str]:
    return [recording.autograd_nodes[node].name for node in op(recording, name).autograd_nodes]


def grad(recording: Recording, name: str) -> list[float]:
    value = array(recording, named(recording, name).grad)
    assert value is not None
    return value.tolist()


def test_in_place_ops_own_the_nodes_that_they_put_in() -> None:
    recording = lawful(
        "x = torch.ones(3, requires_grad=True)\nh = x * 2\nh.mul_(3)\nh += 1\nh.sum().backward()\n"
    )
    assert nodes_of(recording, "mul_") == ["MulBackward0"]
    assert nodes_of(recording, "add_") == ["AddBackward0"]
    assert [one.version for one in recording.tensors if one.name == "h"] == [0, 1, 2]
    assert executed(recording, recording.passes[0])[:3] == [
        "SumBackward0",
        "AddBackward0",
        "MulBackward0",
    ]


def test_out_and_setitem_name_what_they_write() -> None:
    recording = lawful(
        "x = torch.ones(3, requires_grad=True)\nz = torch.empty(3)\nh = x * 2\nh[1] = x[0]\n"
        "torch.mul(h.detach(), 5, out=z)\n(h * z).sum().backward()\n"
    )
    written = op(recording, "setitem")
    assert written.kind is OpKind.IN_PLACE
    assert "CopySlices" in nodes_of(recording, "setitem")
    assert named(recording, "h").op == written.id
    assert named(recording, "z").version == 1
    assert grad(recording, "x") == [25, 0, 20]


def test_a_write_through_a_view_puts_copy_slices_behind_the_base() -> None:
    recording = lawful(
        "x = torch.ones(2, 2, requires_grad=True)\nh = x * 1\nv = h[0]\nv.mul_(3)\n"
        "h.sum().backward()\n"
    )
    assert "CopySlices" in nodes_of(recording, "mul_")
    assert "CopySlices" in executed(recording, recording.passes[0])
    base, view = named(recording, "h"), named(recording, "v")
    assert base.version == view.version == 1
    assert base.op == view.op == op(recording, "mul_").id
    assert array(recording, base.value).tolist() == [[3, 3], [1, 1]]


def test_each_output_of_split_unbind_topk_and_svd_has_its_slot() -> None:
    recording = lawful(
        "x = torch.randn(4, 4, requires_grad=True)\na, b = x.split(2)\np, q, r, s = x.unbind()\n"
        "values, indices = x.topk(2)\nu, d, v = torch.linalg.svd(x)\n"
        "(a.sum() + (b * b).sum() + p @ q + values.sum() + d.sum()).backward()\n"
    )
    for text, outputs, node in (
        ("split", "ab", "SplitBackward0"),
        ("unbind", "pqrs", "UnbindBackward0"),
    ):
        made = [recording.tensors[t] for t in op(recording, text).outputs]
        assert [one.name for one in made] == list(outputs)
        assert [one.output_nr for one in made] == [one.slot for one in made]
        assert len({one.autograd_node for one in made}) == 1
        assert nodes_of(recording, text) == [node]
    assert named(recording, "indices").role is TensorRole.CONSTANT
    assert named(recording, "d").output_nr == 1
    step = next(
        step
        for step in recording.passes[0].steps
        if recording.autograd_nodes[step.autograd_node].name == "UnbindBackward0"
    )
    assert [one is None for one in step.grad_outputs] == [False, False, True, True]


@pytest.mark.parametrize(
    ("index", "node"),
    [
        ("0", "SelectBackward0"),
        ("1:", "SliceBackward0"),
        ("[0, 2]", "IndexBackward0"),
        ("x > 0", "IndexBackward0"),
        ("None", "UnsqueezeBackward0"),
    ],
)
def test_an_index_is_one_op_with_the_nodes_that_it_made(index: str, node: str) -> None:
    recording = lawful(
        f"x = torch.randn(3, 3, requires_grad=True)\ny = x[{index}]\ny.sum().backward()\n"
    )
    assert op(recording, "getitem").text == f"x[{index}]"
    assert node in nodes_of(recording, "getitem")
    assert node in executed(recording, recording.passes[0])


def test_what_no_grad_and_detach_cut_is_constant() -> None:
    recording = lawful(
        "x = torch.ones(2, requires_grad=True)\nwith torch.no_grad():\n    a = x * 2\n"
        "b = (x * 3).detach()\n(x * a * b).sum().backward()\n"
    )
    assert not next(one for one in recording.ops if one.text == "x * 2").grad_enabled
    for name in "ab":
        assert named(recording, name).role is TensorRole.CONSTANT
        assert named(recording, name).autograd_node is None
    assert op(recording, "detach").autograd_nodes == ()
    assert grad(recording, "x") == [6, 6]


def test_a_retained_gradient_is_shown() -> None:
    recording = lawful(
        "x = torch.ones(2, requires_grad=True)\nh = x * 2\nh.retain_grad()\n"
        "(h * h).sum().backward()\n"
    )
    assert grad(recording, "h") == [4, 4]
    assert named(recording, "h").role is TensorRole.INTERMEDIATE


def test_gradients_are_those_after_the_hooks_of_the_person() -> None:
    recording = lawful(
        "x = torch.ones(2, 2, requires_grad=True)\nh = x * 2\nh.register_hook(lambda g: g * 5)\n"
        "h.register_hook(lambda g: g + 1)\nk = h * 3\n"
        "k.register_hook(lambda g: (g * torch.arange(4.).view(2, 2)).t())\nk.sum().backward()\n",
        hooked=True,
    )
    steps = recording.passes[0].steps
    arrived = [array(recording, step.grad_outputs[0]).tolist() for step in steps]
    assert arrived[1] == [[0, 2], [1, 3]]
    assert arrived[2] == [[1, 31], [16, 46]]
    assert array(recording, steps[1].grad_inputs[0]).tolist() == [[0, 6], [3, 9]]


def test_a_hook_that_returns_the_transpose_is_not_taken_for_what_it_was_given() -> None:
    """Same address, same version: only the strides differ."""
    text = (
        "w = torch.arange(4.).view(2, 2)\nx = torch.ones(2, 2, requires_grad=True)\nh = x * 2\n"
        "h.register_hook(lambda g: g.t())\n(h * w).sum().backward()\n"
    )
    recording = lawful(text, hooked=True)
    arrived = recording.passes[0].steps[2].grad_outputs[0]
    assert array(recording, arrived).tolist() == [[0, 2], [1, 3]]


def test_memory_that_is_used_again_by_a_hook_is_not_taken_for_the_old() -> None:
    text = (
        "x = torch.ones(3, requires_grad=True)\nh = x * 2\n"
        "for _ in range(6):\n    h.register_hook(lambda g: g * 10)\n(h * 3).sum().backward()\n"
    )
    recording = lawful(text, hooked=True)
    by_name = {
        executed(recording, recording.passes[0])[k]: s
        for k, s in enumerate(recording.passes[0].steps)
    }
    assert array(recording, by_name["AccumulateGrad"].grad_outputs[0]).tolist() == [6e6] * 3
    assert array(recording, recording.passes[0].steps[2].grad_outputs[0]).tolist() == [3e6] * 3


def test_a_custom_function_is_one_op_with_one_node() -> None:
    recording = lawful(
        "class Cube(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x, n):\n"
        "        ctx.save_for_backward(x)\n        return (x * x) * x\n    @staticmethod\n"
        "    def backward(ctx, g):\n        (x,) = ctx.saved_tensors\n"
        "        return g * 3 * x * x, None\n"
        "x = torch.tensor(2., requires_grad=True)\ny = Cube.apply(x, 3)\ny.backward()\n"
    )
    assert [one.name for one in recording.ops if one.inputs] == ["Cube"]
    assert nodes_of(recording, "Cube") == ["CubeBackward"]
    assert op(recording, "Cube").text == "Cube.apply(x, 3)"
    assert executed(recording, recording.passes[0]) == ["CubeBackward", "AccumulateGrad"]
    assert grad(recording, "x") == 12.0


@pytest.mark.parametrize("call", ["grad", "backward"])
def test_the_second_pass_runs_through_nodes_that_the_first_made(call: str) -> None:
    first = (
        "(g,) = torch.autograd.grad(y, x, create_graph=True)\n"
        if call == "grad"
        else "y.backward(create_graph=True)\ng = x.grad\nx.grad = None\n"
    )
    recording = lawful(
        f"x = torch.tensor(3., requires_grad=True)\ny = x ** 3\n{first}(g * 1).backward()\n"
    )
    one, two = recording.passes
    assert (one.create_graph, two.create_graph) == (True, False)
    assert grad(recording, "x") == 18.0
    made = {step.autograd_node for step in two.steps} - {s.autograd_node for s in one.steps}
    assert made
    assert one.parent is two.parent is None


def test_a_checkpoint_runs_its_part_again_without_new_ops() -> None:
    body = "from torch.utils.checkpoint import checkpoint\nx = torch.ones(2, requires_grad=True)\n"
    call = "y = checkpoint(lambda t: (t * 2).sin(), x, use_reentrant={})\ny.sum().backward()\n"
    plain = lawful(body + call.format(False))
    assert [one.name for one in plain.ops if one.inputs] == ["mul", "sin", "sum"]
    assert len(plain.passes) == 1
    reentrant = lawful(body + call.format(True))
    outer, inner = reentrant.passes
    assert inner.parent == outer.id
    assert inner.parent_step is not None
    assert "Checkpoint" in executed(reentrant, outer)[inner.parent_step]
    assert {"SinBackward0", "MulBackward0"} <= set(executed(reentrant, inner))
    assert grad(plain, "x") == grad(reentrant, "x")


@pytest.mark.parametrize(
    ("reentrant", "ops", "text"),
    [
        (False, ["linear", "relu", "linear"], "linear"),
        (True, ["CheckpointFunction"], "checkpoint(block, h, use_reentrant=True)"),
    ],
)
def test_a_checkpointed_module_is_seen(reentrant: bool, ops: list[str], text: str) -> None:
    recording = lawful(
        "from torch.utils.checkpoint import checkpoint\ntorch.manual_seed(0)\n"
        "block = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))"
        "\nx = torch.ones(1, 2, requires_grad=True)\nh = x * 2\n"
        f"y = checkpoint(block, h, use_reentrant={reentrant})\ny.sum().backward()\n"
    )
    assert [one.name for one in recording.ops if one.inputs] == ["mul", *ops, "sum"]
    made = next(one for one in recording.tensors if one.name == "y").op
    assert made is not None
    assert recording.ops[made].text == text
    place = recording.ops[made].location
    assert place is not None
    assert place.line == 6
    for step in recording.passes[0].steps:
        node = recording.autograd_nodes[step.autograd_node]
        assert node.op is not None or node.leaf is not None


def test_a_reentrant_checkpoint_takes_the_parameters_that_it_computes_with() -> None:
    recording = lawful(
        "from torch.utils.checkpoint import checkpoint\nnet = nn.Linear(2, 2)\nx = torch.ones(1, 2)\n"
        "y = checkpoint(net, x.requires_grad_(), use_reentrant=True)\ny.sum().backward()\n"
    )
    taken = [recording.tensors[one].name for one in op(recording, "CheckpointFunction").inputs]
    assert taken == ["x", "net.weight", "net.bias"]


def test_what_is_overwritten_within_a_checkpoint_is_kept() -> None:
    recording = lawful(
        "from torch.utils.checkpoint import checkpoint\nnet = nn.BatchNorm1d(2)\n"
        "buffer = torch.zeros(2)\nold = buffer + net.running_mean\n"
        "def f(t):\n    buffer.add_(1)\n    return net(t)\n"
        "x = torch.randn(4, 2, requires_grad=True)\n"
        "checkpoint(f, x, use_reentrant=True).sum().backward()\nnew = buffer + net.running_mean\n"
    )
    assert problems(recording.warnings) == ()
    first = {
        name: next(t for t in recording.tensors if t.name == name)
        for name in ("buffer", "net.running_mean")
    }
    for tensor in first.values():
        assert array(recording, tensor.value).tolist() == [0, 0]  # type: ignore[union-attr]


def test_an_inner_pass_begins_at_its_own_root_and_ends_at_leaves() -> None:
    recording = lawful(
        "from torch.utils.checkpoint import checkpoint\nx = torch.ones(2, 3, requires_grad=True)\n"
        "y = checkpoint(lambda t: t.sum(1).sin(), x * 2, use_reentrant=True)\ny.sum().backward()\n"
    )
    inner = recording.passes[1]
    (number,) = inner.root_tensors
    assert number is not None
    root = recording.tensors[number]
    assert (root.shape, root.autograd_node, root.is_leaf) == ((2,), inner.roots[0].node, False)
    leaves = [one.leaf for one in recording.autograd_nodes if one.leaf is not None]
    assert all(recording.tensors[number].is_leaf for number in leaves)
    assert recording.tensors[leaves[1]].role is TensorRole.LEAF


def test_what_an_inner_pass_left_in_grad_is_kept_when_the_outer_adds_to_it() -> None:
    recording = lawful(
        "from torch.utils.checkpoint import checkpoint\ntorch.manual_seed(0)\n"
        "layer = torch.nn.Linear(2, 2)\nx = torch.ones(3, 2)\n"
        "checkpoint(layer, layer(x), use_reentrant=True).sum().backward()\n"
    )
    assert problems(recording.warnings) == ()
    for pass_ in recording.passes:
        for step in pass_.steps:
            for kept in (*step.grad_outputs, *step.grad_inputs):
                value = recording.value(kept)
                assert value is None or value.data


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this PyTorch is for one process")
def test_gradients_that_are_averaged_over_processes_are_shown_before_and_after() -> None:
    """`DistributedDataParallel` writes the average where the gradient was, which nobody sees."""

    def average(_state, bucket):  # type: ignore[no-untyped-def]  # torch reads annotations
        done = torch.futures.Future()
        done.set_result(bucket.buffer() * 3)
        return done

    store = torch.distributed.HashStore()
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(2, 1))
        model.register_comm_hook(None, average)
        with Tracer() as tracer:
            model(torch.ones(2, 2)).sum().backward()
    finally:
        torch.distributed.destroy_process_group()
    recording = recording_of(tracer.finish())
    assert problems(recording.warnings) == ()
    (pass_,) = recording.passes
    nodes = recording.autograd_nodes
    steps = {nodes[step.autograd_node].leaf: step for step in pass_.steps}
    assert len(pass_.leaf_grads) == 2
    for leaf, grad_of_leaf in pass_.leaf_grads:
        step = steps[leaf]
        seen = [array(recording, one) for one in (*step.grad_outputs, step.leaf_grad, grad_of_leaf)]
        assert [set(one.ravel().tolist()) for one in seen] == [{2}, {2}, {6}]  # type: ignore[union-attr]


def test_each_pass_shows_the_sum_of_all_before_it() -> None:
    recording = lawful(
        "x = torch.ones(1, requires_grad=True)\nfor k in (1., 10., 100.):\n    (x * k).backward()\n"
    )
    shown = [array(recording, one.leaf_grads[0].grad).item() for one in recording.passes]
    before = [array(recording, one.grads_before[0].grad) for one in recording.passes]
    assert shown == [1, 11, 111]
    assert [None if one is None else one.item() for one in before] == [None, 1, 11]


def test_several_roots_bring_each_their_own_gradient() -> None:
    recording = lawful(
        "x = torch.ones(2, requires_grad=True)\ny = x * 2\nz = x * 3\n"
        "torch.autograd.backward([y, z, y], [torch.ones(2), torch.ones(2) * 10, torch.ones(2)])\n"
    )
    (pass_,) = recording.passes
    assert [recording.tensors[t].name for t in pass_.root_tensors] == ["y", "z", "y"]
    assert grad(recording, "x") == [34, 34]
    by_root = {s.autograd_node: array(recording, s.grad_outputs[0]).tolist() for s in pass_.steps}
    assert [by_root[root.node] for root in pass_.roots] == [[2, 2], [10, 10], [2, 2]]


def test_a_root_that_is_no_scalar_begins_with_the_gradient_given() -> None:
    recording = lawful(
        "x = torch.ones(3, requires_grad=True)\n(x * 2).backward(torch.tensor([1., 2., 3.]))\n"
    )
    assert array(recording, recording.passes[0].steps[0].grad_outputs[0]).tolist() == [1, 2, 3]


def test_only_what_inputs_names_is_reached() -> None:
    recording = lawful(
        "x = torch.ones(2, requires_grad=True)\ny = torch.ones(2, requires_grad=True)\n"
        "h = x * y\n(h.exp() + y).sum().backward(inputs=[x])\n"
    )
    (pass_,) = recording.passes
    assert {recording.tensors[one.leaf].name for one in pass_.leaf_grads if one.grad} == {"x"}
    assert executed(recording, pass_).count("AccumulateGrad") == 1
    assert named(recording, "y").grad is None


def test_a_bare_leaf_has_one_step() -> None:
    recording = lawful("x = torch.ones((), requires_grad=True)\nx.backward()\nx.backward()\n")
    first, second = recording.passes
    assert executed(recording, first) == executed(recording, second) == ["AccumulateGrad"]
    assert array(recording, first.steps[0].leaf_grad) == 1
    assert array(recording, second.leaf_grads[0].grad) == 2
    assert first.roots == second.roots


def test_complex_gradients_are_kept_as_they_are() -> None:
    recording = lawful(
        "x = torch.tensor([1 + 2j], requires_grad=True)\ny = x * x.conj()\nz = y.real + x.imag\n"
        "z.sum().backward()\n"
    )
    value = recording.value(named(recording, "x").grad)
    assert value is not None
    assert value.dtype == "complex64"
    assert np.frombuffer(value.data, value.storage).tolist() == [2 + 5j]


def test_the_real_part_of_a_gradient_is_not_taken_for_the_whole() -> None:
    """One element, one address, two types."""
    recording = lawful(
        "a = torch.tensor(1 + 1j, requires_grad=True)\nb = torch.tensor(2., requires_grad=True)\n"
        "(a + b).backward(torch.tensor(3 + 4j))\n"
    )
    sent = recording.passes[0].steps[0].grad_inputs
    assert [recording.values[one].dtype for one in sent] == ["complex64", "float32"]
    assert (grad(recording, "a"), grad(recording, "b")) == (3 + 4j, 3.0)


def test_a_sparse_gradient_is_shown_in_full() -> None:
    recording = lawful(
        "w = torch.ones(4, 2, requires_grad=True)\n"
        "y = F.embedding(torch.tensor([1, 3, 1]), w, sparse=True)\ny.sum().backward()\n"
    )
    assert grad(recording, "w") == [[0, 0], [2, 2], [0, 0], [1, 1]]
    assert executed(recording, recording.passes[0])[-2] == "EmbeddingBackward0"


def test_nested_tensors_pass_through() -> None:
    text = (
        "a = torch.ones(2, 3, requires_grad=True)\nb = torch.ones(4, 3, requires_grad=True)\n"
        "n = torch.nested.as_nested_tensor([a, b], layout=torch.{})\n"
        "torch.nested.to_padded_tensor(n * 2, 0.).sum().backward()\n"
    )
    for layout in ("jagged", "strided"):
        recording = lawful(text.format(layout))
        assert grad(recording, "a") == [[2] * 3] * 2
        assert grad(recording, "b") == [[2] * 3] * 4
        assert len(recording.passes[0].steps) >= 4


def test_autocast_shows_the_casts_in_the_ops_nodes() -> None:
    recording = lawful(
        "w = torch.ones(2, 2, requires_grad=True)\nx = torch.ones(2, 2)\n"
        "with torch.autocast('cpu', dtype=torch.bfloat16):\n    y = x @ w\ny.sum().backward()\n"
    )
    assert sorted(nodes_of(recording, "matmul")) == ["MmBackward0", "ToCopyBackward0"]
    assert named(recording, "y").dtype == "bfloat16"
    steps = recording.passes[0].steps
    dtypes = [recording.values[step.grad_outputs[0]].dtype for step in steps]
    assert dtypes == ["bfloat16", "bfloat16", "bfloat16", "float32"]


def test_an_lstm_is_one_op_with_all_its_nodes() -> None:
    recording = lawful(
        "net = nn.LSTM(3, 4)\nx = torch.randn(5, 2, 3, requires_grad=True)\n"
        "with torch.backends.mkldnn.flags(enabled=False):\n    out, (h, c) = net(x)\n"
        "(out.sum() + c.sum()).backward()\n"
    )
    (lstm,) = [one for one in recording.ops if one.name == "lstm"]
    assert lstm.scope == "net"
    assert len(lstm.autograd_nodes) > 20
    assert len(lstm.outputs) == 3
    ran = {step.autograd_node for step in recording.passes[0].steps}
    assert len(ran & set(lstm.autograd_nodes)) > 20


def test_attention_is_one_op_inside_its_module() -> None:
    recording = lawful(
        "net = nn.MultiheadAttention(8, 2)\nx = torch.randn(5, 2, 8, requires_grad=True)\n"
        "out, weights = net(x, x, x)\nout.sum().backward()\n"
    )
    attention = op(recording, "multi_head_attention_forward")
    assert attention.scope == "net"
    assert len(attention.autograd_nodes) > 10
    assert named(recording, "net.in_proj_weight").grad is not None


def test_batch_norm_shows_its_statistics_before_and_after() -> None:
    recording = lawful(
        "net = nn.BatchNorm1d(2)\nx = torch.tensor([[0., 2.], [4., 6.]])\n"
        "for _ in range(2):\n    net(x).sum().backward()\n"
    )
    means = [
        array(recording, one.value).round(3).tolist()
        for one in recording.tensors
        if one.name == "net.running_mean"
    ]
    np.testing.assert_allclose(means, [[0, 0], [0.2, 0.4], [0.38, 0.76]], atol=1e-3)
    changes = [one for one in recording.ops if one.name == "batch_norm"]
    assert [len(one.outputs) for one in changes] == [3, 3]


def test_tied_weights_are_one_leaf_that_two_ops_send_to() -> None:
    recording = lawful(
        "a = nn.Linear(2, 2, bias=False)\nb = nn.Linear(2, 2, bias=False)\nb.weight = a.weight\n"
        "b(a(torch.ones(1, 2))).sum().backward()\n"
    )
    leaves = [one for one in recording.tensors if one.role is TensorRole.PARAMETER]
    used = {leaf for one in recording.ops if one.name == "linear" for leaf in one.inputs} & {
        leaf.id for leaf in leaves
    }
    assert len(used) == 1
    (node,) = [one for one in recording.autograd_nodes if one.leaf in used]
    senders = [
        one
        for one in recording.autograd_nodes
        for edge in one.next
        if edge is not None and edge.node == node.id
    ]
    assert len(senders) == 2


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam", "Rprop"])
def test_optimizer_steps_renew_the_parameters(name: str) -> None:
    recording = lawful(
        "w = torch.ones(3, requires_grad=True)\n"
        f"o = torch.optim.{name}([w], lr=0.1)\n"
        "for _ in range(2):\n    o.zero_grad()\n    (w * w).sum().backward()\n    o.step()\n"
    )
    assert [one.name for one in recording.ops if one.kind is OpKind.STEP] == [f"{name}.step"] * 2
    versions = [one for one in recording.tensors if one.name == "w"]
    assert [one.version for one in versions] == [0, 1, 2]
    values = [array(recording, one.value).tolist() for one in versions]
    assert values[0] == [1, 1, 1]
    assert len({tuple(one) for one in values}) == 3
    assert len({one.autograd_node for one in versions}) == 1


def test_tensor_subclasses_do_what_they_did_and_are_recorded() -> None:
    recording = lawful(
        "calls = []\nclass Loud(torch.Tensor):\n    @classmethod\n"
        "    def __torch_function__(cls, func, types, args=(), kwargs=None):\n"
        "        calls.append(func.__name__)\n"
        "        return super().__torch_function__(func, types, args, kwargs or {})\n"
        "x = torch.ones(2).as_subclass(Loud).requires_grad_()\ny = x * 2\nz = (y + 1).sum()\n"
        "z.backward()\nseen = torch.tensor(len(calls))\ng = x.grad + 0\n"
    )
    assert {"mul", "add", "sum"} <= {one.name for one in recording.ops}
    assert executed(recording, recording.passes[0])[-1] == "AccumulateGrad"


@pytest.mark.parametrize(
    "call",
    [
        "torch.vmap(lambda t: (t * t).sum())(x.view(3, 1)).sum()",
        "torch.func.grad(lambda t: (t ** 3).sum())(x).sum()",
        "torch.func.jacrev(lambda t: t ** 3)(x).sum()",
        "torch.func.jacfwd(lambda t: t ** 3)(x).sum()",
        "torch.func.jvp(lambda t: t ** 3, (x,), (torch.ones(3),))[1].sum()",
        "torch.func.vjp(lambda t: t ** 3, x)[1](torch.ones(3))[0].sum()",
        "torch.func.functional_call(nn.Linear(3, 1), {'weight': x.view(1, 3)}, torch.ones(3)).sum()",
    ],
)
def test_functional_transforms_give_the_same_and_reach_the_leaf(call: str) -> None:
    recording = lawful(f"x = torch.ones(3, requires_grad=True)\ny = {call}\ny.backward()\n")
    assert executed(recording, recording.passes[-1])[-1] == "AccumulateGrad"
    assert named(recording, "x").grad is not None


def test_forward_mode_gives_the_same_tangents() -> None:
    recording = lawful(
        "import torch.autograd.forward_ad as fwAD\nx = torch.ones(3, requires_grad=True)\n"
        "with fwAD.dual_level():\n    d = fwAD.make_dual(x, torch.arange(3.))\n    e = d * d\n"
        "    p, t = fwAD.unpack_dual(e)\n    t = t.clone()\n    (p.sum() + t.sum()).backward()\n"
    )
    assert grad(recording, "x") == [2, 4, 6]
    assert array(recording, named(recording, "t").value).tolist() == [0, 2, 4]


def test_storage_that_is_exchanged_is_one_op_and_what_it_held_is_kept() -> None:
    recording = lawful(
        "w = torch.nn.Parameter(torch.ones(3, 4))\na = w.t()\n"
        "with torch.no_grad():\n    w.set_(torch.zeros(2, 2))\n"
        "(w + 1).sum().backward()\n"
    )
    assert op(recording, "set_").location.line == 4
    assert problems(recording.warnings) == ()
    assert array(recording, named(recording, "a").value).tolist() == [[1] * 3] * 4


def test_a_pass_of_many_gradients_at_once_has_its_steps() -> None:
    recording = lawful(
        "x = torch.ones(3, requires_grad=True)\ny = x.sin() * x\n"
        "g, = torch.autograd.grad(y, x, torch.eye(3), is_grads_batched=True)\n"
    )
    assert executed(recording, recording.passes[0])[:2] == ["MulBackward0", "SinBackward0"]
    assert problems(recording.warnings) == ()


def test_lazy_parameters_are_met_before_they_have_a_shape() -> None:
    recording = lawful("m = torch.nn.LazyLinear(2)\nx = torch.ones(1, 3)\nm(x).sum().backward()\n")
    assert problems(recording.warnings) == ()
    assert named(recording, "m.weight").shape == (2, 3)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("torch.vmap(lambda t: (t * w).sum())(x.view(3, 1))", "vmap"),
        ("torch.func.vmap(torch.func.grad(lambda t: t ** 3 * w.sum()))(x)", "vmap"),
        ("torch.func.grad(lambda t: (t * w).sum())(x)", "grad"),
        ("torch.func.grad_and_value(lambda t: (t ** 3 * w).sum())(x)[0]", "grad_and_value"),
        ("torch.func.hessian(lambda t: (t ** 3 * w).sum())(x)", "hessian"),
        ("torch.func.jacrev(lambda t: t ** 3 * w)(x)", "jacrev"),
        ("torch.func.jacfwd(lambda t: t ** 3 * w)(x)", "jacfwd"),
        ("torch.func.jvp(lambda t: t ** 3 * w, (x,), (torch.ones(3),))[1]", "jvp"),
        ("torch.func.vjp(lambda t: t ** 3 * w, x)[0]", "vjp"),
        ("torch.func.linearize(lambda t: t ** 3 * w, x)[0]", "linearize"),
        ("torch.func.functionalize(lambda t: t.add(w).mul_(2))(x)", "functionalize"),
    ],
)
def test_a_transform_is_one_op_of_all_that_it_computes_from(call: str, name: str) -> None:
    recording = lawful(
        f"x = torch.ones(3, requires_grad=True)\nw = torch.ones(3, requires_grad=True)\ny = {call}\n"
    )
    transform = op(recording, name)
    assert transform.location.line == 3
    assert named(recording, "y").op is not None
    inputs = {recording.tensors[number].name for number in transform.inputs}
    assert "w" in inputs
    assert "x" in inputs or "view" in [one.name for one in recording.ops]


def test_what_vjp_returns_is_an_op_at_each_call() -> None:
    recording = lawful(
        "x = torch.ones(3)\ny, back = torch.func.vjp(lambda t: t ** 3, x)\n"
        "g, = back(torch.ones(3))\nh, = back(torch.zeros(3))\n"
    )
    assert [one.location.line for one in recording.ops if one.name == "vjp"] == [2, 3, 4]
    assert array(recording, named(recording, "g").value).tolist() == [3, 3, 3]
    assert named(recording, "h").op is not None


def test_modules_within_a_transform_leave_no_stand_ins_behind() -> None:
    recording = lawful(
        "from torch.func import functional_call, grad, vmap\nm = nn.Linear(3, 1)\n"
        "p = dict(m.named_parameters())\nx, y = torch.ones(5, 3), torch.ones(5, 1)\n"
        "def loss(p, x, y):\n    return ((functional_call(m, p, (x,)) - y) ** 2).mean()\n"
        "g = vmap(grad(loss), in_dims=(None, 0, 0))(p, x, y)\n"
    )
    names = {one.name for one in recording.tensors}
    assert {"m.weight", "m.bias", "x", "y"} <= names
    assert "linear.weight" not in names
    assert len(op(recording, "vmap").outputs) == 2


@pytest.mark.parametrize("name", ["jacobian", "hessian"])
def test_derivatives_come_from_an_op_after_the_passes_that_made_them(name: str) -> None:
    recording = lawful(
        "x = torch.ones(2, requires_grad=True)\n"
        f"y = torch.autograd.functional.{name}(lambda t: (t ** 3).sum(), x)\n(y * x).sum().backward()\n"
    )
    assert op(recording, "pow").text == "t ** 3"
    made = op(recording, name)
    assert [recording.tensors[number].name for number in (*made.inputs, *made.outputs)] == [
        "x",
        "y",
    ]
    assert len(recording.passes) > 1
    assert recording.passes[0].ops_before <= made.id


def test_scripted_functions_are_one_op() -> None:
    recording = lawful(
        "@torch.jit.script\ndef f(x):\n    return x * x + 1\n"
        "x = torch.ones(3, requires_grad=True)\nfor _ in range(3):\n    y = f(x)\n"
        "(y * 2).sum().backward()\n"
    )
    assert grad(recording, "x") == [4, 4, 4]
    assert [one.text for one in recording.ops] == ["torch.ones(3, requires_grad=True)"] + [
        "f(x)"
    ] * 3 + ["y * 2", "(y * 2).sum()"]
    assert all(one.op is not None for one in recording.autograd_nodes if one.leaf is None)


def test_scripted_modules_are_one_op_in_the_scope_around_them() -> None:
    recording = lawful(
        "m = nn.Sequential(torch.jit.script(nn.Sequential(nn.Linear(2, 3), nn.ReLU())), nn.Linear(3, 1))\n"
        "m(torch.ones(1, 2)).sum().backward()\n"
    )
    assert [(one.name, one.scope) for one in recording.ops][1:] == [
        ("Sequential", "m"),
        ("linear", "m.1"),
        ("sum", ""),
    ]
    assert all(one.op is not None for one in recording.autograd_nodes if one.leaf is None)


def test_what_scripted_code_overwrites_is_kept() -> None:
    recording = lawful(
        "@torch.jit.script\ndef f(x):\n    return x.add_(1)\n"
        "a = torch.zeros(3)\nb = f(a)\nc = a * 2\n"
    )
    assert op(recording, "f").kind is OpKind.IN_PLACE
    values = [one.value for one in recording.tensors if one.name in ("a", "b")]
    assert [array(recording, value).tolist() for value in values] == [[0] * 3, [1] * 3]


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_compiled_functions_are_one_op(backend: str) -> None:
    recording = lawful(
        f"f = torch.compile(lambda a: (a * 2).sin() + a, backend='{backend}')\n"
        "x = torch.ones(3, requires_grad=True)\ny = f(x)\ny.sum().backward()\n"
        "f(x).sum().backward()\n"
    )
    assert op(recording, "<lambda>").text == "f(x)"
    assert len(op(recording, "<lambda>").autograd_nodes) >= 1
    assert len(recording.passes) == 2


def test_other_threads_are_mentioned() -> None:
    text = (
        "import threading\nx = torch.ones(2, requires_grad=True)\n"
        "def work():\n    global y\n    y = x * 2\n    y.sum().backward()\n"
        "t = threading.Thread(target=work)\nt.start()\nt.join()\nz = x * 3\n"
    )
    recording = lawful(text)
    assert any("other threads" in sentence for sentence in recording.warnings)
    assert [one.name for one in recording.ops] == ["ones", "mul"]
    assert recording.passes == ()
    assert grad(recording, "x") == [2, 2]


def test_a_thread_that_runs_backward_at_the_same_time_is_no_nested_pass() -> None:
    text = (
        "import threading\nw = torch.ones(2, requires_grad=True)\n"
        "def other():\n    (w * 2).sum().backward()\n"
        "def hook(g):\n    t = threading.Thread(target=other)\n    t.start()\n    t.join()\n"
        "x = torch.ones(2, requires_grad=True)\nh = x * 2\nh.register_hook(hook)\n"
        "h.sum().backward()\n"
    )
    recording = lawful(text)
    (pass_,) = recording.passes
    assert executed(recording, pass_) == ["SumBackward0", "MulBackward0", "AccumulateGrad"]
    assert grad(recording, "x") == [2, 2]


def test_reentrant_passes_seventy_deep_know_their_parents() -> None:
    """Beyond sixty the engine hands a nested pass to another thread."""
    text = (
        "class Deep(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x, n):\n"
        "        ctx.n = n\n        return x.clone()\n    @staticmethod\n    def backward(ctx, g):\n"
        "        if ctx.n:\n            with torch.enable_grad():\n"
        "                y = torch.ones(2, requires_grad=True)\n"
        "                Deep.apply(y, ctx.n - 1).sum().backward()\n                g = g + y.grad\n"
        "        return g, None\n"
        "x = torch.ones(2, requires_grad=True)\nDeep.apply(x, 70).sum().backward()\n"
    )
    recording = lawful(text)
    assert len(recording.passes) == 71
    assert [one.parent for one in recording.passes] == [None, *range(70)]
    for one in recording.passes[1:]:
        parent = recording.passes[one.parent]
        assert executed(recording, parent)[one.parent_step] == "DeepBackward"
        assert executed(recording, one) == ["SumBackward0", "DeepBackward", "AccumulateGrad"]
    assert grad(recording, "x") == [71, 71]


def test_temporaries_that_died_are_still_told_apart() -> None:
    recording = lawful(
        "import gc\nx = torch.ones(2, requires_grad=True)\ntotal = 0.\nfor k in range(50):\n"
        "    total = total + (torch.ones(2) * k * x).sum()\n    gc.collect() if k % 25 == 0 else None\n"
        "total.backward()\n"
    )
    scaled = [one for one in recording.ops if one.text == "torch.ones(2) * k"]
    assert [array(recording, recording.tensors[one.outputs[0]].value)[0] for one in scaled] == [
        *range(50)
    ]
    assert len({one.outputs[0] for one in recording.ops}) == len(recording.ops)
    assert grad(recording, "x") == [1225, 1225]


def test_what_ran_before_an_error_is_kept() -> None:
    recording = lawful(
        "x = torch.ones(3, requires_grad=True)\ny = x * 2\ny.sum().backward()\nz = y @ torch.ones(4)\n"
    )
    assert [one.name for one in recording.ops] == ["ones", "mul", "sum", "ones"]
    assert grad(recording, "x") == [2, 2, 2]


def test_an_error_halfway_through_a_pass_leaves_what_it_had_done() -> None:
    recording = lawful(
        "class Fails(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
        "        return x.clone()\n    @staticmethod\n    def backward(ctx, g):\n"
        "        raise ValueError('on purpose')\n"
        "x = torch.ones(2, requires_grad=True)\ny = torch.ones(2, requires_grad=True)\n"
        "h = Fails.apply(x)\n(h * y).sum().backward()\n"
    )
    (pass_,) = recording.passes
    assert "FailsBackward" in executed(recording, pass_)
    assert pass_.raised == "ValueError"
    assert named(recording, "x").grad is None


def test_a_pass_after_a_failed_one_is_recorded_whole() -> None:
    recording = lawful(
        "x = torch.ones(2, requires_grad=True)\ny = (x * x).sum()\ny.backward()\n"
        "try:\n    y.backward()\nexcept RuntimeError:\n    pass\n(x * 3).sum().backward()\n"
    )
    assert [len(one.steps) for one in recording.passes] == [3, 2, 3]
    assert grad(recording, "x") == [5, 5]


def test_tensors_can_be_swapped_while_they_are_recorded() -> None:
    recording = lawful(
        "a = torch.ones(2)\nb = torch.zeros(2)\nc = a + b\ntorch.utils.swap_tensors(a, b)\nd = a + 5\n"
    )
    assert array(recording, recording.tensors[op(recording, "add").inputs[0]].value).tolist() == [
        0,
        0,
    ]


def test_a_recorded_tensor_can_be_resized_afterwards() -> None:
    lawful("x = torch.ones(2)\ny = x * 2\nx.resize_(100)\nx.zero_()\nn = torch.tensor(x.numel())\n")


@pytest.mark.slow
def test_a_hundred_thousand_ops_are_recorded() -> None:
    recording = record(
        "x = torch.ones((), requires_grad=True)\ny = x\nfor _ in range(30000):\n    y = y * 1\n"
        "y.backward()\n"
        * 1
        + "with torch.no_grad():\n    for _ in range(70000):\n        y = x + 1\n"
    )
    assert len(recording.ops) == 100_001
    assert len(recording.passes[0].steps) == 30_001


def test_a_thread_from_before_that_changes_tensors_is_noticed_and_no_stale_value_is_shown() -> None:
    goes, done = threading.Event(), threading.Event()
    shared = torch.ones(3)

    def write() -> None:
        goes.wait(60)
        shared.mul_(5)
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    text = "a = shared * 1\ngoes.set()\ndone.wait(60)\n"
    tracer = Tracer(text=text, filename="<thread>")
    namespace = {"torch": torch, "shared": shared, "goes": goes, "done": done}
    with tracer:
        exec(compile(text, "<thread>", "exec"), namespace)
        tracer.bind(namespace)
    thread.join()
    traced = tracer.finish()
    assert any("Something unseen" in one for one in traced.warnings)
    recording = recording_of(traced)
    versions = [one for one in recording.tensors if one.name == "shared"]
    assert [array(recording, one.value) is None for one in versions] == [True, False]
    assert array(recording, versions[-1].value).tolist() == [5, 5, 5]  # type: ignore[union-attr]


@pytest.mark.parametrize("write", ["v[1] = 7", "v[0] = x[0]", "v[:2] *= 2", "v.copy_(x)"])
def test_the_nodes_of_a_write_through_a_view_belong_to_the_write(write: str) -> None:
    recording = lawful(
        f"x = torch.arange(4., requires_grad=True)\nbase = x * 1\nv = base.view(-1)\n{write}\n"
        "(v * base).sum().backward()\n"
    )
    assert all(node.op is not None or node.leaf is not None for node in recording.autograd_nodes)


@pytest.mark.parametrize("call", ["add_.Tensor(y, 1)", "add_(y, 1)"])
def test_operators_called_by_torch_ops_are_called_and_placed_as_written(call: str) -> None:
    recording = lawful(
        f"x = torch.ones(2, requires_grad=True)\ny = torch.ops.aten.mul.Tensor(x, x)\n"
        f"torch.ops.aten.{call}\n(y * y).sum().backward()\n"
    )
    assert [one.name for one in recording.ops[1:3]] == ["mul", "add_"]
    assert recording.ops[1].text == "torch.ops.aten.mul.Tensor(x, x)"
    assert (recording.ops[2].kind, recording.ops[2].text) == (
        OpKind.IN_PLACE,
        f"torch.ops.aten.{call}",
    )


def test_what_a_distribution_checks_is_no_op() -> None:
    recording = lawful(
        "from torch.distributions import Categorical, Normal\n"
        "mean = torch.ones(2, requires_grad=True)\nlogits = torch.ones(3, requires_grad=True)\n"
        "d = Normal(mean, mean.exp())\ns = d.rsample()\n"
        "loss = d.log_prob(s).sum() - Categorical(logits=logits).log_prob(torch.tensor(1))\n"
        "loss.backward()\n"
    )
    assert not {"eq", "gt", "ge", "le", "_is_all_true"} & {one.name for one in recording.ops}
    assert all(node.op is not None or node.leaf is not None for node in recording.autograd_nodes)


@pytest.mark.parametrize("how", ["copy", "deepcopy"])
def test_a_copied_leaf_is_a_leaf_of_its_own(how: str) -> None:
    recording = lawful(
        "import copy\nx = torch.tensor([1., 2.], requires_grad=True)\n"
        f"y = copy.{how}(x)\n(x * 3 + y * 5).sum().backward()\n"
    )
    assert [one.name for one in recording.ops] == ["tensor", "mul", "mul", "add", "sum"]
    leaf = named(recording, "y")
    assert (leaf.is_leaf, leaf.requires_grad, leaf.version) == (True, True, 0)
    assert (grad(recording, "x"), grad(recording, "y")) == ([3, 3], [5, 5])
