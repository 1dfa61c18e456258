"""Mean curvature and expansion at points against sums over neighbours and hops one by one."""

from fractions import Fraction

import networkx
import numpy as np
import oracles
import pytest
from oracles import graph_of

from geoflow.errors import GeometryError
from geoflow.geometry.curvature.forman import forman, forman_sums
from geoflow.geometry.curvature.registry import edge_curvatures
from geoflow.geometry.curvature.triangles import augmented_forman
from geoflow.geometry.graph import knn_graph
from geoflow.geometry.hops.expansion import expansion, marked_rows, mean_curvatures
from geoflow.geometry.hops.search import marked_search
from geoflow.geometry.neighbors.knn import neighbors
from geoflow.specs import CURVATURES

RNG = np.random.default_rng(11)
N = 150
APART = RNG.normal(size=(N, 3)) + 1e3 * (np.arange(N) % 2)[:, None]
LAYERS = {
    "normal": RNG.normal(size=(N, 3)),
    "folded": np.maximum(RNG.normal(size=(N, 3)), 0),  # points of one place
    "whole": RNG.integers(0, 3, size=(N, 3)),
    "apart": APART,
    "collapsed": np.zeros((N, 2)),
    "line": np.sort(RNG.uniform(size=(N, 1)), axis=0),
}
PAIRS = [(a, b) for a in LAYERS for b in LAYERS if a != b]
conventions = pytest.mark.parametrize("convention", ["union", "mutual"])


def layer_graph(name, k, convention):
    return knn_graph(neighbors(LAYERS[name], k), k, convention)


def pairs_of(graph):
    return set(map(tuple, graph.edges.tolist()))


def counts(step):
    return list(zip(step.n_neighbors, step.n_unreachable, step.hop_sum, strict=True))


@conventions
@pytest.mark.parametrize("name", LAYERS)
def test_mean_curvature_is_the_mean_over_the_edges_at_a_point(name, convention):
    graph = layer_graph(name, 4, convention)
    for one in edge_curvatures(graph, CURVATURES, [0.0, 0.5]):
        values = dict(zip(map(tuple, graph.edges.tolist()), one.values.tolist(), strict=True))
        found = mean_curvatures(graph, one.values).tolist()
        expected = oracles.mean_curvatures(graph.n, values)
        assert len(found) == graph.n
        for ours, mean in zip(found, expected, strict=True):
            assert np.isnan(ours) if mean is None else ours == pytest.approx(mean, abs=1e-12)
    means = mean_curvatures(graph, forman(graph))
    sums = forman_sums(graph)
    assert (sums[graph.degrees == 0] == 0).all()
    there = graph.degrees > 0
    assert means[there].tolist() == (sums / np.maximum(graph.degrees, 1))[there].tolist()


def test_a_point_alone_has_no_mean_and_no_expansion():
    graph = graph_of(4, {(0, 1), (1, 3)})
    assert np.isnan(mean_curvatures(graph, forman(graph))).tolist() == [False, False, True, False]
    step = expansion(graph, graph)
    assert np.isnan(step.values).tolist() == [False, False, True, False]
    assert counts(step)[2] == (0, 0, 0)


@conventions
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_expansion_is_that_of_searches_one_by_one(first, second, convention):
    graph, following = (layer_graph(name, 3, convention) for name in (first, second))
    step = expansion(graph, following)
    expected = oracles.expansions(graph.n, pairs_of(graph), pairs_of(following))
    assert counts(step) == expected
    for value, (n_near, n_lost, far) in zip(step.values.tolist(), expected, strict=True):
        if n_near == 0 or n_lost > 0:
            assert np.isnan(value)
        else:
            assert value == Fraction(far, n_near) - 1 or value == far / n_near - 1
            assert value >= 0


def test_the_cases_have_points_alone_and_neighbors_out_of_reach():
    lonely = layer_graph("normal", 3, "mutual")
    assert (lonely.degrees == 0).any()
    step = expansion(layer_graph("normal", 3, "union"), layer_graph("apart", 3, "union"))
    assert 0 < (step.n_unreachable > 0).sum() < N
    assert (step.n_unreachable < step.n_neighbors).any()


@conventions
def test_a_layer_that_stands_still_does_not_expand(convention):
    graph = layer_graph("whole", 5, convention)
    found = expansion(graph, graph).values
    assert (found[graph.degrees > 0] == 0).all()


