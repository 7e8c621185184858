"""Build scenes off the window's thread; only the latest one asked for is delivered."""

from __future__ import annotations

from threading import Thread

import shiboken6
from PySide6.QtCore import QObject, Signal

from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.scene import Scene
from gradviz.layout import LayoutCancelled
from gradviz.recording.model import Recording
from gradviz.recording.view import ViewOptions


class SceneBuilder(QObject):
    """Turns a recording and view options into a scene, in a thread of its own.

    Signals:
        scene_built: the latest scene asked for is there (`Scene`).
        build_failed: it could not be built (`Exception`); nothing else was delivered.
    """

    scene_built = Signal(object)
    build_failed = Signal(object)
    _finished = Signal(int, object)

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._finished.connect(self._on_finished)

    def build(self, recording: Recording, options: ViewOptions) -> None:
        """Start building; whatever is being built for an earlier call is abandoned."""
        self._number += 1
        Thread(
            target=self._work,
            args=(self._number, recording, options),
            name="gradviz-layout",
            daemon=True,
        ).start()

    def cancel(self) -> None:
        """Abandon what is being built."""
        self._number += 1

    def _work(self, number: int, recording: Recording, options: ViewOptions) -> None:
        result: object
        try:
            result = build_scene(recording, options, should_stop=lambda: number != self._number)
        except LayoutCancelled:
            return
        except Exception as error:  # A thread has nobody else to tell.
            result = error
        if number != self._number or not shiboken6.isValid(self):
            return
        self._finished.emit(number, result)

    def _on_finished(self, number: int, result: object) -> None:
        if number != self._number:
            return
        if isinstance(result, Scene):
            self.scene_built.emit(result)
        else:
            self.build_failed.emit(result)
