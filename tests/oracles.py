"""Slow obvious versions of what geoflow computes fast, straight from the definitions.

Distances are exact: a float64 is a whole number of some power of two, so points become Python
integers and squared distances are integers too. They are rounded once, to float64, to rank them.
"""

import math
from collections import Counter, deque
from itertools import product

import numpy as np

from geoflow.geometry.graph import BOTH, IN, OUT, Graph

Edges = set[tuple[int, int]]


def squared_distances(points):
    """Return the exact squared distances (n, n), each rounded once, and their unit.

    Distances are sqrt(squares) * 2**unit; the unit keeps squares from overflow.
    """
    ratios = [[float(value).as_integer_ratio() for value in point] for point in points]
    denominator = max(below for row in ratios for _, below in row)
    whole = np.array(
        [[above * (denominator // below) for above, below in row] for row in ratios], dtype=object
    )
    squares = [[int(((x - y) ** 2).sum()) for y in whole] for x in whole]
    half = max(max(row) for row in squares).bit_length() // 2
    # Python divides integers exactly and rounds once
    rounded = np.array([[square / 4**half for square in row] for row in squares])
    return rounded, half - (denominator.bit_length() - 1)


def ranked_neighbors(points, max_rank):
    """Return (index, min_rank, distance) of each neighbour up to a rank, a list per point."""
    squares, unit = squared_distances(points)
    rows = []
    for i, row in enumerate(squares):
        others = sorted((square, j) for j, square in enumerate(row) if j != i)
        ranked = []
        for square, j in others:
            min_rank = 1 + sum(closer < square for closer, _ in others)
            if min_rank <= max_rank:
                ranked.append((j, min_rank, math.ldexp(math.sqrt(square), unit)))
        rows.append(ranked)
    return rows


def knn_edges(points, k, convention) -> Edges:
    """Return the edges of the kNN graph: (i, j) for i -> j if directed, i < j if not."""
    rows = ranked_neighbors(points, k)
    tied = {(i, j) for i, row in enumerate(rows) for j, _, _ in row}
    named = {(i, j) for i, row in enumerate(rows) for j, _, _ in row[:k]}
    return {
        "directed": tied,
        "union": {(min(pair), max(pair)) for pair in named},
        "mutual": {(i, j) for i, j in named if i < j and (j, i) in named},
    }[convention]


def degrees(n, edges: Edges) -> list[int]:
    """Return the number of edges at each point, in-edges and out-edges alike."""
    ends = Counter(point for edge in edges for point in edge)
    return [ends[point] for point in range(n)]


def forman(n, edges: Edges) -> dict[tuple[int, int], int]:
    """Return 4 - deg i - deg j of every edge."""
    degree = degrees(n, edges)
    return {(i, j): 4 - degree[i] - degree[j] for i, j in edges}


def walks(n, edges: Edges, alpha) -> np.ndarray:
    """Return mu (n, n): row x has alpha at x and 1 - alpha in equal shares at its neighbours."""
    near = np.zeros((n, n))
    for i, j in edges:
        near[i, j] = near[j, i] = 1
    return alpha * np.eye(n) + (1 - alpha) * near / np.maximum(near.sum(axis=1, keepdims=True), 1)


def potentials(n, edges: Edges) -> np.ndarray:
    """Return every whole-number function (., n) of a small connected graph, 0 at point 0, that
    differs by at most 1 along each edge: W1(mu, nu) is the largest of sum_x phi(x) (mu - nu)(x).
    """
    reach = [range(-far, far + 1) for far in hops(n, edges)[0].tolist()]
    every = np.array(list(product(*reach)))
    i, j = np.array(sorted(edges)).T
    return every[(abs(every[:, i] - every[:, j]) <= 1).all(axis=1)]


def hops(n, edges: Edges) -> np.ndarray:
    """Return the hop distances (n, n), direction ignored, -1 where there is no path."""
    near = [set() for _ in range(n)]
    for i, j in edges:
        near[i].add(j)
        near[j].add(i)
    distances = np.full((n, n), -1)
    for source in range(n):
        distances[source, source] = 0
        queue = deque([source])
        while queue:
            v = queue.popleft()
            for w in near[v]:
                if distances[source, w] < 0:
                    distances[source, w] = distances[source, v] + 1
                    queue.append(w)
    return distances


def components(n, edges: Edges) -> set[frozenset[int]]:
    """Return the connected components as sets of points."""
    return {frozenset(np.flatnonzero(row >= 0).tolist()) for row in hops(n, edges)}


def partition(labels) -> set[frozenset[int]]:
    """Return the sets of points that share a label."""
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def graph_of(n, edges: Edges, is_directed=False) -> Graph:
    """Return a geoflow Graph with just these edges."""
    near = [{} for _ in range(n)]
    for i, j in edges:
        near[i][j] = near[i].get(j, 0) | OUT
        near[j][i] = near[j].get(i, 0) | (IN if is_directed else OUT)
    assert is_directed or all(i < j for i, j in edges)
    assert {way for row in near for way in row.values()} <= {OUT, IN, BOTH}
    return Graph(
        k=1,
        convention="directed" if is_directed else "union",
        indptr=np.cumsum([0, *map(len, near)]),
        indices=np.array([j for row in near for j in row], np.int32),
        direction=np.array([way for row in near for way in row.values()], np.uint8),
        degrees=np.array(degrees(n, edges), np.int64),
        in_degrees=np.bincount([j for _, j in edges], minlength=n) if is_directed else None,
    )


def mean_curvatures(n, values: dict[tuple[int, int], float]) -> list[float | None]:
    """Return S of each point: the mean over its edges of their curvature, None without edges."""
    at = [[value for edge, value in values.items() if point in edge] for point in range(n)]
    return [sum(some) / len(some) if some else None for some in at]


def expansions(n, edges: Edges, following: Edges) -> list[tuple[int, int, int]]:
    """Return of each point its neighbours, those unreachable in the next graph, hops to others."""
    far = hops(n, following)
    rows = []
    for point in range(n):
        near = [i + j - point for i, j in edges if point in (i, j)]
        there = [int(far[point, other]) for other in near]
        rows.append((len(near), there.count(-1), sum(hop for hop in there if hop >= 0)))
    return rows


def hsic(first, second, is_unbiased):
    """Return HSIC of two kernels (n, n) by its definition: biased, or Song et al. 2012, Eq. 5."""
    n = len(first)
    if not is_unbiased:
        centring = np.eye(n) - 1 / n
        return np.trace(first @ centring @ second @ centring) / (n - 1) ** 2
    first, second = (kernel - np.diag(np.diag(kernel)) for kernel in (first, second))
    ones = np.ones(n)
    sums = ones @ first @ ones * (ones @ second @ ones) / ((n - 1) * (n - 2))
    cross = 2 / (n - 2) * (ones @ first @ second @ ones)
    return (np.trace(first @ second) + sums - cross) / (n * (n - 3))


def cka(points, others, is_unbiased=False):
    """Return CKA of linear kernels of points (n, d) and others (n, e), centred nowhere else."""
    first, second = points @ points.T, others @ others.T
    norms = hsic(first, first, is_unbiased) * hsic(second, second, is_unbiased)
    return hsic(first, second, is_unbiased) / np.sqrt(norms)
