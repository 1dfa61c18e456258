import numpy as np
import oracles
import polars as pl
import pytest
from polars import selectors
from polars.testing import assert_frame_equal

from geoflow.errors import GeometryError
from geoflow.geometry.layer import layer_geometry
from geoflow.measure.graphrows import nullable_frame
from geoflow.measure.layers import layer_frames, network_frames
from geoflow.specs import CONVENTIONS, DETAILS, GeometrySpec
from geoflow.store._sqlfiles import sql_files

RNG = np.random.default_rng(5)
SQL = {file.name: list(file.columns) for file in sql_files("tables")}
POINTS = RNG.integers(0, 4, size=(40, 3))
FAR_APART = np.vstack([POINTS, POINTS + 1000])
EVERYTHING = GeometrySpec((2, 5, 14), CONVENTIONS, "pairs")
TABLES = {
    "graphs": {"neighbors", "graphs", "hop_counts"},
    "nodes": {"neighbors", "graphs", "hop_counts", "nodes", "positions"},
    "edges": {"neighbors", "graphs", "hop_counts", "nodes", "positions"},
    "pairs": {"neighbors", "graphs", "hop_counts", "nodes", "positions", "geodesics"},
}
clouds = pytest.mark.parametrize("points", [POINTS, FAR_APART], ids=["one cluster", "two"])


def per_graph(frames, name, *sums):
    """Return the graphs with sums over the rows of another table that belong to them."""
    added = frames.tables[name].group_by("graph").agg(*sums)
    return frames.tables["graphs"].join(added, on="graph", how="left").sort("graph")


@pytest.mark.parametrize("name", sorted(TABLES["pairs"]))
def test_columns_are_those_of_the_table_with_graphs_numbered(name):
    expected = {"graph" if key == "graph_id" else key for key in SQL[name]} - {"layer_id"}
    assert set(layer_frames(POINTS, 1, EVERYTHING).tables[name].columns) == expected


def test_fields_of_a_layer_are_columns_of_layers():
    frames = layer_frames(POINTS, 3, GeometrySpec((2,)))
    found = {name: value for name, value in vars(frames).items() if name != "tables"}
    assert found.keys() == set(SQL["layers"]) - {"layer_id", "dataset_id", "network_id"}
    n_distinct = len(np.unique(POINTS, axis=0))
    assert found == {
        "layer": 3,
        "is_output": False,
        "n_units": 3,
        "n_points": 40,
        "n_distinct": n_distinct,
        "store_rank": 2,
    }


@pytest.mark.parametrize("detail", DETAILS)
def test_detail_says_which_tables_are_kept(detail):
    frames = layer_frames(POINTS, 1, GeometrySpec((2,), detail=detail))
    assert frames.tables.keys() == TABLES[detail]
    assert set(frames.tables["graphs"]["detail"]) == {detail}


@pytest.mark.parametrize(
    ("detail", "store_rank", "n", "expected"),
    [
        ("graphs", None, 40, 10),
        ("nodes", None, 40, 10),
        ("nodes", None, 8, 7),
        ("edges", None, 40, 5),
        ("pairs", None, 40, 5),
        ("nodes", 3, 40, 3),
        ("edges", 3, 40, 3),
        ("edges", 100, 40, 39),
    ],
)
def test_neighbours_are_kept_up_to_the_store_rank(detail, store_rank, n, expected):
    spec = GeometrySpec((2, 5), detail=detail, store_rank=store_rank)
    frames = layer_frames(RNG.normal(size=(n, 3)), 1, spec)
    assert frames.store_rank == expected
    assert frames.tables["neighbors"].group_by("point").len()["len"].to_list() == [expected] * n


@pytest.mark.parametrize("keep", [1, 3, 14])
def test_neighbours_that_tie_at_the_store_rank_are_kept(keep):
    frame = layer_frames(POINTS, 1, GeometrySpec((7,), store_rank=keep)).tables["neighbors"]
    expected = [
        (point, rank, rank - min_rank, neighbor, pytest.approx(distance))
        for point, row in enumerate(oracles.ranked_neighbors(POINTS, keep))
        for rank, (neighbor, min_rank, distance) in enumerate(row, start=1)
    ]
    assert len(expected) > keep * len(POINTS)
    assert frame.rows() == expected


