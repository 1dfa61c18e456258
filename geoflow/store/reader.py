"""Reads a store: SQL in, polars frames out, read-only, no other file within reach."""

from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from geoflow.errors import StoreError
from geoflow.store.connection import PATIENCE_SECONDS, connected
from geoflow.store.rows import rows
from geoflow.store.schema import verified

LOCKS = (
    "set python_enable_replacements = false",
    "set enable_external_access = false",
    "set lock_configuration = true",
)
"""What keeps SQL of a reader from other files, and from Python's variables."""


def query(
    path: Path, sql: str, params: dict[str, Any] | None = None, patience: float = PATIENCE_SECONDS
) -> pl.DataFrame:
    """Return the rows of one SQL statement; ``$name`` in it stands for ``params['name']``."""
    with connected(path, read_only=True, patience=patience) as connection:
        verified(connection, path)
        for lock in LOCKS:
            connection.execute(lock)
        try:
            return rows(connection, sql, params or {})
        except (duckdb.IOException, duckdb.InternalException, duckdb.FatalException):
            raise  # of the file, not of the query: `connected` says so
        except duckdb.Error as error:
            raise StoreError(explained(error)) from None


def explained(error: duckdb.Error) -> str:
    """Return DuckDB's message in one line, with a remedy where the mistake is a common one.

    >>> explained(duckdb.ParserException('Parser Error: syntax error at or near "selec"'))
    'Parser Error: syntax error at or near "selec"'
    """
    message = str(error)
    if "read-only mode" in message:
        return "queries are read-only: a store is written by `geoflow train`, `ingest` and `study`"
    if "disabled by configuration" in message:
        return "queries see the store alone: other files are out of reach; use `geoflow export`"
    text = " ".join(message.split("\n\nLINE", maxsplit=1)[0].split())
    text = text.removeprefix("Invalid Input Error: ")
    if isinstance(error, duckdb.CatalogException):
        text += " `geoflow views` lists what is there."
    return text
