import igraph
import numpy as np
import oracles
import pytest
from oracles import graph_of

from geoflow.geometry.curvature.forman import forman, forman_sums, total_forman
from geoflow.geometry.graph import igraph_of, knn_graph
from geoflow.geometry.neighbors.knn import neighbors
from geoflow.specs import CONVENTIONS

RNG = np.random.default_rng(2)
LATTICE = np.stack(np.meshgrid(np.arange(6), np.arange(5)), -1).reshape(-1, 2)
CLOUDS = {"random": RNG.normal(size=(70, 3)), "lattice": LATTICE, "constant": np.zeros((7, 2))}
KARATE = set(igraph.Graph.Famous("Zachary").get_edgelist())
clouds = pytest.mark.parametrize("name", CLOUDS)
cases = pytest.mark.parametrize("convention", CONVENTIONS)


def cloud_graph(name, convention, k=3):
    return knn_graph(neighbors(CLOUDS[name], k), k, convention)


def curvature_of_edges(graph):
    """Return F of each edge by its two ends, in either order."""
    found = dict(zip(map(tuple, graph.edges.tolist()), forman(graph).tolist(), strict=True))
    return found | {(j, i): value for (i, j), value in found.items()}


def path(n):
    return {(i, i + 1) for i in range(n - 1)}


@pytest.mark.parametrize("n", [2, 3, 7, 20])
def test_complete_graph_has_6_minus_2n(n):
    complete = graph_of(n, {(i, j) for i in range(n) for j in range(i + 1, n)})
    assert set(forman(complete).tolist()) == {6 - 2 * n}
    assert total_forman(complete) == n * (n - 1) // 2 * (6 - 2 * n)


def test_cycle_is_flat():
    cycle = graph_of(9, path(9) | {(0, 8)})
    assert set(forman(cycle).tolist()) == {0}
    assert total_forman(cycle) == 0


def test_path_is_curved_at_its_ends_only():
    expected = {(0, 1): 1, (1, 2): 0, (2, 3): 0, (3, 4): 1}
    found = curvature_of_edges(graph_of(5, path(5)))
    assert found == expected | {(j, i): value for (i, j), value in expected.items()}


@pytest.mark.parametrize("leaves", [1, 2, 10])
def test_star_has_3_minus_leaves(leaves):
    star = graph_of(leaves + 1, {(0, leaf) for leaf in range(1, leaves + 1)})
    assert set(forman(star).tolist()) == {3 - leaves}
    assert forman_sums(star).tolist() == [leaves * (3 - leaves)] + leaves * [3 - leaves]


def test_karate_club_edge():
    assert curvature_of_edges(graph_of(34, KARATE))[0, 2] == -22


@cases
@clouds
def test_total_is_the_sum_over_edges(name, convention):
    graph = cloud_graph(name, convention)
    assert total_forman(graph) == sum(
        oracles.forman(graph.n, oracles.knn_edges(CLOUDS[name], 3, convention)).values()
    )


@cases
@clouds
def test_total_is_a_statistic_of_igraph_degrees(name, convention):
    graph = cloud_graph(name, convention)
    other = igraph_of(graph)
    squares = sum(degree**2 for degree in other.degree())
    assert total_forman(graph) == 4 * other.ecount() - squares


@cases
@clouds
def test_every_edge_has_the_curvature_of_the_definition(name, convention):
    graph = cloud_graph(name, convention)
    found = curvature_of_edges(graph)
    edges = oracles.knn_edges(CLOUDS[name], 3, convention)
    for (i, j), value in oracles.forman(graph.n, edges).items():
        assert found[i, j] == found[j, i] == value


@cases
@clouds
def test_sums_at_points_are_those_of_their_edges(name, convention):
    graph = cloud_graph(name, convention)
    expected = np.zeros(graph.n, int)
    edges = oracles.knn_edges(CLOUDS[name], 3, convention)
    for edge, value in oracles.forman(graph.n, edges).items():
        expected[list(edge)] += value
    assert forman_sums(graph).tolist() == expected.tolist()
    assert expected.sum() == 2 * total_forman(graph)


@pytest.mark.parametrize("k", [1, 2, 9, 69])
def test_directed_total_is_the_variance_of_the_in_degree(k):
    graph = cloud_graph("random", "directed", k)
    n = graph.n
    expected = 4 * n * k * (1 - k) - n * graph.in_degrees.var()
    assert total_forman(graph) == pytest.approx(expected, rel=1e-12)


def test_directed_pair_joined_both_ways_counts_twice():
    both = graph_of(2, {(0, 1), (1, 0)}, is_directed=True)  # 2 edges, degrees 2 and 2: F = 0
    assert total_forman(both) == 0
    once = graph_of(3, {(0, 1), (1, 0), (1, 2)}, is_directed=True)  # degrees 2, 3, 1
    assert total_forman(once) == 2 * (4 - 5) + (4 - 4)
    assert forman_sums(once).tolist() == [-2, -2, 0]


def test_graph_without_edges_has_no_curvature():
    empty = graph_of(4, set())
    assert total_forman(empty) == 0
    assert forman(empty).tolist() == []
    assert forman_sums(empty).tolist() == [0, 0, 0, 0]


def test_hub_of_50_000_points_does_not_overflow():
    m = 50_000  # its squared degree is past 2^31
    star = graph_of(m + 1, {(0, leaf) for leaf in range(1, m + 1)})
    assert total_forman(star) == m * (3 - m)
    assert forman_sums(star)[:2].tolist() == [m * (3 - m), 3 - m]
