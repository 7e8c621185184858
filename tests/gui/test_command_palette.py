"""Any command is found by a part of its name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from gradviz.gui.command_palette import CommandPalette, commands_of
from gradviz.gui.languages import LanguageChoice, Languages
from gradviz.gui.settings import ThemeChoice

pytestmark = pytest.mark.gui


@pytest.fixture
def palette(qtbot, window) -> CommandPalette:
    palette = CommandPalette(window.menuBar(), parent=window)
    qtbot.addWidget(palette)
    palette.show()
    return palette


def test_every_command_of_the_window_is_in_it(window, palette) -> None:
    listed = {command.action for command in commands_of(window.menuBar())}
    assert set(window.actions_by_id.values()) <= listed
    assert len(palette.titles) == len(listed)


def test_words_cut_short_and_without_accents_find_a_command(qtbot, window, palette) -> None:
    qtbot.keyClicks(palette.line, "dark th")
    assert palette.titles == ["View › Theme › Dark"]
    languages = Languages()
    try:
        languages.use(LanguageChoice.SPANISH)
        title = window.menuBar().actions()[1]
        qtbot.waitUntil(lambda: title.text() == "&Edición")
        spanish = CommandPalette(window.menuBar(), parent=window)
        qtbot.addWidget(spanish)
        qtbot.keyClicks(spanish.line, "edicion deshacer")
        assert spanish.titles == ["Edición › Deshacer"]
    finally:
        languages.use(LanguageChoice.ENGLISH)


def test_a_command_is_found_by_what_is_said_about_it_behind_those_of_that_name(
    qtbot, palette
) -> None:
    qtbot.keyClicks(palette.line, "last row")
    assert palette.titles == ["View › Projector mode"]
    palette.line.clear()
    qtbot.keyClicks(palette.line, "spanish")
    assert palette.titles == ["View › Language › Español"]
    palette.line.clear()
    qtbot.keyClicks(palette.line, "find")
    found = palette.titles
    by_name = ["find" in title.casefold() for title in found]
    assert by_name == sorted(by_name, reverse=True)


def test_nothing_found_is_said(qtbot, palette) -> None:
    assert palette.nothing.isHidden()
    qtbot.keyClicks(palette.line, "xyzzy")
    assert palette.nothing.isVisible()
    assert palette.titles == []
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert not palette.isHidden()


def test_a_command_whose_own_name_begins_so_comes_first(qtbot, palette) -> None:
    qtbot.keyClicks(palette.line, "run")
    assert palette.titles[0] == "Run › Run"


def test_enter_carries_out_the_chosen_command(qtbot, window, palette) -> None:
    qtbot.keyClicks(palette.line, "theme")
    for _ in range(2):
        qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.settings.theme is ThemeChoice.DARK
    assert palette.isHidden()


def test_what_cannot_be_done_now_is_listed_and_does_nothing(qtbot, window, palette) -> None:
    qtbot.keyClicks(palette.line, "stop")
    assert "Run › Stop" in palette.titles
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert not palette.isHidden()
