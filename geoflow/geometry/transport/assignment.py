"""The optimal assignment between two samples, and the Wasserstein distance it gives.

    W2(X, Y)^2 = min_T  1/n sum_i |x_i - T(x_i)|^2,    T one-to-one from {x_i} to {y_i}

x, y (n, d): two samples of n points in the same space; point i of x is sent to y_i by the network,
to T(x_i) by the optimal assignment. W2 is a length in the unit of the points.

Ties. ReLU layers are full of duplicates and several assignments may then be optimal. Of those, T
is one that keeps as many points as possible at their own image, T(x_i) = y_i by value; that
number is a property of the samples and not of the solver or the order of the points. Assignments
tie when they differ by less than 2^-44 of the typical cost for each point, which is rounding.

How: exact up to MOST_EXACT points with scipy's shortest augmenting paths (Crouse 2016) on costs
reduced by u_i + v_j, which changes no optimal assignment but leaves little to search: first the
potential of the optimal map between the fitted normals, then the minima of columns and rows. Beyond
MOST_EXACT, Sinkhorn's entropic plan on the same reduced costs (POT; Cuturi 2013).

Tried at n = 2,000, d = 50, seconds of one core. On 14 made pairs (random, ReLU layers, duplicates,
clusters, grids): scipy on plain costs 0.02-3.8, POT's network simplex 0.1-3.8, scipy on reduced
costs 0.02-0.4 (1.4 at d = 1). On 6 layers of a trained network, nearly flat and far apart: 3.6-5.7,
0.7-0.9 and 0.4-1.7. The simplex gains nothing from reduced costs but on clusters; damped or soft
minima gain nothing over plain ones.
"""

from dataclasses import dataclass

import numpy as np

from geoflow.geometry.compiled import n_threads, over_blocks
from geoflow.geometry.neighbors.samples import binary_exponent, checked_samples, root_mean_square
from geoflow.geometry.neighbors.squared import fill_squares
from geoflow.geometry.transport.gaussian import covariance, gaussian_map

MOST_EXACT = 3000
"""Above this many points the assignment is entropic."""

REGULARISATION = 0.01
"""Of the entropic plan: its temperature as a share of the mean cost of the centred samples."""

TIE = 2.0**-44
"""Costs that differ by less than this share of the typical one tie: some roundings of float64."""

OUTLYING = 64
"""Points whose costs exceed so many typical ones are outliers: they tie by a share of their own."""

COST_ROWS = 64
"""Rows of the cost matrix that a thread fills at a time."""

Array = np.ndarray


@dataclass(frozen=True)
class Assignment:
    """``target`` (n,): T(x_i) = y[target[i]], a permutation if ``method`` is ``exact``.

    ``w2``: root mean square of |x_i - T(x_i)|; ``displacement``: that of |x_i - y_i|, never less.
    If ``entropic``, target is the most likely one and w2 an upper bound, from a plan at
    ``regularisation`` (None if exact), a share of the mean cost. ``is_own`` (n,): T(x_i) = y_i.
    """

    method: str
    regularisation: float | None
    target: np.ndarray
    is_own: np.ndarray
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


def optimal_assignment(
    x: Array, y: Array, most_exact: int = MOST_EXACT, threads: int | None = None
) -> Assignment:
    """Return the optimal assignment of x (n, d) to y (n, d), n >= 1.

    Needs one matrix of n^2 float64, three if entropic. Source: Gai & Zhang 2021; the definition.

    >>> found = optimal_assignment(np.array([[0.0], [1.0]]), np.array([[3.0], [1.0]]))
    >>> found.target  # the points need not cross
    array([1, 0])
    >>> found.optimal_cost.__round__(9), found.actual_cost.__round__(9)
    (5.0, 9.0)
    """
    x, y = checked_samples([x, y])
    own = np.arange(len(x))
    displacement = root_mean_square(x - y)
    values = equal_rows(y)
    problem = reduced_costs(x, y, threads)
    if len(x) <= most_exact:
        favour(problem, values)
        from scipy.optimize import linear_sum_assignment  # a third of a second

        target = linear_sum_assignment(problem.costs)[1]
        method, regularisation, w2 = "exact", None, root_mean_square(x - y[target])
    elif x.shape[1] == 1:
        target = sorted_targets(x[:, 0], y[:, 0])
        method, regularisation, w2 = "exact", None, root_mean_square(x - y[target])
    else:
        target, w2 = entropic_plan(x, y, problem, REGULARISATION)
        method, regularisation = "entropic", REGULARISATION
    if displacement <= w2 * (1 + TIE):  # the map itself is as good as what was found
        target, w2 = own, displacement
    is_own = values[target] == values
    return Assignment(method, regularisation, target, is_own, w2, displacement)


