"""Layer graphs out of a store: as arrays, and as files that other programs read."""

import re

import igraph
import networkx
import numpy as np
import polars as pl
import pytest

import geoflow
from geoflow.errors import SpecError
from geoflow.figures import layer_graph
from geoflow.ingestion import ingest
from geoflow.store.graphfiles import export_graph
from geoflow.store.layergraphs import edge_values, layer_graphs, undirected_edges

NAME = "n<script>&\x1b[31m/é"


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    rng = np.random.default_rng(0)
    layers = {f"layer_0{at}": rng.normal(size=(40, d)) for at, d in enumerate((6, 5, 4))}
    arrays = {**layers, "labels": np.arange(40) % 3 + 5, "logits": rng.normal(size=(40, 3))}
    path = tmp_path_factory.mktemp("graphs") / "g.duckdb"
    kinds = ["forman", "augmented_forman", "ollivier"]
    ingest(arrays, path, name=NAME, k=[4, 6], curvatures=kinds, transport=False)
    ingest(layers, path, name="plain", k=4, detail="graphs", transport=False, convention="directed")
    return geoflow.open(path)


@pytest.mark.parametrize("k", [3, 4, 6])
def test_edges_are_those_of_the_macro(db, k):
    found = layer_graphs(db, NAME, k)
    assert [one.layer for one in found.layers] == [0, 1, 2, 3]
    for one in found.layers:
        rows = db.query("from edges_of($id, $k) order by source, target", id=one.layer_id, k=k)
        assert (
            undirected_edges(one.graph).tolist()
            == rows.select("source", "target").to_numpy().tolist()
        )


def test_curvatures_are_in_the_order_of_edges(db):
    found = layer_graphs(db, NAME, 6)
    for kind, name in (("augmented_forman", None), ("ollivier(0.0)", 0.0)):
        values = edge_values(db, found, kind)
        for one, held in zip(found.layers, values, strict=True):
            rows = db.query(
                "from curvature_of($id, 6, kind := $kind, alpha := $alpha) order by all",
                id=one.layer_id, kind=kind.partition("(")[0], alpha=name,
            )  # fmt: skip
            assert held.tolist() == rows["value"].to_list()
    missing = edge_values(db, layer_graphs(db, NAME, 5), "augmented_forman")
    assert all(np.isnan(one).all() for one in missing)


def test_a_k_beyond_the_kept_rank_is_the_largest_there_is(db):
    found = layer_graphs(db, "plain", 30)
    assert (found.k, found.asked_k, found.convention) == (10, 30, "directed")
    with pytest.raises(SpecError, match="k = 30 but neighbours of network 'plain' are kept up to"):
        export_graph(db, ".", ("plain", 1, 30))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("plainn", 1, 4), "unknown network 'plainn', did you mean 'plain'"),
        (("plain", 9, 4), "no layer 9: its layers are 0 to 2"),
        (("plain", 1, 0), "k = 0 is not a number of neighbours"),
    ],
)
def test_what_is_not_there_is_named(db, asked, said):
    with pytest.raises(SpecError, match=re.escape(said)):
        export_graph(db, ".", asked)


def test_files_are_read_by_others(db, tmp_path):
    paths = export_graph(db, tmp_path, (NAME, 2, 4))
    assert [path.suffix for path in paths] == [".graphml", ".gexf", ".parquet", ".parquet"]
    assert all(path.parent == tmp_path and path.name.isascii() for path in paths)
    points, edges = geoflow.layer_graph_frames(db, NAME, 2, 4)
    rows = db.query("from edges_of(layer_of($name, 2), 4) order by source, target", name=NAME)
    assert edges.select("source", "target", "forman").equals(
        rows.select("source", "target", "forman"), null_equal=True
    ) or (edges["forman"].to_list() == rows["forman"].to_list())
    assert np.allclose(edges["distance"], rows["distance"])
    one = igraph.Graph.Read_GraphML(str(paths[0]))
    assert one.vs["label"] == [float(label) for label in points["label"].to_list()]
    assert one.es["forman"] == [float(value) for value in edges["forman"].to_list()]
    (kind,) = (name for name in edges.columns if name.startswith("ollivier"))
    assert np.allclose(one.es[kind], edges[kind])
    other = networkx.read_gexf(paths[1], node_type=int)
    assert {tuple(sorted(edge)) for edge in other.edges} == set(
        rows.select("source", "target").rows()
    )
    assert [other.nodes[at]["label"] for at in range(3)] == ["0", "1", "2"]
    assert pl.read_parquet(paths[2]).equals(points) and pl.read_parquet(paths[3]).equals(edges)


def test_a_directed_graph_keeps_its_directions(db, tmp_path):
    (path,) = export_graph(db, tmp_path, ("plain", 1, 4), formats=["graphml"])
    found = igraph.Graph.Read_GraphML(str(path))
    rows = db.query("from edges_of(layer_of('plain', 1), 4)")
    assert found.is_directed()
    assert set(found.get_edgelist()) == set(rows.select("source", "target").rows())
    assert found.es["forman"] and not any(np.isnan(found.es["distance"]))


def test_the_figure_says_when_it_thins(db):
    points, edges = geoflow.layer_graph_frames(db, NAME, 2, 6)
    whole = layer_graph(points, edges, title=NAME)
    assert "<script>" not in whole.to_json().replace("\\u003c", "<")
    assert "edges, those of" not in whole.layout.title.text
    thin = layer_graph(points, edges, most=30, curvature="augmented_forman")
    assert (
        f"30 of {edges.height} edges, those of most negative augmented_forman"
        in thin.layout.title.text
    )
    lines = [one for one in thin.data if one.mode == "lines"]
    assert sum(len(one.x) // 3 for one in lines) == 30
    marks = [one for one in thin.data if one.mode == "markers"]
    assert sorted(one.name for one in marks) == ["5", "6", "7"]
    assert sum(len(one.x) for one in marks) == 40
    assert layer_graph(points, edges, colour="x").data[-1].marker.colorscale


@pytest.mark.slow
def test_umap_is_written_once_and_kept(db):
    """Its positions are igraph's: neighbours are nearer than others; what was there is replaced."""
    from geoflow.store.layouts import write_umap

    assert write_umap(db.path, "plain", 4) == 3
    assert write_umap(db.path, "plain", 4) == 3
    rows = db.query(
        "select * from positions where layer_id = layer_of('plain', 1) and layout = 'umap'"
        " order by point"
    )
    assert rows.height == 40 and set(rows["k"]) == {4} and set(rows["convention"]) == {"directed"}
    where = rows.select("x", "y").to_numpy()
    gaps = np.linalg.norm(where[:, None] - where[None], axis=2)
    edges = layer_graphs(db, "plain", 4, layer=1).layers[0].graph.edges
    assert gaps[edges[:, 0], edges[:, 1]].mean() < 0.7 * gaps[~np.eye(40, dtype=bool)].mean()
    assert db.check()["n_offences"].sum() == 0
