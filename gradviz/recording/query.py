"""Parse the query that was typed into the search.

A query is a row of terms that must all hold: words, `/regular expressions/`, shapes (`3x4`,
`(3, 4)`, `*x4`), lines (`line 7`, `line 3-9`), conditions (`grad is None`, `requires_grad`, `leaf`,
`nan`) and comparisons (`norm > 10`, `time > 2 ms`, `bytes > 1 MB`). `not` turns a term around,
quotation marks take what is between them literally.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

import msgspec

from gradviz.errors import GradvizError

MAX_CHARACTERS: Final = 400

Compare = Callable[[Any, float], Any]
COMPARISONS: Final[Mapping[str, Compare]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "≥": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "≤": operator.le,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}


class UnreadableQueryError(GradvizError):
    """What was typed cannot be sought; the text is one sentence that says why."""


class Quantity(Enum):
    """A number that a term compares."""

    NORM = "norm"
    """Of a tensor's value; of an autograd node the norm of what it received."""
    GRAD_NORM = "grad norm"
    """Of a tensor's `.grad` when the run ended."""
    NUMEL = "numel"
    NDIM = "ndim"
    BYTES = "bytes"
    """Of a tensor; of an autograd node what it saved."""
    SECONDS = "seconds"
    """Of an op, of an autograd node (all its steps)."""
    LINE = "line"


class Flag(Enum):
    """Something that holds of an item or does not."""

    REQUIRES_GRAD = "requires_grad"
    LEAF = "leaf"
    PARAMETER = "parameter"
    CONSTANT = "constant"
    ROOT = "root"
    IN_PLACE = "in-place"
    NAN = "nan"
    INF = "inf"
    GRAD_NONE = "grad is None"
    """A leaf, or a tensor whose `.grad` was asked for, that needs a gradient and never got one."""
    GRAD_GIVEN = "grad is not None"


class Word(msgspec.Struct, frozen=True):
    """Somewhere in a name, a text, a path or a class; a flag's name also finds what it says."""

    text: str
    flag: Flag | None = None


class Pattern(msgspec.Struct, frozen=True):
    """A regular expression, found anywhere in a name, a text, a path or a class."""

    regex: re.Pattern[str]


class Shape(msgspec.Struct, frozen=True):
    """The sizes of a tensor, None for any."""

    sizes: tuple[int | None, ...]

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Whether a tensor's shape is this one."""
        return len(shape) == len(self.sizes) and all(
            wanted is None or wanted == size for wanted, size in zip(self.sizes, shape, strict=True)
        )


class Range(msgspec.Struct, frozen=True):
    """Lines of the text, both included."""

    first: int
    last: int


class Comparison(msgspec.Struct, frozen=True):
    """A number set against a threshold."""

    quantity: Quantity
    sign: str
    number: float


Test = Word | Pattern | Shape | Range | Comparison | Flag


class Term(msgspec.Struct, frozen=True):
    """One thing that must hold, or must not."""

    test: Test
    is_negated: bool = False


