"""How many dimensions a sample spreads over.

    participation ratio = (sum_i v_i)^2 / sum_i v_i^2                in [1, min(d, n - 1)]

v_i: the eigenvalues of the covariance of the points. It is d where all directions vary alike, 1 on
a line. Source: Gao, Trautmann et al. 2017, bioRxiv 214262.
"""

import numpy as np

from geoflow.geometry.gram import gram


def participation_ratio(points: np.ndarray) -> float:
    """Return the participation ratio of points (n, d), NaN if they are all the same.

    It needs the smaller of the two Gram matrices alone: both have the same traces.

    >>> square = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    >>> participation_ratio(square), participation_ratio(square * [1, 0])
    (2.0, 1.0)
    """
    n, d = points.shape
    middle = np.asarray(np.mean(points, axis=0, dtype=np.float64))
    low, high = points.min(axis=0) - middle, points.max(axis=0) - middle
    largest = float(max(-low.min(), high.max()))  # squares of squares neither overflow nor vanish
    if largest == 0:
        return float("nan")
    if d > n:
        products = gram(points, middle, largest)
    else:
        centred = (points - middle) / largest
        products = centred.T @ centred
    return max(1.0, float(np.trace(products) ** 2 / np.sum(products**2)))
