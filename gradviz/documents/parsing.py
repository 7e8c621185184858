"""Parse a document of Python with the notebook's `%time` family, keeping the person's positions."""

from __future__ import annotations

import ast
import re
from enum import Enum
from typing import Final, NamedTuple

from gradviz.documents.nesting import inside_statement
from gradviz.documents.skipped import may_be_skipped, skipped

TIME_HELPER: Final = "__gradviz_time__"
TIMEIT_HELPER: Final = "__gradviz_timeit__"
DISPLAY_HELPER: Final = "__gradviz_display__"
TIMED_FUNCTION: Final = "__gradviz_timed__"
HELPERS: Final = (TIME_HELPER, TIMEIT_HELPER, DISPLAY_HELPER, TIMED_FUNCTION)

_MAGIC: Final = re.compile(r"(?P<indent>[ \t]*)(?P<sign>%%?)(?P<name>[A-Za-z_]\w*)(?P<rest>.*)$")
_ASSIGNED: Final = re.compile(r"\s*[A-Za-z_]\w*\s*=\s*(?P<magic>%[A-Za-z_]\w*|!.)")
_CELL: Final = re.compile(r"#\s*%%")
_OPTIONS: Final = re.compile(r"(?:\s+-(?:[nrp]\s*\d+|[oqct]))*")
_COUNT: Final = re.compile(r"-([nr])\s*(\d+)")
_LONGEST_PIECE: Final = 500


class Timing(Enum):
    """How a whole cell is timed."""

    ONCE = "%%time"
    MANY = "%%timeit"


class Cell(NamedTuple):
    """A run of lines whose statements are timed together; `stop` is exclusive."""

    timing: Timing
    line: int
    stop: int
    options: dict[str, int]


class Document(NamedTuple):
    """A parsed document; `silent` holds lines whose last expression ends with a semicolon.

    `notes` say of lines that are passed over why they are.
    """

    tree: ast.Module
    cells: tuple[Cell, ...]
    silent: frozenset[tuple[int, int]]
    notes: tuple[tuple[int, str], ...] = ()


class _Piece(NamedTuple):
    """What a line magic applies to, and where in the text it stands."""

    name: str
    line: int
    column: int
    text: str
    text_column: int
    options: dict[str, int]


def parse(text: str, filename: str) -> Document:
    """The statements of a document. Raises `SyntaxError` with the person's line and column."""
    lines = text.split("\n")
    pieces: dict[tuple[int, int], _Piece] = {}
    cells: list[Cell] = []
    notes: list[tuple[int, str]] = []
    if any(may_be_skipped(line) or _ASSIGNED.match(line) for line in lines):
        pieces, cells = _take_magics(lines, filename, notes)
    plain = "\n".join(lines)
    tree = ast.parse(plain, filename)
    if pieces:
        _Inserter(pieces, filename).visit(tree)
    silent = _silenced(plain, tree)
    for cell in cells:
        if cell.timing is Timing.MANY:
            _gather_repeated(tree, cell)
    return Document(tree, tuple(cells), silent, tuple(notes))


def _take_magics(
    lines: list[str], filename: str, notes: list[tuple[int, str]]
) -> tuple[dict[tuple[int, int], _Piece], list[Cell]]:
    """Take the magics out of the lines, leaving placeholders of the same indentation.

    Of those that are passed over the line and the reason are added to `notes`.
    """
    pieces: dict[tuple[int, int], _Piece] = {}
    cells: list[Cell] = []
    cell_start = 0
    for index in range(len(lines)):
        line = lines[index]
        if _CELL.match(line):
            cell_start = index + 1
        assigned = _ASSIGNED.match(line)
        if not may_be_skipped(line) and assigned is None:
            continue
        if inside_statement(lines[cell_start:index]):
            continue
        passed = skipped(line)
        if passed is not None:
            lines[index] = passed[0]
            if passed[1]:
                notes.append((index + 1, passed[1]))
            continue
        if assigned is not None:
            said = assigned["magic"].rstrip()
            raise _error(f"{said} cannot follow =.", lines, index, filename)
        magic = _MAGIC.match(line)
        if magic is None:
            continue
        if magic["sign"] == "%%":
            cells.append(_cell(magic, lines, index, cell_start, filename))
            lines[index] = ""
        else:
            piece = _piece(magic, lines, index, filename)
            pieces[(piece.line, len(magic["indent"].encode()))] = piece
    return pieces, cells


