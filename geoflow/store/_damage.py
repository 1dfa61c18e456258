"""Which tables of a damaged store can no longer be read."""

from pathlib import Path

import duckdb

from geoflow.store._faults import DamagedStoreError
from geoflow.store.connection import PATIENCE_SECONDS, reading
from geoflow.store.schema import TABLES


def refuse_damaged(path: Path, patience: float = PATIENCE_SECONDS) -> None:
    """Read every block of a store; say which tables cannot be read, if there are such."""
    tables = damaged_tables(path, patience)
    if tables:
        raise DamagedStoreError(
            f"the store {path} is damaged in {', '.join(tables)}: restore it from a copy, or save"
            " other tables by their names with `geoflow export FOLDER NAME ...`"
        )


def damaged_tables(path: Path, patience: float = PATIENCE_SECONDS) -> list[str]:
    """Return the tables with a block whose checksum does not hold: every block is read.

    Raises DamagedStoreError where not even the names of the tables can be read.
    """
    with reading(path, patience) as connection:
        left = [name for (name,) in reversed(connection.sql(TABLES).fetchall())]
    damaged = []
    while left:
        name = left.pop()
        try:
            with reading(path, patience) as connection:
                read_through(connection, name)
                while left:
                    name = left.pop()
                    read_through(connection, name)
        except DamagedStoreError:  # which spoils the connection
            damaged.append(name)
    return damaged


def read_through(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Read every block of a table."""
    quoted = table.replace('"', '""')
    connection.sql(f'select bit_xor(hash("row")) from main."{quoted}" as "row"').fetchall()
