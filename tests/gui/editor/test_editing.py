from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.gui.editor.editing import (
    changed_span,
    dedent,
    indent_after,
    match_bracket,
    toggle_comments,
)


@pytest.mark.parametrize(
    ("line", "indent"),
    [
        ("x = 1", ""),
        ("for i in range(3):", "    "),
        ("    if x:  # why", "        "),
        ("y = f(", "    "),
        ("s = 'a ('", ""),
        ("    return x", ""),
        ("        pass", "    "),
    ],
)
def test_the_next_line_is_indented_as_python_wants_it(line: str, indent: str) -> None:
    assert indent_after(line) == indent


def test_comments_are_put_at_the_least_indentation_and_taken_away_again() -> None:
    lines = ["for i in x:", "", "    print(i)"]
    commented = toggle_comments(lines)
    assert commented == ["# for i in x:", "", "#     print(i)"]
    assert toggle_comments(commented) == lines


def test_dedent_takes_away_one_level_at_most() -> None:
    assert dedent("      x") == "  x"
    assert dedent("  x") == "x"
    assert dedent("x") == "x"


def test_brackets_match_across_lines_and_skip_strings() -> None:
    text = "f(a,\n  ')', [b])"
    assert match_bracket(text, 1) == (1, len(text) - 1)
    assert match_bracket(text, len(text)) == (len(text) - 1, 1)


def test_a_wrong_or_missing_partner_is_told() -> None:
    assert match_bracket("(]", 1) == (0, None)
    assert match_bracket("(", 1) == (0, None)
    assert match_bracket("abc", 1) is None


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_replacing_the_changed_span_makes_the_new_text(old: str, new: str) -> None:
    start, old_end, new_end = changed_span(old, new)
    assert start <= old_end <= len(old)
    assert start <= new_end <= len(new)
    assert old[:start] + new[start:new_end] + old[old_end:] == new


def test_the_changed_span_is_only_what_differs() -> None:
    assert changed_span("a = 1", "a = 2") == (4, 5, 5)
    assert changed_span("x", "# x") == (0, 0, 2)
    assert changed_span("same", "same") == (4, 4, 4)
