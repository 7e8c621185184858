"""The shipped examples: their titles, and lists of them to choose from."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gradviz.gui.languages import shown_language
from gradviz.gui.page import Page
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Appearance, Theme
from gradviz.resources_path import EXAMPLES

FIRST_EXAMPLE: Final = EXAMPLES / "01_chain_rule.py"
_TITLE: Final = re.compile(r'^#\s*title\s*=\s*"(?P<title>[^"]+)"', re.MULTILINE)
# Not by `ast`: an example may hold notebook syntax such as %time.
_DOCSTRING: Final = re.compile(r'^"""(?P<text>.+?)"""', re.MULTILINE | re.DOTALL)


class Example(msgspec.Struct, frozen=True):
    """One shipped example; `summary` is the first sentence that it says about itself."""

    path: Path
    title: str
    summary: str


def examples_folder() -> Path:
    """Where the examples are in the language that is shown."""
    folder = EXAMPLES / shown_language()
    return folder if folder.is_dir() else EXAMPLES


def first_example() -> Path:
    """What is opened where nothing else is."""
    return examples_folder() / FIRST_EXAMPLE.name


def list_examples(folder: Path | None = None) -> tuple[Example, ...]:
    """All examples in the language that is shown, in the order of their file names."""
    return _read_folder(folder or examples_folder())


@cache
def _read_folder(folder: Path) -> tuple[Example, ...]:
    return tuple(_read(path) for path in sorted(folder.glob("*.py")))


def is_shipped(path: Path) -> bool:
    """Whether the file is one of the shipped examples, in whatever language."""
    return path.resolve().is_relative_to(EXAMPLES.resolve())


def _read(path: Path) -> Example:
    text = path.read_text(encoding="utf-8")
    found = _TITLE.search(text)
    title = found["title"] if found else path.stem.replace("_", " ").strip("0123456789 ")
    said = _DOCSTRING.search(text)
    summary = said["text"].split("\n\n")[0] if said else ""
    return Example(path, title, " ".join(summary.split()))


class StartPage(Retranslated, Page):
    """What the centre shows while there is no graph: what to do, and the examples.

    Signals:
        example_chosen: an example should be opened (`Path`).
    """

    example_chosen = Signal(object)

    def __init__(self, appearance: Appearance, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("start_page")
        self._has_text = False
        page = QWidget()
        page.setObjectName("page")
        column = QVBoxLayout(page)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(4)
        column.addStretch(1)
        self._headline = QLabel()
        self._headline.setObjectName("headline")
        self._headline.setWordWrap(True)
        self._hint = QLabel()
        self._hint.setWordWrap(True)
        self._hint.setObjectName("hint")
        column.addWidget(self._headline)
        column.addWidget(self._hint)
        column.addSpacing(12)
        self._examples = QVBoxLayout()
        self._examples.setSpacing(4)
        column.addLayout(self._examples)
        column.addStretch(2)
        self.setWidget(page)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()

    def _retranslate(self) -> None:
        self._say_hint()
        while (item := self._examples.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for example in list_examples():
            self._examples.addWidget(_ExampleButton(example, self))

    def set_headline(self, headline: str, *, is_waiting: bool = False) -> None:
        """Say why there is no graph; where one comes by itself, there is nothing to do about it."""
        self._headline.setText(headline)
        self._hint.setVisible(not is_waiting)

    def set_has_text(self, has_text: bool) -> None:
        """Say what to do about text that is in the editor, or how to begin without any."""
        if has_text != self._has_text:
            self._has_text = has_text
            self._say_hint()

    def _say_hint(self) -> None:
        self._hint.setText(
            self.tr("Press Ctrl+Enter to run the code on the left, or open an example:")
            if self._has_text
            else self.tr("Type PyTorch code on the left and press Ctrl+Enter, or open an example:")
        )

    def _on_theme_changed(self, theme: Theme) -> None:
        self.setStyleSheet(
            f"#start_page, #page {{ background: {theme.canvas}; }}"
            f"QLabel {{ color: {theme.muted}; background: transparent; }}"
            f"#headline {{ color: {theme.text}; font-size: 18pt; }}"
            f"QPushButton {{ text-align: left; border: none; border-radius: 6px;"
            f" padding: 6px 10px; background: transparent; }}"
            f"QPushButton:hover, QPushButton:focus {{ background: {theme.current_line}; }}"
            f"QPushButton QLabel#title {{ color: {theme.accent}; font-weight: 600; }}"
        )


class _ExampleButton(QPushButton):
    def __init__(self, example: Example, page: StartPage) -> None:
        super().__init__(page)
        self._path = example.path
        self._page = page
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(example.title)
        self.setAccessibleDescription(example.summary)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(1)
        for name, text in (("title", example.title), ("summary", example.summary or " ")):
            label = QLabel(text)
            label.setObjectName(name)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            label.setWordWrap(True)
            column.addWidget(label)
        self.clicked.connect(self._on_clicked)

    def sizeHint(self) -> QSize:
        """As large as its two labels."""
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Two lines; the height depends on the width."""
        return QSize(0, 2 * self.fontMetrics().lineSpacing() + 12)

    def hasHeightForWidth(self) -> bool:
        """The summary wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of both labels at a width."""
        layout = self.layout()
        return layout.totalHeightForWidth(width) if layout is not None else 0

    def _on_clicked(self) -> None:
        self._page.example_chosen.emit(self._path)
