"""Moving through the recorded steps: latency, memory per step, and how both grow with the steps."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter, thread_time
from typing import TYPE_CHECKING

from benchmarks.rows import Options, Row

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

LENGTHS = (100, 1_000, 10_000, 100_000)
"""Steps of a recording of one pass; its ops, tensors and autograd nodes are as many."""
WIDTH = 4
MOVES = 400
BUDGET_SECONDS = 0.016
"""A frame: a move, at any depth, from the key to the bar painted anew."""
BUDGET_NBYTES = 400.0
"""What the indices keep for each step, beyond the recording."""
BUDGET_GROWTH = 4.0
"""Latency at the most steps ÷ latency at the fewest: a lookup does not grow with the history."""


def run(options: Options) -> Iterator[Row]:
    """Rows for each length: lookups alone, moves with the timeline painted, memory, indexing."""
    latencies: dict[str, list[float]] = {}
    for length in LENGTHS:
        for row in _of_length(length):
            latencies.setdefault(row.subject, []).append(row.value)
            yield row
    for subject in ("seek", "step over", "step out", "seek and paint the timeline"):
        ratio = latencies[subject][-1] / latencies[subject][0]
        yield Row(
            name="seek",
            case=f"growth, {LENGTHS[0]:,} to {LENGTHS[-1]:,} steps",
            subject=subject,
            peer=f"{LENGTHS[0]:,} steps",
            value=latencies[subject][-1],
            unit="s",
            ratio=ratio,
            budget=BUDGET_GROWTH,
        )


def _of_length(length: int) -> Iterator[Row]:
    from gradviz.gui.session import Session
    from gradviz.gui.style import Appearance
    from gradviz.gui.timeline import Timeline
    from gradviz.recording.model import NodeId
    from gradviz.recording.moves import Move, Moves
    from gradviz.recording.replay import Replay
    from tests.gui.canvas.recordings import make_ladder_recording

    application = _application()
    recording = make_ladder_recording(layers=max(1, length // WIDTH - 1), width=WIDTH)
    case = f"{length:,} steps"
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    replay = Replay(recording)
    moves = Moves(replay)
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    per_step = kept / replay.length
    yield _row(case, "memory per step", per_step, "bytes", BUDGET_NBYTES)
    began = thread_time()
    Moves(Replay(recording))
    yield _row(case, "indexing", thread_time() - began, "s", None)

    nodes = len(recording.autograd_nodes)

    def seek(playhead: int) -> None:
        replay.moment_at(playhead)
        replay.phase_of(NodeId(playhead % nodes), playhead)
        replay.step_of(NodeId(playhead * 7 % nodes), playhead)

    heads = [number * 7919 % replay.length for number in range(MOVES)]
    frame = BUDGET_SECONDS
    yield _row(case, "seek", _median(seek, heads), "s", frame)
    yield _row(case, "step over", _median(lambda p: moves.target(Move.OVER, p), heads), "s", frame)
    yield _row(
        case, "step out", _median(lambda p: moves.target(Move.OUT_BACK, p), heads), "s", frame
    )
    session = Session()
    timeline = Timeline(session, Appearance())
    timeline.resize(1200, 110)
    timeline.show()
    session.show_recording(recording)
    deadline = perf_counter() + 30
    while timeline.debugger.facts is None and perf_counter() < deadline:
        application.processEvents()
    timeline.grab()

    def step(playhead: int) -> None:
        session.move_playhead(playhead)
        timeline.grab()

    painted = _median(step, heads[: MOVES // 8])
    yield _row(case, "seek and paint the timeline", painted, "s", frame)
    timeline.close()


def _application() -> QCoreApplication:
    import os

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    return QApplication.instance() or QApplication([])


def _median(call: Callable[[int], object], arguments: list[int]) -> float:
    """Median seconds of the thread's own time, so that a busy machine does not count."""
    seconds = []
    for argument in arguments:
        began = thread_time()
        call(argument)
        seconds.append(thread_time() - began)
    return median(seconds)


def _row(case: str, subject: str, value: float, unit: str, budget: float | None) -> Row:
    return Row(
        name="seek",
        case=case,
        subject=subject,
        peer=None,
        value=value,
        unit=unit,
        budget=budget,
    )
