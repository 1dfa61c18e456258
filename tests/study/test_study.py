"""Studies stop anywhere and go on from there; what they write does not depend on how often."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from written_stores import assert_same, networks_in, tables, wait_for_networks

import geoflow
from geoflow.errors import GeometryError, SpecError, StoreError
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture
from geoflow.study import Listener, run_study, train

STUDY = """
widths = ["4,4,4", "8,8"]
replicas = 2
depths = []
architectures = [[4, 4, 4], [8, 8], [6, 6]]
[recipe]
epochs = {epochs}
[[datasets]]
name = "circles"
n_train = 60
n_test = 30
k = [4, 8]
threshold = 0.3
[[datasets]]
name = "tori"
n_train = 60
n_test = 30
k = [4, 8]
""".replace('widths = ["4,4,4", "8,8"]\n', "").replace("depths = []\n", "")

CIRCLES = DatasetSpec("circles", n_train=60, n_test=30)
ONE = StudySpec(
    "one", (StudyDataset(CIRCLES, (4, 8), recipe=Recipe(epochs=2)),), (architecture("4,4,4"),), 2
)


PAIR = replace(
    ONE,
    name="pair",
    datasets=(StudyDataset(CIRCLES, (6, 8), 0.3, Recipe(epochs=3)),),
    architectures=(architecture("4,4,4"), architecture("8,8,8")),
    replicas=8,
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The stores of ONE and of PAIR by their names, to read only."""
    folder = tmp_path_factory.mktemp("written")
    for study in (ONE, PAIR):
        done = run_study(study, folder / study.name)
        assert (done.n_written, done.n_present) == (study.n_networks, 0)
    return folder


@pytest.fixture
def copy_of(written, tmp_path):
    """Return a function that copies the store of a study, for a test to change."""
    return lambda study: shutil.copy(written / study.name, tmp_path / "g.duckdb")


def test_a_second_run_finds_everything_there(copy_of):
    db = copy_of(ONE)
    before = tables(db)
    done = run_study(ONE, db)
    assert (done.n_written, done.n_present) == (0, 2)
    assert_same(before, tables(db))


def test_more_replicas_join_those_that_are_there(copy_of, tmp_path):
    db, whole = copy_of(ONE), tmp_path / "whole.duckdb"
    done = run_study(replace(ONE, replicas=3), db)
    assert (done.n_written, done.n_present) == (1, 2)
    run_study(replace(ONE, replicas=3), whole)
    accuracies = [tables(path)["networks"]["test_accuracy"].to_list() for path in (db, whole)]
    assert accuracies[0] == accuracies[1]


def test_the_same_study_gives_the_same_tables(written, tmp_path):
    run_study(ONE, tmp_path / "again.duckdb")
    assert_same(tables(written / ONE.name), tables(tmp_path / "again.duckdb"))


def test_a_namesake_of_another_recipe_is_refused_before_training(copy_of):
    db = copy_of(ONE)
    content = db.read_bytes()
    (one,) = ONE.datasets
    other = replace(ONE, datasets=(replace(one, recipe=Recipe(epochs=3)),))
    with pytest.raises(StoreError, match=r"another epochs \(2, now 3\)"):
        run_study(other, db)
    assert db.read_bytes() == content


def killed_before_the_regression(study, db, **options):
    def killed(networks):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("geoflow.study._settling.regression_terms", killed)
        run_study(study, db, **options)


@pytest.mark.parametrize("had_one", [pytest.param(False, marks=pytest.mark.slow), True])
def test_a_study_killed_before_its_regression_gets_it_from_the_next_run(written, tmp_path, had_one):
    db, expected = tmp_path / "g.duckdb", tables(written / PAIR.name)
    assert set(expected["regression_terms"].filter(sample="all")["n"]) == {16}
    if had_one:
        run_study(PAIR, db, only=["width=4-4-4"])
    killed_before_the_regression(PAIR, db)
    left = set(tables(db)["regression_terms"].filter(sample="all")["n"])
    assert left == ({8} if had_one else set())
    assert run_study(PAIR, db).n_written == 0
    assert_same(tables(db), expected)


def interrupted_after_a_cell(study, db):
    def once(work, *_):
        if work.n_written:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("geoflow.study._settling.Work.note_written", once)
        run_study(study, db)


