"""The geodesic layout: layer graphs drawn after their hop distances.

Pivot MDS of the hop distances (`pivots`), refined by sparse stress (`stress`), then neighbours are
drawn together (`neighborhoods`); a unit is a hop, on the mean. Components of a graph have no
distance: each is laid out by itself, and they are set side by side. Each layer is turned or
mirrored, never scaled, to lie on the layer before (`alignment`): a point that does not move stays.
A layout is a property of the graph up to that turn: layers of the same graph, those of rotated
activations too, have the same positions.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geoflow.geometry.compiled import kernel
from geoflow.geometry.graph import Graph
from geoflow.geometry.hops.search import fill_hops
from geoflow.geometry.layout.alignment import alignment, side_by_side
from geoflow.geometry.layout.neighborhoods import tighten
from geoflow.geometry.layout.pivots import best_scale, pivot_hops, pivot_layout
from geoflow.geometry.layout.stress import pivot_weights, reduce_stress

PIVOTS = 60
"""Points whose hops to all others shape a layout."""

STRESS_PASSES = 8
"""Passes of sparse stress."""

PASSES = 50
"""Passes that draw neighbours together."""

GAP = 2.0
"""Hops between components that are set side by side."""


@dataclass(frozen=True)
class Part:
    """A component: its points (m,), and their positions (m, d) around their mean."""

    points: np.ndarray
    positions: np.ndarray

    @property
    def radius(self) -> float:
        """How far its points lie from their mean at most."""
        return float(np.sqrt((self.positions**2).sum(1).max()))


def geodesic_layouts(graphs: Sequence[Graph], dimensions: int = 2) -> Iterator[np.ndarray]:
    """Yield positions (n, dimensions) of each layer graph of a network, in hops, layer by layer.

    >>> from geoflow.geometry.graph import knn_graph
    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> line = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> path = knn_graph(neighbors(line, 1), 1, "union")
    >>> first, second = geodesic_layouts([path, path])
    >>> first.round(6).tolist()
    [[1.5, 0.0], [0.5, 0.0], [-0.5, 0.0], [-1.5, 0.0]]
    >>> bool((first == second).all())
    True
    """
    before: tuple[np.ndarray, np.ndarray] | None = None
    positions: np.ndarray | None = None
    for graph in graphs:
        indptr, indices = graph.indptr, sorted_rows(graph.indptr, graph.indices)
        if before is not None and positions is not None and same(before, (indptr, indices)):
            yield positions
            continue
        positions = layout(graph, indices, dimensions, positions)
        before = (indptr, indices)
        yield positions


def same(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> bool:
    """Return whether two adjacencies are the same."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@kernel
def sorted_rows(indptr: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Return the adjacent points (2 m,) with each row in order: ranks do not matter here.

    Every adjacency stands in both rows, so that the rows read in order give each other's.
    """
    found = np.empty_like(indices)
    fill = indptr[:-1].copy()
    for i in range(len(fill)):
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            found[fill[j]] = i
            fill[j] += 1
    return found


def components(indptr: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Return the number of each point's component (n,), 0 for that of point 0."""
    n = len(indptr) - 1
    hops = np.full(n, -1, np.int32)
    found = np.full(n, -1, np.int32)
    while (found < 0).any():
        first = int((found < 0).argmax())
        fill_hops(indptr, indices, first, hops)
        found[(hops >= 0) & (found < 0)] = found.max() + 1
    return found


def layout(
    graph: Graph, indices: np.ndarray, dimensions: int, before: np.ndarray | None
) -> np.ndarray:
    """Return positions (n, dimensions) of a graph, turned onto those of the layer before."""
    members = components(graph.indptr, indices)
    parts = []
    for points in np.split(np.argsort(members, kind="stable"), np.bincount(members).cumsum()[:-1]):
        local = component_layout(graph.indptr, indices, points, dimensions)
        if before is not None:
            local = local @ alignment(local, before[points])
        parts.append(Part(points, local))
    return together(parts, dimensions, before)


def component_layout(
    indptr: np.ndarray, indices: np.ndarray, points: np.ndarray, dimensions: int
) -> np.ndarray:
    """Return positions (m, dimensions) of the points of one component, around their mean."""
    if len(points) == 1:
        return np.zeros((1, dimensions))
    starts, near = restricted(indptr, indices, points)
    pivots, hops = pivot_hops(starts, near, PIVOTS)
    positions = np.ascontiguousarray(pivot_layout(hops, dimensions))
    weights = np.ascontiguousarray(pivot_weights(hops).T)
    far = np.ascontiguousarray(hops.T)
    reduce_stress(positions, starts, near, pivots, far, weights, STRESS_PASSES)
    tighten(positions, starts, near, PASSES)
    positions -= positions.mean(0)
    return positions * best_scale(positions, hops)


def restricted(
    indptr: np.ndarray, indices: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the adjacency of the points of one component, numbered from 0."""
    n = len(indptr) - 1
    if len(points) == n:
        return indptr, indices
    number = np.zeros(n, np.int32)
    number[points] = np.arange(len(points))
    lengths = np.diff(indptr)[points]
    starts = np.append(0, lengths.cumsum())
    places = np.arange(starts[-1]) + np.repeat(indptr[points] - starts[:-1], lengths)
    return starts, number[indices[places]]


def together(parts: Sequence[Part], dimensions: int, before: np.ndarray | None) -> np.ndarray:
    """Return the positions of all components side by side, largest first, around their mean.

    Their centres are turned as one to where their points were in the layer before.
    """
    order = sorted(parts, key=lambda part: (-part.radius, -len(part.points), part.points[0]))
    n = sum(len(part.points) for part in order)
    centres = side_by_side(np.array([part.radius for part in order]), GAP, dimensions)
    sizes = [len(part.points) for part in order]
    centres -= np.average(centres, axis=0, weights=sizes)
    if before is not None and len(order) > 1:
        was = np.array([before[part.points].mean(0) for part in order])
        weight = np.array(sizes)[:, None]
        product = (centres * weight).T @ (was - before.mean(0))
        left, _, right = np.linalg.svd(product)
        centres = centres @ (left @ right)
    positions = np.empty((n, dimensions))
    for part, centre in zip(order, centres, strict=True):
        positions[part.points] = part.positions + centre
    return positions
