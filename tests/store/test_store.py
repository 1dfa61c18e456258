"""A store is made whole, written whole, and refuses in one line what it cannot be."""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import geoflow
from geoflow.errors import StoreError
from geoflow.ingestion import ingest
from geoflow.machine import processes
from geoflow.measure.layers import NetworkFrames, layer_frames
from geoflow.specs import GeometrySpec
from geoflow.store import Writer, holding, query
from geoflow.store._migrations import OLDEST
from geoflow.store._sqlfiles import fingerprint, parsed, relations, sql_files
from geoflow.store.records import DatasetRecord, NetworkRecord, Unit, network_tables
from geoflow.store.schema import SCHEMA_VERSION, create

POINTS = np.random.default_rng(0).normal(size=(20, 2))
SPEC = GeometrySpec((3,))
TABLES = [file.name for file in sql_files("tables")]


def unit(name="one", **changes):
    """A unit of one network; ``changes`` replace tables of its last layer."""
    hidden = [layer_frames(POINTS, layer, SPEC) for layer in (1, 2)]
    hidden[-1].tables.update(changes)
    network = NetworkRecord(name, "study", "2-2", [2, 2], 2, "trained")
    dataset = DatasetRecord("points", "test", 20, 2, "f")
    return Unit(
        dataset,
        None,
        layer_frames(POINTS, 0, SPEC),
        [network],
        network_tables([NetworkFrames(hidden)]),
    )


def written(db, name="one", **changes):
    writer = Writer(db, f"test {name}", seed=5, patience=0.1)
    writer.write(unit(name, **changes))
    writer.finish()


def contents(db):
    with holding(db) as ask:
        return {name: ask(f"from {name} order by all", {}) for name in TABLES}


def same(before, after):
    for name in TABLES:
        assert_frame_equal(before[name], after[name])


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    path = tmp_path_factory.mktemp("first") / "geoflow.duckdb"
    written(path)
    return path


@pytest.fixture
def db(first, tmp_path):
    return Path(shutil.copy(first, tmp_path / "geoflow.duckdb"))


def test_a_store_is_made_with_everything_in_it(tmp_path):
    create(tmp_path / "new.duckdb")
    assert [path.name for path in tmp_path.iterdir()] == ["new.duckdb"]
    with holding(tmp_path / "new.duckdb") as ask:
        for file in relations():
            if file.folder not in ("functions", "macros"):
                ask(f"from {file.name}", {})
    info = query(tmp_path / "new.duckdb", "from store_info")
    assert info.rows() == [(SCHEMA_VERSION, geoflow.__version__, fingerprint())]


