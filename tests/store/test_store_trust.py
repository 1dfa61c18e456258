"""What a crowd, a stranger's file and a full disk do to a store: nothing is lost or let out."""

import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import duckdb
import numpy as np
import pytest

import geoflow
from geoflow.errors import GeoflowError, StoreError
from geoflow.ingestion import ingest
from geoflow.store import query
from geoflow.store._damage import damaged_tables
from geoflow.store._sqlfiles import fingerprint
from geoflow.store.schema import SCHEMA_VERSION, create

RNG = np.random.default_rng(0)
ARRAYS = {f"layer_{layer:02d}": RNG.normal(size=(200, 4)) for layer in range(3)}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    path = tmp_path_factory.mktemp("first") / "geoflow.duckdb"
    ingest(ARRAYS, path, name="mine", k=[4, 8])
    return path


@pytest.fixture
def db(first, tmp_path):
    return Path(shutil.copy(first, tmp_path / "geoflow.duckdb"))


def crowd(db, n_threads, n_queries):
    """Ask from many threads at once; return what was raised."""
    raised = []

    def ask(number):
        for _ in range(n_queries):
            try:
                rows = geoflow.open(db).query("select name, $i as i from networks", i=number)
                assert rows.rows() == [("mine", number)]
            except BaseException as error:  # whatever it is, the test tells
                raised.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def may_write(db):
    """Whether another process can open the file for writing now."""
    code = "import duckdb, sys; duckdb.connect(sys.argv[1])"
    command = [sys.executable, "-c", code, db]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "lock" in done.stderr
    return done.returncode == 0


@pytest.mark.parametrize(
    ("n_threads", "n_queries"), [(20, 5), pytest.param(100, 100, marks=pytest.mark.slow)]
)
def test_threads_and_a_users_own_connection_share_a_store(db, n_threads, n_queries):
    with duckdb.connect(str(db), read_only=True) as own:
        assert crowd(db, n_threads, n_queries) == []
        settings = own.sql(
            "select current_setting('lock_configuration'),"
            " current_setting('enable_external_access')"
        )
        assert settings.fetchall() == [(False, True)]
        own.execute("set threads = 1")
        assert own.sql("select count(*) from networks").fetchall() == [(1,)]
        assert not may_write(db)
    assert may_write(db)


def test_a_reader_that_leaves_takes_no_lock_of_others_with_it(db):
    with duckdb.connect(str(db), read_only=True):
        assert not may_write(db)
        assert query(db, "from networks").height == 1
        assert not may_write(db)
    assert may_write(db)
    n_open = len(list(Path("/dev/fd").iterdir()))
    for _ in range(5):
        query(db, "from networks")
    assert len(list(Path("/dev/fd").iterdir())) <= n_open


def test_a_connection_of_this_process_that_writes_is_named_and_waited_for(db):
    with duckdb.connect(str(db)) as own:
        with pytest.raises(StoreError, match="held by another connection of this process"):
            query(db, "from networks", patience=0)
        threading.Timer(0.3, own.close).start()
        assert query(db, "from networks", patience=20).height == 1


def test_threads_that_make_one_store_make_it_once(tmp_path):
    db, raised = tmp_path / "geoflow.duckdb", []

    def bring(number):
        try:
            ingest(ARRAYS, db, name=f"n{number}", dataset="same", k=4)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=bring, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    names = query(db, "select name from networks order by name")["name"].to_list()
    assert names == ["n0", "n1", "n2", "n3"]
    assert query(db, "select count(*) from layers where network_id is null").item() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["geoflow.duckdb"]


