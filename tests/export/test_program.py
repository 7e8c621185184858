"""A recording in the program's own process: its window, its picture."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import msgspec
import pytest

from gradviz.documents.recording_file import read_recording, write_recording
from gradviz.errors import GradvizError
from gradviz.export import process, program
from gradviz.export.program import open_window, svg_text
from gradviz.recording.model import RunError, RunStatus
from tests.builders import make_chain_rule_recording

HANG_SECONDS = 60


class StartedProcess:
    """Stands for the window's process."""

    commands: list[list[str]]
    options: list[dict[str, object]]

    def __init__(self, command: list[str], **options: object) -> None:
        self.commands.append(command)
        self.options.append(options)

    def poll(self) -> int:
        return 0


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    StartedProcess.commands, StartedProcess.options = [], []
    monkeypatch.setattr(process.subprocess, "Popen", StartedProcess)
    return StartedProcess.commands


def test_the_window_gets_a_file_of_its_own_named_like_the_script(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    open_window(make_chain_rule_recording(), "train")
    command = started[0]
    assert command[:4] == [sys.executable, "-P", "-m", "gradviz"]
    path = Path(command[-1])
    assert path.name == "train.gradviz"
    assert read_recording(path) == make_chain_rule_recording()
    path.unlink()
    path.parent.rmdir()


@pytest.mark.parametrize(
    "name", ["../../tmp/x", "/etc/x", "..\\..\\x", "a\0b", "x" * 300, "", ".."]
)
def test_no_name_leads_out_of_the_windows_own_folder(
    name: str, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    open_window(make_chain_rule_recording(), name)
    path = Path(started[0][-1])
    assert path.parent.name.startswith("gradviz-")
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    path.unlink()
    path.parent.rmdir()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a screen")
def test_without_a_screen_it_says_what_to_do(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(GradvizError, match="no screen"):
        open_window(make_chain_rule_recording(), "train")
    assert started == []


def test_on_windows_the_window_hears_no_ctrl_c_of_the_terminal(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_OWN_CONSOLE", 0x08000000)
    process.start_window("a.py", outlives_terminal=True)
    process.start_window("b.py", outlives_terminal=False)
    assert [options["creationflags"] for options in StartedProcess.options] == [0x08000000, 0]


@pytest.mark.parametrize(
    ("system", "platform"), [("linux", "offscreen"), ("darwin", "offscreen"), ("win32", None)]
)
def test_the_picture_is_drawn_where_qt_finds_the_systems_fonts(
    system: str, platform: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    platforms: list[str | None] = []

    def run(command: list[str], *, env: dict[str, str], **_options: object) -> object:
        platforms.append(env.get("QT_QPA_PLATFORM"))
        Path(command[-1]).write_text("<svg/>", encoding="utf-8")
        return None

    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setattr(program.subprocess, "run", run)
    monkeypatch.setattr(sys, "platform", system)
    assert svg_text(make_chain_rule_recording()) == "<svg/>"
    assert platforms == [platform]


def test_a_child_finds_what_is_installed_behind_a_link_without_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "real" / "site-packages"
    real.mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr(process.gradviz, "__file__", str(real / "gradviz" / "__init__.py"))
    site_packages = str(tmp_path / "link" / "site-packages")
    monkeypatch.setattr(process.site, "getsitepackages", lambda: [site_packages])
    assert "PYTHONPATH" not in process.own_environment()
    monkeypatch.setattr(process.site, "getsitepackages", list)
    assert process.own_environment()["PYTHONPATH"] == str(real)


@pytest.mark.gui
def test_the_program_reads_a_temporary_recording_and_takes_it_away(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    path = folder / "a.gradviz"
    write_recording(path, make_chain_rule_recording())
    command = [*process.program_command(), process.TEMPORARY_OPTION, str(path)]
    window = subprocess.Popen(command, env=process.own_environment())
    try:
        for _ in range(HANG_SECONDS * 10):
            if not folder.exists():
                break
            with pytest.raises(subprocess.TimeoutExpired):  # the window stays
                window.wait(0.1)
        assert not folder.exists()
        assert window.poll() is None
    finally:
        window.kill()
        window.wait()


@pytest.mark.gui
def test_the_picture_is_drawn_by_another_process() -> None:
    root = ElementTree.fromstring(svg_text(make_chain_rule_recording()))
    assert root.tag.endswith("svg")
    texts = {"".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"x", "y", "z", "p", "g"} <= {text.split(" ")[0] for text in texts}


def test_a_picture_of_too_much_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "MAX_PICTURE_RECORDS", 5)
    with pytest.raises(GradvizError, match="too many for a picture"):
        svg_text(make_chain_rule_recording())


def test_a_picture_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "program_command", lambda: [sys.executable, "-c", "input()"])
    monkeypatch.setattr(program, "PICTURE_SECONDS", 0.0)
    with pytest.raises(GradvizError, match="too long"):
        svg_text(make_chain_rule_recording())


def test_a_program_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        program, "program_command", lambda: [sys.executable, "-c", "exit('no fonts')"]
    )
    with pytest.raises(GradvizError, match="could not be drawn: no fonts"):
        svg_text(make_chain_rule_recording())


@pytest.mark.gui
def test_a_recording_of_a_failed_run_has_a_picture_too() -> None:
    failed = msgspec.structs.replace(
        make_chain_rule_recording(),
        status=RunStatus.ERROR,
        error=RunError("NameError", "name 'q' is not defined", line=3),
    )
    assert svg_text(failed).lstrip().startswith("<?xml")
