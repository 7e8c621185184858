"""The mathematical signs of torch's ops, where a sign says it better than the name."""

from __future__ import annotations

import ast
from typing import Final

SYMBOLS: Final = {
    "add": "+",
    "sub": "−",
    "subtract": "−",
    "mul": "×",
    "multiply": "×",
    "div": "÷",
    "divide": "÷",
    "true_divide": "÷",
    "truediv": "÷",
    "floor_divide": "//",
    "floordiv": "//",
    "remainder": "%",
    "mod": "%",
    "matmul": "@",
    "mm": "@",
    "bmm": "@",
    "pow": "**",
    "neg": "−",
    "negative": "−",
    "sum": "Σ",
    "prod": "Π",
    "sqrt": "√",
    "getitem": "[ ]",
    "eq": "=",
    "ne": "≠",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
    "and": "∧",
    "or": "∨",
    "logical_and": "∧",
    "logical_or": "∨",
}
IN_PLACE_SYMBOLS: Final = {"add": "+=", "sub": "−=", "mul": "×=", "div": "÷=", "setitem": "[ ]="}


def op_label(name: str) -> tuple[str, bool]:
    """What stands on an op of this torch name, and whether it is a sign."""
    plain = name.rpartition(".")[2]
    is_special = plain.startswith("__") and plain.endswith("__")
    if is_special:
        plain = plain.strip("_")
        reflected = plain[1:]
        if plain not in SYMBOLS and reflected in SYMBOLS and plain[0] in "ri":
            table = IN_PLACE_SYMBOLS if plain[0] == "i" else SYMBOLS
            return table.get(reflected, plain), reflected in table
    if plain in IN_PLACE_SYMBOLS and plain not in SYMBOLS:
        return IN_PLACE_SYMBOLS[plain], True
    if plain.endswith("_") and plain[:-1] in IN_PLACE_SYMBOLS:
        return IN_PLACE_SYMBOLS[plain[:-1]], True
    return SYMBOLS.get(plain, plain), plain in SYMBOLS


def subscript_of(text: str) -> str | None:
    """`[:-1, 1:]` of `x[:-1, 1:]`; None where the text is no subscript."""
    if not text.endswith("]"):
        return None
    try:
        found = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(found, ast.Subscript):
        return None
    inside = ast.get_source_segment(text, found.slice)
    return None if inside is None else f"[{inside}]"
