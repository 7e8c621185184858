"""The best x of few blocks: least squares of all edges' slants, distances kept, exactly."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

from gradviz.layout.prepare import Floats, Ints


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
    lower = np.linalg.cholesky(laplacian)
    rows = np.arange(len(left))
    bounds = np.zeros((len(left), count))
    bounds[rows, right] = 1.0
    bounds[rows, left] = -1.0
    unit = float(distance.max())
    system = np.vstack([solve_triangular(lower, bounds.T, lower=True), distance / unit])
    wanted = np.zeros(count + 1)
    wanted[-1] = 1.0
    try:
        multipliers, _ = nnls(system, wanted)
    except RuntimeError:
        return None
    residual = system @ multipliers - wanted
    if abs(residual[-1]) < 1e-12:
        return None
    nearest = -residual[:-1] / residual[-1]
    result: Floats = solve_triangular(lower, nearest, lower=True, trans="T") * unit
    return result
