"""The output of a network as its last layer: what it is, and what it leaves as it was."""

import math

import numpy as np
import oracles
import polars as pl
import pytest

import geoflow
from geoflow.archive.layers import checked_layers
from geoflow.datasets import load
from geoflow.errors import DatasetError, SpecError
from geoflow.measure import Activations, measured, measured_layer
from geoflow.measure.output import probabilities
from geoflow.specs import DatasetSpec, GeometrySpec, Recipe, architecture, with_curvatures
from geoflow.specs.studyfile import study_spec
from geoflow.training import train_ensemble

CIRCLES = DatasetSpec("circles", n_train=60, n_test=40)
SMALL = architecture("5,5")
SPEC = GeometrySpec((4, 12), ("union",), curvatures=("forman",), detail="nodes")
RNG = np.random.default_rng(2)


def sigmoid_or_softmax(row):
    """Probabilities of one row of logits, by the formula."""
    if len(row) == 1:
        return [1 / (1 + math.exp(-row[0]))]
    return [math.exp(z) / sum(map(math.exp, row)) for z in row]


@pytest.mark.parametrize("columns", [1, 2, 5])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_probabilities_are_those_of_the_formula_in_the_precision_of_the_logits(columns, kind):
    logits = (RNG.normal(size=(30, columns)) * 9).astype(kind)
    found = probabilities(logits)
    assert found.dtype == kind
    expected = np.array([sigmoid_or_softmax(row) for row in logits.astype(float).tolist()])
    np.testing.assert_allclose(found, expected, rtol=2e-7 if kind is np.float32 else 1e-13)


def test_logits_beyond_any_exponential_are_sure():
    assert probabilities(np.array([[1e38], [-1e38]])).tolist() == [[1.0], [0.0]]
    assert probabilities(np.array([[1e38, -1e38]])).tolist() == [[1.0, 0.0]]


@pytest.fixture(scope="module")
def network():
    (one,) = train_ensemble(load(CIRCLES), SMALL, Recipe(epochs=3), seeds=[0])
    return one.activations


def test_the_output_of_a_trained_network_is_of_its_logits(network):
    logits = np.where(network.labels == 1, network.margin, -network.margin)
    expected = [sigmoid_or_softmax([z])[0] for z in logits.tolist()]
    assert network.output.shape == (40, 1)
    assert network.output.dtype == np.float32
    np.testing.assert_allclose(network.output[:, 0], expected, rtol=1e-5)


def test_the_layer_after_the_hidden_ones_is_the_output(network):
    origin = measured_layer(network.layers[0], 0, SPEC, network.labels)
    frames = measured(network, SPEC, origin=origin)
    assert [(one.layer, one.is_output) for one in frames.layers] == [
        (1, False), (2, False), (3, True)
    ]  # fmt: skip
    last = frames.layers[-1]
    assert (last.n_units, last.store_rank, last.tables["neighbors"].height) == (1, 0, 0)
    graphs = last.tables["graphs"].select("k", "n_edges", "total_forman").rows()
    for k, n_edges, total in graphs:
        edges = oracles.knn_edges(network.output, k, "union")
        assert (n_edges, total) == (len(edges), sum(oracles.forman(40, edges).values()))
    assert frames.tables["expansions"]["layer"].unique().sort().to_list() == [0, 1, 2]
    assert frames.tables["class_curvatures"]["layer"].unique().sort().to_list() == [0, 1, 2, 3]


def test_every_other_row_is_the_same_with_and_without_it(network):
    origin = measured_layer(network.layers[0], 0, SPEC, network.labels)
    without = GeometrySpec((4, 12), ("union",), curvatures=("forman",), detail="nodes",
                           output=False)  # fmt: skip
    bare, whole = (measured(network, one, origin=origin) for one in (without, SPEC))
    assert len(whole.layers) == len(bare.layers) + 1
    for one, other in zip(bare.layers, whole.layers, strict=False):
        assert all(frame.equals(other.tables[name]) for name, frame in one.tables.items())
    for name, frame in bare.tables.items():
        before = whole.tables[name]
        if name in ("expansions", "class_curvatures"):
            before = before.filter(pl.col("layer") < (2 if name == "expansions" else 3))
        order = [column for column in frame.columns if column != "hop_sum"]
        assert frame.height
        assert frame.sort(order).equals(before.sort(order), null_equal=True)


def test_neighbours_in_the_output_are_kept_where_edges_are(network):
    spec = GeometrySpec((4,), ("union",), output=True, detail="edges")
    last = measured(network, spec).layers[-1]
    assert (last.is_output, last.store_rank) == (True, 4)
    assert last.tables["neighbors"].height >= 160


def test_the_output_is_measured_with_curvatures_unless_it_is_said():
    asked = [GeometrySpec(4), GeometrySpec(4, curvatures="forman"), GeometrySpec(4, output=True)]
    assert [one.output for one in asked] == [False, True, True]
    assert GeometrySpec(4, curvatures="forman", output=False).output is False
    assert Activations([np.eye(6), np.eye(6)]).output is None


