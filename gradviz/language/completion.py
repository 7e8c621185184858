"""What may follow what is being typed: names and signatures of what is there after the last run.

Nothing is imported for it and no code of the document is run, but for the attributes that lead to
what is asked about, as in a notebook.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Final

MOST_NAMES: Final = 300
_LONGEST_SIGNATURE: Final = 400


def complete(
    expression: str, namespace: Mapping[str, object], imports: Iterable[str]
) -> tuple[str, ...]:
    """The names that go on from `expression`, such as `torch.nn.Lin`; private ones when asked for.

    Those that are written as it begins come first: `tensor` for `torch.te`, not `Tensor`. `imports`
    are the import statements of the text, which hold before it was run.
    """
    head, dot, begun = expression.rpartition(".")
    known = {**vars(builtins), **_imported(imports), **namespace}
    if not dot:
        found: Iterable[str] = known
    else:
        owner = _resolve(head, known)
        found = () if owner is _NOTHING else _names_of(owner)
    folded = begun.casefold()
    names = {
        name
        for name in found
        if name.casefold().startswith(folded) and (begun.startswith("_") or name[:1] != "_")
    }
    names_in_order = sorted(
        names, key=lambda name: (not name.startswith(begun), name.casefold(), name)
    )
    return tuple(names_in_order[:MOST_NAMES])


def signature(expression: str, namespace: Mapping[str, object], imports: Iterable[str]) -> str:
    """How what `expression` names is called, in one line; empty where that is not known."""
    known = {**vars(builtins), **_imported(imports), **namespace}
    called = _resolve(expression, known)
    if called is _NOTHING or not callable(called):
        return ""
    name = expression.rpartition(".")[2]
    try:
        shown = inspect.signature(called)
        if isinstance(called, type):
            shown = shown.replace(return_annotation=inspect.Signature.empty)
        text = f"{name}{shown}"
    except Exception:  # builtins have none, and a person's own objects may raise anything
        text = _first_line(called)
    return text[:_LONGEST_SIGNATURE]


def _first_line(called: object) -> str:
    """Torch's own functions tell their signature in the first line of their documentation."""
    documentation = getattr(called, "__doc__", None)
    if not isinstance(documentation, str) or not documentation.strip():
        return ""
    line = documentation.strip().splitlines()[0].strip()
    return line if "(" in line else ""


class _Nothing:
    """Stands for what was not found."""


_NOTHING: Final = _Nothing()


def _resolve(expression: str, known: Mapping[str, object]) -> object:
    first, *others = expression.split(".")
    found = known.get(first, _NOTHING)
    for name in others:
        if found is _NOTHING:
            break
        try:
            found = getattr(found, name)
        except Exception:  # a person's own attributes may raise anything
            return _NOTHING
    return found


def _names_of(owner: object) -> list[str]:
    list_names: Callable[[object], list[str]] = dir
    try:
        return list(map(str, list_names(owner)))
    except Exception:  # a person's own __dir__ may raise
        return []


def _imported(statements: Iterable[str]) -> dict[str, object]:
    """What the import statements bind, of modules that are there already."""
    bound: dict[str, object] = {}
    for statement in statements:
        try:
            tree = ast.parse(statement.strip())
        except SyntaxError:
            continue
        for node in tree.body:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.name if alias.asname else alias.name.partition(".")[0]
                    if name in sys.modules:
                        bound[alias.asname or name] = sys.modules[name]
            elif isinstance(node, ast.ImportFrom) and node.module in sys.modules:
                source = sys.modules[node.module]
                for alias in node.names:
                    if alias.name in vars(source):
                        bound[alias.asname or alias.name] = vars(source)[alias.name]
    return bound
