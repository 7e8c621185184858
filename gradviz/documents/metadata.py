"""The metadata block of an expression file: TOML in a comment, as PEP 723 defines it.

# /// gradviz
# title = "The chain rule"
# seed = 0
# ///
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array

from gradviz.errors import GradvizError
from gradviz.recording.breakpoints import Breakpoint

_Line = Annotated[int, msgspec.Meta(ge=1)]
MAX_BLOCK_CHARACTERS: Final = 64_000

# The expression that PEP 723 gives, for the type "gradviz".
_BLOCK: Final = re.compile(r"(?m)^# /// gradviz$\n(?P<content>(?:^#(?:| .*)$\n)+?)^# ///$\n?")
# Where an editor may end a line, and with it the comment, though Python would not.
_ESCAPED: Final = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """How a document wants to be run and shown; never whether it may be trusted.

    `placement` maps names of leaves to devices. A number among the `breakpoints` is that of a line,
    counted from 1.
    """

    title: str = ""
    device: str | None = None
    seed: int | None = None
    placement: dict[str, str] = {}
    breakpoints: tuple[_Line | Breakpoint, ...] = ()


class _Block(NamedTuple):
    start: int
    end: int
    toml: tomlkit.TOMLDocument


def read_metadata(text: str) -> Metadata:
    """The metadata of a text, the defaults where it has none.

    Raises GradvizError where there is a block that cannot be read: a sentence that says why.
    """
    block = _find_block(text)
    if block is None:
        return Metadata()
    known = {k: v for k, v in block.toml.unwrap().items() if k in Metadata.__struct_fields__}
    try:
        return msgspec.convert(known, Metadata)
    except msgspec.ValidationError as error:
        raise GradvizError(f"The gradviz block cannot be used: {error}") from error


def with_metadata(text: str, metadata: Metadata) -> str:
    """The text with this metadata in its block, and everything else as it was.

    Comments and unknown keys of the block stay. A text without a block gets one at its end,
    where it moves no line, unless the metadata says nothing; a block in which nothing is left
    goes. The breakpoints are lines of `text`; in the result they are moved with the statements
    that they belong to. Raises GradvizError where there is a block that cannot be read.
    """
    block = _find_block(text)
    if block is None:
        if metadata == Metadata():
            return text
        text += _gap_before_block(text)
        block = _Block(len(text), len(text), tomlkit.document())
    head, tail = text[: block.start], text[block.end :]
    written = _write_block(block.toml, metadata)
    if not (written or tail) and head.endswith("\n\n"):
        head = head[:-1]
    shift = written.count("\n") - text[block.start : block.end].count("\n")
    if shift and metadata.breakpoints:
        first_moved = text.count("\n", 0, block.end) + 1
        moved = tuple(_moved(b, first_moved, shift) for b in metadata.breakpoints)
        written = _write_block(block.toml, msgspec.structs.replace(metadata, breakpoints=moved))
    return head + written + tail


def _gap_before_block(text: str) -> str:
    if not text or text.endswith("\n\n"):
        return ""
    return "\n" if text.endswith("\n") else "\n\n"


def _moved(point: int | Breakpoint, first: int, shift: int) -> int | Breakpoint:
    """A breakpoint after the lines from `first` on have moved."""
    if isinstance(point, int):
        return point + shift if point >= first else point
    if point.line is None or point.line < first:
        return point
    return msgspec.structs.replace(point, line=point.line + shift)


def _find_block(text: str) -> _Block | None:
    found = list(_BLOCK.finditer(text))
    if not found:
        return None
    if len(found) > 1:
        raise GradvizError("The document has more than one gradviz block.")
    (match,) = found
    content = match["content"]
    if len(content) > MAX_BLOCK_CHARACTERS:
        raise GradvizError("The gradviz block is too long.")
    lines = (line[2:] if line.startswith("# ") else line[1:] for line in content.split("\n"))
    try:
        return _Block(match.start(), match.end(), tomlkit.parse("\n".join(lines) + "\n"))
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise GradvizError(f"The gradviz block is not valid TOML: {error}") from error


def _write_block(toml: tomlkit.TOMLDocument, metadata: Metadata) -> str:
    default = Metadata()
    for field in Metadata.__struct_fields__:
        value: Any = getattr(metadata, field)
        if value == getattr(default, field):
            toml.pop(field, None)
            continue
        plain = msgspec.to_builtins(value)
        if toml.get(field) != plain:
            toml[field] = _array(plain) if isinstance(plain, list) else plain
    if not tomlkit.dumps(toml).strip():
        return ""
    lines = tomlkit.dumps(toml).translate(_ESCAPED).rstrip("\n").split("\n")
    commented = (f"# {line}" if line else "#" for line in lines)
    return "\n".join(("# /// gradviz", *commented, "# ///", ""))


def _array(elements: list[Any]) -> Array:
    """An array that stands in one place, whatever is in it; one of tables has a row for each."""
    array = tomlkit.array()
    for element in elements:
        if isinstance(element, dict):
            table = tomlkit.inline_table()
            table.update(element)
            array.append(table)
        else:
            array.append(element)
    array.multiline(any(isinstance(element, dict) for element in elements))
    return array
