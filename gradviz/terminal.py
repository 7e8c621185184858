"""What the terminal commands share: exit statuses, messages and reading documents."""

from __future__ import annotations

import sys
from enum import IntEnum
from pathlib import Path
from typing import Final

from gradviz.documents.expression_file import (
    ExpressionFile,
    decode_expression,
    read_expression_file,
)
from gradviz.documents.files import RECORDING_SUFFIX
from gradviz.documents.notebook import read_notebook
from gradviz.errors import GradvizError

UNTRUSTED: Final = (
    "{} is not run: it would have full access to your account. "
    "Look at what it does, then give --trust."
)


class ExitStatus(IntEnum):
    """The exit statuses of the command."""

    OK = 0
    RAISED = 1
    DIFFERENT = 1
    """As `diff` says it."""
    USAGE = 2
    REFUSED = 3
    LIMITED = 4
    INTERRUPTED = 130
    """As shells say it: 128 and the number of SIGINT."""


def say(message: str) -> None:
    """Print a message, which is not a result, to standard error."""
    if sys.stderr is not None:  # as it is under Windows' pythonw, which has no terminal
        sys.stderr.write(message + "\n")
        sys.stderr.flush()


def read_document(path: Path) -> ExpressionFile:
    """The expression file or notebook; raises GradvizError where it cannot be read or run."""
    if path.suffix.lower() == RECORDING_SUFFIX:
        raise GradvizError(f"{path} is a recording, which holds no more to be timed.")
    if path.suffix.lower() == ".ipynb":
        return decode_expression(read_notebook(path).encode("utf-8", errors="replace"))
    document = read_expression_file(path)
    if document.problem:
        say(f"{path}: {document.problem}")
    return document
