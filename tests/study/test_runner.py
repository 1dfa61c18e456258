"""Cells go wrong one by one: what fails is a row with its reason, and the rest goes on."""

import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from processes import needs_proc, start, workers
from written_stores import assert_same, tables, wait_for_networks

import geoflow
from geoflow.errors import DatasetError, SpecError
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture
from geoflow.study import Listener
from geoflow.study import _pool as pool
from geoflow.study import _task as worker
from geoflow.study.run import run_study, shard_folder

CIRCLES = StudyDataset(DatasetSpec("circles", n_train=60, n_test=30), (4, 8), 0.3, Recipe(epochs=3))
TORI = StudyDataset(DatasetSpec("tori", n_train=60, n_test=30), (4, 8), recipe=Recipe(epochs=3))
GRID = StudySpec(
    "grid", (CIRCLES, TORI), (architecture("4,4,4"), architecture("8,8")), replicas=2,
    convention=("directed", "union"), curvatures=("forman", "ollivier"),
)  # fmt: skip
SMALL = replace(GRID, convention=("union",), curvatures=())
LOCAL = (
    "point_curvatures", "class_edges", "communities", "community_agreement", "predictions",
    "expansions", "class_curvatures",
)  # fmt: skip


def failed(db):
    return geoflow.open(db).view("failed_cells")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    db = tmp_path_factory.mktemp("whole") / "g.duckdb"
    said = []
    done = run_study(GRID, db, listener=Listener(lambda amount, what: said.append(amount)))
    assert (done.n_written, done.failures) == (8, ())
    assert sum(said) == pytest.approx(8)  # progress adds up in one process
    return tables(db)


@pytest.mark.slow  # executors of `test_elsewhere` make the same tables every time
def test_the_number_of_jobs_changes_no_table(tmp_path, whole):
    said = []
    db = tmp_path / "g.duckdb"
    done = run_study(GRID, db, listener=Listener(lambda amount, what: said.append(amount)), jobs=2)
    assert done.n_written == 8
    assert sum(said) == pytest.approx(8)
    assert_same(tables(db), whole)
    assert all(whole[name].height for name in LOCAL)
    assert [path.name for path in tmp_path.iterdir()] == ["g.duckdb"]


@pytest.mark.slow
def test_progress_of_several_processes_moves_within_a_cell(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "LOOK_SECONDS", 0.01)
    longer = replace(CIRCLES, recipe=Recipe(epochs=200))
    said = []
    run_study(
        replace(GRID, datasets=(longer,)),
        tmp_path / "g.duckdb",
        listener=Listener(lambda amount, what: said.append((amount, what))),
        jobs=2,
    )
    assert sum(amount for amount, _ in said) == pytest.approx(4)
    assert len(said) > 4
    assert any(what.startswith("training circles") for _, what in said)


def test_progress_counts_no_work_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "LOOK_SECONDS", 0.01)
    names = ("retried", "half", "torn", "waiting")
    tasks = [worker.Task(None, (0, 1), tmp_path / name, None, 1) for name in names]
    for task, amounts in zip(tasks, ((1, 0.5, 1, 0.5), (0.5, 0.5), (0.5,), ()), strict=True):
        for amount in amounts:
            pool.note_of(task)(amount, f"training {task.shard.name}")
    with (tmp_path / "torn.note").open("a") as file:
        file.write("0.25 trai")
    said = []
    with pool.watched(tasks, lambda amount, what: said.append((amount, what))):
        while len(said) < 3:
            time.sleep(0.01)
    assert said == [(2, "training retried"), (1, "training half"), (0.5, "training torn")]


@pytest.fixture
def broken(monkeypatch):
    """Make the work on one data set fail, in this process."""

    def with_error(error):
        load = worker.load

        def loaded(spec, data_dir):
            if spec.name == "circles":
                raise error
            return load(spec, data_dir)

        monkeypatch.setattr(worker, "load", loaded)

    return with_error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DatasetError("the file is gone: fetch it"), "the file is gone: fetch it"),
        pytest.param(MemoryError(), "out of memory", marks=pytest.mark.slow),
        pytest.param(
            OSError(28, "No space left on device", "/x"),
            r"No space left on device \(/x\)",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ZeroDivisionError("by\nzero"), "ZeroDivisionError: by zero", marks=pytest.mark.slow
        ),
    ],
)
def test_a_cell_that_fails_is_a_row_and_the_rest_goes_on(tmp_path, broken, error, reason):
    db = tmp_path / "g.duckdb"
    broken(error)
    done = run_study(SMALL, db)
    assert done.n_written == 4
    rows = failed(db).sort("width")
    assert rows.select("dataset", "width", "depth", "n_networks").rows() == [
        ("circles", "4-4-4", 3, 2),
        ("circles", "8-8", 2, 2),
    ]
    assert rows["reason"].str.contains(reason).all()
    assert geoflow.open(db).view("networks").height == 4
    assert geoflow.open(db).view("runs")["status"].to_list() == ["failed"]
    assert geoflow.open(db).check()["n_offences"].sum() == 0


def test_failed_cells_are_tried_again_on_request_only(tmp_path, broken, monkeypatch):
    db = tmp_path / "g.duckdb"
    broken(DatasetError("gone"))
    run_study(SMALL, db)
    monkeypatch.undo()
    again = run_study(SMALL, db)
    assert (again.n_written, len(again.failures)) == (0, 2)
    retried = run_study(SMALL, db, retry_failed=True)
    assert (retried.n_written, retried.n_present, retried.failures) == (4, 4, ())
    assert failed(db).is_empty()


