"""A study on Dask: the same tables whatever dies, cancelled with its caller, one GPU a task."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from processes import RUN, needs_proc, soon
from written_stores import natural, networks_in

import geoflow
from geoflow.errors import ClusterError, SpecError
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture
from geoflow.study import Listener, cluster, run_study
from geoflow.study import _cluster as local
from geoflow.study import _dask as dask
from geoflow.study._engine import LOST

distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")

CIRCLES = StudyDataset(DatasetSpec("circles", n_train=40, n_test=20), (4,), 0.3, Recipe(epochs=2))
GRID = StudySpec("grid", (CIRCLES,), (architecture("4,4"), architecture("6,6")), replicas=1)
LONG = replace(GRID, datasets=(replace(CIRCLES, recipe=Recipe(epochs=100_000)),))
TOML = """
architectures = [[4, 4], [6, 6], [8, 8]]
replicas = 1
recipe.epochs = {epochs}
[[datasets]]
name = "circles"
n_train = 40
n_test = 20
k = 4
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    db = tmp_path_factory.mktemp("whole") / "g.duckdb"
    assert run_study(GRID, db).n_written == 2
    return natural(db)


@pytest.fixture(scope="module")
def here():
    """A cluster of this very process: two workers, one of which says that it has a GPU."""
    options = {"nthreads": 1, "dashboard": False}
    workers = {
        0: {"cls": distributed.Worker, "options": options},
        1: {"cls": distributed.Worker, "options": options | {"resources": local.GPU}},
    }
    with distributed.SpecCluster(
        scheduler=local.local_scheduler(), workers=workers, silence_logs=logging.CRITICAL
    ) as made:
        yield made


@pytest.fixture
def client(here):
    with distributed.Client(here, set_as_default=False) as one:
        yield one


def test_a_client_of_dask_makes_the_same_tables(tmp_path, whole, client):
    said, db = [], tmp_path / "g.duckdb"
    hears = Listener(lambda amount, what: said.append(amount))
    done = run_study(GRID, db, None, hears, executor=client, shards=tmp_path / "shards")
    assert (done.n_written, done.failures) == (2, ())
    assert natural(db) == whole
    assert sum(said) == pytest.approx(2)
    assert not client.futures


def test_a_study_that_is_stopped_takes_its_work_back(tmp_path, client):
    def stop(amount, what):
        if what.startswith("training"):
            raise KeyboardInterrupt

    workers = list(client.cluster.workers.values())
    with pytest.MonkeyPatch.context() as patch:
        seen = []

        def at_work(self):
            seen.append(sum(len(one.state.executing) for one in workers))
            if seen[-1] == 2:
                raise KeyboardInterrupt
            return ()

        patch.setattr(dask.DaskEngine, "worn_out", at_work)
        with pytest.raises(KeyboardInterrupt):
            run_study(LONG, tmp_path / "g.duckdb", executor=client)
    assert soon(lambda: not any(one.state.tasks for one in workers), 30)
    assert list(tmp_path.iterdir()) == []


def test_a_task_for_a_gpu_asks_for_one(tmp_path, client):
    wanted, is_over = [], threading.Event()
    scheduler = client.cluster.scheduler

    def look():
        while not is_over.wait(0.01):
            wanted.extend(one.resource_restrictions for one in tuple(scheduler.tasks.values()))

    watcher = threading.Thread(target=look)
    watcher.start()
    on_gpu = replace(GRID, device="cuda")
    try:
        done = run_study(on_gpu, tmp_path / "g.duckdb", executor=client)
    finally:
        is_over.set()
        watcher.join()
    assert wanted
    assert all(one == local.GPU for one in wanted)
    assert done.n_written + len(done.failures) == 2  # they fail in words where torch sees no GPU


def test_workers_without_a_gpu_are_refused_one(tmp_path):
    with (
        distributed.SpecCluster(
            scheduler=local.local_scheduler(),
            workers={0: {"cls": distributed.Worker, "options": {"dashboard": False}}},
            silence_logs=logging.CRITICAL,
        ) as made,
        distributed.Client(made, set_as_default=False) as one,
        pytest.raises(ClusterError, match="no worker says that it has a GPU"),
    ):
        run_study(replace(GRID, device="cuda"), tmp_path / "g.duckdb", executor=one)


