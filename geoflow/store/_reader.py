"""Reads a store: SQL in, polars frames out, read-only, no other file within reach."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from geoflow.errors import StoreError
from geoflow.store._damage import refuse_damaged
from geoflow.store._faults import DamagedStoreError, is_of_store
from geoflow.store._kept import KeptViews
from geoflow.store._migrations import refuse_earlier, verify
from geoflow.store._rows import rows
from geoflow.store.connection import PATIENCE_SECONDS, reading

Ask = Callable[[str, Mapping[str, Any]], pl.DataFrame]
"""Returns the rows of one SQL statement; ``$name`` in it stands for the parameter ``name``."""


@contextmanager
def holding(
    path: Path, patience: float = PATIENCE_SECONDS, keeps_views: bool = False
) -> Iterator[Ask]:
    """Yield what answers questions about one state of a store, which is open meanwhile.

    Nobody can write to the store until the end: hold it for one page, no longer. keeps_views: views
    that are asked for again and again are computed once, see `KeptViews`.
    """
    try:
        with reading(path, patience) as connection:
            refuse_earlier(verify(connection, path), path)
            kept = KeptViews(connection) if keeps_views else None
            yield partial(statement_rows, connection, kept=kept)
    except DamagedStoreError:
        refuse_damaged(path, patience)
        raise


def statement_rows(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    params: Mapping[str, Any],
    kept: KeptViews | None = None,
) -> pl.DataFrame:
    """Return the rows of one SQL statement; a mistake in it is one line."""
    try:
        if kept is not None:
            kept.keep(sql)
        return rows(connection, sql, dict(params))
    except duckdb.Error as error:
        if is_of_store(error):
            raise
        raise StoreError(explanation(error)) from None


def query(
    path: Path,
    sql: str,
    params: Mapping[str, Any] | None = None,
    patience: float = PATIENCE_SECONDS,
) -> pl.DataFrame:
    """Return the rows of one SQL statement; ``$name`` in it stands for ``params['name']``."""
    with holding(path, patience) as ask:
        return ask(sql, params or {})


def explanation(error: duckdb.Error) -> str:
    """Return DuckDB's message in one line, with a remedy where the mistake is a common one.

    >>> explanation(duckdb.ParserException('Parser Error: syntax error at or near "selec"'))
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
