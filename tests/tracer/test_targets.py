"""Which names take a result, read from compiled code, beside what was written."""

from __future__ import annotations

import sys

import pytest

from gradviz.tracer.targets import targets_after

PLACES = {
    "h = here()": ("h",),
    "a, b = here()": ("a", "b"),
    "a = b = here()": ("a",),
    "here()": (),
    "a = here() + 1": (),
    "a = [here()]": (),
    "global g; g = here()": ("g",),
}


def targets_of(statement: str, *, in_function: bool, times: int = 1) -> tuple[str, ...]:
    found: list[tuple[str, ...]] = []

    class Two:
        def __iter__(self) -> object:
            return iter((1, 2))

        def __add__(self, other: object) -> int:
            return 3

    def here() -> object:
        frame = sys._getframe(1)
        found.append(targets_after(frame.f_code, frame.f_lasti))
        return Two()

    text = statement
    if in_function:
        names = ", ".join(f"v{number}" for number in range(300))
        text = f"def f():\n    {statement}\n    {names} = [0] * 300\nfor _ in range({times}): f()"
    exec(compile(text, "<text>", "exec"), {"here": here})
    assert len(set(found)) == 1
    return found[0]


@pytest.mark.parametrize("statement", PLACES)
def test_targets_of_a_module_and_of_a_function_are_told(statement: str) -> None:
    assert targets_of(statement, in_function=False) == PLACES[statement]
    assert targets_of(statement, in_function=True) == PLACES[statement]


def test_targets_are_told_too_when_python_has_specialised_the_code() -> None:
    assert targets_of("a, b = here()", in_function=True, times=100) == ("a", "b")


def test_a_local_beyond_256_is_told() -> None:
    names = ", ".join(f"v{number}" for number in range(300))
    assert targets_of(f"{names} = [0] * 300; late = here()", in_function=True) == ("late",)


def test_a_name_that_an_inner_function_reads_is_told() -> None:
    assert targets_of("cell = here(); (lambda: cell)", in_function=True) == ("cell",)
