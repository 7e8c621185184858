"""Settings and fixtures that all tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "1")
os.environ.setdefault("QT_FONT_DPI", "96")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Collect garbage on the main thread while there may be widgets, as the window itself does."""
    if item.get_closest_marker("gui") is not None:
        gc.disable()
        gc.collect(1)
    elif not gc.isenabled():
        gc.collect()
        gc.enable()
    return (yield)
