"""The kinds of edge curvature, by name: the rows of `geoflow.specs.CURVATURES`."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from geoflow.geometry.graph import Graph
from geoflow.specs import CURVATURES


@dataclass(frozen=True)
class EdgeCurvature:
    """One kind of curvature of the edges of a graph: ``values`` (m,), in the order of its edges.

    ``alpha``: idle mass of the kinds that have one, else None.
    """

    curvature: str
    alpha: float | None
    values: np.ndarray


def edge_curvatures(
    graph: Graph, kinds: Iterable[str], alphas: Iterable[float], threads: int | None = None
) -> list[EdgeCurvature]:
    """Return each kind of curvature of a graph's edges, those with an idle mass for every alpha.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> complete = knn_graph(neighbors(np.eye(5), max_rank=4), 4, "union")
    >>> [(one.curvature, one.values[0].item()) for one in edge_curvatures(complete, ["forman"], [])]
    [('forman', -4)]
    """
    found = []
    for kind in kinds:
        row = CURVATURES[kind]
        function = getattr(import_module(row.module), kind)
        if row.has_alpha:
            found += [
                EdgeCurvature(kind, alpha, function(graph, alpha, threads)) for alpha in alphas
            ]
        else:
            found.append(EdgeCurvature(kind, None, function(graph)))
    return found
