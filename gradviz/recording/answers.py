"""Read the number or the numbers that a person types as an answer."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from gradviz.errors import GradvizError

MAX_CHARACTERS: Final = 1_000
_LARGEST_EXPONENT: Final = 64.0

_Array = np.ndarray[Any, Any]

_OPERATIONS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.MatMult: np.matmul,
}
_CONSTANTS: Final = {"nan": np.nan, "inf": np.inf, "pi": np.pi, "e": np.e}
_FUNCTIONS: Final[dict[str, Callable[[Any], Any]]] = {
    name: getattr(np, name)
    for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "cosh", "sinh", "abs", "sign")
}
_DECIMAL_COMMA: Final = re.compile(r"(?<![\d.])(\d+),(\d+)(?![\d.])")


class UnreadableAnswerError(GradvizError):
    """What was typed is no number; the text is one sentence that says what is expected."""


def read_answer(text: str, shape: tuple[int, ...], names: Mapping[str, _Array]) -> _Array:
    """What was typed, as float64 of a shape.

    Numbers, fractions, lists, `+ - * / ** @`, elementary functions and `names` are understood; a
    single number stands for every element. For a scalar a decimal comma is one.

    Raises UnreadableAnswerError.
    """
    text = text.strip()
    if not text:
        raise UnreadableAnswerError("Type a number.")
    if len(text) > MAX_CHARACTERS:
        raise UnreadableAnswerError("That is too long for an answer.")
    if not shape:
        text = _DECIMAL_COMMA.sub(r"\1.\2", text)
    # As mathematics is written, and as tensors are printed.
    text = text.replace("^", "**").replace("·", "*").replace("−", "-").replace("×", "*")
    if re.fullmatch(r"[-+\d.eE\s]+", text) and re.search(r"\S\s+\S", text):
        text = f"[{','.join(text.split())}]"
    try:
        tree = ast.parse(text, mode="eval")
        with np.errstate(all="ignore"):
            found = np.asarray(_evaluate(tree.body, names), np.float64)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        if isinstance(error, UnreadableAnswerError):
            raise
        raise UnreadableAnswerError("That is no number. Type one such as 3, 1/2 or [1, 2].") from (
            error
        )
    if found.size == 1:
        return np.broadcast_to(found.reshape(()), shape)
    if found.shape != shape:
        raise UnreadableAnswerError(
            f"That has the shape {_shown(found.shape)}, but {_shown(shape)} is asked for."
        )
    return found


def is_close(given: _Array, expected: _Array) -> bool:
    """Whether an answer is right: within 1 % of each element, as one rounds in one's head."""
    return bool(np.allclose(given, expected, rtol=1e-2, atol=1e-6, equal_nan=True))


def _evaluate(tree: ast.expr, names: Mapping[str, _Array]) -> Any:
    match tree:
        case ast.Constant(value=bool()):
            raise ValueError
        case ast.Constant(value=int() | float() as number):
            return np.float64(number)
        case ast.Name(id=name):
            if name in names:
                return np.asarray(names[name], np.float64)
            if name in _CONSTANTS:
                return np.float64(_CONSTANTS[name])
            raise UnreadableAnswerError(f"{name} is no name that is known at this step.")
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return np.asarray([_evaluate(one, names) for one in elements], np.float64)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand, names)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _evaluate(operand, names)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            exponent = _evaluate(right, names)
            if np.any(np.abs(exponent) > _LARGEST_EXPONENT):
                raise UnreadableAnswerError("That exponent is too large.")
            return np.power(_evaluate(left, names), exponent)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_evaluate(left, names), _evaluate(right, names))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_evaluate(argument, names))
        case _:
            raise ValueError


def _shown(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "of one number"
