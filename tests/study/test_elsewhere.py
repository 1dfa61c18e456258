"""A study on an executor of the user's: the same tables, no file but its shards, or words."""

import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest
from processes import soon
from written_stores import natural

import geoflow
from geoflow.errors import ClusterError, SpecError, StoreError
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture
from geoflow.study import Listener, run_study
from geoflow.study import _caller as caller
from geoflow.study import _engine as engine
from geoflow.study import _order as order
from geoflow.study import _shards as shards
from geoflow.study._cells import cells
from geoflow.study._crew import engine_of
from geoflow.study._task import Failure, Task

CIRCLES = StudyDataset(DatasetSpec("circles", n_train=40, n_test=20), (4,), 0.3, Recipe(epochs=2))
GRID = StudySpec(
    "grid", (CIRCLES,), (architecture("4,4"), architecture("6,6")), replicas=1,
    convention=("union",), curvatures=("forman",),
)  # fmt: skip
LONG = replace(GRID, datasets=(replace(CIRCLES, recipe=Recipe(epochs=200_000)),))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    db = tmp_path_factory.mktemp("whole") / "g.duckdb"
    assert run_study(GRID, db).n_written == 2
    return natural(db)


def processes(n):
    return ProcessPoolExecutor(n, mp_context=get_context("spawn"))


def folders():
    return {path.name for path in Path(tempfile.gettempdir()).glob(f"{caller.MARK}*")}


@pytest.mark.parametrize("kind", ["over the engine", "fsspec"])
def test_threads_of_an_executor_make_the_same_tables(tmp_path, whole, kind):
    db, words = tmp_path / "g.duckdb", {}
    if kind == "fsspec":
        pytest.importorskip("fsspec", reason="fsspec is not installed")
        words = {"shards": "memory://seen"}
    said, before = [], folders()
    hears = Listener(lambda amount, what: said.append(amount))
    with ThreadPoolExecutor(2) as executor:
        done = run_study(GRID, db, None, hears, executor=executor, **words)
    assert (done.n_written, done.failures) == (2, ())
    assert natural(db) == whole
    assert sum(said) == pytest.approx(2)
    assert folders() <= before
    assert [path.name for path in tmp_path.iterdir()] == ["g.duckdb"]
    assert run_study(GRID, db, executor=ThreadPoolExecutor(1)).n_present == 2


@pytest.mark.slow
def test_processes_of_an_executor_make_the_same_tables(tmp_path, whole):
    db = tmp_path / "g.duckdb"
    with processes(1) as executor:
        done = run_study(GRID, db, executor=executor, shards=str(tmp_path / "shards"))
    assert (done.n_written, done.failures) == (2, ())
    assert natural(db) == whole
    assert list((tmp_path / "shards").iterdir()) == []


class Inside(Executor):
    """Does what it is given at once, here; a deed comes before."""

    def __init__(self, deed=None, change=None):
        self.deed, self.change = deed or (lambda n: None), change or (lambda order: order)
        self.n = 0

    def submit(self, function, one):
        future = Future()
        self.n += 1
        try:
            self.deed(self.n)
            future.set_result(function(self.change(one)))
        except Exception as error:
            future.set_exception(error)
        return future


def test_a_worker_of_another_version_is_refused_in_words_and_nothing_has_failed(tmp_path, whole):
    db = tmp_path / "g.duckdb"
    with pytest.raises(ClusterError, match=r"has geoflow .* started with 9.9: install the same"):
        run_study(GRID, db, executor=Inside(change=lambda one: replace(one, version="9.9")))
    assert not db.exists()
    assert run_study(GRID, db, executor=Inside()).n_written == 2
    assert natural(db) == whole


