"""An address that another object takes does not carry on what was known of the first."""

from __future__ import annotations

import torch
from torch import nn

from gradviz.tracer import Tracer
from tests.tracer.helpers import record, recording_of

UNSEEN = "change = threading.Thread(target=lambda: y.add_(5))\nchange.start()\nchange.join()\n"


def test_an_unseen_change_is_not_told_of_the_op_that_changed_a_tensor_now_gone() -> None:
    recording = record(
        "import threading\n"
        "gone = [torch.zeros(3) for _ in range(200)]\n"
        "for one in gone:\n    one.add_(1)\n"
        "were = {id(one) for one in gone}\ndel one, gone\n"
        "many = [torch.ones(3) for _ in range(200)]\n"
        "y = next(one for one in many if id(one) in were)\n"
        f"{UNSEEN}w = y * 3\n"
    )
    (used,) = recording.ops[-1].inputs
    changed = recording.tensors[used]
    assert changed.name == "y" and changed.version == 1
    assert changed.op is None
    assert {len(op.outputs) for op in recording.ops} == {1}


def test_an_unseen_change_is_not_told_of_the_op_that_changed_the_tensor_before() -> None:
    recording = record(
        f"import threading\ny = torch.ones(3)\nv = y[:2]\ny.add_(1)\n{UNSEEN}w = y * 3\nu = v * 3\n"
    )
    ops = {op.text: op for op in recording.ops}
    assert len(ops["y.add_(1)"].outputs) == 1
    for text in ("y * 3", "v * 3"):
        (used,) = ops[text].inputs
        assert recording.tensors[used].op is None


def test_a_change_of_what_a_view_looks_at_is_told_of_the_op_that_made_it() -> None:
    recording = record("y = torch.ones(3)\nv = y[:2]\ny.add_(1)\nw = v * 3\n")
    add, mul = recording.ops[-2:]
    assert recording.tensors[mul.inputs[0]].op == add.id


def test_a_module_that_takes_the_address_of_one_now_gone_has_its_parameters_named() -> None:
    tracer = Tracer()
    with tracer:
        for _ in range(1000):
            m = nn.ParameterList()
            tracer.bind({"m": m})
            address = id(m)
            del m
            m = nn.ParameterList()
            if id(m) == address:
                break
        assert id(m) == address
        m.append(torch.ones(2))
        m[0].sum()
        tracer.bind({"m": m})
    leaves = [one for one in recording_of(tracer.finish()).tensors if one.requires_grad]
    assert leaves[0].name == "m.0"
