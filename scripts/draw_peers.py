"""Draw the compared models with torchviz and torchview, for `make_pictures.py --peers`.

Usage: python scripts/draw_peers.py FOLDER

Needs packages that gradviz does not: `pip install torchviz torchview`, and Graphviz's `dot`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import nn
from torchview import draw_graph
from torchviz import make_dot

from benchmarks.real_graphs import BasicBlock


def main(folder: Path) -> None:
    """Draw the five models."""

    def save(graph: object, name: str) -> None:
        graph.format = "png"  # type: ignore[attr-defined]
        graph.graph_attr["dpi"] = "80"  # type: ignore[attr-defined]
        graph.render(str(folder / name), cleanup=True)  # type: ignore[attr-defined]

    def compare(name: str, model: nn.Module, x: torch.Tensor, loss: torch.Tensor) -> None:
        save(make_dot(loss, params=dict(model.named_parameters())), f"{name}-torchviz")
        save(draw_graph(model, input_data=x, depth=3).visual_graph, f"{name}-torchview")

    torch.manual_seed(0)
    leaves = {
        n: torch.tensor(v, requires_grad=True) for n, v in {"x": 2.0, "y": 1.0, "z": 3.0}.items()
    }
    root = (leaves["x"] + leaves["y"]) * leaves["z"]
    save(make_dot(root, params=leaves), "chain_rule-torchviz")
    model: nn.Module = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    x = torch.randn(16, 4)
    compare("perceptron", model, x, nn.functional.mse_loss(model(x), torch.randn(16, 1)))
    model, x = BasicBlock(8), torch.randn(2, 8, 16, 16)
    compare("basic_block", model, x, model(x).mean())
    model = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0, batch_first=True)
    x = torch.randn(2, 6, 32)
    compare("transformer_block", model, x, model(x).mean())
    model, x = nn.Linear(2, 1), torch.randn(8, 2)
    compare("training_loop", model, x, nn.functional.mse_loss(model(x), torch.randn(8, 1)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
