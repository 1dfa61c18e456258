"""The kill proof: whatever is killed whenever, the same command goes on and nothing is left."""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from processes import command, group, needs_proc, shared, soon, workers
from written_stores import assert_same, networks_in, tables

import geoflow
from geoflow.specs.studyfile import study_specs
from geoflow.study.run import run_study

STUDY = """
architectures = [[4, 4, 4], [8, 8, 8]]
replicas = 8
recipe.epochs = 20
[[datasets]]
name = "circles"
n_train = 60
n_test = 30
k = [6, 8]
threshold = 0.3
"""
DB = "g.duckdb"

pytestmark = needs_proc


def writes(pid, db):
    """Return whether a process has the store open to write."""
    for one in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            if one.readlink() == db:
                info = Path(f"/proc/{pid}/fdinfo/{one.name}").read_text()
                if int(info.split("flags:")[1].split()[0], 8) & os.O_ACCMODE == os.O_RDWR:
                    return True
        except OSError:
            continue
    return False


def phase(process, folder, n_left):
    """Return what a run does: what lies on the disk says so."""
    if any(folder.glob(f".{DB}.*{process.pid}.new")):
        return "making"
    if any(folder.glob(f".{DB}.shards/*")):
        if len(list(folder.glob(f".{DB}.shards/*/*.written"))) == n_left:
            return "regression"
        if writes(process.pid, folder / DB):
            return "writing"
    return "working"


def reached(process, folder, target, n_left, moments):
    """Wait for a moment of a phase; False if the run has ended before it came."""
    if target == "any":
        time.sleep(moments.uniform(0, 5))
        return process.poll() is None
    if target == "worker":
        while process.poll() is None and not workers(process.pid):
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 3))
        return process.poll() is None and bool(workers(process.pid))
    while process.poll() is None and phase(process, folder, n_left) != target:
        time.sleep(0.0005)
    time.sleep(moments.uniform(0, 0.2 if target == "making" else 0.03))
    return process.poll() is None


def kill(process, whom, moments):
    """Kill the group of a run, itself alone or one of its workers."""
    if whom == "worker":
        os.kill(moments.choice(workers(process.pid)), signal.SIGKILL)
    else:
        (os.killpg if whom == "group" else os.kill)(process.pid, signal.SIGKILL)


def ended(process):
    """Wait for a run that nobody kills any more; it must end well."""
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said


def removed(db):
    for path in (db, db.with_name(f"{db.name}.wal")):
        path.unlink(missing_ok=True)


def killed(folder, plan, jobs, expected):
    """Kill runs as planned, (phase, whom) each; the last goes on to the end. Count the phases."""
    moments, hit, started = random.Random(jobs), Counter(), []
    db, process = folder / DB, None
    (folder / "small.toml").write_text(STUDY)
    for target, whom in plan:
        is_hit = False
        while not is_hit:
            if process is None:
                if target == "making":
                    removed(db)
                n_left = 2 - networks_in(db) // 8
                process = subprocess.Popen(
                    command("small.toml", jobs), cwd=folder, text=True, start_new_session=True,
                    stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                )  # fmt: skip
                started.append(process.pid)
            is_hit = reached(process, folder, target, n_left, moments)
            if not is_hit:
                ended(process)
                process = None
                assert_same(tables(db), expected)
                removed(db)
        hit[phase(process, folder, n_left), whom] += 1
        kill(process, whom, moments)
        if whom != "worker":
            process.communicate()
            process = None
            assert not db.exists() or geoflow.open(db).check()["n_offences"].sum() == 0
    if process is not None:
        ended(process)
    run = subprocess.run(
        command("small.toml", jobs), cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert_same(tables(db), expected)
    assert soon(lambda: not any(map(group, started)), 10)
    assert [name for pid in started for name in shared(pid)] == []
    assert sorted(path.name for path in folder.iterdir()) == [DB, "small.toml"]
    return hit


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    (folder / "small.toml").write_text(STUDY)
    (study,) = study_specs(str(folder / "small.toml"))
    run_study(study, folder / DB)
    found = tables(folder / DB)
    assert found["regression_terms"].height
    return found


@pytest.mark.slow
def test_what_is_killed_while_it_makes_a_store_or_writes_a_cell_goes_on(tmp_path, expected):
    hit = killed(tmp_path, [("making", "group"), ("writing", "parent")], 1, expected)
    assert hit.total() == 2


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_fifty_kills_change_no_table_and_leave_nothing(tmp_path, expected, jobs):
    targets = ("making", "any", "writing", "regression")
    plan = [(target, whom) for target in targets for whom in ("group", "parent")]
    if jobs == 2:  # a worker, then the parent: a cell whose worker dies twice has failed
        plan += [("worker", "worker"), ("any", "parent"), ("worker", "worker"), ("any", "group")]
    plan = [plan[at % len(plan)] for at in range(50)]
    hit = killed(tmp_path, plan, jobs, expected)
    assert hit.total() == 50
    phases = Counter()
    for (one, _), n in hit.items():
        phases[one] += n
    print(hit)  # noqa: T201 - for `pytest -s`
    assert min(phases[one] for one in ("making", "writing", "regression", "working")) > 0
    assert jobs == 1 or any(whom == "worker" for _, whom in hit)
