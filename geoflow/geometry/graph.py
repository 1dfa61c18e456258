"""The kNN graph of a layer, in each of the three conventions in use.

With d_i(k) the distance from point i to its k-th nearest neighbour, other points only:

- ``directed`` (Baptista et al. 2024, R code): edge i -> j iff d_ij <= d_i(k), so every tie is in
  and the out-degree is at least k. The degree is in-degree + out-degree.
- ``union`` (Hehl, von Renesse, Weber 2025): exactly k neighbours each, ties by (distance, index);
  i - j iff one names the other. Simple and undirected.
- ``mutual``: i - j iff each names the other.

Hop distance and components ignore direction in all three.
"""

from dataclasses import dataclass

import igraph
import numpy as np

from geoflow.errors import GeometryError, unknown
from geoflow.geometry.compiled import kernel
from geoflow.geometry.neighbors.knn import Neighbors
from geoflow.specs import CONVENTIONS

OUT, IN, BOTH = 1, 2, 3
"""Directions of an adjacency: row -> column, column -> row, or an edge each way."""


@dataclass(frozen=True)
class Graph:
    """The graph of n points as rows of adjacent points; every adjacency stands in both rows.

    ``indptr`` (n + 1,), ``indices`` (2 m,) int32 in row order; ``direction`` (2 m,) uint8 is
    OUT, IN or BOTH in a directed graph and OUT throughout in an undirected one; ``degrees`` (n,)
    count edges (a pair joined both ways counts twice); ``in_degrees`` (n,) or None if undirected.
    """

    k: int
    convention: str
    indptr: np.ndarray
    indices: np.ndarray
    direction: np.ndarray
    degrees: np.ndarray
    in_degrees: np.ndarray | None

    @property
    def n(self) -> int:
        """The number of points."""
        return len(self.indptr) - 1

    @property
    def n_edges(self) -> int:
        """E directed or m undirected edges: half the sum of the degrees."""
        return int(self.degrees.sum()) // 2

    @property
    def edges(self) -> np.ndarray:
        """Edges (m, 2) int32: i -> j of a directed graph, i < j of an undirected one."""
        rows = np.repeat(np.arange(self.n, dtype=np.int32), np.diff(self.indptr))
        is_directed = self.in_degrees is not None
        kept = (self.direction & OUT) > 0 if is_directed else rows < self.indices
        pairs = np.stack([rows[kept], self.indices[kept]], axis=1)
        return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def knn_graph(ranked: Neighbors, k: int, convention: str = "directed") -> Graph:
    """Return the graph for one k <= ``ranked.max_rank`` in one convention.

    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> ranked = neighbors(np.array([[0.0], [1.0], [2.0], [4.0]]), max_rank=1)
    >>> knn_graph(ranked, 1, "directed").edges.tolist()
    [[0, 1], [1, 0], [1, 2], [2, 1], [3, 2]]
    >>> knn_graph(ranked, 1, "union").edges.tolist()
    [[0, 1], [1, 2], [2, 3]]
    >>> knn_graph(ranked, 1, "mutual").edges.tolist()
    [[0, 1]]
    """
    if convention not in CONVENTIONS:
        raise unknown("convention", convention, CONVENTIONS, "choose one of these")
    if not 1 <= k <= ranked.max_rank:
        raise GeometryError(f"k must be from 1 to {ranked.max_rank}, the ranks there are, not {k}")
    starts = ranked.indptr[:-1]
    if convention == "directed":
        lengths = tied_lengths(ranked.indptr, ranked.min_rank, k)
    else:
        lengths = np.full(ranked.n, k, np.int64)
    mode = CONVENTIONS.index(convention)
    indptr, indices, direction, in_degrees = adjacency(ranked.index, starts, lengths, mode)
    if convention == "directed":
        return Graph(k, convention, indptr, indices, direction, in_degrees + lengths, in_degrees)
    return Graph(k, convention, indptr, indices, direction, np.diff(indptr), None)


def igraph_of(graph: Graph) -> igraph.Graph:
    """Return the graph as an `igraph.Graph`, directed where the convention is.

    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> ranked = neighbors(np.array([[0.0], [1.0], [3.0]]), max_rank=1)
    >>> igraph_of(knn_graph(ranked, 1, "union")).ecount()
    2
    """
    return igraph.Graph(n=graph.n, edges=graph.edges, directed=graph.in_degrees is not None)


@kernel
def tied_lengths(indptr: np.ndarray, min_rank: np.ndarray, k: int) -> np.ndarray:
    """Return how many neighbours (n,) are at most as far as the k-th: ``min_rank <= k``."""
    n = len(indptr) - 1
    lengths = np.empty(n, np.int64)
    for i in range(n):
        end = indptr[i] + k
        while end < indptr[i + 1] and min_rank[end] <= k:
            end += 1
        lengths[i] = end - indptr[i]
    return lengths


@kernel
def adjacency(
    index: np.ndarray, starts: np.ndarray, lengths: np.ndarray, mode: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Join who i names (its first ``lengths[i]`` neighbours) with who names i.

    mode: place of the convention in CONVENTIONS. Returns indptr, indices, direction and the
    number of points that name i. Linear in the number of edges: one counting sort, one merge.
    """
    n = len(starts)
    named = np.zeros(n, np.int64)
    for i in range(n):
        for e in range(starts[i], starts[i] + lengths[i]):
            named[np.uint32(index[e])] += 1
    ends = np.cumsum(named)
    fill = ends - named
    by = np.empty(ends[n - 1], np.int32)
    for i in range(n):
        for e in range(starts[i], starts[i] + lengths[i]):
            j = np.uint32(index[e])
            by[fill[j]] = i
            fill[j] += 1
    indptr = np.zeros(n + 1, np.int64)
    indices = np.empty(2 * len(by), np.int32)
    direction = np.empty(2 * len(by), np.uint8)
    mark = np.full(n, -1, np.int64)  # where i's row has j
    size = 0
    for i in range(n):
        row = size
        for e in range(starts[i], starts[i] + lengths[i]):
            mark[np.uint32(index[e])] = size
            indices[size] = index[e]
            size += 1
        direction[row:size] = OUT
        for e in range(ends[i] - named[i], ends[i]):
            at = mark[np.uint32(by[e])]
            is_new = at < row  # no branch: which way it would go nobody can foretell
            at = size if is_new else at
            indices[at] = by[e]
            direction[at] = IN if is_new else BOTH
            size += is_new
        if mode == 2:  # mutual: keep who is named both ways
            kept = row
            for e in range(row, size):
                if direction[e] == BOTH:
                    indices[kept] = indices[e]
                    direction[kept] = OUT
                    kept += 1
            # rows were marked at their old places: forget them all before the next row
            for e in range(starts[i], starts[i] + lengths[i]):
                mark[np.uint32(index[e])] = -1
            size = kept
        elif mode == 1:
            direction[row:size] = OUT
        indptr[i + 1] = size
    return indptr, indices[:size].copy(), direction[:size].copy(), named
