"""Activations of a user become a store, or an error in one line and no change at all."""

import json

import igraph
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

import geoflow
from geoflow.errors import DatasetError, GeoflowError, GeometryError, SpecError, StoreError
from geoflow.geometry.transport.affinity import affinity
from geoflow.ingestion import ingest
from geoflow.specs import TransportSpec


@pytest.fixture(scope="module")
def measured(reference, tmp_path_factory):
    """A store with the reference activations in two conventions, and the reference numbers."""
    points, numbers = reference
    db = tmp_path_factory.mktemp("reference") / "geoflow.duckdb"
    ingest(points, db, k=[8, 15, 30], name="ref", convention=["union", "directed"])
    return geoflow.open(db), np.load(points), json.loads(numbers.read_text("utf-8"))


@pytest.mark.parametrize("k", [8, 15, 30])
def test_coefficient_over_hidden_layers_is_that_of_another_implementation(measured, k):
    db, _, numbers = measured
    sql = "select ricci_coefficient from ricci_coefficients where k = $k and convention = 'union'"
    found = db.query(f"{sql} and start = 'hidden'", k=k).item()
    assert found == pytest.approx(numbers["global"][str(k)]["hidden_only"], abs=1e-9)


@pytest.mark.parametrize("layer", range(6))
def test_directed_totals_are_those_of_igraph_on_the_tied_graph(measured, layer):
    db, points, _ = measured
    x = points[f"layer_{layer:02d}"].astype(np.float64)
    squares = cdist(x, x, "sqeuclidean")
    np.fill_diagonal(squares, np.inf)
    found = db.query(
        "select k, n_edges, total_forman, total_geodesic, n_components from network_layers join"
        " graphs using (layer_id) where convention = 'directed' and layer = $layer",
        layer=layer,
    )
    assert found.height == 3
    for row in found.iter_rows(named=True):
        reach = np.sort(squares, axis=1)[:, row["k"] - 1, None]
        graph = igraph.Graph(n=len(x), edges=np.argwhere(squares <= reach), directed=True)
        degree = np.array(graph.degree())
        ends = np.array(graph.get_edgelist())
        assert row["n_edges"] == graph.ecount() >= row["k"] * len(x)
        assert row["total_forman"] == (4 - degree[ends[:, 0]] - degree[ends[:, 1]]).sum()
        hops = np.array(graph.distances(mode="all"))
        assert row["total_geodesic"] == (hops.sum() if np.isfinite(hops).all() else None)
        assert row["n_components"] == len(graph.connected_components(mode="weak"))


def test_what_was_done_is_told(layers_of, tmp_path):
    arrays = layers_of(0, 30, (3, 2, 2)) | {"weights": np.zeros((30, 2))}
    np.savez(tmp_path / "mine.npz", **arrays)
    said = []
    done = ingest(
        tmp_path / "mine.npz", tmp_path / "g.duckdb", k=[4, 8], advance=lambda *x: said.append(x)
    )
    assert (done.network, done.dataset) == ("mine", "mine")
    assert (done.n_layers, done.n_points, done.n_graphs) == (3, 30, 6)
    assert done.left_out == ["weights"]
    assert said == [(0.5, "mine")] * 2


def test_labels_and_widths_are_kept(layers_of, tmp_path):
    arrays = layers_of(0, 30, (3, 5, 2)) | {"labels": np.arange(30) % 3 * 10.0}
    ingest(arrays, tmp_path / "g.duckdb", k=4, name="mine")
    db = geoflow.open(tmp_path / "g.duckdb")
    assert db.view("samples").sort("point")["label"].to_list() == [0, 10, 20] * 10
    (data,) = db.view("datasets").rows(named=True)
    assert (data["n_classes"], data["classes"], data["n_features"]) == (3, ["0", "10", "20"], 3)
    (network,) = db.view("networks").rows(named=True)
    assert (network["widths"], network["depth"], network["width"]) == ([5, 2], 2, "5-2")
    assert (network["status"], network["study"]) == ("ingested", "ingest")


def test_labels_may_be_left_out(layers_of, tmp_path):
    arrays = layers_of(0, 30, (3, 2))
    del arrays["labels"]
    ingest(arrays, tmp_path / "g.duckdb", k=4)
    db = geoflow.open(tmp_path / "g.duckdb")
    assert db.view("samples")["label"].null_count() == 30
    assert db.view("datasets")["n_classes"].item() is None


