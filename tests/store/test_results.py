"""What is in a store comes back as frames and graphs, or the nearest name that is there."""

import igraph
import numpy as np
import oracles
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import geoflow
from geoflow.errors import SpecError, StoreError
from geoflow.specs import CONVENTIONS
from geoflow.store._sqlfiles import sql_files
from geoflow.store.results import catalogue, described, readable
from geoflow.text.formats import flat_frame


@pytest.fixture(scope="module")
def db(store):
    return geoflow.open(store)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize(("layer", "k"), [(0, 5), (1, 2), (4, 12)])
def test_a_graph_is_that_of_its_points_with_distance_and_curvature(
    db, layers_of, layer, k, convention
):
    points = layers_of(1, 40, (3, 2, 2, 2, 2), grid=4)[f"layer_{layer:02d}"]
    graph = db.graph("tied", layer, k, convention)
    edges = oracles.knn_edges(points, k, convention)
    assert graph.is_directed() == (convention == "directed")
    assert set(graph.get_edgelist()) == edges
    assert graph.ecount() == len(edges)
    curvature = oracles.forman(40, edges)
    assert graph.vs["point"] == list(range(40))
    assert graph.vs["label"] == [0, 1] * 20
    for edge in graph.es:
        assert edge["forman"] == curvature[edge.tuple]
        apart = np.linalg.norm(points[edge.source] - points[edge.target])
        assert edge["distance"] == pytest.approx(apart, rel=1e-6)


def test_the_only_convention_stored_need_not_be_named(db):
    graph = db.graph("digits", 1, 8)
    assert isinstance(graph, igraph.Graph)
    assert graph.is_directed()


def test_a_graph_without_labels_has_none(db):
    assert set(db.graph("graded-0", 1, 4, "union").vs["label"]) == {None}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("digit", 1, 8), SpecError, "unknown network 'digit', did you mean 'digits'"),
        (("digits", 4, 8), SpecError, "network 'digits' has no layer 4: its layers are 0 to 3"),
        (("digits", -1, 8), SpecError, "has no layer -1"),
        (("digits", 1, 9), StoreError, "k = 9 but neighbours .* up to rank 8"),
        (("digits", 1, 0), StoreError, "k = 0 is not a number of neighbours"),
        (("tied", 1, 5), StoreError, "several conventions: add convention"),
    ],
)
def test_a_graph_that_is_not_there_is_refused_in_words(db, arguments, error, message):
    with pytest.raises(error, match=message) as caught:
        db.graph(*arguments)
    assert "\n" not in str(caught.value)


def test_a_convention_that_does_not_exist_is_refused(db):
    with pytest.raises((SpecError, StoreError), match="onion"):
        db.graph("tied", 1, 5, "onion")


def test_layers_are_keys_by_index(db):
    layers = db.layers("torn")
    assert list(layers) == [0, 1, 2, 3]
    assert len(set(layers.values())) == 4


def test_networks_can_be_narrowed_to_a_study_and_a_data_set(db):
    assert set(db.networks()["study"]) == {"ingest", "grid", "shallow"}
    assert set(db.networks(study="grid")["network"]) == {f"graded-{at}" for at in range(6)}
    assert set(db.networks(dataset="tied")["network"]) == {"tied"}
    assert db.networks(study="grid", dataset="tied").is_empty()


def test_show_has_summary_graphs_and_coefficients_of_that_network_alone(db):
    summary, graphs, coefficients = db.show("torn")
    assert set(summary["network"]) == {"torn"}
    assert graphs.height == 4 * 3 * 3
    assert coefficients.height == 3 * 3 * 2
    kept = db.view("flow_steps").filter(pl.col("network") == "torn")
    first = graphs.filter(pl.col("layer") < 3).sort("convention", "k", "layer")
    assert (
        first["total_forman"].to_list()
        == kept.sort("convention", "k", "layer")["total_forman"].to_list()
    )


def test_a_snapshot_can_be_shown_and_its_graphs_taken(db):
    summary, graphs, coefficients = db.show("graded-0@2")
    row = summary.row(0, named=True)
    assert (row["final"], row["epochs"], row["test_accuracy"]) == ("graded-0", 2, 0.95)
    assert graphs.filter(pl.col("layer") > 0).height == 6 * 3 * 3
    sql = "from training_coefficients where network = 'graded-0' and epoch = 2"
    along = db.query(sql).sort("convention", "start", "k")
    assert coefficients["ricci_coefficient"].to_list() == along["ricci_coefficient"].to_list()
    own = graphs.filter((pl.col("layer") == 1) & (pl.col("k") == 9))
    graph = db.graph("graded-0@2", 1, 9, "union")
    edges = own.filter(pl.col("convention") == "union")["n_edges"].item()
    assert graph.ecount() == edges
    assert db.show("graded-0@1")[0]["reason"].item() == "NaN"


