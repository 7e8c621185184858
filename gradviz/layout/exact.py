"""The best x of few blocks: least squares of all edges' slants, distances kept, exactly."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import nnls

from gradviz.layout.prepare import Floats, Ints

PART: Final = 32
"""Rows of a matrix that are given to LAPACK at once.

With more, or with many right-hand sides, it shares the work out among threads, which takes several
times as long as the work and ten times where another program keeps a core busy. So larger ones are
put together from parts, by einsum, which has no threads.
"""


def least_slant(
    count: int, ends: tuple[Ints, Ints], apart: tuple[Ints, Ints, Floats]
) -> Floats | None:
    """Minimise the sum of `(x[a] - x[b])**2` where `x[right] - x[left] >= distance`.

    Solved as a least distance problem by non-negative least squares (Lawson and Hanson, Solving
    Least Squares Problems, chapter 23). None where the solver gives up.
    """
    a, b = ends
    left, right, distance = apart
    if not len(left):
        return np.zeros(count)
    laplacian = np.zeros((count, count))
    np.add.at(laplacian, (a, a), 1.0)
    np.add.at(laplacian, (b, b), 1.0)
    np.subtract.at(laplacian, (a, b), 1.0)
    np.subtract.at(laplacian, (b, a), 1.0)
    # Keeps what no edge holds near 0, too weak to be seen.
    laplacian[np.diag_indices(count)] += 1e-7
    inverse = _inverse_factor(laplacian)
    unit = float(distance.max())
    system = np.vstack([inverse[:, right] - inverse[:, left], distance / unit])
    wanted = np.zeros(count + 1)
    wanted[-1] = 1.0
    try:
        multipliers, _ = nnls(system, wanted)
    except RuntimeError:
        return None
    residual = np.einsum("ij,j->i", system, multipliers) - wanted
    if abs(residual[-1]) < 1e-12:
        return None
    nearest = -residual[:-1] / residual[-1]
    result: Floats = np.einsum("ji,j->i", inverse, nearest) * unit
    return result


def _inverse_factor(matrix: Floats) -> Floats:
    """The inverse of the lower triangle `l` of which a positive definite matrix is `l @ l.T`."""
    count = len(matrix)
    if count <= PART:
        return np.asarray(np.linalg.inv(np.linalg.cholesky(matrix)))
    half = count // 2
    first = _inverse_factor(matrix[:half, :half])
    beside = np.einsum("ij,kj->ik", matrix[half:, :half], first)
    second = _inverse_factor(matrix[half:, half:] - np.einsum("ij,kj->ik", beside, beside))
    result = np.zeros((count, count))
    result[:half, :half], result[half:, half:] = first, second
    result[half:, :half] = -np.einsum("ij,jk->ik", np.einsum("ij,jk->ik", second, beside), first)
    return result
