"""Settings and fixtures that all tests share."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings
from pytestqt.qtbot import QtBot

# On a busy machine an example may take any time; pytest-timeout ends what hangs.
settings.register_profile("gradviz", deadline=None)
settings.load_profile("gradviz")
PATIENCE_MS = 30_000
"""How long a test waits for the window before it fails; a busy machine must not make it fail."""

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Torch's threads spin while they wait for work, and would take the other tests' processors.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("QT_SCALE_FACTOR", "1")
os.environ.setdefault("QT_FONT_DPI", "96")
# A shell ignores Ctrl+C for what it starts in the background, and so would the tests' children.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Processes of `-n auto`: each takes 1 GB, with the workers that its tests start."""
    return min(os.cpu_count() or 1, 4)


def pytest_collection_finish() -> None:
    """Let flags such as `allow_tf32` be set: torch's own test utilities forbid it when imported."""
    torch = sys.modules.get("torch")
    if torch is not None:
        globals_ = torch.backends.disable_global_flags.__globals__
        globals_["__allow_nonbracketed_mutation_flag"] = True


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


class PatientBot(QtBot):
    """Waits longer than pytest-qt's five seconds unless a test says how long."""

    def waitUntil(self, callback: Any, *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **more: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitSignals(self, signals: Any, *, timeout: int = PATIENCE_MS, **more: Any) -> Any:
        return super().waitSignals(signals, timeout=timeout, **more)


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)
