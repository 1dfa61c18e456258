"""Local geometry of activations a user brings, and of studies."""

import shutil
from dataclasses import replace
from pathlib import Path

import click.testing
import numpy as np
import pytest

import geoflow
from geoflow.archive.layers import checked_layers
from geoflow.cli import main
from geoflow.errors import DatasetError, GeoflowError, SpecError
from geoflow.ingestion import ingest
from geoflow.specs import (
    DatasetSpec,
    Recipe,
    StudyDataset,
    StudySpec,
    architecture,
    with_curvatures,
)
from geoflow.specs.studyfile import study_spec
from geoflow.study.run import run_study

N = 30


@pytest.fixture
def db(tmp_path):
    return tmp_path / "g.duckdb"


@pytest.fixture
def again(layers_of, db):
    """Return a function that ingests another network of one data set; it returns its store."""
    points = layers_of(0, N, (3,))
    made = iter(range(9))

    def ingested(**options):
        number = next(made)
        hidden = layers_of(number + 1, N, (2, 2))
        arrays = points | {f"layer_{at + 1:02d}": hidden[f"layer_{at:02d}"] for at in range(2)}
        words = {"dataset": "points", "k": 4, "transport": False, **options}
        ingest(arrays, db, name=f"n{number}", **words)
        found = geoflow.open(db)
        assert found.check()["n_offences"].sum() == 0
        return found

    return ingested


def input_graphs(store):
    rows = store.query(
        "select k, convention, detail, n_sources, curvatures from graphs join layers using"
        " (layer_id) where network_id is null order by all"
    )
    return [(*row[:4], sorted(row[4])) for row in rows.rows()]


AF = "augmented_forman"


def test_union_graphs_are_made_where_curvature_is_asked_and_no_convention_named(again):
    store = again(curvatures=["forman"])
    assert input_graphs(store) == [(4, "union", "edges", N, [AF, "forman"])]
    assert set(store.view("graphs")["convention"]) == {"union"}


@pytest.mark.slow
def test_the_input_keeps_its_kinds_when_others_are_asked(again):
    again(curvatures=["ollivier"], alphas=[1 / 3])
    store = again(curvatures=["forman"])
    kinds = [AF, "forman", "ollivier(0.3333333333333333)"]
    assert input_graphs(store) == [(4, "union", "edges", N, kinds)]
    kept = store.query(
        "select distinct curvature, alpha from point_curvatures join graphs using (graph_id)"
        " join layers using (layer_id) where network_id is null order by all"
    )
    assert set(kept.rows()) == {
        (AF, None),
        ("forman", None),
        ("ollivier", 1 / 3),
    }
    # each network has the flow of its own kinds
    flow = store.query("select distinct network_id, curvature, alpha from point_flow order by all")
    assert flow.filter(flow["alpha"] == 1 / 3)["network_id"].to_list() == [1]
    found = store.view("local_summary")
    assert found.filter(found["curvature"] == AF).height == 2


def test_the_input_is_not_measured_again_for_kinds_it_has(again):
    again(curvatures=["forman", "approximate_ollivier"])
    before = again(curvatures=["approximate_ollivier"])
    ids = before.query("select graph_id from graphs order by all")["graph_id"].to_list()
    assert ids == list(range(1, len(ids) + 1))  # none was deleted
    assert len(ids) == 5


def test_the_input_loses_neither_detail_nor_exactness_to_a_curvature(again):
    again(detail="pairs", convention="union")
    store = again(curvatures=["forman"], detail="nodes", n_sources=5)
    assert input_graphs(store) == [(4, "union", "pairs", N, [AF, "forman"])]
    assert store.query("select count(*) from geodesics").item() == 3 * N * (N - 1) // 2


@pytest.mark.slow
def test_an_input_with_curvature_keeps_it_when_more_detail_is_asked(again):
    again(curvatures=["forman"], detail="nodes")
    store = again(convention="union", detail="pairs")
    assert input_graphs(store) == [(4, "union", "pairs", N, [AF, "forman"])]


