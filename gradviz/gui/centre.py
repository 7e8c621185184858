"""The centre of the window: the graph with its bars, or the start page while there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from gradviz.gui.banner import Banner
from gradviz.gui.graph_actions import MAX_CARDS
from gradviz.gui.library import StartPage
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance
from gradviz.gui.timers import single_shot
from gradviz.gui.view_bar import ViewBar
from gradviz.recording.model import RunStatus

if TYPE_CHECKING:
    from gradviz.gui.canvas.canvas import Canvas
    from gradviz.gui.timeline import Timeline

CANVAS_COMMANDS: Final = (
    "zoom_to_selection",
    "actual_size",
    "show_ancestors",
    "show_descendants",
    "clear_focus",
)
# A run of an example that was just opened takes less; the start page must not flash up before it.
_START_PAGE_DELAY_MS: Final = 400


class Centre(Retranslated, QStackedWidget):
    """Shows the graph of the session's recording, or the start page if it has none.

    Attributes:
        start_page: shown where there is no graph.
        graph: view bar, canvas and timeline.
        canvas: the graph itself, None until the panels are built.
        timeline: steps through it, None until the panels are built.

    Signals:
        card_moved: a card was moved by hand (its item, its offsets before and after).
        layout_reset: all cards should stand where the layout puts them (a list of the moved items
            and their offsets).
        cards_counted: another picture is drawn, of so many cards (int).
        reported: something to know about the picture (str).
    """

    card_moved = Signal(object, object, object)
    layout_reset = Signal(object)
    cards_counted = Signal(int)
    reported = Signal(str)

    def __init__(
        self, session: Session, appearance: Appearance, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._graph_is_old = False
        self._expects_graph = self._is_running = False
        self._placing = (session.view_options.heading, session.view_options.arrangement, False)
        self.canvas: Canvas | None = None
        self.timeline: Timeline | None = None
        self.start_page = StartPage(appearance)
        self.view_bar = ViewBar(session, appearance)
        self.view_bar.fit_requested.connect(self.fit)
        self.banner = Banner(appearance)
        self.hidden_banner = Banner(appearance)
        self.hidden_banner.button_clicked.connect(session.show_hidden)
        self._canvas_place = QVBoxLayout()
        # Keeps the bars above and below where they will be, until the canvas is built.
        self._empty_canvas = QWidget()
        self._canvas_place.addWidget(self._empty_canvas)
        self._timeline_place = QVBoxLayout()
        self.graph = QWidget()
        column = QVBoxLayout(self.graph)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view_bar)
        column.addWidget(self.banner)
        column.addWidget(self.hidden_banner)
        self._top_place = QVBoxLayout()
        column.addLayout(self._top_place)
        column.addLayout(self._canvas_place, 1)
        self._question_place = QVBoxLayout()
        column.addLayout(self._question_place)
        column.addLayout(self._timeline_place)
        self.addWidget(self.start_page)
        self.addWidget(self.graph)
        self._emptied = single_shot(self, self._show_start_page, _START_PAGE_DELAY_MS)
        session.recording_changed.connect(self._on_recording_changed)
        self._retranslate()

    def _retranslate(self) -> None:
        if self._expects_graph:
            text = self.tr("The graph appears in a moment")
            self.start_page.set_headline(text, is_waiting=True)
        elif self._is_running:
            text = self.tr("The graph appears when the run ends")
            self.start_page.set_headline(text, is_waiting=True)
        elif self._session.recording.status is not RunStatus.OK:
            self.start_page.set_headline(self.tr("The run ended before it made a tensor"))
        elif self._session.recording.text:
            self.start_page.set_headline(self.tr("This run made no tensors"))
        else:
            self.start_page.set_headline(self.tr("No graph yet"))
        self.set_graph_is_old(self._graph_is_old)
        self._say_hidden()

    def expect_graph(self, expects: bool) -> None:
        """Say, or say no more, that a graph comes by itself once the engine has started."""
        self._expects_graph = expects
        self._retranslate()

    def set_running(self, is_running: bool) -> None:
        """Say, or say no more, that a run goes on whose graph is still to come."""
        if is_running != self._is_running:
            self._is_running = is_running
            self._retranslate()

    def set_canvas(self, canvas: Canvas) -> None:
        """Put the canvas in its place."""
        self.canvas = canvas
        canvas.scope_toggled.connect(self._session.toggle_scope)
        canvas.scene_shown.connect(self._say_hidden)
        canvas.scene_shown.connect(self._on_scene_shown)
        canvas.card_moved.connect(self.card_moved)
        canvas.fitted_across.connect(self._on_fitted_across)
        self._put_in_canvas_place(canvas)

    def _say_hidden(self) -> None:
        scene = None if self.canvas is None else self.canvas.scene
        hidden = 0 if scene is None or scene.folding is None else scene.folding.hidden
        if hidden:
            said = self.tr("%Ln items are hidden by filters.", "", hidden)
            self.hidden_banner.say(said, self.tr("Show"))
        else:
            self.hidden_banner.hide()

    def _on_scene_shown(self) -> None:
        scene = None if self.canvas is None else self.canvas.scene
        count = 0 if scene is None else len(scene.cards)
        self.cards_counted.emit(count)
        options = self._session.view_options
        most = MAX_CARDS.get(options.arrangement, count)
        placing = (options.heading, options.arrangement, count > most)
        if placing != self._placing and self.canvas is not None:
            # Nothing is where it was, so there is nothing to keep in place.
            self._placing = placing
            if scene is not None and scene.bends is not None:
                self.canvas.open_at(self.canvas.focus_box())
            else:
                self.canvas.fit()
            if count > most:
                said = self.tr("Drawn in layers: the chosen layout takes at most {most} cards.")
                self.reported.emit(said.format(most=most))

    def set_timeline(self, timeline: Timeline) -> None:
        """Put the timeline in its place."""
        self.timeline = timeline
        self._timeline_place.addWidget(timeline)

    def add_above(self, strip: QWidget) -> None:
        """Put a strip over the graph."""
        self._top_place.addWidget(strip)

    def add_below(self, strip: QWidget) -> None:
        """Put a strip between graph and timeline."""
        self._question_place.addWidget(strip)

    def stand_in_for_canvas(self, widget: QWidget) -> None:
        """Put something else where the canvas would be."""
        self._put_in_canvas_place(widget)

    def _put_in_canvas_place(self, widget: QWidget) -> None:
        self._empty_canvas.hide()
        self._canvas_place.addWidget(widget)

    def stand_in_for_timeline(self, widget: QWidget) -> None:
        """Put something else where the timeline would be."""
        self._timeline_place.addWidget(widget)

    def set_graph_is_old(self, is_old: bool) -> None:
        """Say, or say no more, that the graph is that of an earlier run."""
        self._graph_is_old = is_old
        if is_old:
            self.banner.say(self.tr("This graph is from the run before; the last run left none."))
        else:
            self.banner.hide()

    def fit(self) -> None:
        """Show the whole graph, or of one that is too long for that its whole breadth."""
        if self.canvas is not None:
            self.canvas.fit_or_span()

    def _on_fitted_across(self) -> None:
        self.reported.emit(
            self.tr("The whole graph would be a thin line: it is shown at its full width.")
        )

    def do_on_canvas(self, command: str) -> None:
        """Carry out a command about the graph, one of `CANVAS_COMMANDS`."""
        canvas = self.canvas
        if canvas is None:
            return
        match command:
            case "zoom_to_selection":
                canvas.zoom_to_selection()
            case "actual_size":
                canvas.zoom_to_actual_size()
            case "show_ancestors":
                canvas.show_ancestors()
            case "show_descendants":
                canvas.show_descendants()
            case "clear_focus":
                canvas.clear_focus()

    def reset_layout(self) -> None:
        """Put every card back where the layout places it."""
        canvas = self.canvas
        if canvas is None or canvas.scene is None:
            return
        offsets = [(item, canvas.offset_of(item)) for item in canvas.scene.items]
        moved = [(item, offset) for item, offset in offsets if offset is not None]
        if moved:
            self.layout_reset.emit(moved)

    def do_step(self, command: str) -> None:
        """Carry out a command of the Step menu."""
        if self.timeline is not None:
            self.timeline.do(command)

    def _on_recording_changed(self) -> None:
        self._expects_graph = False
        if self._session.recording.has_graph:
            self._emptied.stop()
            self.setCurrentWidget(self.graph)
        elif self.currentWidget() is self.graph:
            self._emptied.start()
        self._retranslate()

    def _show_start_page(self) -> None:
        self.setCurrentWidget(self.start_page)
