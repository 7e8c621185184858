"""Build scenes off the window's thread; only the latest one asked for is delivered."""

from __future__ import annotations

from collections import OrderedDict
from threading import Thread
from typing import Final

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.look import Look
from gradviz.gui.canvas.overview import Overview
from gradviz.gui.canvas.scene import FEW_EDGES, PASSES_KEPT, Scene
from gradviz.gui.canvas.transition import MAX_CARDS
from gradviz.gui.canvas.view_cards import ViewCardMaker
from gradviz.gui.threads import start_soon
from gradviz.layout import LayoutCancelled
from gradviz.recording.model import Recording
from gradviz.recording.view import ViewOptions

MAX_KEPT: Final = 4
MAX_KEPT_CARDS: Final = 20_000
"""So many of the last scenes of a recording are kept, with so many cards in all."""


def are_alike(one: ViewOptions, other: ViewOptions) -> bool:
    """Whether two views place the same items in comparable places."""
    return (one.mode, one.heading, one.arrangement) == (
        other.mode,
        other.heading,
        other.arrangement,
    )


class SceneBuilder(QObject):
    """Turns a recording and view options into a scene, in a thread of its own.

    What was drawn a moment ago is kept: a scope that is opened again is just as it was, and at
    once.

    Signals:
        scene_built: the latest scene asked for is there (`Scene`, its `Overview`). The overview of
            one that is moved to from the scene before is only wanted when it has been reached, and
            may be None.
        overview_painted: a scene's overview is there (`Scene`, `Overview`).
        progressed: so much of the layout of the latest scene asked for is done (int, in percent).
        build_failed: it could not be built (`Exception`); nothing else was delivered.
    """

    scene_built = Signal(object, object)
    overview_painted = Signal(object, object)
    build_failed = Signal(object)
    progressed = Signal(int)
    _finished = Signal(int, object)
    _reported = Signal(int, int)

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._last: tuple[Scene, ViewOptions] | None = None
        self._maker: ViewCardMaker | None = None
        self._wanted: tuple[Scene, Look] | None = None
        self._kept: OrderedDict[ViewOptions, tuple[Scene, Overview | None]] = OrderedDict()
        self._finished.connect(self._on_finished)
        self._reported.connect(self._on_reported)
        self.overview_painted.connect(self._on_overview_painted)

    def build(
        self, recording: Recording, options: ViewOptions, look: Look, *, moves: bool = False
    ) -> None:
        """Start building; whatever is being built for an earlier call is abandoned.

        `moves` says that what is shown will move to where it is in the next scene.
        """
        self._number += 1
        kept = self._kept.get(options)
        if kept is not None and kept[0].recording is recording:
            self._last = kept[0], options
            self._kept.move_to_end(options)
            number = self._number
            # As always, it is there a moment after it was asked for.
            QTimer.singleShot(0, self, lambda: self._finished.emit(number, kept))
            return
        work = Thread(
            target=self._work,
            args=(self._number, recording, options, look, moves),
            name="gradviz-layout",
            daemon=True,
        )
        start_soon(work)

    def forget(self) -> None:
        """Keep nothing of what was built: cards say something else now."""
        self._kept.clear()
        self._maker = None

    def cancel(self) -> None:
        """Abandon what is being built, and an overview that has not been begun."""
        self._number += 1
        self._wanted = None

    def _work(
        self, number: int, recording: Recording, options: ViewOptions, look: Look, moves: bool
    ) -> None:
        result: object
        try:
            last = self._last
            maker = self._maker
            if maker is None or maker.recording is not recording:
                maker = self._maker = ViewCardMaker(recording)
            is_alike = last is not None and are_alike(last[1], options)
            previous = last[0] if last is not None and is_alike else None
            scene = build_scene(
                recording,
                options,
                previous=previous,
                should_stop=lambda: number != self._number,
                progress=lambda part: self._reported.emit(number, int(100 * part)),
                maker=maker,
            )
            if number == self._number:
                self._last = scene, options
            is_next = previous is not None and previous.recording is recording
            if moves and is_next and len(scene.cards) <= MAX_CARDS:
                result = scene, None
            else:
                scene.warm(options.pass_id or 0)
                result = scene, Overview(scene, look)
        except LayoutCancelled:
            return
        except Exception as error:  # A thread has nobody else to tell.
            result = error
        if number != self._number or not shiboken6.isValid(self):
            return
        self._finished.emit(number, result)
        if isinstance(result, tuple):
            if result[1] is None:
                scene.warm(options.pass_id or 0)
            self._warm(number, scene)

    def _warm(self, number: int, scene: Scene) -> None:
        """Look at the next passes while the scene is looked at: stepping into them is instant."""
        if len(scene.edges) <= FEW_EDGES:
            return
        for pass_index in range(min(len(scene.recording.passes), PASSES_KEPT)):
            if number != self._number:
                return
            scene.warm_pass(pass_index)

    def paint_overview(self, scene: Scene, look: Look) -> None:
        """Start painting a scene's overview, or painting it in another look."""
        wanted = self._wanted = scene, look
        work = Thread(
            target=self._paint_overview, args=(wanted,), name="gradviz-overview", daemon=True
        )
        start_soon(work)

    def _paint_overview(self, wanted: tuple[Scene, Look]) -> None:
        # By identity: a look holds arrays, and these are not compared to one truth.
        if self._wanted is not wanted:
            return
        scene, look = wanted
        overview = Overview(scene, look)
        if shiboken6.isValid(self):
            self.overview_painted.emit(scene, overview)

    def _on_overview_painted(self, scene: Scene, overview: Overview) -> None:
        for options, (kept, _) in self._kept.items():
            if kept is scene:
                self._kept[options] = scene, overview

    def _on_reported(self, number: int, percent: int) -> None:
        if number == self._number:
            self.progressed.emit(percent)

    def _on_finished(self, number: int, result: object) -> None:
        if number != self._number:
            return
        if isinstance(result, tuple):
            self._keep(*result)
            self.scene_built.emit(*result)
        else:
            self.build_failed.emit(result)

    def _keep(self, scene: Scene, overview: Overview | None) -> None:
        """Remember the latest scene, with those of the same recording before it."""
        if self._last is None or self._last[0] is not scene:
            return
        if any(other.recording is not scene.recording for other, _ in self._kept.values()):
            self._kept.clear()
        self._kept[self._last[1]] = scene, overview
        self._kept.move_to_end(self._last[1])
        cards = sum(len(other.cards) for other, _ in self._kept.values())
        while self._kept and (len(self._kept) > MAX_KEPT or cards > MAX_KEPT_CARDS):
            _, (oldest, _) = self._kept.popitem(last=False)
            cards -= len(oldest.cards)
