"""What a recording says of a program."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import torch

from gradviz.errors import GradvizError
from gradviz.recording.model import OpKind, Recording, TensorRole
from gradviz.recording.replay import Replay
from gradviz.tracer import Tracer
from gradviz.tracer.ledger import Ledger
from tests.capabilities import problems
from tests.tracer.helpers import array, names, record, recording_of, run_recorded
from tests.tracer.programs import CHAIN_RULE, FAILING, PROGRAMS


def tensor(recording: Recording, name: str):
    return [one for one in recording.tensors if one.name == name][-1]


def op(recording: Recording, name: str):
    found = [one for one in recording.ops if one.name == name]
    assert found, [one.name for one in recording.ops]
    return found[-1]


def test_the_chain_rule_is_recorded_as_it_was_written() -> None:
    recording = record(CHAIN_RULE)
    add, mul = op(recording, "add"), op(recording, "mul")
    assert (add.text, mul.text) == ("x + y", "p * z")
    assert [recording.tensors[t].name for t in add.inputs] == ["x", "y"]
    assert [recording.tensors[t].name for t in mul.outputs] == ["g"]
    assert tensor(recording, "g").role is TensorRole.ROOT
    assert tensor(recording, "p").role is TensorRole.INTERMEDIATE
    assert tensor(recording, "x").role is TensorRole.LEAF
    (pass_,) = recording.passes
    assert pass_.text == "g.backward()"
    assert pass_.location is not None
    assert pass_.location.line == 7
    executed = [recording.autograd_nodes[step.autograd_node].name for step in pass_.steps]
    assert sorted(executed) == ["AccumulateGrad"] * 3 + ["AddBackward0", "MulBackward0"]
    assert executed[0] == "MulBackward0"
    for name in "xyz":
        leaf = tensor(recording, name)
        assert array(recording, leaf.grad) == 3.0
        assert leaf.autograd_node is not None
        assert recording.autograd_nodes[leaf.autograd_node].leaf == leaf.id


def test_every_identity_is_the_index_of_its_record() -> None:
    for text in PROGRAMS.values():
        _, _, traced = run_recorded(text)
        recording = recording_of(traced)
        for records in (
            recording.tensors,
            recording.ops,
            recording.autograd_nodes,
            recording.passes,
            recording.values,
        ):
            assert [one.id for one in records] == list(range(len(records)))
        for one in recording.ops:
            for number in one.outputs:
                made = recording.tensors[number]
                assert made.op == one.id
                assert one.outputs[made.slot] == number
            for node in one.autograd_nodes:
                assert recording.autograd_nodes[node].op == one.id
        Replay(recording)


def test_an_in_place_change_makes_a_new_version_of_the_tensor() -> None:
    recording = record("x = torch.ones(3, requires_grad=True)\ny = x * 2\ny.add_(1)\n")
    change = op(recording, "add_")
    assert change.kind is OpKind.IN_PLACE
    (old,), (new,) = change.inputs, change.outputs
    assert recording.tensors[new].previous == old
    assert (recording.tensors[old].name, recording.tensors[new].name) == ("y", "y")
    assert array(recording, recording.tensors[old].value).tolist() == [2, 2, 2]
    assert array(recording, recording.tensors[new].value).tolist() == [3, 3, 3]
    assert recording.tensors[new].autograd_node in change.autograd_nodes


def test_a_leaf_changed_without_grad_stays_a_leaf_with_its_node() -> None:
    recording = record(
        "w = torch.ones(2, requires_grad=True)\n"
        "(w * 2).sum().backward()\n"
        "with torch.no_grad():\n"
        "    w -= 0.5 * w.grad\n"
        "(w * 3).sum().backward()\n"
    )
    first, second = [one for one in recording.tensors if one.name == "w"]
    assert second.previous == first.id
    assert second.is_leaf
    assert second.role is TensorRole.LEAF
    assert first.autograd_node == second.autograd_node
    assert "w.grad" in names(recording)
    assert op(recording, "sub_").text == "w -= 0.5 * w.grad"
    assert array(recording, second.grad).tolist() == [5, 5]
    assert first.grad is None


def test_writing_to_a_view_renews_its_base() -> None:
    recording = record("x = torch.zeros(2, 2)\nv = x[0]\nv.fill_(5)\ny = x + 0\n")
    last = op(recording, "add")
    base = recording.tensors[last.inputs[0]]
    assert base.name == "x"
    assert base.version == 1
    assert array(recording, base.value).tolist() == [[5, 5], [0, 0]]
    assert base.op == op(recording, "fill_").id


@pytest.mark.parametrize("name", ["normal_", "uniform_", "kaiming_uniform_", "orthogonal_"])
def test_a_parameter_that_is_filled_has_what_it_had_before_and_after(name: str) -> None:
    namespace, _, traced = run_recorded(
        f"w = nn.Parameter(torch.full((3, 3), 2.0))\nnn.init.{name}(w)"
    )
    recording = recording_of(traced)
    assert not problems(recording.warnings)
    before, after = recording.tensors[0], tensor(recording, "w")
    assert array(recording, before.value).tolist() == [[2.0] * 3] * 3
    assert array(recording, after.value).tolist() == namespace["w"].tolist()


def test_a_view_that_was_made_and_changed_without_grad_has_no_node_to_be_read() -> None:
    """PyTorch raises where somebody asks for its `grad_fn`."""
    recording = record(
        "w = nn.Parameter(torch.ones(3, 2))\n"
        "with torch.no_grad():\n"
        "    row = w[1]\n"
        "    row.zero_()\n"
        "(w * 2).sum().backward()\n"
    )
    assert not problems(recording.warnings)
    changed = recording.tensors[op(recording, "zero_").outputs[0]]
    assert changed.name == "row"
    assert changed.autograd_node is None


def test_setitem_and_out_change_what_they_name() -> None:
    recording = record(
        "x = torch.zeros(3)\nx[1] = 7.\nz = torch.empty(3)\ntorch.add(x, 1, out=z)\n"
    )
    assert op(recording, "setitem").text == "x[1]"
    assert array(recording, tensor(recording, "x").value).tolist() == [0, 7, 0]
    assert array(recording, tensor(recording, "z").value).tolist() == [1, 8, 1]
    assert op(recording, "add").kind is OpKind.IN_PLACE


def test_an_optimizer_step_is_one_op() -> None:
    recording = record(PROGRAMS["optimizer"])
    steps = [one for one in recording.ops if one.kind is OpKind.STEP]
    assert [one.name for one in steps] == ["SGD.step"] * 3
    assert {one.text for one in steps} == {"optimizer.step()"}
    inputs = {recording.tensors[t].name for t in steps[0].inputs}
    assert inputs >= {"net.0.weight", "net.0.weight.grad"}
    for number in steps[0].outputs:
        made = recording.tensors[number]
        assert made.previous in steps[0].inputs
        assert made.is_leaf
    assert all("zero" not in one.name for one in recording.ops)


@pytest.mark.parametrize("kind", ["SGD", "LBFGS"])
def test_a_step_whose_closure_computes_the_gradients_is_one_op_from_the_first_on(
    kind: str,
) -> None:
    recording = record(
        "w = torch.ones(2, requires_grad=True)\n"
        f"opt = torch.optim.{kind}([w], lr=0.1)\n"
        "def closure():\n"
        "    opt.zero_grad()\n"
        "    loss = (w * w).sum()\n"
        "    loss.backward()\n"
        "    return loss\n"
        "for _ in range(2):\n"
        "    opt.step(closure)\n"
    )
    steps = [one for one in recording.ops if one.kind is OpKind.STEP]
    assert len(steps) == 2
    for step in steps:
        (made,) = step.outputs
        assert recording.tensors[made].name == "w"
        assert [recording.tensors[one].name for one in step.inputs] == ["w", "w.grad"]
    assert array(recording, tensor(recording, "w").value).tolist() != [1, 1]


@pytest.mark.parametrize("name", ["person's optimizer", "adam without set to none"])
def test_what_an_optimizer_does_inside_is_not_recorded_singly(name: str) -> None:
    recording = record(PROGRAMS[name])
    assert [one for one in recording.ops if one.kind is OpKind.STEP]
    assert not [one for one in recording.ops if one.kind is OpKind.IN_PLACE]


def test_reading_attributes_and_formatting_are_no_ops() -> None:
    recording = record(
        "x = torch.ones(2, requires_grad=True)\n"
        "before = x.shape, x.dtype, x.device, x.grad, x.is_leaf, len(x), x.size(0), x.dim()\n"
        "text = repr(x) + str(x) + f'{x}' + '%s' % x\n"
        "x.requires_grad_()\n"
        "x.requires_grad = True\n"
        "same = x.to('cpu').float().contiguous()\n"
    )
    assert [one.name for one in recording.ops] == ["ones"]


def test_views_exits_and_sources_are_ops() -> None:
    recording = record(
        "import numpy as np\n"
        "x = torch.ones(2, 2)\n"
        "a = torch.from_numpy(np.zeros(2))\n"
        "v = x.view(-1)\nt = x.T\nd = x.detach()\ni = x[0]\nc = x.to(torch.float64)\n"
        "n = x.numpy()\nk = x.sum().item()\n"
    )
    kinds = {one.name: one.kind for one in recording.ops}
    assert kinds["ones"] is kinds["from_numpy"] is OpKind.SOURCE
    for name in ("view", "T", "detach", "getitem", "to"):
        assert kinds[name] is OpKind.CALL
    assert kinds["numpy"] is kinds["item"] is OpKind.EXIT


def test_ops_inside_modules_know_their_place() -> None:
    recording = record(
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.fc = nn.Linear(2, 2)\n"
        "    def forward(self, x):\n"
        "        return F.relu(self.fc(x))\n"
        "net = Net()\n"
        "y = net(torch.ones(1, 2))\n"
        "z = net(torch.ones(1, 2))\n"
    )
    linear, relu = op(recording, "linear"), op(recording, "relu")
    assert (linear.scope, linear.module_type, linear.text) == ("net.fc", "Linear", "linear")
    assert (relu.scope, relu.module_type, relu.text) == ("net", "Net", "F.relu(self.fc(x))")
    assert [one.call for one in recording.ops if one.name == "linear"] == [0, 1]
    assert {recording.tensors[t].name for t in linear.inputs} >= {"net.fc.weight", "net.fc.bias"}
    assert not [one for one in recording.ops if one.kind is OpKind.IN_PLACE]


def test_a_parameter_takes_over_the_tensor_it_was_made_of() -> None:
    recording = record(PROGRAMS["parameters of one's own"])
    weight = tensor(recording, "net.w")
    assert weight.role is TensorRole.PARAMETER
    assert weight.op is not None
    assert recording.ops[weight.op].name == "randn"


def test_a_parameter_keeps_its_grad_whatever_its_tensor_before_is_met_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    identities = Ledger.identities
    monkeypatch.setattr(Ledger, "identities", lambda ledger: identities(ledger)[::-1])
    recording = record(PROGRAMS["parameters of one's own"])
    assert [tensor(recording, name).grad is None for name in ("net.w", "net.b")] == [False] * 2


def test_many_temporaries_are_not_confused() -> None:
    recording = record("x = torch.zeros(())\nfor k in range(300):\n    x = x + torch.ones(())\n")
    adds = [one for one in recording.ops if one.name == "add"]
    assert len(adds) == 300
    assert len({t for one in adds for t in one.inputs}) == 600
    assert array(recording, tensor(recording, "x").value) == 300


@pytest.mark.parametrize("shape", ["()", "(3,)", "(64, 64)"])
def test_a_gradient_that_was_cleared_behind_pytorch_s_back_is_seen_cleared(shape: str) -> None:
    text = f"""
