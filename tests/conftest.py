"""Stores that tests read: small random networks with ties, torn graphs and every convention."""

import fcntl
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

import geoflow
from geoflow.geometry.compiled import n_threads
from geoflow.ingestion import ingest
from geoflow.measure.layers import layer_frames, network_frames
from geoflow.specs import CONVENTIONS, CURVATURES, GeometrySpec
from geoflow.specs.points import points_fingerprint
from geoflow.store import Writer
from geoflow.store.records import DatasetRecord, NetworkRecord, Unit, network_tables


def own_size(points):
    return np.linalg.norm(points)


def own_depth(layers):
    return len(layers)


def own_length(layers):
    return np.linalg.norm(layers[-1], axis=1)


def own_growth(points, others):
    return np.linalg.norm(others) - np.linalg.norm(points)


OWN_SCORES = {
    geoflow.layer_score: own_size,
    geoflow.network_score: own_depth,
    geoflow.pair_score: own_growth,
    geoflow.point_score: own_length,
}
"""Scores of which the store has values."""

REFERENCE = ("digits_3v8.npz", "digits_3v8.json")

IN_MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30


def pytest_configure() -> None:
    """Keep the files of tests in memory where there is room, and TMPDIR names no other place.

    A store is on the disk when a write has ended, and tests write thousands: they would wait.
    """
    is_ours = "TMPDIR" not in os.environ and os.access(IN_MEMORY, os.W_OK)
    if is_ours and shutil.disk_usage(IN_MEMORY).free > ENOUGH:
        os.environ["TMPDIR"] = str(IN_MEMORY)
        tempfile.tempdir = None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Let ``-n auto`` be a process more than there are cores: one may wait for a browser."""
    return n_threads() + 1


def random_layers(seed, n, widths, grid=None):
    """Return arrays as ingest takes them; with a grid, whole numbers below it: ties, duplicates."""
    rng = np.random.default_rng(seed)
    made = [
        rng.normal(size=(n, d)) if grid is None else rng.integers(0, grid, (n, d)) for d in widths
    ]
    arrays = {f"layer_{at:02d}": points.astype(np.float32) for at, points in enumerate(made)}
    return arrays | {"labels": np.arange(n) % 2}


def write_networks(db, dataset, points, networks, spec, *, study="grid", command="test"):
    """Write networks, pairs of columns and hidden layers, as a study does; return the run's key."""
    record = DatasetRecord(dataset, "test", *points.shape, points_fingerprint(points, None))
    rows = []
    for fields, hidden in networks:
        widths = [layer.shape[1] for layer in hidden]
        rows.append(
            NetworkRecord(
                **{
                    "study": study,
                    "width": "narrow",
                    "widths": widths,
                    "depth": len(hidden),
                    "status": "trained",
                }
                | fields
            )
        )
    unit = Unit(
        record,
        None,
        layer_frames(points, 0, spec),
        rows,
        network_tables([network_frames(hidden, spec) for _, hidden in networks]),
    )
    writer = Writer(Path(db), command, seed=3)
    writer.write(unit)
    writer.finish()
    return writer.run_id


