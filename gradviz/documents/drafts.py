"""Keep unsaved text on disk while it is edited, so that it outlives the program.

Each process has one draft, named after it. One whose process is gone was left behind by a program
that was killed; whoever takes it over owns it from then on.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import msgspec
import psutil

from gradviz.documents.expression_file import MAX_NBYTES
from gradviz.documents.files import own_folder, read_bounded, replace_file
from gradviz.errors import GradvizError

# As JSON, a character of a text may take six bytes.
_MAX_NBYTES: Final = 6 * MAX_NBYTES + (1 << 20)
_SAME_START_SECONDS: Final = 2.0


class Draft(msgspec.Struct, frozen=True):
    """Text that was not saved.

    `path` is the file that it belongs to, empty where it was never saved; `name` what the window
    called it; `is_trusted` says that it may run without a question; `seconds` when it was kept,
    since the epoch.
    """

    text: str
    name: str
    path: str = ""
    is_trusted: bool = False
    seconds: float = 0.0


class DraftStore:
    """The drafts of this machine's processes."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = own_folder("drafts") if folder is None else folder
        started = psutil.Process().create_time()
        self._own = self._folder / f"{os.getpid()}-{started:.0f}.json"

    def keep(self, draft: Draft) -> None:
        """Keep this process's draft in place of the one before.

        Raises GradvizError where it cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise GradvizError(f"{self._folder} cannot be written: {error.strerror}.") from error
        draft = msgspec.structs.replace(draft, seconds=time.time())
        # A program that is killed loses nothing that the system has taken over.
        replace_file(self._own, msgspec.json.encode(draft), waits_for_disk=False)

    def forget(self) -> None:
        """Drop the draft: nothing of this process is unsaved."""
        try:
            self._own.unlink(missing_ok=True)
        except OSError:
            return

    def take_over(self, path: Path | None) -> Draft | None:
        """The newest draft that was left behind, of a certain file where one is given.

        It becomes this process's own.
        """
        found = [(draft, file) for file, draft in self._left_behind()]
        found.sort(key=lambda one: one[0].seconds, reverse=True)
        for draft, file in found:
            if path is not None and draft.path != str(path.absolute()):
                continue
            try:
                # Of two windows that start at once only one succeeds.
                file.rename(self._own)
            except OSError:
                continue
            return draft
        return None

    def count_left_behind(self) -> int:
        """How many drafts still wait to be taken over."""
        return len(self._left_behind())

    def _left_behind(self) -> list[tuple[Path, Draft]]:
        drafts = []
        for file in sorted(self._folder.glob("*.json")):
            if file == self._own or _is_running(file.stem):
                continue
            try:
                content = read_bounded(file, _MAX_NBYTES)
                drafts.append((file, msgspec.json.decode(content, type=Draft)))
            except (GradvizError, msgspec.DecodeError, UnicodeDecodeError):
                continue
        return drafts


def _is_running(name: str) -> bool:
    number, _, started = name.partition("-")
    try:
        found = psutil.Process(int(number)).create_time()
        return abs(found - float(started)) < _SAME_START_SECONDS
    except (ValueError, OverflowError, psutil.NoSuchProcess):
        return False
    except psutil.AccessDenied:  # somebody else's process: the number was given again
        return False
