"""How many dimensions a sample spreads over.

    participation ratio = (sum_i v_i)^2 / sum_i v_i^2                in [1, min(d, n - 1)]

v_i: the eigenvalues of the covariance of the points. It is d where all directions vary alike, 1 on
a line. Source: Gao, Trautmann et al. 2017, bioRxiv 214262.
"""

from collections.abc import Iterator

import numpy as np

COLUMNS_AT_ONCE = 4096
"""Coordinates that are centred, in float64, at a time."""


def participation_ratio(points: np.ndarray) -> float:
    """Return the participation ratio of points (n, d), NaN if they are all the same.

    It needs the smaller of the two Gram matrices alone: both have the same traces.

    >>> square = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    >>> participation_ratio(square), participation_ratio(square * [1, 0])
    (2.0, 1.0)
    """
    n, d = points.shape
    mean = np.mean(points, axis=0, dtype=np.float64)
    largest = max(np.abs(points[:, some] - mean[some]).max(initial=0.0) for some in blocks(d))
    if largest == 0:
        return float("nan")

    def centred(some: slice) -> np.ndarray:  # squares of squares neither overflow nor vanish
        block: np.ndarray = (points[:, some] - mean[some]) / largest
        return block

    if d <= n:
        whole = centred(slice(None))
        gram = whole.T @ whole
    else:
        gram = np.zeros((n, n))
        for some in blocks(d):
            block = centred(some)
            gram += block @ block.T
    return max(1.0, float(np.trace(gram) ** 2 / np.sum(gram**2)))


def blocks(d: int) -> Iterator[slice]:
    """Yield columns of d, some at a time: a layer of many is not copied as a whole."""
    return (slice(start, start + COLUMNS_AT_ONCE) for start in range(0, d, COLUMNS_AT_ONCE))
