"""Exact Ollivier-Ricci curvature of the edges of an undirected layer graph."""

from fractions import Fraction

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.compiled import over_blocks
from geoflow.geometry.graph import Graph
from geoflow.geometry.hop_transport import distances


def ollivier(graph: Graph, alpha: float = 0.0, threads: int | None = None) -> np.ndarray:
    """Return O (m,) float64 of every edge, in the order of ``graph.edges``."""
    if graph.in_degrees is not None:
        raise GeometryError("x")
    idle = Fraction(alpha).limit_denominator(2**20)
    edges = graph.edges
    parts = over_blocks(
        lambda a, b: distances(graph.indptr, graph.indices, edges[a:b], idle.numerator, idle.denominator),
        len(edges), 512, threads,
    )
    return 1 - np.concatenate(parts)
