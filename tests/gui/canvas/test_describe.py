from __future__ import annotations

import msgspec
import numpy as np
import pytest

from gradviz.gui.canvas.describe import describe, describe_edge
from gradviz.gui.canvas.edges import Edge
from gradviz.gui.languages import LanguageChoice, Languages
from gradviz.recording.compare import Comparison
from gradviz.recording.items import node_item, op_item, tensor_item
from gradviz.recording.model import Item, ItemKind, NodeId, OpId, Recording, TensorId
from gradviz.recording.replay import Carrier, Replay
from gradviz.recording.scopes import scopes_of
from tests.builders import make_chain_rule_recording, make_transfer_recording, make_value
from tests.recording.scoped import make_block_recording

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

X, P = tensor_item(TensorId(0)), tensor_item(TensorId(3))


@pytest.fixture
def chain() -> Recording:
    return make_chain_rule_recording()


def test_a_tensor_tells_shape_dtype_device_bytes_line_value_and_grad(chain: Recording) -> None:
    replay = Replay(chain)
    lines = describe(replay, X, 0).splitlines()
    assert lines == [
        "x",
        "leaf",
        "scalar · float32 · cpu · 4 bytes",
        "line 3",
        "value 1",
        ".grad None",
    ]
    assert describe(replay, X, replay.length).endswith(".grad 3")


def test_a_large_tensor_tells_its_statistics(chain: Recording) -> None:
    value = chain.tensors[0].value
    assert value is not None
    values = tuple(make_value(v.id, np.arange(100.0)) if v.id == value else v for v in chain.values)
    told = describe(Replay(msgspec.structs.replace(chain, values=values)), X, 0)
    assert "0 to 99 · mean 49.5 ± 28.87" in told


def test_ops_and_nodes_tell_their_times_and_where_they_are_written(chain: Recording) -> None:
    ops = (msgspec.structs.replace(chain.ops[0], seconds=0.002), *chain.ops[1:])
    nodes = list(chain.autograd_nodes)
    nodes[0] = msgspec.structs.replace(nodes[0], saved_nbytes=8)
    replay = Replay(msgspec.structs.replace(chain, ops=ops, autograd_nodes=tuple(nodes)))
    assert "took 2.00 ms" in describe(replay, op_item(0), 0).splitlines()
    told = describe(replay, node_item(NodeId(0)), 1).splitlines()
    assert "line 7" in told
    assert "keeps 8 bytes for backward" in told


def test_a_copy_between_devices_tells_where_from_and_to_how_much_and_how_fast() -> None:
    told = describe(Replay(make_transfer_recording("cpu", "cuda:0")), op_item(OpId(0)), 0)
    assert "cpu → cuda:0 · 4 bytes · took 2.00 ns · 2.00 GB/s" in told.splitlines()
    told = describe(Replay(make_transfer_recording("cpu", "meta")), op_item(OpId(0)), 0)
    # Nothing is copied to meta, so that there is no rate.
    assert "cpu → meta · 4 bytes · took 2.00 ns" in told.splitlines()


def test_an_edge_tells_its_tensor_and_whether_a_gradient_has_come(chain: Recording) -> None:
    replay = Replay(chain)
    edge = Edge(0, 1, TensorId(3), (Carrier(NodeId(0), 0, incoming=False),))
    before = describe_edge(replay, edge, 0).splitlines()
    assert before == ["p · scalar · float32 · cpu", "= 3", "no gradient has passed along it yet"]
    assert "Gradient of p" in describe_edge(replay, edge, replay.length)
    assert "carries no gradient" in describe_edge(replay, edge._replace(carriers=()), 0)


def test_in_a_what_if_run_a_value_tells_what_it_was(chain: Recording) -> None:
    changed = chain.tensors[3].value
    assert changed is not None
    values = tuple(make_value(v.id, 8.0) if v.id == changed else v for v in chain.values)
    after = msgspec.structs.replace(chain, values=values)
    comparison = Comparison(chain, after)
    told = describe(Replay(after), P, 0, comparison)
    assert "value 8 (was 3)" in told
    assert "was" not in describe(Replay(after), X, 0, comparison)


def test_a_scope_counts_its_ops_in_the_language_in_use() -> None:
    recording = make_block_recording(3)
    counts = {scope.stop - scope.start: scope.id for scope in scopes_of(recording).scopes}
    languages = Languages()
    languages.use(LanguageChoice.SPANISH)
    try:
        for count, number in counts.items():
            told = describe(Replay(recording), Item(ItemKind.SCOPE, number), 0).splitlines()
            assert ("1 operación" if count == 1 else f"{count} operaciones") in told
    finally:
        languages.remove()