w = torch.ones({shape}, requires_grad=True)
for _ in range(2):
    (w * 2).sum().backward()
    w.grad.data.zero_()
"""
    recording = record(text)
    (before,) = recording.passes[1].grads_before
    (after,) = recording.passes[1].leaf_grads
    assert not np.any(array(recording, before.grad))
    assert np.all(array(recording, after.grad) == 2)


def test_grads_before_show_what_a_pass_began_with() -> None:
    recording = record(PROGRAMS["manual update"])
    before = [
        {recording.tensors[one.leaf].name: array(recording, one.grad) for one in pass_.grads_before}
        for pass_ in recording.passes
    ]
    assert before[0] == {"w": None, "b": None}
    assert before[1]["b"] is None
    assert not before[1]["w"].any()


def test_autograd_grad_leaves_grad_alone() -> None:
    recording = record(PROGRAMS["autograd.grad"])
    (pass_,) = recording.passes
    assert not pass_.accumulates
    got = {recording.tensors[one.leaf].name for one in pass_.leaf_grads}
    assert got == {"x", "h"}
    assert tensor(recording, "x").grad is None
    assert all(step.leaf_grad is None for step in pass_.steps)


def test_a_pass_that_breaks_off_keeps_its_steps() -> None:
    _, raised, traced = run_recorded(FAILING["in the middle of backward"])
    recording = recording_of(traced)
    assert isinstance(raised, ValueError)
    (pass_,) = recording.passes
    executed = [recording.autograd_nodes[step.autograd_node].name for step in pass_.steps]
    assert "MulBackward0" in executed
    assert executed[-1].startswith("Breaks")
    assert pass_.steps[-1].grad_inputs == ()


def test_a_pass_within_a_pass_knows_its_parent() -> None:
    recording = record(PROGRAMS["reentrant checkpoint"])
    outer, inner = recording.passes
    assert (inner.parent, outer.parent) == (outer.id, None)
    assert inner.parent_step is not None
    step = outer.steps[inner.parent_step]
    assert "Checkpoint" in recording.autograd_nodes[step.autograd_node].name
    assert not {s.autograd_node for s in outer.steps} & {s.autograd_node for s in inner.steps}


def test_double_backward_runs_through_the_graph_of_the_first() -> None:
    recording = record(PROGRAMS["create graph"])
    first, second = recording.passes
    assert first.create_graph
    assert len(second.steps) > len(first.steps)


def test_large_values_are_corners_with_statistics_and_live_tensors() -> None:
    namespace, _, traced = run_recorded("x = torch.arange(10000.).view(100, 100)\ny = x * 2\n")
    recording = recording_of(traced)
    value = recording.value(tensor(recording, "y").value)
    assert value is not None
    assert not value.is_whole
    assert value.kept_shape == (64, 64)
    corner = np.frombuffer(value.data, value.storage).reshape(value.kept_shape)
    assert np.array_equal(corner, namespace["y"][:64, :64].numpy())
    assert value.statistics is not None
    assert value.statistics.max == 19998.0
    assert torch.equal(traced.live[value.id], namespace["y"])


@pytest.mark.parametrize(
    "change",
    ["x.add_(1)", "x[0] = 5.", "x.view(-1)[3] = 1.", "x.data.mul_(2)", "x.T.mul_(2)"],
)
def test_a_large_value_is_what_it_was_before_it_was_overwritten(change: str) -> None:
    _, _, traced = run_recorded(f"x = torch.ones(100, 100)\n{change}\nx.sum()\n")
    recording = recording_of(traced)
    value = recording.tensors[recording.ops[0].outputs[0]].value
    assert value is not None
    assert torch.equal(traced.live[value], torch.ones(100, 100))


def test_over_the_budget_a_large_value_is_never_wrong() -> None:
    text = "x = torch.ones(100, 100)\nx.add_(1)\nx.add_(1)\n"
    _, _, traced = run_recorded(text, budget=50_000)
    recording = recording_of(traced)
    for entry, expected in zip(recording.tensors, (1, 2, 3), strict=True):
        value = recording.value(entry.value)
        assert value is not None
        assert value.data is not None
        assert set(np.frombuffer(value.data, value.storage).tolist()) == {expected}


def test_accumulated_gradients_of_large_leaves_are_kept_apart() -> None:
    text = "w = torch.zeros(100, 100, requires_grad=True)\n" + "(w * 2).sum().backward()\n" * 3
    _, _, traced = run_recorded(text)
    recording = recording_of(traced)
    for index, pass_ in enumerate(recording.passes):
        value = recording.value(pass_.leaf_grads[0].grad)
        assert value is not None
        assert value.statistics is not None
        assert value.statistics.min == value.statistics.max == 2.0 * (index + 1)


def test_nothing_stays_patched_or_hooked() -> None:
    from torch.nn.modules import module
    from torch.optim import optimizer

    def state() -> tuple[object, ...]:
        return (
            torch.autograd._engine_run_backward,
            torch.autograd.graph._engine_run_backward,
            torch.autograd.Function.__dict__["apply"],
            torch.from_numpy,
            torch.random.fork_rng,
            torch.compile,
            len(module._global_forward_hooks),
            len(module._global_forward_pre_hooks),
            len(optimizer._global_optimizer_pre_hooks),
            len(optimizer._global_optimizer_post_hooks),
            torch._C._len_torch_function_stack(),
            gc.get_threshold(),
        )

    before = state()
    for name in ("optimizer", "custom function"):
        run_recorded(PROGRAMS[name])
    namespace, _, _ = run_recorded("x = torch.ones(2, requires_grad=True)\ny = x * 2\n")
    run_recorded(FAILING["in the middle of backward"])
    assert state() == before
    node = namespace["y"].grad_fn
    called = []
    node.register_prehook(lambda grads: called.append(1))
    namespace["y"].sum().backward()
    assert called == [1]


def test_nothing_of_the_program_is_kept_alive_by_its_recording() -> None:
    namespace, _, traced = run_recorded(
        "x = torch.ones(3, requires_grad=True)\ny = (x * 2).exp()\n"
    )
    kept = weakref.ref(namespace["y"]), weakref.ref(namespace["x"])
    del namespace
    gc.collect()
    assert [one() for one in kept] == [None, None]
    assert traced.tensors


def test_two_recordings_at_once_are_refused() -> None:
    with Tracer(), pytest.raises(GradvizError, match="already"):
        Tracer().__enter__()


def test_the_text_of_a_call_is_cut_by_characters_not_bytes() -> None:
    recording = record("ä = torch.ones(2); ö = ä + 1; ü = ö * 2\n")
    assert op(recording, "add").text == "ä + 1"
    location = op(recording, "mul").location
    assert location is not None
    assert (location.column, location.end_column) == (34, 39)


def test_hooks_of_the_persons_own_see_the_same_and_decide() -> None:
    recording = record(
        "x = torch.ones(2, requires_grad=True)\nh = x * 2\n"
        "h.register_hook(lambda g: g * 10)\nh.sum().backward()\n"
    )
    (pass_,) = recording.passes
    by_name = {recording.autograd_nodes[step.autograd_node].name: step for step in pass_.steps}
    assert array(recording, by_name["SumBackward0"].grad_inputs[0]).tolist() == [1, 1]
    assert array(recording, by_name["MulBackward0"].grad_outputs[0]).tolist() == [10, 10]


def test_a_deep_chain_is_recorded_without_recursion() -> None:
    recording = record(
        "x = torch.ones((), requires_grad=True)\ny = x\n"
        "for _ in range(5000):\n    y = y + 1\ny.backward()\n"
    )
    assert len(recording.passes[0].steps) == 5001


def test_a_leaf_that_is_gone_keeps_its_node_and_grad_whatever_takes_its_place() -> None:
    recording = record(
        "for _ in range(200):\n"
        "    leaf = torch.ones(2, requires_grad=True)\n"
        "    (leaf * 2).sum().backward()\n"
        "    del leaf\n"
    )
    leaves = [one for one in recording.tensors if one.is_leaf and one.requires_grad]
    assert len(leaves) == 200
    assert all(one.autograd_node is not None for one in leaves)
    assert all(array(recording, one.grad).tolist() == [2.0, 2.0] for one in leaves)


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
def test_what_anomaly_mode_ended_a_pass_for_is_kept_beside_what_would_have_been_summed() -> None:
    _, raised, traced = run_recorded(
        "a = torch.zeros(2, requires_grad=True)\nh = a.cos() - 1\n"
        "k = torch.ones(2, requires_grad=True).exp()\n"
        "with torch.autograd.detect_anomaly():\n"
        "    ((h * k).sqrt() + h).sum().backward()\n"
    )
    assert "MulBackward0" in str(raised)
    recording = recording_of(traced)
    for_h, for_k = recording.passes[0].steps[-1].grad_inputs
    assert array(recording, for_h).tolist() == [np.inf, np.inf]
    assert np.isnan(array(recording, for_k)).all()