@pytest.mark.parametrize("k", EVERYTHING.k)
def test_neighbours_hold_the_graph_of_every_k(k):
    frame = layer_frames(POINTS, 1, EVERYTHING).tables["neighbors"]
    tied = set(
        frame.filter(pl.col("rank") - pl.col("n_tied") <= k).select("point", "neighbor").rows()
    )
    named = set(frame.filter(pl.col("rank") <= k).select("point", "neighbor").rows())
    assert tied == oracles.knn_edges(POINTS, k, "directed")
    assert {(min(e), max(e)) for e in named} == oracles.knn_edges(POINTS, k, "union")


@clouds
def test_graphs_are_the_rows_of_layer_geometry(points):
    graphs = layer_frames(points, 1, EVERYTHING).tables["graphs"]
    assert graphs["graph"].to_list() == list(range(9))
    for convention in CONVENTIONS:
        expected = layer_geometry(points, EVERYTHING.k, convention).drop("n_points", "n_distinct")
        found = graphs.filter(pl.col("convention") == convention).select(expected.columns)
        assert found.rows() == expected.rows()


@clouds
def test_nodes_add_up_to_their_graph(points):
    found = per_graph(
        layer_frames(points, 1, EVERYTHING),
        "nodes",
        pl.len().alias("n"),
        pl.sum("degree", "forman_sum"),
        pl.col("out_degree").sum().alias("out"),
        pl.col("degree").min().alias("least"),
        pl.col("degree").max().alias("most"),
        pl.col("component").n_unique().alias("components"),
    )
    assert set(found["n"]) == {len(points)}
    assert (found["degree"] == 2 * found["n_edges"]).all()
    assert (found["forman_sum"] == 2 * found["total_forman"]).all()
    assert (found["components"] == found["n_components"]).all()
    assert (found["least"] == found["min_degree"]).all()
    assert (found["most"] == found["max_degree"]).all()
    directed = found.filter(pl.col("convention") == "directed")
    assert (directed["out"] == directed["n_edges"]).all()


def test_hops_of_nodes_and_counts_add_up_to_their_graph():
    frames = layer_frames(RNG.normal(size=(60, 2)), 1, GeometrySpec((20, 30), CONVENTIONS, "nodes"))
    nodes = per_graph(frames, "nodes", pl.sum("geodesic_sum"), pl.max("eccentricity"))
    weighted = (pl.col("hops") * pl.col("n_pairs")).sum().alias("total")
    counts = per_graph(frames, "hop_counts", pl.max("hops"), pl.sum("n_pairs"), weighted)
    assert nodes["is_connected"].all()
    assert (nodes["geodesic_sum"] == nodes["total_geodesic"]).all()
    assert (nodes["eccentricity"] == nodes["diameter"]).all()
    assert (counts["hops"] == counts["diameter"]).all()
    assert (counts["total"] == counts["total_geodesic"]).all()
    assert set(counts["n_pairs"]) == {60 * 59}


@clouds
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_geodesics_are_the_hops_of_every_pair(points, convention):
    spec = GeometrySpec((3,), (convention,), "pairs")
    hops = oracles.hops(len(points), oracles.knn_edges(points, 3, convention)).tolist()
    expected = [
        (a, b, hops[a][b] if hops[a][b] >= 0 else None)
        for a in range(len(points))
        for b in range(a + 1, len(points))
    ]
    frame = layer_frames(points, 1, spec).tables["geodesics"]
    assert frame.select("point_a", "point_b", "hops").rows() == expected


def test_pairs_without_a_path_are_in_no_hop_count():
    counts = layer_frames(FAR_APART, 1, GeometrySpec((39,))).tables["hop_counts"]
    assert counts.select("hops", "n_pairs").rows() == [(1, 2 * 40 * 39)]


