from __future__ import annotations

import pytest

from gradviz.gui.editor.editing import dedent, indent_after, match_bracket, toggle_comments


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
