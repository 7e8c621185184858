"""Write expressions as LaTeX, for a paper, a slide or a forum that sets mathematics."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, assert_never

from gradviz.recording.expression import (
    Apply,
    Condition,
    Derivative,
    Equation,
    Expression,
    Negative,
    Number,
    Pending,
    Power,
    Product,
    Quotient,
    Shown,
    Sum,
    Symbol,
    Transposed,
    needs_parentheses,
    unwrapped,
)
from gradviz.recording.format import format_number

_SUBSCRIPTS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_INDEXED: Final = re.compile(r"(.+?)([₀₁₂₃₄₅₆₇₈₉]+)")
_SIGNS: Final[Mapping[str, str]] = {"·": r"\cdot", "⊙": r"\odot", "@": r"\,"}
_RELATIONS: Final[Mapping[str, str]] = {">": ">", "≥": r"\ge", "<": "<", "≤": r"\le", "=": "="}
_PLAIN_SYMBOLS: Final[Mapping[str, str]] = {
    "π": r"\pi",
    "⋯": r"\cdots",
    "…": r"\ldots",
    "ℒ": r"\mathcal{L}",
    "undefined": r"\text{undefined}",
}
_FUNCTIONS: Final[Mapping[str, str]] = {
    **{name: rf"\{name}" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "σ": r"\sigma",
    "Φ": r"\Phi",
    "φ": r"\varphi",
    "Σ": r"\sum",
    "x̂": r"\hat{x}",
}
_SPECIAL: Final[Mapping[str, str]] = {
    **{character: rf"\{character}" for character in "#$%&_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "…": r"\ldots{}",
    "⋯": r"\ldots{}",
    "×": r"$\times$",
    "‖": r"$\Vert$",
    "·": r"$\cdot$",
    "Σ": r"$\Sigma$",
    "σ": r"$\sigma$",
    "ᵀ": r"$^{\mathsf{T}}$",
    "ℒ": r"$\mathcal{L}$",
    **{sub: f"$_{digit}$" for digit, sub in enumerate("₀₁₂₃₄₅₆₇₈₉")},
}
"""What LaTeX understands in another way than it is written, within text."""


def equation_to_latex(equation: Equation) -> str:
    """All sides on one line, without the signs that begin and end mathematics."""
    return " = ".join(to_latex(side) for side in equation.sides)


def to_latex(expression: Expression) -> str:
    """The expression in the commands of plain LaTeX with amsmath."""
    match expression:
        case Symbol(text):
            return _name(text)
        case Shown(text):
            return _shown(text)
        case Number(value):
            return _number(value)
        case Derivative(of, by):
            return rf"\frac{{\mathrm{{d}}{_name(of)}}}{{\mathrm{{d}}{_name(by)}}}"
        case Product(factors, sign):
            parts = [_inner(f, expression, first=i == 0) for i, f in enumerate(factors)]
            return f" {_SIGNS.get(sign, sign)} ".join(parts)
        case Sum(terms):
            return _sum(expression, terms)
        case Negative(operand):
            return f"-{_inner(operand, expression)}"
        case Quotient(numerator, denominator):
            return rf"\frac{{{to_latex(numerator)}}}{{{to_latex(denominator)}}}"
        case Power(base, exponent):
            return f"{{{_inner(base, expression)}}}^{{{to_latex(exponent)}}}"
        case Transposed(operand):
            return rf"{{{_inner(operand, expression)}}}^{{\mathsf{{T}}}}"
        case Apply(function, arguments):
            return _application(function, ", ".join(to_latex(unwrapped(a)) for a in arguments))
        case Condition(left, relation, right):
            return rf"\left[{to_latex(left)} {_RELATIONS[relation]} {to_latex(right)}\right]"
        case Pending():
            return r"\ldots"
        case _:
            assert_never(expression)


def _inner(child: Expression, parent: Expression, *, first: bool = True) -> str:
    text = to_latex(child)
    wrapped = needs_parentheses(child, parent, first=first)
    # Both are drawn under one another, so that what follows cannot be read as their part.
    wrapped = wrapped or (isinstance(parent, Power | Transposed) and isinstance(child, Quotient))
    return rf"\left({text}\right)" if wrapped else text


def _sum(parent: Sum, terms: tuple[Expression, ...]) -> str:
    text = to_latex(terms[0])
    for term in terms[1:]:
        if isinstance(term, Negative):
            text += f" - {_inner(term.operand, term)}"
        else:
            text += f" + {_inner(term, parent, first=False)}"
    return text


def _application(function: str, arguments: str) -> str:
    match function:
        case "sqrt":
            return rf"\sqrt{{{arguments}}}"
        case "‖·‖":
            return rf"\left\lVert {arguments} \right\rVert"
        case _:
            known = _FUNCTIONS.get(function)
            name = known if known is not None else rf"\operatorname{{{_escaped(function)}}}"
            return rf"{name}\left({arguments}\right)"


def _name(text: str) -> str:
    """A variable in italics, what is not an identifier as code."""
    if text in _PLAIN_SYMBOLS:
        return _PLAIN_SYMBOLS[text]
    if text.endswith("ᵀ"):
        return rf"{{{_name(text.removesuffix('ᵀ'))}}}^{{\mathsf{{T}}}}"
    indexed = _INDEXED.fullmatch(text)
    if indexed is not None:
        return f"{_name(indexed[1])}_{{{indexed[2].translate(_SUBSCRIPTS)}}}"
    if text.isidentifier() and text.isascii():
        return text if len(text) == 1 else rf"\mathit{{{_escaped(text)}}}"
    return rf"\texttt{{{_escaped(text)}}}"


def _number(value: float) -> str:
    text = format_number(value)
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return rf"{mantissa} \times 10^{{{int(exponent)}}}"
    return {"nan": r"\mathrm{NaN}", "inf": r"\infty", "-inf": r"-\infty"}.get(text, text)


def _shown(text: str) -> str:
    """Elements are numbers in brackets; shape and norm are text."""
    if text.startswith("[") and text.endswith("]"):
        parts = re.split(r"([\[\], ]+)", text)
        return "".join(_element(part) for part in parts)
    return rf"\text{{{_escaped(text)}}}"


def _element(part: str) -> str:
    if not part or part[0] in "[], ":
        return part
    try:
        return _number(float(part))
    except ValueError:  # a complex number, or what a file says
        return rf"\text{{{_escaped(part)}}}"


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
