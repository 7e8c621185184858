"""A step, a seek and a selection with every node in view: what the playhead costs a frame."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks.canvas import FRAMES, Stage, application
from benchmarks.rows import Options, Row
from benchmarks.scenes import make_scene

SIZES = (10_000, 50_000)
BUDGET_MS = 4.0


def run(_options: Options) -> Iterator[Row]:
    """The 95th percentile of frames after each, in milliseconds of CPU time."""
    _qt = application()
    for nodes in SIZES:
        stage = Stage(make_scene(nodes))
        stage.first_picture()
        stage.until_sharp()
        length = stage.session.replay.length
        chance = np.random.default_rng(0)
        seeks = chance.integers(0, length, FRAMES).tolist()
        items = [stage.scene.items[i] for i in chance.integers(0, nodes, FRAMES).tolist()]
        stage.canvas.follows_step = False
        changes = {
            "step": [partial(stage.session.move_playhead, i) for i in range(1, FRAMES + 1)],
            "back": [partial(stage.session.move_playhead, i) for i in range(FRAMES - 1, -1, -1)],
            "seek": [partial(stage.session.move_playhead, i) for i in seeks],
            "select": [partial(stage.session.select, item) for item in items],
        }
        for name, moves in changes.items():
            stage.until_sharp()
            value = float(np.percentile([stage.frame(move) for move in moves], 95))
            yield Row(
                name="step",
                case=f"{nodes:,} nodes, {name}",
                subject="gradviz",
                peer=None,
                value=value,
                unit="ms p95",
                budget=BUDGET_MS,
            )
