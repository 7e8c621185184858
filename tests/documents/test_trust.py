from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gradviz.documents.expression_file import read_expression_file
from gradviz.documents.trust import TrustStore
from gradviz.errors import GradvizError
from gradviz.resources_path import EXAMPLES


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "data" / "trusted")


def test_nothing_is_trusted_until_it_is_trusted(store: TrustStore) -> None:
    assert not store.is_trusted("x = 1\n")
    store.trust("x = 1\n")
    assert store.is_trusted("x = 1\n")


def test_the_smallest_change_revokes_trust(store: TrustStore) -> None:
    store.trust("x = 1\n")
    assert not store.is_trusted("x = 2\n")
    assert not store.is_trusted("x = 1")


def test_trust_outlives_the_program(store: TrustStore, tmp_path: Path) -> None:
    store.trust("x = 1\n")
    assert TrustStore(tmp_path / "data" / "trusted").is_trusted("x = 1\n")


def test_trust_can_be_taken_back(store: TrustStore) -> None:
    store.trust("x = 1\n")
    store.revoke("x = 1\n")
    store.revoke("x = 1\n")
    assert not store.is_trusted("x = 1\n")


def test_shipped_examples_are_trusted_and_changed_ones_are_not(store: TrustStore) -> None:
    examples = sorted(EXAMPLES.glob("*.py"))
    assert examples
    for path in examples:
        text = read_expression_file(path).text
        assert store.is_trusted(text)
        assert not store.is_trusted(text + "\n")


def test_the_text_holds_nothing_that_names_a_file(store: TrustStore, tmp_path: Path) -> None:
    store.trust("../../escape\n")
    assert not (tmp_path / "escape").exists()
    assert len(list((tmp_path / "data" / "trusted").iterdir())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX paths")
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GradvizError, match="Trust cannot be remembered"):
        TrustStore(tmp_path / "file" / "trusted").trust("x")
