"""Stand-ins for the engine and for the questions that a window asks."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gradviz.documents.drafts import DraftStore
from gradviz.documents.trust import TrustStore
from gradviz.gui.dialogs import Unsaved
from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.languages import Languages
from gradviz.gui.main_window import MainWindow
from gradviz.gui.session import RunSettings, Session
from gradviz.gui.settings import Settings
from gradviz.gui.style import Appearance
from gradviz.recording.changes import Change
from gradviz.recording.model import Recording
from gradviz.worker.messages import Ready


class FakeEngine(QObject):
    """Does nothing by itself; a test says what the engine tells."""

    state_changed = Signal(object)
    ready = Signal(object)
    output_added = Signal(object)
    line_reached = Signal(int)
    gradients_verified = Signal(object)
    run_compared = Signal(object)
    run_finished = Signal(object)
    value_fetched = Signal(object)
    completed = Signal(object)
    devices_listed = Signal(object)
    machine_sampled = Signal(object)
    timing_progressed = Signal(object)
    timing_finished = Signal(object)
    request_failed = Signal(str)
    died = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.state = EngineState.DEAD
        self.torch_version = ""
        self.runs: list[tuple[str, str, RunSettings]] = []
        self.calls: list[str] = []
        self.asked_to_complete: list[tuple[str, tuple[str, ...], bool]] = []
        self.folder = ""
        self.watched = 0.0
        self.changes: tuple[Change, ...] = ()
        self.verify = False
        self.beside = 0
        self.shown_run = 0

    def start(self) -> None:
        self.calls.append("start")
        self.become(EngineState.STARTING)

    def run(
        self,
        text: str,
        *,
        filename: str,
        settings: RunSettings,
        changes: tuple[Change, ...] = (),
        verify: bool = False,
        beside: int = 0,
    ) -> int:
        self.beside = beside
        self.runs.append((text, filename, settings))
        self.changes, self.verify = changes, verify
        self.become(EngineState.BUSY)
        return len(self.runs)

    def stop(self) -> None:
        self.calls.append("stop")
        self.become(EngineState.STOPPING)

    def force_restart(self) -> None:
        self.calls.append("force_restart")
        self.become(EngineState.STARTING)

    def watch_machine(self, seconds: float) -> None:
        self.watched = seconds

    def complete(self, expression: str, imports: tuple[str, ...], wants_signature: bool) -> int:
        if self.state is not EngineState.READY:
            return 0
        self.asked_to_complete.append((expression, imports, wants_signature))
        return len(self.asked_to_complete)

    def list_devices(self) -> int:
        return 1

    def fetch_value(self, _request: object) -> int:
        return 1

    def recompute(self, _value: object) -> int:
        return 1

    def forget_run(self) -> None:
        self.calls.append("forget_run")

    def show_run(self, number: int) -> None:
        self.calls.append(f"show_run {number}")

    def time_parts(self, _request: object) -> int:
        return 1

    def close(self) -> None:
        self.calls.append("close")

    def become(self, state: EngineState) -> None:
        self.state = state
        self.state_changed.emit(state)

    def become_ready(self) -> None:
        self.torch_version = "2.13.0"
        self.become(EngineState.READY)
        self.ready.emit(Ready(torch="2.13.0", seconds=1.0))

    def finish(self, recording: Recording) -> None:
        self.become(EngineState.READY)
        self.run_finished.emit(recording)

    @property
    def last_text(self) -> str:
        return self.runs[-1][0]


class FakeDialogs:
    """Answers as a test has set it, and remembers what was asked."""

    def __init__(self) -> None:
        self.unsaved = Unsaved.CANCEL
        self.to_open: tuple[Path, ...] = ()
        self.to_save: Path | None = None
        self.trusts = False
        self.overwrites = False
        self.asked: list[str] = []
        self.problems: list[str] = []

    def ask_unsaved(self, name: str) -> Unsaved:
        self.asked.append(f"unsaved {name}")
        return self.unsaved

    def choose_open(self, folder: Path) -> tuple[Path, ...]:
        self.asked.append("open")
        return self.to_open

    def choose_save(self, suggested: Path) -> Path | None:
        self.asked.append(f"save {suggested.name}")
        return self.to_save

    def choose_save_recording(self, suggested: Path) -> Path | None:
        self.asked.append(f"save recording {suggested.name}")
        return self.to_save

    def choose_recording(self, folder: Path) -> Path | None:
        self.asked.append("recording")
        return self.to_open[0] if self.to_open else None

    def choose_export(self, suggested: Path, *, for_steps: bool) -> Path | None:
        self.asked.append(f"export {suggested.name}")
        return self.to_save

    def choose_picture(self, suggested: Path) -> Path | None:
        self.asked.append(f"picture {suggested.name}")
        return self.to_save

    def ask_overwrite(self, name: str) -> bool:
        self.asked.append(f"overwrite {name}")
        return self.overwrites

    def ask_trust(self, name: str) -> bool:
        self.asked.append(f"trust {name}")
        return self.trusts

    def tell_problem(self, sentence: str) -> None:
        self.problems.append(sentence)


def build_window(
    engine: FakeEngine | Engine,
    dialogs: FakeDialogs,
    folder: Path,
    languages: Languages | None = None,
) -> MainWindow:
    """A window that trusts and keeps drafts in `folder`."""
    return MainWindow(
        Session(),
        engine,  # type: ignore[arg-type]
        Appearance(),
        Settings(),
        languages=languages,
        dialogs=dialogs,
        trust=TrustStore(folder / "trusted"),
        drafts=DraftStore(folder / "drafts"),
    )
