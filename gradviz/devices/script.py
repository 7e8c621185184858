"""Read a document as statements: which names they bind, and where its backward call is."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from gradviz.documents.magics import without_magics

ROOT_NAME: Final = "_gradviz_root"
"""Holds the root where the person called `backward` on an expression without a name."""

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Span(NamedTuple):
    """Statements that stand one behind the other in a block: `block[start:stop]`.

    `container` is the top-level statement around the block, None where the block is the document.
    """

    block: Sequence[ast.stmt]
    start: int
    stop: int
    container: ast.stmt | None

    @property
    def statements(self) -> Sequence[ast.stmt]:
        """The statements themselves."""
        return self.block[self.start : self.stop]


class BackwardCall(NamedTuple):
    """A backward call and the block of statements that it stands in.

    `position` is its place in `block`; `container` the top-level statement around the block, None
    where the block is the document itself. `call` can be repeated: it keeps the graph.
    `root_statement` binds the root where it has no name of its own.
    """

    statement: ast.stmt
    call: ast.Call
    root_statement: ast.stmt | None
    root_names: frozenset[str]
    block: Sequence[ast.stmt]
    position: int
    container: ast.stmt | None


def parse_statements(text: str) -> list[ast.stmt]:
    """The top-level statements; `%time` before a statement is dropped. Raises `SyntaxError`."""
    return ast.parse(without_magics(text), filename="<expression>").body


def statement_at(statements: Sequence[ast.stmt], line: int) -> int | None:
    """Index of the statement on that line, else of the last one before it; None where none is."""
    found = None
    for index, statement in enumerate(statements):
        if first_line(statement) <= line:
            found = index
    return found


def span_at(statements: Sequence[ast.stmt], first: int, last: int) -> Span | None:
    """The innermost block's statements that the lines `first` to `last` touch.

    Where they touch none it is the last statement before them; None where there is none. Blocks
    are those of loops, conditions and `try`, not of functions and `with`.
    """
    block, container = statements, None
    while True:
        touched = [
            i
            for i, statement in enumerate(block)
            if first_line(statement) <= last and (statement.end_lineno or 0) >= first
        ]
        if not touched:
            before = statement_at(block, first)
            return None if before is None else Span(block, before, before + 1, container)
        if len(touched) == 1:
            inner = _block_within(block[touched[0]], first, last)
            if inner is not None:
                container = container or block[touched[0]]
                block = inner
                continue
        return Span(block, touched[0], touched[-1] + 1, container)


def _block_within(statement: ast.stmt, first: int, last: int) -> Sequence[ast.stmt] | None:
    """The block of a loop or condition that all the lines lie in."""
    if not isinstance(statement, ast.For | ast.While | ast.If | ast.Try):
        return None
    for block in (statement.body, statement.orelse):
        if block and first_line(block[0]) <= first and last <= (block[-1].end_lineno or 0):
            return block
    return None


def find_step(call: BackwardCall, namespace: Mapping[str, object], kind: type) -> int | None:
    """Where in the call's block an object of that kind makes its `step()` after the call."""
    for index in range(call.position + 1, len(call.block)):
        statement = call.block[index]
        value = getattr(statement, "value", None)
        if not isinstance(statement, ast.Expr | ast.Assign) or not isinstance(value, ast.Call):
            continue
        called = value.func
        if (
            isinstance(called, ast.Attribute)
            and called.attr == "step"
            and isinstance(called.value, ast.Name)
            and isinstance(namespace.get(called.value.id), kind)
        ):
            return index
    return None


def first_line(statement: ast.stmt) -> int:
    """The line on which a statement begins, its decorators included."""
    decorators = getattr(statement, "decorator_list", [])
    lines: list[int] = [decorator.lineno for decorator in decorators]
    return min([statement.lineno, *lines])


def find_backward(statements: Sequence[ast.stmt], line: int | None = None) -> BackwardCall | None:
    """The backward call at or after `line`, else the last one; None where there is none.

    Looked for at the top level and in its loops, conditions and `try` blocks, not in functions.
    """
    calls = list(_backward_calls(statements, None))
    if line is not None:
        calls = [c for c in calls if (c.statement.end_lineno or 0) >= line][:1] or calls
    return calls[-1] if calls else None


