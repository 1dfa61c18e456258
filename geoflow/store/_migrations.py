"""Brings a store of an earlier geoflow up to this one: its tables, then its views and macros.

``sql/migrations/NNNN_what.sql`` leads from schema version NNNN - 1 to NNNN, in order of their names
where there are several, before tables that are new are made from ``sql/tables``. A view that
becomes a table, or that is gone, is dropped there.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from geoflow import __version__
from geoflow.errors import StoreError
from geoflow.machine.log import LOG
from geoflow.store._derived import derive_all
from geoflow.store._faults import is_of_store, unwritten
from geoflow.store._sqlfiles import fingerprint, parsed, relations, sql_home
from geoflow.store.connection import PATIENCE_SECONDS, reading, transaction, writing
from geoflow.store.schema import SCHEMA_VERSION, TABLES, make, refuse_no_folder

OLDEST = 3
"""The earliest schema version that migrations start from."""


@dataclass(frozen=True)
class Written:
    """What wrote the tables of a store, and its views: a schema version, and a fingerprint."""

    version: int
    fingerprint: str

    @property
    def is_of_today(self) -> bool:
        """Whether both are those of this geoflow."""
        return self == Written(SCHEMA_VERSION, fingerprint())


def verify(connection: duckdb.DuckDBPyConnection, path: Path) -> Written:
    """Return what wrote a store, or say why it can neither be used nor be brought up."""
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
    if version < OLDEST:
        raise StoreError(
            f"the store {path} has schema version {version}, this geoflow ({__version__}) needs"
            f" {SCHEMA_VERSION} and can bring up {OLDEST}: make it anew, or use the geoflow that"
            " wrote it"
        )
    return Written(version, written)


def refuse_earlier(written: Written, path: Path) -> None:
    """Refuse to read a store whose tables are not yet those of this geoflow."""
    if written.version < SCHEMA_VERSION:
        raise StoreError(
            f"the store {path} has schema version {written.version}, this geoflow ({__version__})"
            f" needs {SCHEMA_VERSION}: bring it up with `geoflow migrate --db {path}`, all that is"
            " in it stays"
        )


def bring_up(connection: duckdb.DuckDBPyConnection, written: Written) -> None:
    """Make the tables, views and macros of a store those of this geoflow, all or nothing."""
    if written.is_of_today:
        return
    with transaction(connection):
        for file in pending(written.version):
            connection.execute(parsed(file.read_text("utf-8"), "migrations", file.stem).statement)
        held = {name for (name,) in connection.sql(TABLES).fetchall()}
        for relation in relations():
            if relation.folder != "tables" or relation.name not in held:
                make(connection, relation)
            elif written.version < SCHEMA_VERSION:
                for comment in relation.comments:
                    connection.execute(comment)
        derive_all(connection)
        connection.execute(
            "update store_info set schema_version = ?, geoflow_version = ?, sql_fingerprint = ?",
            [SCHEMA_VERSION, __version__, fingerprint()],
        )
    LOG.info("store brought up from schema version %s to %s", written.version, SCHEMA_VERSION)


def pending(version: int) -> list[Path]:
    """Return the migrations that a store of some version lacks, in order.

    >>> [file.name for file in pending(SCHEMA_VERSION)]
    []
    """
    files = sorted((sql_home() / "migrations").glob("*.sql"))
    return [file for file in files if int(file.name[:4]) > version]


def make_ready(path: Path, patience: float = PATIENCE_SECONDS) -> None:
    """Refuse a path where no store can be; bring one up that is there, before it is written to."""
    refuse_no_folder(path)
    if path.exists():
        with reading(path, patience) as connection:
            written = verify(connection, path)
        if written.version < SCHEMA_VERSION:
            migrate(path, patience)


def migrate(path: Path, patience: float = PATIENCE_SECONDS) -> int:
    """Bring a store up to this geoflow, all or nothing; return the schema version it had."""
    with writing(path, patience) as connection:
        try:
            written = verify(connection, path)
            bring_up(connection, written)
        except duckdb.Error as error:
            raise unwritten(path, error) from None
    return written.version
