"""Writes whole units of work, one transaction each: a killed process leaves units or nothing."""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import polars as pl

from geoflow import __version__
from geoflow.errors import StoreError
from geoflow.machine import processes
from geoflow.measure.layers import LayerFrames, NetworkFrames
from geoflow.specs import DETAILS
from geoflow.store import provenance
from geoflow.store.connection import (
    PATIENCE_SECONDS,
    disk_hint,
    is_damage,
    transaction,
    writing,
)
from geoflow.store.records import (
    DatasetRecord,
    FailedCell,
    NetworkRecord,
    Tables,
    Unit,
    network_tables,
)
from geoflow.store.schema import clear_leftovers, created, refreshed, verified
from geoflow.store.sqlfiles import fingerprint

GRAPH_TABLES = (
    "hop_counts", "nodes", "geodesics", "edge_curvatures", "point_curvatures", "class_edges",
    "communities", "community_agreement",
)  # fmt: skip
"""Tables whose rows belong to a graph."""

NETWORK_TABLES = (
    "predictions", "expansions", "class_curvatures", "transport_steps", "transport_tracks",
    "point_tracks", "layer_affinities", "layer_complexities", "point_complexities",
    "weight_paths", "left_out",
)  # fmt: skip
"""Tables whose rows belong to a network, beside its layers."""


class Writer:
    """One invocation that writes to a store: a row of ``runs`` and units of networks.

    The file is opened for each write alone. ``patience`` is how long to wait for a reader.
    """

    def __init__(
        self, path: Path, command: str, seed: int | None, patience: float = PATIENCE_SECONDS
    ) -> None:
        self.path = path
        self.command = command
        self.seed = seed
        self.patience = patience
        self.run_id: int | None = None
        self.has_begun = False
        self.started = now()

    def write(self, unit: Unit) -> None:
        """Write a unit, all of it or nothing; the store is created by the first."""
        with self.writing() as store:
            store.write(unit)

    def write_alone(self, unit: Unit) -> None:
        """Write a unit that is all there is to write, and that the run has finished with it."""
        with self.writing() as store:
            store.write(unit)
            close_run(store.connection, "finished", self.started)

    def fail(self, cell: FailedCell, networks: Collection[str] = ()) -> bool:
        """Write why a cell failed, in place of why it failed before, and return True.

        Nothing is written of a cell whose ``networks`` are all in the store, and what was is gone:
        another process has made them.
        """
        with self.writing() as store:
            store.forget(cell)
            missing = set(networks) - store.present(networks)
            if networks and not missing:
                return False
            row = {**asdict(cell), "n_networks": len(missing) or cell.n_networks}
            insert(store.connection, "failed_cells", pl.DataFrame([row | {"run_id": store.run_id}]))
        return True

    def replace_regression(self, study: str, terms: pl.DataFrame) -> None:
        """Write the regressions of a study in place of those it had."""
        with self.writing() as store:
            store.replace_regression(study, terms)

    @contextmanager
    def writing(self) -> Iterator["Writing"]:
        """Yield what asks and changes the store in one transaction."""
        with self.transaction() as (connection, run_id):
            yield Writing(connection, run_id)

    @contextmanager
    def transaction(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, int]]:
        """Yield a connection and the key of this run; all that is done inside holds, or nothing."""
        if self.run_id is None:
            clear_leftovers(self.path)
        if not self.path.exists():
            created(self.path)
        with writing(self.path, self.patience) as connection:
            try:
                if verified(connection, self.path) != fingerprint():
                    refreshed(connection)
                self.has_begun = True
                with transaction(connection):
                    run_id = self.run_row(connection)
                    yield connection, run_id
            except duckdb.Error as error:
                if is_damage(error):
                    raise
                reason = " ".join(str(error).split())
                raise StoreError(
                    f"the store {self.path} could not be written ({reason}): nothing was changed"
                    f"{disk_hint(error)}"
                ) from None
            self.run_id = run_id

    def finish(self, status: str = "finished") -> None:
        """Close the run; a run that wrote nothing has no row.

        Its row is found by process and time: Ctrl-C may have come before its key was known here.
        """
        if not self.has_begun:
            return
        with writing(self.path, self.patience) as connection:
            close_run(connection, status, self.started)

    def run_row(self, connection: duckdb.DuckDBPyConnection) -> int:
        """Return the key of this run's row, made by its first write; later writes touch it."""
        if self.run_id is not None:
            connection.execute(
                "update runs set finished = ? where run_id = ?", [now(), self.run_id]
            )
            return self.run_id
        running = connection.sql("select run_id, machine, pid from runs where status = 'running'")
        for run_id, machine, pid in running.fetchall():
            if not isinstance(pid, int) or not processes.is_alive(host_of(machine), pid):
                connection.execute(
                    "update runs set status = 'interrupted' where run_id = ?", [run_id]
                )
        row: dict[str, Any] = {
            "run_id": last_key(connection, "runs", "run_id") + 1,
            "command": self.command,
            "geoflow_version": __version__,
            "git_hash": provenance.git_hash(),
            "libraries": provenance.libraries(),
            "machine": provenance.machine(),
            "pid": os.getpid(),
            "seed": self.seed,
            "started": self.started,
            "finished": now(),
            "status": "running",
        }
        insert(connection, "runs", pl.DataFrame([row]))
        return int(row["run_id"])


