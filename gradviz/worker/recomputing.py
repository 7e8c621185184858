"""Recompute a value that the recorder had no room for, by running the same text again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec
import psutil

from gradviz.devices.random_state import RandomState
from gradviz.recording.model import Value, ValueId
from gradviz.worker.messages import GONE, Recompute, ValueFetched

if TYPE_CHECKING:
    from gradviz.language.run import RunOptions, RunResult

OTHER: Final = "Running the code again did not make this value: it does something else each time."
_SHARE_OF_MEMORY: Final = 0.75
"""Of what is free: this once everything is kept."""


def recompute(
    request: Recompute,
    result: RunResult,
    options: RunOptions,
    run: Callable[..., RunResult],
    state: RandomState,
) -> ValueFetched:
    """Run the text of `result` again; the value is in `result.live` then.

    Raises KeyboardInterrupt where the run is stopped.
    """
    if not 0 <= request.value < len(result.recording.values):
        return _answer(request, problem=GONE)
    budget = int(psutil.virtual_memory().available * _SHARE_OF_MEMORY)
    options = msgspec.structs.replace(options, value_budget_nbytes=budget, verify=False)
    now = RandomState()
    state.restore()
    try:
        again = run(
            result.recording.text, options, on_output=lambda _: None, on_line=lambda _: None
        )
    finally:
        now.restore()
    tensor = again.live.get(request.value)
    values = again.recording.values
    if tensor is None or not _is_same_kind(result, values, request.value):
        return _answer(request, problem=OTHER)
    result.live[request.value] = tensor
    differs = values[request.value].data != result.recording.values[request.value].data
    return ValueFetched(
        number=request.number, value=request.value, is_recomputed=True, differs=differs
    )


def _is_same_kind(result: RunResult, values: tuple[Value, ...], number: ValueId) -> bool:
    before = result.recording.values[number]
    return values[number].shape == before.shape and values[number].dtype == before.dtype


def _answer(request: Recompute, **fields: Any) -> ValueFetched:
    return ValueFetched(number=request.number, value=request.value, **fields)