GOOD = {"layer_00": np.arange(60.0).reshape(30, 2), "layer_01": np.arange(30.0)[:, None]}
WRONG = {
    "NaN": ({"layer_01": np.full((30, 1), np.nan)}, {}, "layer_01 .*30 of 30 points hold NaN"),
    "inf": ({"layer_00": np.full((30, 1), np.inf)}, {}, "layer_00 .*NaN or infinity.*leave"),
    "rows": ({"layer_01": np.ones((29, 1))}, {}, "layer_01 .*29 rows but layer_00 has 30"),
    "shape": ({"layer_01": np.ones(30)}, {}, r"layer_01 .*shape \(30,\): give one row per point"),
    "empty": ({"layer_01": np.ones((30, 0))}, {}, r"layer_01 .*shape \(30, 0\)"),
    "text": ({"layer_01": np.full((30, 1), "a")}, {}, "layer_01 .*give real numbers"),
    "complex": ({"layer_01": np.full((30, 1), 1j)}, {}, "layer_01 .*give real numbers"),
    "gap": ({"layer_03": np.ones((30, 1))}, {}, "layer_03.*without a gap"),
    "one class": ({"labels": np.ones(30)}, {}, "labels .*one class only .*two classes or more"),
    "labels": ({"labels": np.ones(29)}, {}, "labels .*there are 30 points: give one label per"),
    "half label": ({"labels": np.full(30, 0.5)}, {}, "labels .*must be integers: number the"),
    "NaN label": ({"labels": np.full(30, np.nan)}, {}, "labels .*must be integers"),
    "text label": ({"labels": np.full(30, "a")}, {}, "labels .*must be integers"),
    "large label": ({"labels": np.arange(30) * 2**40}, {}, "labels .*too large"),
    "k = n": ({}, {"k": 30}, "k = 30 of 30 points: choose k from 1 to n - 1 = 29"),
    "k = 0": ({}, {"k": 0}, "k must be an integer of at least 1, not 0"),
    "no k": ({}, {"k": []}, "k has no values: give at least one"),
    "convention": ({}, {"convention": "onion"}, "did you mean 'union'"),
    "detail": ({}, {"detail": "pair"}, "did you mean 'pairs'"),
    "store rank": ({}, {"store_rank": 0}, "store_rank must be an integer of at least 1, not 0"),
}
each_wrong = pytest.mark.parametrize("kind", WRONG)


def refused(kind, db):
    arrays, options, message = WRONG[kind]
    with pytest.raises((DatasetError, GeometryError, SpecError), match=message) as caught:
        ingest(GOOD | arrays, db, **{"k": 4, "name": "new"} | options)
    assert "\n" not in str(caught.value)


@each_wrong
def test_what_cannot_be_measured_is_refused_before_a_store_is_made(kind, tmp_path):
    refused(kind, tmp_path / "g.duckdb")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["NaN", "k = n", "one class"])
def test_what_cannot_be_measured_leaves_a_store_as_it_is(kind, copied):
    before = copied.read_bytes()
    refused(kind, copied)
    assert copied.read_bytes() == before


def test_a_single_layer_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="hold layer_00: name the input layer_00 and the hidden"):
        ingest({"layer_00": GOOD["layer_00"]}, tmp_path / "g.duckdb", k=4)


def test_a_taken_name_is_refused_before_anything_is_measured(copied, monkeypatch):
    monkeypatch.setattr("geoflow.ingestion.measured", None)
    before = copied.read_bytes()
    with pytest.raises(StoreError, match=r"network 'digits' is already in .*: give another --name"):
        ingest(GOOD, copied, k=4, name="digits")
    assert copied.read_bytes() == before


@pytest.mark.parametrize("what", ["layer_00", "labels"])
def test_other_points_or_labels_under_the_name_of_a_data_set_are_refused(what, tmp_path):
    db = tmp_path / "g.duckdb"
    arrays = GOOD | {"labels": np.arange(30) % 2}
    ingest(arrays, db, k=4, name="one", dataset="points")
    n_networks = geoflow.open(db).view("networks").height
    arrays[what] = np.flip(arrays[what], 0)
    with pytest.raises(StoreError, match=r"data set 'points' .*other points or labels.*--dataset"):
        ingest(arrays, db, k=4, name="two", dataset="points")
    assert geoflow.open(db).view("networks").height == n_networks


