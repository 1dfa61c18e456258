"""Hop distances between all points of a layer graph, by the searches of `search`.

    gamma(i, j) = number of edges on a shortest path, direction ignored
    g = sum of gamma over ORDERED pairs (i, j)          (Baptista et al. 2024, section 3)

For more points than that is worth, g is estimated from m sources drawn without replacement:

    g ~ n/m sum_s g_s,   standard error = n sqrt((1 - m/n) Var(g_s) / m)

with g_s the sum of hops from source s and Var the sample variance.
"""

from dataclasses import dataclass

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.compiled import n_threads, over_blocks
from geoflow.geometry.graph import Graph, igraph_of
from geoflow.geometry.hops.search import (
    fill_hops,
    full_search,
    sample_search,
    visit_order,
)
from geoflow.geometry.hops.sets import near_sets, set_search

WORDS = 32
"""Words of 64 sources searched together at most."""

ROW_STEPS = 6
"""Neighbours of a point that take as long as all else that a hop of whole rows does for it."""

SET_STEPS = 1.2
"""Neighbours joined by whole rows, for all sources, in the time of one point joined as a set."""


class Connectivity:
    """What follows from ``components`` (n,), the number of each point's component from 0."""

    components: np.ndarray

    @property
    def n_components(self) -> int:
        """The number of connected components."""
        return int(self.components.max()) + 1

    @property
    def is_connected(self) -> bool:
        """Whether every point reaches every other; one source suffices to see it."""
        return self.n_components == 1


@dataclass(frozen=True)
class Geodesics(Connectivity):
    """What is kept of the hop distances of a graph of n points.

    ``hop_counts`` (diameter + 1,): ordered pairs at each distance, n of them at 0;
    ``sums`` (n,): sum of hops to the points that can be reached; ``eccentricities`` (n,): the
    largest of these; ``reached`` (n,): how many can be reached, the point itself included;
    ``components`` (n,): number of the point's component, 0 for that of point 0.
    """

    hop_counts: np.ndarray
    sums: np.ndarray
    eccentricities: np.ndarray
    reached: np.ndarray
    components: np.ndarray

    @property
    def n_sources(self) -> int:
        """The number of points the search started from: all of them."""
        return len(self.sums)

    @property
    def total(self) -> int | None:
        """The sum g over ordered pairs, or None where some pair has no path."""
        return int(self.sums.sum()) if self.is_connected else None

    @property
    def total_error(self) -> float | None:
        """The standard error of the total: 0, it is exact; None where there is no total."""
        return 0.0 if self.is_connected else None

    @property
    def diameter(self) -> int | None:
        """The largest distance, or None where some pair has no path."""
        return len(self.hop_counts) - 1 if self.is_connected else None


def geodesics(graph: Graph, threads: int | None = None) -> Geodesics:
    """Return hop histogram, per-point sums and eccentricities, and components.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> path = knn_graph(neighbors(np.array([[0.0], [1.0], [3.0], [6.0]]), 1), 1, "union")
    >>> geodesics(path).hop_counts.tolist(), geodesics(path).total
    ([4, 6, 4, 2], 20)
    """
    n, threads = graph.n, threads or n_threads()
    order, hops = visit_order(graph.indptr, graph.indices)
    joins = (hops - 1) * (len(graph.indices) + ROW_STEPS * n)  # the first hop joins no rows
    # Rows of fewer words take as long: threads gain by whole rows only where there are many.
    gain = min(threads, max(1.0, n / (64 * WORDS))) / threads
    is_long = joins > gain * SET_STEPS * n * n
    search = set_searches if is_long else row_searches
    parts = search(graph, order, threads)
    hop_counts = np.zeros(max(len(part[0]) for part in parts), np.int64)
    for part in parts:
        hop_counts[: len(part[0])] += part[0]
    hop_counts = np.trim_zeros(hop_counts, "b")
    sums, reached = (np.sum([part[at] for part in parts], axis=0) for at in (1, 3))
    eccentricities = np.max([part[2] for part in parts], axis=0)
    components = components_of(graph, is_connected=bool((reached == n).all()))
    return Geodesics(hop_counts, sums, eccentricities, reached, components)


