from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.documents.metadata import Metadata, read_metadata, with_metadata
from gradviz.errors import GradvizError
from tests.builders import CHAIN_RULE_TEXT

words = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)
anything = st.builds(
    Metadata,
    title=st.text(
        st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20
    ),
    device=st.none() | words,
    seed=st.none() | st.integers(min_value=-(2**63), max_value=2**63 - 1),
    placement=st.dictionaries(words, words, max_size=3),
)


@given(anything)
def test_metadata_is_read_back_as_written(metadata: Metadata) -> None:
    assert read_metadata(with_metadata(CHAIN_RULE_TEXT, metadata)) == metadata


@given(anything, anything)
def test_only_the_block_changes(first: Metadata, second: Metadata) -> None:
    once = with_metadata(CHAIN_RULE_TEXT, first)
    twice = with_metadata(once, second)
    block = once.removeprefix(CHAIN_RULE_TEXT).strip()
    assert all(line.startswith("#") for line in block.splitlines())
    assert twice.startswith(CHAIN_RULE_TEXT)
    assert read_metadata(twice) == second
    assert with_metadata(twice, second) == twice


@given(st.lists(st.integers(1, 8), unique=True), anything)
def test_breakpoints_stay_on_their_statements(lines: list[int], more: Metadata) -> None:
    marked = with_metadata(CHAIN_RULE_TEXT, Metadata(breakpoints=tuple(lines)))
    before = read_metadata(marked)
    after_text = with_metadata(
        marked,
        Metadata(
            title=more.title,
            device=more.device,
            placement=more.placement,
            breakpoints=before.breakpoints,
        ),
    )
    statements = CHAIN_RULE_TEXT.splitlines()
    shown = [after_text.splitlines()[n - 1] for n in read_metadata(after_text).breakpoints]
    assert shown == [statements[n - 1] for n in lines]


def test_a_text_without_metadata_is_left_alone() -> None:
    assert with_metadata(CHAIN_RULE_TEXT, Metadata()) == CHAIN_RULE_TEXT
    placed = with_metadata(CHAIN_RULE_TEXT, Metadata(placement={"x": "cuda:0"}))
    assert with_metadata(placed, Metadata()) == CHAIN_RULE_TEXT
    assert read_metadata(CHAIN_RULE_TEXT) == Metadata()


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_new_block_stands_at_the_end_where_it_moves_no_line(end: str) -> None:
    placed = with_metadata(f"x = 1{end}", Metadata(seed=3, breakpoints=(1,)))
    assert placed == "x = 1\n\n# /// gradviz\n# seed = 3\n# breakpoints = [1]\n# ///\n"
    assert with_metadata("", Metadata(seed=3)).startswith("# /// gradviz\n")


def test_comments_and_unknown_keys_of_the_block_stay() -> None:
    text = (
        "# /// script\n# dependencies = ['torch']\n# ///\n"
        "# /// gradviz\n# # for the second lesson\n# title = 'Old'  # short\n"
        "# colour = 'red'\n# ///\nx = 1\n"
    )
    changed = with_metadata(text, Metadata(title="New", device="cpu"))
    assert "# # for the second lesson\n" in changed
    assert "# colour = 'red'\n" in changed
    assert "# short" in changed
    assert "# dependencies = ['torch']\n" in changed
    assert read_metadata(changed) == Metadata(title="New", device="cpu")


@pytest.mark.parametrize(
    "block",
    [
        "# seed = soon\n",
        "# seed = 'three'\n",
        "# breakpoints = [1, 'two']\n",
        "# x = " + "[" * 5000 + "\n",
        "# title = '" + "x" * 70_000 + "'\n",
        "# ///\n# /// gradviz\n# seed = 1\n",
    ],
)
def test_a_bad_block_is_refused_with_a_sentence(block: str) -> None:
    with pytest.raises(GradvizError, match="gradviz block"):
        read_metadata(f"# /// gradviz\n# seed = 1\n{block}# ///\n")
