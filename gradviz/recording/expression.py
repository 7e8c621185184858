"""Mathematical expressions as data: built, written as plain text, evaluated with numpy.

What the chain rule says is kept as a tree, so that a widget can typeset it, a screen reader can
read its text, and its numbers can be checked against the recorded ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, assert_never

import msgspec
import numpy as np

from gradviz.recording.format import format_number

Array = np.ndarray[Any, Any]


class Symbol(msgspec.Struct, frozen=True):
    """A name as the person wrote it, or a text in parentheses."""

    text: str


class Number(msgspec.Struct, frozen=True):
    """A number."""

    value: float


class Shown(msgspec.Struct, frozen=True):
    """A tensor's contents in short: its elements, or shape and norm."""

    text: str


class Derivative(msgspec.Struct, frozen=True):
    """`d of / d by`, a total derivative."""

    of: str
    by: str


class Product(msgspec.Struct, frozen=True):
    """Factors joined by `sign`: `·` for numbers, `⊙` element by element, `@` for matrices."""

    factors: tuple[Expression, ...]
    sign: str = "·"


class Sum(msgspec.Struct, frozen=True):
    """Terms that are added; a `Negative` among them is subtracted."""

    terms: tuple[Expression, ...]


class Negative(msgspec.Struct, frozen=True):
    """Minus something."""

    operand: Expression


class Quotient(msgspec.Struct, frozen=True):
    """One thing over another."""

    numerator: Expression
    denominator: Expression


class Power(msgspec.Struct, frozen=True):
    """A base and its exponent."""

    base: Expression
    exponent: Expression


class Transposed(msgspec.Struct, frozen=True):
    """A matrix with its last two dimensions exchanged."""

    operand: Expression


class Apply(msgspec.Struct, frozen=True):
    """A function of arguments."""

    function: str
    arguments: tuple[Expression, ...]


class Condition(msgspec.Struct, frozen=True):
    """Iverson's bracket: `[left > right]` is 1 where it holds, else 0."""

    left: Expression
    relation: str
    right: Expression


class Pending(msgspec.Struct, frozen=True):
    """A number that the playhead has not reached yet."""


Expression = (
    Symbol
    | Number
    | Shown
    | Derivative
    | Product
    | Sum
    | Negative
    | Quotient
    | Power
    | Transposed
    | Apply
    | Condition
    | Pending
)

ONE: Final = Number(1.0)


class Equation(msgspec.Struct, frozen=True):
    """Sides that are all equal: `dg/dx = dg/dp · dp/dx = 3 · 1 = 3`."""

    sides: tuple[Expression, ...]

    @property
    def text(self) -> str:
        """The equation on one line."""
        return " = ".join(to_text(side) for side in self.sides)


class NotComputableError(Exception):
    """The expression holds something that has no number."""


_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4


def precedence(expression: Expression) -> int:
    """How tightly an expression holds together; a weaker one needs parentheses in a stronger."""
    match expression:
        case Sum() | Negative():
            return _SUM
        case Number(value) if value < 0:
            return _SUM
        case Product() | Quotient():
            return _PRODUCT
        case Power() | Transposed():
            return _POWER
        case _:
            return _ATOM


def needs_parentheses(child: Expression, parent: Expression, *, first: bool) -> bool:
    """Whether `child` must stand in parentheses inside `parent`; `first` where it leads it."""
    match parent:
        case Sum():
            return not first and _begins_with_minus(child)
        case Product():
            if isinstance(child, Number | Negative) and first:
                return isinstance(child, Negative) and precedence(child.operand) <= _SUM
            return precedence(child) < _PRODUCT
        case Negative():
            return precedence(child) <= _SUM
        case Quotient():
            return precedence(child) <= (_SUM if first else _PRODUCT)
        case Power():
            return first and (precedence(child) <= _POWER)
        case Transposed():
            return precedence(child) < _ATOM or isinstance(child, Derivative)
        case _:
            return False


def _after_d(symbol: str) -> str:
    """A symbol behind a d: `dy` and `data` would run together with it."""
    return f"({symbol})" if len(symbol) > 1 and symbol[0] == "d" else symbol


def _begins_with_minus(expression: Expression) -> bool:
    if isinstance(expression, Product):
        return _begins_with_minus(expression.factors[0])
    return isinstance(expression, Number) and expression.value < 0


def unwrapped(argument: Expression) -> Expression:
    """An argument without parentheses of its own: those of the call suffice."""
    if isinstance(argument, Symbol) and is_wrapped(argument.text):
        return Symbol(argument.text[1:-1])
    return argument


