"""Read the number or the numbers that a person types as an answer."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from gradviz.errors import GradvizError
from gradviz.recording.arithmetic import (
    ImpossibleArithmeticError,
    NotArithmeticError,
    as_python,
    compute,
    joined_numbers,
    shown_shape,
)

MAX_CHARACTERS: Final = 1_000

_Array = np.ndarray[Any, Any]

_DECIMAL_COMMA: Final = re.compile(r"(?<![\d.])(\d+),(\d+)(?![\d.])")


class UnreadableAnswerError(GradvizError):
    """What was typed is not a number; the text is a sentence that says what is expected."""


def read_answer(text: str, shape: tuple[int, ...], names: Mapping[str, _Array]) -> _Array:
    """What was typed, as float64 of a shape.

    Numbers, fractions, lists, `+ - * / ** @`, elementary functions and `names` are understood; a
    single number stands for every element. For a scalar a decimal comma is one.

    Raises UnreadableAnswerError.
    """
    text = text.strip()
    if not text:
        raise UnreadableAnswerError("Type a number.")
    if len(text) > MAX_CHARACTERS:
        raise UnreadableAnswerError("That is too long for an answer.")
    if not shape:
        text = _DECIMAL_COMMA.sub(r"\1.\2", text)
    known = {name: np.asarray(array, np.float64) for name, array in names.items()}
    try:
        tree = ast.parse(joined_numbers(as_python(text)), mode="eval")
        with np.errstate(all="ignore"):
            found = np.asarray(compute(tree.body, known))
        if found.dtype.kind != "f":
            raise NotArithmeticError
    except ImpossibleArithmeticError as problem:
        raise UnreadableAnswerError(str(problem)) from problem
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise UnreadableAnswerError(
            "That is not a number. Type one such as 3, 1/2 or [1, 2]."
        ) from (error)
    if found.size == 1:
        return np.broadcast_to(found.reshape(()), shape)
    if found.shape != shape:
        raise UnreadableAnswerError(
            f"That has shape {shown_shape(found.shape)}, but shape {shown_shape(shape)} is needed."
        )
    return found


def is_close(given: _Array, expected: _Array) -> bool:
    """Whether an answer is right: within 1 % of each element, as one rounds in one's head."""
    return bool(np.allclose(given, expected, rtol=1e-2, atol=1e-6, equal_nan=True))
