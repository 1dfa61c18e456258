"""How much memory measuring a network takes at least: what is clearly beyond it is refused before.

Counted is what is certainly there at one time, in bytes; graphs and their curvatures come on top.
"""

from collections.abc import Sequence
from itertools import pairwise

from geoflow.geometry.compiled import n_threads
from geoflow.geometry.neighbors.knn import BLOCK_ROWS
from geoflow.geometry.neighbors.wide import is_wide, wide_bytes
from geoflow.geometry.similarity import needs_gram
from geoflow.machine.memory import refuse_beyond_memory
from geoflow.measure.activations import Activations
from geoflow.measure.layers import kept_rank
from geoflow.measure.similarity import MOST_COMPARED
from geoflow.specs import GeometrySpec

RANKED = 16
"""Of a ranked neighbour: index, distance, min_rank."""

NEIGHBOR, NODE, PAIR = 20, 40, 16
"""Of a row of neighbors, nodes, geodesics."""

TRIANGLE = 12
"""For each of n^2 pairs, while the rows of geodesics of one graph are made."""

SQUARES = 6
"""Matrices (d, d) of float64 that the map between two normal distributions holds at once."""


def geometry_bytes(n: int, widths: Sequence[int], spec: GeometrySpec) -> int:
    """Return the bytes that the graphs of n points in hidden layers of these widths take at least.

    >>> spec = GeometrySpec((10,), ("union",), detail="nodes")
    >>> geometry_bytes(10**6, [10], spec) // 10**6 > 300  # of a million points, in megabytes
    True
    """
    keep = min(kept_rank(spec, n), n - 1)
    ranked = RANKED * n * min(max(*spec.k, keep), n - 1)
    n_graphs = len(set(spec.k)) * len(set(spec.convention))
    of_graph = 0 if spec.detail == "graphs" else NODE * n
    making = 0
    if spec.detail == "pairs":
        of_graph += PAIR * n * (n - 1) // 2
        making = TRIANGLE * n * n
    of_layer = ranked + NEIGHBOR * n * keep + n_graphs * of_graph
    work = max(neighbor_bytes(n, width, max(*spec.k, keep)) for width in widths)
    grams = [8 * min(n, MOST_COMPARED) ** 2 for width in widths if needs_gram(n, width)]
    return (len(widths) - 1) * of_layer + max(of_layer, work, making) + sum(grams)


def neighbor_bytes(n: int, width: int, max_rank: int) -> int:
    """Return the bytes that are at work while the neighbours of a layer are found.

    >>> neighbor_bytes(2000, 200_704, 10) < 4 * 2000 * 200_704  # not even one copy of it
    True
    """
    if is_wide(n, width, max_rank):
        return wide_bytes(n, width, max_rank, n_threads())
    return 8 * n * min(n, BLOCK_ROWS * n_threads())


def refuse_large_geometry(n: int, widths: Sequence[int], spec: GeometrySpec) -> None:
    """Refuse a network whose graphs have no room in memory."""
    fewer = "fewer points, a smaller k"
    if spec.detail != "graphs":
        fewer += f", or less than --detail {spec.detail}"
    refuse_beyond_memory(
        f"the graphs of {len(widths)} layers of {n:,} points",
        geometry_bytes(n, widths, spec),
        fewer,
    )


def refuse_large_transport(found: Activations) -> None:
    """Refuse transport between layers so wide that their covariances have no room in memory.

    Points are moved between neighbouring layers of one width and, with pre-activations, through
    every activation.
    """
    moved = [after for before, after in pairwise(found.widths) if before == after]
    widest = max([*moved, *(one.shape[1] for one in found.pre or ())], default=0)
    refuse_beyond_memory(
        f"transport geometry of layers of width {widest:,}",
        SQUARES * 8 * widest**2,
        "narrower layers, or --no-transport",
    )
