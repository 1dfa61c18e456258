"""Products of points with one another, of as many coordinates as they have: no copy of them all.

G = (X - mean X) (X - mean X)^T / scale^2                                  (n, n), float64
"""

from collections.abc import Iterator

import numpy as np

COLUMNS_AT_ONCE = 2048
"""Coordinates that are centred, in float64, at a time."""


def column_slices(d: int) -> Iterator[slice]:
    """Yield d columns, some at a time.

    >>> [(one.start, one.stop) for one in column_slices(5000)]
    [(0, 2048), (2048, 4096), (4096, 5000)]
    """
    for start in range(0, d, COLUMNS_AT_ONCE):
        yield slice(start, min(start + COLUMNS_AT_ONCE, d))


def centred_columns(
    points: np.ndarray, middle: np.ndarray, scale: float, some: slice
) -> np.ndarray:
    """Return some columns (n, c) of points (n, d) in float64, less their mean, by a scale."""
    block: np.ndarray = points[:, some] - middle[some]
    block /= scale
    return block


def gram(points: np.ndarray, middle: np.ndarray, scale: float) -> np.ndarray:
    """Return G (n, n) of points (n, d) with the mean ``middle`` (d,): see above.

    >>> gram(np.array([[0.0, 4.0], [2.0, 0.0]]), np.array([1.0, 2.0]), scale=1.0).tolist()
    [[5.0, -5.0], [-5.0, 5.0]]
    """
    found = np.zeros((len(points), len(points)))
    for some in column_slices(points.shape[1]):
        block = centred_columns(points, middle, scale, some)
        found += block @ block.T
    return found
