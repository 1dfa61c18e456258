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

from geoflow.geometry.compiled import kernel, over_blocks
from geoflow.geometry.graph import Graph
from geoflow.geometry.hops.search import fill_hops
from geoflow.geometry.layout.alignment import alignment, disk_centres
from geoflow.geometry.layout.neighborhoods import tighten
from geoflow.geometry.layout.pivots import best_scale, pivot_hops, pivot_layout
from geoflow.geometry.layout.stress import pivot_weights, reduce_stress

PIVOTS = 60
"""Points whose hops to all others shape a layout."""

STRESS_PASSES = 8
"""Passes of sparse stress."""

PASSES = 50
"""Passes that draw neighbours together."""

FEW = 50
"""So many points are drawn by stress alone: there is room for their hops."""

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
    >>> line = np.arange(9.0)[:, None]
    >>> path = knn_graph(neighbors(line, 2), 2, "union")
    >>> first, second = geodesic_layouts([path, path])
    >>> first.shape
    (9, 2)
    >>> bool((first == second).all())
    True
    """
    known = [(graph.indptr, sorted_rows(graph.indptr, graph.indices)) for graph in graphs]
    repeats = [at > 0 and is_same(known[at - 1], one) for at, one in enumerate(known)]

    def one(at: int, _: int) -> list[Part]:
        return [] if repeats[at] else component_parts(*known[at], dimensions)

    positions: np.ndarray | None = None
    for found, is_repeated in zip(over_blocks(one, len(graphs), 1), repeats, strict=True):
        if positions is None or not is_repeated:
            positions = joined_parts(found, positions)
        yield positions


def is_same(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> bool:
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


def component_parts(indptr: np.ndarray, indices: np.ndarray, dimensions: int) -> list[Part]:
    """Return the components of a graph, each laid out by itself."""
    members = components(indptr, indices)
    groups = np.split(np.argsort(members, kind="stable"), np.bincount(members).cumsum()[:-1])
    return [
        Part(points, component_layout(indptr, indices, points, dimensions)) for points in groups
    ]


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
    if len(points) > FEW:
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


def joined_parts(parts: Sequence[Part], before: np.ndarray | None) -> np.ndarray:
    """Return the positions of all components side by side, largest first, around their mean.

    ``before``: positions in the layer before. Each component is turned onto its own, and the
    centres of all are turned as one to where their points were.
    """
    order = sorted(parts, key=lambda part: (-part.radius, -len(part.points), part.points[0]))
    sizes = np.array([len(part.points) for part in order])
    dimensions = order[0].positions.shape[1]
    centres = disk_centres(np.array([part.radius for part in order]), GAP, dimensions)
    centres -= np.average(centres, axis=0, weights=sizes)
    if before is not None:
        was = np.array([before[part.points].mean(0) for part in order])
        centres = centres @ alignment(centres, was, sizes)
    positions = np.empty((sizes.sum(), dimensions))
    for part, centre in zip(order, centres, strict=True):
        turn = (
            np.eye(dimensions) if before is None else alignment(part.positions, before[part.points])
        )
        positions[part.points] = part.positions @ turn + centre
    return positions