def test_a_shard_of_another_version_is_refused(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(shards, "__version__", "9.9")
        shards.write_shard(tmp_path / "a", "print", [], {})
    with pytest.raises(StoreError, match=r"left a shard of geoflow 9\.9, this is"):
        shards.read_shard(tmp_path / "a")


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "..", "", "a/b", "a\\b"])
def test_no_file_of_a_shard_leads_out_of_it(tmp_path, name):
    with pytest.raises(StoreError, match="is no shard"):
        shards.place_shard(tmp_path / "a", iter([("records.json", b"{}"), (name, b"x")]))
    assert list(tmp_path.iterdir()) == []


def test_other_rows_of_a_data_set_on_a_worker_are_a_failed_cell_with_its_reason(tmp_path):
    def other_rows(one):
        task = order.cloudpickle.loads(one.work)
        return replace(one, work=order.cloudpickle.dumps(replace(task, fingerprint="other")))

    done = run_study(GRID, tmp_path / "g.duckdb", executor=Inside(change=other_rows))
    assert len(done.failures) == 2
    assert "has other rows" in done.failures[0].reason


def test_a_failure_elsewhere_says_where(tmp_path):
    task = Task(next(cells(GRID)), (0,), tmp_path / "0", None, 1)
    parcel = order.Parcel("far-7", why=Failure("no space left"))
    assert engine.taken_in(parcel, None, task).reason == "no space left (on far)"


@pytest.mark.slow
def test_a_broken_executor_ends_in_one_line_and_the_same_call_goes_on(tmp_path, whole):
    db = tmp_path / "g.duckdb"
    executor = processes(1)
    assert executor.submit(os.getpid).result() != os.getpid()

    def kill(amount, what):
        if what.startswith("circles"):
            for process in executor._processes.values():
                process.kill()

    with executor, pytest.raises(ClusterError, match="the cells that are written stay"):
        run_study(GRID, db, None, Listener(kill), executor=executor)
    assert 0 < geoflow.open(db).view("networks").height < 2
    with ThreadPoolExecutor(1) as another:
        run_study(GRID, db, executor=another)
    assert natural(db) == whole
    with pytest.raises(ClusterError, match="the executor takes no work"):
        run_study(replace(GRID, name="more"), db, executor=executor)


def test_what_a_worker_cannot_read_ends_in_words(tmp_path):
    def garbled(one):
        return replace(one, work=b"garbled")

    with pytest.raises(ClusterError, match=r"cannot read its work .* your scores import"):
        run_study(GRID, tmp_path / "g.duckdb", executor=Inside(change=garbled))

    def no_module(n):
        raise ModuleNotFoundError("No module named 'geoflow'")

    with pytest.raises(ClusterError, match=r"could not begin .* is geoflow 0.* installed there"):
        run_study(GRID, tmp_path / "g.duckdb", executor=Inside(no_module))


def test_scores_that_cannot_be_sent_are_refused_in_words(tmp_path):
    lock = threading.Lock()

    @geoflow.layer_score("held_by_a_lock", formula="0", source="a test")
    def score(points):
        with lock:
            return 0.0

    with pytest.raises(SpecError, match="'held_by_a_lock' cannot be sent to workers"):
        run_study(GRID, tmp_path / "g.duckdb", executor=Inside(), scores=["held_by_a_lock"])


def test_whoever_stops_a_study_stops_its_workers(tmp_path):
    begun, db = threading.Event(), tmp_path / "g.duckdb"

    def watched(one):
        begun.set()
        return one

    executor = ThreadPoolExecutor(1)
    original = executor.submit
    executor.submit = lambda function, one: original(lambda: function(watched(one)))

    def stop_when_begun():
        begun.wait(30)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "next_of", lambda ended: stop_when_begun())
        with pytest.raises(KeyboardInterrupt):
            run_study(LONG, db, executor=executor)
    started = time.monotonic()
    executor.shutdown(wait=True)
    assert time.monotonic() - started < 20
    assert not db.exists()


def caller_of(folder, pid=None, **more):
    return caller.Caller(platform.node(), pid or os.getpid(), str(folder), **more)


