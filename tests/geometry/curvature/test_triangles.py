"""Curvatures that see triangles: closed forms, networkx's triangles, every small graph."""

from fractions import Fraction
from itertools import combinations

import igraph
import networkx
import numpy as np
import oracles
import pytest
from networkx.generators.atlas import graph_atlas_g
from oracles import graph_of

from geoflow.errors import GeometryError
from geoflow.geometry.curvature.forman import forman
from geoflow.geometry.curvature.ollivier import ollivier
from geoflow.geometry.curvature.triangles import approximate_ollivier, augmented_forman, triangles
from geoflow.geometry.graph import knn_graph
from geoflow.geometry.neighbors.knn import neighbors

KARATE = set(igraph.Graph.Famous("Zachary").get_edgelist())
RNG = np.random.default_rng(3)
FOLDED = np.maximum(RNG.normal(size=(150, 4)), 0)
CLOUDS = {
    "normal": RNG.normal(size=(150, 3)),
    "folded": FOLDED,  # points of one place
    "lattice": np.stack(np.meshgrid(np.arange(12), np.arange(9)), -1).reshape(-1, 2),
    "one place": np.zeros((40, 2)),
}
conventions = pytest.mark.parametrize("convention", ["union", "mutual"])


def numbered(graph):
    """Return the graph of geoflow and the edges of a graph of networkx, its nodes as 0, 1, ..."""
    graph = networkx.convert_node_labels_to_integers(graph, ordering="sorted")
    edges = {(min(pair), max(pair)) for pair in graph.edges}
    return graph_of(len(graph), edges), edges


def test_complete_graph():
    for n in (2, 3, 8, 70):
        complete = graph_of(n, set(combinations(range(n), 2)))
        assert set(triangles(complete)) == {n - 2}
        assert set(augmented_forman(complete)) == {n}
        np.testing.assert_allclose(approximate_ollivier(complete), (n - 2) / (n - 1), atol=1e-15)


@pytest.mark.parametrize(
    ("graph", "expected"),
    [  # AF and O~ of every edge
        (networkx.cycle_graph(3), (3, 0.5)),
        (networkx.cycle_graph(4), (0, 0)),
        (networkx.cycle_graph(9), (0, 0)),
        (networkx.star_graph(5), (-2, 0)),
        (networkx.complete_bipartite_graph(3, 4), (-3, -5 / 12)),
        (networkx.petersen_graph(), (-2, -1 / 3)),
        (networkx.octahedral_graph(), (2, 1 / 2)),  # t = 2, degrees 4: 1/4 - 1/2 (0 + 0 - 1/2)
    ],
)
def test_graphs_whose_edges_are_alike(graph, expected):
    graph, _ = numbered(graph)
    assert set(augmented_forman(graph)) == {expected[0]}
    np.testing.assert_allclose(approximate_ollivier(graph), expected[1], atol=1e-15)


@pytest.mark.parametrize("seed", range(3))
def test_in_a_tree_one_curvature_is_that_of_forman_and_the_other_half_of_that_of_ollivier(seed):
    tree, _ = numbered(networkx.random_labeled_tree(50, seed=seed))
    free = 1 - (1 / tree.degrees[tree.edges]).sum(axis=1)
    assert augmented_forman(tree).tolist() == forman(tree).tolist()
    np.testing.assert_allclose(approximate_ollivier(tree), -np.maximum(free, 0), atol=1e-15)
    np.testing.assert_allclose(approximate_ollivier(tree), ollivier(tree) / 2, atol=1e-15)


def test_grid_within():
    grid, _ = numbered(networkx.grid_2d_graph(6, 6))
    inner = grid.degrees[grid.edges].min(axis=1) == 4
    assert inner.sum() == 24
    assert set(augmented_forman(grid)[inner]) == {-4}
    assert set(approximate_ollivier(grid)[inner]) == {-0.5}


def test_karate_club_edge():
    karate = graph_of(34, KARATE)
    at = karate.edges.tolist().index([0, 2])
    assert karate.degrees[[0, 2]].tolist() == [16, 10]
    found = [values(karate)[at] for values in (triangles, forman, augmented_forman)]
    assert found == [5, -22, -7]


