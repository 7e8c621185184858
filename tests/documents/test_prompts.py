"""What is copied from a session becomes code."""

from __future__ import annotations

import pytest

from gradviz.documents.check import check
from gradviz.documents.prompts import without_prompts


@pytest.mark.parametrize(
    ("session", "code"),
    [
        (">>> x = 1\n>>> x\n1\n", "x = 1\nx\n"),
        (">>> for i in range(2):\n...     print(i)\n...\n0\n1\n>>> y = 2", None),
        ("In [3]: import torch\n\nIn [4]: torch.ones(2)\nOut[4]: tensor([1., 1.])\n", None),
        ("In [1]: for i in x:\n   ...:     i\n   ...: \n", "for i in x:\n    i\n"),
        ("In [3]:\nx = 1\nif x:\n    x\nOut[3]:\n1\nIn [ ]:\ny = 2\n", None),
        ("x = 1\n>>> y\n", "x = 1\n>>> y\n"),
        ("a = ...\n...\n", "a = ...\n...\n"),
        ("", ""),
    ],
)
def test_prompts_and_results_are_left_out(session: str, code: str | None) -> None:
    plain = without_prompts(session)
    assert check(plain) is None or plain == session
    assert code is None or plain == code
    assert "Out[" not in plain
    assert "tensor(" not in plain


def test_results_between_the_inputs_are_left_out() -> None:
    session = "In [3]:\nx = 1\nx\nOut[3]:\n1\nIn [ ]:\ny = 2\n"
    assert without_prompts(session) == "x = 1\nx\ny = 2\n"