@pytest.fixture(scope="module")
def whole(layers_of):
    """Arrays of a network with its pre-activations; the track is its last two layers."""
    arrays = layers_of(0, 30, (3, 5, 2, 2))
    pre = {f"pre_{at:02d}": arrays[f"layer_{at:02d}"] for at in (1, 2, 3)}
    relu = {f"layer_{at:02d}": np.maximum(pre[f"pre_{at:02d}"], 0) for at in (1, 2, 3)}
    return arrays | relu | pre


def test_what_arrays_allow_of_transport_is_measured_and_the_rest_is_told(whole, tmp_path):
    done = ingest(whole, tmp_path / "g.duckdb", k=4, name="mine")
    assert done.left_out == []
    assert done.not_measured == [
        "local complexity: it needs the network itself, not its activations"
    ]
    db = geoflow.open(tmp_path / "g.duckdb")
    (row,) = db.view("transport_scores").rows(named=True)
    x, y = whole["layer_02"].astype(float), whole["layer_03"].astype(float)
    costs = cdist(x, y, "sqeuclidean")
    best = costs[linear_sum_assignment(costs)].mean()
    assert row["transport_efficiency"] == pytest.approx(best / np.diag(costs).mean())
    assert (row["first_layer"], row["n_steps"], row["family"]) == (2, 1, None)
    signature = db.view("nonlinearity_signature").sort("layer")
    assert signature["layer"].to_list() == [1, 2, 3]
    for layer in (1, 2, 3):
        found = affinity(whole[f"pre_{layer:02d}"], whole[f"layer_{layer:02d}"]).affinity
        assert signature["affinity_score"][layer - 1] == pytest.approx(found)
    assert db.view("point_tracks").height == 30
    assert db.view("layer_complexities").height == db.view("weight_paths").height == 0
    assert db.check()["n_offences"].sum() == 0


def test_without_pre_activations_there_is_no_signature_and_that_is_told(whole, tmp_path):
    arrays = {name: array for name, array in whole.items() if not name.startswith("pre")}
    done = ingest(arrays, tmp_path / "g.duckdb", k=4, detail="graphs")
    assert done.not_measured[0].startswith("non-linearity signature: there are no arrays pre_01")
    db = geoflow.open(tmp_path / "g.duckdb")
    assert db.view("transport_tracks").height == 1
    assert db.view("layer_affinities").height == db.view("point_tracks").height == 0


def test_transport_geometry_can_be_left_out(whole, tmp_path):
    done = ingest(whole, tmp_path / "g.duckdb", k=4, transport=None)
    assert done.not_measured == []
    db = geoflow.open(tmp_path / "g.duckdb")
    for table in ("transport_steps", "transport_tracks", "point_tracks", "layer_affinities"):
        assert db.view(table).height == 0


def test_of_points_of_which_there_are_too_many_some_are_measured_and_that_is_told(
    whole, tmp_path, monkeypatch
):
    for most, name in ((30, "as many"), (29, "more")):
        for module in ("geoflow.ingestion", "geoflow.measure.drawn"):
            monkeypatch.setattr(f"{module}.MOST_POINTS", most)
        done = ingest(whole, tmp_path / "g.duckdb", k=4, name=name, dataset="points")
    said = "transport geometry of 1 of the points: 29 are drawn with seed 0"
    assert said in done.not_measured
    db = geoflow.open(tmp_path / "g.duckdb")
    rows = db.view("transport_scores").select("network", "n_points", "sample_seed").rows()
    assert sorted(rows) == [("as many", 30, None), ("more", 29, 0)]
    assert db.query("select what from left_out where reason like '29 are drawn%'").height == 1
    counts = db.query("select count(*) as n from point_tracks group by network_id order by n")
    assert counts["n"].to_list() == [29, 30]