def test_directed_graphs_beside_undirected_ones_have_no_local_geometry(again):
    store = again(curvatures=["forman"], convention=["directed", "union"])
    assert [row[-1] for row in input_graphs(store)] == [[], [AF, "forman"]]


def test_detail_graphs_keeps_no_rows_of_points(again):
    store = again(curvatures=["forman"], detail="graphs")
    for table in ("expansions", "point_curvatures", "communities", "edge_curvatures"):
        assert store.view(table).is_empty()
    assert store.view("community_structure").height == 3


GOOD = {"layer_00": np.arange(60.0).reshape(N, 2), "layer_01": np.arange(30.0)[:, None]}
LABELS = {"labels": np.arange(N) % 3}
WRONG = {
    "directed": ({}, {"curvatures": ["forman"], "convention": "directed"},
                 "curvature forman at a point needs an undirected graph: add convention union"),
    "kind": ({}, {"curvatures": ["olivier"]}, "did you mean 'ollivier'"),
    "alpha": ({}, {"curvatures": ["ollivier"], "alphas": [1.0]},
              "alpha must be a number of at least 0 and below 1, not 1.0"),
    "NaN": ({}, {"curvatures": ["ollivier"], "alphas": [float("nan")]}, "alpha .*, not nan"),
    "text": ({}, {"curvatures": ["ollivier"], "alphas": ["0.5"]}, "alpha must be .*, not '0.5'"),
    "no alpha": ({}, {"curvatures": ["ollivier"], "alphas": []}, "ollivier needs an idle mass"),
    "rows": (LABELS | {"logits": np.zeros((29, 3))}, {}, r"logits .*shape \(29, 3\).* the 30 po"),
    "columns": (LABELS | {"logits": np.zeros((N, 2))}, {}, "2 columns but labels have 3 classes"),
    "one column": (LABELS | {"logits": np.zeros(N)}, {}, "1 columns but labels have 3 classes"),
    "NaN logit": (LABELS | {"logits": np.full((N, 3), np.nan)}, {}, "logits .*NaN or infinity"),
    "three axes": (LABELS | {"logits": np.zeros((N, 3, 1))}, {}, r"shape \(30, 3, 1\)"),
    "text logit": (LABELS | {"logits": np.full((N, 3), "a")}, {}, "give one row of numbers"),
    "predictions": ({"predictions": np.zeros(29)}, {}, "predictions .*give one prediction per"),
    "half": ({"predictions": np.full(N, 0.5)}, {}, "predictions .*must be integers"),
}  # fmt: skip


@pytest.mark.parametrize("kind", WRONG)
def test_what_cannot_be_measured_is_refused_in_words_and_leaves_no_store(kind, tmp_path):
    arrays, options, message = WRONG[kind]
    with pytest.raises((DatasetError, SpecError), match=message) as caught:
        ingest(GOOD | arrays, tmp_path / "g.duckdb", **{"k": 4, "name": "n"} | options)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_logits_say_the_class_and_the_margin(db):
    rng = np.random.default_rng(0)
    z, labels = rng.normal(size=(N, 3)), np.arange(N) % 3 * 4
    ingest(GOOD | {"labels": labels, "logits": z}, db, k=4, name="n")
    found = geoflow.open(db).view("predictions").sort("point")
    assert found["predicted"].to_list() == (4 * z.argmax(axis=1)).tolist()
    true = [row[label // 4] - max(np.delete(row, label // 4)) for row, label in
            zip(z, labels, strict=True)]  # fmt: skip
    assert found["margin"].to_list() == pytest.approx(true, rel=1e-6)
    accuracy = geoflow.open(db).view("networks")["test_accuracy"].item()
    assert accuracy == pytest.approx(np.mean(np.array(true) > 0))


def test_one_logit_of_two_classes_is_of_the_second():
    z, labels = np.array([1.0, -2.0, 0.0, 3.0]), np.array([7, 7, 2, 2])
    arrays = {"layer_00": np.eye(4), "layer_01": np.eye(4), "labels": labels}
    for logits in (z, z[:, None]):
        found = checked_layers(arrays | {"logits": logits}).activations
        assert found.predicted.tolist() == [7, 2, 2, 7]
        assert found.margin.tolist() == [1, -2, 0, -3]
        assert found.correct.tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("given", "left_out", "is_known"),
    [
        ({"logits": np.zeros((N, 3)), "other": np.ones(2)} | LABELS, ["other"], True),
        ({"logits": np.zeros((N, 3)), "predictions": np.ones(N)} | LABELS, ["predictions"], True),
        ({"logits": np.zeros((N, 3))}, [], False),
        ({"predictions": np.ones(N)}, [], False),
        ({"predictions": np.ones(N)} | LABELS, [], True),
    ],
)
def test_what_is_left_out_is_named(given, left_out, is_known):
    found = checked_layers(GOOD | given)
    assert list(found.left_out) == left_out
    assert (found.activations.correct is not None) == is_known