@dataclass(frozen=True)
class Writing:
    """One transaction: what it asks still holds when it writes, no other process is in between."""

    connection: duckdb.DuckDBPyConnection
    run_id: int

    def ask(self, sql: str, params: dict[str, Any]) -> pl.DataFrame:
        """Return the rows of a statement, as `query` does."""
        frame: pl.DataFrame = self.connection.sql(sql, params=params).pl()
        return frame

    def present(self, networks: Collection[str]) -> set[str]:
        """Return which of some networks are in the store."""
        sql = "select name from networks where name in (select unnest($names::varchar[]))"
        rows = self.connection.sql(sql, params={"names": list(networks)}).fetchall()
        return {name for (name,) in rows}

    def write(self, unit: Unit) -> None:
        """Write a unit; none of its networks may be in the store."""
        write_unit(self.connection, unit, self.run_id)

    def forget(self, cell: FailedCell) -> None:
        """Delete the row that says why a cell failed, if there is one."""
        forget_failure(self.connection, cell.study, cell.dataset, cell.width, cell.depth)

    def replace_regression(self, study: str, terms: pl.DataFrame) -> None:
        """Write the regressions of a study in place of those it had."""
        self.connection.execute("delete from regression_terms where study = ?", [study])
        if terms.height:
            insert(self.connection, "regression_terms", terms.with_columns(study=pl.lit(study)))


class InputOutgrownError(StoreError):
    """Another process has measured the input layer meanwhile: measure it again with its graphs."""


def close_run(connection: duckdb.DuckDBPyConnection, status: str, started: datetime) -> None:
    """Say how the run of this process ended that started then."""
    connection.execute(
        "update runs set status = ?, finished = ? where pid = ? and started = ?",
        [status, now(), os.getpid(), started],
    )


def host_of(machine: str) -> str:
    """Return the host in the JSON of ``runs.machine``, nothing where a stranger wrote it."""
    try:
        return str(json.loads(machine)["host"])
    except (ValueError, KeyError, TypeError):
        return ""


def now() -> datetime:
    """Return the time in UTC, as the store keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def last_key(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> int:
    """Return the largest key of a table, 0 if it is empty."""
    return int(connection.sql(f"select coalesce(max({key}), 0) from {table}").fetchall()[0][0])


def insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    """Insert a whole frame; its columns are matched by name."""
    connection.register("incoming", frame)
    connection.execute(f"insert into {table} by name select * from incoming")
    connection.unregister("incoming")


def write_unit(connection: duckdb.DuckDBPyConnection, unit: Unit, run_id: int) -> None:
    """Write data set, networks, layers and their rows inside the caller's transaction."""
    dataset_id = dataset_key(connection, unit)
    names = [network.name for network in unit.networks]
    there = connection.sql(
        "select name from networks where name in (select unnest($names))", params={"names": names}
    ).fetchall()
    if there:
        raise StoreError(
            f"network '{there[0][0]}' is already in the store: give another name, or another store"
        )
    if unit.input_layer is not None:
        write_input_layer(connection, dataset_id, unit.input_layer)
    first = last_key(connection, "networks", "network_id") + 1
    keys = {name: first + at for at, name in enumerate(names)}
    rows = [
        network_row(network, keys) | {"dataset_id": dataset_id, "run_id": run_id}
        for network in unit.networks
    ]
    if rows:
        insert(connection, "networks", pl.DataFrame(rows, infer_schema_length=None))
    for study, width, depth in {(one.study, one.width, one.depth) for one in unit.networks}:
        forget_failure(connection, study, unit.dataset.name, width, depth)
    if "layers" in unit.tables:
        write_layers(connection, dataset_id, unit.tables, pl.col("network_id") + first)
    for table in NETWORK_TABLES:
        if table in unit.tables:
            own = unit.tables[table].with_columns(pl.col("network_id") + first)
            insert(connection, table, own)


def network_row(network: NetworkRecord, keys: Mapping[str, int]) -> dict[str, Any]:
    """Return the row of a network from its record and the keys of the networks of its unit."""
    row = asdict(network)
    final = row.pop("final")
    if final is not None and final not in keys:
        raise StoreError(
            f"'{network.name}' is a snapshot of '{final}', which is not written with it: write both"
        )
    return row | {"network_id": keys[network.name], "final_id": keys.get(final)}


def forget_failure(
    connection: duckdb.DuckDBPyConnection, study: str, dataset: str, width: str, depth: int
) -> None:
    """Delete the row that says why a cell failed."""
    connection.execute(
        "delete from failed_cells where study = ? and dataset = ? and width = ? and depth = ?",
        [study, dataset, width, depth],
    )


