"""The canvas: the graph of the session's recording, with the playhead's step upon it."""

from __future__ import annotations

import html
import logging
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gradviz.gui.canvas.builder import SceneBuilder
from gradviz.gui.canvas.camera import READABLE, Camera, fitting
from gradviz.gui.canvas.cards import CardKind
from gradviz.gui.canvas.describe import describe, describe_chip, describe_step, title_of
from gradviz.gui.canvas.frames import Frame, frame_at
from gradviz.gui.canvas.geometry import Box, Indices
from gradviz.gui.canvas.look import Detail, Look, detail_at
from gradviz.gui.canvas.marks import Chip, Marks
from gradviz.gui.canvas.minimap import Minimap
from gradviz.gui.canvas.motion import (
    MOST_MATCHED,
    Motion,
    camera_after,
    is_related,
    transition_between,
)
from gradviz.gui.canvas.navigation import Way, card_beyond
from gradviz.gui.canvas.overlay import paint_current, paint_outline
from gradviz.gui.canvas.overview import Overview
from gradviz.gui.canvas.painter import faded
from gradviz.gui.canvas.reasons import why_empty
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.surface import Surface
from gradviz.gui.canvas.text import TextStyle, font_of
from gradviz.gui.canvas.transition import matches
from gradviz.gui.canvas.viewport import Viewport
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.model import Item

MINIMAP_MARGIN: Final = 12
SELECTION_MARGIN: Final = 90.0
LATE_MS: Final = 400
"""After this long an earlier run's graph is taken away, and the layout is told of."""
WAYS: Final = {
    Qt.Key.Key_Up: Way.UP,
    Qt.Key.Key_Down: Way.DOWN,
    Qt.Key.Key_Left: Way.LEFT,
    Qt.Key.Key_Right: Way.RIGHT,
}
_log = logging.getLogger(__name__)


