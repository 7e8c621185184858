"""Translate the English sentences that come from the layers below the window."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter

import msgspec
from PySide6.QtCore import QCoreApplication

from gradviz.gui.sentence_catalogue import TEMPLATES

_CONTEXT = "Sentences"
# Parameters that may be sentences of the catalogue themselves; others are the person's own words.
_SENTENCES = frozenset({"cause", "part", "problem", "reason"})
# Parameters that name tensors, the line of each in brackets behind it.
_PLACES = frozenset({"first", "second", "tensors"})
_LINE = re.compile(r" \(line (\d+)")
# No sentence is longer; what is has come from the person's own code.
_LONGEST = 2_000


class _Template(msgspec.Struct, frozen=True):
    """A sentence with places for parameters, and what recognises it with them in place."""

    text: str
    pattern: re.Pattern[str]
    fixed: int


def say(template: str, parameters: Mapping[str, object], context: str = _CONTEXT) -> str:
    """A sentence that is given as a template and its parameters, as `Finding` has them."""
    told = {name: _told(name, value) for name, value in parameters.items()}
    return str(QCoreApplication.translate(context, template).format(**told))


def _told(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name in _PLACES:
        return _placed(value)
    return in_language(value) if name in _SENTENCES else value


def _placed(names: str) -> str:
    """`x (line 2), y` with what stands between the person's own names in the language in use."""
    line = QCoreApplication.translate(_CONTEXT, " (line {line}")
    said = _LINE.sub(lambda found: line.format(line=found[1]), names)
    unnamed = QCoreApplication.translate(_CONTEXT, "unnamed")
    return re.sub(r"(^|, )unnamed \(", rf"\1{unnamed} (", said)


def in_language(sentence: str) -> str:
    """A finished English sentence in the language in use; as it is where it is not known.

    Warnings that stand one behind the other are said one by one.
    """
    parts = re.split(r"(?<=\.) (?=[A-Z])", sentence)
    # A place for a parameter could swallow the sentences that follow: each by itself first.
    each = [_said(part) for part in parts]
    said = " ".join(part for part in each if part) if all(each) else _said(sentence)
    return sentence if said is None else said


def _said(sentence: str) -> str | None:
    if not sentence or len(sentence) > _LONGEST:
        return None
    if sentence in _plain():
        return QCoreApplication.translate(_CONTEXT, sentence)
    for template in _with_parameters():
        found = template.pattern.fullmatch(sentence)
        if found is not None:
            return say(template.text, found.groupdict())
    return None


@cache
def _plain() -> frozenset[str]:
    return frozenset(text for text in TEMPLATES if "{" not in text)


@cache
def _with_parameters() -> tuple[_Template, ...]:
    templates = [_compile(text) for text in TEMPLATES if "{" in text]
    # The one that says most by itself is the one that was meant.
    return tuple(sorted(templates, key=lambda template: -template.fixed))


def _compile(text: str) -> _Template:
    pattern, fixed = "", 0
    named: set[str] = set()
    for literal, name, _, _ in Formatter().parse(text):
        pattern += re.escape(literal)
        if name:
            pattern += f"(?P={name})" if name in named else f"(?P<{name}>.+?)"
            named.add(name)
        fixed += len(literal)
    return _Template(text, re.compile(pattern, re.DOTALL), fixed)