def by_definition(n, edges):
    """Return (t, AF, O~) of each edge in order, from the definitions in whole numbers."""
    near = [{j for pair in edges if i in pair for j in pair if j != i} for i in range(n)]
    rows = []
    for i, j in sorted(edges):
        t, more, less = len(near[i] & near[j]), *sorted((len(near[i]), len(near[j])))[::-1]
        a = 1 - Fraction(1, more) - Fraction(1, less)
        lack = max(0, a - Fraction(t, less)) + max(0, a - Fraction(t, more)) - Fraction(t, more)
        rows.append((t, 4 - more - less + 3 * t, Fraction(t, more) / 2 - lack / 2))
    return rows


def found_by_us(graph):
    return triangles(graph), augmented_forman(graph), approximate_ollivier(graph)


def assert_as_defined(graph, edges):
    t, augmented, approximate = zip(*by_definition(graph.n, edges), strict=True)
    ours = found_by_us(graph)
    assert ours[0].tolist() == list(t)
    assert ours[1].tolist() == list(augmented)
    np.testing.assert_allclose(ours[2], np.array(approximate, float), rtol=0, atol=1e-15)


def test_every_connected_graph_of_up_to_6_points():
    """Against the definitions, and O~ and O against the bounds that O~ is the mean of."""
    n_graphs = n_below = 0
    for atlas in graph_atlas_g():
        if not 2 <= len(atlas) <= 6 or not networkx.is_connected(atlas):
            continue
        graph, edges = numbered(atlas)
        assert_as_defined(graph, edges)
        more = graph.degrees[graph.edges].max(axis=1)
        upper = triangles(graph) / more
        exact, approximate = ollivier(graph), approximate_ollivier(graph)
        lower = 2 * approximate - upper
        assert (approximate <= upper + 1e-15).all()
        assert (lower <= exact + 1e-12).all()
        assert (exact <= upper + 1e-12).all()
        n_below += (lower < exact - 1e-12).sum()
        n_graphs += 1
    assert n_graphs == 142
    assert n_below > 100


@conventions
@pytest.mark.parametrize("cloud", CLOUDS)
def test_layers(cloud, convention):
    for k in (1, 5, 30):
        graph = knn_graph(neighbors(CLOUDS[cloud], k), k, convention)
        edges = set(map(tuple, graph.edges.tolist()))
        assert_as_defined(graph, edges)
        known = networkx.Graph(list(edges))
        at_points = networkx.triangles(known)
        sums = np.bincount(graph.edges.ravel(), np.repeat(triangles(graph), 2), graph.n)
        assert sums.tolist() == [2 * at_points.get(point, 0) for point in range(graph.n)]
        listed = igraph.Graph(n=graph.n, edges=sorted(edges)).list_triangles()
        assert triangles(graph).sum() == 3 * len(listed)


def test_values_move_with_the_points():
    graph = knn_graph(neighbors(FOLDED, 7), 7, "union")
    place = np.random.default_rng(1).permutation(graph.n)
    moved = np.sort(place[graph.edges], axis=1)
    order = np.lexsort((moved[:, 1], moved[:, 0]))
    other = graph_of(graph.n, set(map(tuple, moved.tolist())))
    for values, again in zip(found_by_us(graph), found_by_us(other), strict=True):
        assert again.tolist() == values[order].tolist()


@pytest.mark.parametrize("function", [triangles, augmented_forman, approximate_ollivier])
def test_a_graph_without_edges_has_none_and_a_directed_one_is_refused(function):
    assert function(graph_of(3, set())).tolist() == []
    graph = knn_graph(neighbors(FOLDED, 4), 4, "directed")
    with pytest.raises(GeometryError, match=r"undirected graphs only: choose convention union or"):
        function(graph)


def test_the_slow_version_has_an_edge_between_points_of_different_degrees():
    assert by_definition(4, {(0, 1), (0, 2), (1, 2), (2, 3)})[-1] == (0, 0, 0)
    assert oracles.degrees(4, {(0, 1), (0, 2), (1, 2), (2, 3)}) == [2, 2, 3, 1]