CIRCLES = StudyDataset(DatasetSpec("circles", n_train=60, n_test=N), (4,), 0.3, Recipe(epochs=3))
GRID = StudySpec(
    "grid", (CIRCLES,), (architecture("4,4"), architecture("5,5,5")), replicas=2,
    convention=("union",), curvatures=("forman", "ollivier"), alphas=(0.0, 0.5), snapshots=(0, 2),
)  # fmt: skip


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    path = tmp_path_factory.mktemp("local") / "g.duckdb"
    assert run_study(GRID, path).failures == ()
    return path


def test_snapshots_have_local_geometry_and_the_untrained_is_beside_the_trained(studied):
    store = geoflow.open(studied)
    assert store.check()["n_offences"].sum() == 0
    found = store.view("local_training_coefficients")
    assert set(found["epoch"]) == {0, 2, 3}
    assert found.height == 4 * 3 * 4 * 2  # networks, epochs, kinds of curvature, ends
    means = {
        (row["final_id"], row["curvature"], row["alpha"], row["end"]): row
        for row in found.rows(named=True)
        if row["epoch"] == 0
    }
    summary = store.view("local_summary")
    assert summary.height == 32
    for row in summary.rows(named=True):
        before = means[row["network_id"], row["curvature"], row["alpha"], row["end"]]
        assert row["untrained_mean"] == pytest.approx(before["mean_local_coefficient"])
        assert row["untrained_share_negative"] == before["share_negative"]
    assert set(store.view("early_stopping")["patience"]) == {1, 2, 3, 5}


def test_the_share_of_right_predictions_is_the_test_accuracy(studied):
    rows = geoflow.open(studied).query(
        "select n.network_id, n.test_accuracy, avg((p.predicted = s.label)::int) as share,"
        " bool_and(case when p.predicted = s.label then p.margin >= 0 else p.margin <= 0 end)"
        " as agree, count(*) as n"
        " from networks as n join predictions as p using (network_id)"
        " join samples as s on s.dataset_id = n.dataset_id and s.point = p.point group by all"
    )
    assert rows.height == 12
    for row in rows.rows(named=True):
        assert row["share"] == pytest.approx(row["test_accuracy"])
        assert (row["agree"], row["n"]) == (True, N)


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"curvatures": ("forman", "approximate_ollivier")}, "approximate_ollivier"),
        pytest.param({"alphas": (0.25,)}, "ollivier(0.25)", marks=pytest.mark.slow),
    ],
)
def test_networks_without_the_asked_curvature_get_it(studied, tmp_path, change, lacks):
    """They are trained again, to the same networks, and keep what they had."""
    db = Path(shutil.copy(studied, tmp_path))
    count = "select curvature, alpha, count(*) as n from point_curvatures group by all order by all"
    before = geoflow.open(db).query(count).rows()
    names = [f"{kind}({alpha})" if alpha is not None else kind for kind, alpha, _ in before]
    assert lacks not in names
    done = run_study(replace(GRID, **change), db)
    assert (done.n_written, done.failures) == (GRID.n_networks, ())
    after = geoflow.open(db).query(count).rows()
    assert set(before) < set(after)
    assert lacks in [f"{kind}({alpha})" if alpha is not None else kind for kind, alpha, _ in after]
    assert geoflow.open(db).check()["n_offences"].sum() == 0


