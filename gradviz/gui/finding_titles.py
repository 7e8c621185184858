"""What each kind of finding is called in the window."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QCoreApplication

from gradviz.recording.diagnostics import FindingKind, Severity


def finding_title(kind: FindingKind) -> str:
    """A few words over a finding's sentence."""
    translate = QCoreApplication.translate
    match kind:
        case FindingKind.FORWARD_NOT_FINITE:
            return translate("Findings", "NaN or Inf in forward")
        case FindingKind.BACKWARD_NOT_FINITE:
            return translate("Findings", "NaN or Inf in backward")
        case FindingKind.NO_GRAPH:
            return translate("Findings", "Nothing to differentiate")
        case FindingKind.GRAD_IS_NONE:
            return translate("Findings", "Why .grad is None")
        case FindingKind.PARAMETER_WITHOUT_GRADIENT:
            return translate("Findings", "Parameter without gradient")
        case FindingKind.NOT_CLEARED:
            return translate("Findings", "Gradients added up")
        case FindingKind.IDLE_STEP:
            return translate("Findings", "Optimizer step without gradients")
        case FindingKind.NOT_UPDATED:
            return translate("Findings", "Gradients without an optimizer")
        case FindingKind.KEPT_GRAPH:
            return translate("Findings", "Graphs kept alive")
        case FindingKind.IN_PLACE:
            return translate("Findings", "Changed in place")
        case FindingKind.SILENT_WRITE:
            return translate("Findings", "Wrong gradient after .data")
        case FindingKind.REDRAWN:
            return translate("Findings", "Checkpoint with other random numbers")
        case FindingKind.BACKWARD_TWICE:
            return translate("Findings", "Backward a second time")
        case FindingKind.DEAD_RELU:
            return translate("Findings", "Dead ReLU")
        case FindingKind.ZERO_GRADIENT:
            return translate("Findings", "Gradient of zeros only")
        case FindingKind.LOSS_INPUT:
            return translate("Findings", "What the loss was given")
        case FindingKind.VANISHING:
            return translate("Findings", "Vanishing gradients")
        case FindingKind.EXPLODING:
            return translate("Findings", "Exploding gradients")
        case FindingKind.MOVED_LEAF:
            return translate("Findings", "Moved, not a leaf")
        case FindingKind.BROADCAST:
            return translate("Findings", "Unintended broadcast")
        case FindingKind.CONSTANT_TERM:
            return translate("Findings", "Loss term without gradient")
        case FindingKind.SAVED_MEMORY:
            return translate("Findings", "Memory for backward")
        case FindingKind.VERIFIED:
            return translate("Findings", "Checked gradients")
        case _:
            assert_never(kind)


def severity_word(severity: Severity) -> str:
    """How a severity is read aloud."""
    translate = QCoreApplication.translate
    match severity:
        case Severity.ERROR:
            return translate("Findings", "Error")
        case Severity.WARNING:
            return translate("Findings", "Warning")
        case Severity.NOTE:
            return translate("Findings", "Note")
        case _:
            assert_never(severity)