def test_a_caller_is_gone_with_its_process_its_folder_or_its_beat(tmp_path, monkeypatch):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    folder = tmp_path / "shelf" / "run"
    folder.mkdir(parents=True)

    def is_gone(one, is_cancelled=False):
        return caller.CallerWatch(one, lambda: is_cancelled).is_gone()

    assert not is_gone(caller_of(folder))
    assert is_gone(caller_of(folder), is_cancelled=True)
    assert is_gone(caller_of(folder, gone.pid))
    assert is_gone(caller_of(tmp_path / "shelf" / "other"))
    assert not is_gone(replace(caller_of(tmp_path / "none" / "none"), host="far"))
    monkeypatch.setattr(caller, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(caller, "PULSE_SECONDS", 0.0)
    with caller.calling(folder, str(tmp_path / "shards")) as one:
        watch = caller.CallerWatch(replace(one, host="far"), lambda: False)
        assert not watch.is_gone()
        monkeypatch.setattr(caller, "STILL_SECONDS", 0.5)
        time.sleep(0.6)
        assert not watch.is_gone()  # it beats
        still = replace(one, host="far", shards=str(tmp_path / "still"))
        (tmp_path / "still").mkdir()
        (tmp_path / "still" / caller.BEAT).write_bytes(b"7")
        stopped = caller.CallerWatch(still, lambda: False)
        assert not stopped.is_gone()
        assert soon(stopped.is_gone, 10)
    assert watch.is_gone()


def test_what_killed_callers_and_workers_left_goes_with_the_next(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for home, owner in ((tmp_path, gone.pid), (tmp_path, os.getpid())):
        (home / f"{caller.MARK}{platform.node()}-{owner}-abc").mkdir()
    mine = f"{caller.MARK}{platform.node()}-{os.getpid()}-abc"
    with order.scratch_folder(str(tmp_path)) as scratch:
        assert {path.name for path in tmp_path.iterdir()} == {mine, scratch.name}
    (tmp_path / f"{caller.MARK}{platform.node()}-{gone.pid}-abc").mkdir()
    with caller.calling(tmp_path / "run", str(tmp_path)):
        assert len(list(tmp_path.iterdir())) == 2
    assert [path.name for path in tmp_path.iterdir()] == [mine]


def test_shards_that_cannot_be_written_are_refused_in_words(tmp_path):
    (tmp_path / "file").touch()
    for where in (tmp_path / "file" / "in", "nosuch://bucket"):
        with pytest.raises(ClusterError, match="shards"):
            run_study(GRID, tmp_path / "g.duckdb", executor=Inside(), shards=where)
    with pytest.raises(SpecError, match="give an executor, or --cluster"):
        run_study(GRID, tmp_path / "g.duckdb", shards=tmp_path)
    with pytest.raises(SpecError, match="executor must be one of"):
        engine_of("tcp://host")


class OnRay(Executor):
    """Ray as an executor, in the least that there is to say."""

    def __init__(self, ray):
        self.do = ray.remote(lambda function, one: function(one))

    def submit(self, function, one):
        return self.do.remote(function, one).future()


@pytest.mark.slow
def test_ray_makes_the_same_tables(tmp_path, whole):
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    code = """
import ray, sys, warnings
warnings.simplefilter("ignore")
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
import test_elsewhere as tests
print(tests.run_study(tests.GRID, "g.duckdb", executor=tests.OnRay(ray)).n_written)
"""
    assert ray.__version__
    where = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parent)])}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=where, capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1:] == ["2"], done.stderr
    assert natural(tmp_path / "g.duckdb") == whole


@pytest.mark.parametrize("n_deaths", [2, 3])
def test_a_cell_is_given_to_another_worker_twice(tmp_path, whole, n_deaths):
    db, met = tmp_path / "g.duckdb", []

    def die(n):
        met.append(n)
        if len(met) <= n_deaths:
            raise engine.CancelledError

    done = run_study(GRID, db, executor=Inside(die), jobs=1)
    if n_deaths == 2:
        assert done.failures == ()
        assert natural(db) == whole
    else:
        assert [one.reason for one in done.failures] == [engine.LOST.reason]
        assert done.n_written == 1
