"""Writes layers, their graphs and all that belongs to them, inside the caller's transaction."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from geoflow.errors import StoreError
from geoflow.store._extent import Extent, covered
from geoflow.store._tables import insert, last_key, tables_of
from geoflow.store.records import Tables, network_tables

if TYPE_CHECKING:
    from geoflow.measure.layers import LayerFrames


class InputOutgrownError(StoreError):
    """Another process has measured the input layer meanwhile: measure it again with its graphs."""


def write_input_layer(
    connection: duckdb.DuckDBPyConnection, dataset_id: int, frames: "LayerFrames"
) -> None:
    """Write layer 0 of a data set, or add to it the graphs and neighbours it lacks."""
    from geoflow.measure import NetworkFrames  # what only reads a store measures nothing

    known = connection.sql(
        "select layer_id, store_rank from layers where dataset_id = $key and network_id is null",
        params={"key": dataset_id},
    ).fetchall()
    if not known:
        tables = network_tables([NetworkFrames([frames])])
        key = last_key(connection, "layers", "layer_id") + 1
        own = {"network_id": pl.lit(None, pl.Int32), "dataset_id": pl.lit(dataset_id)}
        insert(connection, "layers", tables["layers"].with_columns(layer_id=pl.lit(key), **own))
        write_layer_rows(connection, tables, {0: key})
        return
    layer_id, store_rank = known[0]
    if frames.store_rank > store_rank:
        connection.execute("delete from neighbors where layer_id = ?", [layer_id])
        neighbors = frames.tables["neighbors"].with_columns(layer_id=pl.lit(layer_id, pl.Int32))
        insert(connection, "neighbors", neighbors)
        connection.execute(
            "update layers set store_rank = ? where layer_id = ?", [frames.store_rank, layer_id]
        )
    add_positions(connection, frames, layer_id)
    lacking = without_held(connection, frames, layer_id)
    write_graphs(connection, network_tables([NetworkFrames([lacking])]), {0: layer_id})


def add_positions(
    connection: duckdb.DuckDBPyConnection, frames: "LayerFrames", layer_id: int
) -> None:
    """Write the positions of a layer where the store has none."""
    found = "select count(*) from positions where layer_id = ? and layout = 'pca'"
    count = connection.execute(found, [layer_id]).fetchall()[0][0]
    if not count and "positions" in frames.tables:
        rows = frames.tables["positions"].with_columns(layer_id=pl.lit(layer_id, pl.Int32))
        insert(connection, "positions", rows)


def without_held(
    connection: duckdb.DuckDBPyConnection, frames: "LayerFrames", layer_id: int
) -> "LayerFrames":
    """Return the rows of a layer less the graphs that the store has; those that grow are deleted.

    Raises InputOutgrownError where a graph of the store has more than that.
    """
    stored = connection.sql(
        "select graph_id, k, convention, detail, n_sources, curvatures from graphs"
        " where layer_id = $key",
        params={"key": layer_id},
    ).fetchall()
    graphs = frames.tables["graphs"]
    for graph_id, k, convention, *held in stored:
        same = graphs.filter((pl.col("k") == k) & (pl.col("convention") == convention))
        columns = ("graph", "detail", "n_sources", "curvatures")
        for number, *new in same.select(columns).iter_rows():
            if covered(Extent(*held), Extent(*new)):
                frames = without(frames, number)
            elif not covered(Extent(*new), Extent(*held)):
                raise InputOutgrownError(
                    "another process has measured the input layer meanwhile: give the same command"
                    " again"
                )
            else:
                delete_graphs(connection, [graph_id])
    return frames


def without(frames: "LayerFrames", number: int) -> "LayerFrames":
    """Return the rows of a layer less those of one of its graphs."""
    tables = {
        name: frame.filter(pl.col("graph") != number) if "graph" in frame.columns else frame
        for name, frame in frames.tables.items()
    }
    return replace(frames, tables=tables)


def write_layer_rows(
    connection: duckdb.DuckDBPyConnection, tables: Tables, keys: Mapping[int, int]
) -> None:
    """Write what belongs to layers that are there; ``keys``: of the store, by those of tables."""
    for table in tables_of("layer_id"):
        if table in tables:
            insert(connection, table, rekeyed(tables[table], "layer_id", keys))
    write_graphs(connection, tables, keys)


def write_graphs(
    connection: duckdb.DuckDBPyConnection, tables: Tables, keys: Mapping[int, int]
) -> None:
    """Write graphs of layers and the rows that belong to them; ``keys``: see above."""
    graph_id = pl.col("graph_id") + last_key(connection, "graphs", "graph_id") + 1
    graphs = rekeyed(tables["graphs"], "layer_id", keys).with_columns(graph_id)
    insert(connection, "graphs", graphs)
    for table in tables_of("graph_id"):
        if table in tables:
            insert(connection, table, tables[table].with_columns(graph_id))


def delete_graphs(connection: duckdb.DuckDBPyConnection, graph_ids: Collection[int]) -> None:
    """Delete graphs and all that belongs to them."""
    for table in (*tables_of("graph_id"), "graphs"):
        connection.execute(
            f"delete from {table} where graph_id in (select unnest(?::integer[]))",
            [list(graph_ids)],
        )


def rekeyed(frame: pl.DataFrame, key: str, keys: Mapping[int, int]) -> pl.DataFrame:
    """Return a frame with other keys in place of its own.

    >>> rekeyed(pl.DataFrame({"layer_id": [0, 1, 0]}), "layer_id", {0: 7, 1: 9}).rows()
    [(7,), (9,), (7,)]
    """
    return frame.with_columns(pl.col(key).replace_strict(dict(keys), return_dtype=pl.Int32))