def test_workers_that_are_started_here_have_one_gpu_each():
    seen = [one["options"] for one in local.local_workers(3, "cuda").values()]
    assert [one["env"]["CUDA_VISIBLE_DEVICES"] for one in seen] == ["0", "1", "2"]
    assert all(one["resources"] == {"GPU": 1} and one["nthreads"] == 1 for one in seen)
    assert "resources" not in local.local_workers(1, "cpu")[0]["options"]


def test_an_address_without_a_scheduler_ends_in_words(monkeypatch):
    monkeypatch.setattr(local, "CONNECT_SECONDS", 0.5)
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        with pytest.raises(ClusterError, match=f"no Dask scheduler answers at {address}"):
            cluster(address).__enter__()
    with pytest.raises(SpecError, match="local:0 has no workers"):
        cluster("local:0").__enter__()


def busy_worker(client):
    """Return the process of a worker that is at work."""
    (address, *_) = [one for one, keys in client.processing().items() if keys]
    return client.run(os.getpid, workers=[address])[address]


@pytest.mark.slow
@needs_proc
def test_a_worker_that_is_killed_in_the_middle_of_a_cell_changes_no_table(tmp_path, whole):
    killed = []

    with cluster("local:2") as client:

        def kill(amount, what):
            if what.startswith("training") and not killed:
                killed.append(busy_worker(client))
                os.kill(killed[0], signal.SIGKILL)

        done = run_study(GRID, tmp_path / "g.duckdb", None, Listener(kill), executor=client)
    assert killed
    assert (done.n_written, done.failures) == (2, ())
    assert natural(tmp_path / "g.duckdb") == whole


@pytest.mark.slow
@needs_proc
def test_a_cell_whose_workers_die_three_times_has_failed(tmp_path):
    killed, db = [], tmp_path / "g.duckdb"
    fatal = replace(LONG, architectures=GRID.architectures[:1])
    with cluster("local:1") as client:

        def kill(amount, what):
            if what.startswith("training"):
                killed.append(busy_worker(client))
                os.kill(killed[-1], signal.SIGKILL)

        done = run_study(fatal, db, None, Listener(kill), executor=client)
    assert len(set(killed)) == 3
    assert [one.reason for one in done.failures] == [LOST.reason]
    assert geoflow.open(db).view("failed_cells")["reason"].to_list() == [LOST.reason]


def started(*module):
    """Start a part of Dask in a process of its own."""
    command = [sys.executable, "-m", *module]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.fixture
def parts(tmp_path):
    """A scheduler, a worker, and a study on them that has begun."""
    (tmp_path / "small.toml").write_text(TOML.format(epochs=4000))
    file = tmp_path / "scheduler.json"
    scheduler = started(
        "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
        "--no-dashboard", "--scheduler-file", str(file),
    )  # fmt: skip
    assert soon(file.exists, 60)
    worker = started(
        "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1",
        "--no-dashboard", "--no-nanny", "--local-directory", str(tmp_path / "worker"),
    )  # fmt: skip
    address = json.loads(file.read_text())["address"]

    def study():
        more = ["study", "run", "small.toml", "--db", "g.duckdb", "--cluster", address]
        return subprocess.Popen(
            [sys.executable, "-c", RUN, *more], cwd=tmp_path, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    yield scheduler, worker, study
    for one in (scheduler, worker):
        one.kill()
        one.wait()


@pytest.mark.slow
@needs_proc
def test_a_scheduler_that_is_killed_ends_in_one_line(tmp_path, parts):
    scheduler, worker, study = parts
    process = study()
    assert soon(lambda: networks_in(tmp_path / "g.duckdb"), 120)
    scheduler.kill()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = [one for one in said.splitlines() if " networks" not in one]
    assert line.startswith("Error: the cluster is gone, its scheduler does not answer: the cells")
    assert soon(lambda: worker.poll() is not None, 60)
    again = [sys.executable, "-c", RUN, "study", "run", "small.toml", "--db", "g.duckdb"]
    subprocess.run(again, cwd=tmp_path, check=True, capture_output=True)
    assert networks_in(tmp_path / "g.duckdb") == 3


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_caller_that_ends_leaves_no_orphan_at_work(tmp_path, parts, number):
    _, worker, study = parts
    process = study()
    assert soon(lambda: list(tmp_path.glob("worker/*/*/geoflow-*")), 120)
    time.sleep(1)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert soon(lambda: not list(tmp_path.glob("worker/*/*/geoflow-*")), 30)
    assert worker.poll() is None
    assert Path(f"/proc/{worker.pid}").exists()
