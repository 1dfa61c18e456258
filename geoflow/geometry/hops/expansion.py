"""Flow at a point: the mean curvature of its edges, and how far its neighbours move away.

With N_l(x) the neighbours of x in the graph of layer l and gamma the hop distance:

    S_l(x)   = mean over y in N_l(x) of curvature_l(x, y)
    eta_l(x) = mean over y in N_l(x) of [ gamma_{l+1}(x, y) - 1 ]  >= 0

Source: Hehl, von Renesse, Weber 2025.
"""

from dataclasses import dataclass

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.compiled import kernel, n_threads, over_blocks
from geoflow.geometry.graph import Graph
from geoflow.geometry.hops.geodesics import WORDS
from geoflow.geometry.hops.search import marked_search


def mean_curvatures(graph: Graph, values: np.ndarray) -> np.ndarray:
    """Return S (n,) float64, NaN at points without edges.

    values (m,): a curvature of every edge, in the order of ``graph.edges``.

    >>> from geoflow.geometry.curvature.forman import forman
    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> path = knn_graph(neighbors(np.array([[0.0], [1.0], [3.0]]), 1), 1, "union")
    >>> mean_curvatures(path, forman(path)).tolist()
    [1.0, 1.0, 1.0]
    """
    sums = np.zeros(graph.n)
    for ends in graph.edges.T:
        sums += np.bincount(ends, weights=values, minlength=graph.n)
    with np.errstate(invalid="ignore"):
        means: np.ndarray = sums / graph.degrees
    return means


@dataclass(frozen=True)
class Expansion:
    """Where the neighbours of each point are in the next layer.

    ``n_neighbors`` (n,): neighbours in this layer; ``n_unreachable`` (n,): those of them that have
    no path to the point in the next; ``hop_sum`` (n,): sum of hops in the next to all others.
    """

    n_neighbors: np.ndarray
    n_unreachable: np.ndarray
    hop_sum: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """The expansion eta (n,), NaN where there is no neighbour or one cannot be reached."""
        known = (self.n_neighbors > 0) & (self.n_unreachable == 0)
        means = self.hop_sum / np.maximum(self.n_neighbors, 1)
        return np.where(known, means - 1, np.nan)


def expansion(graph: Graph, following: Graph, threads: int | None = None) -> Expansion:
    """Return the expansion from a layer's graph to the graph of the following layer.

    Both have the same n points. Exact: hops are whole numbers.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> near = knn_graph(neighbors(np.array([[0.0], [1.0], [2.5], [4.5]]), 1), 1, "union")
    >>> far = knn_graph(neighbors(np.array([[0.0], [2.5], [1.0], [4.5]]), 1), 1, "union")
    >>> expansion(near, far).values.tolist()  # 0-1-2-3 becomes 0-2-1-3
    [1.0, 0.5, 0.5, 1.0]
    """
    n = graph.n
    if following.n != n:
        raise GeometryError(
            f"the layers have {n} and {following.n} points: give both for the same points"
        )
    threads = threads or n_threads()
    words = max(1, min(WORDS, -(-n // (64 * threads))))
    everyone = np.arange(n)

    def block(start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        marked = marked_rows(graph.indptr, graph.indices, start, stop)
        return marked_search(following.indptr, following.indices, everyone[start:stop], marked)

    parts = over_blocks(block, n, 64 * words, threads)
    sums, met = (np.sum([part[at] for part in parts], axis=0) for at in (0, 1))
    n_neighbors = np.diff(graph.indptr)
    return Expansion(n_neighbors, n_neighbors - met, sums)


@kernel
def marked_rows(indptr: np.ndarray, indices: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Return rows (n, words) of bits: bit s of row v says that start + s is a neighbour of v."""
    n = len(indptr) - 1
    marked = np.zeros((n, (stop - start + 63) // 64), np.uint64)
    for s in range(stop - start):
        for e in range(indptr[start + s], indptr[start + s + 1]):
            marked[indices[e], s // 64] |= np.uint64(1) << np.uint64(s % 64)
    return marked