@pytest.mark.parametrize("change", [{"curvatures": ()}, {"curvatures": ("forman",)}])
def test_networks_with_more_curvature_than_asked_are_there(studied, change):
    assert run_study(replace(GRID, **change), studied).n_written == 0


TOML = """
widths = ["4,4"]
depths = [2]
[recipe]
epochs = 1
[[datasets]]
name = "circles"
n_train = 40
n_test = 20
k = 4
"""


@pytest.mark.parametrize(
    ("more", "conventions", "kinds", "alphas"),
    [
        ('curvatures = ["forman", "ollivier"]\nalphas = [0, 0.5]', ("union",),
         ("forman", "ollivier"), (0, 0.5)),
        ('curvatures = "forman"', ("union",), ("forman",), (0.0,)),
        ('curvatures = ["forman"]\nconventions = ["mutual"]', ("mutual",), ("forman",), (0.0,)),
        ("", ("directed",), (), (0.0,)),
    ],
)  # fmt: skip
def test_a_study_file_names_curvatures(tmp_path, more, conventions, kinds, alphas):
    (tmp_path / "mine.toml").write_text(more + TOML, "utf-8")
    study = study_spec(str(tmp_path / "mine.toml"))
    assert (study.convention, study.curvatures, study.alphas) == (conventions, kinds, alphas)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('curvatures = ["formam"]', "did you mean 'forman'"),
        ('curvatures = ["forman"]\nconventions = ["directed"]', "needs an undirected graph"),
        ('curvatures = ["ollivier"]\nalphas = [2]', "alpha must be .*, not 2"),
        ('curvatures = ["ollivier"]\nalphas = ["half"]', "alpha must be .*, not 'half'"),
        ('curvatures = ["ollivier"]\nalphas = []', "needs an idle mass"),
    ],
)
def test_mistakes_in_a_study_file_are_said(tmp_path, more, said):
    (tmp_path / "mine.toml").write_text(more + TOML, "utf-8")
    with pytest.raises(GeoflowError, match=said):
        study_spec(str(tmp_path / "mine.toml"))


def test_curvature_on_a_directed_study_adds_union_graphs():
    directed = replace(GRID, convention=("directed",), curvatures=(), alphas=(0.0,))
    study = with_curvatures(directed, ["forman"], [0.5])
    assert (study.convention, study.curvatures) == (("directed", "union"), ("forman",))
    assert study.alphas == (0.5,)
    assert with_curvatures(directed, [], []) == directed
    assert with_curvatures(GRID, ["forman"], []).convention == ("union",)


def test_curvature_from_the_command_line(tmp_path):
    (tmp_path / "mine.toml").write_text('conventions = "directed"' + TOML, "utf-8")
    db = ["--db", str(tmp_path / "g.duckdb")]
    run = click.testing.CliRunner().invoke
    words = ["study", "run", str(tmp_path / "mine.toml"), "--curvature", "forman,ollivier"]
    done = run(main, [*words, "--alpha", "0.5", *db])
    assert done.exit_code == 0, done.output
    store = geoflow.open(tmp_path / "g.duckdb")
    assert set(store.view("graphs")["convention"]) == {"directed", "union"}
    kinds = set(store.view("local_summary").select("curvature", "alpha").rows())
    assert kinds == {("forman", None), (AF, None), ("ollivier", 0.5)}
    wrong = run(main, [*words, "--alpha", "1.5", *db])
    assert wrong.exit_code != 0
    assert "alpha must be a number of at least 0 and below 1, not 1.5" in wrong.output
