"""The mathematical signs of torch's ops, where a sign says it better than the name."""

from __future__ import annotations

import ast
from typing import Final

from gradviz.recording.scopes import Scope, ScopeKind, scope_title

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
_PARTS: Final = " · "
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


def scope_label(scope: Scope) -> str:
    """A scope's title, where it repeats ops with their signs: `+= × 100`."""
    title = scope_title(scope)
    if scope.kind is not ScopeKind.REPEAT or scope.type:
        return title
    return title.replace(scope.name, _PARTS.join(map(_sign_of, scope.name.split(_PARTS))), 1)


def _sign_of(name: str) -> str:
    return op_label(name)[0]


_OPERATORS: Final = {
    ast.Add: "+",
    ast.Sub: "−",
    ast.Mult: "×",
    ast.Div: "÷",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Eq: "=",
    ast.NotEq: "≠",
}
_LONGEST_OPERAND: Final = 10


def with_operand(sign: str, text: str) -> str:
    """The sign with the number that stands beside it in the code: `** 2` of `x ** 2`, `1 −`.

    The sign alone where the text is another operation, or what is beside it is not a number.
    """
    if sign.removesuffix("=") not in _OPERATORS.values() and sign not in _OPERATORS.values():
        return sign
    tree = _parsed(text)
    if isinstance(tree, ast.AugAssign):
        in_place = f"{_OPERATORS.get(type(tree.op))}="
        return _beside(sign, in_place, None, tree.value, text)
    expression = tree.value if isinstance(tree, ast.Expr) else None
    match expression:
        case ast.BinOp(left, operator, right):
            found = _OPERATORS.get(type(operator))
            if _is_plain(left) and not _is_plain(right):
                return _beside(sign, found, left, None, text)
            return _beside(sign, found, None, right, text)
        case ast.Compare(_, [operator], [right]):
            return _beside(sign, _OPERATORS.get(type(operator)), None, right, text)
        case ast.Call(ast.Attribute(_, name), [ast.Constant() as right], []):
            return _beside(sign, op_label(name)[0], None, right, text)
        case _:
            return sign


def _beside(
    sign: str, found: str | None, left: ast.expr | None, right: ast.expr | None, text: str
) -> str:
    parts = [None if one is None else ast.get_source_segment(text, one) for one in (left, right)]
    operand = parts[0] or parts[1] or ""
    is_telling = _is_plain(left or right) and len(operand) <= _LONGEST_OPERAND
    if found != sign or not is_telling:
        return sign
    return f"{operand} {sign}" if left is not None else f"{sign} {operand}"


def _is_plain(expression: ast.expr | None) -> bool:
    """Whether it is a number."""
    if isinstance(expression, ast.UnaryOp):
        expression = expression.operand
    return isinstance(expression, ast.Constant) and isinstance(expression.value, int | float)


def _parsed(text: str) -> ast.stmt | None:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return body[0] if len(body) == 1 else None


def subscript_of(text: str) -> str | None:
    """`[:-1, 1:]` of `x[:-1, 1:]`; None where the text is not a subscript."""
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
