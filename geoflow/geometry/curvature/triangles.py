"""Curvatures that see triangles, of the edges of an undirected layer graph.

With t_ij the number of common neighbours of i and j (the triangles on the edge), M and m the larger
and the smaller of their degrees, a = 1 - 1/deg i - 1/deg j and (x)+ = max(0, x):

    AF(i, j) = 4 - deg i - deg j + 3 t_ij                                   augmented Forman
    O~(i, j) = 1/2 t/M - 1/2 [ (a - t/m)+ + (a - t/M)+ - t/M ]              approximate Ollivier

Sources: Hehl, von Renesse, Weber 2025; Samal et al. 2018 (AF); Tian, Lubberts, Weber
2025 (O~, the mean of an upper and a lower bound of Ollivier's curvature).
"""

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.compiled import kernel
from geoflow.geometry.curvature.forman import forman
from geoflow.geometry.graph import Graph


def triangles(graph: Graph) -> np.ndarray:
    """Return t (m,) int64 of every edge, in the order of ``graph.edges``.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> complete = knn_graph(neighbors(np.eye(5), max_rank=4), 4, "union")
    >>> set(triangles(complete).tolist())
    {3}
    """
    if graph.in_degrees is not None:
        raise GeometryError(
            "triangles are counted in undirected graphs only: choose convention union or mutual"
        )
    return common_neighbors(graph.indptr, graph.indices, graph.edges)


def augmented_forman(graph: Graph) -> np.ndarray:
    """Return AF (m,) int64 of every edge, in the order of ``graph.edges``.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> complete = knn_graph(neighbors(np.eye(5), max_rank=4), 4, "union")
    >>> set(augmented_forman(complete).tolist())  # n on the complete graph
    {5}
    """
    curvatures: np.ndarray = forman(graph) + 3 * triangles(graph)
    return curvatures


def approximate_ollivier(graph: Graph) -> np.ndarray:
    """Return O~ (m,) float64 of every edge, in the order of ``graph.edges``.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> complete = knn_graph(neighbors(np.eye(5), max_rank=4), 4, "union")
    >>> set(approximate_ollivier(complete).tolist())  # (n - 2) / (n - 1) on the complete graph
    {0.75}
    """
    degrees = graph.degrees[graph.edges]
    common = triangles(graph)
    free = 1 - (1 / degrees).sum(axis=1)
    of_larger, of_smaller = common / degrees.max(axis=1), common / degrees.min(axis=1)
    lacking = np.maximum(free - of_smaller, 0) + np.maximum(free - of_larger, 0) - of_larger
    curvatures: np.ndarray = of_larger / 2 - lacking / 2
    return curvatures


@kernel
def common_neighbors(indptr: np.ndarray, indices: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the number of common neighbours of both ends of each edge, sorted by its first end."""
    counts = np.zeros(len(edges), np.int64)
    mark = np.full(len(indptr) - 1, -1, np.int64)  # the last point whose neighbours were marked
    for e in range(len(edges)):
        i, j = edges[e]
        if e == 0 or edges[e - 1, 0] != i:
            for at in range(indptr[i], indptr[i + 1]):
                mark[indices[at]] = i
        for at in range(indptr[j], indptr[j + 1]):
            counts[e] += mark[indices[at]] == i
    return counts
