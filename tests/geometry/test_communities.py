"""Classes and communities against networkx, igraph and scikit-learn."""

import random

import igraph
import networkx
import numpy as np
import pytest
from oracles import graph_of
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from geoflow.geometry.community import class_curvature, class_edges, communities
from geoflow.geometry.compiled import over_blocks
from geoflow.geometry.curvature.forman import forman
from geoflow.geometry.graph import igraph_of, knn_graph
from geoflow.geometry.neighbors.knn import neighbors

RNG = np.random.default_rng(5)
N = 120
BLOBS = RNG.normal(size=(N, 4)) + 3 * (np.arange(N) % 3)[:, None]
CLOUDS = {"blobs": BLOBS, "folded": np.maximum(RNG.normal(size=(N, 3)), 0)}
LABELS = {
    "two": np.arange(N) % 2,
    "three": np.arange(N) % 3,
    "odd names": RNG.choice([-7, 3, 8, 10**6], N),
}
each = pytest.mark.parametrize(("cloud", "labels"), [(a, b) for a in CLOUDS for b in LABELS])


def graph_and_networkx(cloud, convention="union"):
    graph = knn_graph(neighbors(CLOUDS[cloud], 6), 6, convention)
    known = networkx.Graph()
    known.add_nodes_from(range(N))
    known.add_edges_from(graph.edges.tolist())
    return graph, known


@each
@pytest.mark.parametrize("convention", ["union", "mutual"])
def test_class_edges_make_the_modularity_and_cut_of_networkx(cloud, labels, convention):
    graph, known = graph_and_networkx(cloud, convention)
    of = LABELS[labels]
    found = class_edges(graph, of)
    assert found.label.tolist() == sorted(set(of.tolist()))
    parts = [set(np.flatnonzero(of == label).tolist()) for label in found.label]
    assert found.n_points.tolist() == list(map(len, parts))
    assert found.degree_sum.tolist() == [networkx.volume(known, part) for part in parts]
    for part, within, volume in zip(parts, found.n_edges_within, found.degree_sum, strict=True):
        assert within == known.subgraph(part).number_of_edges()
        assert volume - 2 * within == networkx.cut_size(known, part)
    m = graph.n_edges
    modularity = (found.n_edges_within / m - (found.degree_sum / (2 * m)) ** 2).sum()
    assert modularity == pytest.approx(networkx.community.modularity(known, parts), abs=1e-12)


@each
def test_class_curvature_has_the_moments_of_numpy_over_edges_told_apart(cloud, labels):
    graph, _ = graph_and_networkx(cloud)
    of, values = LABELS[labels], forman(graph)
    some = RNG.random(graph.n_edges) < 0.7
    for chosen in (some, some & False, some | True):
        parts = {True: [], False: []}
        for (i, j), value in zip(graph.edges[chosen].tolist(), values[chosen], strict=True):
            parts[bool(of[i] == of[j])].append(value)
        found = class_curvature(graph.edges[chosen], values[chosen], of)
        got = [
            (found.n_within, found.mean_within, found.variance_within),
            (found.n_between, found.mean_between, found.variance_between),
        ]
        for ours, some in zip(got, (parts[True], parts[False]), strict=True):
            moments = (np.mean(some), np.var(some)) if some else (None, None)
            assert ours == (len(some), *(None if one is None else pytest.approx(one, rel=1e-12)
                                         for one in moments))  # fmt: skip


@each
def test_agreement_is_that_of_scikit_learn(cloud, labels):
    graph, known = graph_and_networkx(cloud)
    of = LABELS[labels]
    found = communities(graph, of)
    rand = adjusted_rand_score(of, found.community)
    information = normalized_mutual_info_score(of, found.community)
    assert found.adjusted_rand == pytest.approx(rand, abs=1e-9)
    assert found.normalized_mutual_information == pytest.approx(information, abs=1e-9)
    parts = [set(np.flatnonzero(found.community == c)) for c in range(found.n_communities)]
    assert all(parts)
    modularity = networkx.community.modularity(known, parts)
    assert found.modularity == pytest.approx(modularity, abs=1e-12)
    classes = networkx.community.modularity(known, [set(np.flatnonzero(of == c)) for c in set(of)])
    assert found.modularity > classes - 1e-12


def test_well_separated_blobs_are_the_communities():
    points = RNG.normal(size=(90, 2)) + 50 * (np.arange(90) % 3)[:, None]
    graph = knn_graph(neighbors(points, 20), 20, "union")
    found = communities(graph, np.arange(90) % 3)
    assert (found.adjusted_rand, found.normalized_mutual_information) == pytest.approx((1, 1))
    assert found.community[:3].tolist() == [0, 1, 2]


def test_cliques_in_a_ring_have_the_modularity_of_the_closed_form():
    known = networkx.ring_of_cliques(8, 5)
    edges = {(min(pair), max(pair)) for pair in known.edges}
    found = communities(graph_of(40, edges), None)
    assert found.n_communities == 8
    assert found.modularity == pytest.approx(10 / 11 - 1 / 8)
    assert found.adjusted_rand is found.normalized_mutual_information is None


def test_a_seed_gives_the_same_communities_in_any_thread_and_whatever_else_was_drawn():
    graphs = [knn_graph(neighbors(RNG.normal(size=(80, 5)), 4), 4, "union") for _ in range(6)]
    alone = [communities(graph, None, 3).community.tolist() for graph in graphs]

    def one(start, _):
        random.random()
        return communities(graphs[start], None, 3).community.tolist()

    assert over_blocks(one, len(graphs), 1, threads=3) == alone
    other = [communities(graph, None, 4).community.tolist() for graph in graphs]
    assert other != alone


def test_the_random_numbers_of_igraph_are_given_back():
    graph, _ = graph_and_networkx("blobs")

    def drawn():
        return igraph.Graph.Erdos_Renyi(n=30, p=0.3).get_edgelist()

    random.seed(1)
    expected = drawn(), drawn()
    random.seed(1)
    first = drawn()
    communities(graph, None)
    assert (first, drawn()) == expected


@pytest.mark.parametrize("labels", [None, np.zeros(4, int), np.arange(4), np.array([0, 0, 1, 1])])
def test_corner_cases_have_no_nan(labels):
    for edges in (set(), {(0, 1)}, {(i, j) for i in range(4) for j in range(i + 1, 4)}):
        found = communities(graph_of(4, edges), labels)
        assert (found.modularity is None) == (not edges)
        for value in (found.adjusted_rand, found.normalized_mutual_information):
            assert value is None or np.isfinite(value)
            is_one = labels is None or (len(set(labels)) == found.n_communities and
                                        found.n_communities in (1, 4))  # fmt: skip
            assert (value is None) == is_one
    assert igraph_of(graph_of(4, set())).ecount() == 0
