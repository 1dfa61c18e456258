"""Betti numbers of the hop metric: of graphs and shapes whose loops are known."""

import networkx
import numpy as np
import pytest
from oracles import graph_of, hops

import geoflow
from geoflow.errors import GeometryError
from geoflow.geometry.graph import knn_graph
from geoflow.geometry.neighbors.knn import neighbors
from geoflow.geometry.topology import betti_numbers, landmarks

pytest.importorskip("ripser", reason="ripser, of the extra topology, is not installed")


def cycles(*lengths):
    """Cycles of some lengths, apart from each other."""
    edges, start = set(), 0
    for n in lengths:
        ring = [(start + at, start + (at + 1) % n) for at in range(n)]
        edges |= {(min(edge), max(edge)) for edge in ring}
        start += n
    return graph_of(start, edges)


@pytest.mark.parametrize("n_points", [12, 30, 100])
def test_a_cycle_has_one_loop_and_so_has_each_of_several(n_points):
    one, three = betti_numbers(cycles(40), n_points), betti_numbers(cycles(40, 40, 40), n_points)
    assert (one.betti_0, one.betti_1) == (1, 1)
    assert (three.betti_0, three.betti_1) == (3, 3)
    assert one.n_points == min(n_points, 40)


def test_with_all_points_it_is_the_complex_of_cliques():
    """b_1 by Euler: of a graph without triangles it is m - n + components."""
    grid = networkx.convert_node_labels_to_integers(networkx.grid_2d_graph(4, 5))
    edges = {(min(edge), max(edge)) for edge in grid.edges}
    found = betti_numbers(graph_of(20, edges))
    assert (found.betti_0, found.betti_1, found.scale) == (1, len(edges) - 20 + 1, 1)


def circle(rng, n):
    angle = rng.random(n) * 2 * np.pi
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def shape(name, n=1200):
    rng = np.random.default_rng(0)
    if name == "disc":
        return circle(rng, n) * np.sqrt(rng.random((n, 1)))
    if name == "two circles":
        return circle(rng, n) + np.where(np.arange(n) % 2, 0, 5)[:, None]
    if name == "circle in ten dimensions":
        return np.pad(circle(rng, n), ((0, 0), (0, 8))) + rng.normal(scale=0.01, size=(n, 10))
    points = rng.normal(size=(n, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("name", "expected"),
    [("disc", (1, 0)), ("two circles", (2, 2)), ("circle in ten dimensions", (1, 1)),
     ("sphere", (1, 0))],
)  # fmt: skip
def test_shapes_have_their_loops(name, expected, seed):
    graph = knn_graph(neighbors(shape(name), max_rank=12), 12, "union")
    found = betti_numbers(graph, 80, seed)
    assert (found.betti_0, found.betti_1) == expected


def test_landmarks_are_far_from_each_other_and_near_all_points():
    graph = knn_graph(neighbors(shape("disc", 90), max_rank=5), 5, "union")
    edges = {(int(i), int(j)) for i, j in graph.edges}
    far = hops(90, edges)
    seen = landmarks(graph, 9, seed=4)
    assert len(set(seen.points.tolist())) == 9
    assert np.array_equal(seen.hops, far[np.ix_(seen.points, seen.points)])
    assert seen.radius == far[seen.points].min(axis=0).max()
    between = seen.hops[~np.eye(9, dtype=bool)]
    assert between.min() >= seen.radius
    with pytest.raises(GeometryError, match="a component has none of the 2 points"):
        landmarks(cycles(5, 5, 5), 2, seed=0)


def test_it_is_a_score_of_layers_where_it_is_asked_for(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {"layer_00": circle(rng, 200), "layer_01": shape("disc", 200)}
    arrays["layer_02"] = shape("two circles", 200)
    name = geoflow.betti_score(8, n_points=40, seed=3)
    geoflow.ingest(arrays, tmp_path / "g.duckdb", k=[8], name="round", scores=[name])
    db = geoflow.open(tmp_path / "g.duckdb")
    sql = "select layer, k, points, value from layer_scores where k = 8 and score = $name"
    few = [(at, 8, "40 farthest, seed 3", value) for at, value in enumerate((1.0, 0.0, 2.0))]
    assert db.query(f"{sql} order by layer", name="betti_1").rows() == few
    (row,) = db.query("from scores where is_own").rows(named=True)
    assert row["name"] == "betti_1"
    assert "Naitzat" in row["source"]
    correlated = "select count(*) from within_network_correlations where score = $name"
    assert db.query(correlated, name="betti_1").item() > 0


def test_loops_at_several_k_are_one_score(tmp_path):
    arrays = {"layer_00": circle(np.random.default_rng(0), 60), "layer_01": shape("disc", 60)}
    names = [geoflow.betti_score(k, n_points=20) for k in (4, 6)]
    geoflow.ingest(arrays, tmp_path / "g.duckdb", k=[4, 6], name="round", scores=names)
    db = geoflow.open(tmp_path / "g.duckdb")
    sql = "select layer, k, convention from layer_scores where score = 'betti_1' order by all"
    assert db.query(sql).rows() == [(layer, k, "union") for layer in (0, 1) for k in (4, 6)]
    assert db.query("from scores where is_own").height == 1
    assert db.view("own_scores").sort("k")["label"].to_list() == names
    geoflow.ingest(arrays, tmp_path / "g.duckdb", k=[4, 6], name="again", scores=names)
    assert db.view("layer_scores").filter(score="betti_1", network="again").height == 4
    requests = db.query("select request from runs")["request"]
    assert all(one in request for request in requests for one in names)
    assert db.check()["n_offences"].sum() == 0


def test_without_ripser_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("geoflow.geometry.topology.find_spec", lambda _: None)
    with pytest.raises(GeometryError, match=r"pip install 'geoflow-explorer\[topology\]'"):
        geoflow.betti_score(8)
