"""A large recording is freed a little at a time."""

from __future__ import annotations

import weakref

import msgspec
import pytest

from gradviz.gui.disposal import LARGE, Disposal
from gradviz.gui.session import Session
from gradviz.recording.model import Recording, TensorId
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui


class Thing:
    """Something that can tell whether it is alive."""


class Owner:
    __module__ = "gradviz.made_up"

    def __init__(self, count: int) -> None:
        self.by_name = {"all": [Thing() for _ in range(count)]}


def _alive(references: list[weakref.ref[Thing]]) -> int:
    return sum(reference() is not None for reference in references)


def test_what_a_large_container_holds_goes_in_slices_after_its_owner(qtbot) -> None:
    disposal = Disposal()
    owners = [Owner(3 * LARGE), Owner(2 * LARGE)]
    references = [weakref.ref(one) for owner in owners for one in owner.by_name["all"]]
    for owner in owners:
        disposal.take(owner)
    qtbot.wait(30)
    assert _alive(references) == 5 * LARGE
    del owner
    owners.clear()
    # Nothing yet: that is the window's to do, in its own time.
    assert _alive(references) == 5 * LARGE
    qtbot.waitUntil(lambda: not disposal.is_busy)
    assert _alive(references) == 0


def test_small_things_are_not_held(qtbot) -> None:
    disposal = Disposal()
    owner = Owner(10)
    references = [weakref.ref(one) for one in owner.by_name["all"]]
    disposal.take(owner)
    del owner
    assert not disposal.is_busy
    assert _alive(references) == 0


def _large_recording() -> Recording:
    tensor = make_chain_rule_recording().tensors[0]
    return Recording(
        tensors=tuple(
            msgspec.structs.replace(tensor, id=TensorId(n), value=None, grad=None, op=None)
            for n in range(LARGE)
        )
    )


def test_the_session_frees_the_recording_before_bit_by_bit(qtbot) -> None:
    session = Session()
    session.show_recording(_large_recording())
    before = weakref.ref(session.recording)
    session.show_recording(_large_recording())
    assert before() is None
    assert session._disposal.is_busy
    qtbot.waitUntil(lambda: not session._disposal.is_busy)
    # The same one again is not taken apart.
    session.show_recording(session.recording)
    assert not session._disposal.is_busy
