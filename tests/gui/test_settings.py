from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from gradviz.gui.settings import MAX_RECENT, Settings, ThemeChoice

pytestmark = pytest.mark.gui


def written(folder: Path) -> Path:
    return folder / "gradviz" / "gradviz.ini"


def test_what_is_set_is_there_after_a_restart(qapp) -> None:
    settings = Settings()
    settings.theme = ThemeChoice.DARK
    settings.font_points = 15
    settings.set_layout("main", QByteArray(b"\x00\xff"))
    settings.sync()
    again = Settings()
    assert again.theme is ThemeChoice.DARK
    assert again.font_points == 15
    assert again.layout("main") == QByteArray(b"\x00\xff")


def test_recent_documents_come_newest_first_without_doubles(qapp, tmp_path) -> None:
    settings = Settings()
    for name in ("a.py", "b.py", "a.py"):
        settings.add_recent(tmp_path / name)
    settings.sync()
    assert Settings().recent == (tmp_path / "a.py", tmp_path / "b.py")


def test_one_recent_document_survives_the_file(qapp, tmp_path) -> None:
    settings = Settings()
    settings.add_recent(tmp_path / "only, one.py")
    settings.sync()
    assert Settings().recent == (tmp_path / "only, one.py",)


def test_recent_documents_are_bounded(qapp, tmp_path) -> None:
    settings = Settings()
    for number in range(MAX_RECENT + 5):
        settings.add_recent(tmp_path / f"{number}.py")
    assert len(settings.recent) == MAX_RECENT


@pytest.mark.parametrize(
    "content",
    [
        "[editor]\nfont_points=huge\n[window]\ntheme=@Invalid()\n",
        "[editor]\nfont_points=-99999999999999999999\n[window]\ntheme=purple\n",
        "[document]\nrecent=@Size(3 4)\n[layout]\nmain=7\n",
        "\x00\xff]]][[[",
    ],
)
def test_nonsense_reads_as_the_defaults(qapp, own_settings, content: str) -> None:
    written(own_settings).parent.mkdir(parents=True)
    written(own_settings).write_text(content, encoding="latin-1")
    settings = Settings()
    assert settings.theme is ThemeChoice.SYSTEM
    assert 6 <= settings.font_points <= 48
    assert settings.recent == ()
    assert settings.layout("main") in (QByteArray(), QByteArray(b"7"))


def test_reduced_motion_is_remembered() -> None:
    assert not Settings().reduced_motion
    Settings().reduced_motion = True
    assert Settings().reduced_motion