def _cell(
    magic: re.Match[str], lines: list[str], index: int, cell_start: int, filename: str
) -> Cell:
    said = "%%" + magic["name"]
    if said not in ("%%time", "%%timeit"):
        raise _error(_unknown(said), lines, index, filename)
    before = lines[cell_start:index]
    if any(line.strip() and not line.lstrip().startswith("#") for line in before):
        sentence = f"{said} must be the first line of its cell; cells begin with a line # %%."
        raise _error(sentence, lines, index, filename)
    stop = next(
        (n for n in range(index + 1, len(lines)) if _CELL.match(lines[n])),
        len(lines),
    )
    options, rest, _ = _options(magic["rest"] if said == "%%timeit" else "")
    if (rest if said == "%%timeit" else magic["rest"]).strip():
        raise _error(f"Put the code below the line {said}.", lines, index, filename)
    return Cell(Timing(said), index + 1, stop + 1, options)


def _piece(magic: re.Match[str], lines: list[str], index: int, filename: str) -> _Piece:
    name = magic["name"]
    if name not in ("time", "timeit"):
        raise _error(_unknown("%" + name), lines, index, filename)
    options, rest, skipped = _options(magic["rest"]) if name == "timeit" else ({}, magic["rest"], 0)
    text = rest.lstrip()
    column = magic.start("rest") + skipped + len(rest) - len(text)
    if not text.strip():
        raise _error(f"%{name} needs a statement after it.", lines, index, filename)
    body = [text]
    last = index + 1
    while inside_statement(body) and last < min(len(lines), index + _LONGEST_PIECE):
        body.append(lines[last])
        last += 1
    lines[index] = magic["indent"] + "..."
    for absorbed in range(index + 1, last):
        lines[absorbed] = ""
    return _Piece(name, index + 1, len(magic["indent"]), "\n".join(body), column, options)


def _options(rest: str) -> tuple[dict[str, int], str, int]:
    match = _OPTIONS.match(rest)
    said = match.group() if match is not None else ""
    return {key: int(count) for key, count in _COUNT.findall(said)}, rest[len(said) :], len(said)


def _unknown(magic: str) -> str:
    return f"{magic} is not known here; %time, %%time, %timeit and %%timeit are."


def _error(sentence: str, lines: list[str], index: int, filename: str) -> SyntaxError:
    line = lines[index]
    column = len(line) - len(line.lstrip()) + 1
    return SyntaxError(sentence, (filename, index + 1, column, line, index + 1, len(line) + 1))


