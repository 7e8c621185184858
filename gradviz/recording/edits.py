"""What a person types to give a tensor another value: an expression over the old one, or elements.

`0`, `2*value`, `value + 0.1`, `[1, 2, 3]` are the whole value again; `value[0, 3] = 5` and
`value[1:3] *= 2` change a part of it. Several are parted by `;` and done one after the other. The
tensor's own name may stand in place of `value`.
"""

from __future__ import annotations

import ast
from typing import Any, Final

import numpy as np

from gradviz.recording.arithmetic import (
    OPERATIONS,
    Array,
    ImpossibleArithmeticError,
    NotArithmeticError,
    as_python,
    compute,
    dotted,
    index,
    joined_numbers,
    power,
    shown_shape,
)

MAX_CHARACTERS: Final = 100_000
"""Of an edit; as many elements changed by hand are some thousands."""
OLD: Final = "value"
"""The name that the old value always has."""
_TRIED: Final = 1 << 20
"""Elements up to which an edit is tried beforehand."""


class UnusableEditError(ImpossibleArithmeticError):
    """What was typed makes no value of the tensor; the text is one sentence that says why."""


def edited(text: str, old: Array, name: str = "") -> Array:
    """The value after an edit, a new array of the old one's shape and type.

    It is computed in float64 (complex128), whatever the type. Raises UnusableEditError.
    """
    statements = _parsed(text)
    work = np.array(old, np.complex128 if old.dtype.kind == "c" else np.float64)
    try:
        with np.errstate(all="ignore"):
            for statement in statements:
                work = _done(statement, work, name)
            return _of_type(work, old.dtype)
    except UnusableEditError:
        raise
    except ImpossibleArithmeticError as problem:
        raise UnusableEditError(str(problem)) from problem
    except (ValueError, TypeError, RecursionError, MemoryError) as error:
        raise UnusableEditError(_NOT_UNDERSTOOD) from error


def problem_of(text: str, shape: tuple[int, ...], dtype: str, name: str = "") -> str:
    """Why a text cannot be an edit of a tensor of this shape and type; "" where it can.

    Of very large tensors only the spelling is looked at, without their size.
    """
    size = int(np.prod(shape, dtype=np.int64))
    try:
        if size > _TRIED:
            _parsed(text)
        else:
            edited(text, np.ones(shape, _numpy_type(dtype)), name)
    except UnusableEditError as problem:
        return str(problem)
    return ""


def element_edit(place: tuple[int, ...], number: str) -> str:
    """The text that gives one element another value."""
    where = f"[{', '.join(map(str, place))}]" if place else "[...]"
    return f"{OLD}{where} = {number}"


def written(value: Array) -> str:
    """A value as an edit that makes it, every number exact."""
    if value.ndim:
        return f"[{', '.join(written(part) for part in value)}]"
    number = value[()]
    if value.dtype.kind == "f" and np.isfinite(number) and number == int(number):
        return str(int(number)) if abs(number) < _PLAIN_BELOW else str(number)
    return str(int(number)) if value.dtype.kind == "b" else str(number)


def single_elements(text: str) -> dict[tuple[int, ...], float]:
    """The elements that an edit gives numbers of their own; nothing where it is not an edit."""
    found: dict[tuple[int, ...], float] = {}
    try:
        statements = _parsed(text)
    except UnusableEditError:
        return found
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Subscript(slice=place)], value=number):
                parts = place.elts if isinstance(place, ast.Tuple) else [place]
                try:
                    at = tuple(ast.literal_eval(part) for part in parts)
                    found[at] = float(ast.literal_eval(number))
                except (ValueError, TypeError, SyntaxError):
                    continue
    return found


_PLAIN_BELOW: Final = 1e6
_NOT_UNDERSTOOD: Final = (
    "That is not a value. Type one such as 0, -value, value + 0.1 or value[0] = 5."
)


def _parsed(text: str) -> list[ast.stmt]:
    text = text.strip()
    if not text:
        raise UnusableEditError("Type a value, such as 0 or -value.")
    if len(text) > MAX_CHARACTERS:
        raise UnusableEditError("That is too long for a value.")
    try:
        return ast.parse(as_python(joined_numbers(text))).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnusableEditError(_NOT_UNDERSTOOD) from error


def _done(statement: ast.stmt, work: Array, name: str) -> Array:
    names = {OLD: work, name: work} if name else {OLD: work}
    match statement:
        case ast.Expr(value=expression):
            return _fitted(compute(expression, names), work)
        case ast.Assign(targets=[target], value=expression):
            return _assigned(target, compute(expression, names), work, names)
        case ast.AugAssign(target=target, op=op, value=expression):
            old = compute(_loaded(target), names)
            by = compute(expression, names)
            if isinstance(op, ast.Pow):
                return _assigned(target, power(old, by), work, names)
            if type(op) in OPERATIONS:
                return _assigned(target, OPERATIONS[type(op)](old, by), work, names)
    raise NotArithmeticError


def _loaded(target: ast.expr) -> ast.expr:
    return (
        ast.Subscript(target.value, target.slice) if isinstance(target, ast.Subscript) else target
    )


def _assigned(target: ast.expr, given: Any, work: Array, names: dict[str, Array]) -> Array:
    whole = target.value if isinstance(target, ast.Subscript) else target
    named = dotted(whole)
    if named is None:
        raise NotArithmeticError
    if named not in names:
        raise ImpossibleArithmeticError(f"The name {named} is not known here.")
    if not isinstance(target, ast.Subscript):
        return _fitted(given, work)
    place = index(target.slice, work.shape)
    part = np.shape(work[place])
    work[place] = _real(given, work) if np.shape(given) == () else _shaped(given, part, work)
    return work


def _fitted(given: Any, work: Array) -> Array:
    if np.size(given) == 1:
        given = np.reshape(given, ())
        return np.full_like(work, _real(given, work))
    return np.array(_shaped(given, work.shape, work), work.dtype)


def _shaped(given: Any, shape: tuple[int, ...], work: Array) -> Array:
    if np.shape(given) != shape:
        raise UnusableEditError(
            f"That has shape {shown_shape(np.shape(given))}, but shape {shown_shape(shape)} is "
            "needed."
        )
    return _real(given, work)


def _real(given: Any, work: Array) -> Array:
    array = np.asarray(given)
    if array.dtype.kind == "c" and work.dtype.kind != "c":
        raise UnusableEditError("That is a complex number, and the tensor is real.")
    return array


def _of_type(work: Array, dtype: np.dtype[Any]) -> Array:
    if dtype.kind in "fc":
        return work.astype(dtype)
    if not np.array_equal(work, np.rint(work)):
        raise UnusableEditError("The tensor holds whole numbers; that is not one.")
    limits = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    if work.size and (work.min() < limits[0] or work.max() > limits[1]):
        raise UnusableEditError("That is too large or too small for the type of the tensor.")
    return work.astype(dtype)


def _numpy_type(dtype: str) -> np.dtype[Any]:
    """The type that an edit is tried in; numpy has no bfloat16 and no type of 8 bits."""
    try:
        return np.dtype(dtype)
    except TypeError:
        return np.dtype(np.complex64 if dtype.startswith("complex") else np.float32)
