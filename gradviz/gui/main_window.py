"""The window: editor and output on the left, the graph in the centre, panels on the right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QMainWindow,
    QMenu,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from gradviz.documents.drafts import DraftStore
from gradviz.documents.trust import TrustStore
from gradviz.gui.about import show_about, show_shortcuts
from gradviz.gui.actions import STEP_COMMANDS
from gradviz.gui.banner import Banner
from gradviz.gui.centre import CANVAS_COMMANDS, Centre
from gradviz.gui.command_palette import CommandPalette
from gradviz.gui.dialogs import Dialogs, WindowDialogs
from gradviz.gui.docks import FINDINGS, INSPECTOR, Docks
from gradviz.gui.document import READABLE, Document
from gradviz.gui.editor.breakpoint_lines import BreakpointLines
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.editor.completion import Completion
from gradviz.gui.editor.find_bar import FindBar
from gradviz.gui.editor.syntax_watch import SyntaxWatch
from gradviz.gui.engine import Engine
from gradviz.gui.example_runs import ExampleRuns
from gradviz.gui.find_commands import FindCommands
from gradviz.gui.graph_action_table import FILTERS, FOLDING, LAYOUT, OVERLAY_IDS
from gradviz.gui.graph_actions import GraphActions
from gradviz.gui.graph_export import GraphExport
from gradviz.gui.heading import Heading
from gradviz.gui.hints import HintCard, HintPlace
from gradviz.gui.image_actions import ImageActions
from gradviz.gui.languages import Languages
from gradviz.gui.library import first_example
from gradviz.gui.look_commands import LookCommands
from gradviz.gui.menus import DataMenus
from gradviz.gui.output_pane import OutputPane
from gradviz.gui.outside_watch import OutsideWatch
from gradviz.gui.overrides import keep_errors_whole
from gradviz.gui.panels import Panels
from gradviz.gui.parts import Parts
from gradviz.gui.qactions import (
    build_actions,
    fill_menus,
    find_menu,
    graph_key,
    name_actions,
    name_menus,
)
from gradviz.gui.recovery import Recovery
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.run_actions import RunActions
from gradviz.gui.run_control import RunControl
from gradviz.gui.sentences import in_language
from gradviz.gui.session import RunSettings, Session
from gradviz.gui.settings import Settings
from gradviz.gui.side_by_side import Tile, open_drafts, open_others
from gradviz.gui.source_link import SourceLink
from gradviz.gui.status_line import StatusLine
from gradviz.gui.style import Appearance
from gradviz.gui.text_size import TextSize
from gradviz.gui.tool_bar import ToolBar
from gradviz.gui.undoing import Undoing
from gradviz.gui.window_place import WindowPlace

if TYPE_CHECKING:
    from gradviz.worker.messages import Completed

_LATEST_START_MS: Final = 1_000
_SMALLEST_LEFT: Final = 240
_SMALLEST_CENTRE: Final = 400


class MainWindow(Retranslated, QMainWindow):
    """The main window: builds its parts and connects them."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        appearance: Appearance,
        settings: Settings,
        *,
        dialogs: Dialogs | None = None,
        trust: TrustStore | None = None,
        drafts: DraftStore | None = None,
        languages: Languages | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        keep_errors_whole()
        self.setObjectName("main_window")
        self.setAcceptDrops(True)
        self.session = session
        self.engine = engine
        self.appearance = appearance
        self.settings = settings
        self._may_start = False
        self._build_left(
            dialogs or WindowDialogs(self), trust or TrustStore(), drafts or DraftStore()
        )
        self._build_centre()
        self.docks = Docks(self)
        self._place = WindowPlace(
            self, settings, self.docks, {"main": self._main, "left": self._left}
        )
        self.text_size = TextSize(
            self, self.editor, self.output, self.appearance, settings, self.docks
        )
        self._looks = LookCommands(
            self, self.appearance, settings, languages or Languages(), self.text_size
        )
        self.parts = Parts(self, self.appearance, self._parts)
        self._build_panels()
        self.actions_by_id = build_actions(self, self._handlers())
        self._build_bars()
        self._connect()
        self._retranslate()
        self.text_size.restore()
        self._place.restore()

    # Building.

    def _build_left(self, dialogs: Dialogs, trust: TrustStore, drafts: DraftStore) -> None:
        self.editor = CodeEditor(self.appearance)
        self.output = OutputPane(self.appearance)
        self.session.concealment_changed.connect(self.output.conceal)
        self.breakpoint_lines = BreakpointLines(self.editor, self.session, parent=self)
        self.completion = Completion(self.editor, self.engine.complete, parent=self)
        self.engine.completed.connect(self._on_completed)
        self.syntax_watch = SyntaxWatch(self.editor, parent=self)
        self.find_bar = FindBar(self.editor, self.appearance)
        self.trust_banner = Banner(self.appearance, icon="warning")
        self.document = Document(
            self.editor, self.session, self.settings, dialogs, trust=trust, parent=self
        )
        self._heading = Heading(self, self.document, self.trust_banner)
        self.outside_banner = Banner(self.appearance)
        self.outside_watch = OutsideWatch(self.document, self.outside_banner, parent=self)
        self.draft_banner = Banner(self.appearance)
        self.recovery = Recovery(self.editor, self.document, drafts, self.draft_banner, parent=self)
        self.image_actions = ImageActions(self.output, self.document, parent=self)
        self.run_control = RunControl(
            self.engine, self.session, self.document, self.editor, self.output, parent=self
        )
        text = QWidget()
        column = QVBoxLayout(text)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        banners = (self.draft_banner, self.outside_banner, self.trust_banner)
        for widget in (*banners, self.find_bar):
            column.addWidget(widget)
        column.addWidget(self.editor, 1)
        self._left = _splitter(Qt.Orientation.Vertical, text, self.output)
        self._left.setSizes([560, 240])

    def _build_centre(self) -> None:
        self.centre = Centre(self.session, self.appearance)
        self.graph_actions = GraphActions(self.session, parent=self)
        self._find_commands = FindCommands(
            self, self.editor, self.find_bar, self.centre, lambda: self.panels.search_bar
        )
        self.undoing = Undoing(self.editor, self.centre, self.session, parent=self)
        self.graph_export = GraphExport(
            self.session, self.centre, self.document, self.settings, parent=self
        )
        self._main = _splitter(Qt.Orientation.Horizontal, self._left, self.centre)
        self._left.setMinimumWidth(_SMALLEST_LEFT)
        self.centre.setMinimumWidth(_SMALLEST_CENTRE)
        self._main.setStretchFactor(0, 2)
        self._main.setStretchFactor(1, 3)
        self.setCentralWidget(self._main)

    def _build_panels(self) -> None:
        self.source_link = SourceLink(self.editor, self.session, parent=self)
        self.panels = Panels(
            self.session,
            self.engine,
            self.appearance,
            editor=self.editor,
            source_link=self.source_link,
            centre=self.centre,
            docks=self.docks,
            run_control=self.run_control,
            parent=self,
        )
        self.panels.counted.connect(self.docks.set_count)
        self.panels.refused.connect(self.document.tell_problem)
        self.panels.overlay_chosen.connect(self._on_overlay_chosen)
        self.examples = ExampleRuns(
            self.document,
            self.editor,
            self.session,
            self.engine,
            self.run_control,
            self.centre,
            self.panels,
            parent=self,
        )
        self.hints = HintCard(
            self, self.session, self.settings, self.appearance, place_of=self._place_of_hint
        )

    def _handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "new": self._new,
            "open": self.document.open,
            "save": self.document.save,
            "save_as": self.document.save_as,
            "save_recording": self.document.save_recording,
            "compare": self._compare,
            "quit": self.close,
            "undo": self.undoing.undo,
            "redo": self.undoing.redo,
            "comment": self.editor.toggle_comments,
            **self._find_commands.handlers,
            "run": self.run_control.run,
            "fix_seed": self._fix_seed,
            "stop": self.run_control.stop,
            "restart": self.run_control.restart,
            "distrust": self.document.distrust,
            **{name: partial(self.centre.do_step, name) for name in STEP_COMMANDS},
            "verify": self._verify,
            "what_if": self.panels.open_what_if,
            "predict": self._predict,
            "toggle_breakpoint": self.toggle_breakpoint,
            "edges_by_norm": self._on_edges_by_norm,
            **{name: partial(self._choose_overlay, name) for name in OVERLAY_IDS},
            "fit": self.centre.fit,
            **{name: partial(self.centre.do_on_canvas, name) for name in CANVAS_COMMANDS},
            **self.graph_actions.handlers,
            "reset_layout": self.centre.reset_layout,
            "export_graph": self.graph_export.export,
            "export_steps": self.graph_export.export_steps,
            "copy_picture": self.graph_export.copy,
            "pictures_as_shown": self.graph_export.toggle_colours,
            **self.parts.handlers,
            **self._looks.handlers,
            "commands": self._find_command,
            "hints": self.hints.begin_with_focus,
            "shortcuts": partial(show_shortcuts, self),
            "about": self._show_about,
        }

    def _build_bars(self) -> None:
        self.actions_by_id["pictures_as_shown"].setChecked(self.settings.pictures_as_shown)
        fill_menus(self.menuBar(), self.actions_by_id)
        self._insert_data_menus()
        self._looks.attach(self.actions_by_id, self.menus)
        self.graph_actions.attach(self.actions_by_id)
        overlays = QActionGroup(self)
        for name in OVERLAY_IDS:
            overlays.addAction(self.actions_by_id[name])
        self.actions_by_id[OVERLAY_IDS[0]].setChecked(True)
        self.centre.view_bar.set_menus(
            *(find_menu(self.menuBar(), title) for title in (FILTERS, FOLDING, LAYOUT))
        )
        for key, name in (
            ("Home", "go_first"),
            ("End", "go_last"),
            ("Shift+F", "fit"),
            ("E", "open_all"),
            ("Shift+E", "fold_all"),
            ("Shift+Return", "fold_around"),
            ("/", "find_in_graph"),
        ):
            graph_key(key, self.actions_by_id[name], self.centre.graph)
        self._run_actions = RunActions(
            self.actions_by_id["run"],
            self.actions_by_id["stop"],
            self.run_control,
            self.engine,
            self.appearance,
            others=(self.actions_by_id["verify"], self.actions_by_id["what_if"]),
            parent=self,
        )
        self.addToolBar(ToolBar(self.actions_by_id, self.menus.examples, self.appearance))
        self.status = StatusLine(self.statusBar(), self.session, self.engine, self.run_control)
        self.document.reported.connect(self.status.report.setText)
        self.graph_export.reported.connect(self.status.report.setText)
        self.image_actions.reported.connect(self.status.report.setText)
        self.centre.reported.connect(self.status.report.setText)
        self.recovery.failed.connect(self._on_draft_failed)

    def _insert_data_menus(self) -> None:
        self.menus = DataMenus(self.settings, parent=self)
        file_menu, view_menu = self._menu("file"), self._menu("view")
        before = self.actions_by_id["save"]
        file_menu.insertMenu(before, self.menus.recent)
        file_menu.insertMenu(before, self.menus.examples)
        view_menu.addSeparator()
        for dock in self.docks.values():
            view_menu.addAction(dock.toggleViewAction())
        view_menu.addMenu(self.menus.themes)
        view_menu.addMenu(self.menus.languages)

    def _menu(self, name: str) -> QMenu:
        menu = self.menuBar().findChild(QMenu, name)
        assert isinstance(menu, QMenu)
        return menu

    def _connect(self) -> None:
        self.document.opened.connect(self._on_document_opened)
        self.document.changed.connect(self._on_document_changed)
        self.document.changed_trust.connect(self._on_document_changed)
        self._on_document_changed()
        self.document.several_chosen.connect(self._on_several_chosen)
        self.editor.document().modificationChanged.connect(self.setWindowModified)
        self.editor.textChanged.connect(self._on_text_changed)
        self.undoing.attach(self.actions_by_id["undo"], self.actions_by_id["redo"])
        self.centre.cards_counted.connect(self.graph_actions.set_card_count)
        self.output.line_activated.connect(self.run_control.go_to_line)
        self.centre.start_page.example_chosen.connect(self.examples.open)
        self.menus.example_chosen.connect(self.examples.open)
        self.menus.recent_chosen.connect(self.document.open_path)
        self._looks.language_changed.connect(self.examples.translate)
        self.run_control.shown_graph_is_old.connect(self.centre.set_graph_is_old)
        self.session.run_settings_changed.connect(self._on_run_settings_changed)
        self.session.recording_changed.connect(self._on_recording_changed)
        self._on_recording_changed()

    # Languages.

    def _retranslate(self) -> None:
        name_actions(self.actions_by_id)
        name_menus(self.menuBar())
        self.graph_actions.explain()
        self.menus.retranslate()
        self.docks.retranslate()
        self._run_actions.retranslate()
        self.run_control.retranslate()
        self._heading.retranslate()
        self.recovery.retranslate()
        self.outside_watch.look()
        self.syntax_watch.look()
        self.status.retranslate()

    # Starting.

    def start(self, path: Path | None) -> None:
        """Open a file or the first example, then start the engine and build the panels."""
        if not self.recovery.restore(path) and (path is None or not self.document.open_path(path)):
            self.document.open_path(first_example())
        self.examples.expect()
        # After the first paint, or after a while where the window is not to be seen.
        self._may_start = True
        self.update()
        QTimer.singleShot(_LATEST_START_MS, self._start_heavy_parts)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Start the slow parts after the first paint."""
        super().paintEvent(event)
        if self._may_start:
            QTimer.singleShot(0, self._start_heavy_parts)

    def _start_heavy_parts(self) -> None:
        if not self._may_start:
            return
        self._may_start = False
        self.engine.start()
        self.examples.look_at_engine()
        self.panels.start()

    # Commands.

    def _choose_overlay(self, name: str) -> None:
        self.panels.choose_overlay(name.removeprefix("overlay_"))

    def _on_overlay_chosen(self, name: str) -> None:
        self.actions_by_id[f"overlay_{name}"].setChecked(True)

    def _on_edges_by_norm(self) -> None:
        self.panels.show_edge_norms(self.actions_by_id["edges_by_norm"].isChecked())

    def toggle_breakpoint(self) -> None:
        """Set or remove a breakpoint: in the editor on the cursor's line, else on the selection."""
        item, debugger = self.session.selection, self.panels.debugger
        if item is not None and debugger is not None and not self.editor.hasFocus():
            debugger.toggle_item(item)
        else:
            self.breakpoint_lines.toggle(self.editor.line_of_cursor())

    def _verify(self) -> None:
        self.run_control.run(verify=True)
        self.docks.bring_to_front(FINDINGS)

    def _predict(self) -> None:
        if not self.session.recording.passes:
            self.status.report.setText(
                self.tr("There is nothing to predict: run code that calls .backward().")
            )
            return
        self.panels.predict()

    def _new(self) -> None:
        if self.document.new():
            self.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _fix_seed(self) -> None:
        self.session.fix_seed(self.actions_by_id["fix_seed"].isChecked())

    def _find_command(self) -> None:
        CommandPalette(self.menuBar(), parent=self).exec()

    def _parts(self) -> tuple[QWidget | None, ...]:
        centre = self.centre
        graph = centre.canvas if centre.currentWidget() is centre.graph else centre.start_page
        steps = None if centre.timeline is None else centre.timeline.track
        return self.editor, self.output, graph, steps, self.docks.in_front()

    def _place_of_hint(self, place: HintPlace) -> QWidget | None:
        match place:
            case HintPlace.CODE:
                return self.editor
            case HintPlace.STEPS:
                return self.centre.timeline
            case HintPlace.GRAPH:
                return self.centre.canvas
            case HintPlace.RULE:
                return self.docks.bring_to_front(INSPECTOR)
            case _:
                assert_never(place)

    def _show_about(self) -> None:
        show_about(self, self.engine.torch_version)

    # Changes elsewhere.

    def _on_completed(self, answer: Completed) -> None:
        self.completion.on_completed(answer.number, answer.names, answer.signature)

    def _on_draft_failed(self, sentence: str) -> None:
        self.status.report.setText(in_language(sentence))

    def _on_text_changed(self) -> None:
        self.centre.start_page.set_has_text(not self.editor.document().isEmpty())

    def _on_document_changed(self) -> None:
        self.engine.folder = self.document.folder
        self.actions_by_id["distrust"].setEnabled(self.document.is_trusted_file)

    def _on_recording_changed(self) -> None:
        for name in ("save_recording", "compare"):
            self.actions_by_id[name].setEnabled(self.session.recording.has_graph)

    def _compare(self) -> None:
        path = self.document.choose_recording()
        if path is not None:
            self.panels.compare_with(path)

    def _on_run_settings_changed(self, settings: RunSettings) -> None:
        self.actions_by_id["fix_seed"].setChecked(settings.seed is not None)

    def _on_document_opened(self) -> None:
        self.run_control.forget()
        if self.document.recording is not None:
            self.run_control.show_recording(self.document.recording)

    # Events.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the docks narrower or wider along with the rest of the window."""
        super().resizeEvent(event)
        self.docks.fit_window()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files that can be opened."""
        if _dropped_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the files, never running them."""
        paths = _dropped_files(event)
        if paths:
            event.acceptProposedAction()
            self.document.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes, then remember the layout and end the engine."""
        if not self.document.may_discard():
            event.ignore()
            return
        self.recovery.end()
        self._place.save()
        # What is being imported at the start is waited for, out of sight.
        self.hide()
        QGuiApplication.sync()
        self.shut_down()
        event.accept()

    def shut_down(self) -> None:
        """Stop background work and the engine; may be called again."""
        self.recovery.keep()
        self._may_start = False
        self.panels.cancel()
        if self.centre.canvas is not None:
            self.centre.canvas.cancel_building()
        self.engine.close()

    def _on_several_chosen(self, paths: tuple[Path, ...]) -> None:
        self.take_tile(open_others(paths))

    def open_other_drafts(self) -> None:
        """Open what else was left behind in windows of their own beside this one."""
        tile = open_drafts(self.recovery.count_others())
        if tile is not None:
            self.take_tile(tile)

    def take_tile(self, tile: Tile) -> None:
        """Move to a part of the screen beside other windows."""
        self._place.take_tile(tile)


def _splitter(orientation: Qt.Orientation, *widgets: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for widget in widgets:
        splitter.addWidget(widget)
    return splitter


def _dropped_files(event: QDropEvent) -> tuple[Path, ...]:
    """The files that are dropped, none where one of them cannot be opened."""
    urls = event.mimeData().urls()
    paths = tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())
    can_open = all(path.suffix.lower() in READABLE for path in paths)
    return paths if can_open and len(paths) == len(urls) else ()
