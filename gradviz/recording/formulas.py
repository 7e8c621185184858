"""Local derivatives in textbook form, for the autograd nodes that people meet.

Each formula is a template in Python's syntax. `a`, `b`, `c` are the operands in the order of the
node's edges, `y` its result, `N` the number of elements of `a`, `K` how many elements of `a`
share one of `y`, `B` the number of samples where classes lie along dimension 1. An empty
template stands for none. A template without `G` is a derivative that the incoming gradient is
multiplied with, element by element; one with `G`, the incoming gradient, is the whole outgoing
gradient.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from gradviz.recording.expression import (
    Apply,
    Condition,
    Expression,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    Transposed,
)

GRADIENT: Final = "G"

_MOVES: Final = ("View", "UnsafeView", "Reshape", "Squeeze", "Unsqueeze", "Alias", "AsStrided")
_COPIES: Final = ("Clone", "ToCopy", "Contiguous", "Detach")
_PICKS: Final = ("Select", "Slice", "Index", "IndexSelect", "Gather", "Take", "Diagonal", "Narrow")
_SORTS: Final = ("Sort", "Topk", "Kthvalue", "Median", "Mode")
_SPLITS: Final = ("Split", "SplitWithSizes", "Unbind", "MaskedSelect")

NODE_FORMULAS: Final[Mapping[str, tuple[str, ...]]] = {
    "Add": ("1", "1"),
    "Sub": ("1", "-1"),
    "Rsub": ("-1",),
    "Mul": ("b", "a"),
    "Div": ("1/b", "-a/b**2"),
    "Neg": ("-1",),
    "Reciprocal": ("-1/a**2",),
    "Pow0": ("b*a**(b-1)",),
    "Pow1": ("b*a**(b-1)", "a**b*log(a)"),
    "Pow2": ("y*log(b)",),
    "Exp": ("exp(a)",),
    "Exp20": ("y*log(2)",),
    "Expm10": ("exp(a)",),
    "Log": ("1/a",),
    "Log20": ("1/(a*log(2))",),
    "Log100": ("1/(a*log(10))",),
    "Log1P": ("1/(1 + a)",),
    "Sin": ("cos(a)",),
    "Cos": ("-sin(a)",),
    "Tan": ("1 + tan(a)**2",),
    "Sinh": ("cosh(a)",),
    "Cosh": ("sinh(a)",),
    "Tanh": ("1 - tanh(a)**2",),
    "Asinh": ("1/sqrt(a**2 + 1)",),
    "Acosh": ("1/sqrt(a**2 - 1)",),
    "Atanh": ("1/(1 - a**2)",),
    "Asin": ("1/sqrt(1 - a**2)",),
    "Acos": ("-1/sqrt(1 - a**2)",),
    "Atan": ("1/(1 + a**2)",),
    "Sigmoid": ("sigmoid(a)*(1 - sigmoid(a))",),
    "LogSigmoid": ("1 - sigmoid(a)",),
    "Softplus": ("sigmoid(a)",),
    "Gelu": ("normcdf(a) + a*normpdf(a)",),
    "Elu": ("(a > 0) + (a <= 0)*(y + 1)",),
    "LeakyRelu": ("(a > 0) + (a <= 0)*y/a",),
    "PreluKernel": ("(a > 0) + b*(a <= 0)", "a*(a <= 0)"),
    "Mish": ("tanh(softplus(a)) + a*(1 - tanh(softplus(a))**2)*sigmoid(a)",),
    "Hardtanh": ("a == y",),
    "Clamp": ("a == y",),
    "ClampMin": ("a == y",),
    "ClampMax": ("a == y",),
    "Threshold": ("a == y",),
    "Silu": ("sigmoid(a)*(1 + a*(1 - sigmoid(a)))",),
    "Relu": ("a > 0",),
    "Sqrt": ("1/(2*sqrt(a))",),
    "Rsqrt": ("-1/(2*a*sqrt(a))",),
    "Abs": ("sign(a)",),
    "Erf": ("2*exp(-a**2)/sqrt(pi)",),
    "Erfc": ("-2*exp(-a**2)/sqrt(pi)",),
    "Erfinv": ("sqrt(pi)*exp(y**2)/2",),
    "Logit": ("1/(a*(1 - a))",),
    "Lgamma": ("digamma(a)",),
    "Sinc": ("(cos(pi*a) - y)/a",),
    **dict.fromkeys(("Floor", "Ceil", "Round", "Trunc", "Sign"), ("0",)),
    **dict.fromkeys(("Frac", "Fmod", "Remainder"), ("1",)),
    "Hypot": ("a/y", "b/y"),
    "Xlogy": ("log(b)", "a/b"),
    "Logaddexp": ("exp(a - y)", "exp(b - y)"),
    "Lerp": ("1 - c", "c", "b - a"),
    "Addcmul": ("1", "c", "b"),
    "Addcdiv": ("1", "1/c", "-b/c**2"),
    "Atan20": ("b/(a**2 + b**2)", "-a/(a**2 + b**2)"),
    "Maximum": ("a > b", "b > a"),
    "Minimum": ("a < b", "b < a"),
    "Fmax": ("a > b", "b > a"),
    "Fmin": ("a < b", "b < a"),
    "Amax": ("a == y",),
    "Amin": ("a == y",),
    "Max1": ("a == y",),
    "Min1": ("a == y",),
    "Max0": ("place(G)",),
    "Min0": ("place(G)",),
    "Sum0": ("1",),
    "Sum1": ("expand(G)",),
    "Mean0": ("1/N",),
    "Mean1": ("expand(G)/K",),
    "LinalgVectorNorm": ("a/norm(a)",),
    "Norm": ("a/norm(a)",),
    "Std": ("(a - mean(a))/((K - 1)*y)",),
    "Var": ("2*(a - mean(a))/(K - 1)",),
    "Prod": ("y/a",),
    "Logsumexp": ("softmax(a)",),
    "Cumsum": ("cumsum_from_end(G)",),
    "Trace": ("G*eye(a)",),
    "LinalgDet": ("G*y*inverse(a).T",),
    "LinalgInvEx": ("-y.T @ G @ y.T",),
    "Mm": ("G @ b.T", "a.T @ G"),
    "Bmm": ("G @ b.T", "a.T @ G"),
    "Mv": ("outer(G, b)", "a.T @ G"),
    "Dot": ("b", "a"),
    "Addmm": ("G", "G @ c.T", "b.T @ G"),
    "Addmv": ("G", "outer(G, c)", "b.T @ G"),
    "Addbmm": ("G", "G @ c.T", "b.T @ G"),
    "Baddbmm": ("G", "G @ c.T", "b.T @ G"),
    "T": ("G.T",),
    "Transpose": ("transpose(G)",),
    "Permute": ("permute(G)",),
    "Expand": ("sum(G)",),
    "Where": ("choose(G)", "choose(G)"),
    "Softmax": ("y*(G - sum(G*y))",),
    "LogSoftmax": ("G - softmax(a)*sum(G)",),
    "Convolution": ("conv_transpose(G, b)", "conv(a, G)", "sum(G)"),
    "NativeLayerNorm": (
        "(G*b - mean(G*b) - normalized(a)*mean(G*b*normalized(a)))/std(a)",
        "sum(G*normalized(a))",
        "sum(G)",
    ),
    "NativeBatchNorm": ("", "sum(G*normalized(a))", "sum(G)"),
    "NativeGroupNorm": ("", "sum(G*normalized(a))", "sum(G)"),
    "Embedding": ("scatter(G)",),
    "MaxPool2DWithIndices": ("place(G)",),
    "MaskedFill": ("b == 0",),
    "Scatter": ("", "pick(G)"),
    "ScatterAdd": ("1", "pick(G)"),
    "IndexAdd": ("1", "pick(G)"),
    "IndexPut": ("", "pick(G)"),
    "Tril": ("tril(G)",),
    "Triu": ("triu(G)",),
    "Flip": ("flip(G)",),
    "Roll": ("roll(G)",),
    "ConstantPadNd": ("crop(G)",),
    "Repeat": ("sum(G)",),
    "L1Loss": ("sign(a - b)/N", "-sign(a - b)/N"),
    "SmoothL1Loss": ("clip(a - b, -1, 1)/N", "-clip(a - b, -1, 1)/N"),
    "HuberLoss": ("clip(a - b, -1, 1)/N", "-clip(a - b, -1, 1)/N"),
    "MseLoss": ("2*(a - b)/N", "-2*(a - b)/N"),
    "BinaryCrossEntropy": ("(a - b)/(a*(1 - a)*N)",),
    "BinaryCrossEntropyWithLogits": ("(sigmoid(a) - b)/N",),
    "NllLoss": ("-onehot(b)/B",),
    "NllLoss2D": ("-onehot(b)/B",),
    **dict.fromkeys(_MOVES, ("reshape(G)",)),
    **dict.fromkeys(_COPIES, ("1",)),
    **dict.fromkeys(_PICKS, ("place(G)",)),
    **dict.fromkeys((*_SPLITS, *_SORTS), ("place(G)",)),
}
"""By node class without `Backward`; with its number where classes of one name differ."""

USUAL_ONLY: Final = frozenset(
    {
        *("Elu", "LeakyRelu", "Gelu", "LinalgVectorNorm", "Norm", "Std", "Var", "Prod", "Amax"),
        *("Amin", "Lerp", "Addcmul", "Addcdiv", "L1Loss", "SmoothL1Loss", "HuberLoss", "MseLoss"),
        *("BinaryCrossEntropy", "BinaryCrossEntropyWithLogits", "Addmv", "Addbmm"),
    }
)
"""Nodes whose formula holds for the usual options: only shown where the numbers bear it out."""

_REPEATED: Final = {"Cat": "slice(G)", "Stack": "slice(G)"}
"""Nodes with any number of edges, all alike."""

OP_FORMULAS: Final[Mapping[str, tuple[str, ...]]] = {
    "linear": ("G @ b", "G.T @ a", "sum(G)"),
    "cross_entropy": ("(softmax(a) - onehot(b))/B",),
    "square": ("2*a",),
    "l1_loss": ("sign(a - b)/N", "-sign(a - b)/N"),
    "prelu": ("(a > 0) + b*(a <= 0)", "a*(a <= 0)"),
    **dict.fromkeys(
        ("conv1d", "conv2d", "conv3d"), ("conv_transpose(G, b)", "conv(a, G)", "sum(G)")
    ),
    "dropout": ("kept(a)/(1 - b)",),
    "__rtruediv__": ("-k/a**2",),
    "matmul": ("G @ b.T", "a.T @ G"),
    "__matmul__": ("G @ b.T", "a.T @ G"),
}
"""By op, for ops that own several nodes; operands in the order of the op's inputs."""

