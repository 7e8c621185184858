"""What macOS and Windows have in other places, or call by other names."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace

import pytest
from PySide6.QtGui import QAction

from gradviz.gui import app
from gradviz.gui.action_spec import control_key
from gradviz.gui.actions import ACTIONS
from gradviz.gui.fonts import MONOSPACE
from gradviz.gui.inspector import typeset

pytestmark = pytest.mark.gui


def test_only_quit_and_about_go_into_macs_own_menu_whatever_they_are_called(window) -> None:
    roles = {spec.id: window.actions_by_id[spec.id].menuRole() for spec in ACTIONS}
    assert roles.pop("quit") is QAction.MenuRole.QuitRole
    assert roles.pop("about") is QAction.MenuRole.AboutRole
    assert set(roles.values()) == {QAction.MenuRole.NoRole}


def test_keys_that_macos_keeps_for_itself_are_not_asked_for() -> None:
    assert control_key("darwin") == "Meta"  # what Qt calls Ctrl there
    assert control_key("win32") == control_key("linux") == "Ctrl"


def test_numbers_in_formulas_have_the_font_of_code_that_each_system_has(qapp) -> None:
    assert typeset._font(12.0, False, True).families() == list(MONOSPACE)


def test_windows_shows_the_window_as_a_program_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    shell = SimpleNamespace(SetCurrentProcessExplicitAppUserModelID=names.append)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(shell32=shell), raising=False)
    app._take_own_place_in_taskbar()
    assert names == ["gradviz.gradviz"]
    monkeypatch.delattr(ctypes, "windll")
    app._take_own_place_in_taskbar()