def test_what_is_unknown_is_null():
    frames = layer_frames(FAR_APART, 1, GeometrySpec((14,), CONVENTIONS, "pairs"))
    nodes = frames.tables["nodes"].join(frames.tables["graphs"], on="graph")
    assert not nodes["is_connected"].any()
    assert nodes["geodesic_sum"].is_null().all()
    assert nodes["eccentricity"].is_null().all()
    assert (nodes["out_degree"].is_null() == (nodes["convention"] != "directed")).all()
    assert frames.tables["geodesics"]["hops"].null_count() >= 3 * 40 * 40


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("name", ["constant", "far apart", "random"])
def test_no_table_holds_minus_one_for_null_nor_nan(name, detail):
    clouds = {
        "constant": np.zeros((9, 2)),
        "far apart": FAR_APART,
        "random": RNG.normal(size=(20, 2)),
    }
    frames = layer_frames(clouds[name], 1, GeometrySpec((1, 8), CONVENTIONS, detail))
    for frame in frames.tables.values():
        for column in frame.select(selectors.integer() - selectors.contains("forman")):
            assert column.drop_nulls().ge(0).all()
        for column in frame.select(selectors.float()):
            assert column.drop_nulls().is_finite().all()


def test_isolated_points_leave_tables_whole():
    spec = GeometrySpec((1,), ("mutual",), "pairs")
    frames = layer_frames(np.zeros((4, 2)), 1, spec)  # one edge, two points alone
    nodes = frames.tables["nodes"].sort("point").select("degree", "forman_sum", "component").rows()
    assert nodes == [(1, 2, 0), (1, 2, 0), (0, 0, 1), (0, 0, 2)]
    assert frames.tables["geodesics"]["hops"].to_list() == [1] + 5 * [None]


def test_minus_one_becomes_null_where_it_stands_for_it_only():
    columns = {"hops": np.array([0, -1]), "forman_sum": np.array([-1, -2])}
    frame = nullable_frame(columns)
    assert frame["hops"].to_list() == [0, None]
    assert frame["forman_sum"].to_list() == [-1, -2]


@pytest.mark.parametrize("threads", ["1", "2", "8"])
def test_network_is_its_layers_from_1_whatever_the_threads(threads, monkeypatch):
    monkeypatch.setenv("GEOFLOW_THREADS", threads)
    layers = [POINTS, RNG.normal(size=(40, 5)), np.zeros((40, 2))]
    steps = []
    found = network_frames(layers, EVERYTHING, lambda: steps.append(1)).layers
    assert len(steps) == 3
    assert [frames.layer for frames in found] == [1, 2, 3]
    for frames, points in zip(found, layers, strict=True):
        expected = layer_frames(points, frames.layer, EVERYTHING, threads=1)
        for name, frame in expected.tables.items():
            assert_frame_equal(frames.tables[name], frame)


@pytest.mark.parametrize("threads", ["1", "8"])
def test_bad_layer_of_a_network_is_named(threads, monkeypatch):
    monkeypatch.setenv("GEOFLOW_THREADS", threads)
    with pytest.raises(GeometryError, match="layer 2: 1 of 40 points hold NaN"):
        bad = np.where(np.arange(40)[:, None] == 4, np.nan, POINTS)
        network_frames([POINTS, bad], GeometrySpec((2,)))


def test_network_without_layers_has_no_frames():
    assert network_frames([], EVERYTHING).layers == []


@pytest.mark.parametrize("k", [(3, 5), (3, 5, 7)])
def test_points_of_graphs_go_there_and_back(k):
    """So that DuckDB keeps them in few bits: from layer to layer too."""
    spec = GeometrySpec(k, detail="nodes")
    points = [layer_frames(POINTS, layer, spec).tables["nodes"]["point"] for layer in (1, 2, 3)]
    steps = np.diff(np.concatenate(points).astype(int))
    assert set(steps) == {-1, 0, 1}
