"""What others add to torch: operators of their own, and code that torch.fx generates."""

from __future__ import annotations

import itertools

import pytest
import torch

import gradviz
from gradviz.recording.model import OpKind
from tests.capabilities import problems
from tests.tracer.helpers import array, record, run_plainly, run_recorded

pytestmark = pytest.mark.filterwarnings("ignore")

_NUMBERS = itertools.count()
_LIBRARY = """
@torch.library.custom_op("gradviz_tests::{name}", mutates_args={{"target"}})
def store(source: torch.Tensor, target: torch.Tensor) -> None:
    target.copy_(source)
"""


@pytest.mark.parametrize(
    "call",
    [
        "store(a, b)",
        "store(a, target=b)",
        "torch.ops.gradviz_tests.{name}(a, b)",
        "torch.ops.gradviz_tests.{name}.default(a, target=b)",
    ],
)
def test_what_an_operator_says_that_it_changes_is_kept_before(call: str) -> None:
    name = f"store_{next(_NUMBERS)}"
    text = f"{_LIBRARY}\na = torch.ones(2)\nb = torch.zeros(2)\n{call}\nc = b + 1\n"
    recording = record(text.format(name=name))
    assert problems(recording.warnings) == ()
    versions = [one for one in recording.tensors if one.name == "b"]
    held = [array(recording, one.value) for one in versions]
    assert [None if value is None else value.tolist() for value in held] == [[0, 0], [1, 1]]
    op = recording.ops[-2]
    assert (op.kind, op.text) == (OpKind.IN_PLACE, call.format(name=name))


_TRACED = "net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())\nx = torch.ones(1, 3)\n"


@pytest.mark.parametrize(
    "made",
    [
        "torch.fx.symbolic_trace(net)",
        pytest.param(
            "torch.export.export(net, (x,)).module()",
            marks=pytest.mark.skipif(
                torch.__version__.startswith("2.6."),
                reason="PyTorch 2.6 exports nothing under pytest, with or without a recording",
            ),
        ),
    ],
)
def test_what_a_graph_module_computes_is_recorded(made: str) -> None:
    recording = record(f"{_TRACED}graph = {made}\ny = graph(x)\ny.sum().backward()\n")
    ops = {one.id: one for one in recording.ops}
    for node in recording.autograd_nodes:
        assert node.leaf is not None or node.op is not None, node.name
    relu = recording.ops[-2]
    assert relu.name.startswith("relu")
    assert ops[relu.id].location is not None
    assert ops[relu.id].location.line == 4  # type: ignore[union-attr]


_INTERPRETED = {
    "torch.fx.Interpreter(graph).run(x)": 7,
    "torch.fx.Interpreter(graph).boxed_run([x])": 7,
    "Own(graph).run(x)": 6,
}


@pytest.mark.parametrize("call", _INTERPRETED)
def test_what_an_interpreter_of_a_graph_computes_is_recorded(call: str) -> None:
    recording = record(
        "net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())\nx = torch.ones(1, 3)\n"
        "graph = torch.fx.symbolic_trace(net)\nclass Own(torch.fx.Interpreter):\n"
        "    def call_module(self, *given):\n        return super().call_module(*given)\n"
        f"y = {call}\ny.sum().backward()\n"
    )
    linear, relu = recording.ops[1:3]
    assert (linear.name, linear.scope) == ("linear", "net.0")
    assert linear.location is not None and linear.location.line == _INTERPRETED[call]
    assert recording.tensors[relu.outputs[0]].name == "y"
    assert all(node.op is not None or node.leaf is not None for node in recording.autograd_nodes)


def test_the_shapes_that_an_interpreter_finds_out_are_no_ops() -> None:
    recording = record(
        f"{_TRACED}from torch.fx.passes.shape_prop import ShapeProp\n"
        "graph = torch.fx.symbolic_trace(net)\nShapeProp(graph).propagate(x)\n"
    )
    assert [op.name for op in recording.ops] == ["ones"]


def test_generated_code_is_not_the_persons() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())
    graph = torch.fx.symbolic_trace(net)
    x = torch.ones(1, 3)
    with gradviz.record() as recording:
        graph(x)
    assert [op.name for op in recording.ops] == ["linear", "relu"]
    assert not any("eval_with_key" in op.file for op in recording.ops)


_HOLDER = """
class Holder:
    def __init__(self, tensor):
        self.tensor = tensor
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        bare = lambda one: one.tensor if isinstance(one, Holder) else one
        named = {name: bare(one) for name, one in (kwargs or {}).items()}
        return cls(func(*[bare(one) for one in args], **named))

x = torch.ones(2, requires_grad=True)
h = Holder(x)
"""


@pytest.mark.parametrize(
    "call", ["torch.add(h, 1)", "torch.add(x, h)", "torch.add(other=h, input=h)"]
)
def test_what_an_object_that_is_no_tensor_makes_of_a_call_is_recorded(call: str) -> None:
    recording = record(f"{_HOLDER}y = {call}\nz = torch.mul(y, 2)\nz.tensor.sum().backward()\n")
    assert [op.name for op in recording.ops] == ["ones", "add", "mul", "sum"]
    assert recording.ops[1].text == call
    assert all(node.op is not None or node.leaf is not None for node in recording.autograd_nodes)


def test_objects_that_are_no_tensors_are_asked_in_the_order_in_which_torch_asks_them() -> None:
    text = (
        "asked = []\n"
        "class Silent:\n    @classmethod\n    def __torch_function__(cls, *call):\n"
        "        asked.append(cls.__name__)\n        return NotImplemented\n"
        "class Finer(Silent):\n    pass\n"
        "class Taker(Silent):\n    @classmethod\n    def __torch_function__(cls, *call):\n"
        "        asked.append((cls.__name__, len(call[1])))\n        return 7\n"
        "got = torch.add(Silent(), Taker()), torch.stack([Silent(), Finer(), Taker()])\n"
    )
    plain, _ = run_plainly(text)
    recorded, _, traced = run_recorded(text)
    assert recorded["asked"] == plain["asked"] and recorded["got"] == plain["got"] == (7, 7)
    assert traced.ops == ()
    _, wanted = run_plainly(f"{text}torch.add(Silent(), 1)\n")
    _, raised, _ = run_recorded(f"{text}torch.add(Silent(), 1)\n")
    assert type(raised) is type(wanted) is TypeError and str(raised) == str(wanted)


@pytest.mark.parametrize(
    "call",
    [
        "F.embedding(i, w, None, 1.)",
        "F.embedding(i, w, max_norm=1.)",
        "F.embedding_bag(i, w, None, 1.)",
    ],
)
def test_rows_that_an_embedding_shortens_are_kept_as_they_were(call: str) -> None:
    text = "w = nn.Parameter(torch.full((2, 2), 3.))\ni = torch.tensor([[0]])\nold = w * 1\n"
    recording = record(f"{text}y = {call}\ny.sum().backward()\n")
    assert problems(recording.warnings) == ()
    versions = [array(recording, one.value) for one in recording.tensors if one.name == "w"]
    assert [round(float(one[0, 0]), 2) for one in versions if one is not None] == [3, 0.71]


def test_an_embedding_without_a_largest_norm_changes_nothing() -> None:
    recording = record(
        "w = nn.Parameter(torch.ones(2, 2))\ny = F.embedding(torch.tensor([0]), w)\n"
    )
    assert recording.ops[-1].kind is OpKind.CALL
    assert [one.version for one in recording.tensors if one.name == "w"] == [0]
