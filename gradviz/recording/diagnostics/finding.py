"""What a finding is: one sentence, how much it matters, and where to look."""

from __future__ import annotations

from enum import Enum

import msgspec

from gradviz.recording.model import Item


class Severity(Enum):
    """How much a finding matters; in the order in which findings are listed."""

    ERROR = "error"
    """A result is wrong or missing."""
    WARNING = "warning"
    """Most people would not want this."""
    NOTE = "note"
    """Worth knowing, and often meant so."""


class FindingKind(Enum):
    """Search results."""

    FORWARD_NOT_FINITE = "forward-not-finite"
    BACKWARD_NOT_FINITE = "backward-not-finite"
    NO_GRAPH = "no-graph"
    GRAD_IS_NONE = "grad-is-none"
    PARAMETER_WITHOUT_GRADIENT = "parameter-without-gradient"
    NOT_CLEARED = "not-cleared"
    IDLE_STEP = "idle-step"
    NOT_UPDATED = "not-updated"
    KEPT_GRAPH = "kept-graph"
    IN_PLACE = "in-place"
    SILENT_WRITE = "silent-write"
    REDRAWN = "redrawn"
    BACKWARD_TWICE = "backward-twice"
    DEAD_RELU = "dead-relu"
    ZERO_GRADIENT = "zero-gradient"
    LOSS_INPUT = "loss-input"
    VANISHING = "vanishing"
    EXPLODING = "exploding"
    MOVED_LEAF = "moved-leaf"
    BROADCAST = "broadcast"
    CONSTANT_TERM = "constant-term"
    SAVED_MEMORY = "saved-memory"
    VERIFIED = "verified"
    """The person asked for the gradients to be checked."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was found.

    `template` is an English sentence with named fields that `parameters` fill; a window
    translates the template. `hint` is another one, on the cause and what helps, where that is
    known. `item`, `line` and `playhead` are where to look, each None where there is no such place.
    """

    kind: FindingKind
    severity: Severity
    template: str
    parameters: dict[str, str]
    hint: str = ""
    item: Item | None = None
    line: int | None = None
    playhead: int | None = None

    @property
    def sentence(self) -> str:
        """The sentence in English, and the hint."""
        return f"{self.template} {self.hint}".rstrip().format(**self.parameters)

    def __repr__(self) -> str:
        place = "" if self.line is None else f" on line {self.line}"
        return f"<{self.severity.value}{place}: {self.sentence}>"


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Mark a text for Qt's translators, who know this name, and give it back unchanged."""
    return text
