"""Read regular files of bounded size, and replace files atomically."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO, Final

import platformdirs

from gradviz.errors import GradvizError

RECORDING_SUFFIX: Final = ".gradviz"


def own_folder(name: str) -> Path:
    """Where gradviz keeps something of its own on this machine; it may be still to be made."""
    return Path(platformdirs.user_data_dir("gradviz", appauthor=False)) / name


def read_bounded(path: Path, max_nbytes: int) -> bytes:
    """Read all bytes of a regular file of at most `max_nbytes`.

    Raises GradvizError with a sentence that names the file.
    """
    with open_bounded(path, max_nbytes) as stream:
        try:
            # The file may grow between the two calls.
            content = stream.read(max_nbytes + 1)
        except OSError as error:
            raise GradvizError(_sentence("read", path, error)) from error
    if len(content) > max_nbytes:
        raise _too_large(path, max_nbytes)
    return content


def open_bounded(path: Path, max_nbytes: int) -> BinaryIO:
    """Open a regular file of at most `max_nbytes` for reading.

    Opened without blocking, so that a pipe or a device given by mistake is refused at once.
    Raises GradvizError with a sentence that names the file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_NOCTTY", 0))
    except (OSError, ValueError) as error:
        raise GradvizError(_sentence("opened", path, error)) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not an ordinary file"
        raise GradvizError(f"{path} cannot be opened: it is {kind}.")
    if status.st_size > max_nbytes:
        os.close(descriptor)
        raise _too_large(path, max_nbytes)
    return os.fdopen(descriptor, "rb")


def _too_large(path: Path, max_nbytes: int) -> GradvizError:
    return GradvizError(
        f"{path} cannot be opened: it is larger than {max_nbytes >> 20} MiB, which no gradviz "
        "document is."
    )


def replace_file(path: Path, content: bytes, *, waits_for_disk: bool = True) -> None:
    """Write a file atomically: at every moment it is the complete old or new one.

    A symbolic link stays a link, and the file keeps its permissions. Without `waits_for_disk` it
    outlives the program, but perhaps not a failure of power.
    Raises GradvizError with a sentence that names the file.
    """
    target = Path(os.path.realpath(path))
    sibling: str | None = None
    try:
        descriptor, sibling = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            if waits_for_disk:
                os.fsync(descriptor)
        Path(sibling).chmod(_mode_for(target))
        Path(sibling).replace(target)
    except (OSError, ValueError) as error:
        if sibling is not None:
            with contextlib.suppress(OSError):
                Path(sibling).chmod(stat.S_IWRITE)  # Windows deletes nothing that is read-only
                Path(sibling).unlink()
        raise GradvizError(_sentence("written", path, error)) from error


def _mode_for(target: Path) -> int:
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sentence(done: str, path: Path, error: OSError | ValueError) -> str:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"{path} cannot be {done}: {reason}."
