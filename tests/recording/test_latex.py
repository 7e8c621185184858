"""Expressions as LaTeX: balanced, escaped, and as a person would write them."""

from __future__ import annotations

import re

import pytest

from gradviz.recording.chain import Chain
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
)
from gradviz.recording.formulas import NODE_FORMULAS, OP_FORMULAS, fill, names_in
from gradviz.recording.latex import equation_to_latex, to_latex
from gradviz.recording.replay import Replay
from tests.builders import make_chain_rule_recording
from tests.recording.test_chain_truth import PROGRAMS, record

X, Y = Symbol("x"), Symbol("y")


@pytest.mark.parametrize(
    ("expression", "latex"),
    [
        (X, "x"),
        (Symbol("loss"), r"\mathit{loss}"),
        (Symbol("my_loss"), r"\mathit{my\_loss}"),
        (Symbol("y₁₂"), "y_{12}"),
        (Symbol("fc1.weight"), r"\texttt{fc1.weight}"),
        (Symbol("(x % 2)"), r"\texttt{(x \% 2)}"),
        (Symbol("ángulo"), r"\texttt{ángulo}"),
        (Number(3.0), "3"),
        (Number(-1.2e-9), r"-1.2 \times 10^{-9}"),
        (Number(float("nan")), r"\mathrm{NaN}"),
        (Number(float("-inf")), r"-\infty"),
        (Shown("[1, [2e-9, nan]]"), r"[1, [2 \times 10^{-9}, \mathrm{NaN}]]"),
        (Shown("(4×2, ‖g‖ = 0.5)"), r"\text{(4$\times$2, $\Vert$g$\Vert$ = 0.5)}"),
        (Derivative("g", "x"), r"\frac{\mathrm{d}g}{\mathrm{d}x}"),
        (Product((X, Y)), r"x \cdot y"),
        (Product((X, Y), "⊙"), r"x \odot y"),
        (Product((X, Number(-2.0))), r"x \cdot \left(-2\right)"),
        (Sum((X, Negative(Y), Number(-1.0))), r"x - y + \left(-1\right)"),
        (Product((Sum((X, Y)), Y)), r"\left(x + y\right) \cdot y"),
        (Quotient(Sum((X, Y)), X), r"\frac{x + y}{x}"),
        (Power(X, Sum((Y, Negative(Number(1.0))))), "{x}^{y - 1}"),
        (Power(Quotient(X, Y), Number(2.0)), r"{\left(\frac{x}{y}\right)}^{2}"),
        (Transposed(X), r"{x}^{\mathsf{T}}"),
        (Symbol("Wᵀ"), r"{W}^{\mathsf{T}}"),
        (Apply("exp", (X,)), r"\exp\left(x\right)"),
        (Apply("sqrt", (X,)), r"\sqrt{x}"),
        (Apply("σ", (X,)), r"\sigma\left(x\right)"),
        (Apply("Σ", (X,)), r"\sum\left(x\right)"),
        (Apply("‖·‖", (X,)), r"\left\lVert x \right\rVert"),
        (Apply("conv_transpose", (X, Y)), r"\operatorname{conv\_transpose}\left(x, y\right)"),
        (Condition(X, "≥", Number(0.0)), r"\left[x \ge 0\right]"),
        (Pending(), r"\ldots"),
    ],
)
def test_an_expression_is_written_as_latex(expression: Expression, latex: str) -> None:
    assert to_latex(expression) == latex


def test_the_textbook_example_is_written_as_in_a_textbook() -> None:
    x = make_chain_rule_recording().tensors[0]
    rule = Chain(Replay(make_chain_rule_recording())).rule_of(x.id, 5)
    assert rule is not None
    fractions = [rf"\frac{{\mathrm{{d}}{a}}}{{\mathrm{{d}}{b}}}" for a, b in ("gx", "gp", "px")]
    assert equation_to_latex(rule.equation) == (
        rf"{fractions[0]} = {fractions[1]} \cdot {fractions[2]} = z \cdot 1 = 3 \cdot 1 = 3"
    )


def problems_in(latex: str) -> str:
    """What LaTeX would stumble over, as far as a reader of braces and commands can tell."""
    depth = 0
    bare = re.sub(r"\\[{}\\#$%&_]", "", latex)
    for character in bare:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return "closes more than it opens"
    if depth:
        return "open brace"
    if bare.count("$") % 2:
        return "open $"
    if bare.count(r"\left") != bare.count(r"\right") + bare.count(r"\leftarrow"):
        return "open bracket"
    for text in re.findall(r"\\(?:text|texttt|mathit|operatorname)\{([^{}]*)\}", bare):
        if set(re.sub(r"\$[^$]*\$", "", text)) & set("_^#%&"):
            return f"unescaped in {text!r}"
    return ""


@pytest.mark.parametrize("template", sorted({t for ts in NODE_FORMULAS.values() for t in ts if t}))
def test_every_formula_of_the_tables_can_be_set(template: str) -> None:
    operands = {name: Symbol(f"{name}_1") for name in names_in(template)}
    latex = to_latex(fill(template, operands, by_element=True))
    assert problems_in(latex) == ""


def test_every_op_formula_can_be_set() -> None:
    for template in {t for ts in OP_FORMULAS.values() for t in ts}:
        operands = {name: Symbol(f"({name} # 1)") for name in names_in(template)}
        assert problems_in(to_latex(fill(template, operands, by_element=False))) == ""


@pytest.mark.parametrize("name", ["in place by index", "cross entropy", "cat and stack", "module"])
def test_equations_of_real_programs_can_be_set(name: str) -> None:
    recording = record(PROGRAMS[name])
    replay = Replay(recording)
    chain = Chain(replay)
    rules = (chain.rule_of(tensor.id, replay.length) for tensor in recording.tensors)
    latex = [equation_to_latex(rule.equation) for rule in rules if rule is not None]
    assert latex
    assert [problem for text in latex if (problem := problems_in(text))] == []


def test_an_equation_is_its_sides() -> None:
    assert equation_to_latex(Equation((X, Y, Number(1.0)))) == "x = y = 1"


def test_the_reader_of_braces_sees_what_is_wrong() -> None:
    assert problems_in(r"\frac{x}{y") == "open brace"
    assert problems_in(r"\text{a_b}") != ""
    assert problems_in(r"\left(x") == "open bracket"
