"""Write values as a notebook shows them."""

from __future__ import annotations

from typing import Final

_WIDTH: Final = 79
_MAX_DEPTH: Final = 20
_BRACKETS: Final[dict[type, tuple[str, str]]] = {tuple: ("(", ")"), list: ("[", "]")}


def shown(value: object) -> str:
    """The `repr` of a value; tuples, lists and dictionaries broken into lines when long."""
    return "\n".join(_lines(value, _MAX_DEPTH))


def _lines(value: object, depth: int) -> list[str]:
    kind = type(value)
    if depth and kind in _BRACKETS and value:
        assert isinstance(value, (tuple, list))
        opening, closing = _BRACKETS[kind]
        parts = [_lines(one, depth - 1) for one in value]
        if kind is tuple and len(parts) == 1:
            closing = ",)"
        return _enclosed(opening, parts, closing)
    if depth and kind is dict and value:
        assert isinstance(value, dict)
        parts = [_after(f"{key!r}: ", _lines(one, depth - 1)) for key, one in value.items()]
        return _enclosed("{", parts, "}")
    return repr(value).split("\n")


def _after(start: str, lines: list[str]) -> list[str]:
    blank = " " * len(start)
    return [start + lines[0], *(blank + line for line in lines[1:])]


def _enclosed(opening: str, parts: list[list[str]], closing: str) -> list[str]:
    if all(len(part) == 1 for part in parts):
        line = opening + ", ".join(part[0] for part in parts) + closing
        if len(line) <= _WIDTH:
            return [line]
    lines: list[str] = []
    for number, part in enumerate(parts):
        body = [(opening if number == 0 and n == 0 else " ") + one for n, one in enumerate(part)]
        body[-1] += closing if number == len(parts) - 1 else ","
        lines.extend(body)
    return lines