def test_a_failed_network_can_be_shown(db):
    summary, graphs, coefficients = db.show("graded-5")
    assert summary["reason"].item() == "NaN"
    assert graphs.is_empty()
    assert coefficients.is_empty()


def test_an_unknown_network_is_refused_with_the_nearest(db):
    with pytest.raises(SpecError, match="did you mean 'graded-0'"):
        db.show("graded_0")


def test_an_unknown_view_is_refused_with_the_nearest(db):
    for ask in (db.view, described, lambda name: db.export("nowhere", [name])):
        with pytest.raises(SpecError, match="did you mean 'flow_steps'"):
            ask("flow_step")


def test_a_view_is_what_its_query_gives(db):
    assert_frame_equal(db.view("optimal_k"), db.query("from optimal_k"), check_row_order=False)


def test_whole_numbers_are_whole_numbers(db):
    sums = db.query("select sum(n_edges) as s, count(*) as n, avg(n_edges) as mean from graphs")
    assert [dtype.is_integer() for dtype in sums.dtypes] == [True, True, False]


def test_parameters_stand_for_values(db):
    found = db.query("select $a + $b as c, $text as t", a=1, b=2, text="it's")
    assert found.row(0) == (3, "it's")


def test_the_store_is_that_of_the_environment_else_here(store, tmp_path, monkeypatch):
    monkeypatch.setenv("GEOFLOW_DB", str(store))
    assert geoflow.open().path == store
    monkeypatch.delenv("GEOFLOW_DB")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=r"no store at geoflow\.duckdb"):
        geoflow.open()


def test_a_path_may_be_a_text(store):
    assert geoflow.open(str(store)).view("runs").height == geoflow.open(store).view("runs").height


def test_the_file_is_free_between_questions(copied):
    import duckdb

    db = geoflow.open(copied)
    db.view("graphs")
    with duckdb.connect(str(copied)) as connection:
        connection.execute("delete from hop_counts")
    assert db.view("hop_counts").is_empty()


def test_everything_is_exported_one_file_each(db, tmp_path):
    paths = db.export(tmp_path / "new" / "folder")
    names = {f"{name}.parquet" for name in readable()}
    assert {path.name for path in paths} == names
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == names


@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_tables_of_every_kind_are_exported_in_other_formats(db, tmp_path, file_format):
    wanted = [file.name for file in sql_files("tables")]
    paths = db.export(tmp_path, wanted, file_format=file_format)
    assert {path.name for path in paths} == {f"{name}.{file_format}" for name in wanted}


def test_parquet_keeps_every_type(db, tmp_path):
    (path,) = db.export(tmp_path, ["networks"])
    assert_frame_equal(pl.read_parquet(path), db.view("networks"))


def test_csv_and_json_keep_every_value(db, tmp_path):
    order = ["network_id", "k", "convention", "start", "end"]
    expected = db.view("ricci_coefficients").sort(order)
    for file_format, read in (("csv", pl.read_csv), ("json", pl.read_json)):
        (path,) = db.export(tmp_path, ["ricci_coefficients"], file_format)
        found = read(path, infer_schema_length=None).sort(order)
        assert_frame_equal(found, expected, check_dtypes=False)


def test_an_export_replaces_what_was_there_and_leaves_the_rest(db, tmp_path):
    (tmp_path / "runs.csv").write_text("old")
    (tmp_path / "mine.csv").write_text("mine")
    db.export(tmp_path, ["runs"], "csv")
    assert (tmp_path / "runs.csv").read_text() != "old"
    assert (tmp_path / "mine.csv").read_text() == "mine"


def test_an_export_that_fails_leaves_what_was_there(db, tmp_path, small_files):
    (tmp_path / "runs.parquet").write_text("old")
    with small_files(100), pytest.raises(SpecError, match="File too large"):
        db.export(tmp_path, ["runs"])
    assert (tmp_path / "runs.parquet").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["runs.parquet"]


def test_an_export_to_what_is_no_folder_is_refused(db, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SpecError, match=r"cannot write to .*file"):
        db.export(tmp_path / "file", ["runs"])
    with pytest.raises(SpecError, match="unknown format 'xml'"):
        db.export(tmp_path, ["runs"], "xml")


def test_lists_become_texts_that_csv_can_hold():
    frame = pl.DataFrame({"widths": [[25, 25], [], None], "n": [1, 2, 3]})
    assert flat_frame(frame)["widths"].to_list() == ["[25,25]", "[]", None]


def test_the_catalogue_lists_every_relation_once_with_what_it_is(db):
    rows = catalogue()
    assert rows["name"].n_unique() == rows.height
    assert set(readable()) < set(rows["name"])
    assert (rows["title"].str.len_chars() > 0).all()
    kinds = dict(rows.select("name", "kind").iter_rows())
    assert (kinds["graphs"], kinds["optimal_k"], kinds["edges_of"]) == ("table", "view", "macro")


def test_described_columns_are_those_of_the_view(db):
    with db.held() as held:
        for name in readable():
            assert described(name)[1]["column"].to_list() == held.view(name).columns