def _backward_calls(
    block: Sequence[ast.stmt], container: ast.stmt | None
) -> Iterator[BackwardCall]:
    for index, statement in enumerate(block):
        value = getattr(statement, "value", None)
        if isinstance(statement, ast.Expr | ast.Assign) and isinstance(value, ast.Call):
            root = _root_of(value)
            if root is not None:
                yield _make_call(statement, value, root, block, index, container)
        elif isinstance(statement, ast.For | ast.While | ast.If | ast.Try):
            for inner in (statement.body, statement.orelse):
                yield from _backward_calls(inner, container or statement)


def _root_of(call: ast.Call) -> ast.expr | None:
    if not isinstance(call.func, ast.Attribute):
        return None
    owner = ast.unparse(call.func.value)
    is_function = owner.rpartition(".")[2] == "autograd"
    if is_function and call.func.attr in ("backward", "grad") and call.args:
        return call.args[0]
    return call.func.value if call.func.attr == "backward" and not is_function else None


def keep_graph(statement: ast.stmt) -> ast.stmt:
    """The statement itself, or where it is a backward call, one that can be repeated."""
    value = getattr(statement, "value", None)
    if not isinstance(statement, ast.Expr | ast.Assign) or not isinstance(value, ast.Call):
        return statement
    if _root_of(value) is None:
        return statement
    kept = copy.copy(statement)
    kept.value = _retain_graph(value)
    return kept


def _retain_graph(call: ast.Call) -> ast.Call:
    repeatable = copy.deepcopy(call)
    keep = ast.keyword(arg="retain_graph", value=ast.Constant(True))
    repeatable.keywords = [k for k in repeatable.keywords if k.arg != "retain_graph"] + [keep]
    return ast.fix_missing_locations(repeatable)


def _make_call(
    statement: ast.stmt,
    call: ast.Call,
    root: ast.expr,
    block: Sequence[ast.stmt],
    index: int,
    container: ast.stmt | None,
) -> BackwardCall:
    repeatable = _retain_graph(call)
    root_statement: ast.stmt | None = None
    if any(isinstance(node, ast.Call | ast.BinOp) for node in ast.walk(root)):
        target = ast.Name(ROOT_NAME, ast.Store())
        root_statement = ast.copy_location(ast.Assign([target], root), statement)
        ast.fix_missing_locations(root_statement)
        name = ast.Name(ROOT_NAME, ast.Load())
        if repeatable.args and ast.dump(repeatable.args[0]) == ast.dump(root):
            repeatable.args[0] = name
        elif isinstance(repeatable.func, ast.Attribute):
            repeatable.func.value = name
    ast.fix_missing_locations(repeatable)
    names = frozenset(loaded_names(root))
    return BackwardCall(statement, repeatable, root_statement, names, block, index, container)


def loaded_names(tree: ast.AST) -> set[str]:
    """Names that are read anywhere in it."""
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    } | {
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }


def stored_names(statement: ast.stmt) -> set[str]:
    """Names that it binds in its own scope."""
    names: set[str] = set()
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if not isinstance(node, (*_FUNCTIONS, *_COMPREHENSIONS)):
            pending.extend(ast.iter_child_nodes(node))
    return names


def changed_names(statement: ast.stmt) -> set[str]:
    """Names that it binds or whose object it may change: `xs.append(h)`, `h[0] = y`, `net.to()`."""
    names = stored_names(statement)
    for node in ast.walk(statement):
        is_store = isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(
            node.ctx, ast.Load
        )
        is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_store or (is_method and isinstance(statement, ast.Expr | ast.For | ast.While)):
            base: ast.AST = node.func if isinstance(node, ast.Call) else node
            while isinstance(base, ast.Subscript | ast.Attribute):
                base = base.value
            if isinstance(base, ast.Name):
                names.add(base.id)
    return names


def rebinds(statement: ast.stmt, name: str) -> bool:
    """Whether it gives the name a new object whatever the old one was: `h = ...`."""
    return isinstance(statement, ast.Assign | ast.AnnAssign) and name in stored_names(statement)


def source_of(text: str, statements: Sequence[ast.stmt]) -> str:
    """The statements as the person wrote them, without magics."""
    plain = without_magics(text)
    return "\n".join(ast.get_source_segment(plain, s) or ast.unparse(s) for s in statements)
