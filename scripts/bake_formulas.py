"""Bake PyTorch's own derivative formulas into a small file that gradviz ships.

    python scripts/bake_formulas.py    # after another PyTorch was installed

Reads `torchgen/packaged/autograd/derivatives.yaml` of the installed PyTorch (BSD-3-Clause) with
PyTorch's own reader, which takes some ten seconds and needs PyYAML, and writes
`gradviz/recording/data/derivatives.json`: for each node class, what it sends along each edge.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "gradviz" / "recording" / "data" / "derivatives.json"


def main() -> int:
    """Write the file; the exit status."""
    nodes = formulas(_infos())
    import torch

    version = torch.__version__.partition("+")[0]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(_written(nodes, version), encoding="utf-8")
    print(f"{len(nodes)} node classes of PyTorch {version}, {TARGET.stat().st_size} bytes")
    return 0


def _written(nodes: dict[str, list[list[str]]], version: str) -> str:
    """JSON with one line for each node class, so that a change of it is one line too."""
    source = "PyTorch, torchgen/packaged/autograd/derivatives.yaml (BSD-3-Clause)"
    lines = [f"  {json.dumps(name)}: {json.dumps(nodes[name])}" for name in sorted(nodes)]
    head = f'{{\n "source": {json.dumps(source)},\n "torch": {json.dumps(version)},\n "nodes": {{\n'
    return head + ",\n".join(lines) + "\n }\n}\n"


def formulas(infos: Any) -> dict[str, list[list[str]]]:
    """For each node class, the name and the formula of each edge, in the order of its edges."""
    found: dict[str, list[list[str]]] = {}
    for by_dispatch in infos.values():
        for info in by_dispatch.values():
            edges = _edges(info)
            if edges and info.op not in found:
                found[info.op] = edges
    return found


def _edges(info: Any) -> list[list[str]]:
    """`[]` after a name says that the edge is there once for each tensor of a list."""
    by_name = {
        name: derivative.original_formula
        for derivative in info.derivatives
        for name in derivative.var_names
    }
    edges = []
    for argument in info.args_with_derivatives:
        formula = by_name.get(argument.name)
        if formula is None:
            continue
        is_list = "TensorList" in argument.type or "List<" in argument.type
        edges.append([argument.name + "[]" * is_list, re.sub(r"\s+", " ", formula).strip()])
    return edges


def _infos() -> Any:
    import torchgen
    from torchgen.packaged.autograd.load_derivatives import load_derivatives

    packaged = Path(torchgen.__file__).parent / "packaged"
    infos, _ = load_derivatives(
        str(packaged / "autograd" / "derivatives.yaml"),
        str(packaged / "ATen" / "native" / "native_functions.yaml"),
        str(packaged / "ATen" / "native" / "tags.yaml"),
    )
    return infos


if __name__ == "__main__":
    sys.exit(main())