_FUNCTIONS: Final = {
    "sigmoid": "σ",
    "sum": "Σ",
    "norm": "‖·‖",
    "normcdf": "Φ",
    "normpdf": "φ",
    "normalized": "x̂",
    "cumsum_from_end": "reversed_cumsum",
}
_CONSTANTS: Final = {"pi": "π"}
_RELATIONS: Final[Mapping[type[ast.cmpop], str]] = {
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Eq: "=",
}


def node_template(node_name: str, slot: int) -> str | None:
    """The template for what a node of this class sends along one of its edges."""
    base, backward, number = node_name.partition("Backward")
    if not backward or "Backward" in number:  # of a backward pass, to which no formula here belongs
        return None
    if base in _REPEATED:
        return _REPEATED[base]
    templates = NODE_FORMULAS.get(base + number) or NODE_FORMULAS.get(base)
    return (templates[slot] or None) if templates is not None and slot < len(templates) else None


def holds_usually(node_name: str) -> bool:
    """Whether the formula of this node class holds for PyTorch's usual options only."""
    return node_name.partition("Backward")[0] in USUAL_ONLY


def op_template(op_name: str, position: int) -> str | None:
    """The template for what an op of several nodes sends to one of its inputs."""
    templates = OP_FORMULAS.get(op_name)
    return templates[position] if templates is not None and position < len(templates) else None