_FLAGS: Final[Mapping[str, Flag]] = {
    "requires_grad": Flag.REQUIRES_GRAD,
    "leaf": Flag.LEAF,
    "is_leaf": Flag.LEAF,
    "parameter": Flag.PARAMETER,
    "constant": Flag.CONSTANT,
    "root": Flag.ROOT,
    "in-place": Flag.IN_PLACE,
    "nan": Flag.NAN,
    "inf": Flag.INF,
}
_QUANTITIES: Final[Mapping[str, Quantity]] = {
    "norm": Quantity.NORM,
    "grad norm": Quantity.GRAD_NORM,
    "grad.norm": Quantity.GRAD_NORM,
    ".grad norm": Quantity.GRAD_NORM,
    "numel": Quantity.NUMEL,
    "ndim": Quantity.NDIM,
    "dim": Quantity.NDIM,
    "bytes": Quantity.BYTES,
    "nbytes": Quantity.BYTES,
    "time": Quantity.SECONDS,
    "seconds": Quantity.SECONDS,
    "line": Quantity.LINE,
}
_UNITS: Final[Mapping[str, float]] = {
    "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9,
    "b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2.0**10, "mib": 2.0**20, "gib": 2.0**30,
    "k": 1e3, "m": 1e6,
}  # fmt: skip
_KNOWN_UNITS: Final = "|".join(sorted(_UNITS, key=len, reverse=True))
_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_SIGN: Final = r"(?P<sign>[<>]=?|[≤≥]|[=!]=|=)"
_END: Final = r"(?=\s|$)"
_TOKENS: Final = re.compile(
    r"(?P<pattern>/(?P<regex>(?:\\.|[^\\/])+)/)(?=\s|$)"
    r'|"(?P<quoted>[^"]+)"'
    rf"|(?P<none>\w*(?:\.grad|\bgrad)\s+is\s+(?P<given>not\s+)?none){_END}"
    rf"|(?P<key>\.?grad[ .]norm|[a-z_]+)\s*{_SIGN}\s*(?P<number>{_NUMBER})"
    rf"(?:\s*(?P<unit>{_KNOWN_UNITS})|(?P<other>[a-zµ]+))?{_END}"
    rf"|(?:line|línea|lines|líneas)\s+(?P<line>\d+)(?:\s*[-–]\s*(?P<last>\d+))?{_END}"
    rf"|(?P<crossed>(?:\d+|[*?])(?:[x×](?:\d+|[*?]))+){_END}"
    rf"|\((?P<listed>\s*|(?:\s*(?:\d+|[*?])\s*,)+\s*|\s*(?:\d+|[*?])(?:\s*,\s*(?:\d+|[*?]))+\s*)\)"
    rf"{_END}"
    rf"|(?P<not>not\s+(?=\S))"
    rf"|(?P<and>and\s+(?=\S))"
    r"|(?P<word>\S+)",
    re.IGNORECASE,
)
_ENDLESS: Final = re.compile(r"\((?:[^()\\]|\\.)*[*+}](?:[^()\\]|\\.)*\)[*+{]")


def read_query(text: str) -> tuple[Term, ...]:
    """The terms of a query, none for an empty one.

    Raises UnreadableQueryError with one sentence.
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableQueryError("That is too long to search for.")
    terms: list[Term] = []
    is_negated = False
    for found in _TOKENS.finditer(text):
        if found["and"] and terms and not is_negated:
            continue
        if found["not"]:
            is_negated = not is_negated
            continue
        terms.append(Term(_read(found), is_negated))
        is_negated = False
    return tuple(terms)


def seeks_missing_grad(text: str) -> bool:
    """Whether a query seeks what never got a gradient, and nothing else."""
    try:
        terms = read_query(text)
    except UnreadableQueryError:
        return False
    return bool(terms) and all(term == Term(Flag.GRAD_NONE) for term in terms)


def _read(found: re.Match[str]) -> Test:
    if found["pattern"]:
        return Pattern(_regex(found["regex"]))
    if found["quoted"]:
        return Word(found["quoted"].lower())
    if found["none"]:
        return Flag.GRAD_GIVEN if found["given"] else Flag.GRAD_NONE
    if found["key"]:
        return _comparison(found)
    if found["line"]:
        first = int(found["line"])
        return Range(first, int(found["last"]) if found["last"] else first)
    if found["crossed"] is not None:
        return Shape(_sizes(re.split("[x×X]", found["crossed"])))
    if found["listed"] is not None:
        return Shape(_sizes(part for part in found["listed"].split(",") if part.strip()))
    word = (found["word"] or found["and"]).strip().lower()
    if word.startswith("/"):
        raise UnreadableQueryError("The regular expression has no second slash.")
    return Word(word, _FLAGS.get(word))


def _sizes(parts: Any) -> tuple[int | None, ...]:
    return tuple(None if part.strip() in "*?" else int(part) for part in parts)


def _regex(text: str) -> re.Pattern[str]:
    if _ENDLESS.search(text):
        # One such search may take longer than anybody waits, and cannot be stopped.
        raise UnreadableQueryError(
            "A repeat within a repeat may take forever: write the regular expression without it."
        )
    try:
        return re.compile(text, re.IGNORECASE | re.MULTILINE)
    except (re.error, OverflowError, RecursionError) as error:
        raise UnreadableQueryError(f"The regular expression is wrong: {error}.") from error


def _comparison(found: re.Match[str]) -> Comparison:
    quantity = _QUANTITIES.get(" ".join(found["key"].lower().split()))
    if quantity is None:
        raise UnreadableQueryError(
            f"“{found['key']}” cannot be compared with a number: norm, grad norm, numel, ndim, "
            "bytes, time and line can."
        )
    if found["other"]:
        raise UnreadableQueryError(
            f"“{found['other']}” is not a unit: use ms, µs, s, kB, MB or GB."
        )
    unit = (found["unit"] or "").lower()
    return Comparison(quantity, found["sign"], float(found["number"]) * _UNITS.get(unit, 1.0))
