"""Makes the tables, views and macros of a store from the SQL files: a whole store, or none."""

import os
import platform
import re
import threading
from contextlib import suppress
from pathlib import Path

import duckdb

from geoflow import __version__
from geoflow.errors import StoreError
from geoflow.machine import processes
from geoflow.store._faults import disk_hint
from geoflow.store._sandbox import sandbox
from geoflow.store._sqlfiles import SqlFile, fingerprint, relations
from geoflow.store.connection import interruptible, refuse_no_place, transaction

SCHEMA_VERSION = 8
"""That of the last of sql/migrations: raised when a table changes; a new table needs none."""

TABLES = (
    "select table_name from system.main.duckdb_tables() where not internal"
    " and database_name = current_database() and schema_name = 'main' order by table_name"
)
"""Those of a store, whatever macros of a stranger are in it."""

BLOCK_SIZE = "65536"
"""Bytes of a block of the file. A column of a row group starts a block of its own when a unit is
written, so that DuckDB's 262144 would leave a third of the file empty."""


BUILDING = ".new"
"""How the name of a store that is being made ends."""


_one_at_a_time = threading.Lock()

_built: dict[str, bytes] = {}
"""The empty store that this process has made, by the fingerprint of its SQL files."""


def refuse_no_folder(path: Path) -> None:
    """Refuse a store in a folder that does not exist, or of an impossible name, before any work."""
    refuse_no_place(path)
    refuse_no_place(wal_of(path.with_name(f".{path.name}.{processes.process_name()}{BUILDING}")))
    if not path.parent.is_dir():
        raise StoreError(f"no folder {path.parent} for the store: create it, or name another --db")


def create(path: Path) -> None:
    """Create an empty store, whole or not at all: built beside the path, then moved there.

    What creations of dead processes left beside it is removed.
    """
    path = path.resolve()  # a link to a store that is not there yet stays a link
    clear_leftovers(path)
    building = path.with_name(f".{path.name}.{processes.process_name()}{BUILDING}")
    try:
        with _one_at_a_time:
            if not path.exists():
                build(building)
                place(building, path)
    except (duckdb.OperationalError, duckdb.FatalException, OSError, StoreError) as error:
        reason = " ".join(str(error).split())
        raise StoreError(f"cannot make the store {path} ({reason}){disk_hint(error)}") from None
    finally:
        for file in (building, wal_of(building)):
            with suppress(OSError):
                file.unlink()


def place(building: Path, path: Path) -> None:
    """Give a file its name, never that of a store that another process has just made."""
    try:
        os.link(building, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        building.replace(path)


def build(path: Path) -> None:
    """Make an empty store, whole when this returns; a process makes one and then copies it."""
    key = fingerprint()
    if key in _built:
        with path.open("wb") as file:
            file.write(_built[key])
            file.flush()
            os.fsync(file.fileno())
    else:
        build_from_sql(path)
        _built[key] = path.read_bytes()


def build_from_sql(path: Path) -> None:
    """Make an empty store of the SQL files."""
    connection = sandbox(path, f"block_size {BLOCK_SIZE}")
    try:
        with interruptible(), transaction(connection):
            for file in relations():
                make(connection, file)
            connection.execute(
                "insert into store_info values (?, ?, ?)",
                [SCHEMA_VERSION, __version__, fingerprint()],
            )
        connection.execute("checkpoint")  # a close that fails on a full disk says nothing
    finally:
        connection.close()
    if wal_of(path).exists():
        raise StoreError("its write-ahead log could not be merged")


def make(connection: duckdb.DuckDBPyConnection, file: SqlFile) -> None:
    """Make a relation, with the comments of its header."""
    connection.execute(file.statement)
    for comment in file.comments:
        connection.execute(comment)


def clear_leftovers(path: Path) -> None:
    """Remove what killed processes left of stores that were to be made at a path."""
    refuse_no_folder(path)
    mark = re.compile(
        rf"\.{re.escape(path.name)}\.(?:(?P<host>.+)-)?(?P<pid>\d+){re.escape(BUILDING)}(\.wal)?"
    )
    for file in path.parent.iterdir():
        left = mark.fullmatch(file.name)
        if left and not processes.is_alive(left["host"] or platform.node(), int(left["pid"])):
            with suppress(OSError):
                file.unlink()


def wal_of(path: Path) -> Path:
    """Return the write-ahead log of a DuckDB file."""
    return path.with_name(f"{path.name}.wal")
