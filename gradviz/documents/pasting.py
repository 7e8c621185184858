"""Make code again of what was copied from a session, a page or a PDF."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable
from typing import Final

from gradviz.documents.check import check
from gradviz.documents.prompts import without_prompts

_TYPED: Final = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("−–—‐‑", "-"),
        **dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}", " "),
        **dict.fromkeys("\N{ZERO WIDTH SPACE}\N{BYTE ORDER MARK}\N{SOFT HYPHEN}", ""),
    }
)
"""What printers set in the place of signs on the keyboard."""
_NUMBERED: Final = re.compile(r"[ \t]*(?P<number>\d+)[.:|]?(?:[ \t](?P<code>.*))?$")


_LONGEST: Final = 20_000
"""Characters that are parsed while nobody notices; longer texts come from files."""


def pasted_code(text: str) -> str:
    """The code in a text that is pasted; the text itself where it is code or cannot be mended."""
    plain = without_prompts(text)
    if len(plain) > _LONGEST or _is_code(plain):
        return plain
    ways: tuple[Callable[[str], str], ...] = (
        _typed,
        _without_numbers,
        lambda page: _without_numbers(_typed(page)),
    )
    mended = (way(plain) for way in ways)
    return next((code for code in mended if code != plain and _is_code(code)), plain)


def _is_code(text: str) -> bool:
    error = check(textwrap.dedent(text))
    # A part of a function or of a loop is code, too.
    return error is None or error.message.endswith(("outside function", "outside loop"))


def _typed(text: str) -> str:
    return text.translate(_TYPED)


def _without_numbers(text: str) -> str:
    """The lines without the numbers before them, where these count on from line to line."""
    written = [line for line in text.split("\n") if line.strip()]
    found = [_NUMBERED.match(line) for line in written]
    numbers = [int(one["number"]) for one in found if one is not None]
    if len(numbers) < len(written) or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return text
    lines = [one["code"] or "" for one in found if one is not None]
    code = textwrap.dedent("\n".join(lines)) + "\n" * text.endswith("\n")
    return code if _does_something(code) else text


def _does_something(code: str) -> bool:
    """Whether it is more than the words of a list, or the columns of a table of numbers."""
    try:
        parts = list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True  # such as %time, which is looked at elsewhere
    return any(
        isinstance(one, ast.stmt | ast.Call) and not isinstance(one, ast.Expr) for one in parts
    )
