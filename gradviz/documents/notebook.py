"""Read Jupyter notebooks: code cells become `# %%` cells, markdown becomes comments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from gradviz.documents.files import read_bounded
from gradviz.errors import GradvizError

MAX_NBYTES: Final = 64 << 20
"""Notebooks carry their pictures with them."""

# A remainder at the start of a continued line has a space after its sign.
_MAGIC: Final = re.compile(r"\s*(?:%(?!%?time(?:it)?\b)%?[A-Za-z]|!)")
_FOREIGN_CELL: Final = re.compile(r"%%(?!time(?:it)?\b)[A-Za-z]")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class _Cell(msgspec.Struct, frozen=True):
    cell_type: str
    source: str | list[str] = ""


class _Notebook(msgspec.Struct, frozen=True):
    nbformat: int
    cells: list[_Cell] = []


def read_notebook(path: Path) -> str:
    """The text of a notebook as an expression; raises GradvizError with a sentence."""
    content = read_bounded(path, MAX_NBYTES)
    try:
        return notebook_text(content)
    except GradvizError as error:
        raise GradvizError(f"{path} cannot be opened: {error}") from error


def notebook_text(content: bytes) -> str:
    """Convert the bytes of an `.ipynb` file to the text of an expression file.

    Magic commands other than `%time` and `%timeit`, of a line or a cell, and shell commands become
    comments, since they are not Python.
    """
    try:
        notebook = msgspec.json.decode(content, type=_Notebook)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise GradvizError(f"it is not a Jupyter notebook ({error}).") from error
    if notebook.nbformat < 4:
        raise GradvizError("it has an old format; open and save it in Jupyter first.")
    parts = [_cell_text(cell) for cell in notebook.cells]
    return "\n\n".join(part for part in parts if part) + "\n" if any(parts) else ""


def _cell_text(cell: _Cell) -> str:
    source = cell.source if isinstance(cell.source, str) else "".join(cell.source)
    lines = _LINE_END.split(source.strip("\r\n"))
    match cell.cell_type:
        case "code":
            return "\n".join(("# %%", *_without_magics(lines))).rstrip("\n")
        case "markdown" | "raw":
            # An editor may end a line, and with it the comment, where Python would not.
            lines = [piece for line in lines for piece in line.splitlines() or [""]]
            return "\n".join(("# %% [markdown]", *(_commented(line) for line in lines)))
        case _:
            return ""


def _without_magics(lines: list[str]) -> list[str]:
    if _FOREIGN_CELL.match(lines[0]):
        return [_commented(line) for line in lines]
    return [_commented(line) if _MAGIC.match(line) else line for line in lines]


def _commented(line: str) -> str:
    return f"# {line}".rstrip()
