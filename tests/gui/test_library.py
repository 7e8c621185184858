from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from gradviz.gui.library import FIRST_EXAMPLE, StartPage, is_shipped, list_examples
from gradviz.gui.style import Appearance


def test_every_shipped_example_has_a_title_and_a_summary() -> None:
    examples = list_examples()
    assert len(examples) >= 8
    for example in examples:
        assert example.title
        assert not example.title.startswith("0")
        assert example.summary


def test_the_first_example_is_the_chain_rule() -> None:
    assert list_examples()[0].path == FIRST_EXAMPLE
    assert ast.parse(FIRST_EXAMPLE.read_text(encoding="utf-8"))
    assert is_shipped(FIRST_EXAMPLE)


def test_a_file_of_the_same_name_elsewhere_is_not_shipped(tmp_path: Path) -> None:
    assert not is_shipped(tmp_path / FIRST_EXAMPLE.name)


def test_a_title_falls_back_to_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "07_my_file.py").write_text("x = 1\n", encoding="utf-8")
    (example,) = list_examples(tmp_path)
    assert example.title == "my file"
    assert example.summary == ""


@pytest.mark.gui
def test_a_click_on_the_start_page_chooses_the_example(qtbot) -> None:
    page = StartPage(Appearance())
    qtbot.addWidget(page)
    buttons = page.findChildren(QPushButton)
    assert len(buttons) == len(list_examples())
    with qtbot.waitSignal(page.example_chosen) as chosen:
        buttons[0].click()
    assert chosen.args == [FIRST_EXAMPLE]


@pytest.mark.gui
def test_a_long_headline_wraps_and_makes_the_page_no_wider_than_it_is_seen(qtbot) -> None:
    page = StartPage(Appearance())
    qtbot.addWidget(page)
    page.set_headline("The run ended before it made a tensor, and nobody knows why " * 2)
    page.resize(420, 600)
    page.show()
    qtbot.waitExposed(page)
    assert page.widget().width() == page.viewport().width()
