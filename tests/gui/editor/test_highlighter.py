from __future__ import annotations

import pytest
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextDocumentLayout

from gradviz.gui.editor.highlighter import PythonHighlighter
from gradviz.gui.style import LIGHT

pytestmark = pytest.mark.gui


def colour_at(document: QTextDocument, line: int, column: int) -> str:
    for span in document.findBlockByNumber(line).layout().formats():
        if span.start <= column < span.start + span.length:
            return span.format.foreground().color().name()
    return ""


@pytest.fixture
def document(qapp) -> QTextDocument:
    document = QTextDocument()
    document.setDocumentLayout(QPlainTextDocumentLayout(document))
    return document


def highlight(document: QTextDocument, text: str) -> PythonHighlighter:
    highlighter = PythonHighlighter(document, LIGHT)
    document.setPlainText(text)
    return highlighter


def test_a_triple_quoted_string_colours_all_its_lines_and_nothing_after(document) -> None:
    highlighter = highlight(document, 's = """one\nimport two\n"""\nimport torch')
    assert colour_at(document, 1, 2) == LIGHT.string
    assert colour_at(document, 3, 2) == LIGHT.keyword
    assert highlighter is not None


@pytest.mark.parametrize("quotes", ['"""', "'''", 'r"""', 'f"""', "b'''"])
def test_each_kind_of_long_string_ends_where_it_ends(document, quotes: str) -> None:
    end = quotes[-3:]
    highlighter = highlight(document, f"s = {quotes}a\nfor b\n{end}\nfor c in d: pass")
    assert colour_at(document, 1, 1) == LIGHT.string
    assert colour_at(document, 3, 1) == LIGHT.keyword
    assert highlighter is not None


def test_opening_a_string_above_recolours_the_lines_below(document) -> None:
    highlighter = highlight(document, "\nimport torch\nx = 1")
    assert colour_at(document, 1, 0) == LIGHT.keyword
    QTextCursor(document).insertText('"""')
    assert colour_at(document, 1, 0) == LIGHT.string
    assert colour_at(document, 2, 0) == LIGHT.string
    assert highlighter is not None


def test_columns_stay_right_after_characters_outside_the_basic_plane(document) -> None:
    highlighter = highlight(document, "x = '𝜕𝜕'; import torch")
    line = document.firstBlock().text()
    units = len(line[: line.index("import")].encode("utf-16-le")) // 2
    assert colour_at(document, 0, units) == LIGHT.keyword
    assert highlighter is not None


def test_broken_text_of_any_kind_is_survived(document) -> None:
    highlighter = highlight(document, "f'{" * 200 + "\n" + "(" * 500 + "\n\x00\ud800")
    assert highlighter is not None
