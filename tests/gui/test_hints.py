"""The hints of a first start: they point, they never block, and closed they stay away."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication

from gradviz.gui.docks import FINDINGS, INSPECTOR
from gradviz.gui.hints import HINTS, HintPlace
from gradviz.gui.settings import Settings
from gradviz.recording.model import Item, ItemKind, Recording
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui


@pytest.fixture
def full_window(make_window, engine):
    window = make_window(start=True)
    engine.become_ready()
    return window


def place(window) -> HintPlace | None:
    return None if window.hints.number is None else HINTS[window.hints.number].place


def test_the_first_hint_comes_with_the_first_graph_and_leaves_the_keyboard_alone(
    qtbot, full_window
) -> None:
    full_window.hints.offer()
    assert full_window.hints.isHidden()
    full_window.editor.setFocus()
    full_window.session.show_recording(make_chain_rule_recording())
    assert place(full_window) is HintPlace.CODE
    qtbot.waitUntil(full_window.hints.isVisible)
    assert full_window.focusWidget() is full_window.editor


def test_who_does_what_a_hint_tells_is_shown_the_next_one(full_window) -> None:
    full_window.session.show_recording(make_chain_rule_recording())
    full_window.hints.begin()
    full_window.session.show_recording(Recording())
    assert place(full_window) is HintPlace.CODE
    full_window.session.show_recording(make_chain_rule_recording())
    assert place(full_window) is HintPlace.STEPS
    full_window.actions_by_id["step_over"].trigger()
    assert place(full_window) is HintPlace.GRAPH
    full_window.docks[FINDINGS].raise_()
    full_window.session.select(Item(ItemKind.TENSOR, 0))
    assert place(full_window) is HintPlace.RULE
    assert not full_window.docks[INSPECTOR].visibleRegion().isEmpty()
    full_window.hints.later.click()
    assert place(full_window) is None
    assert full_window.hints.isHidden()


def test_without_a_step_there_is_no_hint_about_stepping(full_window) -> None:
    full_window.session.show_recording(
        msgspec.structs.replace(make_chain_rule_recording(), passes=())
    )
    full_window.hints.begin()
    full_window.hints.go_on()
    assert place(full_window) is HintPlace.GRAPH


def test_the_card_stays_over_its_place_when_another_panel_comes_to_the_front(
    qtbot, full_window
) -> None:
    window, card = full_window, full_window.hints
    window.session.show_recording(make_chain_rule_recording())
    card.begin()
    card.go_on()
    qtbot.waitUntil(card.isVisible)

    def is_in_front() -> bool:
        seen = window.childAt(card.geometry().center())
        return seen is card or card.isAncestorOf(seen)

    for name in (FINDINGS, INSPECTOR):
        window.docks[name].raise_()
        qtbot.waitUntil(lambda name=name: not window.docks[name].visibleRegion().isEmpty())
        QApplication.processEvents()
        qtbot.waitUntil(is_in_front)


def test_closed_hints_do_not_come_again_but_from_the_help_menu(full_window) -> None:
    full_window.session.show_recording(make_chain_rule_recording())
    full_window.hints.offer()
    full_window.hints.close_button.click()
    assert Settings().are_hints_over
    full_window.hints.offer()
    assert place(full_window) is None
    full_window.actions_by_id["hints"].trigger()
    assert place(full_window) is HintPlace.CODE


def test_who_clicks_the_hints_away_goes_on_typing(qtbot, full_window) -> None:
    full_window.session.show_recording(make_chain_rule_recording())
    full_window.editor.setFocus()
    full_window.hints.begin()
    qtbot.waitUntil(full_window.hints.isVisible)
    for button in (full_window.hints.later, full_window.hints.close_button):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert full_window.focusWidget() is full_window.editor


def test_from_the_menu_the_keyboard_is_in_the_card_and_goes_back_with_escape(
    qtbot, full_window
) -> None:
    full_window.session.show_recording(make_chain_rule_recording())
    full_window.editor.setFocus()
    full_window.actions_by_id["hints"].trigger()
    assert full_window.focusWidget() is full_window.hints.later
    qtbot.keyClick(full_window.hints.later, Qt.Key.Key_Space)
    assert place(full_window) is HintPlace.STEPS
    qtbot.keyClick(full_window.hints.later, Qt.Key.Key_Escape)
    assert place(full_window) is None
    assert full_window.focusWidget() is full_window.editor


def test_without_a_graph_there_is_no_hint_about_it(full_window) -> None:
    full_window.hints.begin()
    full_window.hints.go_on()
    assert place(full_window) is HintPlace.RULE


@pytest.mark.parametrize("size", [(1000, 700), (1600, 900)])
def test_every_card_is_within_the_window_beside_or_over_its_place(qtbot, full_window, size) -> None:
    full_window.session.show_recording(make_chain_rule_recording())
    full_window.resize(*size)
    full_window.hints.begin()
    for _ in HINTS:
        qtbot.waitUntil(lambda: full_window.rect().contains(full_window.hints.geometry()))
        qtbot.waitUntil(lambda: touches_its_place(full_window))
        full_window.hints.go_on()


def touches_its_place(window) -> bool:
    card = window.hints
    widget = window._place_of_hint(place(window))
    around = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).adjusted(-20, -20, 20, 20)
    return card.isVisible() and around.intersects(card.geometry())