def test_a_store_that_cannot_be_made_leaves_nothing(tmp_path, monkeypatch):
    broken = parsed("create or replace view late as select nonsense", "reports", "late")
    monkeypatch.setattr("geoflow.store.schema._built", {})
    monkeypatch.setattr("geoflow.store.schema.relations", lambda: (*relations(), broken))
    with pytest.raises(duckdb.Error):
        create(tmp_path / "new.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_making_a_store_never_replaces_one(db):
    before = db.read_bytes()
    create(db)
    assert db.read_bytes() == before


def test_a_store_is_not_made_in_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(StoreError, match=r"no folder .*: create it"):
        written(tmp_path / "missing" / "geoflow.duckdb")
    assert list(tmp_path.iterdir()) == []


def text(folder):
    path = folder / "notes.txt"
    path.write_text("not a database, however long " * 500)
    return path


def noise(folder):
    path = folder / "noise.duckdb"
    path.write_bytes(np.random.default_rng(0).bytes(20_000))
    return path


def other_duckdb(folder):
    with duckdb.connect(str(folder / "other.duckdb")) as connection:
        connection.execute("create table mine (a integer)")
    return folder / "other.duckdb"


def namesake(folder):
    with duckdb.connect(str(folder / "namesake.duckdb")) as connection:
        connection.execute("create table store_info (a integer)")
    return folder / "namesake.duckdb"


def of_version(version):
    def made(folder):
        create(folder / "geoflow.duckdb")
        with duckdb.connect(str(folder / "geoflow.duckdb")) as connection:
            connection.execute("update store_info set schema_version = ?", [version])
        return folder / "geoflow.duckdb"

    return made


REFUSED = {
    "text": (text, "is not a DuckDB file: name a geoflow store"),
    "noise": (noise, "is not a DuckDB file: name a geoflow store"),
    "folder": (lambda folder: folder, "it is a folder.: name a file"),
    "other tables": (other_duckdb, "a DuckDB file but not a geoflow store: name another"),
    "namesake table": (namesake, "a DuckDB file but not a geoflow store: name another"),
    "newer": (of_version(SCHEMA_VERSION + 1), "knows up to .*: use the geoflow that wrote it"),
    "older": (of_version(OLDEST - 1), "schema version .* needs .*: make it anew"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_store_of_ours_is_refused_in_one_line_and_left_as_it_is(kind, tmp_path):
    make, message = REFUSED[kind]
    path = make(tmp_path)
    before = None if path.is_dir() else path.read_bytes()
    for attempt in (lambda: query(path, "from networks"), lambda: written(path, "two")):
        with pytest.raises(StoreError, match=message) as caught:
            attempt()
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)
    assert before is None or path.read_bytes() == before


def test_a_damaged_store_is_named_with_a_remedy(db):
    content = db.read_bytes()
    for cut in range(2**17, len(content), 2**17):
        db.write_bytes(content[:cut])
        try:
            query(db, "from network_summary, neighbors")
        except StoreError as error:
            assert str(db) in str(error)
            assert "\n" not in str(error)


def test_a_damaged_header_is_not_taken_for_a_lock(db):
    content = bytearray(db.read_bytes())
    content[12:28] = b"\xff" * 16
    db.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged or cut short"):
        query(db, "from networks", patience=0)


def test_a_store_that_is_not_there_is_named_with_a_remedy(tmp_path):
    with pytest.raises(StoreError, match=r"no store at .*none.duckdb: make one with"):
        query(tmp_path / "none.duckdb", "from networks")
    assert list(tmp_path.iterdir()) == []


def test_a_held_store_is_refused_with_the_process_that_holds_it(db, holder):
    pid = holder(db)
    attempts = (
        lambda: query(db, "from networks", patience=0.1),
        lambda: written(db, "two"),
    )
    for attempt in attempts:
        with pytest.raises(StoreError, match=f"is held by process {pid} .*: wait until") as caught:
            attempt()
        assert "\n" not in str(caught.value)


def test_a_reader_waits_for_a_store_that_is_held_for_a_moment(db):
    code = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print(1, flush=True)"
    code += "; time.sleep(0.4)"
    command = [sys.executable, "-c", code, str(db)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert query(db, "from networks", patience=20).height == 1


def test_readers_do_not_shut_each_other_out(db):
    with duckdb.connect(str(db), read_only=True):
        code = "import sys; from geoflow.store import query; from pathlib import Path"
        code += "; print(query(Path(sys.argv[1]), 'from networks').height)"
        command = [sys.executable, "-c", code, str(db)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


@pytest.mark.parametrize(
    "sql",
    [
        "delete from networks",
        "update networks set name = 'x'",
        "insert into samples values (1, 1, 1)",
        "drop table networks",
        "create table mine as select 1",
        "create or replace view flow_steps as select 1",
        "copy networks to '{folder}/out.csv'",
        "copy (select 1) to '{folder}/out.parquet'",
        "export database '{folder}/out'",
        "attach '{folder}/out.duckdb'",
        "from read_csv('{folder}/secret.csv')",
        "from '{folder}/secret.csv'",
        "from read_text('/etc/hostname')",
        "from glob('/etc/*')",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "from frame",
    ],
)
def test_a_query_reads_this_store_and_nothing_else(sql, db):
    frame = pl.DataFrame({"a": [1]})
    assert frame.height == 1  # a variable DuckDB would find by its name
    secret = db.parent / "secret.csv"
    secret.write_text("a\n1\n")
    before = db.read_bytes()
    with pytest.raises(StoreError) as caught:
        query(db, sql.format(folder=db.parent))
    assert "\n" not in str(caught.value)
    assert {path.name for path in db.parent.iterdir()} == {db.name, "secret.csv"}
    assert db.read_bytes() == before


@pytest.mark.parametrize(
    "sql", ["selec 1", "from nothing", "select nothing from networks", "select 1/", "", "select $x"]
)
def test_wrong_sql_is_one_line(sql, db):
    with pytest.raises(StoreError) as caught:
        query(db, sql)
    assert str(caught.value)
    assert "\n" not in str(caught.value)


def test_parameters_are_values_and_not_sql(db):
    name = "one' or true --"
    assert query(db, "from networks where name = $name", {"name": name}).is_empty()
    assert query(db, "from networks where name = $name", {"name": "one"}).height == 1


def test_a_name_that_is_taken_changes_nothing(db):
    before = contents(db)
    with pytest.raises(StoreError, match="network 'one' is already in the store"):
        written(db)
    same(before, contents(db))


@pytest.mark.parametrize("table", ["graphs", "hop_counts", "nodes"])
def test_a_write_that_fails_in_the_middle_leaves_nothing(db, table):
    before = contents(db)
    rows = layer_frames(POINTS, 2, GeometrySpec((3,), detail="nodes")).tables[table]
    column = {"graphs": "n_edges", "hop_counts": "n_pairs", "nodes": "degree"}[table]
    rows = rows.with_columns(pl.lit(None, pl.Int64).alias(column))
    with pytest.raises(StoreError, match=r"could not be written .*: nothing was changed") as caught:
        written(db, "two", **{table: rows})
    assert "\n" not in str(caught.value)
    same(before, contents(db))


def test_an_interrupt_in_the_middle_leaves_nothing(db, monkeypatch):
    before = contents(db)
    real = sys.modules["geoflow.store._layerrows"].insert

    def interrupted(connection, table, frame):
        real(connection, table, frame)
        if table == "graphs":
            raise KeyboardInterrupt

    monkeypatch.setattr("geoflow.store._layerrows.insert", interrupted)
    with pytest.raises(KeyboardInterrupt):
        written(db, "two")
    same(before, contents(db))


def test_views_of_another_geoflow_are_replaced_by_the_next_write(db):
    with duckdb.connect(str(db)) as connection:
        connection.execute("create or replace view flow_steps as select 1 as old")
        connection.execute("drop view study_summary")
        connection.execute("update store_info set sql_fingerprint = 'old', geoflow_version = '0'")
    written(db, "two")
    assert "eta" in query(db, "from flow_steps").columns
    assert query(db, "from study_summary").columns
    info = query(db, "from store_info")
    assert info.rows() == [(SCHEMA_VERSION, geoflow.__version__, fingerprint())]
    comments = query(db, "select comment from duckdb_views() where view_name = 'flow_steps'")
    assert "The flow from layer to layer" in comments.item()


def test_a_table_that_is_new_is_made_by_the_next_write_and_the_others_are_kept(db):
    with duckdb.connect(str(db)) as connection:
        connection.execute("drop table point_complexities")
        connection.execute("update store_info set sql_fingerprint = 'old'")
    before = query(db, "from neighbors order by all")
    written(db, "two")
    assert query(db, "from point_complexities").height == 0
    last = before["layer_id"].max()
    kept = query(db, "from neighbors where layer_id <= $last order by all", {"last": last})
    assert_frame_equal(kept, before)
    comments = query(
        db, "select comment from duckdb_tables() where table_name = 'point_complexities'"
    )
    assert "Local complexity" in comments.item()


def test_views_are_left_alone_where_the_fingerprint_agrees(db):
    with duckdb.connect(str(db)) as connection:
        connection.execute("create or replace view study_summary as select 1 as mine")
    written(db, "two")
    assert query(db, "from study_summary").columns == ["mine"]


def test_a_run_says_who_wrote_and_when(db):
    (run,) = query(db, "from runs").rows(named=True)
    assert run["command"] == "test one"
    assert run["geoflow_version"] == geoflow.__version__
    assert run["status"] == "finished"
    assert (run["pid"], run["seed"]) == (os.getpid(), 5)
    assert json.loads(run["machine"])["host"] == platform.node()
    assert json.loads(run["libraries"])["duckdb"] == duckdb.__version__
    assert timedelta(0) <= run["finished"] - run["started"] < timedelta(minutes=5)
    assert query(db, "select run_id from networks").item() == run["run_id"]


def test_a_run_of_many_units_is_one_row(db):
    writer = Writer(db, "many", seed=None)
    writer.write(unit("two"))
    assert query(db, "select status from runs where command = 'many'").item() == "running"
    writer.write(unit("three"))
    writer.finish("failed")
    assert query(db, "select status from runs where command = 'many'").rows() == [("failed",)]


def test_a_run_that_wrote_nothing_has_no_row(tmp_path):
    Writer(tmp_path / "geoflow.duckdb", "nothing", seed=None).finish()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("whose", "status"),
    [("dead", "interrupted"), ("alive", "running"), ("another host", "running")],
)
def test_a_run_of_a_dead_process_is_called_interrupted_by_the_next_write(db, whose, status):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        dead = process.pid
    pid = os.getppid() if whose == "alive" else dead
    host = "elsewhere" if whose == "another host" else platform.node()
    with duckdb.connect(str(db)) as connection:
        machine = json.dumps({"host": host})
        connection.execute(
            "update runs set status = 'running', pid = ?, machine = ?", [pid, machine]
        )
    written(db, "two")
    statuses = query(db, "select command, status from runs order by run_id").rows()
    assert statuses == [("test one", status), ("test two", "finished")]


def test_alive_is_this_process_and_not_a_dead_one():
    assert processes.is_alive(platform.node(), os.getpid())
    assert processes.is_alive("elsewhere", 2**22 + 1)


@pytest.mark.parametrize("ours", [0o444, 0o000])
def test_a_store_without_permission_is_said_so(ours, db):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    db.chmod(ours)
    with pytest.raises(StoreError, match="no permission"):
        written(db, "two")


def test_a_snapshot_without_its_network_is_refused(db):
    before = contents(db)
    alone = NetworkRecord("two@0", "study", "2-2", [2, 2], 2, "trained", final="two")
    with pytest.raises(StoreError, match="'two@0' is a snapshot of 'two', which is not written"):
        Writer(db, "test", seed=5).write(replace(unit(), networks=[alone]))
    same(before, contents(db))


def test_keys_go_on_from_the_last(db):
    arrays = {"layer_00": POINTS + 1, "layer_01": POINTS}
    ingest(arrays, db, name="own", k=4)
    keys = "select max(network_id), max(dataset_id), max(run_id) from networks"
    assert query(db, keys).row(0) == (2, 2, 2)
    layers = query(db, "select layer_id from layers order by all")
    assert layers["layer_id"].to_list() == [1, 2, 3, 4, 5]
