"""The canvas in motion: first picture, pan, zoom and selection, every node in view.

Milliseconds of the window's thread (its CPU time: the machine may be busy), 1280 × 800 pixels,
painted into memory. The peer is an item for each node in Qt's own graphics view.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from functools import partial
from time import thread_time

import msgspec
import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView

from benchmarks.rows import Options, Row
from benchmarks.scenes import make_recording, make_scene
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.overview import Overview
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.view_cards import ViewCardMaker
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT, Appearance
from gradviz.recording.scopes import scopes_of
from gradviz.recording.view_options import Folds, FoldStart, ViewOptions

SIZE = (1280, 800)
FRAMES = 60
SIZES = (10_000, 50_000)
MOVED = 6_000
FRAME_BUDGET_MS = 16.0
FOLD_BUDGET_MS = 50.0
FIRST_BUDGET_MS = 50.0
SHARP_BUDGET_MS = 150.0


def application() -> QApplication:
    """Qt's application, without a display: fonts are measured with it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    known = QApplication.instance()
    return known if isinstance(known, QApplication) else QApplication([])


class Stage:
    """A canvas that shows a scene, painted into an image."""

    def __init__(self, scene: Scene) -> None:
        self.session = Session()
        self.canvas = Canvas(self.session, Appearance(LIGHT))
        self.canvas.resize(*SIZE)
        self.canvas.ensurePolished()
        self.image = QImage(*SIZE, QImage.Format.Format_RGB32)
        self.session.show_recording(scene.recording)
        # The scene is given: what the session's own thread lays out is not wanted.
        self.canvas.cancel_building()
        self.scene = scene
        start = thread_time()
        scene.warm()
        self.overview = Overview(scene, self.canvas.look)
        self.settling_ms = (thread_time() - start) * 1e3

    def first_picture(self) -> float:
        """Show the scene with its overview, as they come from the thread that builds them.

        Returns milliseconds until there is something to see.
        """
        start = thread_time()
        self.canvas.show_scene(self.scene, self.overview)
        self.canvas.fit()
        self.canvas.render(self.image)
        return (thread_time() - start) * 1e3

    def frame(self, change: Callable[[], object]) -> float:
        """Change something and paint; milliseconds."""
        start = thread_time()
        change()
        self.canvas.render(self.image)
        return (thread_time() - start) * 1e3

    def until_sharp(self) -> float:
        """Paint until nothing is missing; milliseconds."""
        spent = self.frame(lambda: None)
        while not self.canvas.is_sharp:
            # What moves needs the clock.
            QApplication.processEvents()
            spent += self.frame(lambda: None)
        return spent


class ItemStage:
    """The same scene as one graphics item for each node and edge."""

    def __init__(self, scene: Scene) -> None:
        self.items = QGraphicsScene()
        pen = QPen(QColor(LIGHT.edge), 0)
        for line in scene.segments.tolist():
            self.items.addLine(QLineF(*line), pen)
        for rect in scene.rects.tolist():
            self.items.addRect(QRectF(*rect), pen, QColor(LIGHT.op.fill))
        self.view = QGraphicsView(self.items)
        self.view.resize(*SIZE)
        self.view.fitInView(self.items.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)
        self.image = QImage(*SIZE, QImage.Format.Format_RGB32)

    def frame(self) -> float:
        """Paint once; milliseconds."""
        start = thread_time()
        painter = QPainter(self.image)
        try:
            self.view.render(painter)
        finally:
            painter.end()
        return (thread_time() - start) * 1e3


def run(_options: Options) -> Iterator[Row]:
    """First picture, sharp picture, and the 95th percentile of frames, at two sizes."""
    _qt = application()
    row = partial(Row, name="canvas", subject="gradviz", peer=None, unit="ms")
    for nodes in SIZES:
        scene = make_scene(nodes)
        case = f"{nodes:,} nodes"
        first, sharp = [], []
        stage = Stage(scene)
        yield row(case=f"{case}, in thread", value=stage.settling_ms)
        for _ in range(5):
            first.append(stage.first_picture())
            sharp.append(first[-1] + stage.until_sharp())
        yield row(case=f"{case}, first", value=float(np.median(first)), budget=FIRST_BUDGET_MS)
        yield row(case=f"{case}, sharp", value=float(np.median(sharp)), budget=SHARP_BUDGET_MS)
        peer = ItemStage(scene)
        theirs = float(np.median([peer.frame() for _ in range(3)]))
        for name, motion in MOTIONS.items():
            stage.canvas.fit()
            stage.until_sharp()
            frames = [stage.frame(partial(motion, stage, i)) for i in range(FRAMES)]
            value = float(np.percentile(frames, 95))
            frame = partial(row, case=f"{case}, {name}", value=value, unit="ms p95")
            yield frame(budget=FRAME_BUDGET_MS)
            yield frame(peer="QGraphicsItem", ratio=value / theirs)
    for kind, start in (("fold", FoldStart.FOLDED), ("open fold", FoldStart.OPEN)):
        foreseen, built, shown, settled = fold_ms(MOVED, start)
        case = f"{MOVED:,} nodes, {kind}"
        yield row(case=f"{case}, preview", value=foreseen, budget=FRAME_BUDGET_MS)
        yield row(case=f"{case}, layout", value=built, budget=FOLD_BUDGET_MS)
        yield row(case=f"{case}, picture", value=shown, budget=FRAME_BUDGET_MS)
        yield row(case=f"{case}, in thread", value=settled)
    for case, value in (
        (f"{MOVED:,} nodes, first moved", moved_ms(MOVED)),
        (f"{SIZES[0]:,} nodes, drag p95", drag_ms(SIZES[0])),
    ):
        yield row(case=case, value=value, budget=FRAME_BUDGET_MS)


