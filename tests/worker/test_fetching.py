from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradviz.recording.model import Recording, Tensor
from gradviz.worker.fetching import MAX_ELEMENTS, bounded_part
from gradviz.worker.messages import FetchValue, Run, RunFinished, ValueFetched
from tests.worker.peer import Peer

sizes = st.lists(st.integers(0, 5000), max_size=4).map(tuple)
bounds = st.lists(st.integers(-10, 10_000), max_size=5).map(tuple)

LARGE = """\
import torch
x = torch.arange(1_000_000.).view(1000, 1000)
b = x.to(torch.bfloat16)
s = torch.sparse_coo_tensor([[0, 1]], [1., 2.], (3,))
c = torch.full((100, 100), 1 + 2j).conj()
"""


@given(sizes, bounds, bounds)
def test_the_part_lies_within_the_value_and_is_bounded(
    shape: tuple[int, ...], start: tuple[int, ...], stop: tuple[int, ...]
) -> None:
    first, count = bounded_part(shape, start, stop)
    assert len(first) == len(count) == len(shape)
    assert all(0 <= f <= f + c <= size for f, c, size in zip(first, count, shape, strict=True))
    assert math.prod(count) <= MAX_ELEMENTS


@given(sizes)
def test_all_of_a_small_value_is_the_default(shape: tuple[int, ...]) -> None:
    first, count = bounded_part(shape, (), ())
    assert first == (0,) * len(shape)
    assert count == shape or math.prod(shape) > MAX_ELEMENTS


def tensor_named(recording: Recording, name: str) -> Tensor:
    return next(tensor for tensor in recording.tensors if tensor.name == name)


def test_a_slice_of_a_large_value_is_exact(peer: Peer) -> None:
    x = tensor_named(peer.run(LARGE), "x")
    assert x.value is not None
    fetched = peer.ask(
        FetchValue(value=x.value, start=(998, 10), stop=(1000, 13), statistics=True), ValueFetched
    )
    assert (fetched.start, fetched.shape, fetched.storage) == ((998, 10), (2, 3), "<f4")
    array = np.frombuffer(fetched.data, fetched.storage).reshape(fetched.shape)
    np.testing.assert_array_equal(array, [[998010, 998011, 998012], [999010, 999011, 999012]])
    assert fetched.statistics is not None
    assert fetched.statistics.max == 999_999.0


def test_types_that_numpy_lacks_can_be_fetched(peer: Peer) -> None:
    recording = peer.run(LARGE)
    b, c = tensor_named(recording, "b"), tensor_named(recording, "c")
    assert b.value is not None
    assert c.value is not None
    fetched = peer.ask(FetchValue(value=b.value, stop=(1, 3)), ValueFetched)
    assert np.frombuffer(fetched.data, fetched.storage).tolist() == [0.0, 1.0, 2.0]
    fetched = peer.ask(FetchValue(value=c.value, stop=(1, 1)), ValueFetched)
    assert np.frombuffer(fetched.data, fetched.storage).tolist() == [1 - 2j]


def test_a_value_of_an_earlier_run_is_gone_with_a_sentence(peer: Peer) -> None:
    number = peer.client.send(Run(text=LARGE))
    x = tensor_named(peer.wait_for(RunFinished).recording, "x")
    assert x.value is not None
    assert not peer.ask(FetchValue(value=x.value, run=number, stop=(1, 1)), ValueFetched).problem
    peer.run(LARGE)
    fetched = peer.ask(FetchValue(value=x.value, run=number), ValueFetched)
    assert "run the document again" in fetched.problem
    assert fetched.data == b""


def test_a_picture_and_a_histogram_of_a_large_value_are_small(peer: Peer) -> None:
    x = tensor_named(peer.run(LARGE), "x")
    assert x.value is not None
    fetched = peer.ask(FetchValue(value=x.value, picture=True, histogram=True), ValueFetched)
    assert fetched.picture is not None and fetched.histogram is not None
    picture = fetched.picture
    assert (picture.rows, picture.columns, picture.row_step) == (250, 250, 4)
    assert picture.matrix()[-1, -1] == 999_999.0
    assert sum(fetched.histogram.counts) == 1_000_000
    assert fetched.data == b""


def test_the_picture_is_of_the_asked_matrix(peer: Peer) -> None:
    text = "import torch\nt = torch.arange(60_000.).view(6, 100, 100)\n"
    t = tensor_named(peer.run(text), "t")
    assert t.value is not None
    asked = FetchValue(value=t.value, start=(5, 0, 0), stop=(6, 100, 100), picture=True)
    fetched = peer.ask(asked, ValueFetched)
    assert fetched.picture is not None
    assert fetched.picture.matrix()[0, 0] == 50_000.0
    assert fetched.start == (5, 0, 0)


def test_sparse_values_have_a_picture_too(peer: Peer) -> None:
    text = (
        "import torch\n"
        "i = torch.arange(5000)\n"
        "s = torch.sparse_coo_tensor(torch.stack([i, i]), torch.ones(5000), (5000, 5000))\n"
        "t = s.to_sparse_csr()\n"
    )
    s = tensor_named(peer.run(text), "s")
    assert s.value is not None
    fetched = peer.ask(FetchValue(value=s.value, picture=True), ValueFetched)
    assert fetched.picture is not None or fetched.problem
