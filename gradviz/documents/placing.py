"""Write the device of a tensor or module into the text, as code that keeps leaves leaves."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Sequence
from typing import Final

from gradviz.documents.magics import dropped_columns, without_magics
from gradviz.errors import GradvizError

_Binding = ast.Assign | ast.AnnAssign
_MAKERS: Final = frozenset({
    "rand", "randn", "randint", "randperm", "zeros", "ones", "full", "empty", "eye", "arange",
    "linspace", "logspace", "tensor", "as_tensor", "normal", "zeros_like", "ones_like",
    "rand_like", "randn_like", "full_like", "empty_like",
})  # fmt: skip
"""Functions of torch that take `device=`."""


def with_device(text: str, name: str, device: str, *, is_module: bool = False) -> str:
    """The text with `name` created on, or moved to, a device.

    A torch call that makes the tensor gets a `device` argument, so that the tensor is a leaf there.
    Otherwise a line after the one that binds the name moves it: a module in place, a tensor so that
    it is a leaf again. In conditions, loops and `with` that line stands in their body, in each
    branch. Raises GradvizError if the text binds no such name, or only in functions.
    """
    plain = without_magics(text)
    try:
        tree = ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError) as problem:
        raise GradvizError(
            "The text is not valid Python, so nothing can be written into it."
        ) from problem
    root = name.partition(".")[0]
    statements = _bindings(tree.body, root)
    if not statements:
        raise GradvizError(_unbound(tree, root))
    # From the last one on, so that what was found before stays where it is.
    for statement in sorted(statements, key=lambda one: one.lineno, reverse=True):
        text = _written(text, statement, name, device, is_module=is_module)
    return text


def variables_of(text: str) -> frozenset[str]:
    """The names that statements outside functions bind, or functions as `global`.

    Those are what a run's placement reaches. Of a text that is not Python there are none.
    """
    try:
        pending = [symtable.symtable(without_magics(text), "<expression>", "exec")]
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    found: set[str] = set()
    while pending:
        table = pending.pop()
        is_module = table.get_type() == "module"
        found.update(
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_assigned() and (is_module or symbol.is_declared_global())
        )
        pending.extend(table.get_children())
    return frozenset(found)


def _written(text: str, statement: _Binding, name: str, device: str, *, is_module: bool) -> str:
    plain, lines = without_magics(text), text.split("\n")
    maker = _maker(statement) if not is_module and "." not in name else None
    if maker is not None:
        return _in_call(text, plain, lines, maker, device)
    move = f'{name}.to("{device}")'
    if not is_module:
        move = f'{name} = {name}.detach().to("{device}").requires_grad_({name}.requires_grad)'
    end = statement.end_lineno or statement.lineno
    plain_lines = plain.split("\n")
    indent = plain_lines[statement.lineno - 1].encode()[: statement.col_offset].decode()
    last = plain_lines[end - 1].encode()[: statement.end_col_offset].decode()
    if indent.strip() or plain_lines[end - 1][len(last) :].lstrip().startswith(";"):
        # Other statements share the line: `if a: x = f()`, `x = f(); y = x`.
        behind = (end, len(last) + dropped_columns(text)[end - 1])
        return _replaced(lines, behind, behind, f"; {move}")
    return "\n".join([*lines[:end], indent + move, *lines[end:]])


def _bindings(statements: Sequence[ast.stmt], name: str) -> list[_Binding]:
    """The first statement that makes the name mean something, one for each way to come there.

    Of a condition those are one in each branch that binds it. What binds it to a plain number or
    to None does not count, nor what stands in functions and classes.
    """
    for statement in statements:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            if _binds(statement, name):
                return [statement]
        else:
            found = [one for block in _blocks(statement) for one in _bindings(block, name)]
            if found:
                return found
    return []


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    match statement:
        case ast.If() | ast.For() | ast.While():
            return [statement.body, statement.orelse]
        case ast.With():
            return [statement.body]
        case ast.Try():
            handlers = [handler.body for handler in statement.handlers]
            return [statement.body, *handlers, statement.orelse, statement.finalbody]
        case ast.Match():
            return [case.body for case in statement.cases]
        case _:
            return []


def _binds(statement: _Binding, name: str) -> bool:
    if statement.value is None or isinstance(statement.value, ast.Constant):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        if any(isinstance(one, ast.Name) and one.id == name for one in names):
            return True
    return False


def _unbound(tree: ast.Module, name: str) -> str:
    """Why there is no place to write its device to."""
    for statement in (one for one in ast.walk(tree) if isinstance(one, ast.stmt)):
        line = statement.lineno
        match statement:
            case ast.For() | ast.AsyncFor() | ast.With() | ast.AsyncWith():
                if name in _targets_of(statement):
                    return f"The loop or block on line {line} makes {name}: write its device there."
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                if name in _stored(statement):
                    return (
                        f"{name} is defined only in {statement.name} on line {line}: write its "
                        "device there."
                    )
    return f"The text does not define {name}, so its device cannot be written."


def _targets_of(statement: ast.For | ast.AsyncFor | ast.With | ast.AsyncWith) -> set[str]:
    if isinstance(statement, ast.For | ast.AsyncFor):
        return _stored(statement.target)
    given = (item.optional_vars for item in statement.items)
    return {name for target in given if target is not None for name in _stored(target)}


def _stored(tree: ast.AST) -> set[str]:
    names = (one for one in ast.walk(tree) if isinstance(one, ast.Name))
    return {one.id for one in names if isinstance(one.ctx, ast.Store)}


def _maker(statement: _Binding) -> ast.Call | None:
    """The call that makes the tensor, where the statement is nothing but that."""
    value = _innermost(statement.value)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    if not isinstance(value, ast.Call) or not isinstance(target, ast.Name):
        return None
    called = value.func
    if not isinstance(called, ast.Attribute) or not isinstance(called.value, ast.Name):
        return None
    if called.value.id != "torch" or called.attr not in _MAKERS:
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