def is_whole(template: str) -> bool:
    """Whether the template is the whole outgoing gradient, not a factor of it."""
    return GRADIENT in names_in(template)


@cache
def names_in(template: str) -> frozenset[str]:
    """The operands that a template speaks of."""
    tree = ast.parse(template, mode="eval")
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    found = (n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called)
    return frozenset(name.id for name in found) - _CONSTANTS.keys()


def fill(template: str, operands: Mapping[str, Expression], *, by_element: bool) -> Expression:
    """The template as an expression of these operands; `by_element` where they are tensors."""
    return _build(_parsed(template), operands, "⊙" if by_element else "·")


@cache
def _parsed(template: str) -> ast.expr:
    return ast.parse(template, mode="eval").body


def _build(tree: ast.expr, operands: Mapping[str, Expression], times: str) -> Expression:
    def of(part: ast.expr) -> Expression:
        return _build(part, operands, times)

    match tree:
        case ast.Constant(value=int() | float() as value):
            return Number(float(value))
        case ast.Name(id=name):
            return Symbol(_CONSTANTS[name]) if name in _CONSTANTS else operands[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = of(operand)
            return Number(-inner.value) if isinstance(inner, Number) else Negative(inner)
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(of(left), op, of(right), times)
        case ast.Attribute(value=value, attr="T"):
            inner = of(value)
            if isinstance(inner, Symbol) and inner.text.endswith("ᵀ"):
                return Symbol(inner.text.removesuffix("ᵀ"))
            return Transposed(inner)
        case ast.Compare(left=left, ops=[relation], comparators=[right]):
            return Condition(of(left), _RELATIONS[type(relation)], of(right))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return Apply(_FUNCTIONS.get(name, name), tuple(of(a) for a in arguments))
        case _:
            raise ValueError(f"not a formula: {ast.unparse(tree)}")


def _binary(left: Expression, op: ast.operator, right: Expression, times: str) -> Expression:
    match op:
        case ast.Add():
            return Sum((*_flat(left), right))
        case ast.Sub():
            return _minus(left, right)
        case ast.Mult():
            return _times(left, right, times)
        case ast.MatMult():
            return Product((left, right), "@")
        case ast.Div():
            if right == Number(1.0):
                return left
            if isinstance(left, Negative):
                return Negative(Quotient(left.operand, right))
            if isinstance(left, Number) and left.value < 0:
                return Negative(Quotient(Number(-left.value), right))
            return Quotient(left, right)
        case ast.Pow():
            return left if right == Number(1.0) else Power(left, right)
        case _:
            raise ValueError(f"not a formula: {op}")


def _flat(expression: Expression) -> tuple[Expression, ...]:
    return expression.terms if isinstance(expression, Sum) else (expression,)


def _minus(left: Expression, right: Expression) -> Expression:
    if isinstance(left, Number) and isinstance(right, Number):
        return Number(left.value - right.value)
    return Sum((*_flat(left), Negative(right)))


def _times(left: Expression, right: Expression, times: str) -> Expression:
    if left == Number(1.0):
        return right
    if right == Number(1.0):
        return left
    if isinstance(left, Number) or isinstance(right, Number):
        times = "·"
    if isinstance(left, Product) and left.sign == times:
        return Product((*left.factors, right), times)
    return Product((left, right), times)


def literal(text: str) -> Expression:
    """An operand that is not a tensor, as the person wrote it: a number or a name."""
    try:
        tree: object = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        tree = None
    if isinstance(tree, int | float) and not isinstance(tree, bool):
        return Number(float(tree))
    return Symbol(text if text.isidentifier() else f"({text})")


_MODULES: Final = frozenset({"torch", "F", "nn"})


class Written(NamedTuple):
    """The operands of a call or an operator as the person wrote them.

    `receiver` is the tensor before the dot of a call, None where that is a module as `torch` is.
    `are_sure` says that the others are operands: a call of another name (`self.layer(x)`) does not
    show the operands of the op inside it.
    """

    operands: tuple[str, ...] = ()
    receiver: str | None = None
    are_sure: bool = False


def written_operands(text: str, op_name: str) -> Written:
    """The operands in a piece of source: `x * 2` has `x` and `2`."""
    source = text.strip()
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return Written()

    def segments(parts: Sequence[ast.expr]) -> tuple[str, ...]:
        found = (ast.get_source_segment(source, part) for part in parts)
        return tuple(" ".join(segment.split()) for segment in found if segment is not None)

    match tree:
        case ast.BinOp(left=left, right=right):
            return Written(segments((left, right)), None, True)
        case ast.Call(func=ast.Attribute(value=receiver, attr=name), args=arguments):
            before = " ".join(segments((receiver,)))
            is_module = before.partition(".")[0] in _MODULES
            return Written(segments(arguments), None if is_module else before, name == op_name)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return Written(segments(arguments), None, name == op_name)
        case _:
            return Written()
