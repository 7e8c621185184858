"""The commands that decide what of the graph is drawn: they change the session, and mirror it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup

from gradviz.gui.graph_action_table import GRAPH_ACTIONS
from gradviz.gui.qactions import set_tooltip, translate
from gradviz.gui.session import Session
from gradviz.recording.model import ItemKind
from gradviz.recording.view_options import (
    Arrangement,
    FoldStart,
    Heading,
    ViewMode,
)

MODES: Final = {
    "show_forward": ViewMode.FORWARD,
    "show_backward": ViewMode.BACKWARD,
    "show_both": ViewMode.BOTH,
}
STARTS: Final = {
    "open_all": FoldStart.OPEN,
    "fold_all": FoldStart.FOLDED,
    "fold_fitting": FoldStart.FITTING,
}
ARRANGEMENTS: Final = {
    "layout_layered": Arrangement.LAYERED,
    "layout_spring": Arrangement.SPRING,
    "layout_kamada_kawai": Arrangement.KAMADA_KAWAI,
    "layout_circular": Arrangement.CIRCULAR,
    "layout_multipartite": Arrangement.MULTIPARTITE,
}
HEADINGS: Final = {"heading_down": Heading.DOWN, "heading_right": Heading.RIGHT}
FILTERS: Final = ("hide_constants", "hide_outside", "hide_nodes")
MAX_CARDS: Final = {
    Arrangement.SPRING: 1_000,
    Arrangement.KAMADA_KAWAI: 300,
    Arrangement.CIRCULAR: 500,
    Arrangement.MULTIPARTITE: 5_000,
}
"""For how many cards a layout is offered: `gradviz.layout.MAX_NODES`, which is imported late."""


class GraphActions(QObject):
    """The handlers of the graph's commands; their check marks follow the session.

    Attributes:
        handlers: what each command does, by its id.
    """

    def __init__(self, session: Session, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._actions: Mapping[str, QAction] = {}
        self._card_count = 0
        self.handlers: dict[str, Callable[[], object]] = {
            "this_pass": self._toggle_pass,
            "show_hidden": session.show_hidden,
            "toggle_scope": self._toggle_scope,
            "fold_around": self._fold_around,
            "reveal": self._reveal,
        }
        for chosen in (MODES, STARTS, ARRANGEMENTS, HEADINGS):
            for name in chosen:
                self.handlers[name] = partial(self._choose, name)
        for name in FILTERS:
            self.handlers[name] = partial(self._filter, name)

    def attach(self, actions: Mapping[str, QAction]) -> None:
        """Mirror the session in these actions from now on."""
        self._actions = actions
        for names in (MODES, ARRANGEMENTS, HEADINGS):
            group = QActionGroup(self)
            for name in names:
                group.addAction(actions[name])
        session = self._session
        session.view_options_changed.connect(self._mirror)
        session.recording_changed.connect(self._mirror)
        session.selection_changed.connect(self._mirror)
        self._mirror()

    def set_card_count(self, count: int) -> None:
        """Tell how many cards are drawn, which decides which layouts are offered."""
        self._card_count = count
        self.explain()

    def explain(self) -> None:
        """Enable the layouts that suit a graph of this size; the other tooltips say why not."""
        specs = {spec.id: spec for spec in GRAPH_ACTIONS}
        for name, arrangement in ARRANGEMENTS.items():
            most = MAX_CARDS.get(arrangement)
            action = self._actions[name]
            is_allowed = most is None or self._card_count <= most
            action.setEnabled(is_allowed)
            if is_allowed:
                set_tooltip(action, translate(specs[name].tooltip))
                continue
            reason = QCoreApplication.translate(
                "Actions",
                "{count} cards are drawn, but this layout takes at most {most}: fold some",
            )
            action.setToolTip(reason.format(count=self._card_count, most=most))

    def _choose(self, name: str) -> None:
        session = self._session
        if name in MODES:
            session.change_view(mode=MODES[name])
        elif name in STARTS:
            session.start_folds(STARTS[name])
        elif name in ARRANGEMENTS:
            session.change_view(arrangement=ARRANGEMENTS[name])
        else:
            session.change_view(heading=HEADINGS[name])
        self._mirror()

    def _filter(self, name: str) -> None:
        is_on = getattr(self._session.view_options, name)
        self._session.change_view(**{name: not is_on})

    def _toggle_pass(self) -> None:
        self._session.limit_to_pass(self._session.view_options.pass_id is None)
        self._mirror()

    def _toggle_scope(self) -> None:
        item = self._session.selection
        if item is None:
            return
        shown = self._session.folding().shown_as(item)
        if shown is None and item.kind is ItemKind.SCOPE:
            # It is open.
            shown = item
        if shown is not None and shown.kind is ItemKind.SCOPE:
            self._session.toggle_scope(shown)
        elif shown is not None:
            self._fold_around()

    def _fold_around(self) -> None:
        item = self._session.selection
        around = None if item is None else self._session.fold_around(item)
        if around is not None:
            self._session.select(around)

    def _reveal(self) -> None:
        if self._session.selection is not None:
            self._session.reveal(self._session.selection)

    def _mirror(self, *_changed: object) -> None:
        actions, session = self._actions, self._session
        options = session.view_options
        for name, mode in MODES.items():
            actions[name].setChecked(mode is options.mode)
        for name, arrangement in ARRANGEMENTS.items():
            actions[name].setChecked(arrangement is options.arrangement)
        for name, heading in HEADINGS.items():
            actions[name].setChecked(heading is options.heading)
        for name in FILTERS:
            actions[name].setChecked(getattr(options, name))
        actions["hide_nodes"].setEnabled(options.mode is ViewMode.BOTH)
        actions["show_hidden"].setEnabled(any(getattr(options, name) for name in FILTERS))
        actions["this_pass"].setChecked(options.pass_id is not None)
        actions["this_pass"].setEnabled(bool(session.recording.passes))
        for name in ("toggle_scope", "fold_around", "reveal"):
            actions[name].setEnabled(session.selection is not None)