def arrays(**more):
    points = np.random.default_rng(0).normal(size=(30, 3))
    return {"layer_00": points, "layer_01": points[:, :2], "layer_02": points[:, 1:], **more}


def test_an_output_that_is_not_measured_is_said_to_be_left_out(tmp_path):
    done = geoflow.ingest(arrays(output=np.arange(30) / 30), tmp_path / "g.duckdb", k=6)
    why = "the output as a layer: it is measured with curvatures, or with --output-layer"
    assert why in done.not_measured


def test_logits_of_half_precision_tie_where_their_probabilities_do():
    logits = np.linspace(8, 30, 30).astype(np.float16)
    found = checked_layers(arrays(logits=logits)).activations.output
    assert found.dtype == np.float32
    assert len(np.unique(found)) < 30


def test_a_study_may_decline_the_output_where_it_asks_for_curvatures():
    study = study_spec("quickstart")
    assert with_curvatures(study, ["forman"], []).output is True
    assert with_curvatures(study, ["forman"], [], output=False).output is False
    assert with_curvatures(study, [], [], output=True).output is True


def test_a_batch_size_that_is_text_says_what_to_give():
    with pytest.raises(SpecError, match="batch_size must be an integer of at least 1, or 'full'"):
        Recipe(batch_size="64")


def test_an_output_that_falls_apart_leaves_the_hidden_series_connected(tmp_path):
    halves = np.where(np.arange(30) < 15, 0.0, 1.0) + np.arange(30) / 1e3
    geoflow.ingest(arrays(output=halves), tmp_path / "g.duckdb", k=[6, 20], output=True,
                   convention="union")  # fmt: skip
    geoflow.ingest(arrays(), tmp_path / "g.duckdb", k=[6, 20], name="bare", dataset="network",
                   convention="union")  # fmt: skip
    db = geoflow.open(tmp_path / "g.duckdb")
    rows = db.query('select * from ricci_coefficients order by network, k, start, "end"')
    known = {(row["network"], row["k"], row["start"], row["end"]): row for row in rows.to_dicts()}
    assert len(known) == 8 + 4
    for k, start in ((6, "hidden"), (6, "input"), (20, "hidden"), (20, "input")):
        one, bare = known["network", k, start, "hidden"], known["bare", k, start, "hidden"]
        same = ("n_steps", "is_connected", "ricci_coefficient", "reason")
        assert one["is_connected"] and all(one[name] == bare[name] for name in same)
        whole = known["network", k, start, "output"]
        assert (whole["n_steps"], whole["is_connected"]) == (one["n_steps"] + 1, k == 20)
    summary = db.query("select optimal_k, n_k_connected from network_summary order by network")
    assert summary.row(0) == summary.row(1)
    assert db.check()["n_offences"].sum() == 0


@pytest.mark.parametrize("columns", [1, 3])
def test_the_output_of_given_arrays_is_theirs_or_of_their_logits(columns):
    logits = RNG.normal(size=(30, columns))
    found = checked_layers(arrays(logits=logits))
    assert (found.activations.output == probabilities(logits)).all()
    assert found.left_out == {}
    own = checked_layers(arrays(logits=logits, output=np.arange(30))).activations.output
    assert own.tolist() == [[at] for at in range(30)]
    assert checked_layers(arrays()).activations.output is None


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (np.ones(29), r"output .*shape \(29,\): give one row of numbers for each of the 30 points"),
        (np.full((30, 2), np.nan), "output .*hold NaN or infinity"),
        (np.ones((30, 0)), "output .*give one row of numbers"),
    ],
)
def test_an_output_that_is_none_is_refused(output, said):
    with pytest.raises(DatasetError, match=said):
        checked_layers(arrays(output=output))


def test_what_was_asked_for_and_is_not_there_is_said(tmp_path):
    done = geoflow.ingest(arrays(), tmp_path / "g.duckdb", k=4, output=True, transport=False)
    assert done.not_measured == ["the output as a layer: there are no arrays output or logits"]


@pytest.mark.parametrize("n_correct", [0, 1, 4, 5, 12, 40])
def test_the_filtered_moments_are_of_the_graph_of_the_correct_points(n_correct):
    labels = np.arange(40) % 2
    predicted = np.where(np.arange(40) < n_correct, labels, 1 - labels)
    layers = [RNG.normal(size=(40, 2)) for _ in range(2)]
    found = measured(Activations(layers, labels, predicted), SPEC,
                     origin=measured_layer(layers[0], 0, SPEC, labels))  # fmt: skip
    rows = found.tables["class_curvatures"].filter(points="correct", curvature="forman")
    assert rows.height == 4
    for row in rows.iter_rows(named=True):
        points = layers[row["layer"]][:n_correct]
        enough = n_correct > row["k"]
        edges = oracles.knn_edges(points, row["k"], "union") if enough else set()
        values = oracles.forman(n_correct, edges)
        within = [value for (i, j), value in values.items() if labels[i] == labels[j]]
        assert (row["n_within"], row["n_between"]) == (len(within), len(edges) - len(within))
        assert row["mean_within"] == (pytest.approx(np.mean(within)) if within else None)
