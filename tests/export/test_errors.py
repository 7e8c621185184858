from __future__ import annotations

from gradviz.export.errors import error_text
from gradviz.recording.model import RunError

TEXT = "import torch\n\tx = torch.rand(2) @ torch.rand(3)\n"


def test_an_error_shows_its_place_the_line_and_a_caret() -> None:
    error = RunError("RuntimeError", "sizes differ", 2, 5, 2, 34, help="Look at the shapes.")
    assert error_text(error, TEXT, "a.py") == (
        "a.py:2:6: RuntimeError: sizes differ\n"
        "    2 |     x = torch.rand(2) @ torch.rand(3)\n"
        "      |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "help: Look at the shapes.\n"
    )


def test_an_error_without_a_column_shows_only_its_line() -> None:
    error = RunError("ValueError", "bad", line=1)
    assert error_text(error, TEXT, "a.py") == "a.py:1: ValueError: bad\n    1 | import torch\n"


def test_an_error_without_a_place_is_one_sentence() -> None:
    assert error_text(RunError("MemoryError", ""), TEXT, "a.py") == "a.py: MemoryError\n"


def test_an_error_over_several_lines_marks_where_it_begins() -> None:
    error = RunError("ValueError", "bad", 1, 7, 2, 3)
    assert "      |        ^\n" in error_text(error, TEXT, "a.py")


def test_places_outside_the_text_are_not_shown() -> None:
    assert error_text(RunError("E", "m", 99, 2), TEXT, "a.py") == "a.py:99:3: E: m\n"
    assert "^" not in error_text(RunError("E", "m", 1, 99), TEXT, "a.py")
