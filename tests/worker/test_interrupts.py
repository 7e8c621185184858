from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from gradviz.worker.interrupts import InterruptGate


@pytest.fixture
def gate() -> Iterator[InterruptGate]:
    before = signal.getsignal(signal.SIGINT)
    gate = InterruptGate()
    gate.install()
    yield gate
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_ends_its_own_request(gate: InterruptGate) -> None:
    with pytest.raises(KeyboardInterrupt), gate.open_for(1):
        gate.interrupt(1)
        time.sleep(60)


def test_an_interrupt_for_another_request_does_nothing(gate: InterruptGate) -> None:
    with gate.open_for(2):
        gate.interrupt(1)
        gate.interrupt(3)


def test_a_late_interrupt_is_dropped(gate: InterruptGate) -> None:
    with gate.open_for(1):
        pass
    gate.interrupt(1)
    with gate.open_for(2):
        pass


def test_a_request_that_was_interrupted_while_it_waited_does_not_start(
    gate: InterruptGate,
) -> None:
    with gate.open_for(1):
        gate.interrupt(2)
    started = False
    with pytest.raises(KeyboardInterrupt), gate.open_for(2):
        started = True
    assert not started


def test_an_interrupt_raises_once(gate: InterruptGate) -> None:
    with gate.open_for(1):
        try:
            gate.interrupt(1)
            time.sleep(60)
        except KeyboardInterrupt:
            signal.raise_signal(signal.SIGINT)


def test_nothing_is_raised_within_what_must_not_be_torn(gate: InterruptGate) -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), gate.open_for(1):
        with gate.held():
            with gate.held():
                gate.interrupt(1)
                done.append("inner")
            done.append("outer")
        done.append("after")
    assert done == ["inner", "outer"]


def _loop_for(seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        pass


def test_a_library_is_imported_whole_before_the_interrupt_comes(
    gate: InterruptGate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    text = (
        "import time\nend = time.monotonic() + 0.3\nwhile time.monotonic() < end: pass\nDONE = 1\n"
    )
    (folder / "slow_library.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    threading.Timer(0.05, gate.interrupt, args=(1,)).start()
    with pytest.raises(KeyboardInterrupt), gate.open_for(1):
        import slow_library  # type: ignore[import-not-found]  # noqa: F401

        _loop_for(60)
    assert sys.modules.pop("slow_library").DONE == 1


def test_a_module_of_the_persons_own_is_interrupted_at_once(
    gate: InterruptGate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "endless_module.py").write_text("while True: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    threading.Timer(0.05, gate.interrupt, args=(1,)).start()
    with pytest.raises(KeyboardInterrupt), gate.open_for(1):
        import endless_module  # type: ignore[import-not-found]  # noqa: F401


@pytest.mark.parametrize("moment", ["enter", "leave"])
def test_an_interrupt_while_the_recorder_is_put_in_place_or_taken_away_leaves_it_whole(
    gate: InterruptGate, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    from gradviz.language.run import RunOptions, run
    from gradviz.tracer import tracer

    original = tracer.storage_changes

    @contextmanager
    def interrupted(*arguments: object) -> Iterator[None]:
        with original(*arguments):  # type: ignore[arg-type]
            if moment == "enter":
                gate.interrupt(1)
                _loop_for(0.01)
            yield
            if moment == "leave":
                gate.interrupt(1)
                _loop_for(0.01)

    monkeypatch.setattr(tracer, "storage_changes", interrupted)
    text = "import torch\n" + ("while True: pass\n" if moment == "enter" else "")
    with suppress(KeyboardInterrupt), gate.open_for(1):
        run(text, RunOptions(), on_output=lambda _: None, on_line=lambda _: None)
    monkeypatch.undo()
    with gate.open_for(2):
        result = run("1 + 1\n", RunOptions(), on_output=lambda _: None, on_line=lambda _: None)
    assert result.recording.error is None


def test_an_interrupt_that_waits_ends_with_its_request(
    gate: InterruptGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(gate, "_signal_main", lambda: sent.append(1))
    with gate.open_for(1):
        gate.interrupt(1)
        assert sent == [1]
    gate._come_again(1)
    assert sent == [1]