def test_an_interrupted_study_has_the_regressions_of_what_is_there(tmp_path):
    db = tmp_path / "g.duckdb"
    interrupted_after_a_cell(PAIR, db)
    rows = "from accuracy_association where sample = 'all'"
    found = geoflow.open(db).query(rows)
    assert set(found["n"]) == set(found["n_reported"]) == {8}
    assert found["reason"].is_null().all()
    killed_before_the_regression(PAIR, db)  # the regressions of the first cell are left
    found = geoflow.open(db).query(rows)
    assert (set(found["n"]), set(found["n_reported"])) == ({8}, {16})
    assert set(found["reason"]) == {"the networks are others now: run the study again"}
    with duckdb.connect(str(db)) as connection:
        connection.execute("delete from regression_terms")
    lacking = geoflow.open(db).query(rows)
    keys = ["convention", "start", "outcome", "coefficient"]
    assert lacking.sort(keys)["n_reported"].equals(found.sort(keys)["n_reported"])
    assert lacking["t"].null_count() == lacking.height > 0
    assert lacking["reason"].str.contains("no regression is kept").all()


def test_a_long_run_regresses_now_and_then(tmp_path, monkeypatch):
    regressed = []
    monkeypatch.setattr("geoflow.study._settling.REGRESSION_SECONDS", 0.0)
    monkeypatch.setattr(
        "geoflow.study._settling.Work.regress", lambda work: regressed.append(work.n_written)
    )
    run_study(replace(PAIR, replicas=1), tmp_path / "g.duckdb")
    assert regressed == [1, 2, 2]


@pytest.mark.parametrize("study", [ONE, PAIR])
def test_a_run_that_finds_everything_there_writes_nothing(copy_of, study):
    db = copy_of(study)
    content = db.read_bytes()
    run_study(study, db)
    assert db.read_bytes() == content
    assert geoflow.open(db).view("regression_terms").is_empty() == (study is ONE)


def test_an_impossible_k_is_refused_before_training(tmp_path):
    (one,) = ONE.datasets
    with pytest.raises(GeometryError, match=r"'circles'.*k = 30 of 30 points"):
        run_study(replace(ONE, datasets=(replace(one, k=(30,)),)), tmp_path / "g.duckdb")
    assert not (tmp_path / "g.duckdb").exists()


def test_an_unknown_data_set_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(SpecError, match="did you mean 'circles'"):
        train(DatasetSpec("circels"), "4,4", tmp_path / "g.duckdb", k=(4,))
    assert not (tmp_path / "g.duckdb").exists()


def test_a_diverged_network_is_a_row_with_its_reason(tmp_path):
    db = tmp_path / "g.duckdb"
    wild = Recipe(optimizer="sgd", learning_rate=1e12, epochs=9)
    done = train(CIRCLES, "4,4", db, k=(4,), recipe=wild, replicas=3)
    store = geoflow.open(db)
    failed = store.view("networks").filter(pl.col("status") == "failed")
    assert failed.height == done.n_diverged > 0
    assert failed["reason"].str.contains("NaN or infinity").all()
    assert failed["test_loss"].null_count() == failed.height
    assert store.check()["n_offences"].sum() == 0
    kept = store.view("ricci_coefficients")["network_id"].unique()
    assert not set(kept) & set(failed["network_id"])


def test_a_snapshot_is_the_network_of_so_many_epochs(tmp_path):
    db, said = tmp_path / "g.duckdb", []
    (one,) = ONE.datasets
    snapped = replace(ONE, snapshots=(0, 1, 2))
    done = run_study(snapped, db, listener=Listener(lambda amount, what: said.append(amount)))
    assert done.n_written == 2
    assert sum(said) == pytest.approx(2)
    for epochs in (0, 1, 2):
        other = replace(one, recipe=Recipe(epochs=epochs))
        run_study(replace(ONE, name=f"only {epochs}", datasets=(other,)), db)
    store = geoflow.open(db)
    assert store.check()["n_offences"].sum() == 0
    along = store.view("training_coefficients").join(
        store.query("select network_id, seed, train_loss, test_loss from networks"), on="network_id"
    )
    keys = ["epoch", "replica", "k", "start"]
    columns = [*keys, "seed", "ricci_coefficient", "train_accuracy", "train_loss", "test_loss"]
    ours, theirs = (
        along.filter(which).select(columns).sort(keys)
        for which in (pl.col("study") == "one", pl.col("study").str.starts_with("only"))
    )
    assert ours.height == 3 * 2 * 2 * 2
    assert_frame_equal(ours, theirs)
    assert store.view("network_summary").filter(pl.col("study") == "one").height == 2
    assert run_study(snapped, db).n_present == 2


def test_snapshots_change_no_network(written, tmp_path):
    plain, snapped = written / ONE.name, tmp_path / "b.duckdb"
    run_study(replace(ONE, snapshots=(0, 1)), snapped)
    for view in ("flow_steps", "ricci_coefficients", "network_summary", "graph_summary"):
        one, other = (
            geoflow.open(db).view(view).drop("network_id", "layer_id", "graph_id", strict=False)
            for db in (plain, snapped)
        )
        assert_frame_equal(one, other, check_row_order=False)


