"""The optimal assignment between two samples, and the Wasserstein distance it gives.

    W2(X, Y)^2 = min_T  1/n sum_i |x_i - T(x_i)|^2,    T one-to-one from {x_i} to {y_i}

x, y (n, d): two samples of n points in the same space; point i of x is sent to y_i by the network,
to T(x_i) by the optimal assignment. W2 is a length in the unit of the points.

Several assignments may be optimal: ReLU layers are full of duplicates, and all assignments are
optimal between layers whose live units are disjoint. Of those, T is one that keeps as many points
as possible at their own image, T(x_i) = y_i by value; the fewest that one keeps there, and whether
there is only one, are said beside it (`ties`). These are properties of the samples, not of the
solver or the order of the points.

Exact for any number of points (`costs`, `matching`), in time that grows about as n^3.
"""

from dataclasses import dataclass

import numpy as np

from geoflow.geometry.neighbors.samples import checked_samples, root_mean_square
from geoflow.geometry.transport.costs import reduced_costs
from geoflow.geometry.transport.matching import Array, cheapest_matching
from geoflow.geometry.transport.ties import TIE, optimal_ties, tight_places


@dataclass(frozen=True)
class Assignment:
    """``target`` (n,): T(x_i) = y[target[i]], a permutation.

    ``is_own`` (n,): T(x_i) = y_i, of as many points as an optimal assignment can keep there;
    ``n_least_own``: of how many one keeps at least; ``is_unique``: whether all optimal assignments
    send every point to the same value. ``w2``: root mean square of |x_i - T(x_i)|;
    ``displacement``: that of |x_i - y_i|, never less.
    """

    target: Array
    is_own: Array
    n_least_own: int
    is_unique: bool
    w2: float
    displacement: float

    @property
    def optimal_cost(self) -> float:
        """sum_i |x_i - T(x_i)|^2 = n W2^2."""
        return len(self.target) * self.w2**2

    @property
    def actual_cost(self) -> float:
        """sum_i |x_i - y_i|^2."""
        return len(self.target) * self.displacement**2


def optimal_assignment(x: Array, y: Array, threads: int | None = None) -> Assignment:
    """Return the optimal assignment of x (n, d) to y (n, d), n >= 1.

    Needs one matrix of n^2 float64. Source: Gai & Zhang 2021; the definition.

    >>> found = optimal_assignment(np.array([[0.0], [1.0]]), np.array([[3.0], [1.0]]))
    >>> found.target, found.is_unique  # the points need not cross
    (array([1, 0]), True)
    >>> found.optimal_cost.__round__(9), found.actual_cost.__round__(9)
    (5.0, 9.0)
    >>> x, y = np.array([[0.0, 1.0], [0.0, 2.0]]), np.array([[1.0, 0.0], [2.0, 0.0]])
    >>> found = optimal_assignment(x, y)  # no unit lives in both: crossing costs the same
    >>> int(found.is_own.sum()), found.n_least_own, found.is_unique
    (2, 0, False)
    """
    x, y = checked_samples([x, y])
    displacement = root_mean_square(x - y)
    values = equal_rows(y)
    found, tight = cheapest_and_tight(x, y, threads)
    ties = optimal_ties(tight, found, values)
    target, is_unique = ties.most_own, ties.is_unique
    w2 = root_mean_square(x - y[target])
    if displacement <= w2 * (1 + TIE):  # the map itself is as good as what was found
        is_unique = is_unique and bool((values[target] == values).all())
        target, w2 = np.arange(len(x)), displacement
    n_least = int((values[ties.least_own] == values).sum())
    return Assignment(target, values[target] == values, n_least, is_unique, w2, displacement)


def cheapest_and_tight(x: Array, y: Array, threads: int | None) -> tuple[Array, Array]:
    """Return an optimal target (n,) and which places are tight (n, n); the costs are given back."""
    problem = reduced_costs(x, y, threads)
    target, v = cheapest_matching(problem.costs)
    return target, tight_places(problem, target, v)


def w2_distance(x: Array, y: Array, threads: int | None = None) -> float:
    """Return W2 between two samples (n, d); in one dimension from the sorted samples.

    >>> w2_distance(np.array([[0.0], [5.0]]), np.array([[6.0], [1.0]]))
    1.0
    """
    x, y = checked_samples([x, y])
    if x.shape[1] == 1:
        return root_mean_square(np.sort(x, axis=0) - np.sort(y, axis=0))
    problem = reduced_costs(x, y, threads)
    return min(
        root_mean_square(x - y[cheapest_matching(problem.costs)[0]]), root_mean_square(x - y)
    )


def equal_rows(points: Array) -> Array:
    """Return a number (n,) for each row, the same for rows of equal values.

    >>> equal_rows(np.array([[0.0, 2.0], [1.0, 1.0], [-0.0, 2.0]]))
    array([0, 1, 0])
    """
    positive_zeros = points + 0.0
    return np.unique(positive_zeros, axis=0, return_inverse=True)[1].reshape(-1)
