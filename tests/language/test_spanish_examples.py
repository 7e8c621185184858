from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import numpy as np
import pytest

from gradviz.documents.metadata import read_metadata
from gradviz.documents.trust import TrustStore
from gradviz.language.run import RunOptions, run
from gradviz.recording.model import Recording
from gradviz.recording.values import to_array
from gradviz.resources_path import EXAMPLES

NAMES = sorted(path.name for path in EXAMPLES.glob("*.py"))


def recorded(path: Path) -> Recording:
    text = path.read_text(encoding="utf-8")
    options = RunOptions(filename=path.name, seed=read_metadata(text).seed or 0)
    return run(text, options, on_output=lambda _: None, on_line=lambda _: None).recording


def code_of(path: Path) -> list[str]:
    """The tokens of a text without its prose: comments, the docstring, words in f-strings."""
    text = path.read_text(encoding="utf-8").replace("%time ", "")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    prose = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.STRING)
    return [token.string for token in tokens if token.type not in prose]


def test_there_is_a_spanish_text_for_each_example() -> None:
    assert NAMES
    assert sorted(path.name for path in (EXAMPLES / "es").glob("*.py")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_spanish_example_is_the_same_code(name: str) -> None:
    assert code_of(EXAMPLES / "es" / name) == code_of(EXAMPLES / name)


@pytest.mark.parametrize("name", NAMES)
def test_the_spanish_example_gives_the_same_numbers(name: str) -> None:
    english, spanish = recorded(EXAMPLES / name), recorded(EXAMPLES / "es" / name)
    assert spanish.status is english.status
    assert [op.name for op in spanish.ops] == [op.name for op in english.ops]
    assert len(spanish.passes) == len(english.passes)
    assert len(spanish.values) == len(english.values)
    for one, other in zip(english.values, spanish.values, strict=True):
        assert (one.shape, one.dtype) == (other.shape, other.dtype)
        if one.data is not None:
            np.testing.assert_array_equal(to_array(one), to_array(other))
    shown = [[o.text for o in r.outputs if "Wall time" not in o.text] for r in (english, spanish)]
    assert len(shown[0]) == len(shown[1])


@pytest.mark.parametrize("name", NAMES)
def test_the_spanish_example_is_trusted(name: str, tmp_path: Path) -> None:
    text = (EXAMPLES / "es" / name).read_text(encoding="utf-8")
    assert TrustStore(tmp_path).is_trusted(text)
    docstring = ast.parse(text.replace("%time ", "")).body[0]
    assert isinstance(docstring, ast.Expr)