def sorted_targets(x: Array, y: Array) -> np.ndarray:
    """Return the optimal target of each of n numbers x among n numbers y: that of its rank.

    >>> sorted_targets(np.array([3.0, 1.0, 2.0]), np.array([10.0, 20.0, 30.0]))
    array([2, 0, 1])
    """
    target = np.empty(len(x), np.intp)
    target[np.argsort(x, kind="stable")] = np.argsort(y, kind="stable")
    return target


def w2_distance(
    x: Array, y: Array, most_exact: int = MOST_EXACT, threads: int | None = None
) -> float:
    """Return W2 between two samples (n, d); in one dimension from the sorted samples, exactly.

    >>> w2_distance(np.array([[0.0], [5.0]]), np.array([[6.0], [1.0]]))
    1.0
    """
    x, y = checked_samples([x, y])
    if x.shape[1] == 1:
        return root_mean_square(np.sort(x, axis=0) - np.sort(y, axis=0))
    return optimal_assignment(x, y, most_exact, threads).w2


@dataclass(frozen=True)
class ReducedCosts:
    """``costs`` (n, n) = c |x_i - y_j|^2 - u_i - v_j >= 0, zero somewhere in each row and column.

    The samples are centred and scaled by a power of two first, which adds to u and v only and
    makes c; ``mean`` is the mean cost before u and v went off.
    """

    costs: np.ndarray
    u: np.ndarray
    v: np.ndarray
    mean: float
    exponent: int


def reduced_costs(x: Array, y: Array, threads: int | None = None) -> ReducedCosts:
    """Return the costs between two samples (n, d), less what changes no optimal assignment.

    u starts as x^T (1 - A) x, the potential of the map A between the fitted normals.

    >>> reduced_costs(np.array([[0.0], [1.0]]), np.array([[5.0], [7.0]])).costs.round(4)
    array([[0. , 0.5],
           [0.5, 0. ]])
    """
    first = binary_exponent(x, y)
    x, y = (centred(np.ldexp(points, -first)) for points in (x, y))
    second = binary_exponent(x, y)
    x, y = (np.ldexp(points, -second) for points in (x, y))
    costs = squared_distances(x, y, threads)
    mean = float(costs.mean())
    u = gaussian_potential(x, y)
    costs -= u[:, None]
    v = costs.min(axis=0)
    costs -= v
    rest = costs.min(axis=1)
    costs -= rest[:, None]
    return ReducedCosts(costs, u + rest, v, mean, first + second)


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


def equal_rows(points: Array) -> Array:
    """Return a number (n,) for each row, the same for rows of equal values.

    >>> equal_rows(np.array([[0.0, 2.0], [1.0, 1.0], [-0.0, 2.0]]))
    array([0, 1, 0])
    """
    positive_zeros = points + 0.0
    return np.unique(positive_zeros, axis=0, return_inverse=True)[1].reshape(-1)


def favour(problem: ReducedCosts, values: Array) -> None:
    """Make the way to an own value cheaper, by less than costs that differ do: it wins ties.

    values (n,): which points of y are equal. All ways get the same, so that their number decides,
    but those of outliers, whose costs are rounded more coarsely. Writes to the costs.
    """
    here, there = np.nonzero(values[:, None] == values)
    sizes = problem.costs[here, there] + 2 * (np.abs(problem.u[here]) + np.abs(problem.v[there]))
    if sizes.any():
        typical = np.median(sizes[sizes > 0])
        problem.costs[here, there] -= TIE * np.maximum(typical, sizes / OUTLYING)


def entropic_plan(
    x: Array, y: Array, problem: ReducedCosts, regularisation: float
) -> tuple[Array, float]:
    """Return the most likely target of each point (n,) and the length W2 of an entropic plan.

        P = argmin_P  sum_ij P_ij c_ij + r c sum_ij P_ij log P_ij,  rows and columns sum to 1/n

    c_ij: costs; r: regularisation; c: the mean cost. What Sinkhorn leaves of the sums is made up
    for (Altschuler et al. 2017), so P is a coupling and its cost at least the optimal one.
    """
    from ot.bregman import sinkhorn  # imports torch: seconds

    n = len(x)
    if problem.mean == 0.0:
        return np.arange(n), root_mean_square(x - y)
    share = np.full(n, 1 / n)
    temperature = regularisation * problem.mean
    plan = sinkhorn(
        share, share, problem.costs, temperature, numItermax=300, stopThr=1e-5, warn=False
    )
    plan *= np.minimum(1.0, share / plan.sum(axis=1))[:, None]
    plan *= np.minimum(1.0, share / plan.sum(axis=0))
    left, right = share - plan.sum(axis=1), share - plan.sum(axis=0)
    missing = left.sum()
    if missing > 0:
        plan += left[:, None] * (right / missing)
    around = float((plan * problem.costs).sum() + (problem.u + problem.v).mean())
    spread = float(np.ldexp(np.sqrt(max(around, 0.0)), problem.exponent))
    shift = root_mean_square((x.mean(axis=0) - y.mean(axis=0))[None])
    return plan.argmax(axis=1), float(np.hypot(spread, shift))
