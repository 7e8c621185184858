"""The canvas: the graph of the session's recording, with the playhead's step upon it."""

from __future__ import annotations

import html
import logging
from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gradviz.gui.canvas.badges import Badges
from gradviz.gui.canvas.builder import SceneBuilder
from gradviz.gui.canvas.cards import CardKind
from gradviz.gui.canvas.describe import (
    describe,
    describe_chip,
    describe_edge,
    describe_step,
    title_of,
)
from gradviz.gui.canvas.focusing import Finder, Kin
from gradviz.gui.canvas.frames import Frame, frame_at
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.look import Detail, Look, detail_at
from gradviz.gui.canvas.marks import Chip
from gradviz.gui.canvas.motion import box_of_item
from gradviz.gui.canvas.navigation import Way, card_beyond, first_card
from gradviz.gui.canvas.overview import Overview
from gradviz.gui.canvas.picking import edge_at, far_end
from gradviz.gui.canvas.preview import toggled
from gradviz.gui.canvas.progress_notice import ProgressNotice
from gradviz.gui.canvas.reasons import why_empty
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.scene_view import SceneView
from gradviz.gui.canvas.standing import standing_for, tensor_on_edge
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance
from gradviz.gui.timers import single_shot
from gradviz.recording.compare import Comparison
from gradviz.recording.model import Item, ItemKind
from gradviz.recording.view_options import ViewOptions

SELECTION_MARGIN: Final = 90.0
KEY_PAN: Final = 80.0
LATE_MS: Final = 400
"""After this long the layout is told of, and an earlier run's graph taken away."""
WAYS: Final = {
    Qt.Key.Key_Up: Way.UP,
    Qt.Key.Key_Down: Way.DOWN,
    Qt.Key.Key_Left: Way.LEFT,
    Qt.Key.Key_Right: Way.RIGHT,
}
PANS: Final = {
    Qt.Key.Key_Up: (0.0, KEY_PAN),
    Qt.Key.Key_Down: (0.0, -KEY_PAN),
    Qt.Key.Key_Left: (KEY_PAN, 0.0),
    Qt.Key.Key_Right: (-KEY_PAN, 0.0),
}
_log = logging.getLogger(__name__)


