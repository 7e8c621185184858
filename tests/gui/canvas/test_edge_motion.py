from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from benchmarks.scenes import make_scene
from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.edge_motion import EdgeMotion
from gradviz.gui.canvas.edges import DrawnEdges
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.look import Look
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.style import LIGHT
from gradviz.layout.routes import Lines, joined
from tests.builders import make_chain_rule_recording

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

SIZE = 400


def inked(motion: EdgeMotion, view: Box, share: float) -> np.ndarray:
    """Which pixels of a picture of a view edges are drawn on, shape (SIZE, SIZE)."""
    image = QImage(SIZE, SIZE, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.canvas))
    scale = SIZE / max(view.width, view.height)
    painter = QPainter(image)
    try:
        painter.scale(scale, scale)
        painter.translate(-view.left, -view.top)
        none_came = np.zeros(len(motion._after.edges), np.bool_)
        motion.paint(painter, Look(LIGHT), none_came, view, scale, share)
    finally:
        painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(SIZE, SIZE)
    return pixels != QColor(LIGHT.canvas).rgb()


def away(scene: Scene, x: float) -> Scene:
    """The same scene elsewhere."""
    rects = scene.rects + np.array((x, 0.0, 0.0, 0.0))
    return scene.with_changes(
        rects, {edge: scene.route(edge) + np.array((x, 0.0)) for edge in range(len(scene.edges))}
    )


def without_edges(scene: Scene) -> Scene:
    edges = DrawnEdges.of([])
    return Scene(scene.recording, scene.cards, scene.rects, edges, joined([]))


def test_more_than_ten_thousand_edges_are_seen_all_the_way() -> None:
    scene = make_scene(6_000)
    assert len(scene.edges) > 10_000
    motion = EdgeMotion(scene, away(scene, 500.0), np.arange(len(scene.cards)), Camera())
    for share in (0.0, 0.5, 1.0):
        ink = inked(motion, scene.bounds, share)
        # In every part of the picture, not in one corner.
        parts = ink[: SIZE // 4 * 4, SIZE // 8 * 2 :].reshape(4, SIZE // 4, 3, -1)
        assert (parts.sum(axis=(1, 3)) > 50).all()


def test_an_edge_moves_from_where_it_was_seen_to_where_it_is() -> None:
    scene = build_scene(make_chain_rule_recording())
    same = np.arange(len(scene.cards))
    shift = Camera(-30.0, 10.0, 2.0)
    motion = EdgeMotion(scene, away(scene, 300.0), same, shift)
    _, start, end = motion._moving(Box(-5e3, -5e3, 5e3, 5e3))
    assert len(start) == len(scene.edges)
    for edge, points in enumerate(start):
        ends = [shift.to_canvas(*point) for point in scene.route(edge)[[0, -1]].tolist()]
        assert points[[0, -1]].ravel().tolist() == pytest.approx(np.ravel(ends).tolist())
    assert np.allclose(
        end[:, 0], [scene.route(edge)[0] + np.array((300.0, 0.0)) for edge in range(len(end))]
    )


def test_edges_of_one_scene_fade_in_or_out() -> None:
    scene = build_scene(make_chain_rule_recording())
    bare, same = without_edges(scene), np.arange(len(scene.cards))
    goes, comes = (EdgeMotion(*pair, same, Camera()) for pair in ((scene, bare), (bare, scene)))
    assert inked(goes, scene.bounds, 0.5).any() and inked(comes, scene.bounds, 0.5).any()
    assert not inked(goes, scene.bounds, 1.0).any()
    assert not inked(comes, scene.bounds, 0.0).any()
    assert np.array_equal(inked(goes, scene.bounds, 0.0), inked(comes, scene.bounds, 1.0))


def test_what_moves_through_the_view_is_drawn_though_it_begins_and_ends_outside() -> None:
    plain = build_scene(make_chain_rule_recording())
    long = Lines(np.array(((0.0, 0.0), (0.0, 9_000.0))), np.array((0, 2)))
    rects = np.zeros((len(plain.cards), 4))
    scene = Scene(plain.recording, plain.cards, rects, DrawnEdges.of([plain.edges[0]]), long)
    motion = EdgeMotion(scene, scene, np.arange(len(scene.cards)), Camera())
    assert inked(motion, Box(-200.0, 4_000.0, 200.0, 4_400.0), 0.5).any()
    assert not inked(motion, Box(200.0, 4_000.0, 600.0, 4_400.0), 0.5).any()