class Canvas(Retranslated, Viewport):
    """Draws the view of the session's recording and lets the person walk in it.

    Attributes:
        scene: what is drawn, None before the first one is laid out.
        marks: what the playhead adds to it.
        minimap: the overview in the corner.
        follows_step: whether the current step is scrolled into view.

    Signals:
        node_activated: an item was double-clicked, or chosen with Enter (`Item`).
        scene_shown: another scene is drawn.
        scope_toggled: an open scope shall be folded, or a folded one opened (`Item`).
    """

    node_activated = Signal(object)
    scene_shown = Signal()
    scope_toggled = Signal(object)

    def __init__(
        self, session: Session, appearance: Appearance, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent)
        self.scene: Scene | None = None
        self.marks: Marks | None = None
        self.follows_step = True
        self._session, self._appearance = session, appearance
        self._surface = Surface(Look(appearance.theme))
        self._message = ""
        self._hovered: int | None = None
        self._is_selecting = False
        self._builder = SceneBuilder(parent=self)
        self._toggled: Item | None = None
        self._motion = Motion(parent=self)
        self._motion.moved.connect(self.update)
        self._is_late = False
        self._lateness = QTimer(self)
        self._lateness.setSingleShot(True)
        self._lateness.setInterval(LATE_MS)
        self._lateness.timeout.connect(self._on_late)
        self.minimap = Minimap(parent=self)
        self._next_frame = QTimer(self)
        self._next_frame.setSingleShot(True)
        self._next_frame.timeout.connect(self.update)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self._connect()
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Computational graph"))
        # Cards are as wide as their texts.
        self._rebuild()

    def _connect(self) -> None:
        session = self._session
        session.recording_changed.connect(self._rebuild)
        session.view_options_changed.connect(self._rebuild)
        session.playhead_moved.connect(self._on_playhead_moved)
        session.selection_changed.connect(self._on_selection_changed)
        self._appearance.theme_changed.connect(self._on_theme_changed)
        self._builder.scene_built.connect(self._on_scene_built)
        self._builder.overview_painted.connect(self._on_overview_painted)
        self._builder.build_failed.connect(self._on_build_failed)
        self.minimap.place_chosen.connect(self.centre_on)
        self.camera_moved.connect(self._update_minimap)

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._appearance.theme

    @property
    def is_sharp(self) -> bool:
        """Whether the last frame lacked nothing."""
        return self._surface.is_sharp and self._motion.transition is None

    @property
    def painted_tiles(self) -> int:
        """How many tiles have been painted so far."""
        return self._surface.painted_tiles

    def content_box(self) -> Box:
        """The box around the graph."""
        return Box(0.0, 0.0, 0.0, 0.0) if self.scene is None else self.scene.bounds

    def about_to_change(self) -> None:
        """Keep the sharp picture, to be stretched until there is another."""
        self._surface.keep_look(self.camera, self._size(), self.devicePixelRatioF())

    def zoom_to_selection(self) -> None:
        """Show the selected card and its surroundings, everything where nothing is selected."""
        card = self._card_of(self._session.selection)
        if card is None or self.scene is None:
            self.fit()
        else:
            self.fit_box(self.scene.box_of(card).grown(SELECTION_MARGIN))

    def clicked(self, position: QPointF) -> None:
        """Fold or unfold where that control is, else select the card under the pointer."""
        scope = self.control_at(position)
        if scope is not None:
            self._toggle(scope)
            return
        card = self._card_at(position)
        self._is_selecting = True
        try:
            self._session.select(None if card is None else self._item(card))
        finally:
            self._is_selecting = False

    def item_at(self, position: QPointF) -> Item | None:
        """The item whose card is drawn at a point of the widget."""
        card = self._card_at(position)
        return None if card is None else self._item(card)

    def _toggle(self, scope: Item) -> None:
        self._toggled = scope
        self.scope_toggled.emit(scope)

    def _size(self) -> tuple[int, int]:
        return self.width(), self.height()

    def _item(self, card: int) -> Item:
        assert self.scene is not None
        return self.scene.items[card]

    def _card_at(self, position: QPointF) -> int | None:
        if self.scene is None or self._is_late:
            return None
        return self.scene.card_at(*self.camera.to_scene(position.x(), position.y()))

    def control_at(self, position: QPointF) -> Item | None:
        """The scope whose fold or unfold control is at a point of the widget."""
        if self.scene is None or self._is_late or detail_at(self.camera.scale) is not Detail.FULL:
            return None
        return self.scene.control_at(*self.camera.to_scene(position.x(), position.y()))

    def _card_of(self, item: Item | None) -> int | None:
        """The card that shows an item; what is folded up is shown by what it is in."""
        if item is None or self.scene is None:
            return None
        card = self.scene.index.get(item)
        if card is None and self.scene.folding is not None:
            shown = self.scene.folding.shown_as(item)
            card = None if shown is None else self.scene.index.get(shown)
        return card

    def cancel_building(self) -> None:
        """Give up on the scene that is being built."""
        self._builder.cancel()
        self._end_lateness()

    def _rebuild(self) -> None:
        shows_another = self.scene is None or self.scene.recording is not self._session.recording
        if shows_another and not self._is_late:
            self._lateness.start()
        self._builder.build(self._session.recording, self._session.view_options, self._surface.look)

    def _on_late(self) -> None:
        # Another run's graph must not pass for the one that is being laid out.
        self._is_late = True
        self._message = self.tr("Laying out the graph…")
        self.minimap.hide()
        self.update()

    def _end_lateness(self) -> None:
        self._lateness.stop()
        self._is_late = False

    def _on_scene_built(self, scene: Scene, overview: Overview) -> None:
        if scene.recording is self._session.recording:
            self.show_scene(scene, overview)

    def _on_overview_painted(self, scene: Scene, overview: Overview) -> None:
        if scene is not self.scene or overview.look is not self._surface.look:
            return
        self._surface.overview = overview
        self.minimap.show_scene(scene, overview)
        self._update_minimap()
        self.update()

    def show_scene(self, scene: Scene, overview: Overview | None = None) -> None:
        """Draw another scene of the session's recording."""
        self._end_lateness()
        before, old_camera = self.scene, self.camera
        self.scene = scene
        self.marks = Marks(scene, self._session.playhead)
        self._message = (
            why_empty(scene.recording, self._session.view_options) if scene.is_empty else ""
        )
        self._hovered = None
        if overview is None or overview.look is not self._surface.look:
            overview = Overview(scene, self._surface.look)
        self._surface.show(scene, self.marks, overview)
        self._follow(before, scene, old_camera)
        self.minimap.show_scene(scene, overview)
        self._update_minimap()
        self._describe()
        self.update()
        self.scene_shown.emit()

    def _follow(self, before: Scene | None, scene: Scene, camera: Camera) -> None:
        """Look at what was looked at before, and let it move to where it is now."""
        anchor, self._toggled = self._toggled, None
        if before is None or before.is_empty or scene.is_empty:
            self._motion.stop()
            self.open_at(scene.start_box())
            return
        if max(len(before.cards), len(scene.cards)) > MOST_MATCHED:
            self._motion.stop()
            if not scene.has_structure_of(before):
                self.open_at(scene.start_box())
            return
        same = matches(before, scene)
        rects = self._motion.rects_of(before)
        if not scene.has_structure_of(before):
            self._place_camera(before, scene, same, anchor)
        self._motion.stop()
        if not self._appearance.moves or not is_related(before, scene, same):
            return
        transition = transition_between(before, scene, same, rects, camera, self.camera)
        if transition.is_bearable(self.view()) and transition.is_visible:
            self._motion.start(transition)

    def _place_camera(
        self, before: Scene, scene: Scene, same: Indices, anchor: Item | None
    ) -> None:
        if not is_related(before, scene, same):
            self.open_at(scene.start_box())
            return
        is_readable = fitting(scene.bounds, self.width(), self.height()).scale >= READABLE
        if self._follows_fit and is_readable:
            self.fit()
            return
        camera = camera_after(before, scene, same, self.camera, self._size(), anchor)
        if camera is None:
            self.open_at(scene.start_box())
        else:
            self._follows_fit = False
            self.set_camera(camera)

    def _on_build_failed(self, error: Exception) -> None:
        _log.error("The graph could not be laid out", exc_info=error)
        self._end_lateness()
        self.scene = self.marks = None
        self._message = self.tr("The graph could not be drawn: {}").format(error)
        self.minimap.hide()
        self.update()

    def _on_playhead_moved(self, playhead: int) -> None:
        if self.scene is None or self.scene.recording is not self._session.recording:
            return
        self.marks = Marks(self.scene, playhead)
        self._surface.set_marks(self.marks)
        if self.follows_step:
            for card in self.marks.current_cards:
                self.show_box(self.scene.box_of(card))
        self._update_minimap()
        self._announce(describe_step(self._session.replay, playhead))
        self.update()

    def _on_selection_changed(self, item: Item | None) -> None:
        card = self._card_of(item)
        if card is not None and self.scene is not None and not self._is_selecting:
            self.show_box(self.scene.box_of(card))
        self._describe()
        self.update()

    def _on_theme_changed(self, theme: Theme) -> None:
        self._set_look(self._surface.look._replace(theme=theme))

    def _set_look(self, look: Look) -> None:
        self._surface.set_look(look)
        if self.scene is not None and self._surface.overview is None:
            self._builder.paint_overview(self.scene, look)
        self.update()

    def _describe(self) -> None:
        """Tell screen readers what there is."""
        if self.scene is None or self.scene.is_empty:
            self.setAccessibleDescription(self._message)
            return
        items = self.tr("%n items", "", len(self.scene.cards))
        edges = self.tr("%n edges", "", len(self.scene.edges))
        text = f"{items}, {edges}."
        selected = self._session.selection
        if self._card_of(selected) is not None and selected is not None:
            title = title_of(self.scene.recording, selected)
            text += " " + self.tr("Selected: {}").format(title)
        self.setAccessibleDescription(text)

    def _announce(self, text: str) -> None:
        if text and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _update_minimap(self) -> None:
        scene = self.scene
        view = self.view()
        bounds = self.content_box().grown(-8.0)
        is_whole = view.left <= bounds.left and view.right >= bounds.right
        is_whole = is_whole and view.top <= bounds.top and view.bottom >= bounds.bottom
        is_drawn = scene is not None and not scene.is_empty and not self._is_late
        self.minimap.setVisible(is_drawn and not is_whole)
        self.minimap.move(
            self.width() - self.minimap.width() - MINIMAP_MARGIN,
            self.height() - self.minimap.height() - MINIMAP_MARGIN,
        )
        current = self.marks.current_cards if self.marks is not None else frozenset()
        self.minimap.show_view(view, current)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw tiles, then what is live."""
        painter = QPainter(self)
        try:
            if self._is_late or self.scene is None or self.scene.is_empty or self.marks is None:
                self._paint_message(painter)
            else:
                self._paint_scene(painter, self.scene, self.marks)
            if self.hasFocus():
                painter.resetTransform()
                painter.setPen(QPen(QColor(self.theme.selection), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        finally:
            painter.end()

    def _paint_message(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(self.theme.canvas))
        painter.setFont(font_of(TextStyle.VALUE))
        painter.setPen(QColor(self.theme.muted))
        width = min(self.width() - 48, 460)
        place = QRectF((self.width() - width) / 2, 16, width, self.height() - 32)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(place, int(flags), self._message)

    def _paint_scene(self, painter: QPainter, scene: Scene, marks: Marks) -> None:
        ratio, camera = self.devicePixelRatioF(), self.camera
        transition = self._motion.transition
        if transition is not None:
            painter.fillRect(self.rect(), QColor(self.theme.canvas))
            self._aim(painter)
            transition.paint(
                painter,
                self._surface.look,
                marks.phases,
                self.view(),
                camera.scale,
                self._motion.share,
            )
            return
        if not self._surface.paint(painter, camera, self._size(), ratio):
            self._next_frame.start(0)
        self._aim(painter)
        look = self._surface.look
        paint_current(painter, marks, look, detail_at(camera.scale), camera.scale)
        self._paint_outlines(painter, scene)

    def _aim(self, painter: QPainter) -> None:
        """Let the painter draw in scene coordinates; as the tiles, on whole device pixels."""
        ratio, camera = self.devicePixelRatioF(), self.camera
        left = round(camera.left * camera.scale * ratio) / ratio
        top = round(camera.top * camera.scale * ratio) / ratio
        painter.translate(-left, -top)
        painter.scale(camera.scale, camera.scale)

    def _paint_outlines(self, painter: QPainter, scene: Scene) -> None:
        selected = self._card_of(self._session.selection)
        scale = self.camera.scale
        if self._hovered is not None and self._hovered != selected:
            colour = faded(self.theme.selection)
            paint_outline(painter, scene, self._hovered, colour, is_dashed=False, scale=scale)
        if selected is not None:
            colour = QColor(self.theme.selection)
            paint_outline(
                painter, scene, selected, colour, is_dashed=not self.hasFocus(), scale=scale
            )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the card under the pointer."""
        super().mouseMoveEvent(event)
        if event.buttons() == Qt.MouseButton.NoButton:
            self._hover(self._card_at(event.position()))
            if self.control_at(event.position()) is not None:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            elif self._hovered is None:
                self.unsetCursor()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has left: nothing is under it."""
        super().leaveEvent(event)
        self._hover(None)

    def _hover(self, card: int | None) -> None:
        if card == self._hovered:
            return
        self._hovered = card
        if card is None:
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what was clicked."""
        card = self._card_at(event.position())
        if event.button() is not Qt.MouseButton.LeftButton or self.control_at(event.position()):
            return
        if card is not None:
            item = self._item(card)
            is_scope = self.scene is not None and self.scene.kinds[card] == CardKind.SCOPE
            if is_scope:
                self._toggle(item)
            else:
                self.node_activated.emit(item)
        elif (frame := self._frame_at(event.position())) is not None:
            self._toggle(frame.item)

    def _frame_at(self, position: QPointF) -> Frame | None:
        if self.scene is None:
            return None
        return frame_at(self.scene.frames, *self.camera.to_scene(position.x(), position.y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk along edges, open, clear the selection, fit."""
        key = Qt.Key(event.key())
        selected = self._card_of(self._session.selection)
        if key in WAYS and self.scene is not None:
            self._walk(self.scene, selected, WAYS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and selected is not None:
            if not event.modifiers():
                self.node_activated.emit(self._item(selected))
            else:
                event.ignore()
        elif key is Qt.Key.Key_Escape and self._session.selection is not None:
            self._session.select(None)
        elif key is Qt.Key.Key_F and not event.modifiers():
            self.zoom_to_selection()
        else:
            super().keyPressEvent(event)

    def _walk(self, scene: Scene, selected: int | None, way: Way) -> None:
        if scene.is_empty:
            return
        following = 0 if selected is None else card_beyond(scene, selected, way)
        if following is not None:
            self._session.select(scene.items[following])

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the keyboard's focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self.update()

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
        """What there is to say about the card or the gradient under a point, else nothing."""
        card = self._card_at(position)
        if card is not None:
            return describe(self._session.replay, self._item(card), self._session.playhead)
        chip = self._chip_at(position)
        if chip is None or self.scene is None:
            return ""
        return describe_chip(
            self._session.replay, self.scene.edges[chip.edge], self._session.playhead
        )

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
