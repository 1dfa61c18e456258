"""How many holes a layer graph has, seen from some of its points: Betti numbers of the hop metric.

    b_q = rank of H_q(VR_s(P); Z_2),   s = 2 r + 1,   r = max over points x of the hops to P

P: so many points of the graph, the first drawn with a seed, each next one farthest from those
before; VR_s(P): the Vietoris-Rips complex of P, whose simplices are sets of points at most s hops
apart. The points next to each edge of the graph are then joined too, so that b_0 is the number of
components of the graph, whatever P; b_1 counts its loops that no such simplices fill. With all
points s = 1 and the complex is that of the cliques of the graph. Source: Naitzat, Zhitnikov, Lim
2020 (kNN graph, hop metric, Vietoris-Rips at one scale); Bauer 2021 (Ripser).
"""

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from geoflow.errors import GeometryError
from geoflow.geometry.graph import Graph


@dataclass(frozen=True)
class Landmarks:
    """Points (m,) of a graph, their hops (m, m) from each other, and the radius r around them."""

    points: np.ndarray
    hops: np.ndarray
    radius: int


@dataclass(frozen=True)
class Betti:
    """Betti numbers b_0 and b_1 of ``n_points`` points at a scale in hops."""

    betti_0: int
    betti_1: int
    scale: int
    n_points: int


def landmarks(graph: Graph, n_points: int, seed: int) -> Landmarks:
    """Return so many points of a graph, or all of fewer: each next one is farthest from the others.

    Points out of reach are farthest; of equally far points it is the one of the least index.
    Direction is ignored.
    """
    edges = np.ones(len(graph.indices)), graph.indices, graph.indptr
    adjacent = csr_matrix(edges, shape=(graph.n, graph.n))
    chosen = [int(np.random.default_rng(seed).integers(graph.n))]
    found = []
    nearest = np.full(graph.n, np.inf)
    while True:
        found.append(dijkstra(adjacent, unweighted=True, indices=chosen[-1]))
        nearest = np.minimum(nearest, found[-1])
        if len(chosen) == min(n_points, graph.n):
            break
        chosen.append(int(nearest.argmax()))
    if np.isinf(nearest).any():
        raise GeometryError(f"a component has none of the {len(chosen)} points: take more points")
    points = np.array(chosen)
    return Landmarks(points, np.array(found)[:, points], int(nearest.max()))


def betti_numbers(graph: Graph, n_points: int = 200, seed: int = 0) -> Betti:
    """Return b_0 and b_1 of the hop metric of a graph, seen from some of its points.

    Raises GeometryError where ripser is not installed, and for fewer points than components.
    """
    refuse_without_ripser()
    from ripser import ripser

    seen = landmarks(graph, n_points, seed)
    scale = 2 * seen.radius + 1
    diagrams = ripser(seen.hops, maxdim=1, thresh=scale, distance_matrix=True)["dgms"]
    born = [int(((one[:, 0] <= scale) & (one[:, 1] > scale)).sum()) for one in diagrams]
    return Betti(born[0], born[1], scale, len(seen.points))


def refuse_without_ripser() -> None:
    """Say what to install where it is not there."""
    if find_spec("ripser") is None:
        raise GeometryError("Betti numbers need ripser: pip install 'geoflow-explorer[topology]'")