Searched = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Hop counts, and sums, eccentricities and points reached (n,), of some of the sources."""


def row_searches(graph: Graph, order: np.ndarray, threads: int) -> list[Searched]:
    """Search from all points, some words of them at a time, in an order."""
    words = max(1, min(WORDS, -(-graph.n // (64 * threads))))
    return over_blocks(
        lambda start, stop: full_search(graph.indptr, graph.indices, order[start:stop]),
        graph.n,
        64 * words,
        threads,
    )


def set_searches(graph: Graph, order: np.ndarray, threads: int) -> list[Searched]:
    """Search from all points, one at a time, in an order in which neighbours are near."""
    sets = near_sets(graph.indptr, graph.indices, order)
    size = -(-graph.n // threads)
    return over_blocks(
        lambda start, stop: set_search(*sets, order, start, stop), graph.n, size, threads
    )


def components_of(graph: Graph, is_connected: bool) -> np.ndarray:
    """Return the number of each point's component (n,); a search may have shown there is one."""
    if is_connected:
        return np.zeros(graph.n, np.int32)
    found = igraph_of(graph).connected_components(mode="weak")
    return np.asarray(found.membership, np.int32)


@dataclass(frozen=True)
class SampledGeodesics(Connectivity):
    """What is kept of the hop distances from a sample of m sources.

    ``source_sums`` (m,): sum of hops from each source to the points it reaches; ``components``
    (n,) as in `Geodesics`.
    """

    source_sums: np.ndarray
    components: np.ndarray

    @property
    def n_sources(self) -> int:
        """The number of sources m."""
        return len(self.source_sums)

    @property
    def total(self) -> int | None:
        """The estimate of g, rounded, or None where some pair has no path."""
        if not self.is_connected:
            return None
        return round(len(self.components) * float(self.source_sums.mean()))

    @property
    def total_error(self) -> float | None:
        """The standard error of the total; None where there is no total or only one source."""
        n, m = len(self.components), self.n_sources
        if not self.is_connected or m < 2:
            return None
        return float(n * np.sqrt((1 - m / n) * self.source_sums.var(ddof=1) / m))

    @property
    def diameter(self) -> None:
        """Not known from a sample."""


def sampled_geodesics(
    graph: Graph, n_sources: int, seed: int, threads: int | None = None
) -> SampledGeodesics:
    """Return hop sums from ``n_sources`` points drawn without replacement.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> path = knn_graph(neighbors(np.array([[0.0], [1.0], [3.0], [6.0]]), 1), 1, "union")
    >>> sampled_geodesics(path, 4, seed=0).total, sampled_geodesics(path, 4, seed=0).total_error
    (20, 0.0)
    """
    if not 1 <= n_sources <= graph.n:
        raise GeometryError(f"n_sources must be from 1 to {graph.n}, the points, not {n_sources}")
    sources = np.sort(np.random.default_rng(seed).choice(graph.n, n_sources, replace=False))
    threads = threads or n_threads()
    words = max(1, min(WORDS, -(-n_sources // (64 * threads))))
    parts = over_blocks(
        lambda start, stop: sample_search(graph.indptr, graph.indices, sources[start:stop]),
        n_sources,
        64 * words,
        threads,
    )
    sums, reached = (np.concatenate([part[at] for part in parts]) for at in (0, 1))
    return SampledGeodesics(sums, components_of(graph, bool(reached[0] == graph.n)))


def hop_matrix(graph: Graph) -> np.ndarray:
    """Return all hop distances (n, n) int32, -1 where there is no path: for small graphs only."""
    hops = np.full((graph.n, graph.n), -1, np.int32)
    for source in range(graph.n):
        fill_hops(graph.indptr, graph.indices, source, hops[source])
    return hops