def is_wrapped(text: str) -> bool:
    """Whether one pair of parentheses encloses the whole text."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position == len(text) - 1
    return False


def _inner(child: Expression, parent: Expression, *, first: bool = True) -> str:
    text = to_text(child)
    return f"({text})" if needs_parentheses(child, parent, first=first) else text


def to_text(expression: Expression) -> str:
    """The expression as one line of plain text."""
    match expression:
        case Symbol(text) | Shown(text):
            return text
        case Number(value):
            return format_number(value)
        case Derivative(of, by):
            return f"d{_after_d(of)}/d{_after_d(by)}"
        case Product(factors, sign):
            parts = [_inner(f, expression, first=i == 0) for i, f in enumerate(factors)]
            return f" {sign} ".join(parts)
        case Sum(terms):
            return _sum_text(expression, terms)
        case Negative(operand):
            return f"-{_inner(operand, expression)}"
        case Quotient(numerator, denominator):
            below = _inner(denominator, expression, first=False)
            return f"{_inner(numerator, expression)}/{below}"
        case Power(base, exponent):
            above = to_text(exponent)
            above = above if precedence(exponent) == _ATOM else f"({above})"
            return f"{_inner(base, expression)}^{above}"
        case Transposed(operand):
            return f"{_inner(operand, expression)}ᵀ"
        case Apply(function, arguments):
            text = ", ".join(to_text(unwrapped(a)) for a in arguments)
            return f"‖{text}‖" if function == "‖·‖" else f"{function}({text})"
        case Condition(left, relation, right):
            return f"[{to_text(left)} {relation} {to_text(right)}]"
        case Pending():
            return "…"
        case _:
            assert_never(expression)


def _sum_text(parent: Sum, terms: tuple[Expression, ...]) -> str:
    text = to_text(terms[0])
    for term in terms[1:]:
        if isinstance(term, Negative):
            text += f" - {_inner(term.operand, term)}"
        else:
            text += f" + {_inner(term, parent, first=False)}"
    return text


_erf: Final = np.vectorize(math.erf, otypes=[np.float64])

FUNCTIONS: Final[Mapping[str, Callable[..., Array]]] = {
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "sign": np.sign,
    "σ": lambda a: 1 / (1 + np.exp(-a)),
    "outer": np.outer,
    "mean": np.mean,
    "clip": np.clip,
    "softplus": lambda a: np.logaddexp(a, 0),
    "Φ": lambda a: 0.5 * (1 + _erf(a / np.sqrt(2))),
    "φ": lambda a: np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi),
    "‖·‖": lambda a: np.sqrt((np.abs(a) ** 2).sum()),
}
"""What `evaluate` can compute; other functions only have a text."""

_RELATIONS: Final[Mapping[str, Callable[[Array, Array], Array]]] = {
    ">": np.greater,
    "≥": np.greater_equal,
    "<": np.less,
    "≤": np.less_equal,
    "=": np.equal,
}


def evaluate(expression: Expression, known: Mapping[Expression, Array | None]) -> Array:
    """The number or array that an expression stands for.

    `known` gives what symbols and derivatives are worth. Raises `NotComputableError` where
    something is unknown, and whatever numpy raises where shapes do not fit.
    """
    if expression in known:
        found = known[expression]
        if found is None:
            raise NotComputableError
        return found

    def of(part: Expression) -> Array:
        return evaluate(part, known)

    match expression:
        case Number(value):
            return np.asarray(value)
        case Symbol("π"):
            return np.asarray(np.pi)
        case Product(factors, sign):
            result = of(factors[0])
            for factor in factors[1:]:
                result = result @ of(factor) if sign == "@" else result * of(factor)
            return result
        case Sum(terms):
            result = of(terms[0])
            for term in terms[1:]:
                result = result + of(term)
            return result
        case Negative(operand):
            return -of(operand)
        case Quotient(numerator, denominator):
            return np.asarray(np.divide(of(numerator), of(denominator)))
        case Power(base, exponent):
            return np.asarray(np.power(of(base), of(exponent)))
        case Transposed(operand):
            matrix = of(operand)
            return np.swapaxes(matrix, -1, -2) if matrix.ndim > 1 else matrix
        case Apply(function, arguments) if function in FUNCTIONS:
            return np.asarray(FUNCTIONS[function](*(of(a) for a in arguments)))
        case Condition(left, relation, right):
            holds = _RELATIONS[relation](of(left), of(right))
            return np.asarray(holds, dtype=np.float64)
        case _:
            raise NotComputableError