PRE_WRONG = {
    "missing": ({"pre_02": None}, "hold pre_01, pre_03 but not pre_02: give .* of every hidden"),
    "of the input": ({"pre_00": np.ones((30, 3))}, "pre_00, .*for 3 hidden layers: give"),
    "one too many": ({"pre_04": np.ones((30, 2))}, "pre_04 for 3 hidden layers: give"),
    "rows": ({"pre_02": np.ones((29, 2))}, r"pre_02 .*shape \(29, 2\) but there are 30 points"),
    "width": (
        {"pre_01": np.ones((30, 2))},
        r"pre_01 .*shape \(30, 2\) but its layer has \(30, 5\)",
    ),
    "flat": ({"pre_02": np.ones(60)}, r"pre_02 .*shape \(60,\): give one row per point"),
    "NaN": ({"pre_03": np.full((30, 2), np.nan)}, "pre_03 .*30 of 30 points hold NaN"),
    "inf": ({"pre_03": np.full((30, 2), np.inf)}, "pre_03 .*NaN or infinity"),
    "text": ({"pre_03": np.full((30, 2), "a")}, "pre_03 .*give real numbers"),
}


@pytest.mark.parametrize("kind", PRE_WRONG)
@pytest.mark.parametrize("transport", [TransportSpec(), None])
def test_pre_activations_that_do_not_fit_are_refused(kind, transport, whole, tmp_path):
    changes, said = PRE_WRONG[kind]
    arrays = {name: array for name, array in (whole | changes).items() if array is not None}
    with pytest.raises(DatasetError, match=said) as caught:
        ingest(arrays, tmp_path / "g.duckdb", k=4, transport=transport)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def again(layers_of, tmp_path):
    """Return a function that ingests another network of one data set and returns its input."""
    points = layers_of(0, 30, (3,))["layer_00"]
    made = iter(range(9))
    path = tmp_path / "g.duckdb"

    def ingested(**options):
        number = next(made)
        hidden = layers_of(number + 1, 30, (2, 2))
        arrays = {
            "layer_00": points,
            "layer_01": hidden["layer_00"],
            "layer_02": hidden["layer_01"],
        }
        words = {"dataset": "points", "transport": False, **options}
        ingest(arrays, path, name=f"n{number}", **words)
        with geoflow.open(path).held() as db:
            assert db.check()["n_offences"].sum() == 0
            assert db.query("select count(*) from layers where network_id is null").item() == 1
            assert db.view("ricci_coefficients")["network"].n_unique() == number + 1
            return db.query(
                "select k, convention, detail, store_rank from graphs join layers using (layer_id)"
                " where network_id is null order by convention, k"
            ).rows()

    return ingested


def test_the_input_of_a_data_set_is_measured_once(again, monkeypatch):
    first = again(k=[4, 8])
    monkeypatch.setattr("geoflow.ingestion.measured_layer", None)
    assert again(k=[4, 8]) == again(k=4) == again(k=8, detail="nodes", store_rank=3) == first


@pytest.mark.parametrize(
    ("options", "added"),
    [
        ({"k": 4}, (4, "directed", "edges", 8)),
        ({"k": 8, "convention": "union"}, (8, "union", "edges", 8)),
        ({"k": [4, 8]}, (4, "directed", "edges", 8)),
    ],
)
def test_the_input_grows_by_what_it_lacks(again, options, added):
    first = again(k=8)
    assert set(again(**options)) == {*first, added}


def test_the_input_is_kept_in_more_detail_when_that_is_asked(again):
    again(k=8, detail="nodes", store_rank=8)
    assert again(k=8, detail="pairs") == [(8, "directed", "pairs", 8)]


@pytest.mark.parametrize("options", [{"k": 12}, {"k": 8, "store_rank": 12}])
def test_the_input_keeps_more_neighbors_when_a_larger_k_is_asked(again, options):
    again(k=8)
    assert {row[3] for row in again(**options)} == {12}


def test_the_input_never_loses_detail(again):
    again(k=8, detail="pairs")
    assert (8, "directed", "pairs", 8) in again(k=[4, 8], detail="edges")


def test_an_input_that_was_sampled_is_measured_exactly_when_that_is_asked(again, tmp_path):
    again(k=8, n_sources=5)
    again(k=8)
    totals = "select distinct n_sources from network_graphs join graphs using (graph_id)"
    last = f"{totals} where network_id = 2"
    assert geoflow.open(tmp_path / "g.duckdb").query(last).rows() == [(30,)]


def test_an_error_of_ingest_is_always_of_the_one_family():
    assert issubclass(DatasetError, GeoflowError)
    with pytest.raises(GeoflowError, match=r"no file none\.npz"):
        ingest("none.npz", "unused.duckdb", k=4)
