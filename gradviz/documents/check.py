"""Find syntax errors in a text without running it."""

from __future__ import annotations

import ast
import warnings

from gradviz.documents.parsing import parse
from gradviz.documents.syntax_advice import syntax_advice
from gradviz.recording.model import RunError


def check(text: str, filename: str = "<expression>") -> RunError | None:
    """The first syntax error of a text, None if there is none."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of escapes in strings: the run says so
            document = parse(text, filename)
            compile(document.tree, filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        return syntax_error(error, text)
    except (ValueError, RecursionError, MemoryError) as error:
        return RunError(
            type=type(error).__name__, message=str(error) or "The text is nested too deeply."
        )
    return None


def syntax_error(error: SyntaxError, text: str) -> RunError:
    """The description of an error that Python's parser found."""
    lines = text.split("\n")
    line, column = error.lineno, error.offset
    end_line, end_column = error.end_lineno, error.end_offset
    if line is not None and line > len(lines):
        line, column = len(lines), len(lines[-1]) + 1
        end_line = end_column = None
    if line is not None and (end_line is None or not end_column or end_line > len(lines)):
        end_line, end_column = line, None
    start = max(0, (column or 1) - 1)
    if line is not None and isinstance(error, IndentationError):
        # Python points at where it noticed; what is wrong is how the line begins.
        written = lines[line - 1]
        start = 0
        end_line, end_column = line, len(written) - len(written.lstrip()) + 1
    return RunError(
        type=type(error).__name__,
        message=error.msg or "The syntax is wrong.",
        line=line,
        column=start if line is not None else None,
        end_line=end_line,
        end_column=max(end_column - 1, start + 1) if end_column else start + 1,
        help=syntax_advice(error.msg or "", "" if line is None else lines[line - 1]),
    )


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
