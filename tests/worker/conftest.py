"""One worker for the tests that leave it as they found it: importing torch takes a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.worker.peer import Peer


@pytest.fixture(scope="package")
def _shared_peer() -> Iterator[Peer]:
    with Peer() as peer:
        peer.wait_until_ready()
        yield peer


@pytest.fixture
def peer(_shared_peer: Peer) -> Iterator[Peer]:
    """A worker that is ready; the test may run anything that it survives."""
    yield _shared_peer
    assert _shared_peer.mail.empty(), "the test left answers behind"


@pytest.fixture
def own_peer() -> Iterator[Peer]:
    """A worker that is ready and may be killed."""
    with Peer() as peer:
        peer.wait_until_ready()
        yield peer