HOSTILE = {
    "version": "select length(content)::integer as schema_version, '' as sql_fingerprint,"
    " '0' as geoflow_version from read_text('{secret}')",
    "fingerprint": f"select {SCHEMA_VERSION} as schema_version, '0' as geoflow_version,"
    " (select content from read_text('{secret}')) as sql_fingerprint",
    "runs": "select content as machine, 'running' as status from read_text('{secret}')",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_relation_of_a_store_is_read_before_other_files_are_out_of_reach(kind, db):
    secret = db.parent / "secret.txt"
    secret.write_text("x" * 1294)
    relation = "runs" if kind == "runs" else "store_info"
    with duckdb.connect(str(db)) as connection:
        connection.execute(f"drop table {relation}")
        connection.execute(f"create view {relation} as {HOSTILE[kind].format(secret=secret)}")
    attempts = (
        lambda: query(db, f"from {relation}"),
        lambda: geoflow.open(db).view(relation),
        lambda: ingest(ARRAYS, db, name="two", k=4),
    )
    for attempt in attempts:
        with pytest.raises(StoreError) as caught:
            attempt()
        assert "1294" not in str(caught.value)
        assert "xxx" not in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("writes", [False, True])
def test_a_file_of_another_kind_asks_no_network_for_a_reader_of_it(writes, tmp_path):
    sqlite3 = pytest.importorskip("sqlite3")
    path = tmp_path / "some.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table a (i)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"some.sqlite is not a DuckDB file: name a geoflow"):
        ingest(ARRAYS, path, k=4) if writes else query(path, "from a")
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["sqlite:some.db", "md:", "s3://there/x", ":memory:"])
def test_a_name_that_duckdb_would_take_for_an_address_is_a_file_that_is_not_there(
    name, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="no store at"):
        query(Path(name), "select 1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["empty", "pipe", "device", "long name", "loop", "null"])
def test_what_is_no_file_is_refused_and_left_as_it_is(kind, tmp_path):
    path = tmp_path / {"long name": "x" * 300, "null": "a\0b"}.get(kind, "x.duckdb")
    if kind == "empty":
        path.touch()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "loop":
        path.symlink_to(path)
    said = {
        "empty": "is empty: remove it",
        "long name": "too long",
        "loop": "symbolic links",
        "null": "not a file name",
    }
    for attempt in (
        lambda: query(path, "select 1"),
        lambda: ingest(ARRAYS, path, name="two", k=4),
    ):
        with pytest.raises(
            StoreError, match=said.get(kind, "is a (device|pipe), not a file")
        ) as caught:
            attempt()
        assert "\n" not in str(caught.value)
    assert kind != "empty" or path.stat().st_size == 0


UNUSABLE = {
    "version is a text": "alter table store_info alter schema_version type varchar;"
    " update store_info set schema_version = 'three'",
    "version is missing": "alter table store_info drop schema_version",
    "no row": "delete from store_info",
    "two rows": "insert into store_info from store_info",
    "no version": "drop table store_info; create table store_info as select null::integer as"
    " schema_version, '' as geoflow_version, '' as sql_fingerprint",
    "a column is missing": "alter table graphs drop total_forman",
    "a table is missing": "drop table neighbors",
    "machine is no json": "update runs set status = 'running', machine = 'x'; drop table graphs",
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_store_that_lacks_something_is_said_so_in_one_line(kind, db):
    with duckdb.connect(str(db)) as connection:
        connection.execute(UNUSABLE[kind])
    for attempt in (
        lambda: geoflow.open(db).export(db.parent / "tables"),
        lambda: ingest(ARRAYS, db, name="two", k=4),
    ):
        with pytest.raises(StoreError) as caught:
            attempt()
        assert "\n" not in str(caught.value)


def test_a_machine_that_is_no_json_stops_no_writer(db):
    with duckdb.connect(str(db)) as connection:
        connection.execute("update runs set status = 'running', machine = 'x'")
    ingest(ARRAYS, db, name="two", k=4)
    assert query(db, "from networks").height == 2


def test_a_damaged_table_names_itself(db):
    content = db.read_bytes()
    seen = Counter()
    places = iter(np.random.default_rng(0).permutation(len(content))[:200])
    while seen["table"] < 2 or not seen["whole"]:
        damaged = bytearray(content)
        damaged[next(places)] ^= 16
        db.write_bytes(damaged)
        try:
            tables = damaged_tables(db)
        except StoreError as error:
            assert "is damaged or cut short" in str(error)
            seen["whole"] += 1
            continue
        seen["table" if tables else "unused"] += 1
        for table in tables[:1]:
            with pytest.raises(StoreError, match=f"is damaged in .*{table}.*: restore it"):
                query(db, f'select bit_xor(hash(t)) from "{table}" as t')
            with pytest.raises(StoreError, match=f"is damaged in .*{table}.*: restore it"):
                geoflow.open(db).check()


def test_a_store_that_was_cut_is_said_to_be(db):
    content = db.read_bytes()
    for cut in (len(content) - 1, len(content) // 2, 20_000):
        db.write_bytes(content[:cut])
        with pytest.raises(StoreError, match="damaged or cut short"):
            geoflow.open(db).check()


LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from geoflow.errors import GeoflowError
from geoflow.ingestion import ingest
arrays = {f"layer_{layer:02d}": np.random.default_rng(0).normal(size=(60, 4)) for layer in range(3)}
folder = Path(sys.argv[1])
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
for limit in map(int, sys.argv[2:]):
    db = folder / f"{limit}.duckdb"
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        ingest(arrays, db, name="one", k=4)
        said = "written"
    except GeoflowError as error:
        said = str(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    print(limit, sorted(path.name for path in folder.glob(f"*{limit}.duckdb*")), said, sep="|")
"""


@pytest.mark.slow
def test_a_disk_that_is_full_at_any_moment_leaves_a_whole_store_or_none(tmp_path):
    limits = [1, 200_000, 700_000, 1_500_000]
    command = [sys.executable, "-c", LIMITED, str(tmp_path), *map(str, limits)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split("|") for line in done.stdout.splitlines()]
    assert len(lines) == len(limits)
    n_without = 0
    for limit, left, said in lines:
        db = tmp_path / f"{limit}.duckdb"
        assert left in ("[]", f"['{db.name}']", f"['{db.name}', '{db.name}.wal']")
        if said == "written":
            assert query(db, "from networks").height == 1
            assert query(db, "select status from runs").item() == "finished"
            continue
        n_without += not db.exists()
        assert "File too large" in said
        assert db.exists() or "cannot make the store" in said
        ingest(ARRAYS, db, name="again", k=4)
        assert query(db, "select name from networks")["name"].to_list() == ["again"]
        assert not geoflow.open(db).check()["n_offences"].sum()
    assert n_without > 1
    assert lines[-1][2] == "written"


def test_what_a_killed_creation_left_goes_with_the_next_write(db):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        dead = process.pid
    host = os.uname().nodename
    of_dead = [f".{db.name}.{host}-{dead}.new", f".{db.name}.{dead}.new.wal"]
    of_others = [
        f".{db.name}.{host}-{os.getppid()}.new", f".{db.name}.elsewhere-{dead}.new",
        f".other.duckdb.{host}-{dead}.new", f".{db.name}.{host}-{dead}.new.txt",
    ]  # fmt: skip
    for name in of_dead + of_others:
        (db.parent / name).write_text("left")
    ingest(ARRAYS, db, name="two", k=4)
    assert {path.name for path in db.parent.iterdir()} == {db.name, *of_others}


def test_a_store_that_another_process_made_meanwhile_is_kept(db, monkeypatch):
    before = db.read_bytes()
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: path != db and exists(path))
    create(db)
    assert db.read_bytes() == before
    assert query(db, "select sql_fingerprint from store_info").item() == fingerprint()
    assert [path.name for path in db.parent.iterdir()] == [db.name]


def test_threads_that_read_do_not_starve_one_that_writes(db):
    is_over = threading.Event()
    raised = []

    def ask():
        while not is_over.is_set():
            try:
                query(db, "select count(*) from neighbors")
            except StoreError as error:
                raised.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        ingest(ARRAYS, db, name="two", k=4)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert raised == []
    assert query(db, "from networks").height == 2


def test_a_link_to_a_store_that_is_not_there_yet_becomes_one(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.duckdb"
    link.symlink_to(tmp_path / "there" / "real.duckdb")
    ingest(ARRAYS, link, name="one", k=4)
    assert link.is_symlink()
    assert query(tmp_path / "there" / "real.duckdb", "from networks").height == 1


def test_a_name_too_long_for_what_lies_beside_the_store_is_refused_before_any_work(tmp_path):
    with pytest.raises(StoreError, match=r"is not a store .File name too long.") as caught:
        ingest({}, tmp_path / ("n" * 240), name="one", k=4)
    assert "disk" not in str(caught.value)


def test_numbers_that_no_process_has_stop_no_writer(db):
    name = f".{db.name}.{'9' * 30}.new"
    (db.parent / name).touch()
    ingest(ARRAYS, db, name="two", k=4)
    assert [path.name for path in db.parent.iterdir()] == [db.name]


def test_tables_of_others_in_the_file_are_let_be(db):
    with duckdb.connect(str(db)) as connection:
        connection.execute("create schema mine; create table mine.t as select 1 as i")
        connection.execute("create macro duckdb_tables() as table select 'nothing' as table_name")
    assert not geoflow.open(db).check()["n_offences"].sum()


def test_a_log_of_another_store_is_named_with_a_remedy(db, tmp_path):
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("set wal_autocheckpoint = '1GB'; pragma disable_checkpoint_on_shutdown")
        connection.execute("create table t as select 1 as i")
    (tmp_path / "other.duckdb.wal").rename(db.with_name(f"{db.name}.wal"))
    with pytest.raises(StoreError, match=r"the log .*wal is damaged or of another store .*remove"):
        query(db, "from networks")


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(at, marks=pytest.mark.slow) for at in (2, 3, 4))]
)
def test_a_writer_of_a_damaged_store_says_that_it_is(db, seed):
    content = db.read_bytes()
    said = []
    for at in np.random.default_rng(seed).permutation(len(content))[:12]:
        damaged = bytearray(content)
        damaged[at] ^= 16
        db.write_bytes(damaged)
        try:
            ingest(ARRAYS, db, name="two", k=4)
        except StoreError as error:
            said.append(str(error))
        db.with_name(f"{db.name}.wal").unlink(missing_ok=True)
    assert said
    assert all("is damaged" in one for one in said)


def test_every_error_of_a_store_is_one_of_ours():
    assert issubclass(StoreError, GeoflowError)


def test_no_bar_of_duckdb_stands_among_the_rows(tmp_path):
    from geoflow.store._sandbox import cursor, sandbox

    duckdb.connect(str(tmp_path / "one.duckdb")).close()
    asked = "select current_setting('enable_progress_bar')"
    connection = sandbox(tmp_path / "one.duckdb", "read_only")
    assert connection.execute(asked).fetchone() == (False,)
    assert cursor(connection).execute(asked).fetchone() == (False,)
    connection.close()
