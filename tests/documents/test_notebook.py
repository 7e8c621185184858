from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.documents.notebook import notebook_text, read_notebook
from gradviz.errors import GradvizError


def make_notebook(*cells: tuple[str, str | list[str]], nbformat: int = 4) -> bytes:
    return json.dumps(
        {
            "nbformat": nbformat,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3"}},
            "cells": [
                {"cell_type": kind, "source": source, "metadata": {}, "outputs": []}
                for kind, source in cells
            ],
        }
    ).encode()


def test_code_becomes_cells_and_markdown_becomes_comments() -> None:
    content = make_notebook(
        ("markdown", ["# Chain rule\n", "\n", "by hand"]),
        ("code", ["x = 1\n", "x"]),
        ("code", ""),
    )
    assert notebook_text(content) == (
        "# %% [markdown]\n# # Chain rule\n#\n# by hand\n\n# %%\nx = 1\nx\n\n# %%\n"
    )


def test_only_the_timing_magics_stay() -> None:
    content = make_notebook(
        ("code", "%matplotlib inline\n!pip install torch\n%time x = 1\ny = (7\n % 3)"),
        ("code", "%%time\nx = 1"),
        ("code", "%timeit -n 2 x\n%timeits x"),
        ("code", "%%timeit\nx"),
        ("code", "%%bash\nrm file\nls"),
    )
    assert notebook_text(content) == (
        "# %%\n# %matplotlib inline\n# !pip install torch\n%time x = 1\ny = (7\n % 3)\n\n"
        "# %%\n%%time\nx = 1\n\n"
        "# %%\n%timeit -n 2 x\n# %timeits x\n\n"
        "# %%\n%%timeit\nx\n\n"
        "# %%\n# %%bash\n# rm file\n# ls\n"
    )


@given(st.lists(st.text(max_size=60), max_size=4))
def test_markdown_never_becomes_code(sources: list[str]) -> None:
    text = notebook_text(make_notebook(*(("markdown", source) for source in sources)))
    assert all(line.startswith("#") for line in text.splitlines() if line)
    assert not ast.parse(text.replace("\0", "")).body


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[" * 100_000, b'{"nbformat": 4, "cells": 3}', b"\xff\xfe", b'{"nbformat": 3}'],
)
def test_what_is_no_notebook_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.ipynb"
    path.write_bytes(content)
    with pytest.raises(GradvizError, match=r"bad\.ipynb cannot be opened: it "):
        read_notebook(path)
