"""Squared distances between two samples, less what changes no optimal assignment.

    c_ij = |x_i - y_j|^2 - u_i - v_j >= 0,    zero somewhere in each row and column

Every assignment has one term in each row and column, so u and v cost all of them the same. u starts
as the potential of the optimal map between the fitted normals, which leaves little to search; then
the minima of columns and rows go off, and what is left of 0 by rounding alone: between ReLU layers
whose live units are disjoint that is all, and searching it takes 1.3 s, not 0.01 (n = 2,000).

Tried at n = 2,000, d = 50, seconds of one core. On 14 made pairs (random, ReLU layers, duplicates,
clusters, grids): scipy on plain costs 0.02-3.8, POT's network simplex 0.1-3.8, scipy on reduced
costs 0.02-0.4 (1.4 at d = 1). On 6 layers of a trained network, nearly flat and far apart: 3.6-5.7,
0.7-0.9 and 0.4-1.7. The simplex gains nothing from reduced costs but on clusters; damped or soft
minima gain nothing over plain ones.
"""

from dataclasses import dataclass

import numpy as np

from geoflow.geometry.compiled import n_threads, over_blocks
from geoflow.geometry.neighbors.samples import binary_exponent
from geoflow.geometry.neighbors.squared import fill_squares
from geoflow.geometry.transport.gaussian import covariance, gaussian_map

COST_ROWS = 64
"""Rows of the cost matrix that a thread fills at a time."""

ROUNDING = 2.0**-48
"""Costs below this share of the typical one are 0: some ten roundings of float64."""

AT_MEAN = 2.0**-90
"""Squared lengths below this share of the largest are rounding, of points that are at the mean."""

Array = np.ndarray


@dataclass(frozen=True)
class ReducedCosts:
    """``costs`` (n, n): c_ij of samples that are centred and scaled by a power of two first.

    ``sizes_x`` (n,) = 2 |x_i|^2 and ``sizes_y`` (n,) = 2 |y_j|^2 of these samples: no squared
    distance of theirs is above the sum of the two, so its rounding is a share of that; ``typical``:
    the median sum of the two of a point.
    """

    costs: Array
    sizes_x: Array
    sizes_y: Array
    typical: float


def reduced_costs(x: Array, y: Array, threads: int | None = None) -> ReducedCosts:
    """Return the costs between two samples (n, d), less what changes no optimal assignment.

    Needs one matrix of n^2 float64.

    >>> reduced_costs(np.array([[0.0], [1.0]]), np.array([[5.0], [7.0]])).costs.round(4)
    array([[0. , 0.5],
           [0.5, 0. ]])
    """
    first = binary_exponent(x, y)
    x, y = (centred(np.ldexp(points, -first)) for points in (x, y))
    second = binary_exponent(x, y)
    x, y = (np.ldexp(points, -second) for points in (x, y))
    costs = squared_distances(x, y, threads)
    costs -= gaussian_potential(x, y)[:, None]
    costs -= costs.min(axis=0)
    costs -= costs.min(axis=1)[:, None]
    sizes_x, sizes_y = (2 * (points * points).sum(axis=1) for points in (x, y))
    sizes = sizes_x + sizes_y
    away = sizes[sizes > AT_MEAN * sizes.max()]
    typical = float(np.median(away)) if len(away) else 0.0
    costs[costs < ROUNDING * typical] = 0.0
    return ReducedCosts(costs, sizes_x, sizes_y, typical)


def centred(points: Array) -> Array:
    """Return points less their mean."""
    difference: np.ndarray = points - points.mean(axis=0)
    return difference


def gaussian_potential(x: Array, y: Array) -> Array:
    """Return x_i^T (1 - A) x_i (n,) of centred samples, A the map between the fitted normals."""
    d = x.shape[1]
    ridges = (one + 1e-6 * np.trace(one) / d * np.eye(d) for one in (covariance(x), covariance(y)))
    bent = np.eye(d) - gaussian_map(*ridges)
    potential: np.ndarray = ((x @ bent) * x).sum(axis=1)
    return potential


def squared_distances(x: Array, y: Array, threads: int | None = None) -> Array:
    """Return |x_i - y_j|^2 (n, m) of points (n, d) and (m, d), summed from their differences.

    >>> squared_distances(np.array([[0.0, 1.0]]), np.array([[0.0, 1.0], [3.0, 5.0]]))
    array([[ 0., 25.]])
    """
    squares = np.empty((len(x), len(y)))
    columns = np.ascontiguousarray(y.T)

    def fill(start: int, stop: int) -> None:
        fill_squares(x, columns, start, squares[start:stop])

    over_blocks(fill, len(x), COST_ROWS, threads or n_threads())
    return squares
