"""Fixtures of the window's tests; nothing of the person's own settings or trust is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from gradviz.gui.languages import Languages
from gradviz.gui.main_window import MainWindow
from gradviz.gui.overrides import keep_errors_whole
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT, Appearance
from tests.gui.fakes import FakeDialogs, FakeEngine, build_window


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path) -> Path:
    """Settings in a folder of this test."""
    folder = tmp_path / "settings"
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    return folder


@pytest.fixture
def session(qapp) -> Session:
    return Session()


@pytest.fixture
def appearance(qapp) -> Appearance:
    return Appearance(LIGHT)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def dialogs() -> FakeDialogs:
    return FakeDialogs()


@pytest.fixture
def make_window(
    qtbot, engine: FakeEngine, dialogs: FakeDialogs, tmp_path: Path
) -> Iterator[Callable[..., MainWindow]]:
    """Build windows that are closed, without questions, when the test ends."""
    windows: list[MainWindow] = []

    def make(
        path: Path | None = None, *, start: bool = False, languages: Languages | None = None
    ) -> MainWindow:
        window = build_window(engine, dialogs, tmp_path, languages)
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        if start:
            with qtbot.waitSignal(window.panels.built, timeout=20_000):
                window.start(path)
        return window

    yield make
    for window in windows:
        window.editor.document().setModified(False)
        window.close()


@pytest.fixture
def window(make_window: Callable[..., MainWindow], engine: FakeEngine) -> MainWindow:
    """A window whose engine is ready, with an empty document and without heavy panels."""
    made = make_window()
    engine.become_ready()
    return made


def pytest_collection_finish() -> None:
    """An error in an override fails its test and does not end all of them."""
    keep_errors_whole()
