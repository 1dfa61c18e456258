"""The geodesic layout: what stays, what is near, and what is apart."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from geoflow.geometry.graph import Graph, knn_graph
from geoflow.geometry.hops.geodesics import components_of, hop_matrix
from geoflow.geometry.layout.alignment import alignment, directions, disk_centres
from geoflow.geometry.layout.geodesic import components, geodesic_layouts, sorted_rows
from geoflow.geometry.layout.pivots import pivot_hops, pivot_layout
from geoflow.geometry.neighbors.knn import neighbors


def graph_of(points: np.ndarray, k: int, convention: str = "union") -> Graph:
    return knn_graph(neighbors(points, k), k, convention)


def rotation(d: int, seed: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("k", [1, 6])
@pytest.mark.parametrize("convention", ["directed", "union", "mutual"])
def test_the_same_graph_and_a_rotated_copy_stay(dimensions, k, convention):
    points = np.random.default_rng(0).normal(size=(150, 5))
    copies = [points, points, points @ rotation(5, 1) + 3.0]
    first, second, third = geodesic_layouts(
        [graph_of(one, k, convention) for one in copies], dimensions
    )
    assert first.shape == (150, dimensions) and np.isfinite(first).all()
    assert (first == second).all() and (first == third).all()
    assert np.ptp(first, axis=0).min() > 1


def test_it_is_the_same_in_every_call_and_moves_with_the_graph():
    rng = np.random.default_rng(3)
    layers = [rng.normal(size=(120, 4)) for _ in range(3)]
    graphs = [graph_of(one, 5) for one in layers]
    one, other = list(geodesic_layouts(graphs)), list(geodesic_layouts(graphs))
    assert all((a == b).all() for a, b in zip(one, other, strict=True))
    assert (one[0] != one[1]).any()


def test_a_layer_is_turned_onto_the_one_before():
    """After alignment no turn or mirror of the second layer is nearer to the first."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(200, 2))
    first, second = geodesic_layouts(
        [graph_of(x, 8), graph_of(x + rng.normal(size=x.shape) / 9, 8)]
    )
    off = np.linalg.norm(second - first)
    angles = np.linspace(0, 2 * np.pi, 73)
    turns = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in angles]
    others = [second @ (turn @ np.diag([1, sign])) for turn in turns for sign in (1, -1)]
    assert off <= min(np.linalg.norm(one - first) for one in others) + 1e-9
    assert off < 0.7 * np.linalg.norm(first)


def test_components_lie_apart():
    rng = np.random.default_rng(1)
    blobs = np.concatenate(
        [rng.normal(size=(m, 3)) + 100 * at for at, m in enumerate((60, 40, 20))]
    )
    graph = graph_of(blobs, 5)
    found = components_of(graph, is_connected=False)
    assert len(set(found)) == 3
    assert (components(graph.indptr, sorted_rows(graph.indptr, graph.indices)) == found).all()
    for dimensions in (2, 3):
        (positions,) = geodesic_layouts([graph], dimensions)
        boxes = [(positions[found == c].mean(0), positions[found == c]) for c in range(3)]
        radii = [np.linalg.norm(part - centre, axis=1).max() for centre, part in boxes]
        for a in range(3):
            for b in range(a):
                apart = np.linalg.norm(boxes[a][0] - boxes[b][0])
                assert apart >= radii[a] + radii[b] + 1.999


def test_a_component_keeps_its_side():
    """Two components that swap their sizes do not swap their places."""
    rng = np.random.default_rng(2)
    first = np.concatenate([rng.normal(size=(50, 3)), 90 + rng.normal(size=(50, 3))])
    second = np.concatenate([9 * rng.normal(size=(50, 3)), 900 + rng.normal(size=(50, 3)) / 9])
    before, after = geodesic_layouts([graph_of(first, 6), graph_of(second[::1], 6)])
    way = [one[:50].mean(0) - one[50:].mean(0) for one in (before, after)]
    assert way[0] @ way[1] > 0.9 * np.linalg.norm(way[0]) * np.linalg.norm(way[1])


def test_isolated_points_and_a_pair_have_places_of_their_own():
    graph = graph_of(np.array([[0.0], [1.0], [10.0], [10.5], [30.0]]), 1, "mutual")
    (positions,) = geodesic_layouts([graph])
    gaps = np.linalg.norm(positions[:, None] - positions[None], axis=2)[np.triu_indices(5, 1)]
    assert gaps.min() > 0.1


def test_pivot_layout_of_a_grid_is_the_grid():
    """Hops of a cycle of four are those of a square's corners; classical scaling finds it."""
    hops = np.array([[0, 1, 2, 1], [1, 0, 1, 2], [2, 1, 0, 1], [1, 2, 1, 0]], np.int32)
    found = pivot_layout(hops, 2)
    sides = np.linalg.norm(found - np.roll(found, 1, axis=0), axis=1)
    assert sides == pytest.approx(sides[0])
    assert np.abs(found.mean(0)).max() < 1e-12


def test_hops_from_pivots_are_those_of_the_matrix():
    graph = graph_of(np.random.default_rng(4).normal(size=(80, 2)), 7)
    pivots, hops = pivot_hops(graph.indptr, graph.indices, 9)
    assert len(set(pivots.tolist())) == 9
    assert (hops == hop_matrix(graph)[pivots]).all()


def test_sorted_rows_are_sorted():
    graph = graph_of(np.random.default_rng(6).normal(size=(70, 3)), 5, "directed")
    rows = sorted_rows(graph.indptr, graph.indices)
    for at in range(70):
        part = slice(graph.indptr[at], graph.indptr[at + 1])
        assert rows[part].tolist() == sorted(graph.indices[part].tolist())


def test_alignment_is_orthogonal_and_mirrors():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(30, 3))
    mirrored = x @ rotation(3, 8) @ np.diag([1.0, 1.0, -1.0])
    turn = alignment(x, mirrored)
    assert np.allclose(turn.T @ turn, np.eye(3))
    assert np.allclose(x @ turn, mirrored)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_many_disks_do_not_touch(dimensions):
    assert np.allclose(np.linalg.norm(directions(dimensions), axis=1), 1)
    radii = np.sort(np.random.default_rng(9).gamma(1.0, size=300))[::-1]
    centres = disk_centres(radii, 1.0, dimensions)
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    least = radii[:, None] + radii[None] + 1.0
    off = ~np.eye(300, dtype=bool)
    assert (apart[off] >= least[off] - 1e-6).all()


def test_neighbours_in_the_graph_are_neighbours_in_the_picture():
    """A roll of 2 dimensions in 3: its picture has its neighbourhoods."""
    rng = np.random.default_rng(10)
    along, across = rng.uniform(4, 12, 600), rng.uniform(0, 10, 600)
    roll = np.stack([along * np.cos(along), across, along * np.sin(along)], axis=1)
    graph = graph_of(roll, 8)
    hops = hop_matrix(graph)
    assert hops.min() == 0
    (positions,) = geodesic_layouts([graph])
    assert trustworthiness(hops, positions, n_neighbors=10, metric="precomputed") > 0.97
