"""Read expressions aloud: equations as sentences in the person's language, for a screen reader."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QCoreApplication

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


def spoken_equation(equation: Equation) -> str:
    """`The derivative of g with respect to x equals z times 1 equals 3.`"""
    equals = QCoreApplication.translate("Spoken", "{} equals {}")
    text = spoken(equation.sides[0])
    for side in equation.sides[1:]:
        text = equals.format(text, spoken(side))
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def spoken(expression: Expression) -> str:
    """An expression in words; brackets are said where they are written."""
    translate = QCoreApplication.translate
    match expression:
        case Symbol("…" | "⋯") | Pending():
            return translate("Spoken", "not yet known")
        case Symbol(text) | Shown(text):
            return text
        case Number(value):
            text = format_number(value)
            return translate("Spoken", "minus {}").format(text[1:]) if text[0] == "-" else text
        case Derivative(of, by):
            return translate("Spoken", "the derivative of {} with respect to {}").format(of, by)
        case Product(factors, sign):
            joined = _times(sign)
            text = _inner(factors[0], expression)
            for factor in factors[1:]:
                text = joined.format(text, _inner(factor, expression, first=False))
            return text
        case Sum(terms):
            return _sum(expression, terms)
        case Negative(operand):
            return translate("Spoken", "minus {}").format(_inner(operand, expression))
        case Quotient(numerator, denominator):
            text = translate("Spoken", "{} divided by {}")
            below = _inner(denominator, expression, first=False)
            return text.format(_inner(numerator, expression), below)
        case Power(base, exponent):
            text = translate("Spoken", "{} to the power {}")
            return text.format(_inner(base, expression), spoken(exponent))
        case Transposed(operand):
            return translate("Spoken", "{} transposed").format(_inner(operand, expression))
        case Apply(function, arguments):
            text = translate("Spoken", "{function} of {arguments}")
            told = ", ".join(spoken(unwrapped(argument)) for argument in arguments)
            return text.format(function=_function(function), arguments=told)
        case Condition(left, relation, right):
            text = translate("Spoken", "1 where {left} {relation} {right}, else 0")
            return text.format(left=spoken(left), relation=relation, right=spoken(right))
        case _:
            assert_never(expression)


def _times(sign: str) -> str:
    translate = QCoreApplication.translate
    words = {
        "⊙": translate("Spoken", "{} times {} element by element"),
        "@": translate("Spoken", "{} matrix times {}"),
    }
    return words.get(sign) or translate("Spoken", "{} times {}")


def _function(name: str) -> str:
    translate = QCoreApplication.translate
    words = {
        "Σ": translate("Spoken", "the sum"),
        "σ": translate("Spoken", "sigmoid"),
        "‖·‖": translate("Spoken", "the norm"),
        "Φ": translate("Spoken", "the normal distribution"),
        "φ": translate("Spoken", "the normal density"),
        "sqrt": translate("Spoken", "the square root"),
        "x̂": translate("Spoken", "the normalized values"),
    }
    return words.get(name, name)


def _sum(parent: Sum, terms: tuple[Expression, ...]) -> str:
    translate = QCoreApplication.translate
    text = spoken(terms[0])
    for term in terms[1:]:
        if isinstance(term, Negative):
            text = translate("Spoken", "{} minus {}").format(text, _inner(term.operand, term))
        else:
            text = translate("Spoken", "{} plus {}").format(text, _inner(term, parent, first=False))
    return text


def _inner(child: Expression, parent: Expression, *, first: bool = True) -> str:
    text = spoken(child)
    if isinstance(child, Number) or not needs_parentheses(child, parent, first=first):
        return text
    return QCoreApplication.translate("Spoken", "bracket {} end of bracket").format(text)