def test_closed_forms():
    cycle = graph_of(40, {(i, (i + 1) % 40) if i < 39 else (0, 39) for i in range(40)})
    path = graph_of(40, {(i, i + 1) for i in range(39)})
    assert expansion(path, cycle).values.tolist() == [0] * 40
    assert expansion(cycle, path).values.tolist() == [19, *[0] * 38, 19]
    complete = graph_of(40, {(i, j) for i in range(40) for j in range(i + 1, 40)})
    at = np.arange(40)
    mean = (abs(at[:, None] - at)).sum(axis=1) / 39 - 1
    np.testing.assert_allclose(expansion(complete, path).values, mean, atol=1e-12)
    star = graph_of(40, {(0, i) for i in range(1, 40)})
    assert set(expansion(path, star).values.tolist()) == {0, 0.5, 1}


def test_expansion_moves_with_the_points():
    graph, following = (layer_graph(name, 4, "union") for name in ("folded", "line"))
    place = np.random.default_rng(1).permutation(N)
    moved = [
        graph_of(N, set(map(tuple, np.sort(place[one.edges], axis=1).tolist())))
        for one in (graph, following)
    ]
    found = expansion(*moved)
    for ours, before in zip(counts(found), np.argsort(place), strict=True):
        assert ours == counts(expansion(graph, following))[before]


@pytest.mark.parametrize("n", [63, 64, 65, 129, 2050])
def test_words_and_blocks_of_sources_join(n):
    """A long path against a random tree: blocks of 2,048 sources, and of 64 in many threads."""
    path = graph_of(n, {(i, i + 1) for i in range(n - 1)})
    tree = networkx.random_labeled_tree(n, seed=2)
    edges = {(min(pair), max(pair)) for pair in tree.edges}
    far = [abs(i - j) for i, j in sorted(edges)]
    ends = np.array(sorted(edges))
    expected = np.bincount(ends.ravel(), np.repeat(far, 2), n)
    for threads in (1, 2, 5):
        step = expansion(graph_of(n, edges), path, threads)
        assert step.hop_sum.tolist() == expected.tolist()
        assert step.n_neighbors.tolist() == np.bincount(ends.ravel(), minlength=n).tolist()
        assert not step.n_unreachable.any()


def test_threads_change_nothing():
    graph, following = (layer_graph(name, 6, "mutual") for name in ("normal", "folded"))
    alone = counts(expansion(graph, following, 1))
    assert counts(expansion(graph, following, 3)) == counts(expansion(graph, following)) == alone


def test_marked_search_counts_the_marked_pairs_of_its_sources_only():
    path = graph_of(5, {(0, 1), (1, 2), (3, 4)})
    sources = np.array([0, 4])
    marked = np.array([[0], [0], [1], [3], [2]], np.uint64)  # (0, 2), (0, 3), (4, 3), (4, 4)
    sums, met = marked_search(path.indptr, path.indices, sources, marked)
    assert sums.tolist() == [0, 0, 2, 1, 0]
    assert met.tolist() == [0, 0, 1, 1, 0]


def test_marks_are_bits_of_the_neighbors():
    graph = layer_graph("normal", 4, "union")
    marked = marked_rows(graph.indptr, graph.indices, 60, 140)
    assert marked.shape == (N, 2)
    bits = np.unpackbits(marked.view(np.uint8), axis=1, bitorder="little")[:, :80]
    assert {(60 + s, v) for v, s in np.argwhere(bits).tolist()} == {
        (i, j) for i, j in pairs_of(graph) | {(j, i) for i, j in pairs_of(graph)} if 60 <= i < 140
    }


def test_layers_of_different_points_are_refused():
    with pytest.raises(
        GeometryError, match="the layers have 3 and 4 points: give both for the same points"
    ):
        expansion(graph_of(3, {(0, 1)}), graph_of(4, {(0, 1)}))


def test_kinds_are_named_with_every_idle_mass():
    graph = layer_graph("normal", 3, "union")
    found = edge_curvatures(graph, ["ollivier", "augmented_forman"], [0.5, 0])
    named = [(one.curvature, one.alpha) for one in found]
    assert named == [("ollivier", 0.5), ("ollivier", 0), ("augmented_forman", None)]
    assert found[2].values.tolist() == augmented_forman(graph).tolist()
    assert (found[0].values >= found[1].values / 2 - 1e-12).all()  # concave, 0 at alpha = 1
