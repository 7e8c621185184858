"""What the store of values does by itself."""

from __future__ import annotations

import torch

from gradviz.recording.values import to_array
from gradviz.tracer.values import ValueStore


def test_a_value_that_was_found_lost_does_not_keep_others_in_its_memory_from_being_copied() -> None:
    store = ValueStore()
    tensor = torch.ones(3)
    lost = store.keep(tensor)
    tensor.add_(1)  # unseen
    kept = store.keep(tensor)
    assert not store.holds(lost, torch.ones(3))
    store.before_write(tensor)
    tensor.add_(1)
    values, _ = store.finish()
    assert values[lost].data is None
    assert to_array(values[kept]).tolist() == [2, 2, 2]
    assert store.was_overwritten
