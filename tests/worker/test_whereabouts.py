"""A document runs as `python document.py` would in its folder."""

from __future__ import annotations

import sys
from pathlib import Path

from gradviz.recording.model import OutputKind, RunStatus
from gradviz.recording.timing import TimedPart
from gradviz.worker.messages import Run, RunFinished, TimeParts, TimingFinished
from tests.worker.peer import Peer

_TEXT = """\
import sys, os, torch
import neighbour
print(open("data.csv").read().strip(), neighbour.ANSWER, sys.argv, os.getcwd())
x = torch.ones(2)
y = x + neighbour.ANSWER
"""


def _document(folder: Path) -> Path:
    folder.mkdir()
    (folder / "data.csv").write_text("1,2\n")
    (folder / "neighbour.py").write_text("ANSWER = 1\n")
    path = folder / "document.py"
    path.write_text(_TEXT)
    return path


def _printed(peer: Peer, request: Run) -> list[str]:
    recording = peer.ask(request, RunFinished).recording
    assert recording.status is RunStatus.OK, recording.error
    return [one.text for one in recording.outputs if one.kind is OutputKind.PRINT]


def test_a_document_reads_and_imports_what_lies_beside_it(peer: Peer, tmp_path: Path) -> None:
    path = _document(tmp_path / "folder")
    request = Run(text=_TEXT, filename=str(path), folder=str(path.parent))
    assert _printed(peer, request) == [f"1,2 1 {[str(path)]} {path.parent}"]
    # A neighbour that was edited since is read anew.
    (path.parent / "neighbour.py").write_text("ANSWER = 42  # longer\n")
    assert _printed(peer, request) == [f"1,2 42 {[str(path)]} {path.parent}"]
    timing = peer.ask(
        TimeParts(
            text=_TEXT,
            folder=str(path.parent),
            parts=(TimedPart.STATEMENT,),
            devices=("cpu",),
            line=5,
            min_seconds=0.01,
        ),
        TimingFinished,
    )
    assert timing.error is None
    assert timing.timing.measurements


def test_the_next_document_runs_elsewhere(peer: Peer, tmp_path: Path) -> None:
    path = _document(tmp_path / "folder")
    _printed(peer, Run(text=_TEXT, filename=str(path), folder=str(path.parent)))
    text = "import os, sys, importlib.util\nprint(os.getcwd(), sys.argv)\n"
    text += "print(importlib.util.find_spec('neighbour'))\n"
    assert _printed(peer, Run(text=text, filename="untitled.py")) == [
        f"{Path.cwd()} ['untitled.py']",
        "None",
    ]


def test_the_command_stays_where_it_was_started(peer: Peer, tmp_path: Path) -> None:
    path = _document(tmp_path / "folder")
    text = "import os, neighbour, torch\nprint(os.getcwd(), neighbour.ANSWER)\n"
    assert _printed(peer, Run(text=text, filename=str(path))) == [f"{Path.cwd()} 1"]


def test_modules_of_an_environment_in_the_folder_stay(peer: Peer, tmp_path: Path) -> None:
    path = _document(tmp_path / "folder")
    package = path.parent / ".venv" / "lib" / "site-packages" / "installed.py"
    package.parent.mkdir(parents=True)
    package.write_text("import random\nTOKEN = random.random()\n")
    text = f"import sys\nsys.path.append({str(package.parent)!r})\n"
    text += "import installed\nprint(installed.TOKEN)\n"
    request = Run(text=text, filename=str(path), folder=str(path.parent))
    assert _printed(peer, request) == _printed(peer, request)
    assert str(package.parent) not in sys.path
