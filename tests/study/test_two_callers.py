"""Two callers of one store at once: cells are shared, nothing is lost, nothing is a failure."""

import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import duckdb
import pytest
from processes import command
from written_stores import natural

import geoflow
from geoflow import ingestion
from geoflow.errors import DatasetError, StoreError
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture
from geoflow.store import Writer
from geoflow.study import Listener
from geoflow.study import _agenda as agenda
from geoflow.study import _settling as settling
from geoflow.study import _shelf as shelf
from geoflow.study import _task as worker
from geoflow.study._cells import cells
from geoflow.study._shelf import shard_folder
from geoflow.study.run import run_study
from geoflow.study.status import study_status

CIRCLES = StudyDataset(DatasetSpec("circles", n_train=60, n_test=30), (4, 8), 0.3, Recipe(epochs=2))
GRID = StudySpec("grid", (CIRCLES,), tuple(map(architecture, ("4,4,4", "8,8", "6,6"))), replicas=3)


def run_as_another(study, db, **options):
    """Run a study as another process that is alive would: this one's parent."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf, "getpid", os.getppid)
        return run_study(study, db, **options)


@contextmanager
def meanwhile(module, name, deed):
    """Do something once, right after the first call of a function of a module."""
    original, is_done = getattr(module, name), False

    def with_deed(*given, **named):
        nonlocal is_done
        found = original(*given, **named)
        if not is_done:
            is_done = True
            deed()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, with_deed)
        yield
    assert is_done


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The store of the study, to read only."""
    db = tmp_path_factory.mktemp("whole") / "g.duckdb"
    run_study(GRID, db)
    return db


@pytest.fixture(scope="module")
def whole(written):
    return natural(written)


def assert_well(db, expected):
    store = geoflow.open(db)
    assert natural(db) == expected
    assert store.view("failed_cells").is_empty()
    assert store.check()["n_offences"].sum() == 0
    assert set(store.view("runs")["status"]) == {"finished"}
    assert [path for path in db.parent.iterdir() if path.suffix != ".toml"] == [db]


def test_cells_that_another_process_writes_meanwhile_are_neither_failed_nor_lost(tmp_path, whole):
    db, heard, trained, other = tmp_path / "g.duckdb", [], [], []

    def say(said, amount, what):
        said.append((amount, what))
        if said is heard and what == "training circles 8-8 2" and not other:
            other.append(run_as_another(GRID, db, listener=Listener(partial(say, trained))))

    done = run_study(GRID, db, listener=Listener(partial(say, heard)))
    (theirs,) = other
    counts = [(one.n_written, one.n_present, one.n_elsewhere) for one in (done, theirs)]
    assert counts == [(3, 0, 6), (6, 3, 0)]
    assert (done.failures, theirs.failures) == ((), ())
    begun = [what for _, what in trained if what.startswith("training")]
    assert list(dict.fromkeys(begun)) == ["training circles 6-6 2", "training circles 8-8 2"]
    assert "training circles 6-6 2" not in dict(heard).values()
    for said in (heard, trained):
        assert sum(amount for amount, _ in said) == pytest.approx(9)
    assert_well(db, whole)
    assert set(study_status(GRID, db)["state"]) == {"done"}


def test_the_claim_of_a_dead_process_holds_nobody_up(tmp_path, whole):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    db = tmp_path / "g.duckdb"
    (first, *_) = cells(GRID)
    task = worker.Task(first, (0,), shelf.shelf_of(db) / "host-1" / "0", None, 1)
    left = shelf.shelf_of(db) / f"{os.uname().nodename}-{gone.pid}"
    left.mkdir(parents=True)
    (left / task.claim.name).touch()
    assert run_study(GRID, db).n_written == 9
    assert_well(db, whole)


@pytest.mark.slow
def test_a_cell_that_is_partly_written_meanwhile_gets_the_rest(tmp_path):
    snapped = replace(GRID, architectures=GRID.architectures[:1], snapshots=(1,))
    wild = Recipe(optimizer="sgd", learning_rate=1e12, epochs=9)  # some end in NaN: no layers
    study = replace(snapped, datasets=(replace(CIRCLES, recipe=wild),), replicas=6)
    one, db = tmp_path / "one.duckdb", tmp_path / "g" / "g.duckdb"
    db.parent.mkdir()
    run_study(study, one)
    few = replace(study, replicas=2)
    with meanwhile(worker, "load", lambda: run_as_another(few, db)):
        done = run_study(study, db)
    assert (done.n_written, done.n_elsewhere, done.failures) == (4, 2, ())
    assert_well(db, natural(one))


