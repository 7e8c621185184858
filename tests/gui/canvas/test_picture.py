from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QColor, QImage

from gradviz.errors import GradvizError
from gradviz.gui.canvas import picture
from gradviz.gui.canvas.picture import save_picture
from gradviz.gui.style import DARK, LIGHT
from gradviz.recording.model import Recording
from gradviz.recording.view import ViewMode, ViewOptions
from tests.builders import make_chain_rule_recording
from tests.gui.canvas.recordings import make_odd_recording

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


def texts_of(path: Path) -> list[str]:
    root = ElementTree.parse(path).getroot()
    return [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_an_svg_holds_names_values_and_gradients_as_text(tmp_path: Path) -> None:
    path = tmp_path / "graph.svg"
    save_picture(make_chain_rule_recording(), path)
    texts = texts_of(path)
    assert {"x", "y", "z", "p", "g", "+", "×", "scalar", ".grad"} <= set(texts)
    # Three leaves, p, and the gradients on four edges and in three rows; z is 3 as well.
    assert texts.count("3") == 2 + 5 + 3
    assert texts.count("9") == 1


def test_a_picture_before_backward_has_no_gradients(tmp_path: Path) -> None:
    path = tmp_path / "graph.svg"
    save_picture(make_chain_rule_recording(), path, playhead=0)
    assert texts_of(path).count("3") == 2
    assert texts_of(path).count("None") == 3


def test_texts_of_an_svg_keep_their_width_with_another_font(tmp_path: Path) -> None:
    path = tmp_path / "graph.svg"
    save_picture(make_chain_rule_recording(), path)
    for element in ElementTree.parse(path).getroot().iter("{http://www.w3.org/2000/svg}text"):
        assert float(element.get("textLength", "0")) > 0
        assert "sans-serif" in element.get("font-family", "")


@pytest.mark.parametrize(("theme", "colour"), [("light", LIGHT.canvas), ("dark", DARK.canvas)])
def test_a_png_has_twice_the_pixels_and_the_background_of_its_theme(
    tmp_path: Path, theme: str, colour: str
) -> None:
    path = tmp_path / "graph.png"
    save_picture(make_chain_rule_recording(), path, theme=theme)
    image = QImage(str(path))
    assert image.width() > 600
    assert image.pixelColor(3, 3) == QColor(colour)
    assert image.pixelColor(image.width() - 3, image.height() - 3) == QColor(colour)


def test_a_pdf_is_written(tmp_path: Path) -> None:
    path = tmp_path / "graph.pdf"
    save_picture(make_chain_rule_recording(), path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF") and b"%%EOF" in content[-32:]


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf"])
@pytest.mark.parametrize("mode", ViewMode)
def test_odd_recordings_are_drawn(tmp_path: Path, suffix: str, mode: ViewMode) -> None:
    path = tmp_path / f"odd{suffix}"
    save_picture(make_odd_recording(), path, options=ViewOptions(mode=mode))
    assert path.stat().st_size > 500
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_an_empty_recording_is_a_picture_of_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "empty.svg"
    save_picture(Recording(text="1 + 1"), path)
    assert "nothing with torch" in " ".join(texts_of(path))


def test_another_suffix_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(GradvizError, match=r"\.svg, \.png, \.pdf"):
        save_picture(Recording(), tmp_path / "graph.gif")
    with pytest.raises(GradvizError, match="neon"):
        save_picture(Recording(), tmp_path / "graph.svg", theme="neon")


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(GradvizError, match="cannot be written"):
        save_picture(Recording(), tmp_path / "nowhere" / "graph.svg")


@pytest.mark.parametrize(
    ("system", "platform"), [("linux", "offscreen"), ("darwin", "offscreen"), ("win32", None)]
)
def test_without_a_display_qt_draws_where_it_finds_the_systems_fonts(
    system: str, platform: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoApplication:
        @staticmethod
        def instance() -> None:
            return None

    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(picture, "QGuiApplication", NoApplication)
    monkeypatch.setattr(picture, "QApplication", lambda _arguments: None)
    monkeypatch.setattr(picture, "_applications", [])
    picture._ensure_application()
    assert os.environ.get("QT_QPA_PLATFORM") == platform
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)


def test_a_process_without_a_window_or_a_display_saves_pictures(tmp_path: Path) -> None:
    path = tmp_path / "graph.svg"
    code = (
        "import sys; from gradviz.gui.canvas.picture import save_picture;"
        "from tests.builders import make_chain_rule_recording;"
        "save_picture(make_chain_rule_recording(), sys.argv[1])"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(path)],
        check=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        cwd=Path(__file__).parents[3],
    )
    assert "x" in texts_of(path)
