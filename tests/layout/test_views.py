from __future__ import annotations

import pytest

from gradviz.layout import Layout, layered_layout, paired_layout
from gradviz.recording.model import Item, NodeId, Recording, TensorId
from gradviz.recording.view import (
    ViewMode,
    ViewOptions,
    build_view,
    node_item,
    op_item,
    tensor_item,
)
from tests.builders import make_chain_rule_recording
from tests.layout.geometry import crossings, defects


def partners(recording: Recording) -> dict[Item, Item]:
    result = {}
    for node in recording.autograd_nodes:
        if node.op is not None:
            result[node_item(node.id)] = op_item(node.op)
        elif node.leaf is not None:
            result[node_item(node.id)] = tensor_item(node.leaf)
    return result


@pytest.mark.parametrize("mode", [ViewMode.FORWARD, ViewMode.BACKWARD])
def test_the_views_of_the_chain_rule_are_drawn_without_crossings(mode: ViewMode) -> None:
    view = build_view(make_chain_rule_recording(), ViewOptions(mode=mode))
    layout = layered_layout(view)
    assert len(view) >= 7
    assert defects(view, layout) == {}
    assert crossings(layout) == 0


def test_both_halves_of_the_chain_rule_are_drawn_beside_each_other() -> None:
    recording = make_chain_rule_recording()
    view = build_view(recording, ViewOptions(mode=ViewMode.BOTH))
    layout: Layout[Item] = paired_layout(view, partners(recording))
    assert defects(view, layout) == {}
    for node, owner in partners(recording).items():
        assert layout.positions[node][1] == layout.positions[owner][1]
        assert layout.positions[node][0] > layout.positions[owner][0]
    assert layout.positions[tensor_item(TensorId(0))][1] == 20.0
    assert node_item(NodeId(0)) in layout.positions
