"""All optimal assignments at once: how many points each keeps at their own image, and if it is one.

With potentials u, v of the optimal assignment T (`matching`), an assignment is optimal if and only
if all its pairs are tight, c_ij = u_i + v_j. From T one comes to every other by cycles: point i
takes the place j of point k, T(k) = j, k takes another's, and the last takes i's. So in the graph

    i -> k   where   c_{i T(k)} = u_i + v_{T(k)}        (i may take the place of k)

an arc belongs to some optimal assignment if and only if both its ends are in one strongly connected
component (Costa 1994); there is one optimal assignment only if there is no cycle. Which points are
at their own image, y_j = y_i by value, is settled component by component, by the cheapest matching
of its tight pairs where an own image costs 1, for the least, or another 1, for the largest number.

Rounding. A pair counts as tight within 2^-44 of a typical cost, hundreds of roundings of float64:
costs are of float64 samples, and ReLU layers whose live units are disjoint make all of them tight,
|x_i - y_j|^2 = |x_i|^2 + |y_j|^2, but for their last bits. For outliers it is within the same share
of 1 / 64 of their own cost: theirs are rounded more coarsely.

Tried at n = 8,000, seconds of one core after those of the matching: 0.4 (21) of normal points and a
ReLU layer of them, 0.9 (7) of a layer of a trained network with 6,887 values, 2.6 (0.02) where all
assignments are optimal; most on whole numbers, 15 (14) with 729 values and 46 (3) with 27.
"""

from dataclasses import dataclass

import numpy as np

from geoflow.geometry.compiled import kernel
from geoflow.geometry.transport.costs import ReducedCosts
from geoflow.geometry.transport.matching import Array, cheapest_matching

TIE = 2.0**-44
"""Costs that differ by less than this share of the typical one tie: some roundings of float64."""

OUTLYING = 64
"""Points whose costs exceed so many typical ones are outliers: they tie by a share of their own."""


@dataclass(frozen=True)
class Ties:
    """``most_own`` and ``least_own`` (n,): an optimal T with the most and one with the fewest own.

    ``is_unique``: whether all optimal assignments send every point to the same value.
    """

    most_own: Array
    least_own: Array
    is_unique: bool


def optimal_ties(tight: Array, target: Array, values: Array) -> Ties:
    """Return what all optimal assignments have in common with one of them, target (n,).

    tight (n, n): whether i may take the place of k; values (n,): which points of y are equal.

    >>> optimal_ties(np.ones((2, 2), bool), np.array([1, 0]), np.arange(2))
    Ties(most_own=array([0, 1]), least_own=array([1, 0]), is_unique=False)
    """
    part = strong_components(tight)
    most, least, taken = target.copy(), target.copy(), values[target]
    if part.max() == len(part) - 1:  # no cycle
        return Ties(most, least, True)
    arcs = tight & (part[:, None] == part)
    n_own = (arcs & (taken == values[:, None])).sum(axis=1)
    n_other = arcs.sum(axis=1) - n_own
    is_open = (np.bincount(part, n_own) > 0) & (np.bincount(part, n_other) > 0)
    for number in np.flatnonzero(is_open):
        rows = np.flatnonzero(part == number)
        is_own = taken[rows] == values[rows, None]
        choices = np.where(tight[np.ix_(rows, rows)], is_own, np.inf)
        least[rows] = target[rows[fewest(choices)]]
        np.subtract(1.0, choices, out=choices, where=np.isfinite(choices))
        most[rows] = target[rows[fewest(choices)]]
    return Ties(most, least, not (arcs & (taken != taken[:, None])).any())


def fewest(choices: Array) -> Array:
    """Return the cheapest matching (m,) of choices (m, m), each 0, 1 or infinite."""
    start = np.where(np.diagonal(choices) == 0.0, np.arange(len(choices)), -1)
    return cheapest_matching(choices, start)[0]


def tight_places(problem: ReducedCosts, target: Array, v: Array) -> Array:
    """Return tight (n, n): whether (i, T(k)) is tight, of the cheapest matching T and its v.

    >>> problem = ReducedCosts(np.array([[0.0, 0.0], [0.0, 5.0]]), np.ones(2), np.ones(2), 2.0)
    >>> tight_places(problem, np.array([1, 0]), np.zeros(2))
    array([[ True,  True],
           [False,  True]])
    """
    u = problem.costs[np.arange(len(target)), target] - v[target]
    of_row = TIE / OUTLYING * (problem.sizes_x + np.abs(u))
    of_column = TIE / OUTLYING * (problem.sizes_y + np.abs(v))
    return tight_pairs(problem.costs, target, u, v, of_row, of_column, TIE * problem.typical)


@kernel
def tight_pairs(
    costs: np.ndarray,
    target: np.ndarray,
    u: np.ndarray,
    v: np.ndarray,
    of_row: np.ndarray,
    of_column: np.ndarray,
    usual: float,
) -> np.ndarray:
    """Return (n, n) whether c_{i T(k)} - u_i - v_{T(k)} is at most its rounding."""
    n = len(costs)
    tight = np.empty((n, n), np.bool_)
    for i in range(n):
        for k in range(n):
            j = target[k]
            tight[i, k] = costs[i, j] - u[i] - v[j] <= max(usual, of_row[i] + of_column[j])
    return tight


@kernel
def strong_components(arcs: np.ndarray) -> np.ndarray:
    """Return of each node (n,) its strongly connected component, from 0 (Tarjan 1972).

    arcs (n, n): whether there is one from i to k.
    """
    n = len(arcs)
    part, order, lowest = np.full(n, -1), np.full(n, -1), np.empty(n, np.int64)
    ahead = np.zeros(n, np.int64)  # the node that each looks at next
    path, stack = np.empty(n, np.int64), np.empty(n, np.int64)
    n_found = n_parts = n_stacked = 0
    for first in range(n):
        if order[first] >= 0:
            continue
        at = 0
        path[0] = first
        while at >= 0:
            i = path[at]
            if order[i] < 0:
                order[i] = lowest[i] = n_found
                stack[n_stacked] = i
                n_found += 1
                n_stacked += 1
            went_on = False
            while ahead[i] < n and not went_on:
                k = ahead[i]
                ahead[i] += 1
                if not arcs[i, k]:
                    continue
                if order[k] < 0:
                    at += 1
                    path[at] = k
                    went_on = True
                elif part[k] < 0:
                    lowest[i] = min(lowest[i], order[k])
            if went_on:
                continue
            if lowest[i] == order[i]:
                while part[i] < 0:
                    n_stacked -= 1
                    part[stack[n_stacked]] = n_parts
                n_parts += 1
            at -= 1
            if at >= 0:
                lowest[path[at]] = min(lowest[path[at]], lowest[i])
    return part
