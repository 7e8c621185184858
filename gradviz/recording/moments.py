"""In which order the steps of all passes were executed, nested ones inside the step that ran them.

Passes are recorded in the order in which they began. One that was called while a step of another
ran (a checkpointed segment, a backward of its own in a custom Function) took place inside that
step: all of its steps were executed before the outer step had ended.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from gradviz.recording.model import Pass, Recording
from gradviz.recording.per_recording import PerRecording

if TYPE_CHECKING:
    import numpy as np

    Integers = np.ndarray[Any, np.dtype[np.int64]]


def _order(recording: Recording) -> Integers | None:
    passes = recording.passes
    if all(pass_.parent is None for pass_ in passes):
        return None
    firsts = list(accumulate((len(pass_.steps) for pass_ in passes), initial=0))
    within: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pass_ in passes:
        if pass_.parent is not None:
            within[pass_.parent, _step_around(pass_, passes[pass_.parent])].append(pass_.id)
    order: list[int] = []
    for pass_ in passes:
        if pass_.parent is not None:
            continue
        # A stack of passes that have begun, each with its next step; passes nest very deep.
        stack = [(int(pass_.id), 0)]
        while stack:
            number, step = stack.pop()
            inner = within.pop((number, step), None)
            if inner is not None:
                stack.append((number, step))
                stack.extend((one, 0) for one in reversed(inner))
            elif step < len(passes[number].steps):
                order.append(firsts[number] + step)
                stack.append((number, step + 1))
    # Late: the window's session needs this module before it is shown, and numpy takes its time.
    import numpy as np

    return np.array(order, np.int64)


def _step_around(pass_: Pass, parent: Pass) -> int:
    """The step of the parent during which a pass ran; behind all of them where that is unknown."""
    step = pass_.parent_step
    return step if step is not None and 0 <= step < len(parent.steps) else len(parent.steps)


moments_of = PerRecording(_order)
"""The steps, counted over all passes as they are recorded, in the order of the playhead.

None where that is the same order, as it is without nested passes.
"""
