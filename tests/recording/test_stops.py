"""Where breakpoints are hit, in this run and in the next one."""

from __future__ import annotations

import math

import msgspec
import pytest

from gradviz.recording.breakpoints import (
    Breakpoint,
    Condition,
    Place,
    breakpoint_on,
    line_breakpoint,
)
from gradviz.recording.model import Item, NodeId, Recording, TensorId
from gradviz.recording.moves import Steps
from gradviz.recording.step_facts import StepFacts
from gradviz.recording.stops import Stops
from gradviz.recording.view import node_item, op_item, tensor_item
from tests.builders import make_chain_rule_recording
from tests.recording.test_view import LOOP, record
from tests.recording.walks import MODEL_WALK, make_walk

CHAIN = make_chain_rule_recording()


def stops_of(recording: Recording) -> Stops:
    return Stops(recording, Steps(recording), StepFacts(recording))


def hits(recording: Recording, point: Breakpoint) -> list[int]:
    return stops_of(recording).hits(point).tolist()


@pytest.mark.parametrize(
    ("line", "playheads"), [(7, [1]), (6, [3]), (3, [4]), (5, [2]), (1, []), (99, [])]
)
def test_a_line_is_hit_where_its_op_or_its_leaf_is_executed(
    line: int, playheads: list[int]
) -> None:
    assert hits(CHAIN, line_breakpoint(line)) == playheads


@pytest.mark.parametrize(
    ("item", "playheads"),
    [
        (op_item(1), [1]),
        (node_item(NodeId(1)), [3]),
        (node_item(NodeId(4)), [2]),  # the AccumulateGrad of z
        (tensor_item(TensorId(0)), [4]),
        (tensor_item(TensorId(3)), [3]),  # p: where its gradient is complete
    ],
)
def test_a_breakpoint_on_an_item_is_hit_where_that_is_executed(
    item: Item, playheads: list[int]
) -> None:
    assert hits(CHAIN, breakpoint_on(CHAIN, item)) == playheads


def test_a_line_that_calls_backward_is_hit_where_each_of_its_passes_begins() -> None:
    recording = record(
        "import torch\n"
        "w = torch.tensor(2., requires_grad=True)\n"
        "(w * 5).backward()\n"
        "for _ in range(2):\n"
        "    loss = w * w\n"
        "    loss.backward()\n"
    )
    lengths = [len(pass_.steps) for pass_ in recording.passes]
    assert len(lengths) == 3
    assert hits(recording, line_breakpoint(6)) == [lengths[0] + 1, lengths[0] + lengths[1] + 1]
    assert hits(recording, line_breakpoint(3)) == [1], "its op and its pass begin together"
    accumulates = Breakpoint(on=Place.LINE, line=6, when=Condition.ACCUMULATES)
    assert hits(recording, accumulates) == [], "no step is of this line"


TWICE = """\
import torch
x = torch.tensor(2., requires_grad=True)
y = x * x + x * x
y.backward()
"""


def test_alike_ops_on_a_line_are_told_apart_also_in_another_run() -> None:
    first = record(TWICE)
    muls = [op.id for op in first.ops if op.name == "mul"]
    points = [breakpoint_on(first, op_item(op)) for op in muls]
    assert points[0] != points[1]
    again = record(TWICE.replace("2.", "5."))
    found = [hits(again, point) for point in points]
    assert [len(one) for one in found] == [1, 1]
    assert found[0] != found[1]


def test_a_breakpoint_follows_its_line() -> None:
    first = record(TWICE)
    mul = next(op for op in first.ops if op.name == "mul")
    point = breakpoint_on(first, op_item(mul.id))
    assert point.line == 3
    assert len(hits(first, point)) == 1
    moved = record("# why\n" + TWICE)
    assert hits(moved, point) == []
    assert hits(moved, msgspec.structs.replace(point, line=4)) == hits(first, point)


def test_in_a_loop_every_execution_is_hit() -> None:
    loop = record(LOOP)
    mul = next(op for op in loop.ops if op.name == "mul")
    assert len(hits(loop, breakpoint_on(loop, op_item(mul.id)))) == 3
    assert len(hits(loop, line_breakpoint(7))) == 3
    w = next(t for t in loop.tensors if t.name == "w")
    assert len(hits(loop, breakpoint_on(loop, tensor_item(w.id)))) == 3


def test_what_two_passes_execute_is_hit_in_each() -> None:
    walk = make_walk(("a:mul", "b:add", "x"), ("a:mul", "b:add", "x"))
    assert hits(walk, breakpoint_on(walk, op_item(0))) == [1, 4]
    assert hits(walk, Breakpoint(on=Place.MODULE, scope="b")) == [2, 5]


def test_what_lasts_for_several_steps_is_hit_where_it_begins() -> None:
    walk = make_walk(MODEL_WALK)
    assert hits(walk, Breakpoint(on=Place.MODULE, scope="mlp")) == [1]
    assert hits(walk, Breakpoint(on=Place.MODULE, scope="mlp.fc1")) == [5]
    assert hits(walk, Breakpoint(on=Place.MODULE, scope="mlp.fc")) == []
    assert hits(walk, breakpoint_on(walk, op_item(0))) == [1]  # not again after its leaf


