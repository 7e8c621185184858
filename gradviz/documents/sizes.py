"""Find the numbers of a text that are sizes of tensors, and replace them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final, NamedTuple

from gradviz.documents.magics import dropped_columns, without_magics
from gradviz.errors import GradvizError

_NO_SIZES: Final = frozenset({
    "range", "manual_seed", "seed", "manual_seed_all", "sum", "mean", "softmax", "unsqueeze",
    "squeeze", "transpose", "permute", "argmax", "argmin", "max", "min", "pow", "device",
    "set_num_threads", "print", "item", "enumerate", "isclose", "round", "sqrt", "clamp",
    "Dropout", "dropout", "set_printoptions", "StepLR", "tensor",
})  # fmt: skip
"""Calls whose numbers are not sizes: dimensions, seeds, exponents, values."""
_NO_SIZE_KEYWORDS: Final = frozenset({
    "dim", "axis", "kernel_size", "stride", "padding", "dilation", "seed", "lr", "p", "dtype",
    "value", "fill_value", "low", "high", "steps", "epochs", "exponent", "num_heads", "nhead",
    "num_layers", "groups", "step_size", "diagonal", "k",
})  # fmt: skip
_SMALLEST: Final = 2


class Place(NamedTuple):
    """Where a number stands: line from 1, columns from 0 in characters, the end exclusive."""

    line: int
    column: int
    end_column: int


class SizeInText(NamedTuple):
    """A number of the text: a name that is bound to it, or the number itself in several calls.

    `key` tells it from the text's other sizes: the name, or the number as text.
    """

    key: str
    value: int
    places: tuple[Place, ...]

    @property
    def is_named(self) -> bool:
        """Whether the text has a name for it."""
        return not self.key.isdecimal()


def find_sizes(text: str) -> tuple[SizeInText, ...]:
    """The sizes in textual order, named ones first; none where the text is not valid Python."""
    plain = without_magics(text)
    try:
        tree = ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    reader = _Reader(text, plain)
    used = {node.id for node in _in_size_positions(tree) if isinstance(node, ast.Name)}
    found: dict[str, tuple[int, list[Place]]] = {}
    for name, number in _named_numbers(tree):
        if name in used and isinstance(number.value, int) and _is_size(number.value):
            found.setdefault(name, (number.value, []))[1].append(reader.place(number))
    # A name that is bound twice has no one value to multiply.
    found = {name: (value, at) for name, (value, at) in found.items() if len(at) == 1}
    for node in _in_size_positions(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and _is_size(node.value):
            entry = found.setdefault(str(node.value), (node.value, []))
            entry[1].append(reader.place(node))
    return tuple(
        SizeInText(key, value, tuple(sorted(set(places)))) for key, (value, places) in found.items()
    )


def with_size(text: str, key: str, value: int) -> str:
    """The text with another number for one of its sizes, on the same lines.

    Raises GradvizError where the text has no such size.
    """
    size = next((one for one in find_sizes(text) if one.key == key), None)
    if size is None:
        raise GradvizError(f"The text has no size {key}.")
    lines = text.split("\n")
    for place in reversed(size.places):
        line = lines[place.line - 1]
        lines[place.line - 1] = f"{line[: place.column]}{value}{line[place.end_column :]}"
    return "\n".join(lines)


def _is_size(value: int) -> bool:
    return value >= _SMALLEST  # which no bool is


def _named_numbers(tree: ast.AST) -> Iterator[tuple[str, ast.Constant]]:
    """`n = 512`, also within `n, d = 512, 64`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, bound = node.targets[0], node.value
        pairs = [(target, bound)]
        if isinstance(target, ast.Tuple) and isinstance(bound, ast.Tuple):
            pairs = list(zip(target.elts, bound.elts, strict=False))
        for name, number in pairs:
            if isinstance(name, ast.Name) and isinstance(number, ast.Constant):
                yield name.id, number


def _in_size_positions(tree: ast.AST) -> Iterator[ast.expr]:
    """What stands as an argument of a call that makes or shapes tensors or layers."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name in _NO_SIZES:
            continue
        keywords = [k.value for k in node.keywords if k.arg not in _NO_SIZE_KEYWORDS]
        arguments = [*_first_arguments(name, node.args), *keywords]
        for argument in arguments:
            parts = argument.elts if isinstance(argument, ast.Tuple | ast.List) else [argument]
            for part in parts:
                # `2 * n` and `n // 2` grow with n.
                yield from (
                    one
                    for one in ast.walk(part)
                    if isinstance(one, ast.Name) or (one is part and isinstance(one, ast.Constant))
                )


def _first_arguments(name: str, arguments: list[ast.expr]) -> list[ast.expr]:
    """Without kernel sizes, heads and bounds, which come after the sizes."""
    if name.startswith(("Conv", "LSTM", "GRU", "RNN")):
        return arguments[:2]
    if name.startswith(("MultiheadAttention", "Transformer", "MaxPool", "AvgPool", "randint")):
        return [one for one in arguments if isinstance(one, ast.Tuple | ast.List)]
    return arguments


class _Reader:
    """Turns the parser's columns (in UTF-8 bytes, without magics) into those of the text."""

    def __init__(self, text: str, plain: str) -> None:
        self._lines = plain.split("\n")
        self._dropped = dropped_columns(text)

    def place(self, node: ast.Constant) -> Place:
        line = self._lines[node.lineno - 1].encode()
        shift = self._dropped[node.lineno - 1]
        ends = (node.col_offset, node.end_col_offset or node.col_offset)
        first, last = (len(line[:end].decode(errors="replace")) + shift for end in ends)
        return Place(node.lineno, first, last)
