"""A store that is held: many questions about one state of it, the file opened once."""

import shutil
import subprocess
import sys
import threading

import polars.testing
import pytest

import geoflow
from geoflow.errors import StoreError
from geoflow.store import HeldStoreError, connection


@pytest.fixture
def opened(monkeypatch):
    """Count how often the file is opened to read."""
    found = []
    make = connection.sandbox

    def counted(path, option):
        found.append(option)
        return make(path, option)

    monkeypatch.setattr(connection, "sandbox", counted)
    return found


def test_a_held_store_is_opened_once_for_all_questions(store, opened):
    db = geoflow.open(store)
    opened.clear()
    with db.held() as held:
        for _ in range(5):
            assert held.view("networks").equals(held.query("from networks"))
    assert opened == ["read_only"]
    db.query("from networks")
    assert len(opened) == 2


def test_a_held_store_answers_like_one_that_is_not(store):
    db = geoflow.open(store)
    with db.held() as held:
        assert repr(held) == repr(db)
        assert held.networks("grid").equals(db.networks("grid"))
        assert held.query("select $n as n", n=3).item() == 3
        with pytest.raises(StoreError, match="syntax error"):
            held.query("selec 1")
        assert held.query("select 1 as one").item() == 1  # a mistake ends nothing


def test_a_writer_that_waits_does_not_stop_the_page(copied):
    """A question of a page goes on while a writer of the same process waits for its end."""
    db = geoflow.open(copied)
    refused = []

    def write():
        try:
            with connection.writing(copied, patience=0.5):
                pass
        except HeldStoreError as error:
            refused.append(error)

    with db.held() as held:
        writer = threading.Thread(target=write)
        writer.start()
        while writer.is_alive():
            assert held.query("select count(*) as n from networks").item() > 0
        writer.join()
        assert len(refused) == 1
    with connection.writing(copied) as alone:
        assert alone.execute("select 1").fetchall() == [(1,)]


INTERRUPTED = """
import os, random, signal, sys, threading
from pathlib import Path
from geoflow.store import query
from geoflow.store.connection import writing
db, moments = Path(sys.argv[1]), random.Random(0)
for _ in range(20):
    stop = lambda: os.kill(os.getpid(), signal.SIGINT)
    threading.Timer(moments.uniform(0.01, 0.12), stop).start()
    try:
        [query(db, "select 1") for _ in range(1000)]
    except KeyboardInterrupt:
        with writing(db, 0.5):
            print("wrote")
"""


def test_who_is_interrupted_while_reading_may_write_at_once(store, tmp_path):
    db = shutil.copy(store, tmp_path / "g.duckdb")
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, db], capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["wrote"] * 20, "")


def test_views_that_are_kept_have_the_rows_they_have_elsewhere(store):
    """Asked for once, twice, and when they are kept; the file knows nothing of it."""
    db = geoflow.open(store)
    before = store.read_bytes()
    asked = "select * from {} order by all"
    names = ["ricci_coefficients", "aggregated_ricci_coefficients", "study_headline"]
    with db.held(keeps_views=True) as held:
        for sql in map(asked.format, names):
            rows = db.query(sql)
            assert rows.height
            for _ in range(3):
                polars.testing.assert_frame_equal(held.query(sql), rows, rel_tol=1e-12)
        kept = held.query("select table_name as n from duckdb_tables() where temporary")["n"]
        assert sorted(kept) == sorted(names)
        with pytest.raises(StoreError, match="read-only"):
            held.query("create temp table mine as select 1")
    assert store.read_bytes() == before


def test_views_of_points_are_never_kept(store):
    with geoflow.open(store).held(keeps_views=True) as held:
        for _ in range(3):
            held.query("select count(*) from local_ricci_coefficients")
        assert held.query("from duckdb_tables() where temporary").is_empty()
