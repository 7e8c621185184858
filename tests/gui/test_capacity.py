from __future__ import annotations

import msgspec
import pytest

from gradviz.gui import capacity
from gradviz.gui.capacity import refusal
from tests.builders import make_chain_rule_recording


def test_steps_of_all_passes_count_and_what_fits_is_not_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recording = make_chain_rule_recording()
    (pass_,) = recording.passes
    count = len(pass_.steps)
    monkeypatch.setattr(capacity, "MAX_SHOWN", count)
    assert refusal(recording) == ""
    twice = msgspec.structs.replace(recording, passes=(pass_, pass_))
    assert f"has {2 * count} operations or steps" in refusal(twice)
