"""Whole frames into tables: their keys, and which tables belong to a network, a layer, a graph."""

from functools import cache

import duckdb
import polars as pl

from geoflow.store._sqlfiles import sql_files

KEYED = ("networks", "layers", "graphs")
"""The tables whose keys others refer to."""


@cache
def tables_of(key: str) -> tuple[str, ...]:
    """Return the tables whose rows belong to what a key is of.

    >>> "nodes" in tables_of("graph_id"), tables_of("layer_id")
    (True, ('neighborhoods', 'neighbors', 'positions', 'twonn_dimensions'))
    """
    return tuple(
        file.name for file in sql_files("tables") if key in file.columns and file.name not in KEYED
    )


def last_key(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> int:
    """Return the largest key of a table, 0 if it is empty."""
    return int(connection.sql(f"select coalesce(max({key}), 0) from {table}").fetchall()[0][0])


def insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """Insert a whole frame; its columns are matched by name."""
    connection.register("incoming", frame)
    connection.execute(f"insert into {table} by name select * from incoming")
    connection.unregister("incoming")
