"""Arithmetic that a person types: read as a syntax tree, computed with numpy, and nothing else.

Numbers, lists, `+ - * / ** @`, comparisons, elements and slices, and a small list of functions are
known; there is no way from here to any other code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from gradviz.errors import GradvizError

Array = np.ndarray[Any, Any]

_LARGEST_EXPONENT: Final = 64.0

OPERATIONS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.MatMult: np.matmul,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_CONSTANTS: Final = {"nan": np.nan, "inf": np.inf, "pi": np.pi, "e": np.e}
_OF_ONE: Final[dict[str, Callable[[Any], Any]]] = {
    name: getattr(np, name)
    for name in (
        "exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "cosh", "sinh", "abs", "sign", "round",
        "sum", "mean", "min", "max",
    )
} | {
    "relu": lambda value: np.maximum(value, 0.0),
    "sigmoid": lambda value: 1.0 / (1.0 + np.exp(-value)),
    "norm": lambda value: np.sqrt(np.sum(np.abs(value) ** 2)),
}  # fmt: skip
_OF_TWO: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "minimum": np.minimum,
    "maximum": np.maximum,
}
_OF_THREE: Final[dict[str, Callable[[Any, Any, Any], Any]]] = {
    "clip": np.clip,
    "clamp": np.clip,
    "where": lambda condition, one, other: np.where(condition != 0, one, other),
}
FUNCTIONS: Final = (*_OF_ONE, *_OF_TWO, *_OF_THREE)
"""All names that can be called."""


class ImpossibleArithmeticError(GradvizError):
    """Why something cannot be computed, as one sentence."""


class NotArithmeticError(ValueError):
    """What was typed is not arithmetic at all."""


def as_python(text: str) -> str:
    """The text with the signs of mathematics in place of Python's."""
    return text.replace("^", "**").replace("·", "*").replace("−", "-").replace("×", "*")


def joined_numbers(text: str) -> str:
    """Numbers with spaces between them, as tensors are printed, become a list."""
    if re.fullmatch(r"[-+\d.eE\s]+", text) and re.search(r"\S\s+\S", text):
        return f"[{','.join(text.split())}]"
    return text


def compute(tree: ast.expr, names: Mapping[str, Array]) -> Any:
    """The number or the array that an expression stands for, in float64 or complex128.

    `names` may be dotted. Raises ImpossibleArithmeticError with a sentence, NotArithmeticError, or
    what numpy raises where shapes do not fit (ValueError, TypeError).
    """
    named = dotted(tree)
    if named is not None:
        return _named(named, names)
    match tree:
        case ast.Constant(value=bool()):
            raise NotArithmeticError
        case ast.Constant(value=int() | float() as number):
            return np.float64(number)
        case ast.Constant(value=complex() as number):
            return np.complex128(number)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return _list([compute(one, names) for one in elements])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return np.negative(compute(operand, names))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return compute(operand, names)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return power(compute(left, names), compute(right, names))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            return OPERATIONS[type(op)](compute(left, names), compute(right, names))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
            holds = _COMPARISONS[type(op)](compute(left, names), compute(right, names))
            return np.asarray(holds, np.float64)
        case ast.Subscript(value=value, slice=place):
            whole = np.asarray(compute(value, names))
            return whole[index(place, whole.shape)]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, [compute(one, names) for one in arguments])
        case _:
            raise NotArithmeticError


def power(base: Any, exponent: Any) -> Any:
    """A power of a bounded exponent."""
    if np.any(np.abs(exponent) > _LARGEST_EXPONENT):
        raise ImpossibleArithmeticError("That exponent is too large.")
    return np.power(base, exponent)


def dotted(tree: ast.expr) -> str | None:
    """The name that an expression is (`w`, `net.fc.weight`), None where it is none."""
    parts: list[str] = []
    while isinstance(tree, ast.Attribute):
        parts.append(tree.attr)
        tree = tree.value
    if not isinstance(tree, ast.Name):
        return None
    return ".".join([tree.id, *reversed(parts)])


def index(tree: ast.expr, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Numpy's index for what stands in brackets: numbers, slices and `...`.

    Raises ImpossibleArithmeticError where it is none, or lies outside of the shape.
    """
    parts = tree.elts if isinstance(tree, ast.Tuple) else [tree]
    found = tuple(_index_part(part) for part in parts)
    try:
        np.broadcast_to(np.float64(0), shape)[found]
    except IndexError as error:
        raise ImpossibleArithmeticError(
            f"That index is outside the shape {shown_shape(shape)}."
        ) from error
    return found


def _index_part(tree: ast.expr) -> Any:
    match tree:
        case ast.Constant(value=value) if value is Ellipsis:
            return value
        case ast.Slice(lower=lower, upper=upper, step=step):
            if step is not None and _whole_number(step) == 0:
                raise ImpossibleArithmeticError("The step of a slice cannot be 0.")
            return slice(
                *(None if one is None else _whole_number(one) for one in (lower, upper, step))
            )
        case _:
            return _whole_number(tree)


def _whole_number(tree: ast.expr) -> int:
    match tree:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() as number):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return -number
    raise ImpossibleArithmeticError(
        "An index is a whole number, a slice such as 1:3, or several of them."
    )


def _named(name: str, names: Mapping[str, Array]) -> Any:
    if name in names:
        return names[name]
    if name in _CONSTANTS:
        return np.float64(_CONSTANTS[name])
    raise ImpossibleArithmeticError(f"The name {name} is not known here.")


def _list(elements: list[Any]) -> Array:
    made = np.asarray(elements)
    if made.dtype.kind not in "fc":
        raise NotArithmeticError
    return made


def _call(name: str, arguments: list[Any]) -> Any:
    match arguments:
        case [one] if name in _OF_ONE:
            return _OF_ONE[name](one)
        case [one, other] if name in _OF_TWO:
            return _OF_TWO[name](one, other)
        case [one, other, third] if name in _OF_THREE:
            return _OF_THREE[name](one, other, third)
        case _ if name in FUNCTIONS:
            raise ImpossibleArithmeticError(f"{name} takes a different number of arguments.")
        case _:
            raise ImpossibleArithmeticError(f"The function {name} is not known here.")


def shown_shape(shape: tuple[int, ...]) -> str:
    """`2 × 3`, for a sentence."""
    return " × ".join(map(str, shape)) or "()"
