import networkx as nx
import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import graph_of
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from geoflow.geometry.graph import igraph_of
from geoflow.geometry.hops.geodesics import geodesics, hop_matrix

ATLAS = [(len(g), set(map(tuple, g.edges))) for g in nx.graph_atlas_g()[1:] if len(g) <= 6]
SIZES = [2, 63, 64, 65, 127, 128, 129, 1025]
PROPERTY = settings(deadline=None, max_examples=80, database=None, derandomize=True)
both = pytest.mark.parametrize("threads", [1, 2])


def path(n):
    return {(i, i + 1) for i in range(n - 1)}


def star(n):
    return {(0, leaf) for leaf in range(1, n)}


def some(n, m, seed=0):
    """Return up to m random edges."""
    pairs = np.sort(np.random.default_rng(seed).integers(0, n, size=(m, 2)), axis=1)
    return {(i, j) for i, j in pairs.tolist() if i < j}


def two_halves(n):
    """Return a path on the first half and a star on the second: two components."""
    half = n // 2
    return path(half) | {(half, j) for j in range(half + 1, n)}


SHAPES = {
    "path": path,
    "star": star,
    "cycle": lambda n: path(n) | {(0, n - 1)},
    "sparse": lambda n: some(n, n // 2),
    "middling": lambda n: path(n) | some(n, 2 * n),
    "dense": lambda n: some(n, 40 * n),
    "two halves": two_halves,
    "no edges": lambda n: set(),
}


def by_igraph(graph):
    hops = np.array(igraph_of(graph).distances(mode="all"))
    return np.where(np.isinf(hops), -1, hops).astype(int)


def by_scipy(n, edges):
    i, j = np.array(sorted(edges), int).reshape(-1, 2).T
    matrix = csr_array((np.ones(len(i)), (i, j)), (n, n))
    hops = shortest_path(matrix, directed=False, unweighted=True)
    return np.where(np.isinf(hops), -1, hops).astype(int)


def assert_follows(found, hops):
    """Everything in a Geodesics is a statistic of the matrix of hop distances."""
    reached = hops >= 0
    assert found.hop_counts.tolist() == np.bincount(hops[reached]).tolist()
    assert found.sums.tolist() == (hops * reached).sum(axis=1).tolist()
    assert found.eccentricities.tolist() == hops.max(axis=1).tolist()
    assert found.reached.tolist() == reached.sum(axis=1).tolist()
    assert found.is_connected == reached.all()
    assert found.total == (hops.sum() if reached.all() else None)
    assert found.diameter == (hops.max() if reached.all() else None)


@both
def test_all_graphs_of_up_to_six_points(threads):
    assert len(ATLAS) == 208
    for n, edges in ATLAS:
        graph = graph_of(n, edges)
        expected = oracles.hops(n, edges)
        np.testing.assert_array_equal(by_igraph(graph), expected)
        np.testing.assert_array_equal(by_scipy(n, edges), expected)
        np.testing.assert_array_equal(hop_matrix(graph), expected)
        found = geodesics(graph, threads)
        assert_follows(found, expected)
        assert oracles.partition(found.components) == oracles.components(n, edges)
        assert found.n_components == len(oracles.components(n, edges))
        assert found.components[0] == 0


@both
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("shape", SHAPES)
def test_sizes_around_machine_words(shape, n, threads):
    edges = SHAPES[shape](n)
    graph = graph_of(n, edges)
    expected = by_igraph(graph)
    np.testing.assert_array_equal(by_scipy(n, edges), expected)
    np.testing.assert_array_equal(hop_matrix(graph), expected)
    found = geodesics(graph, threads)
    assert_follows(found, expected)
    members = igraph_of(graph).connected_components(mode="weak").membership
    assert oracles.partition(found.components) == oracles.partition(np.array(members))


@PROPERTY
@given(st.integers(1, 24), st.data(), st.sampled_from([1, 2]))
def test_random_graphs(n, data, threads):
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).map(sorted).map(tuple)
    edges = {(i, j) for i, j in data.draw(st.lists(pair, max_size=3 * n)) if i < j}
    expected = oracles.hops(n, edges)
    np.testing.assert_array_equal(hop_matrix(graph_of(n, edges)), expected)
    assert_follows(geodesics(graph_of(n, edges), threads), expected)


def test_direction_is_ignored():
    edges = {(0, 1), (2, 1), (2, 3), (3, 2), (0, 4)}
    directed = graph_of(5, edges, is_directed=True)
    expected = oracles.hops(5, edges)
    np.testing.assert_array_equal(hop_matrix(directed), expected)
    np.testing.assert_array_equal(by_igraph(directed), expected)
    assert_follows(geodesics(directed), expected)


def test_path_of_600_points():
    found = geodesics(graph_of(600, path(600)))
    assert found.diameter == 599
    assert found.total == 600 * (600**2 - 1) // 3
    assert found.hop_counts.tolist() == [600] + [2 * (600 - h) for h in range(1, 600)]


def test_star_has_two_hops_between_leaves():
    found = geodesics(graph_of(100, star(100)))
    assert found.hop_counts.tolist() == [100, 198, 99 * 98]
    assert found.eccentricities.tolist() == [1] + 99 * [2]


def test_two_components_have_no_total():
    found = geodesics(graph_of(200, two_halves(200)))
    assert (found.n_components, found.is_connected) == (2, False)
    assert (found.total, found.diameter) == (None, None)
    assert found.components.tolist() == 100 * [0] + 100 * [1]
    assert set(found.reached.tolist()) == {100}


def test_more_threads_than_points_change_nothing():
    graph = graph_of(3, path(3))
    assert geodesics(graph, threads=8).total == 8