@pytest.mark.slow
def test_what_fails_here_and_is_whole_there_has_not_failed(tmp_path, whole):
    db = tmp_path / "g.duckdb"

    def other_then_error(spec, data_dir):
        run_as_another(GRID, db)
        raise MemoryError

    with pytest.MonkeyPatch.context() as patch:
        original = worker.load

        def load(spec, data_dir):
            patch.setattr(worker, "load", original)
            other_then_error(spec, data_dir)

        patch.setattr(worker, "load", load)
        done = run_study(GRID, db)
    assert (done.n_written, done.n_elsewhere, done.failures) == (0, 9, ())
    assert_well(db, whole)


@pytest.mark.slow
def test_what_failed_here_first_is_forgotten_when_it_is_whole(tmp_path, whole):
    db = tmp_path / "g.duckdb"

    def fails(spec, data_dir):
        raise DatasetError("gone")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "load", fails)
        with meanwhile(settling.Work, "note_written", lambda: None):
            first = run_study(GRID, db)
    assert len(first.failures) == 3
    assert geoflow.open(db).view("failed_cells")["n_networks"].to_list() == [3, 3, 3]
    assert run_as_another(GRID, db, retry_failed=True).n_written == 9
    assert natural(db) == whole
    assert geoflow.open(db).view("failed_cells").is_empty()


def test_failures_of_whole_cells_that_older_versions_left_are_forgotten(tmp_path, written, whole):
    db = shutil.copy(written, tmp_path / "g.duckdb")
    with duckdb.connect(str(db)) as connection:
        row = "'circles', '8-8', 2, 3, 'network is already in the store', 1, null"
        connection.execute(f"insert into failed_cells values ('grid', {row}), ('other', {row})")
    assert set(study_status(GRID, db)["state"]) == {"done"}
    assert study_status(GRID, db)["reason"].null_count() == 3
    done = run_study(GRID, db, only=["width=4-4-4"])
    assert (done.n_written, done.n_present, done.failures) == (0, 3, ())
    assert geoflow.open(db).view("failed_cells")["study"].to_list() == ["other"]
    assert natural(db) == whole


@pytest.mark.slow
def test_a_data_file_that_is_gone_fails_no_cell_that_is_whole(tmp_path, monkeypatch):
    db = tmp_path / "g.duckdb"
    tori = replace(CIRCLES, dataset=DatasetSpec("tori", n_train=60, n_test=30))
    both = replace(GRID, datasets=(CIRCLES, tori), architectures=GRID.architectures[:1])
    run_study(both, db)
    load = agenda.load

    def lost(spec, data_dir):
        if spec.name == "tori":
            raise DatasetError("no file")
        return load(spec, data_dir)

    monkeypatch.setattr(agenda, "load", lost)
    done = run_study(both, db)
    assert (done.n_present, done.failures) == (6, ())
    more = replace(both, replicas=4)
    done = run_study(more, db)
    assert (done.n_written, done.n_present) == (1, 3)
    assert geoflow.open(db).view("failed_cells").select("dataset", "n_networks").rows() == [
        ("tori", 1)
    ]


@pytest.mark.slow
def test_a_namesake_of_another_recipe_written_meanwhile_is_said_and_nothing_changed(tmp_path):
    db = tmp_path / "g.duckdb"
    longer = replace(GRID, datasets=(replace(CIRCLES, recipe=Recipe(epochs=3)),))
    with meanwhile(worker, "load", lambda: run_as_another(longer, db, only=["width=4-4-4"])):
        done = run_study(GRID, db)
    (failure,) = done.failures
    assert "another epochs (3, now 2)" in failure.reason
    assert done.n_written == 6
    assert geoflow.open(db).view("failed_cells").is_empty()
    with pytest.raises(StoreError, match="another epochs"):
        run_study(GRID, db)


def test_two_studies_measure_one_input_layer_at_once(tmp_path):
    """Neither graph holds all of the other: one has curvatures, the other every edge."""
    small = replace(GRID, architectures=GRID.architectures[:1], convention=("union",))
    one = replace(small, name="one", curvatures=("forman",))
    two = replace(one, name="two", detail="edges", curvatures=())
    db = tmp_path / "g.duckdb"
    with meanwhile(settling, "missing_input", lambda: run_as_another(two, db)):
        assert run_study(one, db).n_written == 3
    origin = geoflow.open(db).query(
        "select detail, curvatures from graphs join layers using (layer_id)"
        " where network_id is null"
    )
    assert set(origin["detail"]) == {"edges"}
    assert [set(kinds) for kinds in origin["curvatures"]] == [{"forman", "augmented_forman"}] * 2
    assert geoflow.open(db).check()["n_offences"].sum() == 0


