"""Tell whether a line stands inside a statement that began on an earlier one."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Sequence


def inside_statement(before: Sequence[str]) -> bool:
    """Whether the lines end within brackets, a string or after a backslash."""
    if not before:
        return False
    if before[-1].rstrip("\r").endswith("\\"):
        return True
    try:
        for _ in tokenize.generate_tokens(io.StringIO("\n".join(before) + "\n").readline):
            pass
    except tokenize.TokenError:
        return True
    except SyntaxError:  # a mistake of another kind, which the parser will report
        return False
    return False
