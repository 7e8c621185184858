"""The start is measured with a window that really opens."""

from __future__ import annotations

import pytest

from benchmarks.startup import SHOW_WINDOW, _printed_seconds

pytestmark = pytest.mark.gui


def test_the_window_that_is_timed_is_painted() -> None:
    assert 0.0 < _printed_seconds(SHOW_WINDOW) < 60.0
