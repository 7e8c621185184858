"""Read from compiled code what becomes of the result of the instruction that is being executed.

This happens while the person's code runs: `dis`, which can say the same, would be felt.
"""

from __future__ import annotations

from dis import opmap
from types import CodeType
from typing import Final

_NONE: Final = -1
_CACHE: Final = opmap.get("CACHE", 0)
_COPY: Final = opmap["COPY"]
_EXTENDED: Final = opmap["EXTENDED_ARG"]
_UNPACK: Final = opmap["UNPACK_SEQUENCE"]
_FIRST_HALF: Final = opmap.get("PRECALL", _NONE)
"""In Python 3.11 this makes some calls by itself and leaves out the CALL behind it."""
_CALL: Final = opmap["CALL"]
_RETURN: Final = opmap["RETURN_VALUE"]
_TWO: Final = opmap.get("STORE_FAST_STORE_FAST", _NONE)
_AND_LOAD: Final = opmap.get("STORE_FAST_LOAD_FAST", _NONE)
_BY_NAME: Final = frozenset({opmap["STORE_NAME"], opmap["STORE_GLOBAL"]})
_BY_PLACE: Final = frozenset({opmap["STORE_FAST"], opmap["STORE_DEREF"]})


def targets_after(code: CodeType, lasti: int) -> tuple[str, ...]:
    """The names that the result is bound to; none where something else is done with it."""
    instructions = code.co_code
    at = _after(instructions, lasti)
    names: list[str] = []
    wanted = 1
    extended = 0
    while (at := _past_caches(instructions, at)) < len(instructions):
        kind, argument = instructions[at], instructions[at + 1] | extended
        at += 2
        extended = 0
        if kind == _EXTENDED:
            extended = argument << 8
        elif kind == _UNPACK and not names and wanted == 1:
            wanted = argument
        elif kind == _COPY and not names:
            continue
        else:
            stored = _stored(code, kind, argument)
            names += stored
            if not stored:
                return ()
            if len(names) >= wanted:
                return tuple(names[:wanted])
    return ()


def is_returned_after(code: CodeType, lasti: int) -> bool:
    """Whether the result is what the function returns."""
    instructions = code.co_code
    at = _past_caches(instructions, _after(instructions, lasti))
    return at < len(instructions) and instructions[at] == _RETURN


def _after(instructions: bytes, lasti: int) -> int:
    """Where to go on behind the instruction that is being executed, caches in between."""
    at = lasti
    # While a function of Python's is being called, the caller stands at the call's last cache.
    executed = instructions[at]
    if executed != _CACHE and executed != _UNPACK:
        at += 2
        if executed == _FIRST_HALF:
            at = _past_caches(instructions, at)
            at += 2 if at < len(instructions) and instructions[at] == _CALL else 0
    return at


def _past_caches(instructions: bytes, at: int) -> int:
    while at < len(instructions) and instructions[at] == _CACHE:
        at += 2
    return at


def _stored(code: CodeType, kind: int, argument: int) -> tuple[str, ...]:
    """The names that one instruction stores to."""
    if kind in _BY_NAME:
        return (code.co_names[argument],)
    if kind in _BY_PLACE:
        return (_local(code, argument),)
    if kind == _TWO:
        return _local(code, argument >> 4), _local(code, argument & 15)
    if kind == _AND_LOAD:
        return (_local(code, argument >> 4),)
    return ()


def _local(code: CodeType, place: int) -> str:
    names = code.co_varnames
    if place < len(names):
        return names[place]
    cells = [name for name in code.co_cellvars if name not in names]
    return (*cells, *code.co_freevars)[place - len(names)]