def fold_ms(nodes: int, start: FoldStart) -> tuple[float, float, float, float]:
    """A module is opened or folded in a graph whose other modules are folded, or open.

    Returns milliseconds from the wish to the first picture in which cards have moved, until the
    next scene is laid out (beside the window's thread), from there to its first picture, and for
    what is made while cards are on their way: indices, and the overview.
    """
    columns = round(math.sqrt(nodes))
    recording = make_recording(nodes, columns, row_is_module=True)
    options = ViewOptions(folds=Folds(start=start))
    keys = [scope.key for scope in scopes_of(recording).scopes if scope.key.startswith("/row0")]
    folds = options.folds
    changed = folds.opening(*keys) if start is FoldStart.FOLDED else folds.folding(*keys)
    others = msgspec.structs.replace(options, folds=changed), options
    # As in the window, cards that were made are kept.
    maker = ViewCardMaker(recording)
    stage = Stage(build_scene(recording, options, maker=maker))
    session = stage.session
    session.set_view_options(options)
    stage.canvas.cancel_building()
    stage.first_picture()
    before = stage.scene
    foreseen, built, shown, settled = [], [], [], []
    for number in range(10):
        stage.until_sharp()
        now = others[number % 2]
        assert before.folding is not None
        session.know_folding(before.folding)
        foreseen.append(stage.frame(partial(wish, stage, now)))
        began = thread_time()
        scene = build_scene(recording, now, previous=before, maker=maker)
        built.append((thread_time() - began) * 1e3)
        shown.append(stage.frame(partial(stage.canvas.show_scene, scene)))
        stage.canvas.cancel_building()
        began = thread_time()
        scene.warm()
        overview = Overview(scene, stage.canvas.look)
        settled.append((thread_time() - began) * 1e3)
        stage.canvas.show_overview(scene, overview)
        before = scene
    medians = [float(np.median(each)) for each in (foreseen, built, shown, settled)]
    return medians[0], medians[1], medians[2], medians[3]


def wish(stage: Stage, options: ViewOptions) -> None:
    """Fold or open as a person does; the next scene is not built beside it."""
    stage.session.set_view_options(options)
    stage.canvas.cancel_building()


def moved_ms(nodes: int) -> float:
    """A scope is opened: from the next scene to the first picture of cards on their way."""
    scene = make_scene(nodes)
    rects = scene.rects.copy()
    rects[rects[:, 1] > 1000.0, 1] += 700.0
    after = scene.with_changes(rects, {})
    stage = Stage(scene)
    overviews = {False: stage.overview, True: Overview(after, stage.canvas.look)}
    spent = []
    for number in range(10):
        stage.canvas.show_scene(scene if number % 2 else after, overviews[not number % 2])
        stage.canvas.fit()
        stage.until_sharp()
        is_back = bool(number % 2)
        change = partial(stage.canvas.show_scene, after if is_back else scene, overviews[is_back])
        spent.append(stage.frame(change))
    return float(np.median(spent))


def drag_ms(nodes: int) -> float:
    """A card follows the pointer with its edges, at a scale where its text can be read."""
    stage = Stage(make_scene(nodes))
    stage.first_picture()
    canvas, card = stage.canvas, nodes // 2
    canvas.fit_box(stage.scene.box_of(card).grown(500.0))
    stage.until_sharp()
    at = QPointF(*canvas.camera.to_canvas(*stage.scene.centre_of(card)))
    canvas.drag_started(at)
    steps = [at + QPointF(2.0 * i, 1.0 * i) for i in range(FRAMES)]
    return float(np.percentile([stage.frame(partial(canvas.dragged, to)) for to in steps], 95))


def _pan(stage: Stage, number: int) -> None:
    stage.canvas.pan(5.0 * math.cos(number / 7), 4.0 * math.sin(number / 5))


def _zoom(stage: Stage, number: int) -> None:
    stage.canvas.zoom(1.1 if number % 20 < 10 else 1 / 1.1)


MOTIONS = {"pan": _pan, "zoom": _zoom}
