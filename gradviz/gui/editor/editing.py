"""What editing keys do to text, as pure functions."""

from __future__ import annotations

import re
from typing import Final

INDENT: Final = "    "
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}
_CLOSERS: Final = {closer: opener for opener, closer in _PAIRS.items()}
_ENDS_BLOCK: Final = re.compile(r"^\s*(return|pass|break|continue|raise)\b")
# Strings (closed on their line) and comments, which hide brackets from matching.
_HIDDEN: Final = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#[^\n]*")


def hide_strings(text: str) -> str:
    """The text with strings and comments blanked out, of the same length."""
    return _HIDDEN.sub(lambda match: " " * len(match[0]), text)


def indent_after(line: str) -> str:
    """The white space that the line after this one starts with."""
    indent = line[: len(line) - len(line.lstrip())]
    code = hide_strings(line).rstrip()
    if code.endswith(":"):
        return indent + INDENT
    opened = 0
    for character in code:
        opened += (character in _PAIRS) - (character in _CLOSERS)
    if opened > 0:
        return indent + INDENT
    if _ENDS_BLOCK.match(line):
        return indent.removesuffix(INDENT)
    return indent


def toggle_comments(lines: list[str]) -> list[str]:
    """Comment the lines, or take the comment away where all of them have one."""
    written = [line for line in lines if line.strip()]
    if not written:
        return lines
    if all(line.lstrip().startswith("#") for line in written):
        return [_uncomment(line) for line in lines]
    depth = min(len(line) - len(line.lstrip()) for line in written)
    return [f"{line[:depth]}# {line[depth:]}" if line.strip() else line for line in lines]


def _uncomment(line: str) -> str:
    if not line.strip():
        return line
    body = line.lstrip()
    indent = line[: len(line) - len(body)]
    return indent + body.removeprefix("#").removeprefix(" ")


def dedent(line: str) -> str:
    """The line with one level of indentation less."""
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(spaces, len(INDENT)) :]


def changed_span(old: str, new: str) -> tuple[int, int, int]:
    """Where two texts differ: the start, the end in the old text and the end in the new one.

    `old[:start] + new[start:new_end] + old[old_end:]` is the new text.
    """
    shorter = min(len(old), len(new))
    differing = (at for at in range(shorter) if old[at] != new[at])
    start = next(differing, shorter)
    tail = 0
    while tail < shorter - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return start, len(old) - tail, len(new) - tail


def match_bracket(text: str, position: int) -> tuple[int, int | None] | None:
    """The bracket at or just before a position and its partner (None where it has none).

    None where there is no bracket.
    """
    code = hide_strings(text)
    for at in (position - 1, position):
        if 0 <= at < len(code) and (code[at] in _PAIRS or code[at] in _CLOSERS):
            return at, _partner(code, at)
    return None


def _partner(code: str, at: int) -> int | None:
    opens = code[at] in _PAIRS
    positions = range(at, len(code)) if opens else range(at, -1, -1)
    waiting: list[str] = []
    for position in positions:
        character = code[position]
        if character not in _PAIRS and character not in _CLOSERS:
            continue
        if (character in _PAIRS) == opens:
            waiting.append(character)
            continue
        partner = _CLOSERS[character] if opens else _PAIRS[character]
        if waiting.pop() != partner:
            return None
        if not waiting:
            return position
    return None


def utf16_length(text: str) -> int:
    """Qt counts in UTF-16 units, Python in characters."""
    return len(text) + sum(character > "\uffff" for character in text)
