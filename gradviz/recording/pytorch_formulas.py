"""PyTorch's own derivative formulas, for the nodes that have no textbook form here.

They were baked by `scripts/bake_formulas.py` from a PyTorch that `source` and `torch` name; where
another one runs, a class that it does not have has no formula.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

_FILE: Final = Path(__file__).parent / "data" / "derivatives.json"
_MAX_NBYTES: Final = 4 << 20
_MAX_FORMULA: Final = 2_000
_LIST: Final = "[]"
# Formulas of several gradients at once guard against one that is undefined.
_GUARDED: Final = re.compile(r"grad\.defined\(\) \? (.*) : std::tuple<[^>]*>\(\)")


class PytorchFormula(msgspec.Struct, frozen=True):
    """What a node sends to its operand `name`; `grad` is what comes in."""

    name: str
    text: str


class Derivatives(msgspec.Struct, frozen=True):
    """The file: for each node class the name and the formula of each edge, in their order."""

    source: str
    torch: str
    nodes: dict[str, list[tuple[str, str]]]


@cache
def derivatives() -> Derivatives:
    """What was baked, read when first asked for; empty where the file is missing or damaged."""
    try:
        if _FILE.stat().st_size > _MAX_NBYTES:
            return Derivatives("", "", {})
        return msgspec.json.decode(_FILE.read_bytes(), type=Derivatives)
    except (OSError, msgspec.MsgspecError):
        return Derivatives("", "", {})


@cache
def pytorch_formula(node_name: str, slot: int) -> PytorchFormula | None:
    """PyTorch's own formula for one edge of a node class, None where there is none."""
    edges = derivatives().nodes.get(node_name, [])
    if slot >= len(edges):
        # A list of tensors has an edge for each; only at the end is it clear which edge is whose.
        if not edges or not edges[-1][0].endswith(_LIST):
            return None
        slot = len(edges) - 1
    elif any(name.endswith(_LIST) for name, _ in edges[:slot]):
        return None
    name, text = edges[slot]
    guarded = _GUARDED.fullmatch(text)
    text = guarded[1] if guarded is not None else text
    if len(text) > _MAX_FORMULA:
        return None
    return PytorchFormula(name.removesuffix(_LIST), text)
