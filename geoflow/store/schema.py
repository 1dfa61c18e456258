"""Makes the tables, views and macros of a store from the SQL files, and knows their version."""

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
from geoflow.store.connection import (
    disk_hint,
    interruptible,
    is_of_store,
    refuse_no_place,
    transaction,
)
from geoflow.store.sandbox import sandbox
from geoflow.store.sqlfiles import fingerprint, relations

SCHEMA_VERSION = 3
"""Raised when a table changes; a file of another version is refused. A new table needs none."""

BLOCK_SIZE = "65536"
"""Bytes of a block of the file. A column of a row group starts a block of its own when a unit is
written, so that DuckDB's 262144 would leave a third of the file empty."""


BUILDING = ".new"
"""How the name of a store that is being made ends."""


_one_at_a_time = threading.Lock()


def refuse_no_folder(path: Path) -> None:
    """Refuse a store in a folder that does not exist, or of an impossible name, before any work."""
    refuse_no_place(path)
    refuse_no_place(wal_of(path.with_name(f".{path.name}.{processes.process_name()}{BUILDING}")))
    if not path.parent.is_dir():
        raise StoreError(f"no folder {path.parent} for the store: create it, or name another --db")


def created(path: Path) -> None:
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
    """Make an empty store; it is whole when this returns."""
    connection = sandbox(path, f"block_size {BLOCK_SIZE}")
    try:
        with interruptible(), transaction(connection):
            for file in relations():
                connection.execute(file.statement)
                for comment in file.comments:
                    connection.execute(comment)
            connection.execute(
                "insert into store_info values (?, ?, ?)",
                [SCHEMA_VERSION, __version__, fingerprint()],
            )
        connection.execute("checkpoint")  # a close that fails on a full disk says nothing
    finally:
        connection.close()
    if wal_of(path).exists():
        raise StoreError("its write-ahead log could not be merged")


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


def verified(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Return the fingerprint of the file's SQL, or say why the file cannot be used."""
    try:
        rows = connection.sql("select schema_version, sql_fingerprint from store_info").fetchall()
    except duckdb.Error as error:
        if is_of_store(error):
            raise
        rows = []
    version, written = rows[0] if len(rows) == 1 else (None, None)
    if type(version) is not int or not isinstance(written, str):
        raise StoreError(f"{path} is a DuckDB file but not a geoflow store: name another with --db")
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"the store {path} has schema version {version}, this geoflow ({__version__}) knows up"
            f" to {SCHEMA_VERSION}: use the geoflow that wrote it, or a newer one"
        )
    if version < SCHEMA_VERSION:
        raise StoreError(
            f"the store {path} has schema version {version}, this geoflow ({__version__}) needs"
            f" {SCHEMA_VERSION}: make it anew, or use the geoflow that wrote it"
        )
    return written


def refreshed(connection: duckdb.DuckDBPyConnection) -> None:
    """Replace views and macros by those of this geoflow; a table that is new is made, empty."""
    with transaction(connection):
        held = {
            name for (name,) in connection.sql("select table_name from duckdb_tables()").fetchall()
        }
        for file in relations():
            if file.folder != "tables" or file.name not in held:
                connection.execute(file.statement)
                for comment in file.comments:
                    connection.execute(comment)
        connection.execute(
            "update store_info set geoflow_version = ?, sql_fingerprint = ?",
            [__version__, fingerprint()],
        )
