"""The models that recording is measured on, in plain torch: small ones and those of true shape."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

Work = Callable[[], None]
"""One forward and backward pass, as often as it is called."""

_GPT2_TOKENS = 50_257


class _Block(nn.Module):
    """One of GPT-2's blocks: attention and a feed-forward part, each after a layer norm."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ln_1 = nn.LayerNorm(width)
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        parts = self.c_attn(self.ln_1(x)).view(batch, length, 3 * self.heads, -1).transpose(1, 2)
        query, key, value = parts.chunk(3, dim=1)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.c_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        widened: torch.Tensor = self.mlp(self.ln_2(x))
        return x + widened


class GPT2(nn.Module):
    """GPT-2: at a `width` of 768 with 12 blocks and 12 heads, the small one's 124 M parameters."""

    def __init__(
        self, width: int = 768, blocks: int = 12, heads: int = 12, tokens: int = 50_257
    ) -> None:
        super().__init__()
        self.wte = nn.Embedding(tokens, width)
        self.wpe = nn.Embedding(1024, width)
        self.h = nn.ModuleList(_Block(width, heads) for _ in range(blocks))
        self.ln_f = nn.LayerNorm(width)
        self.head = nn.Linear(width, tokens, bias=False)
        self.head.weight = self.wte.weight

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        for block in self.h:
            x = block(x)
        logits: torch.Tensor = self.head(self.ln_f(x))
        return logits


GPT2_PARTS = (_Block, GPT2)
"""The classes whose source is all of GPT-2."""


class _Bottleneck(nn.Module):
    def __init__(self, inner: int, channels: int, stride: int) -> None:
        super().__init__()
        outer = 4 * inner
        self.conv1 = nn.Conv2d(channels, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, outer, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outer)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or channels != outer:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, outer, 1, stride, bias=False), nn.BatchNorm2d(outer)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        same = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        x = self.bn3(self.conv3(x))
        x += same
        out: torch.Tensor = self.relu(x)
        return out


class ResNet50(nn.Sequential):
    """ResNet-50, with its 25.6 M parameters."""

    def __init__(self) -> None:
        layers: list[nn.Module] = [
            nn.Conv2d(3, 64, 7, 2, 3, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
        ]
        channels = 64
        for inner, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            for block in range(blocks):
                layers.append(_Bottleneck(inner, channels, stride if block == 0 else 1))
                channels = 4 * inner
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000)]
        super().__init__(*layers)


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


def gpt2() -> tuple[nn.Module, torch.Tensor]:
    """GPT-2 small and a text of 64 tokens."""
    return GPT2(), torch.randint(_GPT2_TOKENS, (1, 64))


def resnet50() -> tuple[nn.Module, torch.Tensor]:
    """ResNet-50 and two pictures of 96 × 96."""
    return ResNet50(), torch.randn(2, 3, 96, 96)


def narrow_transformer() -> tuple[nn.Module, torch.Tensor]:
    """12 of torch's own encoder layers at a quarter of GPT-2's width, 4 texts of 128."""
    block = nn.TransformerEncoderLayer(192, 4, 768, dropout=0.0, batch_first=True)
    return nn.TransformerEncoder(block, 12, enable_nested_tensor=False), torch.randn(4, 128, 192)


def narrow_convolutions() -> tuple[nn.Module, torch.Tensor]:
    """16 residual blocks of 32 channels, 4 pictures of 32 × 32."""
    blocks = (_Residual(32) for _ in range(16))
    return nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), *blocks), torch.randn(4, 3, 32, 32)


def training(make: Callable[[], tuple[nn.Module, torch.Tensor]]) -> Work:
    """Forward and backward of a model, without the optimizer's step."""
    model, inputs = make()

    def work() -> None:
        model.zero_grad()
        model(inputs).square().mean().backward()

    return work


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
