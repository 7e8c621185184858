"""How large a recording may be for the window, and what it says of a larger one."""

from __future__ import annotations

from typing import Final

from gradviz.recording.model import Recording

MAX_SHOWN: Final = 300_000
"""Operations, or steps of all passes: with 100,000 the window holds 0.7 GiB, with a million
it held 4.3 GiB and stood still for a minute."""


def refusal(recording: Recording) -> str:
    """Why the window does not show this recording; empty where it does."""
    steps = sum(len(pass_.steps) for pass_ in recording.passes)
    count = max(len(recording.ops), len(recording.autograd_nodes), steps)
    if count <= MAX_SHOWN:
        return ""
    return (
        f"This recording has {count} operations or steps, and the window shows at most "
        f"{MAX_SHOWN}: make the text do less, for example one iteration of its loop, or query "
        f"the recording in Python with gradviz.record() and gradviz.load()."
    )
