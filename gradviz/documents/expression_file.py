"""Expression files: UTF-8 Python text that gradviz opens and saves. Opening never runs it."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec

from gradviz.documents.files import read_bounded, replace_file
from gradviz.documents.metadata import Metadata, read_metadata
from gradviz.errors import GradvizError

MAX_NBYTES: Final = 8 << 20
"""No text that a person edits is larger."""

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")


class ExpressionFile(msgspec.Struct, frozen=True, kw_only=True):
    """A document: its whole text with "\\n" between lines, and how it is written on disk.

    `problem` is a sentence where the text has a metadata block that cannot be read; the text is
    whole nevertheless.
    """

    text: str
    metadata: Metadata = Metadata()
    newline: str = "\n"
    has_bom: bool = False
    problem: str = ""


def read_expression_file(path: Path) -> ExpressionFile:
    """Read a document; raises GradvizError with a sentence that names the file."""
    try:
        return decode_expression(read_bounded(path, MAX_NBYTES))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise GradvizError(
            f"{path} cannot be opened: line {line} is not UTF-8 text: "
            "save it as UTF-8 in the program that wrote it."
        ) from error


def decode_expression(content: bytes) -> ExpressionFile:
    """Decode a document; raises UnicodeDecodeError where the bytes are not text."""
    has_bom = content.startswith(codecs.BOM_UTF8)
    raw = content.removeprefix(codecs.BOM_UTF8)
    if (at := raw.find(b"\0")) >= 0:
        raise UnicodeDecodeError("utf-8", raw, at, at + 1, "text holds no null bytes")
    text = raw.decode("utf-8")
    newlines = Counter(_NEWLINE.findall(text)).most_common(1)
    text = _NEWLINE.sub("\n", text)
    metadata, problem = Metadata(), ""
    try:
        metadata = read_metadata(text)
    except GradvizError as error:
        problem = str(error)
    return ExpressionFile(
        text=text,
        metadata=metadata,
        newline=newlines[0][0] if newlines else "\n",
        has_bom=has_bom,
        problem=problem,
    )


def encode_expression(text: str, *, newline: str, has_bom: bool) -> bytes:
    """Encode a document's text; `decode_expression` is the inverse."""
    try:
        content = text.replace("\n", newline).encode("utf-8")
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise GradvizError(f"Line {line} holds a character that cannot be saved.") from error
    return codecs.BOM_UTF8 + content if has_bom else content


def write_expression_file(
    path: Path, text: str, *, newline: str = "\n", has_bom: bool = False
) -> None:
    """Write a document whole or not at all; raises GradvizError with a sentence."""
    replace_file(path, encode_expression(text, newline=newline, has_bom=has_bom))
