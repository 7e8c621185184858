from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from gradviz.gui.actions import ACTIONS
from gradviz.gui.graph_actions import FILTERS, MAX_CARDS, GraphActions
from gradviz.gui.qactions import build_actions
from gradviz.recording.items import op_item
from gradviz.recording.model import PassId
from gradviz.recording.scopes import scopes_of
from gradviz.recording.view_options import Arrangement, FoldStart, Heading, ViewMode
from tests.builders import make_chain_rule_recording
from tests.recording.scoped import make_block_recording

pytestmark = pytest.mark.gui


@pytest.fixture
def graph(qtbot, session) -> Iterator[GraphActions]:
    parent = QWidget()
    qtbot.addWidget(parent)
    graph = GraphActions(session, parent=parent)

    def nothing() -> None:
        pass

    handlers = {spec.id: graph.handlers.get(spec.id, nothing) for spec in ACTIONS}
    graph.attach(build_actions(parent, handlers))
    yield graph


def action(graph: GraphActions, name: str) -> QAction:
    return graph._actions[name]


def checked(graph: GraphActions) -> set[str]:
    return {name for name, one in graph._actions.items() if one.isChecked()}


def test_the_commands_change_what_is_drawn_and_are_ticked_so(graph, session) -> None:
    assert checked(graph) == {"show_forward", "layout_layered", "heading_down"}
    for name in ("show_both", "hide_constants", "hide_nodes", "layout_circular", "heading_right"):
        action(graph, name).trigger()
    options = session.view_options
    assert (options.mode, options.hide_constants, options.hide_nodes) == (ViewMode.BOTH, True, True)
    assert (options.arrangement, options.heading) == (Arrangement.CIRCULAR, Heading.RIGHT)
    assert checked(graph) == {
        "show_both", "hide_constants", "hide_nodes", "layout_circular", "heading_right"
    }  # fmt: skip


def test_a_chosen_mode_stays_ticked_when_it_is_chosen_again(graph) -> None:
    action(graph, "show_forward").trigger()
    assert "show_forward" in checked(graph)


def test_ticks_follow_what_others_choose(graph, session) -> None:
    session.change_view(mode=ViewMode.BACKWARD, hide_outside=True)
    assert checked(graph) == {"show_backward", "hide_outside", "layout_layered", "heading_down"}
    assert not action(graph, "hide_nodes").isEnabled(), "they are all that is drawn"


def test_everything_hidden_is_shown_again_by_one_command(graph, session) -> None:
    assert not action(graph, "show_hidden").isEnabled()
    for name in FILTERS:
        session.change_view(**{name: True})
    action(graph, "show_hidden").trigger()
    assert not any(getattr(session.view_options, name) for name in FILTERS)


def test_layouts_that_the_graph_cannot_bear_say_why(graph) -> None:
    kamada_kawai = action(graph, "layout_kamada_kawai")
    most = MAX_CARDS[Arrangement.KAMADA_KAWAI]
    graph.set_card_count(most + 1)
    assert not kamada_kawai.isEnabled()
    assert str(most + 1) in kamada_kawai.toolTip()
    assert action(graph, "layout_layered").isEnabled()
    graph.set_card_count(most)
    assert kamada_kawai.isEnabled()
    assert str(most + 1) not in kamada_kawai.toolTip()


def test_the_pass_is_chosen_by_the_command_and_by_others(graph, session) -> None:
    assert not action(graph, "this_pass").isEnabled()
    session.show_recording(make_chain_rule_recording())
    action(graph, "this_pass").trigger()
    assert session.view_options.pass_id == PassId(0)
    assert action(graph, "this_pass").isChecked()
    session.limit_to_pass(False)
    assert not action(graph, "this_pass").isChecked()


def test_scopes_are_folded_opened_and_revealed_by_command(graph, session) -> None:
    recording = make_block_recording()
    session.show_recording(recording)
    block = next(s for s in scopes_of(recording).scopes if s.name == "blocks.1")
    op = op_item(recording.ops[block.start].id)
    action(graph, "fold_all").trigger()
    assert session.view_options.folds.start is FoldStart.FOLDED
    assert session.folding().groups == ()
    session.select(op)
    action(graph, "reveal").trigger()
    assert session.folding().shown_as(op) == op
    action(graph, "fold_around").trigger()
    assert session.folding().shown_as(op) == session.selection
    folded = session.selection
    action(graph, "toggle_scope").trigger()
    assert session.folding().shown_as(op) == op and session.selection == folded
    action(graph, "toggle_scope").trigger()
    assert session.folding().shown_as(op) == folded
    action(graph, "open_all").trigger()
    assert session.folding().folds == {}
    action(graph, "fold_fitting").trigger()
    assert session.view_options.folds.start is FoldStart.FITTING
