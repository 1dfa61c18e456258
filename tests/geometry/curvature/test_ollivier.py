"""Ollivier curvature against closed forms, every small graph, and two solvers of transport."""

from dataclasses import replace
from itertools import combinations

import networkx
import numpy as np
import oracles
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.generators.atlas import graph_atlas_g
from oracles import graph_of
from scipy.optimize import linprog

from geoflow.errors import GeometryError, SpecError
from geoflow.geometry.curvature.ollivier import ollivier
from geoflow.geometry.graph import knn_graph
from geoflow.geometry.hops.geodesics import hop_matrix
from geoflow.geometry.neighbors.knn import neighbors

ALPHAS = (0.0, 0.25, 0.5)
alphas = pytest.mark.parametrize("alpha", ALPHAS)
EXACT = {"atol": 1e-14, "rtol": 0}
CYCLES = {3: (0.5, 0.75), 4: (0, 0.5), 5: (0, 0.25), 6: (0, 0), 7: (0, 0), 90: (0, 0)}
PROPERTY = settings(deadline=None, max_examples=40, database=None, derandomize=True)


def edges_of(graph):
    return {(min(pair), max(pair)) for pair in graph.edges}


def numbered(graph):
    """Return the graph of geoflow and the edges of a graph of networkx, its nodes as 0, 1, ..."""
    graph = networkx.convert_node_labels_to_integers(graph, ordering="sorted")
    edges = edges_of(graph)
    return graph_of(len(graph), edges), edges


def layer(kind, n):
    """Return points (n, d) as layers have them: a cloud, two blobs folded by ReLU, a long line."""
    rng = np.random.default_rng(7)
    if kind == "normal":
        return rng.normal(size=(n, 25))
    if kind == "thin":
        return np.stack([rng.uniform(size=n), *0.01 * rng.normal(size=(3, n))], axis=1)
    points = rng.normal(size=(n, 20)) + np.where(np.arange(n) % 2, 0.6, -0.6)[:, None]
    for _ in range(5):
        points = np.maximum(points @ rng.normal(size=(20, 20)) / np.sqrt(10), 0)
    return points


def by_network_simplex(graph, alpha, every=1):
    """Return the curvature of each so-many-th edge by POT's solver and all hop distances."""
    hops = hop_matrix(graph).astype(float)
    near = np.split(graph.indices, graph.indptr[1:-1])
    shares = [np.full(len(row), (1 - alpha) / max(len(row), 1)) for row in near]
    found = []
    for i, j in graph.edges[::every].tolist():
        cost = hops[np.ix_([*near[i], i], [*near[j], j])]
        found.append(1 - ot.emd2([*shares[i], alpha], [*shares[j], alpha], cost))
    return found


def by_linear_program(graph, mu, nu):
    """Return 1 - W1 from the largest sum of phi (mu - nu) over functions 1-Lipschitz on edges."""
    rises = np.zeros((graph.n_edges, graph.n))
    at = np.arange(graph.n_edges)
    rises[at, graph.edges[:, 0]], rises[at, graph.edges[:, 1]] = 1, -1
    bounds = [(-graph.n, graph.n)] * graph.n
    both = np.vstack([rises, -rises])
    return 1 + linprog(nu - mu, A_ub=both, b_ub=np.ones(len(both)), bounds=bounds).fun


@pytest.mark.parametrize("n", [2, 3, 4, 9, 66, 130])
def test_complete_graph(n):
    complete = graph_of(n, set(combinations(range(n), 2)))
    assert ollivier(complete).shape == (n * (n - 1) // 2,)
    np.testing.assert_allclose(ollivier(complete), (n - 2) / (n - 1), **EXACT)
    for alpha in (0.2, 0.5, 0.9):  # all but the two ends is shared, and these are 1 apart
        expected = 1 - abs(alpha - (1 - alpha) / (n - 1))
        np.testing.assert_allclose(ollivier(complete, alpha), expected, **EXACT)


@pytest.mark.parametrize("n", CYCLES)
def test_cycle(n):
    still, half = CYCLES[n]
    cycle, _ = numbered(networkx.cycle_graph(n))
    assert ollivier(cycle).tolist() == [still] * n
    assert ollivier(cycle, 0.5).tolist() == [half] * n


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [2, 9, 60])
def test_tree(n, seed):
    tree, _ = numbered(networkx.random_labeled_tree(n, seed=seed))
    free = 1 - (1 / tree.degrees[tree.edges]).sum(axis=1)
    np.testing.assert_allclose(ollivier(tree), -2 * np.maximum(free, 0), **EXACT)
    np.testing.assert_allclose(ollivier(tree, 0.5), -free, **EXACT)


