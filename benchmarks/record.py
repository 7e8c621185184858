"""A recorded forward and backward pass beside the same in plain torch."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from time import perf_counter

import msgspec
import torch

from benchmarks import models
from benchmarks.floor import Keeping, floor
from benchmarks.memory import Held
from benchmarks.models import Work
from benchmarks.rows import Options, Row
from gradviz.tracer import Tracer
from gradviz.worker.allocator import keep_freed_memory


class Case(msgspec.Struct, frozen=True):
    """Something to record; `budget` is recorded ÷ plain at most."""

    name: str
    make: Callable[[], Work]
    budget: float
    rounds: int = 15


CASES = (
    Case("MLP", models.mlp, 1.4, rounds=41),
    Case("GPT-2 shape", partial(models.training, models.gpt2), 1.10, rounds=5),
    Case("ResNet-50 shape", partial(models.training, models.resnet50), 1.15, rounds=9),
    Case("GPT-2 shape, narrow", partial(models.training, models.narrow_transformer), 1.10, 7),
    Case("ResNet shape, narrow", partial(models.training, models.narrow_convolutions), 1.15, 11),
    Case("10,000 scalar ops", models.scalar_chain, 3.0, rounds=7),
)
PEERED = (
    ("GPT-2 shape", models.gpt2),
    ("ResNet-50 shape", models.resnet50),
    ("GPT-2 shape, narrow", models.narrow_transformer),
    ("ResNet shape, narrow", models.narrow_convolutions),
)
_OF_GRADIENTS = 1.1
"""Memory beyond that of the plain run, in bytes of the gradients that are kept."""

_OF_TORCHLENS = 0.1
"""At most a tenth of its overhead."""


def run(options: Options) -> Iterator[Row]:
    """Five rows for each case; the time is that of the person's own code inside the recorder.

    Plain and recorded runs take turns in being first, so that a machine that slows down or speeds
    up meanwhile favours neither. One row's ratio is that of the medians, another's the median of
    the pairs' ratios: where they differ much, the machine was too busy to tell. The others are what
    `floor` costs, which no recorder in Python can do without.

    All runs have the worker's setting of the allocator, as they have in the window; a script of
    the person's own that calls `gradviz.record()` has the system's.
    """
    keep_freed_memory()
    torch.manual_seed(0)
    ways: dict[str, Callable[[Work], float]] = {
        "plain": _seconds,
        "recorded": _recorded,
        "floor: mode and hooks": partial(_at_floor, keeping=Keeping.NOTHING),
        "floor: references too": partial(_at_floor, keeping=Keeping.REFERENCES),
        "floor: copies of what is overwritten too": partial(_at_floor, keeping=Keeping.COPIES),
    }
    for case in CASES:
        work = case.make()
        work()
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(case.rounds):
            for name in sorted(ways, reverse=bool(number % 2)):
                seconds[name].append(ways[name](work))
        plain, recorded = seconds.pop("plain"), seconds.pop("recorded")
        pairs = [mine / other for mine, other in zip(recorded, plain, strict=True)]
        figures: list[tuple[str, float, float, float | None]] = [
            ("recorded", median(recorded), median(recorded) / median(plain), case.budget),
            ("recorded, in pairs", median(recorded), median(pairs), case.budget),
        ]
        for name, least in seconds.items():
            figures.append((name, median(least), median(least) / median(plain), None))
        for subject, value, ratio, budget in figures:
            yield Row(
                name="record",
                case=case.name,
                subject=subject,
                peer="torch",
                value=value,
                unit="s",
                ratio=ratio,
                budget=budget,
            )
        del work
    yield from _memory()
    yield from _beside_torchlens()


def _memory() -> Iterator[Row]:
    """What a recording holds that the plain run does not, beside the gradients that it keeps."""
    for case, make in (("GPT-2 shape", "gpt2"), ("ResNet-50 shape", "resnet50")):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.memory", make],
            capture_output=True,
            check=True,
        )
        held = msgspec.json.decode(done.stdout, type=Held)
        for subject, value in (("storages", held.beyond_plain), ("peak RSS", held.peak_beyond)):
            ratio = value / held.gradients
            yield Row(
                name="record",
                case=f"{case}, memory",
                subject=f"{subject} beyond plain",
                peer="gradients",
                value=value / 2**20,
                unit="MiB",
                ratio=ratio,
                budget=_OF_GRADIENTS,
            )


def _beside_torchlens() -> Iterator[Row]:
    """What a recorded forward pass costs beyond the plain one, ours beside TorchLens's."""
    try:
        import torchlens
    except ImportError:  # pip install "gradviz[benchmarks]"
        return
    for case, make in PEERED:
        model, inputs = make()
        plain, ours, finishing, theirs = [], [], [], []
        for _ in range(3):
            plain.append(_seconds(partial(model, inputs)))
            with Tracer() as tracer:
                ours.append(_seconds(partial(model, inputs)))
            finishing.append(_seconds(tracer.finish))
            theirs.append(_seconds(partial(torchlens.trace, model, inputs)))
        base, peer = median(plain), median(theirs) - median(plain)
        during = median(ours) - base
        for subject, value in (("during", during), ("until done", during + median(finishing))):
            ratio = value / peer
            yield Row(
                name="record",
                case=f"{case}, forward",
                subject=f"overhead {subject}",
                peer="TorchLens",
                value=value,
                unit="s",
                ratio=ratio,
                budget=_OF_TORCHLENS,
            )


def _recorded(work: Work) -> float:
    """Seconds of the work itself within a recording, which is finished afterwards."""
    with Tracer() as tracer:
        seconds = _seconds(work)
    tracer.finish()
    return seconds


def _at_floor(work: Work, *, keeping: Keeping) -> float:
    """The same while the work is seen and kept, and nothing else is done."""
    with floor(keeping):
        return _seconds(work)


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start
