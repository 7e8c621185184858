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
    block = nn.TransformerEncoderLayer(192, 4, 768, dropout=0.0, batch_first=True)
    model = nn.TransformerEncoder(block, 12, enable_nested_tensor=False)
    inputs = torch.randn(4, 128, 192)

    def work() -> None:
        model.zero_grad()
        model(inputs).square().mean().backward()

    return work


def convolutions() -> Work:
    """ResNet's shape: 16 residual blocks of convolution, batch norm and ReLU."""
    model = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), *(_Residual(32) for _ in range(16)))
    inputs = torch.randn(4, 3, 32, 32)

    def work() -> None:
        model.zero_grad()
        model(inputs).square().mean().backward()

    return work


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


def _seconds(work: Work) -> float:
    gc.collect()
    start = perf_counter()
    work()
    return perf_counter() - start