@pytest.mark.parametrize("leaves", [1, 2, 63, 64, 65, 1000])
def test_star_and_two_stars(leaves):
    star = {(0, leaf) for leaf in range(1, leaves + 1)}
    assert ollivier(graph_of(leaves + 1, star)).tolist() == [0] * leaves
    other = {(leaves + 1, leaves + 1 + leaf) for leaf in range(1, leaves + 1)}
    both = graph_of(2 * leaves + 2, star | other | {(0, leaves + 1)})
    at = both.edges.tolist().index([0, leaves + 1])
    np.testing.assert_allclose(ollivier(both)[at], -2 * (1 - 2 / (leaves + 1)), **EXACT)


@pytest.mark.parametrize(("a", "b"), [(1, 1), (1, 4), (2, 3), (5, 5), (7, 70), (70, 71)])
def test_complete_bipartite_graph(a, b):
    graph, _ = numbered(networkx.complete_bipartite_graph(a, b))
    assert ollivier(graph).tolist() == [0] * (a * b)
    np.testing.assert_allclose(ollivier(graph, 0.5), 1 / max(a, b), **EXACT)


@pytest.mark.parametrize("d", range(1, 7))
def test_hypercube(d):
    cube, _ = numbered(networkx.hypercube_graph(d))
    assert set(ollivier(cube)) == {0}
    np.testing.assert_allclose(ollivier(cube, 0.5), 1 / d, **EXACT)


@alphas
def test_grid_is_flat_within(alpha):
    """Along a lattice a shift of all mass by one is the least: no function rises faster."""
    n = 9
    grid, _ = numbered(networkx.grid_2d_graph(n, n))
    within = [(i, j) for i in range(2, n - 2) for j in range(2, n - 2)]
    inner = np.isin(grid.edges, [n * i + j for i, j in within]).all(axis=1)
    assert inner.sum() == 2 * 5 * 4
    assert ollivier(grid, alpha)[inner].tolist() == [0] * 40


def test_every_connected_graph_of_up_to_6_points():
    """Against all whole-number potentials: the largest is W1 by Kantorovich's duality."""
    n_edges = 0
    for atlas in graph_atlas_g():
        if not 2 <= len(atlas) <= 6 or not networkx.is_connected(atlas):
            continue
        graph, edges = numbered(atlas)
        rising = oracles.potentials(graph.n, edges)
        for alpha in (*ALPHAS, 0.1, 0.8):
            mu = oracles.walks(graph.n, edges, alpha)
            apart = mu[graph.edges[:, 0]] - mu[graph.edges[:, 1]]
            expected = 1 - (rising @ apart.T).max(axis=0)
            np.testing.assert_allclose(ollivier(graph, alpha), expected, rtol=0, atol=1e-12)
        n_edges += len(edges)
    assert n_edges == 1112


@PROPERTY
@given(st.integers(2, 30), st.floats(0.02, 1), st.integers(0, 10**6), st.floats(0, 1))
def test_random_graphs_are_those_of_the_network_simplex(n, density, seed, alpha):
    graph, _ = numbered(networkx.fast_gnp_random_graph(n, density, seed=seed))
    expected = by_network_simplex(graph, alpha)
    np.testing.assert_allclose(ollivier(graph, alpha), expected, rtol=0, atol=1e-9)


@alphas
@pytest.mark.parametrize("seed", range(3))
def test_random_graphs_are_those_of_a_linear_program(seed, alpha):
    graph, edges = numbered(networkx.connected_watts_strogatz_graph(24, 6, 0.3, seed=seed))
    mu = oracles.walks(graph.n, edges, alpha)
    expected = [by_linear_program(graph, mu[i], mu[j]) for i, j in graph.edges.tolist()]
    np.testing.assert_allclose(ollivier(graph, alpha), expected, rtol=0, atol=1e-9)


@alphas
@pytest.mark.parametrize("convention", ["union", "mutual"])
@pytest.mark.parametrize("kind", ["normal", "relu", "thin"])
def test_layers_are_those_of_the_network_simplex(kind, convention, alpha):
    graph = knn_graph(neighbors(layer(kind, 220), 30), 30, convention)
    expected = by_network_simplex(graph, alpha, every=23)
    np.testing.assert_allclose(ollivier(graph, alpha)[::23], expected, rtol=0, atol=1e-9)


