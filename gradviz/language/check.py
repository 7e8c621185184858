"""Find syntax errors in a text without running it."""

from __future__ import annotations

import ast

from gradviz.language.failures import syntax_error
from gradviz.language.parsing import parse
from gradviz.recording.model import RunError


def check(text: str, filename: str = "<expression>") -> RunError | None:
    """The first syntax error of a text, None if there is none."""
    try:
        document = parse(text, filename)
        compile(document.tree, filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        return syntax_error(error, text)
    except (ValueError, RecursionError, MemoryError) as error:
        return RunError(type=type(error).__name__, message=str(error) or "The text is too deep.")
    return None


def future_flags(tree: ast.Module) -> int:
    """Compiler flags of the `from __future__` imports of a document."""
    import __future__

    flags = 0
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                feature = getattr(__future__, alias.name, None)
                flags |= feature.compiler_flag if feature is not None else 0
    return flags
