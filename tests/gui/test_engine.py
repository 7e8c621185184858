from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.gui import capacity
from gradviz.gui import engine as engine_module
from gradviz.gui.engine import STOP_PATIENCE_MS, Engine, EngineState
from gradviz.gui.session import RunSettings
from gradviz.recording.model import Output, Recording, RunStatus
from gradviz.recording.timing import TimedPart
from gradviz.worker.messages import FetchValue, TimeParts, TimingFinished, ValueFetched
from tests.builders import CHAIN_RULE_TEXT

pytestmark = pytest.mark.gui

PATIENCE_MS = 60_000
LOOP = "while True: pass"
NATIVE = "import torch\nx = torch.randn(8000, 8000)\nx @ x @ x @ x @ x @ x @ x @ x\n"


class Driver:
    """An engine, what it told, and ways to wait for it."""

    def __init__(self, engine: Engine, qtbot: QtBot) -> None:
        self.engine = engine
        self.qtbot = qtbot
        self.states: list[EngineState] = []
        self.outputs: list[Output] = []
        self.recordings: list[Recording] = []
        self.lines: list[int] = []
        self.deaths: list[str] = []
        self.failures: list[str] = []
        self.values: list[ValueFetched] = []
        self.timings: list[TimingFinished] = []
        self.connections = [
            (engine.state_changed, self.states.append),
            (engine.output_added, self.outputs.append),
            (engine.run_finished, self.recordings.append),
            (engine.line_reached, self.lines.append),
            (engine.died, self.deaths.append),
            (engine.request_failed, self.failures.append),
            (engine.value_fetched, self.values.append),
            (engine.timing_finished, self.timings.append),
        ]
        for signal_, slot in self.connections:
            signal_.connect(slot)

    def run(self, text: str) -> int:
        return self.engine.run(text, filename="<test>", settings=RunSettings())

    def run_to_end(self, text: str) -> Recording:
        count = len(self.recordings)
        assert self.run(text)
        self.wait_until(lambda: len(self.recordings) > count)
        return self.recordings[-1]

    def wait_until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def wait_until_ready(self) -> None:
        self.wait_until(lambda: self.engine.state is EngineState.READY)

    def wait_for_spare(self) -> None:
        def is_ready() -> bool:
            spare = self.engine._spare
            return spare is not None and spare.ready is not None

        self.wait_until(is_ready)

    def begin(self, text: str) -> None:
        """Start a run and wait until it executes its last line."""
        self.lines.clear()
        assert self.run(text)
        last = len(text.rstrip("\n").split("\n"))
        self.wait_until(lambda: last in self.lines)


@pytest.fixture
def make_driver(qtbot: QtBot) -> Iterator[Callable[..., Driver]]:
    engines: list[Engine] = []

    def make(*, spare: bool = False) -> Driver:
        engine = Engine(spare=spare)
        engines.append(engine)
        driver = Driver(engine, qtbot)
        engine.start()
        driver.wait_until_ready()
        return driver

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture(scope="module")
def shared_engine(qapp: QApplication) -> Iterator[Engine]:
    engine = Engine(spare=False)
    engine.start()
    yield engine
    engine.close()


@pytest.fixture
def driver(shared_engine: Engine, qtbot: QtBot) -> Iterator[Driver]:
    """An engine that is ready and that other tests will use, too: it must not be closed."""
    qtbot.waitUntil(lambda: shared_engine.state is EngineState.READY, timeout=PATIENCE_MS)
    driver = Driver(shared_engine, qtbot)
    yield driver
    for signal_, slot in driver.connections:
        signal_.disconnect(slot)


def test_it_starts_in_the_background_and_runs_when_ready(qtbot: QtBot) -> None:
    engine = Engine(spare=False)
    driver = Driver(engine, qtbot)
    try:
        started = time.monotonic()
        engine.start()
        assert time.monotonic() - started < 5
        assert engine.state is EngineState.STARTING
        assert driver.run(CHAIN_RULE_TEXT) == 0, "it is not ready for a run"
        driver.wait_until_ready()
        assert engine.torch_version.startswith("2.")
        assert driver.states == [EngineState.STARTING, EngineState.READY]
    finally:
        engine.close()


def test_a_run_tells_its_outputs_lines_and_recording(driver: Driver) -> None:
    recording = driver.run_to_end(CHAIN_RULE_TEXT + "x.grad\n")
    assert [output.text for output in driver.outputs] == ["tensor(3.)"]
    assert driver.lines[-1] == 9
    assert recording.status is RunStatus.OK
    assert driver.states[-2:] == [EngineState.BUSY, EngineState.READY]


def test_a_second_run_has_to_wait_for_the_first(driver: Driver) -> None:
    driver.begin(LOOP)
    assert driver.run("1") == 0
    driver.engine.stop()
    driver.wait_until_ready()
    assert driver.run("1") > 0


