"""Exact Ollivier-Ricci curvature of the edges of an undirected layer graph.

    O(i, j) = 1 - W1(mu_i, mu_j)
    mu_x = alpha at x and (1 - alpha) / deg x at each neighbour of x

W1: the least mean number of hops, in the same graph, that carries mu_i over into mu_j. alpha in
[0, 1]: idle mass; 0 is the random walk of Hehl, von Renesse, Weber 2025, 0.5 a common default
elsewhere. Always -2 <= O <= 1; alpha = 1 gives 0. Source: Ollivier, Ricci curvature of Markov
chains on metric spaces, J. Funct. Anal. 256 (2009), definition 3; with idle mass, Lin, Lu, Yau,
Ricci curvature of graphs, Tohoku Math. J. 63 (2011).

How W1 is found, and that it is the least, is told in `geoflow.geometry.curvature.hop_transport`.
"""

from fractions import Fraction

import numpy as np

from geoflow.errors import GeometryError, SpecError
from geoflow.geometry.compiled import over_blocks
from geoflow.geometry.curvature.hop_transport import moved_hops
from geoflow.geometry.curvature.masses import moving_masses
from geoflow.geometry.graph import Graph

BLOCK = 256
"""Edges that a thread takes at a time."""


def ollivier(graph: Graph, alpha: float = 0.0, threads: int | None = None) -> np.ndarray:
    """Return O (m,) float64 of every edge, in the order of ``graph.edges``.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> complete = knn_graph(neighbors(np.eye(5), max_rank=4), 4, "union")
    >>> set(ollivier(complete).tolist())  # (n - 2) / (n - 1) on the complete graph
    {0.75}
    >>> path = knn_graph(neighbors(np.array([[0.0], [1.0], [3.0]]), max_rank=1), 1, "union")
    >>> ollivier(path, alpha=0.5).tolist()
    [0.5, 0.5]
    """
    if graph.in_degrees is not None:
        raise GeometryError(
            f"Ollivier curvature of a {graph.convention} graph, k = {graph.k}, is not defined: "
            "take the union or mutual convention"
        )
    idle = idle_mass(alpha, int(graph.degrees.max()))
    edges = graph.edges

    def hops(start: int, stop: int) -> np.ndarray:
        masses = moving_masses(
            graph.indptr, graph.indices, edges[start:stop], idle.numerator, idle.denominator
        )
        return moved_hops(graph.indptr, graph.indices, masses)

    found = over_blocks(hops, len(edges), BLOCK, threads)
    curvatures: np.ndarray = 1 - np.concatenate([np.empty(0), *found])
    return curvatures


def idle_mass(alpha: float, max_degree: int) -> Fraction:
    """Return alpha as a ratio small enough for whole masses of 64 bits.

    Masses are counted in units of 1 / (denominator deg_i deg_j) or larger, and hops times mass
    stay below 2^63. Any alpha with a few decimals is exact, others are off by 2^-41 at most as
    long as no point has more than 1,448 neighbours.

    >>> idle_mass(0.1, max_degree=60)
    Fraction(1, 10)
    """
    if not 0 <= alpha <= 1:
        raise SpecError(f"alpha must be a number from 0 to 1, not {alpha}")
    largest = min(2**40, 2**61 // max(max_degree, 1) ** 2)
    return Fraction(alpha).limit_denominator(largest)
