"""How many dimensions a sample spreads over.

    participation ratio = (sum_i v_i)^2 / sum_i v_i^2                in [1, min(d, n - 1)]

v_i: the eigenvalues of the covariance of the points. It is d where all directions vary alike, 1 on
a line. Source: Gao, Trautmann et al. 2017, bioRxiv 214262.
"""

import numpy as np


def participation_ratio(points: np.ndarray) -> float:
    """Return the participation ratio of points (n, d), NaN if they are all the same.

    It needs the smaller of the two Gram matrices alone: both have the same traces.

    >>> square = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    >>> participation_ratio(square), participation_ratio(square * [1, 0])
    (2.0, 1.0)
    """
    centred = np.asarray(points, np.float64) - np.mean(points, axis=0, dtype=np.float64)
    largest = np.abs(centred).max(initial=0.0)
    if largest == 0:
        return float("nan")
    centred = centred / largest  # squares of squares neither overflow nor vanish
    n, d = centred.shape
    gram = centred.T @ centred if d <= n else centred @ centred.T
    return max(1.0, float(np.trace(gram) ** 2 / np.sum(gram**2)))
