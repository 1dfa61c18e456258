"""How far points are from their nearest neighbour: the grain of a sample.

    spacing = median_i min_{j != i} |x_i - x_j|

a length in the unit of the points; a move that is short against it changes no neighbourhood.
"""

import numpy as np

from geoflow.geometry.compiled import n_threads, over_blocks
from geoflow.geometry.neighbors.samples import binary_exponent, checked_rows
from geoflow.geometry.neighbors.squared import fill_squares

SPACING_ROWS = 64
"""Rows of the distance matrix that a thread holds at a time: never the whole."""


def nearest_distances(points: np.ndarray, threads: int | None = None) -> np.ndarray:
    """Return min_{j != i} |x_i - x_j| (n,) of points (n, d), n >= 2; 0 for duplicates.

    >>> nearest_distances(np.array([[0.0], [1.0], [4.0]]))
    array([1., 1., 3.])
    """
    rows = checked_rows(points)
    exponent = binary_exponent(rows)
    rows = np.ldexp(rows, -exponent)
    columns = np.ascontiguousarray(rows.T)

    def nearest(start: int, stop: int) -> np.ndarray:
        squares = np.empty((stop - start, len(rows)))
        fill_squares(rows, columns, start, squares)
        squares[np.arange(stop - start), np.arange(start, stop)] = np.inf
        found: np.ndarray = squares.min(axis=1)
        return found

    parts = over_blocks(nearest, len(rows), SPACING_ROWS, threads or n_threads())
    distances: np.ndarray = np.ldexp(np.sqrt(np.concatenate(parts)), exponent)
    return distances


def spacing(points: np.ndarray, threads: int | None = None) -> float | None:
    """Return the median distance to the nearest neighbour; None of a single point.

    0 where half of the points or more have a duplicate.

    >>> spacing(np.array([[0.0], [1.0], [4.0]]))
    1.0
    """
    if len(points) < 2:
        return None
    return float(np.median(nearest_distances(points, threads)))