def test_a_data_file_that_is_not_there_fails_its_cells_alone(tmp_path):
    missing = replace(TORI, dataset=DatasetSpec("mnist_1v7"))
    db = tmp_path / "g.duckdb"
    done = run_study(replace(SMALL, datasets=(missing, CIRCLES)), db, data_dir=tmp_path)
    assert done.n_written == 4
    assert failed(db)["dataset"].to_list() == ["mnist_1v7"] * 2
    assert failed(db)["reason"].str.contains("geoflow datasets fetch mnist_1v7").all()
    with pytest.raises(DatasetError, match="mnist_1v7"):
        run_study(replace(SMALL, datasets=(missing,)), tmp_path / "n.duckdb", data_dir=tmp_path)
    assert not (tmp_path / "n.duckdb").exists()


def test_chosen_cells_alone_are_run(tmp_path):
    db = tmp_path / "g.duckdb"
    done = run_study(SMALL, db, only=["dataset=circles,depth=2"])
    assert done.n_written == 2
    assert geoflow.open(db).view("networks")["width"].unique().to_list() == ["8-8"]
    assert run_study(SMALL, db, only=["dataset=circles", "depth=2"]).n_written == 4
    with pytest.raises(SpecError, match="did you mean 'circles'"):
        run_study(SMALL, db, only=["dataset=circels"])
    with pytest.raises(SpecError, match="jobs must be an integer of at least 1, not 0"):
        run_study(SMALL, db, jobs=0)


def at_work(folder):
    """Return the numbers of the cells that a worker has begun and not finished."""
    begun = {path.stem for path in folder.glob(".g.duckdb.shards/*/*.started")}
    return begun - {path.name for path in folder.glob(".g.duckdb.shards/*/[0-9]")}


@needs_proc
@pytest.mark.slow
def test_a_worker_that_dies_once_costs_nothing(tmp_path):
    process = start(tmp_path, epochs=200)
    while process.poll() is None and not at_work(tmp_path):
        time.sleep(0.05)
    os.kill(workers(process.pid)[0], signal.SIGKILL)
    _, said = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert geoflow.open(tmp_path / "g.duckdb").view("networks").height == 6


@pytest.mark.slow
@needs_proc
def test_a_cell_whose_worker_dies_again_is_reported_and_the_rest_goes_on(tmp_path):
    process = start(tmp_path, epochs=50)
    killed, last = set(), 0.0
    for _ in range(2):  # once among others, once alone
        while process.poll() is None:
            begun = [path.stat().st_mtime for path in tmp_path.glob(".g*/*/0.started")]
            if begun and begun[0] > last and set(workers(process.pid)) - killed:
                break
            time.sleep(0.02)
        for pid in workers(process.pid):
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        last = time.time()
    _, said = process.communicate(timeout=240)
    assert process.returncode == 1, said
    assert "Traceback" not in said
    rows = failed(tmp_path / "g.duckdb")
    assert rows["width"].to_list() == ["4-4-4"]
    assert rows["reason"].str.contains("worker process died").all()
    assert geoflow.open(tmp_path / "g.duckdb").view("networks").height == 4


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_disk_that_fills_up_leaves_a_whole_store(tmp_path, jobs):
    size = 700_000  # enough for the empty store, not for its networks

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    process = start(tmp_path, 2, jobs, n_test=600, preexec_fn=small_files)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1, said
    assert "Traceback" not in said
    assert "Failed: small circles" in said
    assert [path.name for path in tmp_path.glob(".*")] == []
    process = start(tmp_path, 2, jobs, n_test=600, more=["--retry-failed"])
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    store = geoflow.open(tmp_path / "g.duckdb")
    assert store.view("networks").height == 6
    assert store.check()["n_offences"].sum() == 0


def test_shards_of_dead_processes_are_removed_and_those_of_others_stay(tmp_path):
    shelf = tmp_path / ".g.duckdb.shards"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead = shelf / f"{os.uname().nodename}-{gone.pid}"
    other = shelf / "another-host-1"
    for folder in (dead, other):
        (folder / "0").mkdir(parents=True)
    with shard_folder(tmp_path / "g.duckdb") as mine:
        assert mine.is_dir()
        assert not dead.exists()
        assert other.exists()
    assert [path.name for path in shelf.iterdir()] == ["another-host-1"]


@pytest.mark.slow
def test_ctrl_c_stops_the_workers_too(tmp_path):
    process = start(tmp_path, epochs=1000)
    db = tmp_path / "g.duckdb"
    wait_for_networks(process, db)
    there = workers(process.pid)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert not list(tmp_path.glob(".*"))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in there):
        time.sleep(0.1)
    assert not [pid for pid in there if Path(f"/proc/{pid}").exists()]
    assert geoflow.open(db).view("runs")["status"].to_list() == ["interrupted"]


def test_a_diverged_network_is_no_failed_cell(tmp_path):
    wild = replace(CIRCLES, recipe=Recipe(optimizer="sgd", learning_rate=1e12, epochs=9))
    db = tmp_path / "g.duckdb"
    done = run_study(replace(SMALL, datasets=(wild,)), db)
    assert done.n_diverged > 0
    assert done.failures == ()
    status = geoflow.open(db).view("networks").filter(pl.col("status") == "failed")
    assert status.height == done.n_diverged
