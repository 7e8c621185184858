"""Draw the compared models with Netron, for `make_pictures.py --peers`.

Usage: python scripts/draw_netron.py FOLDER

Needs packages that gradviz does not (`pip install netron onnx`), the programs chromium, Xvfb and
ImageMagick's, and a font with 〈 and 〉 (such as fonts-wqy-zenhei). Netron shows saved models, so
each is exported to ONNX without its loss. The browser reaches nothing but the local page.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import netron
import netron.server
import torch
from torch import nn

from benchmarks.real_graphs import BasicBlock

DISPLAY: Final = ":173"
SCREEN: Final = (1600, 5200)
FIRST_PORT: Final = 8980
LAID_OUT_SECONDS: Final = 9.0
BROWSER: Final = (
    "chromium",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--test-type",
    "--force-device-scale-factor=1.5",
    "--window-position=0,0",
)


class Chain(nn.Module):
    """The chain rule's example."""

    def forward(self, x: torch.Tensor, y: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        """A sum times a number."""
        return (x + y) * z


class Whole(nn.Module):
    """A model as a part of another: the exporter fails on some that are nothing but themselves."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: torch.Tensor) -> object:
        """What the model gives."""
        return self.model(*inputs)


def models() -> dict[str, tuple[nn.Module, dict[str, torch.Tensor]]]:
    """Each compared model with its inputs by name."""
    perceptron = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    block = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
    scalars = {name: torch.tensor(float(n)) for n, name in enumerate("xyz")}
    return {
        "chain_rule": (Chain(), scalars),
        "perceptron": (perceptron, {"x": torch.randn(16, 4)}),
        "basic_block": (BasicBlock(8), {"x": torch.randn(2, 8, 16, 16)}),
        "transformer_block": (block, {"x": torch.randn(2, 6, 32)}),
        "training_loop": (nn.Linear(2, 1), {"x": torch.randn(8, 2)}),
    }


class _Answers(netron.server._HTTPRequestHandler):  # type: ignore[misc, name-defined]
    def end_headers(self) -> None:
        # The page asks before it sets cookies, and nobody is there to answer.
        self.send_header("Set-Cookie", "consent=1")
        super().end_headers()


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """A display in memory, and the environment of what shall be shown on it."""
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    server = subprocess.Popen(["Xvfb", DISPLAY, "-screen", "0", size])
    time.sleep(1.0)
    try:
        yield os.environ | {"DISPLAY": DISPLAY}
    finally:
        server.terminate()
        server.wait()


def shoot(model: Path, picture: Path, port: int, profile: str, around: dict[str, str]) -> None:
    """Save what Netron shows of a model, without the empty ground around it."""
    netron.start(str(model), address=("localhost", port), browse=False)
    options: list[Any] = [
        *BROWSER,
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost",
        f"--window-size={SCREEN[0] * 2 // 3},{SCREEN[1] * 2 // 3}",
        f"--user-data-dir={profile}",
        f"--app=http://localhost:{port}/",
    ]
    browser = subprocess.Popen(options, env=around, stderr=subprocess.DEVNULL)
    try:
        time.sleep(LAID_OUT_SECONDS)
        # The buttons of the page stand in its corners.
        crop = ["-crop", f"{SCREEN[0] - 40}x{SCREEN[1] - 220}+20+70", "-trim", "+repage"]
        subprocess.run(["import", "-window", "root", str(picture)], env=around, check=True)
        subprocess.run(["convert", str(picture), *crop, str(picture)], check=True)
    finally:
        browser.terminate()
        browser.wait()


def main(folder: Path) -> None:
    """Draw the five models."""
    folder.mkdir(parents=True, exist_ok=True)
    netron.server._HTTPRequestHandler = _Answers
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as scratch, screen() as around:
        for number, (name, (model, inputs)) in enumerate(models().items()):
            path = Path(scratch) / f"{name}.onnx"
            torch.onnx.export(
                Whole(model),
                tuple(inputs.values()),
                path,
                input_names=list(inputs),
                output_names=["out"],
                # As it is trained: for inference batch norms would be folded into what is before.
                training=torch.onnx.TrainingMode.TRAINING,
                dynamo=False,
            )
            picture = folder / f"{name}-netron.png"
            shoot(path, picture, FIRST_PORT + number, f"{scratch}/profile", around)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
