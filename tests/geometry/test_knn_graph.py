from itertools import permutations

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.neighbors import NearestNeighbors

from geoflow.geometry.graph import BOTH, IN, OUT, igraph_of, knn_graph
from geoflow.geometry.neighbors.knn import neighbors
from geoflow.specs import CONVENTIONS

RNG = np.random.default_rng(1)
TIE_FREE = RNG.normal(size=(60, 4))
CLOUDS = {
    "tie-free": TIE_FREE,
    "lattice": np.stack(np.meshgrid(*[np.arange(6.0)] * 2), -1).reshape(-1, 2),
    "relu": np.maximum(RNG.normal(size=(50, 3)) - 1, 0).astype(np.float32),
    "constant": np.ones((9, 2)),
    "permuted coordinates": np.array(list(permutations((0.1, 0.2, 0.3, 0.7)))),
}
PROPERTY = settings(deadline=None, max_examples=60, database=None, derandomize=True)
cases = pytest.mark.parametrize("convention", CONVENTIONS)
clouds = pytest.mark.parametrize("name", CLOUDS)


def graph_of_points(points, k, convention):
    return knn_graph(neighbors(points, k), k, convention)


def edge_set(graph):
    edges = [tuple(edge) for edge in graph.edges.tolist()]
    assert len(edges) == len(set(edges)) == graph.n_edges
    return set(edges)


@cases
@clouds
@pytest.mark.parametrize("k", [1, 2, 5, 8])
def test_edges_are_those_of_the_definition(name, convention, k):
    graph = graph_of_points(CLOUDS[name], k, convention)
    edges = oracles.knn_edges(CLOUDS[name], k, convention)
    assert edge_set(graph) == edges
    assert graph.degrees.tolist() == oracles.degrees(graph.n, edges)


@PROPERTY
@given(
    arrays(np.int64, st.tuples(st.integers(2, 12), st.integers(1, 2)), elements=st.integers(0, 3)),
    st.sampled_from(CONVENTIONS),
    st.data(),
)
def test_edges_of_small_integers_are_those_of_the_definition(points, convention, data):
    k = data.draw(st.integers(1, len(points) - 1))
    graph = graph_of_points(points, k, convention)
    assert edge_set(graph) == oracles.knn_edges(points, k, convention)


@cases
@clouds
def test_a_longer_ranking_gives_the_same_graph(name, convention):
    points = CLOUDS[name]
    longer = knn_graph(neighbors(points, len(points) - 1), 3, convention)
    assert edge_set(longer) == edge_set(graph_of_points(points, 3, convention))


@cases
@clouds
def test_every_adjacency_stands_in_both_rows(name, convention):
    graph = graph_of_points(CLOUDS[name], 3, convention)
    rows = np.repeat(np.arange(graph.n), np.diff(graph.indptr))
    ways = dict(zip(zip(rows, graph.indices, strict=True), graph.direction, strict=True))
    back = {OUT: IN, IN: OUT, BOTH: BOTH} if convention == "directed" else {OUT: OUT}
    assert len(ways) == len(graph.indices)
    assert all(ways[j, i] == back[way] for (i, j), way in ways.items())


@cases
@clouds
def test_igraph_has_the_same_degrees_and_edges(name, convention):
    graph = graph_of_points(CLOUDS[name], 3, convention)
    other = igraph_of(graph)
    assert other.is_directed() == (convention == "directed")
    assert other.is_simple()
    assert other.vcount() == graph.n
    assert other.ecount() == graph.n_edges
    assert other.degree() == graph.degrees.tolist()
    if convention == "directed":
        assert other.indegree() == graph.in_degrees.tolist()
    else:
        assert graph.in_degrees is None


@pytest.mark.parametrize("k", [1, 4, 20])
def test_scikit_learn_names_the_same_neighbours(k):
    near = NearestNeighbors(n_neighbors=k).fit(TIE_FREE).kneighbors(return_distance=False)
    expected = {(i, int(j)) for i, row in enumerate(near) for j in row}
    assert edge_set(graph_of_points(TIE_FREE, k, "directed")) == expected


@clouds
@pytest.mark.parametrize("k", [1, 4])
def test_directed_contains_union_contains_mutual(name, k):
    directed, union, mutual = (
        edge_set(graph_of_points(CLOUDS[name], k, convention)) for convention in CONVENTIONS
    )
    assert mutual <= union
    assert union <= {(min(edge), max(edge)) for edge in directed}
    assert all((i, j) in directed and (j, i) in directed for i, j in mutual)


@pytest.mark.parametrize("k", [1, 4, 20])
def test_without_ties_union_is_directed_with_direction_dropped(k):
    directed = edge_set(graph_of_points(TIE_FREE, k, "directed"))
    union = edge_set(graph_of_points(TIE_FREE, k, "union"))
    assert len(directed) == k * len(TIE_FREE)
    assert union == {(min(edge), max(edge)) for edge in directed}


@clouds
@pytest.mark.parametrize("k", [1, 4])
def test_out_degree_is_at_least_k(name, k):
    graph = graph_of_points(CLOUDS[name], k, "directed")
    assert (graph.degrees - graph.in_degrees).min() >= k


@cases
@pytest.mark.parametrize("n", [2, 3, 8])
def test_k_of_all_others_gives_the_complete_graph(convention, n):
    graph = graph_of_points(TIE_FREE[:n], n - 1, convention)
    every = {(i, j) for i in range(n) for j in range(n) if i != j}
    assert edge_set(graph) == {(i, j) for i, j in every if convention == "directed" or i < j}


@cases
def test_scaling_and_moving_the_points_changes_no_edge(convention):
    points = RNG.integers(0, 5, size=(40, 2))
    expected = edge_set(graph_of_points(points, 3, convention))
    for moved in (points * 2.0**-40, points + 10.0**6, -points[:, ::-1], points * 3.0):
        assert edge_set(graph_of_points(moved, 3, convention)) == expected
