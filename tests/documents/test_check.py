"""Syntax errors are found in a text without running it."""

from __future__ import annotations

import warnings

import pytest

from gradviz.documents.check import check
from gradviz.recording.model import Location


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1\nx",
        "%time y = 2\n!nvidia-smi\nx?\n# %%\n%%timeit\ny * 2\n",
        "from __future__ import annotations\nimport torch\n",
    ],
)
def test_what_a_document_may_say_is_no_error(text: str) -> None:
    assert check(text) is None


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("x = 1\ny = f(2\n", Location(2, 5, 2, 6)),
        ("%time y = = 2\n", Location(1, 10, 1, 11)),
        ("if True\n    x = 1\n", Location(1, 7, 1, 8)),
        ("%time\n", Location(1, 0, 1, 5)),
        ("é = 'a\n", Location(1, 4, 1, 5)),
        ("def f():\n    x = 1\n  y = 2\n", Location(3, 0, 3, 2)),
        ("x = 1\nreturn x\n", Location(2, 0, 2, 8)),
    ],
)
def test_an_error_is_placed_as_the_person_wrote_it(text: str, location: Location) -> None:
    error = check(text)
    assert error is not None
    assert error.location == location


def test_a_warning_about_the_text_is_left_to_its_run() -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert check("x = '\\d'\n") is None
    assert said == []
