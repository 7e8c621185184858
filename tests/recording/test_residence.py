"""On which devices the tensors of a recording are, and the copies between them."""

from __future__ import annotations

import msgspec
import pytest

from gradviz.recording.model import Recording, TensorId
from gradviz.recording.residence import (
    nbytes_by_device,
    shown_tensors,
    transfer_of,
    transfers_of,
)
from tests.builders import make_chain_rule_recording, make_transfer_recording


def test_a_changed_tensor_is_shown_once_and_views_add_no_bytes() -> None:
    first = make_chain_rule_recording().tensors[0]
    changed = msgspec.structs.replace(first, id=TensorId(1), version=1, previous=first.id)
    view = msgspec.structs.replace(first, id=TensorId(2), name="v", base=TensorId(1))
    shown = shown_tensors(Recording(tensors=(first, changed, view)))
    assert [t.id for t in shown] == [1, 2]
    assert nbytes_by_device(shown) == {"cpu": 4}


def test_a_copy_between_devices_has_bytes_and_a_rate() -> None:
    (transfer,) = transfers_of(make_transfer_recording("cpu", "cuda:0"))
    assert (transfer.source, transfer.target, transfer.nbytes) == ("cpu", "cuda:0", 4)
    assert transfer.bytes_per_second == pytest.approx(2e9)


def test_a_copy_to_meta_has_no_rate_and_another_op_is_no_copy() -> None:
    (transfer,) = transfers_of(make_transfer_recording("cpu", "meta"))
    assert transfer.bytes_per_second is None
    recording = make_chain_rule_recording()
    assert all(transfer_of(recording, op) is None for op in recording.ops)
