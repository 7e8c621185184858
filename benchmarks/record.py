"""A recorded forward and backward pass beside the same in plain torch."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

import msgspec
import torch
from torch import nn

from benchmarks.rows import Options, Row
from gradviz.tracer import Tracer

Work = Callable[[], None]


class Case(msgspec.Struct, frozen=True):
    """Something to record; `budget` is recorded ÷ plain at most."""

    name: str
    make: Callable[[], Work]
    budget: float
    rounds: int = 15


def mlp() -> Work:
    """A small MLP: a batch of 64 through layers of 256."""
    model = nn.Sequential(
        nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)
    )
    inputs, labels = torch.randn(64, 256), torch.randint(10, (64,))

    def work() -> None:
        model.zero_grad()
        nn.functional.cross_entropy(model(inputs), labels).backward()

    return work


def transformer() -> Work:
    """GPT-2's shape at a quarter of its width: 12 blocks of 192, 128 tokens."""
    model, inputs = _transformer()

    def work() -> None:
        model.zero_grad()
        model(inputs).square().mean().backward()

    return work


def convolutions() -> Work:
    """ResNet's shape: 16 residual blocks of convolution, batch norm and ReLU."""
    model, inputs = _convolutions()

    def work() -> None:
        model.zero_grad()
        model(inputs).square().mean().backward()

    return work


def _transformer() -> tuple[nn.Module, torch.Tensor]:
    block = nn.TransformerEncoderLayer(192, 4, 768, dropout=0.0, batch_first=True)
    return nn.TransformerEncoder(block, 12, enable_nested_tensor=False), torch.randn(4, 128, 192)


def _convolutions() -> tuple[nn.Module, torch.Tensor]:
    blocks = (_Residual(32) for _ in range(16))
    return nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), *blocks), torch.randn(4, 3, 32, 32)


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.body(x))


def scalar_chain() -> Work:
    """Ten thousand ops on one number."""
    start = torch.tensor(1.0, requires_grad=True)

    def work() -> None:
        start.grad = None
        x = start
        for _ in range(5_000):
            x = x * 1.0001
            x = x + 0.0001
        x.backward()

    return work


CASES = (
    Case("MLP", mlp, 1.4, rounds=41),
    Case("GPT-2 shape, narrow", transformer, 1.10),
    Case("ResNet shape, narrow", convolutions, 1.15),
    Case("10,000 scalar ops", scalar_chain, 3.0, rounds=7),
)


_OF_TORCHLENS = 0.1
"""At most a tenth of its overhead."""


def run(options: Options) -> Iterator[Row]:
    """One row for each case; the time is that of the person's own code inside the recorder."""
    torch.manual_seed(0)
    for case in CASES:
        work = case.make()
        work()
        recorded, plain = [], []
        for _ in range(case.rounds):
            plain.append(_seconds(work))
            with Tracer() as tracer:
                recorded.append(_seconds(work))
            tracer.finish()
        value, peer = median(recorded), median(plain)
        ratio = value / peer
        yield Row(
            name="record",
            case=case.name,
            subject="recorded",
            peer="torch",
            value=value,
            unit="s",
            ratio=ratio,
            budget=case.budget,
            met=ratio <= case.budget,
        )
    yield from _beside_torchlens()


def _beside_torchlens() -> Iterator[Row]:
    """What a recorded forward pass costs beyond the plain one, ours beside TorchLens's."""
    try:
        import torchlens
    except ImportError:  # pip install "gradviz[benchmarks]"
        return
    for case, make in (("GPT-2 shape", _transformer), ("ResNet shape", _convolutions)):
        model, inputs = make()
        plain, ours, finishing, theirs = [], [], [], []
        for _ in range(3):
            plain.append(_seconds(lambda m=model, x=inputs: m(x)))
            with Tracer() as tracer:
                ours.append(_seconds(lambda m=model, x=inputs: m(x)))
            finishing.append(_seconds(tracer.finish))
            theirs.append(_seconds(lambda m=model, x=inputs: torchlens.trace(m, x)))
        base, peer = median(plain), median(theirs) - median(plain)
        during = median(ours) - base
        for subject, value in (("during", during), ("until done", during + median(finishing))):
            ratio = value / peer
            yield Row(
                name="record",
                case=f"{case}, narrow, forward",
                subject=f"overhead {subject}",
                peer="TorchLens",
                value=value,
                unit="s",
                ratio=ratio,
                budget=_OF_TORCHLENS,
                met=ratio <= _OF_TORCHLENS,
            )


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start
