"""What to do about mistakes that Python's parser finds."""

from __future__ import annotations

import ast
import difflib
import re
from typing import Final

from gradviz.documents.prompts import PROMPT

_ADVICE: Final[tuple[tuple[str, str], ...]] = (
    (r"was never closed", "Add the bracket that closes it where its contents end."),
    (r"^unmatched",
     "There is no open bracket for this one to close: remove it, or open one before it."),
    (r"closing parenthesis .* does not match",
     "Brackets close in the reverse of the order in which they were opened."),
    (r"unterminated .*string literal",
     "End the string with the quotation mark that begins it."),
    (r"expected ':'",
     "A line that begins a block (if, for, while, def, class, with …) ends with a colon."),
    (r"expected an indented block",
     "Indent the lines of the block, usually by four spaces; if it does nothing, write pass."),
    (r"unexpected indent", "Begin this line as far to the left as the line above it."),
    (r"unindent does not match", "Begin this line exactly below another line of its block."),
    (r"inconsistent use of tabs", "Indent with spaces alone, or with tabs alone."),
    (r"invalid (?:non-printable )?character",
     "It was probably pasted from formatted text: type it again on the keyboard."),
    (r"^invalid decimal literal",
     "A product is written with *, as in 2 * x; a name begins with a letter."),
    (r"outside function$", "Indent the line, so that it belongs to the function above it."),
    (r"^invalid syntax$",
     "Look here and just before for something missing or extra: an operator, a comma, a bracket, "
     "a colon."),
)  # fmt: skip


PROMPT_ADVICE: Final = (
    "This line begins with a prompt, which is not code: remove it, or paste the text here again, "
    "which leaves out prompts and results."
)

_NO_CODE: Final[tuple[tuple[str, str], ...]] = (
    (PROMPT, PROMPT_ADVICE),
    (r"\s*```", "This line is not Python but Markdown: remove it."),
)  # fmt: skip


def syntax_advice(message: str, line: str = "") -> str:
    """What to do next, empty where Python's own message says it already.

    `line` is the line of the text that the message is about.
    """
    for pattern, sentence in _NO_CODE:
        if re.match(pattern, line):
            return sentence
    if said := _similar_magic(message) or _similar_keyword(message, line):
        return said
    for pattern, sentence in _ADVICE:
        if re.search(pattern, message):
            return sentence
    return ""


def _similar_magic(message: str) -> str:
    found = re.match(r"(%+\w+) is not known here", message)
    close = difflib.get_close_matches(found[1], _MAGICS, n=1) if found is not None else []
    return f"Did you mean {close[0]}?" if close else ""


_MAGICS: Final = ("%time", "%timeit", "%%time", "%%timeit")


def _similar_keyword(message: str, line: str) -> str:
    """The keyword that the first word of the line was meant to be, if the line is right with it."""
    found = re.match(r"\s*([A-Za-z]+)\b(?P<rest>.*)", line)
    if message != "invalid syntax" or found is None:
        return ""
    for keyword in difflib.get_close_matches(found[1].lower(), _BEGINNINGS, n=3):
        if keyword != found[1] and _is_right(keyword + found["rest"], _BEGINNINGS[keyword]):
            return f"Did you mean {keyword}?"
    return ""


_BEGINNINGS: Final = {
    **dict.fromkeys(("import", "from", "for", "while", "if", "def", "class", "with"), ""),
    **dict.fromkeys(("return", "del", "try", "assert", "raise", "global"), ""),
    **dict.fromkeys(("else", "elif"), "if 0: pass\n"),
    **dict.fromkeys(("except", "finally"), "try: pass\n"),
}
"""Words that statements begin with, and what has to stand before them."""


def _is_right(line: str, before: str) -> bool:
    for block in ("", " pass", "\n pass\nfinally: pass"):
        try:
            ast.parse(before + line + block)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return True
    return False
