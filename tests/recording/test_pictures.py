"""Heat maps and histograms, by numpy in the window and by torch in the worker."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gradviz.recording.pictures import SIDE, histogram_of, picture_of, steps_for
from gradviz.worker import picturing


def test_a_small_matrix_is_its_own_picture() -> None:
    matrix = np.array([[1.0, -2.0], [np.nan, np.inf]], dtype="<f4")
    picture = picture_of(matrix)
    assert (picture.row_step, picture.column_step) == (1, 1)
    np.testing.assert_array_equal(picture.matrix(), matrix)


def test_a_cell_is_the_largest_in_size_of_its_block_and_nan_where_there_is_one() -> None:
    matrix = np.array([[1.0, -5.0, 2.0], [3.0, 0.0, np.nan], [0.5, -0.25, 7.0]])
    picture = picture_of(matrix, side=2)
    assert (picture.rows, picture.columns, picture.row_step, picture.column_step) == (2, 2, 2, 2)
    np.testing.assert_array_equal(picture.matrix(), [[-5.0, np.nan], [0.5, 7.0]])


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (700, 3), (513, 511), (256, 256), (1, 5000)])
def test_no_side_is_longer_than_what_is_shown(shape: tuple[int, int]) -> None:
    picture = picture_of(np.zeros(shape))
    assert picture.rows <= SIDE and picture.columns <= SIDE
    rows, columns = steps_for(*shape)
    assert picture.rows * rows >= shape[0] and picture.columns * columns >= shape[1]


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (5, 7), (600, 300), (300, 601), (1, 4097)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int64, torch.complex64])
def test_the_worker_makes_the_same_picture(shape: tuple[int, int], dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    tensor = (torch.randn(shape) * 20).to(dtype)
    if tensor.numel() > 1 and tensor.is_floating_point():
        tensor.view(-1)[tensor.numel() // 2] = float("nan")
        tensor.view(-1)[0] = float("-inf")
    expected = picture_of(tensor.numpy())
    made = picturing.picture_of(tensor)
    assert (made.rows, made.columns) == (expected.rows, expected.columns)
    np.testing.assert_allclose(made.matrix(), expected.matrix(), rtol=1e-6)


def test_a_histogram_counts_every_element_once() -> None:
    histogram = histogram_of(np.array([0.0, 1.0, 1.0, 4.0, np.nan, np.inf, -np.inf, -np.inf]))
    assert (histogram.low, histogram.high) == (0.0, 4.0)
    assert sum(histogram.counts) == 4
    assert (histogram.nan, histogram.positive_inf, histogram.negative_inf) == (1, 1, 2)


@pytest.mark.parametrize("elements", [[], [3.0], [3.0, 3.0], [float("nan")], [-1e308, 1e308]])
def test_a_histogram_of_what_has_no_width_is_one_bar(elements: list[float]) -> None:
    array = np.array(elements)
    finite = int(np.isfinite(array).sum())
    assert histogram_of(array).counts == (finite,)
    assert picturing.histogram_of(torch.tensor(array)).counts == (finite,)


def test_the_worker_makes_the_same_histogram() -> None:
    torch.manual_seed(0)
    tensor = torch.randn(300, 40, dtype=torch.float64)
    tensor[3, 4] = float("nan")
    tensor[5, 6] = float("inf")
    expected, made = histogram_of(tensor.numpy()), picturing.histogram_of(tensor)
    assert (made.low, made.high, made.nan) == (expected.low, expected.high, 1)
    assert sum(made.counts) == sum(expected.counts) == tensor.numel() - 2
    differences = np.abs(np.subtract(made.counts, expected.counts))
    assert differences.sum() <= 2  # an element on a border may fall to either side
