from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.documents.drafts import Draft, DraftStore
from gradviz.errors import GradvizError

_KEEP_AND_DIE = """\
import os, sys
from pathlib import Path
from gradviz.documents.drafts import Draft, DraftStore
DraftStore(Path(sys.argv[1])).keep(Draft(text=sys.argv[2], name="a.py", path=sys.argv[3]))
os.kill(os.getpid(), 9)
"""


def _leave_behind(folder: Path, text: str, path: str = "") -> None:
    subprocess.run([sys.executable, "-c", _KEEP_AND_DIE, str(folder), text, path], check=False)


def test_a_draft_of_a_process_that_was_killed_is_taken_over_once(tmp_path: Path) -> None:
    _leave_behind(tmp_path, "x = 1  # ñ", "/home/ana/a.py")
    store = DraftStore(tmp_path)
    draft = store.take_over(None)
    assert draft is not None
    assert (draft.text, draft.name, draft.path) == ("x = 1  # ñ", "a.py", "/home/ana/a.py")
    assert store.take_over(None) is None
    # It is this process's now, and goes with what that saves.
    assert len(list(tmp_path.iterdir())) == 1
    store.forget()
    assert list(tmp_path.iterdir()) == []


def test_the_newest_comes_first_and_that_of_the_asked_file(tmp_path: Path) -> None:
    for text, path in (("old", "/a.py"), ("new", "/b.py")):
        _leave_behind(tmp_path, text, path)
    first, second = DraftStore(tmp_path), DraftStore(tmp_path)
    asked = first.take_over(Path("/a.py"))
    assert asked is not None
    assert asked.text == "old"
    first.forget()
    newest = second.take_over(None)
    assert newest is not None
    assert newest.text == "new"


def test_drafts_of_running_programs_and_nonsense_are_left_alone(tmp_path: Path) -> None:
    DraftStore(tmp_path).keep(Draft(text="mine", name="a.py"))
    (tmp_path / "1-0.json").write_text("{}")
    (tmp_path / "nonsense.json").write_bytes(b"\xff")
    assert DraftStore(tmp_path).take_over(None) is None


def test_a_draft_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GradvizError, match="cannot be written"):
        DraftStore(tmp_path / "file").keep(Draft(text="x", name="a.py"))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