class _Inserter(ast.NodeTransformer):
    """Puts the timed statements where their placeholders stand."""

    def __init__(self, pieces: dict[tuple[int, int], _Piece], filename: str) -> None:
        self._pieces = pieces
        self._filename = filename
        self._depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._inside(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._inside(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._inside(node)

    def _inside(self, node: ast.AST) -> ast.AST:
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        piece = self._pieces.get((node.lineno, node.col_offset))
        if piece is None or not isinstance(node.value, ast.Constant):
            return node
        body = self._parse(piece)
        made = _timed(piece, body, shows=self._depth == 0)
        ast.copy_location(made, node)
        made.end_lineno = max(getattr(one, "end_lineno", 0) or 0 for one in body)
        made.end_col_offset = body[-1].end_col_offset
        return ast.fix_missing_locations(made)

    def _parse(self, piece: _Piece) -> list[ast.stmt]:
        # Blanks in place of the magic would be wrong indentation: the piece is parsed by itself
        # and its positions are moved to where it stands.
        try:
            body = ast.parse(piece.text, self._filename).body
        except SyntaxError as error:
            raise _moved(error, piece, self._filename) from None
        for statement in body:
            for node in ast.walk(statement):
                _move(node, piece)
        return body


def _move(node: ast.AST, piece: _Piece) -> None:
    shift = piece.text_column
    if hasattr(node, "lineno"):
        if node.lineno == 1:
            node.col_offset += shift  # type: ignore[attr-defined]
        node.lineno += piece.line - 1
    if getattr(node, "end_lineno", None) is not None:
        if node.end_lineno == 1:  # type: ignore[attr-defined]
            node.end_col_offset += shift  # type: ignore[attr-defined]
        node.end_lineno += piece.line - 1  # type: ignore[attr-defined]


def _moved(error: SyntaxError, piece: _Piece, filename: str) -> SyntaxError:
    def column(line: int | None, offset: int | None) -> int | None:
        return offset + piece.text_column if offset and line == 1 else offset

    line, end_line = error.lineno or 1, error.end_lineno
    return SyntaxError(
        error.msg,
        (
            filename,
            line + piece.line - 1,
            column(line, error.offset),
            error.text,
            None if end_line is None else end_line + piece.line - 1,
            column(end_line, error.end_offset),
        ),
    )


def _timed(piece: _Piece, body: list[ast.stmt], *, shows: bool) -> ast.stmt:
    last = body[-1]
    if piece.name == "timeit":
        return _timed_many(body, piece.options)
    if shows and isinstance(last, ast.Expr) and not piece.text.rstrip().endswith(";"):
        show = ast.Call(ast.Name(DISPLAY_HELPER, ast.Load()), [last.value], [])
        body = [*body[:-1], ast.copy_location(ast.Expr(show), last)]
    helper = ast.Call(ast.Name(TIME_HELPER, ast.Load()), [], [])
    return ast.With([ast.withitem(helper, None)], body)


def _timed_many(body: list[ast.stmt], options: dict[str, int]) -> ast.stmt:
    """A block that hands the statements, as a function, to the helper that times them."""
    arguments = ast.arguments([], [], None, [], [], None, [])
    function = ast.FunctionDef(TIMED_FUNCTION, arguments, body, [], None)
    keywords = [ast.keyword(key, ast.Constant(count)) for key, count in options.items()]
    timed: ast.expr = ast.Name(TIMED_FUNCTION, ast.Load())
    call = ast.Call(ast.Name(TIMEIT_HELPER, ast.Load()), [timed], keywords)
    return ast.If(ast.Constant(True), [function, ast.Expr(call)], [])


def _gather_repeated(tree: ast.Module, cell: Cell) -> None:
    """Replace the statements of a `%%timeit` cell by one that times them together."""
    inside = [one for one in tree.body if cell.line <= one.lineno < cell.stop]
    if not inside:
        return
    at = tree.body.index(inside[0])
    made = ast.copy_location(_timed_many(inside, cell.options), inside[0])
    made.end_lineno, made.end_col_offset = inside[-1].end_lineno, inside[-1].end_col_offset
    tree.body[at : at + len(inside)] = [ast.fix_missing_locations(made)]


def _silenced(text: str, tree: ast.Module) -> frozenset[tuple[int, int]]:
    """Where a top-level expression ends whose value a semicolon keeps from being shown."""
    ends = {(one.end_lineno, one.end_col_offset) for one in tree.body if isinstance(one, ast.Expr)}
    if ";" not in text or not ends:
        return frozenset()
    found: set[tuple[int, int]] = set()
    lines = text.split("\n")
    for line, column in ends:
        assert line is not None and column is not None
        rest = lines[line - 1].encode()[column:].decode(errors="replace").strip()
        if rest.startswith(";") and not rest[1:].split("#")[0].strip():
            found.add((line, column))
    return frozenset(found)
