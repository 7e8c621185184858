from __future__ import annotations

from gradviz.recording.graph import to_networkx
from gradviz.recording.model import Item, ItemKind
from gradviz.recording.plain import plain_node, plain_op, plain_tensor
from tests.builders import make_chain_rule_recording


def test_nodes_carry_the_attributes_of_the_report() -> None:
    recording = make_chain_rule_recording()
    graph = to_networkx(recording)
    for tensor in recording.tensors:
        expected = {"kind": "tensor", **plain_tensor(recording, tensor)}
        assert graph.nodes[Item(ItemKind.TENSOR, tensor.id)] == expected
    for op in recording.ops:
        assert graph.nodes[Item(ItemKind.OP, op.id)] == {"kind": "op", **plain_op(op)}
    for node in recording.autograd_nodes:
        expected = {"kind": "autograd_node", **plain_node(node)}
        assert graph.nodes[Item(ItemKind.NODE, node.id)] == expected
    assert graph.number_of_nodes() == 12
    assert graph.graph["passes"][0]["leaf_grads"] == {"x": 3.0, "y": 3.0, "z": 3.0}


def test_edges_say_what_they_are() -> None:
    graph = to_networkx(make_chain_rule_recording())
    edges = {
        (source.kind.value, source.id, target.kind.value, target.id): attributes
        for source, target, attributes in graph.edges(data=True)
    }
    assert edges["tensor", 2, "op", 1] == {"kind": "input", "slot": 1}
    assert edges["op", 1, "tensor", 4] == {"kind": "output", "slot": 0}
    assert edges["op", 1, "node", 0] == {"kind": "autograd"}
    assert edges["node", 0, "node", 4] == {"kind": "next", "slot": 1, "input_nr": 0}
    assert edges["node", 4, "tensor", 2] == {"kind": "leaf"}
    assert len(edges) == graph.number_of_edges() == 15