def test_stop_ends_a_loop_and_keeps_what_was_recorded(driver: Driver) -> None:
    driver.begin(CHAIN_RULE_TEXT + LOOP)
    driver.engine.stop()
    assert driver.engine.state is EngineState.STOPPING
    driver.wait_until(lambda: bool(driver.recordings))
    assert driver.recordings[0].status is RunStatus.LIMITED
    assert len(driver.recordings[0].passes) == 1
    assert not driver.failures
    assert driver.run_to_end("1").status is RunStatus.OK


def test_a_run_that_heard_the_interrupt_gets_time_to_complete_its_recording(
    driver: Driver,
) -> None:
    seconds = 2 * STOP_PATIENCE_MS / 1000
    text = (
        "import time\ndef work():\n    try:\n        print('begun')\n"
        "        while True: pass\n"
        f"    except KeyboardInterrupt:\n        time.sleep({seconds})\n"
        "        print('tidied up')\nwork()\n"
    )
    driver.run(text)
    driver.wait_until(lambda: bool(driver.outputs))
    driver.engine.stop()
    driver.wait_until(lambda: bool(driver.recordings or driver.failures))
    assert not driver.failures
    assert driver.outputs[-1].text == "tidied up"


def test_a_run_that_heard_the_interrupt_and_goes_on_is_not_told_that_it_cannot_be_interrupted(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "COMPLETION_PATIENCE_MS", 200)
    driver.run(
        "import time\ntry:\n    print('begun')\n    while True: pass\n"
        "except KeyboardInterrupt:\n    time.sleep(600)\n"
    )
    driver.wait_until(lambda: bool(driver.outputs))
    driver.engine.stop()
    driver.wait_until(lambda: bool(driver.failures))
    assert driver.lines
    assert driver.failures == ["Stopped. The engine did not respond and was replaced."]
    driver.wait_until_ready()


