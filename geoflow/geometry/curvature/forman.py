"""Forman curvature of the edges of a layer graph, unit weights.

    F(i, j) = 4 - deg i - deg j

with the degrees of the graph's convention (directed: in-degree + out-degree). Source: Forman
2003; Baptista et al. 2024, Eq. 3. The total over all edges is a statistic of the degrees alone,

    Ric = 4 m - sum_i (deg i)^2,

a measure of hubness that is negative for every k >= 2.
"""

import numpy as np

from geoflow.geometry.compiled import kernel
from geoflow.geometry.graph import Graph


def forman(graph: Graph) -> np.ndarray:
    """Return F (m,) int64 of every edge, in the order of ``graph.edges``.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> complete = knn_graph(neighbors(np.eye(5), max_rank=4), 4, "union")
    >>> set(forman(complete).tolist())  # 6 - 2n on the complete graph
    {-4}
    """
    curvatures: np.ndarray = 4 - graph.degrees[graph.edges].sum(axis=1)
    return curvatures


def total_forman(graph: Graph) -> int:
    """Return Ric = sum of F over all edges = 4 m - sum_i (deg i)^2.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> total_forman(knn_graph(neighbors(np.eye(5), max_rank=4), 4, "union"))  # 10 edges of -4
    -40
    """
    return 4 * graph.n_edges - int((graph.degrees.astype(np.int64) ** 2).sum())


def forman_sums(graph: Graph) -> np.ndarray:
    """Return sum of F over the edges at each point (n,) int64; their sum is 2 Ric.

    A directed pair joined both ways has two edges and counts twice.
    """
    return summed_at_points(graph.indptr, graph.indices, graph.direction, graph.degrees)


@kernel
def summed_at_points(
    indptr: np.ndarray, indices: np.ndarray, direction: np.ndarray, degrees: np.ndarray
) -> np.ndarray:
    """Return sum over the edges (i, j) at i of 4 - deg i - deg j."""
    n = len(indptr) - 1
    sums = np.zeros(n, np.int64)
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            edges = 2 if direction[e] == 3 else 1
            sums[i] += edges * (4 - degrees[i] - degrees[indices[e]])
    return sums
