"""Makes the tables, views and macros of a store from the SQL files, and knows their version."""

import os
from pathlib import Path

import duckdb

from geoflow import __version__
from geoflow.errors import StoreError
from geoflow.sqlfiles import fingerprint, relations
from geoflow.store.connection import transaction

SCHEMA_VERSION = 3
"""Raised when a table changes; a file of another version is refused. A new table needs none."""

BLOCK_SIZE = "65536"
"""Bytes of a block of the file. A column of a row group starts a block of its own when a unit is
written, so that DuckDB's 262144 would leave a third of the file empty."""


def refuse_no_folder(path: Path) -> None:
    """Refuse a store in a folder that does not exist, before any work."""
    if not path.parent.is_dir():
        raise StoreError(f"no folder {path.parent} for the store: create it, or name another --db")


def created(path: Path) -> None:
    """Create an empty store, whole or not at all: built beside the path, then moved there."""
    refuse_no_folder(path)
    building = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with duckdb.connect(str(building), config={"default_block_size": BLOCK_SIZE}) as connection:
            for file in relations():
                connection.execute(file.statement)
                for comment in file.comments:
                    connection.execute(comment)
            connection.execute(
                "insert into store_info values (?, ?, ?)",
                [SCHEMA_VERSION, __version__, fingerprint()],
            )
        try:
            os.link(building, path)  # never over a store another process has just made
        except FileExistsError:
            pass
        except OSError:
            building.replace(path)
    except (duckdb.IOException, OSError) as error:
        raise StoreError(f"cannot write the store {path}: {' '.join(str(error).split())}") from None
    finally:
        building.unlink(missing_ok=True)


def verified(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Return the fingerprint of the file's SQL, or say why the file cannot be used."""
    try:
        rows = connection.sql("select schema_version, sql_fingerprint from store_info").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        rows = []
    if not rows:
        raise StoreError(f"{path} is a DuckDB file but not a geoflow store: name another with --db")
    version, written = rows[0]
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"the store {path} has schema version {version}, this geoflow ({__version__}) knows up"
            f" to {SCHEMA_VERSION}: upgrade with `pip install --upgrade geoflow`"
        )
    if version < SCHEMA_VERSION:
        raise StoreError(
            f"the store {path} has schema version {version}, this geoflow ({__version__}) needs"
            f" {SCHEMA_VERSION}: make it anew, or use the geoflow that wrote it"
        )
    return str(written)


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
