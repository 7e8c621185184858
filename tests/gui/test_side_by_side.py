"""Several files: the first in this window, the others in windows of their own beside it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPoint, QRect, QSize, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from gradviz.documents.recording_file import write_recording
from gradviz.errors import GradvizError
from gradviz.export.process import TILE_OPTION
from gradviz.gui import side_by_side
from gradviz.gui.side_by_side import Tile
from gradviz.recording.model import Environment
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui

SCREEN = QRect(0, 30, 1800, 1000)
SMALLEST = QSize(400, 300)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The arguments of the windows that were started."""
    windows: list[tuple[str, ...]] = []
    monkeypatch.setattr(
        side_by_side, "start_window", lambda *arguments, **_: windows.append(arguments)
    )
    return windows


@pytest.fixture
def ranks(tmp_path: Path) -> tuple[Path, ...]:
    """What two processes of torchrun saved."""
    paths = tuple(tmp_path / f"run-{rank}.gradviz" for rank in range(2))
    for rank, path in enumerate(paths):
        environment = Environment(rank=rank)
        write_recording(
            path, msgspec.structs.replace(make_chain_rule_recording(), environment=environment)
        )
    return paths


@pytest.mark.parametrize("count", range(1, 9))
def test_tiles_cover_the_screen_without_overlapping(count: int) -> None:
    places = [Tile(index, count).place_in(SCREEN, QSize(0, 0)) for index in range(count)]
    assert all(SCREEN.contains(place) for place in places)
    assert not any(
        place.intersects(other) for number, place in enumerate(places) for other in places[:number]
    )
    columns = count if count <= 3 else (count + 1) // 2
    assert {place.width() for place in places} == {SCREEN.width() // columns}


@pytest.mark.parametrize("count", [2, 3, 8])
def test_windows_that_cannot_become_so_small_stay_on_the_screen(count: int) -> None:
    smallest = QSize(1000, 700)
    for index in range(count):
        place = Tile(index, count).place_in(SCREEN, smallest)
        assert SCREEN.contains(place)
        assert place.width() >= smallest.width()
        assert place.height() >= smallest.height()


def test_a_tile_is_read_as_it_is_written() -> None:
    assert Tile.parse(str(Tile(1, 3))) == Tile(1, 3)


@pytest.mark.parametrize("text", ["", "1", "2/2", "-1/2", "a/b", "0/0", "1/2/3"])
def test_what_is_no_tile_is_refused(text: str) -> None:
    with pytest.raises(GradvizError, match="not part of the screen"):
        Tile.parse(text)


def test_recordings_of_two_ranks_open_side_by_side_with_their_ranks(
    window, dialogs, ranks, started
) -> None:
    dialogs.to_open = ranks
    window.actions_by_id["open"].trigger()
    assert window.windowTitle() == "run-0.gradviz[*] (recording of rank 0) – gradviz"
    assert started == [(TILE_OPTION, "1/2", str(ranks[1]))]
    assert window.frameGeometry().topLeft() == window.screen().availableGeometry().topLeft()


def test_the_place_beside_others_is_not_remembered(
    make_window, engine, ranks, started, own_settings
) -> None:
    window = make_window()
    before = window.settings.layout("geometry")
    window.document.open_paths(ranks)
    window.close()
    assert window.settings.layout("geometry") == before


def test_one_file_starts_no_other_window(window, dialogs, ranks, started) -> None:
    dialogs.to_open = ranks[:1]
    assert window.document.open()
    assert started == []


def test_nothing_is_opened_where_the_first_file_cannot_be(
    window, dialogs, ranks, started, tmp_path
) -> None:
    dialogs.to_open = (tmp_path / "missing.py", *ranks)
    assert not window.document.open()
    assert started == []
    assert len(dialogs.problems) == 1


def test_dropped_recordings_open_side_by_side(window, ranks, started) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in ranks])
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(5, 5), actions, data, buttons, keys)
    window.dragEnterEvent(entered)
    assert entered.isAccepted()
    window.dropEvent(QDropEvent(QPoint(5, 5), actions, data, buttons, keys))
    assert window.document.name == "run-0.gradviz"
    assert len(started) == 1
