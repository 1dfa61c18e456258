"""What has to move between the random walks of two adjacent points, in whole numbers.

    mu_x = alpha at x and (1 - alpha) / deg x at each neighbour of x,    alpha = idle / parts

Times parts lcm(deg i, deg j), all masses of mu_i and mu_j are whole. Where mu_i is larger than mu_j
there is supply, where it is smaller there is demand; what both have at a place stays there.
"""

import numpy as np

from geoflow.geometry.compiled import kernel


@kernel
def moving_masses(
    indptr: np.ndarray, indices: np.ndarray, edges: np.ndarray, idle: int, parts: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the supply and demand of edges (m, 2), edge after edge.

    ``units`` (m,): the mass of mu_i; ``source_starts`` (m + 1,), ``sources`` and ``supply``: the
    places with supply of edge e are ``slice(source_starts[e], source_starts[e + 1])``;
    ``sink_starts``, ``sinks`` and ``demand`` likewise. W1 is symmetric: supply is on the side of
    fewer neighbours.
    """
    narrow = wide = 0
    for e in range(len(edges)):
        i, j = by_degree(indptr, edges[e, 0], edges[e, 1])
        narrow += indptr[i + 1] - indptr[i] + 1
        wide += indptr[j + 1] - indptr[j] + 1
    units = np.empty(len(edges), np.int64)
    source_starts, sink_starts = np.zeros((2, len(edges) + 1), np.int64)
    sources, supply = np.empty(narrow, np.int64), np.empty(narrow, np.int64)
    sinks, demand = np.empty(wide, np.int64), np.empty(wide, np.int64)
    side = np.zeros(len(indptr) - 1, np.int64)
    n_sources = n_sinks = 0
    for e in range(len(edges)):
        i, j = by_degree(indptr, edges[e, 0], edges[e, 1])
        units[e] = parts * fill_difference(indptr, indices, i, j, idle, parts, side)
        for x in (i, j):
            for at in range(indptr[x], indptr[x + 1]):
                place = indices[at]
                if side[place] > 0:
                    sources[n_sources] = place
                    supply[n_sources] = side[place]
                    n_sources += 1
                elif side[place] < 0:
                    sinks[n_sinks] = place
                    demand[n_sinks] = -side[place]
                    n_sinks += 1
                side[place] = 0
        source_starts[e + 1], sink_starts[e + 1] = n_sources, n_sinks
    return units, source_starts, sources, supply, sink_starts, sinks, demand


@kernel
def by_degree(indptr: np.ndarray, i: int, j: int) -> tuple[int, int]:
    """Return the pair with the point of fewer neighbours first."""
    if indptr[i + 1] - indptr[i] > indptr[j + 1] - indptr[j]:
        return j, i
    return i, j


@kernel
def fill_difference(
    indptr: np.ndarray,
    indices: np.ndarray,
    i: int,
    j: int,
    idle: int,
    parts: int,
    side: np.ndarray,
) -> int:
    """Fill side (n,), which comes as 0 throughout, with mu_i - mu_j; return lcm(deg i, deg j)."""
    degree_i = indptr[i + 1] - indptr[i]
    degree_j = indptr[j + 1] - indptr[j]
    a, b = degree_i, degree_j
    while b:
        a, b = b, a % b
    own = degree_j // a  # units at a neighbour of i, times parts - idle
    other = degree_i // a
    unit = own * degree_i
    own *= parts - idle
    other *= parts - idle
    for at in range(indptr[i], indptr[i + 1]):
        side[indices[at]] = own
    side[i] = idle * unit
    for at in range(indptr[j], indptr[j + 1]):
        side[indices[at]] -= other
    side[j] -= idle * unit
    return int(unit)