def dataset_key(connection: duckdb.DuckDBPyConnection, unit: Unit) -> int:
    """Return the key of the unit's data set, inserting it and its samples if it is new."""
    record = unit.dataset
    check_ingested_twice(connection, record)
    known = connection.sql(
        "select dataset_id from datasets where name = $name and fingerprint = $fingerprint",
        params={"name": record.name, "fingerprint": record.fingerprint},
    ).fetchall()
    if known:
        return int(known[0][0])
    key = last_key(connection, "datasets", "dataset_id") + 1
    insert(
        connection,
        "datasets",
        pl.DataFrame([{"dataset_id": key, **asdict(record)}], infer_schema_length=None),
    )
    samples = pl.DataFrame({"point": range(record.n_test), "label": unit.labels})
    insert(connection, "samples", samples.with_columns(dataset_id=pl.lit(key)))
    return key


def check_ingested_twice(connection: duckdb.DuckDBPyConnection, record: DatasetRecord) -> None:
    """Refuse ingested arrays under the name of other ingested arrays."""
    if record.source != "ingest":
        return
    other = connection.sql(
        "select 1 from datasets where name = $name and source = 'ingest' and fingerprint <> $known",
        params={"name": record.name, "known": record.fingerprint},
    ).fetchall()
    if other:
        raise StoreError(
            f"data set '{record.name}' is in the store with other points or labels: give these"
            " another name with --dataset"
        )


def write_input_layer(
    connection: duckdb.DuckDBPyConnection, dataset_id: int, frames: LayerFrames
) -> None:
    """Write layer 0 of a data set, or add to it the graphs and neighbours it lacks."""
    known = connection.sql(
        "select layer_id, store_rank from layers where dataset_id = $key and network_id is null",
        params={"key": dataset_id},
    ).fetchall()
    if not known:
        tables = network_tables([NetworkFrames([frames])])
        write_layers(connection, dataset_id, tables, pl.lit(None, pl.Int32))
        return
    layer_id, store_rank = known[0]
    if frames.store_rank > store_rank:
        connection.execute("delete from neighbors where layer_id = ?", [layer_id])
        neighbors = frames.tables["neighbors"].with_columns(layer_id=pl.lit(layer_id, pl.Int32))
        insert(connection, "neighbors", neighbors)
        connection.execute(
            "update layers set store_rank = ? where layer_id = ?", [frames.store_rank, layer_id]
        )
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
                for table in (*GRAPH_TABLES, "graphs"):
                    connection.execute(f"delete from {table} where graph_id = ?", [graph_id])
    write_graphs(connection, network_tables([NetworkFrames([frames])]), layer_id)


def without(frames: LayerFrames, number: int) -> LayerFrames:
    """Return the rows of a layer less those of one of its graphs."""
    tables = {
        name: frame.filter(pl.col("graph") != number) if "graph" in frame.columns else frame
        for name, frame in frames.tables.items()
    }
    return replace(frames, tables=tables)


def write_layers(
    connection: duckdb.DuckDBPyConnection, dataset_id: int, tables: Tables, network_id: pl.Expr
) -> None:
    """Write layers and all their rows; ``network_id`` is the key of their network."""
    first = last_key(connection, "layers", "layer_id") + 1
    layer_id = pl.col("layer_id") + first
    layers = tables["layers"].with_columns(
        layer_id, network_id=network_id, dataset_id=pl.lit(dataset_id)
    )
    insert(connection, "layers", layers)
    insert(connection, "neighbors", tables["neighbors"].with_columns(layer_id))
    write_graphs(connection, tables, first)


def write_graphs(connection: duckdb.DuckDBPyConnection, tables: Tables, first_layer: int) -> None:
    """Write graphs and the rows that belong to them; layers are counted from ``first_layer``."""
    graph_id = pl.col("graph_id") + last_key(connection, "graphs", "graph_id") + 1
    graphs = tables["graphs"].with_columns(pl.col("layer_id") + first_layer, graph_id)
    insert(connection, "graphs", graphs)
    for table in GRAPH_TABLES:
        if table in tables:
            insert(connection, table, tables[table].with_columns(graph_id))


class Extent(NamedTuple):
    """How much of a graph is kept, or asked for: columns of ``graphs``."""

    detail: str
    n_sources: int
    curvatures: Collection[str]


def covered(stored: Extent, asked: Extent) -> bool:
    """Return whether a graph kept to one extent holds all of another.

    >>> covered(Extent("pairs", 100, ["forman"]), Extent("nodes", 100, []))
    True
    >>> covered(Extent("graphs", 10, []), Extent("graphs", 100, []))
    False
    """
    return (
        DETAILS.index(stored.detail) >= DETAILS.index(asked.detail)
        and stored.n_sources >= asked.n_sources
        and set(asked.curvatures) <= set(stored.curvatures)
    )
