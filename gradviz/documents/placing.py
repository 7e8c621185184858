"""Write the device of a tensor or module into the text, as code that keeps leaves leaves."""

from __future__ import annotations

import ast
from typing import Final

from gradviz.documents.magics import dropped_columns, without_magics
from gradviz.errors import GradvizError

_MAKERS: Final = frozenset({
    "rand", "randn", "randint", "randperm", "zeros", "ones", "full", "empty", "eye", "arange",
    "linspace", "logspace", "tensor", "as_tensor", "normal", "zeros_like", "ones_like",
    "rand_like", "randn_like", "full_like", "empty_like",
})  # fmt: skip
"""Functions of torch that take `device=`."""


def with_device(text: str, name: str, device: str, *, is_module: bool = False) -> str:
    """The text with `name` created on, or moved to, a device.

    A torch call that makes the tensor gets a `device` argument, so that the tensor is a leaf there.
    Otherwise a line after the last one that binds the name moves it: a module in place, a tensor so
    that it is a leaf again. Raises GradvizError if the text binds no such name at its top level.
    """
    plain = without_magics(text)
    try:
        tree = ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError) as problem:
        raise GradvizError(
            "The text is no Python, so that nothing can be written into it."
        ) from problem
    root = name.partition(".")[0]
    statement = _binding(tree.body, root)
    if statement is None:
        raise GradvizError(f"The text does not bind {root}, so that its device cannot be written.")
    lines = text.split("\n")
    maker = None if is_module or root != name else _maker(statement)
    if maker is not None:
        return _in_call(text, plain, lines, maker, device)
    indent = lines[statement.lineno - 1][: statement.col_offset]
    line = f'{indent}{name}.to("{device}")'
    if not is_module:
        line = (
            f'{indent}{name} = {name}.detach().to("{device}").requires_grad_({name}.requires_grad)'
        )
    end = statement.end_lineno or statement.lineno
    return "\n".join([*lines[:end], line, *lines[end:]])


def _binding(statements: list[ast.stmt], name: str) -> ast.Assign | ast.AnnAssign | None:
    """The first statement at the top level that makes the name mean something."""
    for statement in statements:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        for target in targets:
            names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            if any(isinstance(one, ast.Name) and one.id == name for one in names):
                assert isinstance(statement, ast.Assign | ast.AnnAssign)
                return statement
    return None


def _maker(statement: ast.Assign | ast.AnnAssign) -> ast.Call | None:
    """The call that makes the tensor, where the statement is nothing but that."""
    value = _innermost(statement.value)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    if not isinstance(value, ast.Call) or not isinstance(target, ast.Name):
        return None
    called = value.func
    is_torch = isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name)
    if not is_torch or called.value.id != "torch" or called.attr not in _MAKERS:  # type: ignore[attr-defined]
        return None
    # `**options` may hold a device already.
    return None if any(k.arg is None for k in value.keywords) else value


def _innermost(value: ast.expr | None) -> ast.expr | None:
    """What a parameter is made of, or what is made to require grad afterwards."""
    while isinstance(value, ast.Call):
        called = value.func
        if isinstance(called, ast.Attribute) and called.attr == "requires_grad_":
            value = called.value
        elif value.args and (getattr(called, "attr", "") or getattr(called, "id", "")) == (
            "Parameter"
        ):
            value = value.args[0]
        else:
            break
    return value


def _in_call(text: str, plain: str, lines: list[str], call: ast.Call, device: str) -> str:
    dropped = dropped_columns(text)
    plain_lines = plain.split("\n")

    def column(line: int, nbytes: int) -> int:
        cut = plain_lines[line - 1].encode()[:nbytes].decode(errors="replace")
        return len(cut) + dropped[line - 1]

    known = next((k for k in call.keywords if k.arg == "device"), None)
    if known is not None:
        value = known.value
        first = (value.lineno, column(value.lineno, value.col_offset))
        end_line = value.end_lineno or value.lineno
        last = (end_line, column(end_line, value.end_col_offset or 0))
        return _replaced(lines, first, last, f'"{device}"')
    end_line = call.end_lineno or call.lineno
    close = (end_line, column(end_line, call.end_col_offset or 0) - 1)
    arguments = [*call.args, *(k.value for k in call.keywords)]
    if not arguments:
        return _replaced(lines, close, close, f'device="{device}"')
    final = max(arguments, key=lambda one: (one.end_lineno or 0, one.end_col_offset or 0))
    line = final.end_lineno or final.lineno
    behind = (line, column(line, final.end_col_offset or 0))
    written = _replaced(lines, behind, behind, f', device="{device}"')
    if _is_python(written):
        return written
    # The last argument stands in brackets of its own.
    return _replaced(lines, close, close, f', device="{device}"')


def _is_python(text: str) -> bool:
    try:
        ast.parse(without_magics(text))
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _replaced(lines: list[str], first: tuple[int, int], last: tuple[int, int], new: str) -> str:
    head = [*lines[: first[0] - 1], lines[first[0] - 1][: first[1]] + new]
    tail = lines[last[0] - 1][last[1] :]
    return "\n".join([*head[:-1], head[-1] + tail, *lines[last[0] :]])
