"""What is copied from a page becomes code."""

from __future__ import annotations

import pytest

from gradviz.documents.pasting import pasted_code


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("print(“hola”)", 'print("hola")'),
        ("x = ‘a’\n", "x = 'a'\n"),
        ("y = x − 1 – 2", "y = x - 1 - 2"),
        ("x\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}1", "x = 1"),
        ("1 import torch\n2\n3 x = 1\n", "import torch\n\nx = 1\n"),
        ("1. x = 1\n2. y = 2", "x = 1\ny = 2"),
        (" 9 for i in x:\n10     print(“i”)\n", 'for i in x:\n    print("i")\n'),
        ("    y = f(“a”)\n", '    y = f("a")\n'),
        ("    return “a”\n", '    return "a"\n'),
        (">>> x = ‘a’\n>>> x\n'a'\n", "x = 'a'\nx\n"),
    ],
)
def test_typography_and_line_numbers_are_taken_out(page: str, code: str) -> None:
    assert pasted_code(page) == code


@pytest.mark.parametrize(
    "text",
    [
        'print("“hola” – ‘adiós’")\n',
        "# “a” − b\nx = 1\n",
        "1\n2\n3\n",
        "1 x = 1\n3 y = 2\n",
        "“Hola”, dijo – y se fue.",
        "1. train\n2. test",
        "1 2\n2 3\n3 4\n",
        "1 0.5\n2 -0.5\n",
        "10 apples",
        "    return x\n",
        "x = “a”\n" * 3_000,
        "x = (1,\n",
        "",
    ],
)
def test_code_and_what_cannot_be_mended_stay_as_they_are(text: str) -> None:
    assert pasted_code(text) == text
