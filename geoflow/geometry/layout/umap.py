"""igraph's UMAP of layer graphs: for those who want it; it takes seconds a layer.

Source: McInnes, Healy, Melville 2018; the graph as it is, every edge of the same weight. Each layer
is turned onto the one before, as the geodesic layout is.
"""

import random
from collections.abc import Iterator, Sequence

import igraph
import numpy as np

from geoflow.geometry.community import LEIDEN
from geoflow.geometry.graph import Graph, igraph_of
from geoflow.geometry.layout.alignment import alignment

MIN_DIST = 0.1
EPOCHS = 500


def umap_layouts(graphs: Sequence[Graph], seed: int = 0) -> Iterator[np.ndarray]:
    """Yield positions (n, 2) of each layer graph; the same seed gives the same.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> graph = knn_graph(neighbors(np.random.default_rng(0).normal(size=(30, 2)), 4), 4, "union")
    >>> one, other = umap_layouts([graph, graph])
    >>> bool(np.allclose(one, other))
    True
    """
    before: np.ndarray | None = None
    for graph in graphs:
        positions = umap_layout(graph, seed)
        if before is not None:
            positions = positions @ alignment(positions, before)
        before = positions
        yield positions


def umap_layout(graph: Graph, seed: int) -> np.ndarray:
    """Return positions (n, 2) of one graph around their mean."""
    joined = igraph_of(graph).as_undirected(mode="collapse").simplify()
    with LEIDEN:  # igraph has one source of random numbers
        igraph.set_random_number_generator(random.Random(seed))
        try:
            found = joined.layout_umap(min_dist=MIN_DIST, epochs=EPOCHS)
        finally:
            igraph.set_random_number_generator(random)
    positions = np.array(found.coords)
    centred: np.ndarray = positions - positions.mean(0)
    return centred
