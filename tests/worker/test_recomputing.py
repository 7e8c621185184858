"""Values that the recorder had no room for are made once more by running the same text again."""

from __future__ import annotations

import numpy as np

from gradviz.recording.model import ValueId
from gradviz.worker.messages import (
    GONE,
    NOT_KEPT,
    FetchValue,
    Recompute,
    Run,
    RunFinished,
    ValueFetched,
)
from gradviz.worker.recomputing import OTHER
from tests.worker.peer import Peer
from tests.worker.test_fetching import tensor_named

TEXT = """\
import torch
x = torch.randn(300, 300)
y = x * 2
print("hello")
"""


def value_of_y(peer: Peer, text: str = TEXT) -> ValueId:
    recording = peer.ask(Run(text=text, value_budget_nbytes=0), RunFinished).recording
    value = tensor_named(recording, "y").value
    assert value is not None
    return value


def fetch(peer: Peer, value: ValueId) -> ValueFetched:
    return peer.ask(FetchValue(value=value, start=(299, 298), stop=(300, 300)), ValueFetched)


def test_a_value_above_the_budget_is_not_kept_and_can_be_recomputed(peer: Peer) -> None:
    value = value_of_y(peer)
    assert fetch(peer, value).problem == NOT_KEPT

    again = peer.ask(Recompute(value=value), ValueFetched)
    assert (again.is_recomputed, again.differs, again.problem) == (True, False, "")
    fetched = fetch(peer, value)
    assert fetched.problem == ""
    assert np.frombuffer(fetched.data, fetched.storage).shape == (2,)


def test_a_run_that_comes_out_otherwise_is_said_to(peer: Peer) -> None:
    text = (
        "import torch, time\nx = torch.full((300, 300), float(time.perf_counter_ns() % 10**6))\n"
        "y = x * 2\n"
    )
    again = peer.ask(Recompute(value=value_of_y(peer, text)), ValueFetched)
    assert (again.is_recomputed, again.differs) == (True, True)


def test_what_is_not_there_again_is_told(peer: Peer) -> None:
    text = (
        "import torch, os\nn = 300 if 'GRADVIZ_TEST_RAN' not in os.environ else 5\n"
        "os.environ['GRADVIZ_TEST_RAN'] = '1'\n"
        "y = torch.zeros(n, n)\n"
    )
    again = peer.ask(Recompute(value=value_of_y(peer, text)), ValueFetched)
    assert again.problem == OTHER


def test_a_value_of_another_run_cannot_be_recomputed(peer: Peer) -> None:
    value = value_of_y(peer)
    again = peer.ask(Recompute(value=value, run=10**6), ValueFetched)
    assert again.problem == GONE
    again = peer.ask(Recompute(value=ValueId(10**6)), ValueFetched)
    assert again.problem == GONE
