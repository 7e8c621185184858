"""Keep the graph coloured by the chosen overlay, whatever is shown of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from gradviz.gui.canvas.legend import LegendView
from gradviz.gui.canvas.look import Focus
from gradviz.gui.canvas.overlay_colours import Coloured, colour
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.gui.threads import Background
from gradviz.recording.compare import Comparison
from gradviz.recording.model import PassId
from gradviz.recording.overlays import Overlay

if TYPE_CHECKING:
    from gradviz.gui.canvas.canvas import Canvas

SMALL: Final = 3_000
"""Cards, ops and autograd nodes together; up to here colours take the window a few ms."""

_TELLING: Final = (Overlay.GRADIENT, Overlay.DIFFERENCE)
"""Colours that tell of gradients, also of those that a learner has still to predict."""


class Overlays(QObject):
    """Colours the canvas, and shows the legend in its corner.

    Attributes:
        overlay: by what it is coloured.
        coloured: the colours in use, None where there are none.
        legend: tells what they mean.

    Signals:
        chosen: the graph is coloured by something else (`Overlay`).
        started: colours are about to be put there, where others may be.
    """

    chosen = Signal(object)
    started = Signal()

    def __init__(
        self, session: Session, canvas: Canvas, appearance: Appearance, *, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._canvas, self._appearance = session, canvas, appearance
        self._comparison: Comparison | None = None
        self._marks_itself = False
        self._pass: PassId | None = None
        self._focus: Focus | None = None
        self.overlay = Overlay.NONE
        self.coloured: Coloured | None = None
        self.legend = LegendView(appearance.theme, hides=canvas.count_under, parent=canvas)
        self.legend.row_clicked.connect(self._on_row_clicked)
        self.legend.closed.connect(self.clear)
        self._background = Background("overlay", parent=self)
        canvas.scene_shown.connect(self._apply)
        canvas.camera_moved.connect(self._on_camera_moved)
        session.playhead_moved.connect(self._on_playhead_moved)
        session.concealment_changed.connect(self._apply)
        appearance.theme_changed.connect(self._on_theme_changed)

    def choose(self, overlay: Overlay) -> None:
        """Colour the graph by something else."""
        if overlay is self.overlay:
            return
        had_colours = self.coloured is not None
        self._marks_itself &= overlay is Overlay.DIFFERENCE
        self.overlay = overlay
        self.coloured = None
        self._forget_focus()
        if overlay is Overlay.NONE:
            self._background.drop()
            self.legend.say(overlay, None)
            if had_colours:
                self._canvas.set_colouring(None)
        else:
            self.started.emit()
            self._apply()
        self.chosen.emit(overlay)

    def clear(self) -> None:
        """Give every card its own colours again."""
        self.choose(Overlay.NONE)

    def leave(self) -> None:
        """Stop colouring, but leave the colours that something else has set."""
        self.coloured = None
        self.choose(Overlay.NONE)

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Another what-if run is shown, or none; what differs is marked unless colours are used."""
        self._comparison = comparison
        if comparison is not None and self.overlay is Overlay.NONE:
            self._marks_itself = True
            self.choose(Overlay.DIFFERENCE)
        elif comparison is None and self._marks_itself and self.overlay is Overlay.DIFFERENCE:
            # While the next what-if run is compared nothing is known to differ.
            self.choose(Overlay.NONE)
        elif self.overlay is Overlay.DIFFERENCE:
            self._apply()

    def _on_playhead_moved(self, _playhead: int) -> None:
        if self.overlay is Overlay.GRADIENT and self._session.pass_at_playhead != self._pass:
            self._apply()

    def _on_theme_changed(self, theme: Theme) -> None:
        self.legend.set_theme(theme)
        self._apply()

    def _on_camera_moved(self) -> None:
        # While somebody looks around it stays; where all is shown, all is to be seen.
        if self._canvas.shows_all:
            self.legend.place()

    def _apply(self) -> None:
        scene = self._canvas.scene
        if self.overlay is Overlay.NONE or scene is None:
            return
        if scene.recording is not self._session.recording:
            return
        if self._session.conceals and self.overlay in _TELLING:
            self._background.drop()
            self.coloured = None
            self._canvas.set_colouring(None)
            self.legend.say(self.overlay, None)
            return
        self._pass = self._session.pass_at_playhead
        find_colours = partial(
            colour,
            scene,
            self.overlay,
            self._appearance.theme,
            pass_id=self._pass,
            comparison=self._comparison,
        )
        size = len(scene.cards) + len(scene.recording.ops) + len(scene.recording.autograd_nodes)
        self._background.call(find_colours, partial(self._use, scene), at_once=size <= SMALL)

    def _use(self, coloured_scene: Scene, coloured: Coloured | None) -> None:
        scene = self._canvas.scene
        # Cards that were moved by hand meanwhile keep their colours.
        if scene is None or scene.items is not coloured_scene.items:
            return
        self._forget_focus()
        self.coloured = coloured
        self._canvas.set_colouring(None if coloured is None else coloured.colouring)
        self.legend.say(self.overlay, None if coloured is None else coloured.legend)

    # What stands out.

    def _on_row_clicked(self, code: int) -> None:
        scene = self._canvas.scene
        if scene is None or self.coloured is None:
            return
        is_shown = self._focus is not None and self._canvas.look.focus is self._focus
        cards = self.coloured.colouring.cards == code
        if is_shown and self._focus is not None and np.array_equal(self._focus.cards, cards):
            self._forget_focus()
            return
        edges = cards[scene.sources] & cards[scene.targets]
        self._focus = Focus(cards, edges)
        self._canvas.set_focus(self._focus)
        self.legend.mark(code)

    def _forget_focus(self) -> None:
        if self._focus is not None and self._canvas.look.focus is self._focus:
            self._canvas.clear_focus()
        self._focus = None
        self.legend.mark(None)