@alphas
@pytest.mark.parametrize("k", [8, 40])
def test_layers_of_a_trained_network_are_those_of_the_network_simplex(reference, k, alpha):
    with np.load(reference[0]) as layers:
        clouds = [layers[name] for name in layers.files if name.startswith("layer")]
    assert len(clouds) == 6
    for points in clouds:
        graph = knn_graph(neighbors(points, k), k, "union")
        expected = by_network_simplex(graph, alpha, every=61)
        np.testing.assert_allclose(ollivier(graph, alpha)[::61], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("alpha", [1e-9, 1e-3, 1 / np.pi, 0.1 + 0.2, 1 - 1e-9])
def test_idle_mass_need_not_be_a_plain_ratio(alpha):
    graph = knn_graph(neighbors(layer("relu", 200), 20), 20, "union")
    expected = by_network_simplex(graph, alpha, every=31)
    np.testing.assert_allclose(ollivier(graph, alpha)[::31], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", ["normal", "relu", "thin"])
def test_curvature_is_linear_once_a_point_keeps_its_share(kind):
    """O_alpha / (1 - alpha) is constant from alpha = 1 / (1 + larger degree) on: Bourne,
    Cushing, Liu, Muench, Peyerimhoff, Ollivier-Ricci idleness functions of graphs, 2018."""
    graph = knn_graph(neighbors(layer(kind, 300), 15), 15, "union")
    least = 1 / (1 + graph.degrees[graph.edges].max(axis=1).min())
    slopes = [ollivier(graph, alpha) / (1 - alpha) for alpha in (least, 0.3, 0.5, 0.75)]
    for one in slopes[1:]:
        np.testing.assert_allclose(one, slopes[0], rtol=0, atol=1e-9)
    below = ollivier(graph)
    assert (below <= slopes[0] + 1e-12).all()  # concave, and 0 at alpha = 1
    assert (below < slopes[0] - 1e-3).any()


@pytest.mark.parametrize("kind", ["normal", "relu", "thin"])
def test_values_move_with_the_points_and_stay_within_bounds(kind):
    graph = knn_graph(neighbors(layer(kind, 300), 12), 12, "union")
    for alpha in (*ALPHAS, 1 / 3):
        values = ollivier(graph, alpha)
        assert -2 <= values.min() < values.max() <= 1
        place = np.random.default_rng(1).permutation(graph.n)
        moved = np.sort(place[graph.edges], axis=1)
        other = graph_of(graph.n, set(map(tuple, moved.tolist())))
        order = np.lexsort((moved[:, 1], moved[:, 0]))
        assert ollivier(other, alpha).tolist() == values[order].tolist()


def test_values_depend_neither_on_threads_nor_on_the_order_within_rows():
    graph = knn_graph(neighbors(layer("relu", 400), 12), 12, "union")
    assert graph.n_edges > 2000
    alone = ollivier(graph, threads=1)
    rows = np.split(graph.indices, graph.indptr[1:-1])
    for order in (np.sort, lambda row: np.sort(row)[::-1]):
        mixed = replace(graph, indices=np.concatenate([order(row) for row in rows]))
        assert ollivier(mixed, threads=3).tolist() == alone.tolist()


def test_all_mass_idle_is_flat():
    graph = knn_graph(neighbors(layer("relu", 60), 5), 5, "union")
    assert ollivier(graph, 1).tolist() == [0] * graph.n_edges


@alphas
def test_points_without_edges_and_parts_without_a_path(alpha):
    assert ollivier(graph_of(4, set()), alpha).tolist() == []
    pair = ollivier(graph_of(2, {(0, 1)}), alpha)
    apart = ollivier(graph_of(7, {(1, 2), (4, 6)}), alpha)
    assert apart.tolist() == [*pair, *pair] == [pytest.approx(1 - abs(2 * alpha - 1))] * 2


def test_directed_graph_is_refused_in_words():
    graph = knn_graph(neighbors(layer("relu", 30), 4), 4, "directed")
    with pytest.raises(GeometryError, match=r"directed graph, k = 4.*union or mutual"):
        ollivier(graph)


@pytest.mark.parametrize("alpha", [-0.1, 1.01, float("nan"), float("inf")])
def test_idle_mass_that_is_no_share_is_refused_in_words(alpha):
    with pytest.raises(SpecError, match=r"alpha must be a number from 0 to 1, not "):
        ollivier(graph_of(2, {(0, 1)}), alpha)
