"""The tree of scopes of a recording: calls of modules, and repeats of equal neighbours.

A scope is a run of consecutive ops. Since ops are recorded in the order in which they were
computed, a graph whose scopes are drawn as one node each has no cycles, however often a module
is called: each call is a scope of its own.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

import msgspec

from gradviz.recording.model import Recording, ScopeId
from gradviz.recording.per_recording import PerRecording
from gradviz.recording.repeats import Part, find_repeats

OUTSIDE: Final = ScopeId(-1)
"""Stands for the outside where scopes are kept as plain numbers."""
_NAMED_IN_ROUND: Final = 3


class ScopeKind(Enum):
    """What makes some ops belong together."""

    MODULE = "module"
    """They ran during one call of an `nn.Module`."""
    REPEAT = "repeat"
    """The same structure several times, one after the other: twelve blocks, a loop's rounds."""
    ROUND = "round"
    """One time of a repeat that consists of several things."""


class Scope(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One run of ops, `start` to `stop` (exclusive), and what is in it.

    `name` is short: of a module its path as seen from the module around it, of a repeat what is
    repeated, of a round its number counted from 1. `path` is the module's whole path and `type`
    its class (of a repeat of modules their class), both empty for what is not a module. `call` says
    which call of the module it is, counted from 0, `calls` how many there are; `is_numbered` where
    the module around was not called as often, so that the number tells something. `times` is how
    often a repeat repeats, else 1. `children` are the scopes directly inside, in order, `depth`
    counts the scopes around it. `key` is the same for the same scope of another run of slightly
    other code. `line` is where its first op is written, None where that is unknown.
    """

    id: ScopeId
    kind: ScopeKind
    name: str
    key: str
    start: int
    stop: int
    path: str = ""
    type: str = ""
    call: int = 0
    calls: int = 1
    times: int = 1
    is_numbered: bool = False
    parent: ScopeId | None = None
    depth: int = 0
    children: tuple[ScopeId, ...] = ()
    line: int | None = None


_NUMBERS: Final = re.compile(r"(?<=~)\d+|#\d+(?=/|$)")


def loose_key(key: str) -> str:
    """A scope's key without saying in which round or call: all of them have it in common."""
    return _NUMBERS.sub("", key)


class ScopeTree:
    """The scopes of one recording.

    Attributes:
        scopes: all of them, each before those inside it; a scope's `id` is its index.
        scope_of_op: the innermost scope of each op, `OUTSIDE` for none.
        by_key: the scopes with a key, one each but for loose keys (`loose_key`).
    """

    def __init__(self, scopes: tuple[Scope, ...], scope_of_op: list[ScopeId]) -> None:
        self.scopes = scopes
        self.scope_of_op = scope_of_op
        self.by_key: dict[str, list[ScopeId]] = {scope.key: [scope.id] for scope in scopes}
        for scope in scopes:
            loose = loose_key(scope.key)
            if loose != scope.key:
                self.by_key.setdefault(loose, []).append(scope.id)

    def around(self, scope: ScopeId | None) -> list[Scope]:
        """A scope and those around it, outermost first."""
        chain: list[Scope] = []
        while scope is not None:
            chain.append(self.scopes[scope])
            scope = chain[-1].parent
        return chain[::-1]


_SIGNS: Final = {ScopeKind.MODULE: "", ScopeKind.REPEAT: "*", ScopeKind.ROUND: "~"}


def _find_scopes(recording: Recording) -> ScopeTree:
    root = _module_parts(recording)
    find_repeats(recording, root)
    return _name_parts(recording, root)


scopes_of: Final = PerRecording(_find_scopes)
"""The scopes of a recording; found once, as long as the recording lives."""


def scope_title(scope: Scope) -> str:
    """A scope's name with what makes it one of several: `layers × 12`, `model #2`."""
    match scope.kind:
        case ScopeKind.MODULE:
            return f"{scope.name} #{scope.call + 1}" if scope.is_numbered else scope.name
        case ScopeKind.REPEAT:
            return f"{scope.name} × {scope.times}"
        case ScopeKind.ROUND:
            return f"#{scope.name}"


class _Calls:
    """The chain of module calls that each op ran in, outermost first."""

    def __init__(self, recording: Recording) -> None:
        self._chains: dict[tuple[str, int], tuple[tuple[str, str, int], ...]] = {}
        chains: list[tuple[tuple[str, str, int], ...]] = []
        for call in recording.module_calls:
            around = () if call.parent is None else chains[call.parent]
            chains.append((*around, (call.path, call.type, call.call)))
            self._chains[call.path, call.call] = chains[-1]

    def of(self, path: str, type_name: str, call: int) -> tuple[tuple[str, str, int], ...]:
        """As recorded; in recordings that do not tell, what the path says."""
        known = self._chains.get((path, call))
        if known is None:
            parts = path.split(".")
            outer = tuple((".".join(parts[:n]), "", -1) for n in range(1, len(parts)))
            known = self._chains[path, call] = (*outer, (path, type_name, call))
        return known


def _module_parts(recording: Recording) -> Part:
    """The calls of modules as nested parts."""
    calls = _Calls(recording)
    root = Part(start=0)
    stack = [root]
    chain: tuple[tuple[str, str, int], ...] = ()
    last = ("", 0)
    for op in recording.ops:
        if (op.scope, op.call) != last:
            last = (op.scope, op.call)
            wanted = calls.of(op.scope, op.module_type, op.call) if op.scope else ()
            common = 0
            for ours, theirs in zip(chain, wanted, strict=False):
                if ours != theirs:
                    break
                common += 1
            for closed in stack[common + 1 :]:
                closed.stop = op.id
            del stack[common + 1 :]
            for path, type_name, call in wanted[common:]:
                part = Part(
                    start=op.id, path=path, type_name=type_name, call=call, parent=stack[-1]
                )
                stack[-1].children.append(part)
                stack.append(part)
            chain = wanted
        stack[-1].children.append(op.id)
    for part in stack:
        part.stop = len(recording.ops)
    return root


def _name_parts(recording: Recording, root: Part) -> ScopeTree:
    """The scopes of all parts but the outermost, which is the outside."""
    calls: dict[str, int] = {}
    for call in recording.module_calls:
        calls[call.path] = max(calls.get(call.path, 0), call.call + 1)
    scope_of_op = [OUTSIDE] * len(recording.ops)
    scopes: list[Scope] = []
    children: list[list[ScopeId]] = []
    keys: dict[str, int] = {}
    waiting: list[tuple[Part, Scope | None]] = [(root, None)]
    while waiting:
        part, around = waiting.pop()
        scope = None
        if part is not root:
            scope = _scope(recording, part, around, ScopeId(len(scopes)), calls, keys)
            if around is not None:
                children[around.id].append(scope.id)
            scopes.append(scope)
            children.append([])
        number = OUTSIDE if scope is None else scope.id
        for child in reversed(part.children):
            if isinstance(child, int):
                scope_of_op[child] = number
            else:
                waiting.append((child, scope))
    whole = (
        msgspec.structs.replace(scope, children=tuple(inside)) if inside else scope
        for scope, inside in zip(scopes, children, strict=True)
    )
    return ScopeTree(tuple(whole), scope_of_op)


def _scope(
    recording: Recording,
    part: Part,
    around: Scope | None,
    number: ScopeId,
    calls: dict[str, int],
    keys: dict[str, int],
) -> Scope:
    kind, name, type_name = ScopeKind.MODULE, "", part.type_name
    if part.path:
        name = relative_name(part.path, _path_around(part))
    elif part.times > 1:
        kind = ScopeKind.REPEAT
        name, type_name = _repeated(recording, part)
    else:
        kind, name = ScopeKind.ROUND, str(part.call + 1)
    key = f"{around.key if around is not None else ''}/{_SIGNS[kind]}{name}"
    keys[key] = keys.get(key, 0) + 1
    if keys[key] > 1:
        key = f"{key}#{keys[key]}"
    location = recording.ops[part.start].location
    return Scope(
        id=number,
        kind=kind,
        name=name,
        key=key,
        start=part.start,
        stop=part.stop,
        path=part.path,
        type=type_name,
        call=max(part.call, 0),
        calls=calls.get(part.path, 1),
        is_numbered=calls.get(part.path, 1) > calls.get(_path_around(part), 1),
        times=part.times,
        parent=None if around is None else around.id,
        depth=0 if around is None else around.depth + 1,
        line=None if location is None or location.file else location.line,
    )


def _path_around(part: Part) -> str:
    """The path of the module around a part, empty outside."""
    around = part.parent
    while around is not None and not around.path:
        around = around.parent
    return "" if around is None else around.path


def relative_name(name: str, within: str) -> str:
    """A dotted name as seen from inside a module: `fc.weight` of `model.fc.weight` in `model`."""
    return name[len(within) + 1 :] if within and name.startswith(f"{within}.") else name


def _repeated(recording: Recording, part: Part) -> tuple[str, str]:
    """What a repeat is called, and the class of what it repeats."""
    first, last = part.children[0], part.children[-1]
    if isinstance(first, int):
        return recording.ops[first].name, ""
    assert not isinstance(last, int)
    if first.path:
        outer = _path_around(part)
        shared = []
        ways = (relative_name(path, outer).split(".") for path in (first.path, last.path))
        for one, other in zip(*ways, strict=False):
            if one != other:
                break
            shared.append(one)
        # Where they have no name in common, the class says what they are.
        return ".".join(shared) or first.type_name or first.path, first.type_name
    names = [
        recording.ops[child].name if isinstance(child, int) else _part_name(child)
        for child in first.children[:_NAMED_IN_ROUND]
    ]
    if len(first.children) > _NAMED_IN_ROUND:
        names.append("…")
    return " · ".join(names), ""


def _part_name(part: Part) -> str:
    return part.path.rpartition(".")[2] if part.path else f"× {part.times}"