@pytest.mark.slow
def test_snapshots_of_a_network_that_diverges_stay(tmp_path):
    db = tmp_path / "g.duckdb"
    wild = Recipe(optimizer="sgd", learning_rate=1e12, epochs=9)
    done = train(CIRCLES, "4,4", db, k=(4,), recipe=wild, replicas=3, snapshots=(0, 8))
    store = geoflow.open(db)
    failed = store.view("networks").filter(pl.col("status") == "failed")
    ended = failed.filter(pl.col("final_id").is_null())
    assert 0 < done.n_diverged == ended.height < failed.height
    along = store.view("training_coefficients").filter(pl.col("network").is_in(ended["name"]))
    assert along["network"].n_unique() == ended.height
    assert along["epoch"].unique().to_list() == [0]
    kept = store.view("ricci_coefficients")["network"]
    assert not set(kept) & set(ended["name"])
    assert store.check()["n_offences"].sum() == 0


def test_sampled_hop_totals_are_marked(tmp_path):
    db = tmp_path / "g.duckdb"
    run_study(replace(ONE, n_sources=10), db)
    graphs = geoflow.open(db).view("graphs").filter(pl.col("is_connected"))
    assert graphs["n_sources"].unique().to_list() == [10]
    assert (graphs["total_geodesic_error"] > 0).all()
    assert graphs["diameter"].null_count() == len(graphs)
    assert not geoflow.open(db).view("flow_steps")["is_exact"].any()
    train(CIRCLES, "3,3", db, k=(4, 8))  # makes the input layer exact, not the sampled networks
    steps = geoflow.open(db).view("flow_steps")
    assert steps.filter(pl.col("is_exact"))["network"].unique().to_list() == [
        "train/circles-3-3-2-0"
    ]
    rho = geoflow.open(db).view("ricci_coefficients")
    assert (rho["is_exact"] == rho["network"].str.starts_with("train/")).all()
    assert geoflow.open(db).check()["n_offences"].sum() == 0


def start(folder, epochs=400):
    (folder / "small.toml").write_text(STUDY.format(epochs=epochs))
    code = "from geoflow.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "study", "run", "small.toml", "--db", "g.duckdb"],
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.slow
def test_kill_nine_loses_no_network_and_doubles_none(tmp_path):
    db = tmp_path / "g.duckdb"
    for enough in (1, 5):
        process = start(tmp_path)
        wait_for_networks(process, db, enough)
        process.kill()
        process.wait()
        process.stderr.close()
    killed = networks_in(db)
    assert 0 < killed < 12
    process = start(tmp_path)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    store = geoflow.open(db)
    assert store.view("networks").height == 12
    assert store.check()["n_offences"].sum() == 0
    assert store.view("runs")["status"].to_list()[-1] == "finished"
    assert "interrupted" in store.view("runs")["status"].to_list()
    whole = tmp_path / "whole"
    whole.mkdir()
    process = start(whole)
    process.communicate(timeout=120)
    assert_same(tables(db), tables(whole / "g.duckdb"))


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished_and_says_so(tmp_path):
    process = start(tmp_path)
    db = tmp_path / "g.duckdb"
    wait_for_networks(process, db)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "goes on" in said
    runs = geoflow.open(db).view("runs")
    assert runs["status"].to_list() == ["interrupted"]


def test_two_cells_of_one_name_are_refused():
    (one,) = ONE.datasets
    balls = replace(one, dataset=replace(one.dataset, options={"noise": 0.2}))
    with pytest.raises(SpecError, match="data set 'circles' twice"):
        replace(ONE, datasets=(one, balls))
    with pytest.raises(SpecError, match="architecture '4-4-4 3' twice"):
        replace(ONE, architectures=(architecture("4,4,4"),) * 2)


@pytest.mark.parametrize("change", [{"k": (4, 9)}, {"k": (8,), "convention": "union"}])
def test_networks_without_the_asked_graphs_are_not_taken_for_present(copy_of, change):
    db = copy_of(ONE)
    (one,) = ONE.datasets
    conventions = (change.get("convention", "directed"),)
    other = replace(ONE, datasets=(replace(one, k=change["k"]),), convention=conventions)
    done = run_study(other, db)
    assert (done.n_written, done.n_present) == (ONE.n_networks, 0)
    asked = {"k": change["k"][-1], "convention": conventions[0]}
    sql = "select 1 from network_graphs where k = $k and convention = $convention and layer = 1"
    assert geoflow.open(db).query(sql, **asked).height == ONE.n_networks


def test_a_missing_folder_or_device_is_said_before_training(tmp_path):
    with pytest.raises(StoreError, match="no folder"):
        run_study(ONE, tmp_path / "none" / "g.duckdb")
    with pytest.raises(GeometryError, match="n_sources must be from 1 to 30, the points, not 31"):
        run_study(replace(ONE, n_sources=31), tmp_path / "g.duckdb")
    assert not (tmp_path / "g.duckdb").exists()