class Canvas(Retranslated, SceneView):
    """Draws the view of the session's recording and lets the person walk in it.

    Attributes:
        follows_step: whether the current step is scrolled into view.
        comparison: of the shown what-if run with the one before it, None where it is none.

    Signals:
        node_activated: an item was double-clicked, or chosen with Enter (`Item`).
        scope_toggled: an open scope should be folded, or a folded one opened (`Item`).
    """

    node_activated = Signal(object)
    scope_toggled = Signal(object)

    def __init__(
        self, session: Session, appearance: Appearance, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, parent=parent)
        self.follows_step = True
        self.comparison: Comparison | None = None
        self._session = session
        self._is_selecting = False
        self._revealed: Item | None = None
        self._finder: Finder | None = None
        self._builder = SceneBuilder(parent=self)
        self._shown_options = session.view_options
        self._is_late = False
        self.notice = ProgressNotice(appearance.theme, parent=self)
        self._late_timer = single_shot(self, self._on_late, LATE_MS)
        self._connect()
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Computational graph"))
        # Cards are as wide as their texts.
        self._builder.forget()
        self._rebuild()

    def _connect(self) -> None:
        session = self._session
        session.recording_changed.connect(self._rebuild)
        session.view_options_changed.connect(self._on_view_options_changed)
        session.playhead_moved.connect(self._on_playhead_moved)
        session.selection_changed.connect(self._on_selection_changed)
        session.revealed.connect(self._on_revealed)
        session.view_forgotten.connect(self.forget_offsets)
        self._appearance.theme_changed.connect(self.set_theme)
        self._appearance.theme_changed.connect(self.notice.set_theme)
        self.notice.given_up.connect(self._give_up)
        self._builder.scene_built.connect(self._on_scene_built)
        self._builder.overview_painted.connect(self.show_overview)
        self._builder.build_failed.connect(self._on_build_failed)
        self._builder.progressed.connect(self._on_layout_progressed)

    @property
    def is_withheld(self) -> bool:
        """Whether another run's graph is being laid out, for so long that this one had to go."""
        return self._is_late and self._shows_another

    # Scenes.

    def cancel_building(self) -> None:
        """Give up on the scene that is being built."""
        self._builder.cancel()
        self._end_lateness()

    def _give_up(self) -> None:
        self._session.set_view_options(self._shown_options)

    @property
    def _shows_another(self) -> bool:
        """Whether nothing is drawn, or another run's graph."""
        return self.scene is None or self.scene.recording is not self._session.recording

    def _on_view_options_changed(self, options: ViewOptions) -> None:
        is_drawn = options == self._shown_options and not self._shows_another
        if is_drawn:
            self.cancel_building()
        else:
            self._rebuild()
        self._foresee(options)

    def _foresee(self, options: ViewOptions) -> None:
        """Where scopes are opened or folded show that before all is laid out again."""
        scene, before = self.scene, self._shown_options.folds
        if scene is None or self._shows_another:
            return
        if options.folds != before or self.is_foreseen:
            self.foresee(*toggled(scene, before, options.folds))

    def _rebuild(self) -> None:
        if self._shows_another and self.notice.isVisible():
            self._end_lateness()
        if self._shows_another and not self._is_late:
            self.message = ""  # what was said of another run
            self._late_timer.start()
        elif not self._is_late and not self._late_timer.isActive():
            self._late_timer.start()
        # What is coloured or stands out is about the cards of the scene before.
        look = Look(self.theme)
        moves = self._appearance.moves
        self._builder.build(self._session.recording, self._session.view_options, look, moves=moves)

    def _on_late(self) -> None:
        self._is_late = True
        self._tell_progress(self.tr("Laying out the graph…"))
        if self.is_withheld:
            self.minimap.hide()

    def _on_layout_progressed(self, percent: int) -> None:
        if self._is_late:
            self._tell_progress(self.tr("Laying out the graph… {} %").format(percent))

    def _tell_progress(self, text: str) -> None:
        # Another run's graph must not pass for the one that is being laid out.
        self.notice.setVisible(not self.is_withheld)
        if self.is_withheld:
            self.message = text
            self.update()
        else:
            self.notice.tell(text)

    def _end_lateness(self) -> None:
        self._late_timer.stop()
        self._is_late = False
        self.notice.hide()

    def _on_scene_built(self, scene: Scene, overview: Overview | None) -> None:
        if scene.recording is self._session.recording:
            if scene.folding is not None:
                self._session.know_folding(scene.folding)
            self.show_scene(scene, overview)

    def show_scene(self, scene: Scene, overview: Overview | None = None) -> None:
        """Draw another scene of the session's recording."""
        self._end_lateness()
        self._finder = None
        self.selected = self.selected_frame = None
        options = self._session.view_options
        before, self._shown_options = self._shown_options, options
        is_other_view = (before.mode, before.pass_id) != (options.mode, options.pass_id)
        # Somebody may have stepped while another run's graph was laid out.
        is_kept = self.scene is not None and scene.has_structure_of(self.scene)
        is_other_graph = self._shows_another and not is_kept
        self.message = why_empty(scene.recording, options) if scene.is_empty else ""
        self.badges = Badges(self._session.sums, self._session.chain.edges)
        self.present(scene, self._session.playhead, overview)
        if is_other_view or is_other_graph:
            self._follow_step()
        self._mark_selected(self._session.selection)
        if self._revealed is not None:
            self._on_revealed(self._revealed)
        self._describe()

    def wants_overview(self) -> None:
        """Paint the overview again, beside the window's thread."""
        if self.scene is not None:
            self._builder.paint_overview(self.scene, self.look)

    def _on_build_failed(self, error: Exception) -> None:
        _log.error("The graph could not be laid out", exc_info=error)
        self._end_lateness()
        self.show_nothing(self.tr("The graph could not be drawn: {}").format(error))

    # The session.

    def _on_playhead_moved(self, playhead: int) -> None:
        if self.scene is None or self.scene.recording is not self._session.recording:
            return
        self.set_playhead(playhead)
        self._follow_step()
        self._announce(describe_step(self._session.replay, playhead))

    def _follow_step(self) -> None:
        if self.follows_step and self.marks is not None and self.scene is not None:
            for card in self.marks.current_cards:
                self.show_box(self.scene.box_of(card))

    def _on_selection_changed(self, item: Item | None) -> None:
        self._revealed = None
        self._mark_selected(item)
        if self.selected is not None and self.scene is not None and not self._is_selecting:
            self.show_box(self.scene.box_of(self.selected))
        self._describe()
        self.update()

    def _mark_selected(self, item: Item | None) -> None:
        self.selected = self._card_of(item)
        self.selected_frame = item if self.selected is None else None

    def _on_revealed(self, item: Item) -> None:
        """Bring it into view, once it is drawn."""
        card = self._card_of(item)
        stands_for = None if card is None else self._item(card)
        is_folded = stands_for != item and (stands_for is None or stands_for.kind is ItemKind.SCOPE)
        self._revealed = item if is_folded else None
        if card is not None and not is_folded and self.scene is not None:
            self.show_box(self.scene.box_of(card))

    def _item(self, card: int) -> Item:
        assert self.scene is not None
        return self.scene.items[card]

    def _card_of(self, item: Item | None) -> int | None:
        """The card that stands for an item in what is drawn, None where none does."""
        if item is None or self.scene is None:
            return None
        # While another recording is laid out, its items are in no card of this scene.
        is_current = self.scene.recording is self._session.recording
        return standing_for(self.scene, item) if is_current else None

    def edge_item_at(self, position: QPointF) -> Item | None:
        """The tensor whose gradient flows along the edge at a point of the widget."""
        edge = self._edge_at(position)
        if edge is None or self.scene is None:
            return None
        return tensor_on_edge(self.scene, edge, self._session.chain.edges)

    def frame_item_at(self, position: QPointF) -> Item | None:
        """The open scope whose title bar is at a point of the widget."""
        frame = self._frame_at(position)
        return None if frame is None else frame.item

    def item_at(self, position: QPointF) -> Item | None:
        """The item whose card is drawn at a point of the widget."""
        card = self.card_at(position)
        return None if card is None else self._item(card)

    def zoom_to_selection(self) -> None:
        """Show what is selected and its surroundings, everything where nothing is selected."""
        box = self.selected_box()
        if box is None:
            self.fit()
        else:
            self.fit_box(box.grown(SELECTION_MARGIN))

    # What stands out.

    def show_ancestors(self) -> None:
        """Let all that the selected card was computed from stand out."""
        self._show_kin(Kin.ANCESTORS)

    def show_descendants(self) -> None:
        """Let all that was computed from the selected card stand out."""
        self._show_kin(Kin.DESCENDANTS)

    def _show_kin(self, kin: Kin) -> None:
        finder = self._focus_finder()
        if finder is not None and self.selected is not None:
            self.set_focus(finder.kin(self.selected, kin))

    def show_ways_to(self, item: Item) -> bool:
        """Let all ways between the selected card and another stand out; whether there is one."""
        finder, card = self._focus_finder(), self._card_of(item)
        if finder is None or card is None or self.selected is None:
            return False
        focus = finder.ways(self.selected, card)
        self.set_focus(focus)
        return focus is not None

    def clear_focus(self) -> None:
        """Let everything stand out again."""
        self.set_focus(None)

    def _focus_finder(self) -> Finder | None:
        if self._finder is None and self.scene is not None:
            self._finder = Finder(self.scene)
        return self._finder

    # The pointer.

    def clicked(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Fold or unfold at a control; else select a card, or follow an edge to its far end."""
        scope = self.control_at(position)
        if scope is not None:
            self.scope_toggled.emit(scope)
            return
        card = self.card_at(position)
        if card is not None and modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._show_ways_by_hand(card, position)
            return
        edge = None if card is not None else self._edge_at(position)
        if edge is not None and self.scene is not None:
            at = self.camera.to_scene(position.x(), position.y())
            self._session.select(self._item(far_end(self.scene, edge, *at)))
            return
        self._is_selecting = True
        try:
            self._session.select(None if card is None else self._item(card))
        finally:
            self._is_selecting = False

    def _show_ways_by_hand(self, card: int, position: QPointF) -> None:
        if self.selected is None or card == self.selected:
            self._session.select(self._item(card))
        elif not self.show_ways_to(self._item(card)):
            text = self.tr("No path leads from one to the other.")
            QToolTip.showText(self.mapToGlobal(position).toPoint(), text, self)
            self._announce(text)

    def control_at(self, position: QPointF) -> Item | None:
        """The scope whose fold or unfold control is at a point of the widget."""
        if (
            self.scene is None
            or self.is_withheld
            or detail_at(self.camera.scale) is not Detail.FULL
        ):
            return None
        return self.scene.control_at(*self.camera.to_scene(position.x(), position.y()))

    def _frame_at(self, position: QPointF) -> Frame | None:
        if self.scene is None:
            return None
        return frame_at(self.scene.frames, *self.camera.to_scene(position.x(), position.y()))

    def _edge_at(self, position: QPointF) -> int | None:
        if self.scene is None or self.is_withheld or detail_at(self.camera.scale) is Detail.BLOCKS:
            return None
        at = self.camera.to_scene(position.x(), position.y())
        return edge_at(self.scene, *at, self.camera.scale)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up what is under the pointer."""
        super().mouseMoveEvent(event)
        if event.buttons() == Qt.MouseButton.NoButton:
            card = self.card_at(event.position())
            edge = None if card is not None else self._edge_at(event.position())
            self._hover(card, edge)
            is_active = edge is not None or card is not None
            if is_active or self.control_at(event.position()) is not None:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self.unsetCursor()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has left: nothing is under it."""
        super().leaveEvent(event)
        self._hover(None, None)

    def _hover(self, card: int | None, edge: int | None) -> None:
        if (card, edge) != (self.hovered, self.hovered_edge):
            self.hovered, self.hovered_edge = card, edge
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what was clicked."""
        at = event.position()
        if event.button() is not Qt.MouseButton.LeftButton or self.control_at(at) is not None:
            return
        card = self.card_at(at)
        if card is not None:
            self._activate(card)
        elif (frame := self._frame_at(at)) is not None:
            self.scope_toggled.emit(frame.item)

    def _activate(self, card: int) -> None:
        item = self._item(card)
        if self.scene is not None and self.scene.kinds[card] == CardKind.SCOPE:
            self.scope_toggled.emit(item)
        else:
            self.node_activated.emit(item)

    # Keys.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk along edges, open, let kin stand out, clear, fit."""
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        is_plain = not modifiers & ~Qt.KeyboardModifier.KeypadModifier
        if key in WAYS and modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.pan(*PANS[key])
        elif key in WAYS and self.scene is not None:
            self._walk(self.scene, WAYS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected_box() is not None:
            if not is_plain:
                event.ignore()
            elif self.selected is not None:
                self._activate(self.selected)
            else:
                self.scope_toggled.emit(self.selected_frame)
        elif key is Qt.Key.Key_Escape and not self._is_dragging and self._escape():
            pass
        elif key is Qt.Key.Key_F and is_plain:
            self.zoom_to_selection()
        elif key is Qt.Key.Key_A and is_plain:
            self.show_ancestors()
        elif key is Qt.Key.Key_D and is_plain:
            self.show_descendants()
        else:
            super().keyPressEvent(event)

    def _escape(self) -> bool:
        """Take back one thing: the focus first, then the selection."""
        if self.notice.isVisible():
            self._give_up()
        elif self.look.focus is not None:
            self.clear_focus()
        elif self._session.selection is not None:
            self._session.select(None)
        else:
            return False
        return True

    def _walk(self, scene: Scene, way: Way) -> None:
        if scene.is_empty:
            return
        if self.selected is None:
            following: int | None = first_card(scene, box_of_item(scene, self.selected_frame))
        else:
            following = card_beyond(scene, self.selected, way)
        if following is not None:
            self._session.select(scene.items[following])

    # What is told.

    def _describe(self) -> None:
        """Tell screen readers what there is."""
        if self.scene is None or self.scene.is_empty:
            self.setAccessibleDescription(self.message)
            return
        items = self.tr("%Ln items", "", len(self.scene.cards))
        edges = self.tr("%Ln edges", "", len(self.scene.edges))
        text = f"{items}, {edges}."
        if self.selected is not None and self._session.selection is not None:
            title = title_of(self.scene.recording, self._session.selection)
            text += " " + self.tr("Selected: {}").format(title)
        self.setAccessibleDescription(text)

    def _announce(self, text: str) -> None:
        if text and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def event(self, event: QEvent) -> bool:
        """Show tooltips, as plain text whatever stands in the recording."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            text = self.tooltip_at(QPointF(event.pos()))
            if text:
                quoted = html.escape(text)
                shown = f'<p style="white-space:pre-wrap">{quoted}</p>'
                QToolTip.showText(event.globalPos(), shown, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def tooltip_at(self, position: QPointF) -> str:
        """What there is to say about the card, gradient or box under a point, else nothing."""
        card = self.card_at(position)
        if card is not None:
            comparison = self.comparison
            if comparison is not None and comparison.after is not self._session.recording:
                comparison = None
            session = self._session
            text = describe(session.replay, self._item(card), session.playhead, comparison)
            if self._findings is None or self.scene is None:
                return text
            return "\n\n".join([text, *self._findings.told_of(self.scene, card)])
        session, scene = self._session, self.scene
        if scene is None:
            return ""
        if (chip := self._chip_at(position)) is not None:
            return describe_chip(session.replay, scene.edges[chip.edge], session.playhead)
        if (edge := self._edge_at(position)) is not None:
            return describe_edge(session.replay, scene.edges[edge], session.playhead)
        frame = self._frame_at(position)
        return "" if frame is None else describe(session.replay, frame.item, session.playhead)

    def _chip_at(self, position: QPointF) -> Chip | None:
        if self.scene is None or self.marks is None:
            return None
        if detail_at(self.camera.scale) is not Detail.FULL:
            return None
        x, y = self.camera.to_scene(position.x(), position.y())
        for edge in self.scene.chips.edges_in(Box(x, y, x, y)).tolist():
            chip = self.marks.chip_of(edge)
            if chip is not None and chip.is_shown and chip.box.contains(x, y):
                return chip
        return None
