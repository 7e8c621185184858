"""A viewport that shows one scene after another: painting, following, moving cards by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from gradviz.gui.canvas.badges import Badges, paint_badges
from gradviz.gui.canvas.break_marks import Breaks
from gradviz.gui.canvas.camera import READABLE, Camera
from gradviz.gui.canvas.geometry import Box, Indices
from gradviz.gui.canvas.layer_tags import paint_layers
from gradviz.gui.canvas.look import Colouring, Detail, Focus, Look, detail_at
from gradviz.gui.canvas.marks import Marks
from gradviz.gui.canvas.matches import paint_matches
from gradviz.gui.canvas.minimap import Minimap
from gradviz.gui.canvas.motion import (
    MAX_MATCHED,
    Motion,
    box_of_item,
    camera_after,
    is_related,
    toggled_scope,
    transition_between,
)
from gradviz.gui.canvas.moving import Drag, Offset, Pins, paint_pin
from gradviz.gui.canvas.norms import NormRange
from gradviz.gui.canvas.overlay import (
    paint_current,
    paint_edge_outline,
    paint_frame_outline,
    paint_outline,
)
from gradviz.gui.canvas.overview import Overview
from gradviz.gui.canvas.painter import faded
from gradviz.gui.canvas.picture_extras import Extras
from gradviz.gui.canvas.preview import preview
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.surface import Surface
from gradviz.gui.canvas.text import TextStyle, font_of
from gradviz.gui.canvas.transition import MAX_CARDS, Transition, matches
from gradviz.gui.canvas.viewport import Viewport
from gradviz.gui.style import Appearance, Theme
from gradviz.gui.timers import single_shot
from gradviz.recording.model import Item, Recording

if TYPE_CHECKING:
    from gradviz.gui.canvas.finding_marks import FindingMarks
    from gradviz.recording.diagnostics import Finding

RESTED_MS: Final = 250
"""After the view has rested for so long the minimap makes room for what it hides."""


class SceneView(Viewport):
    """Shows a scene with what a playhead adds, and its minimap; knows no session.

    Attributes:
        scene: what is drawn, None before the first one is laid out.
        marks: what the playhead adds to it.
        badges: notes what arrives beside cards, None where there are none.
        minimap: the overview in the corner.
        selected, hovered: cards with a line around them, None for none.
        selected_frame: the item of the open scope that is selected, None for none.
        hovered_edge: the edge under the pointer.
        matches: cards that a search found, None where nothing is sought.
        message: what is said where there is nothing to draw.

    Signals:
        scene_shown: another scene is drawn.
        card_moved: a card was moved by hand (its `Item`, and its `Offset`s before and after, None
            where the layout placed it); `set_offset` undoes and redoes that.
    """

    scene_shown = Signal()
    card_moved = Signal(object, object, object)

    def __init__(self, appearance: Appearance, *, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.scene: Scene | None = None
        self.marks: Marks | None = None
        self.badges: Badges | None = None
        self.selected: int | None = None
        self.selected_frame: Item | None = None
        self.hovered: int | None = None
        self.hovered_edge: int | None = None
        self.matches: Indices | None = None
        self.message = ""
        self._breaks = Breaks()
        self._findings: FindingMarks | None = None
        self._appearance = appearance
        self.enlargement = appearance.enlargement
        appearance.enlarged.connect(self.set_enlargement)
        self._surface = Surface(Look(appearance.theme))
        self._pins = Pins()
        self._drag: Drag | None = None
        self._motion = Motion(parent=self)
        self._motion.moved.connect(self.update)
        self.minimap = Minimap(parent=self)
        self.minimap.place_chosen.connect(self.centre_on)
        self.camera_moved.connect(self._update_minimap)
        self._rested = single_shot(self, self._make_room, RESTED_MS)
        self._next_frame = single_shot(self, self.update)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._appearance.theme

    @property
    def look(self) -> Look:
        """How the scene is drawn."""
        return self._surface.look

    @property
    def is_sharp(self) -> bool:
        """Whether the last frame lacked nothing and nothing is moving."""
        return self._surface.is_sharp and self._motion.transition is None

    @property
    def painted_tiles(self) -> int:
        """How many tiles have been painted so far."""
        return self._surface.painted_tiles

    @property
    def is_withheld(self) -> bool:
        """Whether the message is shown although there is a scene."""
        return False

    def content_box(self) -> Box:
        """The box around the graph."""
        return Box(0.0, 0.0, 0.0, 0.0) if self.scene is None else self.scene.bounds

    def focus_box(self) -> Box:
        """The selected card, else one of the current step, else where to look first."""
        if self.scene is None:
            return self.content_box()
        if self.selected is not None:
            return self.scene.box_of(self.selected)
        if self.marks is not None and self.marks.current_cards:
            return self.scene.box_of(min(self.marks.current_cards))
        return self.scene.start_box()

    def selected_box(self) -> Box | None:
        """The box around what is selected, None where nothing is that is drawn."""
        if self.scene is None:
            return None
        if self.selected is not None:
            return self.scene.box_of(self.selected)
        return box_of_item(self.scene, self.selected_frame)

    def about_to_change(self) -> None:
        """Keep the sharp picture, to be stretched until there is another."""
        self._surface.keep_look(self.camera, self._size(), self.devicePixelRatioF())

    def _size(self) -> tuple[int, int]:
        return self.width(), self.height()

    def card_at(self, position: QPointF) -> int | None:
        """The card that is drawn at a point of the widget."""
        if self.scene is None or self.is_withheld:
            return None
        return self.scene.card_at(*self.camera.to_scene(position.x(), position.y()))

    def count_under(self, place: QRect) -> int:
        """How many cards are drawn in a rectangle of the widget."""
        if self.scene is None:
            return 0
        left, top = self.camera.to_scene(place.left(), place.top())
        right, bottom = self.camera.to_scene(place.right(), place.bottom())
        return len(self.scene.cards_in(Box(left, top, right, bottom)))

    # Scenes.

    def present(self, scene: Scene, playhead: int, overview: Overview | None = None) -> None:
        """Draw another scene; what is in the one before as well moves to its new place."""
        before, camera = self.scene, self.camera
        laid_out = scene
        scene = self._pins.applied(scene)
        self.scene, self.marks = scene, Marks(scene, playhead)
        self.hovered = self.hovered_edge = self._drag = self.matches = None
        if self.look.focus is not None or self.look.colouring is not None or self.look.hidden:
            # They are about the cards of the scene before.
            self._surface.look = Look(self.theme, norms=self.look.norms)
        if scene is not laid_out or (overview is not None and not overview.is_of(self.look)):
            overview = None
        self._surface.show(scene, self.marks, overview)
        self._follow(before, scene, camera)
        if overview is None:
            self.wants_overview()
        else:
            self.minimap.show_scene(scene, overview)
        self._update_minimap()
        self.update()
        self.scene_shown.emit()

    def show_nothing(self, message: str) -> None:
        """Say why there is nothing to draw."""
        self._motion.stop()
        self.scene = self.marks = self._drag = None
        self.message = message
        self.minimap.hide()
        self.update()

    def set_playhead(self, playhead: int) -> None:
        """Draw another moment."""
        if self.scene is None:
            return
        self.marks = Marks(self.scene, playhead)
        self._surface.set_marks(self.marks)
        self._update_minimap()
        self.update()

    def show_breaks(self, recording: Recording, items: Mapping[Item, bool]) -> None:
        """Mark the items that breakpoints are on; those that are False are switched off."""
        self._breaks = Breaks(recording, items)
        self.update()

    def show_findings(self, recording: Recording, findings: Iterable[Finding]) -> None:
        """Mark the cards that errors and warnings were found at."""
        # The finders are not needed before the first of them has found something.
        from gradviz.gui.canvas.finding_marks import FindingMarks

        self._findings = FindingMarks(recording, findings)
        self.update()

    def show_overview(self, scene: Scene, overview: Overview) -> None:
        """Use an overview that was painted meanwhile, where it is still of use."""
        if scene is not self.scene or not overview.is_of(self.look):
            return
        self._surface.overview = overview
        self.minimap.show_scene(scene, overview)
        self._update_minimap()
        self.update()

    def wants_overview(self) -> None:
        """The overview has to be painted again; `show_overview` takes it."""

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._set_look(self.look._replace(theme=theme))

    def set_colouring(self, colouring: Colouring | None) -> None:
        """Draw cards and edges in an overlay's colours, until another scene is shown."""
        self._set_look(self.look._replace(colouring=colouring))

    def set_matches(self, cards: Indices | None) -> None:
        """Mark the cards that a search found, until another scene is shown."""
        self.matches = cards
        self.update()

    def set_norms(self, norms: NormRange | None) -> None:
        """Let the width of edges tell the norm of the gradients on them, or no more."""
        if norms != self.look.norms:
            self._set_look(self.look._replace(norms=norms))

    def extras(self, playhead: int | None = None) -> Extras:
        """What a picture of the canvas shows besides its scene, at another moment where given."""
        scene, marks = self.scene, self.marks
        if scene is None or marks is None:
            return Extras()
        at = marks.playhead if playhead is None else playhead
        notes = [] if self.badges is None else self.badges.at(scene, at)
        return Extras(tuple(self._pins.cards), tuple(notes))

    def set_focus(self, focus: Focus | None) -> None:
        """Let some cards and edges stand out, until another scene is shown."""
        if focus is not None or self.look.focus is not None:
            self._set_look(self.look._replace(focus=focus))

    def _set_look(self, look: Look) -> None:
        self._surface.set_look(look)
        if self._surface.overview is None and self.scene is not None:
            self.wants_overview()
        self.update()

    def _follow(self, before: Scene | None, scene: Scene, camera: Camera) -> None:
        """Look at what was looked at before, and let it move to where it is now."""
        if before is None or before.is_empty or scene.is_empty:
            self._motion.stop()
            self.open_at(scene.start_box())
            return
        before, rects = self._motion.seen(before)
        self._motion.stop()
        is_same = scene.has_structure_of(before)
        if max(len(before.cards), len(scene.cards)) > MAX_MATCHED:
            if not is_same:
                self.open_at(scene.start_box())
            return
        same = matches(before, scene)
        if not is_same:
            self._place_camera(before, scene, same)
        if not self._appearance.moves or not is_related(before, scene, same):
            return
        transition = transition_between(before, scene, same, rects, camera, self.camera)
        if transition.is_visible and transition.is_affordable(self.view()):
            self._motion.start(transition)

    @property
    def is_foreseen(self) -> bool:
        """Whether what is drawn is a preview of the next scene."""
        return self._motion.is_preview

    def foresee(self, opened: list[Item], folded: list[Item]) -> None:
        """Make room for scopes that are opened, or close up, until the next scene is there."""
        if self.scene is None:
            return
        after = preview(self.scene, opened, folded) if self._appearance.moves else None
        if after is None or len(after.cards) > MAX_CARDS:
            self._motion.stop()
        else:
            self._motion.start_preview(self.scene, after, self.camera)
        self.update()

    def _place_camera(self, before: Scene, scene: Scene, same: Indices) -> None:
        if not is_related(before, scene, same):
            self.open_at(scene.start_box())
            return
        readable = READABLE * self.enlargement
        is_readable = self.fitting(scene.bounds).scale >= readable
        # What was too small to be read, or seen in part, need not stay so once there is room.
        was_too_large = min(self.camera.scale, self.fitting(before.bounds).scale) < readable
        # One of networkx's layouts puts everything elsewhere, at the least change.
        is_overview = self._follows_fit and (self.camera.scale < readable or scene.bends is None)
        if is_overview or (is_readable and (self._follows_fit or was_too_large)):
            self.fit()
            return
        seen = self.camera
        if self._follows_fit and seen.scale > 1.0:
            # A few cards were enlarged to fill the canvas; there is no room to enlarge many.
            scope = box_of_item(before, toggled_scope(before, scene)) or self.view()
            x, y = seen.to_canvas((scope.left + scope.right) / 2, scope.top)
            seen = seen.zoomed(1.0 / seen.scale, x, y)
        camera = camera_after(before, scene, same, seen, self._size())
        if camera is None:
            self.open_at(scene.start_box())
        else:
            self._follows_fit = False
            self.set_camera(camera)
            if camera.scale < readable and self.view().holds(scene.bounds):
                # What was there before was larger by far.
                self.fit()

    # Cards moved by hand.

    def offset_of(self, item: Item) -> Offset | None:
        """How far an item's card was moved by hand, None where it was not."""
        return self._pins.offset_of(item)

    def set_offset(self, item: Item, offset: Offset | None) -> None:
        """Put an item's card so far from its place in the layout; None leaves it to the layout."""
        before = self.scene
        scene = self._pins.put(item, offset)
        if before is None or scene is None:
            return
        card = scene.index[item]
        edges = [*scene.edges_into(card), *scene.edges_out_of(card)]
        boxes = [s.card_boxes[card] for s in (before, scene)]
        boxes += [s.edge_boxes[edge] for s in (before, scene) for edge in edges]
        self.scene = scene
        self.marks = Marks(scene, self.marks.playhead if self.marks is not None else 0)
        self._surface.replace_scene(scene, self.marks, boxes)
        self.wants_overview()
        self.update()

    def put_back(self, item: Item) -> None:
        """Leave an item's card to the layout again, where it was moved by hand."""
        before = self.offset_of(item)
        if before is not None:
            self.set_offset(item, None)
            self.card_moved.emit(item, before, None)

    def forget_offsets(self) -> None:
        """Leave every card to the layout, from the next scene on."""
        self._pins = Pins()

    def drag_started(self, position: QPointF) -> bool:
        """Take the card under the pointer along; False where there is none, and the view pans."""
        card = self.card_at(position)
        if card is None or self.scene is None or detail_at(self.camera.scale) is Detail.BLOCKS:
            return False
        self._motion.stop()
        self._drag = Drag(self.scene, card, *self.camera.to_scene(position.x(), position.y()))
        self._surface.hide(frozenset((card,)), self._drag.touched())
        return True

    def dragged(self, position: QPointF) -> None:
        """Move the card along with the pointer."""
        if self._drag is not None:
            self._drag.move_to(*self.camera.to_scene(position.x(), position.y()))
            self.update()

    def dropped(self, *, is_cancelled: bool = False) -> None:
        """Leave the card where it is, or where it was."""
        drag, self._drag = self._drag, None
        if drag is None or self.scene is None:
            return
        self._surface.hide(frozenset(), drag.touched())
        item = drag.scene.items[drag.card]
        if not is_cancelled and self.scene is drag.scene:
            before = self._pins.offset_of(item)
            old_x, old_y = before or (0.0, 0.0)
            after = old_x + drag.offset[0], old_y + drag.offset[1]
            self.set_offset(item, after)
            self.card_moved.emit(item, before, after)
        self.update()

    # Painting.

    def _update_minimap(self) -> None:
        view = self.view()
        is_whole = view.holds(self.content_box().grown(-8.0))
        is_drawn = self.scene is not None and not self.scene.is_empty and not self.is_withheld
        self.minimap.setVisible(is_drawn and not is_whole)
        self.minimap.keep_in_corner()
        if self.minimap.isVisible():
            self._rested.start()
        current = self.marks.current_cards if self.marks is not None else frozenset()
        if self.scene is not None:
            self.minimap.show_view(self.scene, view, current)

    def _make_room(self) -> None:
        """Move the minimap to where it hides fewer cards, unless the person is using it."""
        is_in_use = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if not is_in_use and not self.minimap.underMouse():
            self.minimap.make_room(self.count_under)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw tiles, then what is live."""
        painter = QPainter(self)
        try:
            scene, marks = self.scene, self.marks
            if self.is_withheld or scene is None or marks is None or scene.is_empty:
                self._paint_message(painter)
            else:
                self._paint_scene(painter, scene, marks)
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
        painter.drawText(place, int(flags), self.message)

    def _paint_scene(self, painter: QPainter, scene: Scene, marks: Marks) -> None:
        ratio, camera = self.devicePixelRatioF(), self.camera
        transition = self._motion.transition
        if transition is not None:
            self._paint_transition(painter, transition, marks, self._motion.share)
            return
        ended = self._motion.take_ended()
        if ended is not None:
            self._keep_end_of(ended, marks)
        if not self._surface.paint(painter, camera, self._size(), ratio):
            self._next_frame.start(0)
        self._use_scene_coordinates(painter)
        detail = detail_at(camera.scale)
        paint_current(painter, marks, self.look, self.view(), detail, camera.scale)
        if detail is Detail.FULL:
            paint_layers(painter, scene, self.view(), self.theme)
        if detail is Detail.FULL and self.badges is not None:
            notes = self.badges.at(scene, marks.playhead)
            paint_badges(painter, scene, notes, self.theme, self.view())
        if detail is not Detail.BLOCKS:
            for card in self._pins.cards:
                if self._drag is None or self._drag.card != card:
                    paint_pin(painter, QRectF(*scene.rects[card].tolist()), self.look)
        self._paint_outlines(painter, scene)
        if detail is not Detail.BLOCKS:
            if self._findings is not None:
                self._findings.paint(painter, scene, self.theme, camera.scale)
            self._breaks.paint(painter, scene, self.theme, camera.scale)
        if self._drag is not None:
            self._drag.paint(painter, marks, self.look)

    def _paint_transition(
        self, painter: QPainter, transition: Transition, marks: Marks, share: float
    ) -> None:
        painter.fillRect(self.rect(), QColor(self.theme.canvas))
        self._use_scene_coordinates(painter)
        transition.paint(painter, self.look, marks, self.view(), self.camera.scale, share)

    def _keep_end_of(self, transition: Transition, marks: Marks) -> None:
        """Leave its last picture where it was seen until there are tiles."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(pixmap)
        try:
            self._paint_transition(painter, transition, marks, 1.0)
        finally:
            painter.end()
        self._surface.stretch(pixmap, self.camera)

    def _use_scene_coordinates(self, painter: QPainter) -> None:
        """Set the painter to scene coordinates, aligned to device pixels as the tiles are."""
        ratio, camera = self.devicePixelRatioF(), self.camera
        left = round(camera.left * camera.scale * ratio) / ratio
        top = round(camera.top * camera.scale * ratio) / ratio
        painter.translate(-left, -top)
        painter.scale(camera.scale, camera.scale)

    def _paint_outlines(self, painter: QPainter, scene: Scene) -> None:
        scale, colour = self.camera.scale, QColor(self.theme.selection)
        if self.matches is not None and len(self.matches):
            paint_matches(painter, scene, self.matches, self.theme, self.view(), scale)
        if self.hovered_edge is not None:
            paint_edge_outline(painter, scene, self.hovered_edge, colour, scale=scale)
        dragged = None if self._drag is None else self._drag.card
        if self.hovered not in (None, self.selected, dragged):
            assert self.hovered is not None
            pale = faded(self.theme.selection)
            paint_outline(painter, scene, self.hovered, pale, is_dashed=False, scale=scale)
        is_dashed = not self.hasFocus()
        frame = box_of_item(scene, self.selected_frame)
        if frame is not None:
            paint_frame_outline(painter, frame, colour, is_dashed=is_dashed, scale=scale)
        if self.selected not in (None, dragged):
            assert self.selected is not None
            paint_outline(painter, scene, self.selected, colour, is_dashed=is_dashed, scale=scale)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the keyboard's focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus ring away."""
        super().focusOutEvent(event)
        self.update()
