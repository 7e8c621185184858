"""Make the pictures of docs/visual-language.md from recordings of real torch programs.

Usage: python scripts/make_pictures.py [docs/pictures] [--peers FOLDER]

With a folder of other programs' pictures (`perceptron-torchviz.png` and so on, made by
`draw_peers.py` and `draw_netron.py`) these are set beside ours; without, the comparisons are left
as they are.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_SCALE_FACTOR"] = "1"
os.environ["QT_FONT_DPI"] = "96"

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from benchmarks.real_graphs import COMPARED, make
from gradviz.gui.canvas.picture import save_picture
from gradviz.gui.languages import LanguageChoice, Languages
from gradviz.gui.style import LIGHT
from gradviz.recording.view import Folds, FoldStart, ViewMode, ViewOptions

WIDEST, TALLEST = 760, 900
FITTING: Final = Folds(FoldStart.FITTING)
PICTURES: Final = {
    "roles": ("chain_rule", "light", ViewOptions(), 3),
    "dark": ("chain_rule", "dark", ViewOptions(), 3),
    "backward": ("chain_rule", "light", ViewOptions(mode=ViewMode.BACKWARD), None),
    "both": ("chain_rule", "light", ViewOptions(mode=ViewMode.BOTH), None),
    "frames": ("perceptron", "light", ViewOptions(folds=FITTING), None),
    "repeats": ("gpt2", "light", ViewOptions(folds=FITTING), None),
    "in_place": ("doubling100", "light", ViewOptions(folds=FITTING), None),
    "grey": ("perceptron", "light", ViewOptions(folds=FITTING), None),
    "grey_repeats": ("gpt2", "light", ViewOptions(folds=FITTING), None),
    "grey_roles": ("chain_rule", "light", ViewOptions(), 3),
}
"""For each picture its program, theme, view and playhead (None: the end)."""
PEERS: Final = ("torchviz", "torchview", "netron")
CAPTION: Final = 26


def draw(name: str, folder: Path) -> QImage:
    """One of the pictures."""
    program, theme, options, playhead = PICTURES[name]
    path = folder / f"{name}.png"
    save_picture(make(program), path, theme=theme, options=options, playhead=playhead)
    image = fitted(QImage(str(path)), WIDEST, TALLEST)
    return image.convertToFormat(QImage.Format.Format_Grayscale8) if "grey" in name else image


def fitted(image: QImage, width: int, height: int) -> QImage:
    """An image, scaled down to fit."""
    if image.width() <= width and image.height() <= height:
        return image
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(width, height, keep, smooth)


def beside(images: dict[str, QImage]) -> QImage:
    """Images in a row, each with its name above it."""
    images = {
        name: fitted(image, 460 if name == "gradviz" else 250, 640)
        for name, image in images.items()
    }
    width = sum(image.width() + 16 for image in images.values()) + 16
    height = max(image.height() for image in images.values()) + CAPTION + 16
    row = QImage(width, height, QImage.Format.Format_RGB32)
    row.fill(QColor("white"))
    painter = QPainter(row)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    font = painter.font()
    font.setPixelSize(13)
    painter.setFont(font)
    left = 16
    for name, image in images.items():
        painter.setPen(QColor(LIGHT.muted))
        painter.drawText(left, CAPTION - 8, name)
        painter.drawImage(left, CAPTION, image)
        left += image.width() + 16
    painter.end()
    return row


def main() -> None:
    """Make them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs/pictures"))
    parser.add_argument("--peers", type=Path)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    languages = Languages()
    languages.use(LanguageChoice.ENGLISH)
    with tempfile.TemporaryDirectory() as scratch:
        for name in PICTURES:
            draw(name, Path(scratch)).save(str(chosen.folder / f"{name}.png"), quality=0)
        for name in COMPARED if chosen.peers else ():
            ours = Path(scratch) / f"{name}.png"
            recording = make(name)
            # As the window opens it: of several passes the first. Buffers are left out, as theirs.
            pass_id = recording.passes[0].id if len(recording.passes) > 1 else None
            options = ViewOptions(folds=FITTING, pass_id=pass_id, hide_constants=pass_id is None)
            save_picture(recording, ours, options=options, playhead=len(recording.passes[0].steps))
            paths = {"gradviz": ours} | {p: chosen.peers / f"{name}-{p}.png" for p in PEERS}
            images = {peer: QImage(str(path)) for peer, path in paths.items() if path.exists()}
            beside(images).save(str(chosen.folder / f"compared_{name}.png"), quality=0)
    application.quit()


if __name__ == "__main__":
    main()
