"""The sentences that say why `.grad` is None."""

from __future__ import annotations

from typing import Final

from gradviz.recording.diagnostics.cuts import Reason
from gradviz.recording.diagnostics.finding import QT_TRANSLATE_NOOP

CUTS: Final = {
    Reason.DETACH: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because .detach() on line {line} ({op}) cut it off.",
    ),
    Reason.DATA: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because .data on line {line} ({op}) cut it off.",
    ),
    Reason.NO_GRAD: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because line {line} ({op}) ran while gradients were off"
        " (torch.no_grad or inference mode).",
    ),
    Reason.INTEGER: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because {op} on line {line} makes integers or booleans, which "
        "have no gradient.",
    ),
    Reason.COPY: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because {op} on line {line} copies numbers into a new tensor, "
        "which knows nothing of where they came from (requires_grad=True does not change that). "
        "Leave it out, or join tensors with torch.stack.",
    ),
    Reason.EXIT: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because {op} on line {line} leaves PyTorch: what is computed "
        "from a plain number or array has no gradient.",
    ),
    Reason.GRADIENT: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because the gradient on line {line} was computed without "
        "create_graph=True.",
    ),
    Reason.CHECKPOINT: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because {op} on line {line} was given nothing that requires grad: "
        "such a checkpoint then computes without gradients. use_reentrant=False has them.",
    ),
    Reason.LATE: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because line {line} ({op}) ran before requires_grad was set.",
    ),
    Reason.OTHER: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because {op} on line {line} cannot be differentiated.",
    ),
}
UNUSED: Final = QT_TRANSLATE_NOOP(
    "Findings", "{tensor}: .grad is None because nothing was computed from it."
)
UNREACHED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because {roots}, which backward started from, does not depend on it.",
)
NOT_ASKED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because it is not among the inputs that backward was asked for.",
)
UNDEFINED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because what was computed from it sent no gradient back.",
)
NO_BACKWARD: Final = QT_TRANSLATE_NOOP(
    "Findings", "{tensor}: .grad is None because no backward ran."
)
AFTERWARDS: Final = QT_TRANSLATE_NOOP(
    "Findings", "{tensor}: .grad is None because it was made after the last backward."
)
ONLY_RETURNED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because torch.autograd.grad returns gradients and leaves .grad alone.",
)
FAILED: Final = QT_TRANSLATE_NOOP(
    "Findings", "{tensor}: .grad is None because backward failed before it reached it."
)
NOT_A_LEAF: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because it is not a leaf, and only leaves keep their gradient; call "
    ".retain_grad() on it before backward.",
)
RETAINED_LATE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None: .retain_grad() was called after backward (call it before), or .grad"
    " was cleared since.",
)
MADE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because {op} on line {line} made it from the leaf that requires "
    "grad: compute first, then call .requires_grad_().",
)
REPLACED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because {op} on line {line} gave this name to a result, which is "
    "not a leaf: the gradient is in .grad of the leaf that had this name before.",
)
UPDATED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because {op} on line {line} gave this name to a result, which is "
    "not a leaf: update the leaf in place, under torch.no_grad().",
)
UNWATCHED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because they were used only while gradients were off (torch.no_grad "
    "or inference mode), first on line {line} ({op}).",
)
MOVED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because {op} on line {line} made it from the leaf that requires "
    "grad: move or convert first, then set requires_grad.",
)
NOT_REQUIRED: Final = QT_TRANSLATE_NOOP(
    "Findings", "{tensor}: .grad is None because it does not require grad."
)

OF_SEVERAL: Final = {
    CUTS[Reason.DETACH]: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because .detach() on line {line} ({op}) cut them off.",
    ),
    CUTS[Reason.DATA]: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because .data on line {line} ({op}) cut them off.",
    ),
    UNUSED: QT_TRANSLATE_NOOP(
        "Findings", "{tensor}: .grad is None because nothing was computed from them."
    ),
    UNREACHED: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because {roots}, which backward started from, does not depend on"
        " them.",
    ),
    NOT_ASKED: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because they are not among the inputs that backward was asked"
        " for.",
    ),
    UNDEFINED: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because what was computed from them sent no gradient back.",
    ),
    AFTERWARDS: QT_TRANSLATE_NOOP(
        "Findings", "{tensor}: .grad is None because they were made after the last backward."
    ),
    FAILED: QT_TRANSLATE_NOOP(
        "Findings", "{tensor}: .grad is None because backward failed before it reached them."
    ),
    NOT_A_LEAF: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because they are not leaves, and only leaves keep their "
        "gradient; call .retain_grad() on them before backward.",
    ),
    NOT_REQUIRED: QT_TRANSLATE_NOOP(
        "Findings", "{tensor}: .grad is None because they do not require grad."
    ),
}
"""What is said of several tensors that share a reason, where it differs."""
