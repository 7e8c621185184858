"""The oracle of values: what a recording shows is what a copy made at that moment held."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from gradviz.recording.model import Recording, ValueId
from gradviz.tracer.summary import has_memory
from gradviz.tracer.values import ValueStore, is_readable
from tests.tracer.helpers import recording_of, run_recorded
from tests.tracer.oracles.checks import plain_array


class Told(NamedTuple):
    """A recording, and how many of its values are shown, and which of them are wrong."""

    recording: Recording
    namespace: dict[str, Any]
    shown: int
    unknown: int
    wrong: list[str]


def compared_with_copies(text: str, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Told:
    """Record a program while every value that is kept is copied as well."""
    copies: dict[tuple[int, ValueId], np.ndarray] = {}
    original = ValueStore.keep

    def keep(self: ValueStore, tensor: torch.Tensor) -> ValueId:
        number = original(self, tensor)
        if is_readable(tensor) and has_memory(tensor):
            copies[id(self), number] = plain_array(tensor).copy()
        return number

    with monkeypatch.context() as patch:
        patch.setattr(ValueStore, "keep", keep)
        namespace, error, traced = run_recorded(text, **options)
    if error is not None:
        raise error
    assert len({store for store, _ in copies}) == 1
    recording = recording_of(traced)
    shown = unknown = 0
    wrong: list[str] = []
    for (_, number), copy in copies.items():
        value = recording.values[number]
        live = traced.live.get(number)
        if live is not None and not np.array_equal(plain_array(live), copy, equal_nan=True):
            wrong.append(f"live value {number}: {plain_array(live).flat[:4]} for {copy.flat[:4]}")
        if value.data is None:
            unknown += copy.size > 0
            continue
        shown += 1
        part = copy[tuple(slice(size) for size in value.kept_shape)]
        kept = np.frombuffer(value.data, value.storage).reshape(value.kept_shape)
        if not np.array_equal(kept, part, equal_nan=part.dtype.kind in "fc"):
            wrong.append(f"value {number}: {kept.flat[:4]} for {part.flat[:4]}")
        if value.statistics is not None and value.statistics.norm is not None and copy.size:
            finite = np.abs(copy[np.isfinite(copy)].astype(np.complex128))
            if not np.isclose(value.statistics.norm, np.linalg.norm(finite), rtol=1e-4):
                wrong.append(f"statistics of value {number}")
    return Told(recording, namespace, shown, unknown, wrong)
