"""Draw hard graphs on the real canvas, in every view; say how long each took.

Usage: python scripts/show_graphs.py FOLDER [NAME...] [--quick]

Each graph is saved as it opens, fitted and at 1:1, open and folded, forward, backward and both,
and in the dark theme. Printed are the cards, the time until the picture is sharp, and the longest
turn of the window's thread (CPU milliseconds).
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_SCALE_FACTOR"] = "1"
os.environ["QT_FONT_DPI"] = "96"

from PySide6.QtWidgets import QApplication

from benchmarks.real_graphs import COMPARED, HARD, make
from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.session import Session
from gradviz.gui.style import DARK, LIGHT, Appearance, Theme
from gradviz.recording.view import Folds, FoldStart, ViewMode, ViewOptions

SIZE = (1000, 700)
PATIENCE_SECONDS = 60.0


class Stage:
    """A canvas with a session of its own, offscreen."""

    def __init__(self, theme: Theme) -> None:
        self.session = Session()
        appearance = Appearance()
        appearance.set_theme(theme)
        appearance.reduced_motion = True
        self.canvas = Canvas(self.session, appearance)
        self.canvas.resize(*SIZE)
        self.canvas.show()

    def settle(self, before: object) -> tuple[float, float]:
        """Wait for another scene and a sharp picture: seconds, and the longest turn in ms."""
        started, longest = time.monotonic(), 0.0
        while time.monotonic() - started < PATIENCE_SECONDS:
            turn = time.thread_time()
            QApplication.processEvents()
            longest = max(longest, time.thread_time() - turn)
            if self.canvas.scene is not before and (
                self.canvas.scene is None or self.canvas.scene.is_empty or self.canvas.is_sharp
            ):
                break
            time.sleep(0.002)
        return time.monotonic() - started, longest * 1000

    def save(self, path: Path) -> None:
        """The canvas as it is."""
        self.settle(None)
        self.canvas.grab().save(str(path))


def show(name: str, folder: Path, *, is_quick: bool) -> None:
    """Save all pictures of one graph."""
    recording = make(name)
    for theme in (LIGHT,) if is_quick else (LIGHT, DARK):
        stage = Stage(theme)
        before = stage.canvas.scene
        stage.session.show_recording(recording)
        stage.session.move_playhead(stage.session.replay.length)
        seconds, longest = stage.settle(before)
        _tell(f"{name} {theme.name} open", stage, seconds, longest)
        stage.save(folder / f"{name}-{theme.name}-open.png")
        stage.canvas.fit()
        stage.save(folder / f"{name}-{theme.name}-fit.png")
        if theme is DARK or is_quick:
            continue
        box = stage.canvas.content_box()
        x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        stage.canvas.set_camera(Camera(x - SIZE[0] / 2, y - SIZE[1] / 2, 1.0))
        stage.save(folder / f"{name}-1to1.png")
        for mode in ViewMode:
            for start in (FoldStart.FITTING, FoldStart.FOLDED, FoldStart.OPEN):
                options = ViewOptions(mode=mode, folds=Folds(start))
                before = None if options == stage.session.view_options else stage.canvas.scene
                stage.session.set_view_options(options)
                seconds, longest = stage.settle(before)
                _tell(f"{name} {mode.value} {start.value}", stage, seconds, longest)
                stage.canvas.open_at(stage.canvas.scene.start_box())
                stage.save(folder / f"{name}-{mode.value}-{start.value}.png")


def _tell(what: str, stage: Stage, seconds: float, longest: float) -> None:
    cards = len(stage.canvas.scene.cards) if stage.canvas.scene else 0
    print(f"{what:42} {cards:6} cards {seconds:7.2f} s  longest turn {longest:6.1f} ms", flush=True)


def main() -> None:
    """Draw what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", default=[*COMPARED, *HARD])
    parser.add_argument("--quick", action="store_true", help="only as each opens, in light")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    for name in chosen.names:
        show(name, chosen.folder, is_quick=chosen.quick)
    application.quit()


if __name__ == "__main__":
    main()
