"""Reads a store: SQL in, polars frames out, read-only, no other file within reach."""

from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from geoflow.errors import StoreError
from geoflow.store.connection import PATIENCE_SECONDS, reading
from geoflow.store.damage import refuse_damaged
from geoflow.store.faults import DamagedStoreError, is_of_store
from geoflow.store.migrations import refuse_earlier, verify
from geoflow.store.rows import rows


def query(
    path: Path, sql: str, params: dict[str, Any] | None = None, patience: float = PATIENCE_SECONDS
) -> pl.DataFrame:
    """Return the rows of one SQL statement; ``$name`` in it stands for ``params['name']``."""
    try:
        with reading(path, patience) as connection:
            refuse_earlier(verify(connection, path), path)
            try:
                return rows(connection, sql, params or {})
            except duckdb.Error as error:
                if is_of_store(error):
                    raise
                raise StoreError(explained(error)) from None
    except DamagedStoreError:
        refuse_damaged(path, patience)
        raise


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
