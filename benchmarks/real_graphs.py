"""Recordings that canvases break on, and the five that peers are compared on; made by real torch.

A program is run inside `gradviz.record`; it returns what shall be named in the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch
from torch import nn

import gradviz
from benchmarks.models import GPT2, ResNet50
from gradviz.recording.model import Recording

Program = Callable[[], Any]


class BasicBlock(nn.Module):
    """A ResNet's basic block."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = torch.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return torch.relu(out + x)


class _Nested(nn.Module):
    def __init__(self, depth: int) -> None:
        super().__init__()
        self.inner: nn.Module = _Nested(depth - 1) if depth > 1 else nn.Linear(4, 4)
        self.scale = nn.Parameter(torch.ones(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.inner(x) * self.scale)


def _chain_rule() -> Recording:
    with gradviz.record() as made:
        x = torch.tensor(2.0, requires_grad=True)
        y = torch.tensor(1.0, requires_grad=True)
        z = torch.tensor(3.0, requires_grad=True)
        p = x + y
        g = p * z
        g.backward()
    return made.data


def _perceptron() -> Recording:
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    x, target = torch.randn(16, 4), torch.randn(16, 1)
    with gradviz.record() as made:
        loss = nn.functional.mse_loss(model(x), target)
        loss.backward()
    return made.data


def _basic_block() -> Recording:
    model, x = BasicBlock(8), torch.randn(2, 8, 16, 16)
    with gradviz.record() as made:
        loss = model(x).mean()
        loss.backward()
    return made.data


def _transformer_block() -> Recording:
    model = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
    x = torch.randn(2, 6, 32)
    with gradviz.record() as made:
        loss = model(x).mean()
        loss.backward()
    return made.data


def _training_loop() -> Recording:
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, target = torch.randn(8, 2), torch.randn(8, 1)
    with gradviz.record() as made:
        for _ in range(3):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), target)
            loss.backward()
            optimizer.step()
    return made.data


def _resnet() -> Recording:
    model, x = ResNet50(), torch.randn(1, 3, 64, 64)
    model.eval()
    with gradviz.record(keep_nbytes=0) as made:
        loss = model(x).mean()
        loss.backward()
    return made.data


def _gpt() -> Recording:
    model, tokens = GPT2(width=48, tokens=100), torch.randint(100, (1, 8))
    with gradviz.record(keep_nbytes=0) as made:
        loss = model(tokens).mean()
        loss.backward()
    return made.data


def _lstm() -> Recording:
    cell, x = nn.LSTMCell(4, 8), torch.randn(200, 1, 4)
    with gradviz.record(keep_nbytes=0) as made:
        state = torch.zeros(1, 8), torch.zeros(1, 8)
        for step in range(200):
            state = cell(x[step], state)
        loss = state[0].sum()
        loss.backward()
    return made.data


def _chain(length: int) -> Recording:
    x = torch.ones((), requires_grad=True)
    with gradviz.record(keep_nbytes=0) as made:
        y = x
        for _ in range(length // 2):
            y = (y * 1.0001).sin()
        y.backward()
    return made.data


def _doubling() -> Recording:
    x = torch.ones(2, requires_grad=True)
    with gradviz.record() as made:
        a = x * 1
        for _ in range(100):
            a += a
        a.sum().backward()
    return made.data


def _nested() -> Recording:
    model, x = _Nested(10), torch.randn(2, 4)
    with gradviz.record() as made:
        loss = model(x).sum()
        loss.backward()
    return made.data


def _leaves(count: int) -> Recording:
    leaves = [torch.ones((), requires_grad=True) for _ in range(count)]
    with gradviz.record(keep_nbytes=0) as made:
        total = torch.stack(leaves).sum()
        total.backward()
    return made.data


def _components() -> Recording:
    leaves = [torch.ones((), requires_grad=True) for _ in range(500)]
    with gradviz.record(keep_nbytes=0) as made:
        for leaf in leaves:
            (leaf * 2).exp()
    return made.data


def _single() -> Recording:
    with gradviz.record() as made:
        a = torch.tensor([1.0, 2.0], requires_grad=True)
    del a
    return made.data


def _nothing() -> Recording:
    return Recording(text="print('hello')\n")


COMPARED: Final[dict[str, Program]] = {
    "chain_rule": _chain_rule,
    "perceptron": _perceptron,
    "basic_block": _basic_block,
    "transformer_block": _transformer_block,
    "training_loop": _training_loop,
}
HARD: Final[dict[str, Program]] = {
    "resnet50": _resnet,
    "gpt2": _gpt,
    "lstm200": _lstm,
    "chain10000": lambda: _chain(10_000),
    "doubling100": _doubling,
    "nested10": _nested,
    "leaves10000": lambda: _leaves(10_000),
    "components500": _components,
    "single": _single,
    "nothing": _nothing,
}


def make(name: str) -> Recording:
    """The recording of a program."""
    torch.manual_seed(0)
    recording: Recording = (COMPARED | HARD)[name]()
    return recording
