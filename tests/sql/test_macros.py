"""The graph macros against igraph, from a plain DuckDB connection without geoflow."""

import duckdb
import igraph
import numpy as np
import oracles
import pytest

from geoflow.specs import CONVENTIONS

GRAPHS = [
    (name, layer, k, convention)
    for name, layer, ks in (("tied", 1, (2, 5, 12)), ("tied", 0, (5,)), ("torn", 2, (3, 25)))
    for k in ks
    for convention in CONVENTIONS
]
each_graph = pytest.mark.parametrize(("name", "layer", "k", "convention"), GRAPHS)


@pytest.fixture
def graph(ingested, plain, name, layer, k, convention):
    """(graph as igraph knows it, the arguments of a macro)."""
    points = ingested[name][f"layer_{layer:02d}"]
    edges = oracles.knn_edges(points, k, convention)
    known = igraph.Graph(n=len(points), edges=sorted(edges), directed=convention == "directed")
    ((layer_id,),) = plain.sql(f"select layer_of('{name}', {layer})").fetchall()
    return known, f"{layer_id}, {k}", f"convention := '{convention}'"


def hops(known, start):
    """Hop distances from a point, those without a path left out."""
    (row,) = known.distances(source=[start], mode="all")
    return {point: int(far) for point, far in enumerate(row) if np.isfinite(far)}


@each_graph
def test_edges_of_are_the_edges_with_their_curvature(graph, plain, ingested, name, layer):
    known, key, convention = graph
    degree = known.degree()
    points = ingested[name][f"layer_{layer:02d}"].astype(float)
    expected = {
        (i, j): (4 - degree[i] - degree[j], np.linalg.norm(points[i] - points[j]))
        for i, j in known.get_edgelist()
    }
    rows = plain.sql(f"from edges_of({key}, {convention})").fetchall()
    assert {(i, j) for i, j, _, _ in rows} == expected.keys()
    assert len(rows) == len(expected)
    for i, j, distance, forman in rows:
        assert (forman, distance) == (expected[i, j][0], pytest.approx(expected[i, j][1], rel=1e-6))


@each_graph
def test_the_view_edges_has_the_same_rows(graph, plain, convention, k):
    _, key, named = graph
    layer_id = key.split(",", maxsplit=1)[0]
    rows = plain.sql(
        "select source, target, distance, forman from edges join graphs using (graph_id)"
        f" where layer_id = {layer_id} and k = {k} and convention = '{convention}' order by all"
    ).fetchall()
    assert rows == plain.sql(f"from edges_of({key}, {named}) order by all").fetchall()


@each_graph
def test_adjacency_of_is_symmetric_and_has_each_pair_once(graph, plain):
    known, key, convention = graph
    rows = plain.sql(f"from adjacency_of({key}, {convention})").fetchall()
    expected = {(i, j) for i in range(known.vcount()) for j in set(known.neighbors(i, mode="all"))}
    assert len(rows) == len(set(rows))
    assert set(rows) == expected


@each_graph
def test_components_are_named_by_their_smallest_point(graph, plain):
    known, key, convention = graph
    rows = dict(plain.sql(f"from components({key}, {convention})").fetchall())
    parts = known.connected_components(mode="weak")
    assert rows == {point: min(part) for part in parts for point in part}


@each_graph
@pytest.mark.parametrize("start", [0, 33])
def test_hop_distances_are_those_of_igraph(graph, plain, start):
    known, key, convention = graph
    rows = plain.sql(f"from hop_distances({key}, {start}, {convention})").fetchall()
    assert len(rows) == len(dict(rows))
    assert dict(rows) == hops(known, start)


@each_graph
def test_neighborhood_is_what_some_hops_reach_with_labels(graph, plain):
    known, key, convention = graph
    for n_hops in (0, 1, 2):
        rows = plain.sql(f"from neighborhood({key}, 5, {n_hops}, {convention})").fetchall()
        near = {point: far for point, far in hops(known, 5).items() if far <= n_hops}
        assert {point: far for point, far, _ in rows} == near
        assert all(label == point % 2 for point, _, label in rows)


@each_graph
@pytest.mark.parametrize("finish", [0, 7, 39])
def test_shortest_path_is_a_path_as_short_as_can_be(graph, plain, finish):
    known, key, convention = graph
    rows = plain.sql(f"from shortest_path({key}, 0, {finish}, {convention})").fetchall()
    reached = hops(known, 0)
    if finish not in reached:
        assert rows == []
        return
    assert [step for step, _ in rows] == list(range(reached[finish] + 1))
    path = [point for _, point in rows]
    assert (path[0], path[-1]) == (0, finish)
    near = [set(known.neighbors(point, mode="all")) for point in path[:-1]]
    assert all(after in some for some, after in zip(near, path[1:], strict=True))


def test_the_graphs_tried_have_ties_and_torn_ones(store, plain):
    tied = "select count(*) from neighbors where layer_id = layer_of('tied', 1) and n_tied > 0"
    assert plain.sql(tied).fetchall()[0][0] > 100
    torn = "select count(distinct component) from components(layer_of('torn', 2), 3, convention :="
    assert plain.sql(f"{torn} 'directed')").fetchall()[0][0] > 1


def test_a_convention_that_is_the_only_one_need_not_be_named(plain):
    short = plain.sql("from edges_of(2, 8) order by all").fetchall()
    assert short
    assert (
        short == plain.sql("from edges_of(2, 8, convention := 'directed') order by all").fetchall()
    )


def test_a_layer_is_named_by_network_and_index(plain):
    rows = plain.sql(
        "select name, layer, layer_id, layer_of(name, layer) from network_layers join networks"
        " using (network_id)"
    ).fetchall()
    assert len(rows) > 30
    assert "graded-0@2" in {name for name, *_ in rows}
    assert all(layer_id == found for _, _, layer_id, found in rows)


MACROS = (
    "edges_of({}, {})",
    "adjacency_of({}, {})",
    "hop_distances({}, {}, 0)",
    "components({}, {})",
    "neighborhood({}, {}, 0, 2)",
    "shortest_path({}, {}, 0, 1)",
)


@pytest.mark.parametrize("macro", MACROS)
@pytest.mark.parametrize(
    ("layer", "k", "message"),
    [
        ("2", "9", "k = 9 but neighbours of layer_id 2 are kept up to rank 8.*store rank"),
        ("2", "0", "k = 0 is not a number of neighbours"),
        ("9999", "4", "no (graph of )?layer_id 9999 in this store"),
        ("layer_of('tied', 1)", "5", "several conventions: add convention := 'union'"),
        ("layer_of('tied', 9)", "5", "no layer 9 of network tied in this store"),
        ("layer_of('tide', 1)", "5", "no layer 1 of network tide in this store"),
    ],
)
def test_a_macro_says_in_words_what_is_not_there(plain, macro, layer, k, message):
    with pytest.raises(duckdb.Error, match=message):
        plain.sql(f"from {macro.format(layer, k)}").fetchall()
