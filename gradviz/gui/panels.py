"""The parts of the window that need numpy and networkx, made after the first paint."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal
from PySide6.QtWidgets import QWidget

from gradviz.gui.centre import Centre
from gradviz.gui.docks import BREAKPOINTS, DEVICES, FINDINGS, INSPECTOR, Docks
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.engine import Engine
from gradviz.gui.labels import PlainLabel
from gradviz.gui.overrides import keep_errors_whole
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.run_control import RunControl
from gradviz.gui.session import Session
from gradviz.gui.source_link import SourceLink
from gradviz.gui.style import Appearance
from gradviz.gui.threads import make_room_for_classes

if TYPE_CHECKING:
    from gradviz.gui.baseline.bar import BaselineBar
    from gradviz.gui.baseline.baseline import Baseline
    from gradviz.gui.canvas_menu import CanvasMenu
    from gradviz.gui.debugger import Debugger
    from gradviz.gui.findings import FindingsPanel
    from gradviz.gui.overlaying import Overlays
    from gradviz.gui.predict.bar import PredictBar
    from gradviz.gui.predict.quiz import Quiz
    from gradviz.gui.search.bar import SearchBar
    from gradviz.gui.what_if.bar import WhatIfBar
    from gradviz.gui.what_if.what_if import WhatIf
    from gradviz.recording.overlays import Overlay

_log = logging.getLogger(__name__)

_HEAVY: Final = (
    "gradviz.gui.editor.highlighter",
    "gradviz.gui.canvas.canvas",
    "gradviz.gui.timeline",
    "gradviz.gui.breakpoints",
    "gradviz.gui.canvas_menu",
    "gradviz.gui.inspector",
    "gradviz.gui.findings",
    "gradviz.gui.search.bar",
    "gradviz.gui.overlaying",
    "gradviz.gui.what_if.bar",
    "gradviz.gui.baseline.bar",
    "gradviz.gui.predict.bar",
    "gradviz.gui.devices.panel",
)


class Panels(QObject):
    """Builds canvas, timeline, inspector, findings and devices without blocking the window.

    The modules are imported on a thread; the widgets are built on the window's own, one at a time.
    In the place of one that cannot be built stands a sentence; the others do not suffer from it.

    Attributes:
        are_built: whether all of them are there.
        debugger: moves through the steps, None until that is built.

    Signals:
        built: all of them are there.
        counted: how much a panel has to show that its tab should tell: the dock's name, a number.
        overlay_chosen: the graph is coloured by something else (an `Overlay`'s value).
        refused: why what was asked for was not done (str).
    """

    built = Signal()
    counted = Signal(str, int)
    overlay_chosen = Signal(str)
    refused = Signal(str)

    def __init__(
        self,
        session: Session,
        engine: Engine,
        appearance: Appearance,
        *,
        editor: CodeEditor,
        source_link: SourceLink,
        centre: Centre,
        docks: Docks,
        run_control: RunControl,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._engine = engine
        self._appearance = appearance
        self._editor = editor
        self._source_link = source_link
        self._centre = centre
        self._docks = docks
        self._run_control = run_control
        self._to_build: list[_Part] = []
        self._importer = _Importer(self)
        self._importer.finished.connect(self._on_imported)
        self._is_cancelled = False
        self.are_built = False
        self.canvas_menu: CanvasMenu | None = None
        self.debugger: Debugger | None = None
        self._shows_norms = False
        self._had_focus: QWidget | None = None
        self.what_if_bar: WhatIfBar | None = None
        self._findings: FindingsPanel | None = None
        self.predict_bar: PredictBar | None = None
        self.quiz: Quiz | None = None
        self.search_bar: SearchBar | None = None
        self.overlays: Overlays | None = None
        self._what_if: WhatIf | None = None
        self.baseline_bar: BaselineBar | None = None
        self._baseline: Baseline | None = None

    def start(self) -> None:
        """Begin to import."""
        make_room_for_classes()
        self._importer.start()

    def cancel(self) -> None:
        """Build nothing more; returns when nothing is being imported."""
        self._is_cancelled = True
        self._to_build.clear()
        self._importer.wait()

    def _on_imported(self) -> None:
        if self._is_cancelled:
            return
        keep_errors_whole()
        self._to_build = [
            _Part(self._colour_text),
            _Part(self._build_canvas, self._centre.stand_in_for_canvas),
            _Part(self._build_timeline, self._centre.stand_in_for_timeline),
            _Part(self._build_inspector, self._docks[INSPECTOR].setWidget),
            _Part(self._build_findings, self._docks[FINDINGS].setWidget),
            _Part(self._build_breakpoints, self._docks[BREAKPOINTS].setWidget),
            _Part(self._build_search),
            _Part(self._build_overlays),
            _Part(self._build_what_if),
            _Part(self._build_baseline),
            _Part(self._build_predict),
            _Part(self._build_devices, self._docks[DEVICES].setWidget),
        ]
        self._build_next()

    def _build_next(self) -> None:
        if not self._to_build:
            if not self._is_cancelled:
                self._finish()
            return
        part = self._to_build.pop(0)
        try:
            part.build()
        except Exception as error:  # One broken panel must not take the others with it.
            _log.exception("%s failed", part.build.__name__)
            if part.stand_in is not None:
                part.stand_in(_Problem(error))
        # The window answers before the next one.
        QTimer.singleShot(0, self._build_next)

    def _colour_text(self) -> None:
        from gradviz.gui.editor.highlighter import PythonHighlighter

        self._highlighter = PythonHighlighter(self._editor.document(), self._appearance.theme)
        self._appearance.theme_changed.connect(self._highlighter.set_theme)

    def _build_canvas(self) -> None:
        from gradviz.gui.canvas.canvas import Canvas

        canvas = Canvas(self._session, self._appearance)
        canvas.node_activated.connect(self._source_link.go_to)
        self._centre.set_canvas(canvas)

    def _build_timeline(self) -> None:
        from gradviz.gui.canvas_menu import CanvasMenu
        from gradviz.gui.debugger import Debugger
        from gradviz.gui.timeline import Timeline

        link = self._source_link
        self.debugger = debugger = Debugger(self._session, parent=self)
        debugger.facts_known.connect(self._on_facts_known)
        debugger.follow_text(link.recorded_line, link.written_line)
        link.lines_matched.connect(debugger.stops_changed)
        timeline = Timeline(self._session, self._appearance, debugger=debugger)
        self._centre.set_timeline(timeline)
        if self._centre.canvas is not None:
            menu = CanvasMenu(self._centre.canvas, debugger, parent=self._centre.canvas)
            self.canvas_menu = menu
            menu.text_wanted.connect(link.go_to)
            menu.what_if_wanted.connect(self.open_what_if)
            debugger.stops_changed.connect(self._show_breaks)

    def _show_breaks(self) -> None:
        if self.debugger is not None and self._centre.canvas is not None:
            items = self.debugger.broken_items()
            self._centre.canvas.show_breaks(self._session.recording, items)

    def show_edge_norms(self, shows: bool) -> None:
        """Draw the graph's edges as wide as the norm of their gradients, or all alike again."""
        self._shows_norms = shows
        self._on_facts_known()

    def _on_facts_known(self) -> None:
        facts = None if self.debugger is None else self.debugger.facts
        if self._centre.canvas is None:
            return
        if facts is None or not self._shows_norms:
            self._centre.canvas.set_norms(None)
        else:
            from gradviz.gui.timeline.scale import extent

            self._centre.canvas.set_norms(extent(facts.norms))

    def _build_breakpoints(self) -> None:
        from gradviz.gui.breakpoints import BreakpointPanel

        if self.debugger is None:
            raise RuntimeError("The timeline could not be built.")
        panel = BreakpointPanel(
            self.debugger, self._appearance, line_of_cursor=self._editor.line_of_cursor
        )
        panel.line_wanted.connect(self._editor.go_to_line)
        panel.counted.connect(self._on_breakpoints_counted)
        self._docks[BREAKPOINTS].setWidget(panel)
        self._on_breakpoints_counted(panel.count)

    def _on_breakpoints_counted(self, count: int) -> None:
        self.counted.emit(BREAKPOINTS, count)

    def _build_inspector(self) -> None:
        from gradviz.gui.inspector import Inspector

        inspector = Inspector(self._session, self._engine, self._appearance)
        self._docks[INSPECTOR].setWidget(inspector)

    def _build_findings(self) -> None:
        from gradviz.gui.findings import FindingsPanel

        panel = FindingsPanel(self._session, self._appearance)
        self._findings = panel
        panel.counted.connect(self._on_findings_counted)
        self._session.concealment_changed.connect(self._mark_findings)
        self._docks[FINDINGS].setWidget(panel)
        self._on_findings_counted(panel.count)

    def _on_findings_counted(self, count: int) -> None:
        self.counted.emit(FINDINGS, count)
        self._mark_findings()

    def _mark_findings(self) -> None:
        """Mark them in the graph, but where they could tell a learner the gradients."""
        if self._centre.canvas is not None and self._findings is not None:
            found = () if self._session.conceals else self._findings.findings
            self._centre.canvas.show_findings(self._session.recording, found)

    def _build_what_if(self) -> None:
        from gradviz.gui.what_if.bar import WhatIfBar
        from gradviz.gui.what_if.what_if import WhatIf

        what_if = WhatIf(self._session, self._run_control, parent=self)
        self.what_if_bar = WhatIfBar(self._session, what_if, self._engine, self._appearance)
        self.what_if_bar.closed.connect(self._give_focus_back)
        self._centre.add_above(self.what_if_bar)
        self._what_if = what_if
        what_if.changed.connect(self._on_what_if_changed)

    def _build_baseline(self) -> None:
        from gradviz.gui.baseline.bar import BaselineBar
        from gradviz.gui.baseline.baseline import Baseline

        baseline = Baseline(self._session, parent=self)
        self.baseline_bar = BaselineBar(self._session, baseline, self._appearance)
        self.baseline_bar.closed.connect(self._give_focus_back)
        self._centre.add_above(self.baseline_bar)
        self._baseline = baseline
        baseline.changed.connect(self._show_comparison)
        baseline.refused.connect(self.refused)

    def _build_search(self) -> None:
        from gradviz.gui.search.bar import SearchBar

        if self._centre.canvas is None:
            raise RuntimeError("The canvas could not be built.")
        self.search_bar = SearchBar(self._session, self._centre.canvas, self._appearance)
        self._centre.add_above(self.search_bar)

    def _build_overlays(self) -> None:
        from gradviz.gui.overlaying import Overlays

        if self._centre.canvas is None:
            raise RuntimeError("The canvas could not be built.")
        canvas = self._centre.canvas
        self.overlays = Overlays(self._session, canvas, self._appearance, parent=self)
        self.overlays.chosen.connect(self._on_overlay_chosen)

    def choose_overlay(self, name: str) -> None:
        """Colour the graph by something else, an `Overlay`'s value."""
        if self.overlays is None:
            self.overlay_chosen.emit("none")
            return
        from gradviz.recording.overlays import Overlay

        self.overlays.choose(Overlay(name))

    def _on_overlay_chosen(self, overlay: Overlay) -> None:
        self.overlay_chosen.emit(overlay.value)

    def _on_what_if_changed(self) -> None:
        if self._what_if is not None and self._what_if.is_active and self._baseline is not None:
            self._baseline.leave()
        self._show_comparison()

    def _show_comparison(self) -> None:
        """Colour what differs from the run before, or from the recording that was chosen."""
        if self._centre.canvas is None:
            return
        comparisons = [
            one.comparison
            for one in (self._what_if, self._baseline)
            if one is not None and one.is_active
        ]
        comparison = comparisons[0] if comparisons else None
        self._centre.canvas.comparison = comparison
        if self.overlays is not None:
            self.overlays.set_comparison(comparison)

    def compare_with(self, path: Path) -> None:
        """Tell how what is shown differs from a recording on disk."""
        if self._baseline is None:
            return
        if self._what_if is not None:
            self._what_if.leave()
        self._remember_focus()
        self._baseline.open(path)

    def _build_predict(self) -> None:
        from gradviz.gui.predict.bar import PredictBar
        from gradviz.gui.predict.quiz import Quiz

        self.quiz = Quiz(self._session, parent=self)
        self.predict_bar = PredictBar(self.quiz, self._appearance)
        self.predict_bar.closed.connect(self._give_focus_back)
        self._centre.add_below(self.predict_bar)

    def open_what_if(self) -> None:
        """Ask for another value of what is selected."""
        if self.what_if_bar is not None:
            self._remember_focus()
            self.what_if_bar.open()

    def predict(self) -> None:
        """Begin a round of questions about the steps, or end it."""
        if self.quiz is None or self.predict_bar is None:
            return
        if self.quiz.is_on:
            self.quiz.stop()
        else:
            self._remember_focus()
            self.quiz.start()
            self.predict_bar.focus_answer()

    def _remember_focus(self) -> None:
        has_canvas = self._centre.canvas is not None and self._centre.canvas.hasFocus()
        self._had_focus = self._centre.canvas if has_canvas else self._editor

    def _give_focus_back(self) -> None:
        """Where the person was before a strip asked for something."""
        if self._had_focus is not None:
            self._had_focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build_devices(self) -> None:
        from gradviz.gui.devices.panel import DevicePanel

        panel = DevicePanel(
            self._session,
            self._engine,
            self._appearance,
            document_text=self._editor.toPlainText,
            statement_line=self._editor.line_of_cursor,
            selected_lines=self._editor.selected_lines,
        )
        panel.text_changed.connect(self._editor.amend_text)
        self._editor.textChanged.connect(panel.tensor_view.follow_text)
        if self._centre.canvas is not None:
            panel.colour_graph(self._centre.canvas)
        if self.overlays is not None:
            self.overlays.started.connect(panel.leave_colours)
            self.overlays.chosen.connect(panel.tell_overlay)
            panel.overlay_wanted.connect(self.overlays.choose)
            panel.heat_shown.connect(self.overlays.leave)
        if self.canvas_menu is not None:
            self.canvas_menu.filled.connect(panel.fill_canvas_menu)
        self._docks[DEVICES].setWidget(panel)
        self._docks[DEVICES].visibilityChanged.connect(panel.set_in_front)
        panel.set_in_front(not self._docks[DEVICES].visibleRegion().isEmpty())

    def _finish(self) -> None:
        keep_errors_whole()
        self.are_built = True
        self.built.emit()


class _Part(NamedTuple):
    """How a panel is built, and what puts something else in its place."""

    build: Callable[[], None]
    stand_in: Callable[[QWidget], None] | None = None


class _Problem(Retranslated, PlainLabel):
    """Stands in place of a panel that could not be built."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = f"{type(error).__name__}: {error}"
        self.setMargin(16)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._retranslate()

    def _retranslate(self) -> None:
        text = self.tr(
            "This part of the window could not be built ({error}). The terminal that gradviz was "
            "started from says more."
        )
        self.set_text(text.format(error=self._error))


class _Importer(QThread):
    def run(self) -> None:
        """Import the modules; no widget is made here."""
        for name in _HEAVY:
            try:
                import_module(name)
            except Exception:  # Its panel is built by importing it again, and then tells.
                _log.debug("%s cannot be imported", name, exc_info=True)