def test_ingest_measures_the_input_layer_again_where_another_has(tmp_path, layers_of):
    db, arrays = tmp_path / "g.duckdb", layers_of(0, 40, (3, 2, 2))

    def other():
        geoflow.ingest(arrays, db, k=4, name="b", dataset="d", convention="union", detail="pairs")

    with meanwhile(ingestion, "missing_input", other):
        geoflow.ingest(arrays, db, k=4, name="a", dataset="d", curvatures=["forman"])
    origin = geoflow.open(db).query(
        "select detail, curvatures from graphs join layers using (layer_id)"
        " where network_id is null"
    )
    assert origin["detail"].to_list() == ["pairs"]
    assert "forman" in origin["curvatures"][0]


@pytest.mark.slow
def test_regressions_are_of_all_cells_that_are_there_at_the_end(tmp_path):
    longer = StudyDataset(CIRCLES.dataset, (6, 8), 0.3, Recipe(epochs=3))
    two = tuple(map(architecture, ("4,4,4", "8,8,8")))
    pair = replace(GRID, datasets=(longer,), architectures=two, replicas=8)
    db = tmp_path / "g.duckdb"
    with meanwhile(settling, "regression_terms", lambda: run_as_another(pair, db)):
        run_study(pair, db, only=["width=4-4-4"])
    assert set(geoflow.open(db).view("regression_terms").filter(sample="all")["n"]) == {16}


@pytest.mark.slow
def test_a_failure_is_kept_with_the_networks_that_are_missing(tmp_path):
    db = tmp_path / "g.duckdb"
    few = replace(GRID, replicas=1)
    run_study(few, db)
    work = settling.Work(Writer(db, "test", seed=None), few.name)
    why = worker.failure_of(DatasetError("why"))
    work.fail(list(cells(GRID))[1], 3, why)
    row = geoflow.open(db).view("failed_cells").row(0, named=True)
    assert (row["width"], row["n_networks"], row["reason"]) == ("8-8", 2, "why")
    assert row["traceback"].endswith("DatasetError: why\n")
    work.fail(list(cells(few))[1], 3, why)
    assert geoflow.open(db).view("failed_cells").is_empty()


STUDY = """
architectures = [[4, 4, 4], [8, 8], [6, 6]]
replicas = 3
recipe.epochs = 60
[[datasets]]
name = "circles"
n_train = 60
n_test = 30
k = [4, 8]
"""


def both(folder, jobs, *names):
    """Run studies at once, each a process of its own, and return what they said."""
    for name in names:
        (folder / f"{name}.toml").write_text(STUDY)
    running = [
        subprocess.Popen(
            command(f"{name}.toml", jobs),
            cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )
        for name in names
    ]  # fmt: skip
    said = [process.communicate(timeout=240)[1] for process in running]
    assert [process.returncode for process in running] == [0] * len(names), said
    return said


@pytest.mark.parametrize(
    ("jobs", "names"),
    [
        pytest.param(1, ("grid", "grid"), marks=pytest.mark.slow),
        pytest.param(2, ("grid", "grid"), marks=pytest.mark.slow),
        pytest.param(1, ("grid", "other"), marks=pytest.mark.slow),
        pytest.param(2, ("grid", "other", "grid", "other"), marks=pytest.mark.slow),
    ],
)
def test_processes_at_once_on_one_store_give_the_tables_of_one_after_the_other(
    tmp_path, jobs, names
):
    one, at_once = tmp_path / "one", tmp_path / "g"
    for folder in (one, at_once):
        folder.mkdir()
    said = both(at_once, jobs, *names)
    if len(set(names)) == 1:
        shared = [text for text in said if "Another process wrote" in text]
        assert shared, said
        assert all("networks of this study meanwhile." in text for text in shared)
    for name in sorted(set(names)):
        both(one, 1, name)
    assert_well(at_once / "g.duckdb", natural(one / "g.duckdb"))


def test_threads_never_share_a_folder_of_shards(tmp_path):
    """Of several that ask at once one gets it; no other's folder goes."""
    db, got, refused = tmp_path / "g.duckdb", [], []

    def take(start):
        start.wait()
        try:
            with shard_folder(db) as folder:
                time.sleep(0.01)
                got.append(folder.is_dir())
        except StoreError as error:
            refused.append(str(error))

    for _ in range(20):
        start = threading.Barrier(4)
        threads = [threading.Thread(target=take, args=(start,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(got) >= 20
    assert all(got)
    assert all("this process already runs a study" in one for one in refused)
    assert list(tmp_path.iterdir()) == []
