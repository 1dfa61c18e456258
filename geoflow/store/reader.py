"""Reads a store: SQL in, polars frames out, read-only, no other file within reach."""

from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from geoflow.errors import StoreError
from geoflow.store.connection import (
    PATIENCE_SECONDS,
    DamagedStoreError,
    is_of_store,
    reading,
)
from geoflow.store.damage import refuse_damaged
from geoflow.store.schema import verified


def query(
    path: Path, sql: str, params: dict[str, Any] | None = None, patience: float = PATIENCE_SECONDS
) -> pl.DataFrame:
    """Return the rows of one SQL statement; ``$name`` in it stands for ``params['name']``."""
    try:
        with reading(path, patience) as connection:
            verified(connection, path)
            frame = rows_of(connection, sql, params or {})
    except DamagedStoreError:
        refuse_damaged(path, patience)
        raise
    if frame is None:
        raise StoreError("the query gives no rows: write a SELECT, for instance `from networks`")
    whole = [
        name
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Decimal) and dtype.scale == 0
    ]
    smaller = frame.select(pl.col(whole).cast(pl.Int64, strict=False))
    fitting = [name for name in whole if smaller[name].null_count() == frame[name].null_count()]
    return frame.with_columns(smaller.select(fitting))


def rows_of(
    connection: duckdb.DuckDBPyConnection, sql: str, params: dict[str, Any]
) -> pl.DataFrame | None:
    """Return the rows of one statement, None if it has none."""
    try:
        relation = connection.sql(sql, params=params)
        frame: pl.DataFrame | None = None if relation is None else relation.pl()
    except duckdb.Error as error:
        if is_of_store(error):
            raise
        raise StoreError(explained(error)) from None
    except pl.exceptions.PolarsError as error:
        reason = " ".join(str(error).split())
        raise StoreError(f"a column has no polars type ({reason}): cast it to varchar") from None
    return frame


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