def torn(points):
    """Return points with the second half far away: no small k connects them."""
    return points + np.where(np.arange(len(points)) < len(points) // 2, 0, 1e3)[:, None]


def graded_networks(rng, n):
    """Yield networks of one kind on either side of the accuracy threshold, one torn, one failed.

    Of the first and of the failed one there are snapshots, one of which failed.
    """
    scores = (0.99, 0.9, 0.91, 0.5, 0.95)  # 0.9 is the threshold itself
    for replica, score in enumerate(scores):
        hidden = [rng.normal(size=(n, 3)) * rng.uniform(1, 3, 3) for _ in range(6)]
        if replica == 4:
            hidden[2] = torn(hidden[2])
        fields = {"test_accuracy": score, "accuracy_threshold": 0.9, "replica": replica}
        yield {"name": f"graded-{replica}", "epochs": 9, **fields}, hidden
    failed = {"status": "failed", "reason": "NaN", "depth": 6}
    yield {"name": "graded-5", "replica": 5, "epochs": 9, **failed}, []
    rng = np.random.default_rng(8)
    for replica, epoch in ((0, 0), (0, 2), (5, 0)):
        hidden = [rng.normal(size=(n, 3)) * rng.uniform(1, 3, 3) for _ in range(6)]
        fields = {"replica": replica, "epochs": epoch, "final": f"graded-{replica}"}
        row = {"name": f"graded-{replica}@{epoch}", "test_accuracy": 0.95, "train_accuracy": 0.5}
        yield row | fields, hidden
    row = {"name": "graded-0@1", "replica": 0, "epochs": 1, "final": "graded-0"}
    yield row | failed, []


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Path:
    """A store to read only; its layer_id 1 is the input of `digits`, directed, k up to 8."""
    register_own_scores()
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # processes of one run share it
        folder = folder.parent
    db = folder / "store" / "geoflow.duckdb"
    with (folder / "store.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not db.parent.exists():
            building = folder / "store.new"
            building.mkdir()
            write_store(building / db.name)
            building.rename(db.parent)
    return db


def register_own_scores() -> None:
    """Make OWN_SCORES known to this process."""
    for make, function in OWN_SCORES.items():
        make(function.__name__, formula="f", source="test", low=0, high=1e9)(function)


def write_store(db) -> None:
    """Write the networks that tests read, with every convention, curvature and detail."""
    digits = random_layers(0, 110, (5, 4, 3, 3))
    own = [function.__name__ for function in OWN_SCORES.values()]
    ingest(digits, db, name="digits", k=[4, 8], detail="pairs", scores=own)
    every = {"convention": CONVENTIONS, "detail": "pairs"}
    every |= {"curvatures": list(CURVATURES), "alphas": [0, 0.5]}
    tied = random_layers(1, 40, (3, 2, 2, 2, 2), grid=4)
    tied["logits"] = np.random.default_rng(1).normal(size=40)
    for at in range(1, 5):
        tied[f"pre_{at:02d}"] = tied[f"layer_{at:02d}"] - 1
    ingest(tied, db, name="tied", k=[2, 5, 12], **every)
    apart = random_layers(2, 40, (2, 2, 2, 2))
    apart["layer_02"] = torn(apart["layer_02"])
    ingest(apart, db, name="torn", k=[3, 6, 25], **every)
    rng = np.random.default_rng(4)
    points = rng.normal(size=(40, 3))
    spec = GeometrySpec((4, 6, 9), CONVENTIONS, detail="nodes")
    write_networks(db, "cloud", points, list(graded_networks(rng, 40)), spec)
    layers = [rng.normal(size=(40, 2)) for _ in range(3)]
    shallow = [({"name": f"depth-{L}", "replica": L}, layers[:L]) for L in (1, 2, 3)]
    still = ({"name": "still", "replica": 9}, [layers[0]] * 5)
    spec = GeometrySpec((9, 12), ("directed", "union"), detail="graphs")
    write_networks(db, "cloud", points, [*shallow, still], spec, study="shallow")
    names = "convention", "start", "end", "coefficient", "term"
    names += "estimate", "standard_error", "t", "p"
    row = ("directed", "hidden", "hidden", "z_paper", "z_paper", -0.2, 0.1, -2.0, 0.05)
    more = {"outcome": "test_accuracy", "sample": "all", "n": 9, "r_squared": 0.5}
    terms = pl.DataFrame([dict(zip(names, row, strict=True)) | more])
    writer = Writer(db, "test", seed=3)
    writer.replace_regression("shallow", terms)
    with writer.transaction() as (connection, _):
        moved = "from networks where name = 'still'"
        numbers = "1, 0.5, 'test', 8, 2, 1.5, 0.5, 1"
        connection.execute(f"insert into layer_complexities select network_id, {numbers} {moved}")
        numbers = "1, 0.5, 'test', unnest(range(8)), unnest([1, 2, 1, 2, 1, 2, 1, 2]), 1"
        connection.execute(f"insert into point_complexities select network_id, {numbers} {moved}")
        connection.execute(
            f"insert into weight_paths select network_id, 10, 3.0, 2.0, 1.0, 0.5, true {moved}"
        )
    writer.finish()


@pytest.fixture
def copied(store, tmp_path) -> Path:
    """A copy of the store that a test may change."""
    return Path(shutil.copy(store, tmp_path / "geoflow.duckdb"))


@pytest.fixture
def changed(copied):
    """Return a function that runs SQL on the copy and returns its path."""

    def change(*statements):
        with duckdb.connect(str(copied)) as connection:
            for statement in statements:
                connection.execute(statement)
        return copied

    return change


@pytest.fixture(scope="session")
def layers_of():
    return random_layers


@pytest.fixture(scope="session")
def write():
    return write_networks


@pytest.fixture
def small_files():
    """Return a context in which no file of this process may grow past some bytes: a full disk."""

    @contextmanager
    def limited(most):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited


@pytest.fixture
def holder(tmp_path):
    """Return a function that lets another process hold a store until the test ends."""
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"
    held = []

    def hold(db):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        held.append(process)
        assert process.stdout.readline() == b"held\n"
        return process.pid

    yield hold
    for process in held:
        process.communicate(b"\n")


@pytest.fixture(scope="session")
def reference():
    """The activations and numbers of another implementation, or a skip."""
    folder = os.environ.get("GEOFLOW_DATA")
    paths = [Path(folder).parent / "reference" / name for name in REFERENCE] if folder else []
    if not paths or not all(path.is_file() for path in paths):
        pytest.skip("no reference/digits_3v8.npz beside the folder of GEOFLOW_DATA")
    return paths


@pytest.fixture(scope="module")
def plain(store):
    """A DuckDB connection to the store without geoflow."""
    with duckdb.connect(str(store), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def ingested(layers_of):
    """The layers of the ingested networks `tied` and `torn`, made again."""
    apart = layers_of(2, 40, (2, 2, 2, 2))
    apart["layer_02"] = torn(apart["layer_02"])
    return {"tied": layers_of(1, 40, (3, 2, 2, 2, 2), grid=4), "torn": apart}
