"""Curvature of edges, bridges and curvature along a path, from a plain DuckDB connection."""

from itertools import pairwise

import duckdb
import igraph
import numpy as np
import oracles
import pytest
from oracles import graph_of

from geoflow.geometry.curvature.registry import edge_curvatures
from geoflow.ingestion import ingest

GRAPHS = [("tied", 1, 5), ("tied", 0, 12), ("torn", 2, 3)]
KINDS = [
    ("forman", None), ("augmented_forman", None), ("approximate_ollivier", None),
    ("ollivier", 0.0), ("ollivier", 0.5),
]  # fmt: skip
each_graph = pytest.mark.parametrize(("name", "layer", "k"), GRAPHS)
each_kind = pytest.mark.parametrize(("kind", "alpha"), KINDS)
conventions = pytest.mark.parametrize("convention", ["union", "mutual"])


def values(points, k, convention, kind, alpha):
    """Return the curvature of each edge (i, j), i < j."""
    graph = graph_of(len(points), oracles.knn_edges(points, k, convention))
    (one,) = edge_curvatures(graph, [kind], [alpha])
    return dict(zip(map(tuple, graph.edges.tolist()), one.values.tolist(), strict=True))


def options(kind, alpha, convention):
    chosen = "" if alpha is None else f", alpha := {alpha}"
    return f"kind := '{kind}', convention := '{convention}'{chosen}"


@each_graph
@each_kind
@conventions
def test_bridges_are_the_edges_in_the_order_of_their_curvature(
    plain, ingested, name, layer, k, kind, alpha, convention
):
    arrays = ingested[name]
    expected = values(arrays[f"layer_{layer:02d}"], k, convention, kind, alpha)
    named = options(kind, alpha, convention)
    rows = plain.sql(f"from bridges('{name}', {layer}, {k}, {named})").fetchall()
    assert {row[:2]: row[2] for row in rows} == expected
    assert rows == sorted(rows, key=lambda row: (row[2], row[0], row[1]))
    for source, target, _, first, second, is_between in rows:
        assert (first, second) == tuple(arrays["labels"][[source, target]])
        assert is_between == (first != second)
    sql = f"from curvature_of(layer_of('{name}', {layer}), {k}, {named})"
    assert {row[:2]: row[2] for row in plain.sql(sql).fetchall()} == expected


@each_graph
@each_kind
def test_curvature_along_a_path_is_that_of_its_edges(plain, ingested, name, layer, k, kind, alpha):
    expected = values(ingested[name][f"layer_{layer:02d}"], k, "union", kind, alpha)
    known = igraph.Graph(n=40, edges=sorted(expected))
    hops = known.distances(source=[0])[0]
    for finish in (1, 17, 39, 0):
        rows = plain.sql(
            f"from curvature_along_path('{name}', {layer}, {k}, 0, {finish},"
            f" {options(kind, alpha, 'union')})"
        ).fetchall()
        assert len(rows) == (hops[finish] if np.isfinite(hops[finish]) else 0)
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        for before, after in pairwise(rows):
            assert before[2] == after[1]
        for _, source, target, value in rows:
            assert value == expected[min(source, target), max(source, target)]
        if rows:
            assert (rows[0][1], rows[-1][2]) == (0, finish)


def test_a_directed_graph_has_forman_curvature_alone(plain):
    layer = "layer_of('tied', 1)"
    rows = plain.sql(f"from curvature_of({layer}, 5, convention := 'directed')").fetchall()
    edges = plain.sql(f"from edges_of({layer}, 5, convention := 'directed')").fetchall()
    assert sorted(rows) == sorted((i, j, float(forman)) for i, j, _, forman in edges)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("1, 8, kind := 'augmented_forman'", r"no curvature augmented_forman .* --curvature"),
        ("layer_of('tied', 1), 5, kind := 'onion', convention := 'union'", "no curvature onion of"),
        ("layer_of('tied', 1), 5, kind := 'ollivier', convention := 'union'",
         r"stored with several idle masses: add alpha := 0 \(or another\)"),
        ("layer_of('tied', 1), 5, kind := 'ollivier', alpha := 0.3, convention := 'union'",
         r"no curvature ollivier with alpha = 0\.3 .* --alpha 0\.3"),
        ("layer_of('tied', 1), 5, kind := 'ollivier', convention := 'directed'", "no curvature"),
        ("layer_of('tied', 1), 5, kind := 'ollivier'", "graphs of several conventions"),
        ("999, 8", "no layer_id 999"),
        ("layer_of('digits', 1), 80", "k = 80 but neighbours"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(plain, call, said):
    with pytest.raises(duckdb.Error, match=said):
        plain.sql(f"from curvature_of({call})").fetchall()


def test_one_idle_mass_need_not_be_named_and_other_kinds_take_none(layers_of, tmp_path):
    path = tmp_path / "g.duckdb"
    ingest(layers_of(0, 20, (2, 2)), path, k=3, name="n", curvatures=["ollivier"], alphas=[0.5])
    with duckdb.connect(str(path), read_only=True) as connection:

        def rows(call):
            return connection.sql(f"from bridges('n', 1, 3, {call})").fetchall()

        assert rows("kind := 'ollivier'") == rows("kind := 'ollivier', alpha := 0.5") != []
        plain = rows("kind := 'augmented_forman'")
        assert plain == rows("kind := 'augmented_forman', alpha := 0.5") != []
