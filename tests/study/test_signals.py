"""SIGTERM and SIGHUP end a command as Ctrl-C does; workers end with the process they work for."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from processes import RUN, STUDY, group, needs_proc, shared, soon, start, workers
from written_stores import networks_in, wait_for_networks

import geoflow
from geoflow.cli._signals import answer_signals
from geoflow.machine.orphans import deafen_children
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture
from geoflow.study._shelf import shard_folder, shelf_of
from geoflow.study.run import run_study

pytestmark = needs_proc

STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
SAID = "Stopped. A study keeps its finished cells; its command goes on from there."
SMALL = StudySpec(
    "small",
    (StudyDataset(DatasetSpec("circles", n_train=60, n_test=30), (4, 8), recipe=Recipe(epochs=2)),),
    (architecture("4,4,4"), architecture("8,8")),
    replicas=2,
)


def assert_ended_well(process, db, statuses):
    _, said = process.communicate(timeout=90)
    assert process.returncode in statuses, said
    lines = [line for line in said.splitlines() if " networks" not in line]
    if process.returncode:
        assert lines == [SAID]
    assert "leaked" not in said
    assert soon(lambda: not group(process.pid))
    assert soon(lambda: not shared(process.pid), 5)
    assert not [path for path in db.parent.iterdir() if path.name.startswith(".")]
    if db.exists():
        store = geoflow.open(db)
        assert store.check()["n_offences"].sum() == 0
        runs = store.view("runs")["status"].to_list()
        is_last = store.view("networks").height == 6  # the signal may come after it, or before
        assert runs in (["interrupted"], ["finished"] if is_last else ["interrupted"])


@pytest.mark.parametrize(
    ("number", "jobs", "whom", "again"),
    [
        pytest.param(signal.SIGTERM, 2, os.killpg, 0, marks=pytest.mark.slow),
        (signal.SIGHUP, 1, os.kill, 0),
        pytest.param(signal.SIGINT, 2, os.killpg, 4, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, 1, os.killpg, 4, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, 2, os.killpg, 0, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, 2, os.kill, 0, marks=pytest.mark.slow),
    ],
)
def test_a_signal_ends_a_study_in_one_line(tmp_path, number, jobs, whom, again):
    process = start(tmp_path, 800, jobs, start_new_session=True)
    db = tmp_path / "g.duckdb"
    wait_for_networks(process, db)
    whom(process.pid, number)
    for _ in range(again):
        time.sleep(0.05)
        if process.poll() is None:
            whom(process.pid, number)
    assert_ended_well(process, db, {STATUS[number]})
    assert networks_in(db)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_signals_at_random_moments_end_in_one_line(tmp_path, jobs):
    moments, ended = random.Random(jobs), []
    started = time.monotonic()
    start(tmp_path, 200, jobs).communicate(timeout=300)
    seconds = time.monotonic() - started
    for at in range(15):
        folder = tmp_path / str(at)
        folder.mkdir()
        process = start(folder, 200, jobs, start_new_session=True)
        time.sleep(moments.uniform(0.1, 1) * seconds)  # not while Python itself starts
        number = moments.choice(list(STATUS))
        if process.poll() is None:
            moments.choice((os.kill, os.killpg))(process.pid, number)
        assert_ended_well(process, folder / "g.duckdb", {0, STATUS[number]})
        ended.append(process.returncode)
    assert len(set(ended)) > 1


def test_what_is_ignored_stays_ignored_and_what_a_user_set_stays_set():
    heard = []
    before = {number: signal.getsignal(number) for number in STATUS}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
        signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
        with answer_signals() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            os.kill(os.getpid(), signal.SIGTERM)
            assert signal.getsignal(signal.SIGINT) is stop
        assert heard == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGINT) is before[signal.SIGINT]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


DOWNLOAD = """
import sys
from dataclasses import replace
from pathlib import Path
import click
from geoflow.cli import main
from geoflow.datasets import fetch
from geoflow.datasets._catalogue import bundled_catalogue
@main.command()
def half():
    family = bundled_catalogue()["mnist"]
    files = tuple(replace(file, addresses=(sys.argv[1],)) for file in family.files)
    fetch("mnist", Path("home"), families={"mnist": replace(family, files=files)})