EXECUTIONS = {
    "a loop whose steps follow on each other": (
        "for _ in range(3):\n    x = torch.tanh(x @ w)\n",
        3,
    ),
    "one op in a loop": ("for _ in range(3):\n    x = x * 2\n", 3),
    "modules of a list": ("for m in parts:\n    x = m(x)\n", 2),
    "a module that is called again": ("for _ in range(3):\n    x = net(x)\n", 3),
    "a module of several": ("pass\nx = deep(x)\n", 1),
    "a module with many ops": ("pass\nx = heads(x, x, x)[0]\n", 1),
    "alike ops side by side": ("pass\nx = x * x + x * x\n", 1),
}


@pytest.mark.parametrize("what", EXECUTIONS)
def test_a_line_is_hit_once_for_each_execution(what: str) -> None:
    body, times = EXECUTIONS[what]
    text = (
        "import torch\nfrom torch import nn\nw = torch.ones(2, 2, requires_grad=True)\n"
        "net, heads = nn.Linear(2, 2), nn.MultiheadAttention(2, 1)\n"
        "parts = [net, nn.Linear(2, 2)]\ndeep = nn.Sequential(*parts, nn.Tanh())\n"
        "x = torch.ones(2, 2) * w\n"
    )
    recording = record(text + body + "x.sum().backward()\n")
    assert len(hits(recording, line_breakpoint(9))) == times


def test_a_line_in_a_module_is_hit_once_for_each_module_that_runs_it() -> None:
    recording = record(
        "import torch\nclass Block(torch.nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.lin = torch.nn.Linear(2, 2)\n"
        "        self.norm = torch.nn.LayerNorm(2)\n    def forward(self, x):\n"
        "        return x + torch.relu(self.norm(self.lin(x)))\n"
        "net = torch.nn.Sequential(Block(), Block())\nnet(torch.ones(1, 2)).sum().backward()\n"
    )
    adds = [
        step
        for step in recording.passes[0].steps
        if recording.autograd_nodes[step.autograd_node].name == "AddBackward0"
    ]
    assert hits(recording, line_breakpoint(8)) == [step.index + 1 for step in adds]


def test_an_op_and_a_module_are_hit_at_each_execution_though_nothing_is_between() -> None:
    recording = record(
        "import torch\nblock = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh())\n"
        "x = torch.ones(2, requires_grad=True)\nfor _ in range(3):\n    x = x * 2\n"
        "for _ in range(2):\n    x = block(x)\nx.sum().backward()\n"
    )
    mul = next(op for op in recording.ops if op.name == "mul")
    assert len(hits(recording, breakpoint_on(recording, op_item(mul.id)))) == 3
    for scope in ("block", "block.0"):
        assert len(hits(recording, Breakpoint(on=Place.MODULE, scope=scope))) == 2


CONDITIONS = make_walk(
    (":a", ":b", ":c", "w", ":d"), gradients=(1.0, math.nan, math.inf, [0.0, 0.0, 3.0, 4.0], 1e-9)
)


@pytest.mark.parametrize(
    ("when", "threshold", "playheads"),
    [
        (Condition.NOT_FINITE, 0.0, [2]),
        (Condition.NORM_ABOVE, 4.0, [4]),
        (Condition.NORM_BELOW, 1e-6, [5]),  # what is NaN or Inf has no norm
        (Condition.ZEROS_ABOVE, 0.4, [4]),
        (Condition.ZEROS_ABOVE, 0.5, []),
        (Condition.ACCUMULATES, 0.0, [4]),
        (Condition.ALWAYS, 0.0, [1, 2, 3, 4, 5]),
    ],
)
def test_a_condition_is_hit_anywhere_it_begins_to_hold(
    when: Condition, threshold: float, playheads: list[int]
) -> None:
    assert hits(CONDITIONS, Breakpoint(when=when, threshold=threshold)) == playheads


def test_a_condition_on_a_place_is_hit_only_there() -> None:
    point = Breakpoint(on=Place.TENSOR, name="w", when=Condition.NORM_ABOVE, threshold=1.0)
    assert hits(CONDITIONS, point) == [4]
    assert hits(CONDITIONS, msgspec.structs.replace(point, name="v")) == []


def test_hits_are_counted_and_the_first_ones_passed_over() -> None:
    stops = stops_of(record(LOOP))
    point = line_breakpoint(7)
    all_hits = stops.hits(point).tolist()
    third = msgspec.structs.replace(point, hits=3)
    assert stops.hits(third).tolist() == all_hits
    assert stops.stops((third,)).tolist() == all_hits[2:]
    off = msgspec.structs.replace(point, enabled=False)
    assert stops.stops((off,)).tolist() == []
    assert stops.stops((off, third, point)).tolist() == all_hits
    assert stops.stops(()).tolist() == []


def test_a_recording_without_steps_is_never_hit() -> None:
    assert hits(Recording(), line_breakpoint(1)) == []
    for place in Place:
        assert hits(Recording(), Breakpoint(on=place, line=1, text="x")) == []