def test_the_spare_takes_over_from_a_native_operation(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver(spare=True)
    driver.wait_for_spare()
    driver.begin(NATIVE)
    stopped = time.monotonic()
    driver.engine.stop()
    driver.wait_until_ready()
    # The promise is 1 s; this only tells a spare from a worker that starts anew.
    assert EngineState.STARTING not in driver.states[driver.states.index(EngineState.STOPPING) :]
    assert time.monotonic() - stopped < 30
    (sentence,) = driver.failures
    assert "line 3" in sentence
    assert not driver.recordings
    assert driver.run_to_end("1").status is RunStatus.OK
    driver.wait_for_spare()


def test_without_a_spare_another_worker_is_started(driver: Driver) -> None:
    driver.begin(NATIVE)
    driver.engine.stop()
    driver.wait_until(lambda: EngineState.STARTING in driver.states)
    driver.wait_until_ready()
    assert driver.run_to_end("1").status is RunStatus.OK


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import os\nos._exit(7)", "with status 7"),
        ("import os\nos.abort()", "SIGABRT"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "memory ran out"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_death_is_told_with_its_line_and_another_worker_comes(
    driver: Driver, text: str, says: str
) -> None:
    driver.run(text)
    driver.wait_until(lambda: bool(driver.deaths))
    assert says in driver.deaths[0]
    assert "line 2" in driver.deaths[0]
    assert EngineState.DEAD in driver.states
    driver.wait_until_ready()
    assert driver.run_to_end("1").status is RunStatus.OK
    assert len(driver.deaths) == 1


def test_an_idle_worker_that_is_killed_is_replaced(driver: Driver) -> None:
    assert driver.engine._worker is not None
    psutil.Process(driver.engine._worker.client.pid).kill()
    driver.wait_until(lambda: bool(driver.deaths))
    assert "line" not in driver.deaths[0]
    driver.wait_until_ready()
    assert driver.run_to_end("1").status is RunStatus.OK


def test_a_worker_that_cannot_start_is_tried_twice_and_told(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(
        "gradviz.worker.client.own_environment",
        lambda: dict(os.environ) | {"PYTHONPATH": str(tmp_path)},
    )
    with open(f"{tmp_path}/torch.py", "w", encoding="utf-8") as module:  # noqa: PTH123
        module.write("raise ImportError('no torch here')\n")
    engine = Engine(spare=False)
    driver = Driver(engine, qtbot)
    try:
        engine.start()
        driver.wait_until(lambda: len(driver.deaths) == 2)
        assert driver.deaths[0] == "PyTorch could not be imported: no torch here"
        assert engine.state is EngineState.DEAD
        assert engine._worker is None
    finally:
        engine.close()


def test_a_forced_restart_makes_it_ready_again(driver: Driver) -> None:
    driver.begin(NATIVE)
    driver.engine.force_restart()
    driver.wait_until_ready()
    assert driver.run_to_end("1").status is RunStatus.OK
    assert not driver.recordings[:-1]
    assert not driver.deaths


def test_answers_of_a_replaced_run_are_dropped(driver: Driver) -> None:
    driver.begin("print('old')\n" + LOOP)
    driver.outputs.clear()
    driver.engine.force_restart()
    driver.wait_until_ready()
    driver.run_to_end("print('new')")
    assert [output.text for output in driver.outputs] == ["new"]
    assert len(driver.recordings) == 1


def test_the_window_stays_fluid_during_a_flood_and_stop_works(driver: Driver, qtbot: QtBot) -> None:
    driver.run("while True: print('flood')")
    driver.wait_until(lambda: len(driver.outputs) > 1000)
    driver.engine.stop()
    driver.wait_until_ready()
    assert driver.run_to_end("1").status is RunStatus.OK


def test_values_are_fetched_and_those_of_another_worker_are_gone(driver: Driver) -> None:
    recording = driver.run_to_end("import torch\nx = torch.arange(10_000.)\n")
    x = next(tensor for tensor in recording.tensors if tensor.name == "x")
    assert x.value is not None
    driver.engine.fetch_value(FetchValue(value=x.value, start=(9998,), statistics=True))
    driver.wait_until(lambda: len(driver.values) == 1)
    assert driver.values[0].shape == (2,)
    assert driver.values[0].statistics is not None
    driver.engine.force_restart()
    driver.wait_until_ready()
    driver.engine.fetch_value(FetchValue(value=x.value))
    driver.wait_until(lambda: len(driver.values) == 2)
    assert driver.values[1].problem


def test_devices_are_listed(driver: Driver, qtbot: QtBot) -> None:
    with qtbot.waitSignal(driver.engine.devices_listed, timeout=PATIENCE_MS) as listed:
        driver.engine.list_devices()
    assert listed.args[0].devices[0].name == "cpu"


def test_timing_makes_it_busy_and_can_be_stopped(driver: Driver, qtbot: QtBot) -> None:
    request = TimeParts(
        text="import torch\nx = torch.ones(3)\nx + 1\n",
        parts=(TimedPart.STATEMENT,),
        devices=("cpu",),
        line=3,
        min_seconds=600.0,
        max_seconds=600.0,
    )
    with qtbot.waitSignal(driver.engine.timing_progressed, timeout=PATIENCE_MS):
        assert driver.engine.time_parts(request)
    assert driver.engine.state is EngineState.BUSY
    driver.engine.stop()
    driver.wait_until(lambda: bool(driver.timings))
    assert driver.timings[0].timing.stopped
    assert driver.engine.state is EngineState.READY


def test_closing_during_a_native_operation_is_quick_and_leaves_no_process(
    make_driver: Callable[..., Driver],
) -> None:
    driver = make_driver(spare=True)
    driver.wait_for_spare()
    workers = [driver.engine._worker, driver.engine._spare]
    processes = [psutil.Process(worker.client.pid) for worker in workers if worker is not None]
    driver.begin(NATIVE)
    told = len(driver.states)
    started = time.monotonic()
    driver.engine.close()
    assert time.monotonic() - started < 2
    _gone, alive = psutil.wait_procs(processes, timeout=PATIENCE_MS / 1000)
    assert not alive
    driver.qtbot.wait(50)
    assert len(driver.states) == told
    assert not driver.deaths


def test_nothing_is_kept_ready_where_memory_is_short(
    make_driver: Callable[..., Driver], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def little() -> SimpleNamespace:
        asked.append(True)
        return SimpleNamespace(available=engine_module.SPARE_NEEDS_NBYTES)

    monkeypatch.setattr(engine_module.psutil, "virtual_memory", little)
    driver = make_driver(spare=True)
    driver.wait_until(lambda: bool(asked))
    assert driver.engine._spare is None


def test_a_request_without_a_process_fails_with_a_sentence(qtbot: QtBot) -> None:
    engine = Engine()
    driver = Driver(engine, qtbot)
    assert engine.list_devices() == 0
    assert "not running" in driver.failures[0]
    engine.stop()
    engine.close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_worker_that_hangs_does_not_block_closing(make_driver: Callable[..., Driver]) -> None:
    driver = make_driver()
    assert driver.engine._worker is not None
    os.kill(driver.engine._worker.client.pid, signal.SIGSTOP)
    started = time.monotonic()
    driver.engine.close()
    assert time.monotonic() - started < 2


def test_a_recording_too_large_to_show_is_a_sentence_and_the_next_run_is_shown(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as small:
        small.setattr(capacity, "MAX_SHOWN", 3)
        count = len(driver.recordings)
        assert driver.run(CHAIN_RULE_TEXT)
        driver.wait_until(lambda: bool(driver.failures))
    assert "the window shows at most 3:" in driver.failures[0]
    assert len(driver.recordings) == count
    assert driver.engine.state is EngineState.READY
    assert driver.run_to_end(CHAIN_RULE_TEXT).status is RunStatus.OK