main(["half"])
"""


def test_a_signal_in_a_download_leaves_no_part_of_a_file(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/file.gz"
        process = subprocess.Popen(
            [sys.executable, "-c", DOWNLOAD, address],
            cwd=tmp_path, stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_PROXY": "*"},
        )  # fmt: skip
        caller, _ = server.accept()
        with caller:
            caller.recv(4096)
            caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + bytes(200_000))
            assert soon(lambda: any(path.is_file() for path in tmp_path.rglob("*")))
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (143, f"{SAID}\n")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_libraries_make_of_a_signal_is_still_a_signal():
    before = signal.getsignal(signal.SIGTERM)
    code = """
import os, signal, sys
from geoflow.cli import main, _signals as signals
import click
@main.command()
def odd():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except KeyboardInterrupt:
        raise ImportError("initialization failed") from None
main(["odd"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (143, f"{SAID}\n")
    assert signal.getsignal(signal.SIGTERM) is before


def test_children_do_not_hear_what_their_group_hears():
    code = "import time; print('up', flush=True); time.sleep(0.3)"
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with deafen_children():
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask
    assert child.stdout.readline() == b"up\n"
    for number in STATUS:
        child.send_signal(number)
    child.communicate()
    assert child.returncode == 0


@pytest.mark.slow
def test_a_study_called_from_python_leaves_signals_alone_and_no_worker_behind(tmp_path):
    before = [signal.getsignal(number) for number in STATUS]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    several = replace(SMALL, replicas=1)
    there = set(shared(os.getpid()))
    assert run_study(several, tmp_path / "g.duckdb", jobs=2).n_written == 2
    assert [signal.getsignal(number) for number in STATUS] == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask
    assert soon(lambda: not workers(os.getpid()), 5)
    assert set(shared(os.getpid())) <= there


@pytest.mark.parametrize(
    ("n_there", "seconds"),
    [(1, 0), (2, 0.05), *(pytest.param(2, one, marks=pytest.mark.slow) for one in (0, 2))],
)
def test_workers_end_soon_after_a_parent_that_was_killed(tmp_path, n_there, seconds):
    """Also those that are only starting: they have no task yet, and loky holds its locks."""
    process = start(tmp_path, 3000, start_new_session=True)
    assert soon(lambda: len(workers(process.pid)) >= n_there or process.poll() is not None, 120)
    time.sleep(seconds)
    process.kill()
    assert soon(lambda: not group(process.pid), 30)
    process.communicate(timeout=30)
    assert soon(lambda: not shared(process.pid), 10)


@pytest.mark.slow
def test_other_workers_of_the_process_go_on_when_a_study_ends(tmp_path):
    """Whatever else a user has at work on loky or joblib is the user's."""
    code = """
import time
from pathlib import Path
from joblib import Parallel, delayed
from geoflow.specs.studyfile import study_specs
from geoflow.study import run_study
(study,) = study_specs("small.toml")
results = Parallel(n_jobs=2, return_as="generator")(delayed(time.sleep)(1) for _ in range(8))
print(run_study(study, Path("g.duckdb"), jobs=2).n_written, list(results) == [None] * 8)
"""
    (tmp_path / "small.toml").write_text(STUDY.format(epochs=2, n_test=30))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.stdout == "6 True\n", done.stderr


def test_what_a_killed_group_left_in_shared_memory_goes_with_the_next_run(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    db = tmp_path / "g.duckdb"
    (shelf_of(db) / f"{os.uname().nodename}-{gone.pid}").mkdir(parents=True)
    here = Path("/dev/shm")
    for pid in (gone.pid, os.getpid()):
        (here / f"sem.loky-{pid}-test").touch()
    try:
        with shard_folder(db):
            assert not shared(gone.pid)
            assert [name for name in shared(os.getpid()) if name.endswith("test")]
    finally:
        (here / f"sem.loky-{os.getpid()}-test").unlink()


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
    ],
)
def test_a_signal_ends_a_query_that_would_never_end(number, tmp_path):
    rng = np.random.default_rng(0)
    arrays = {f"layer_{layer:02d}": rng.normal(size=(30, 3)) for layer in range(2)}
    geoflow.ingest(arrays, tmp_path / "g.duckdb", k=4)
    endless = "select sum(a.range * b.range) from range(10000000) a, range(10000000) b"
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "query", endless, "--db", tmp_path / "g.duckdb"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert soon(lambda: cpu_seconds(process.pid) > 4)  # it computes
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (128 + number, f"{SAID}\n")


def cpu_seconds(pid):
    """Return the processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
