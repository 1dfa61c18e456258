"""Writes a unit of work inside the caller's transaction: data set, networks, all their rows."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

import duckdb
import polars as pl

from geoflow.errors import StoreError
from geoflow.store._derived import derive
from geoflow.store._layerrows import delete_graphs, rekeyed, write_input_layer, write_layer_rows
from geoflow.store._tables import insert, last_key, tables_of
from geoflow.store.ownscores import keep_own_scores
from geoflow.store.records import SAME_POINTS, DatasetRecord, NetworkRecord, Unit

OUTCOMES = ("status", "train_accuracy", "test_accuracy", "train_loss", "test_loss")
"""What two trainings of one network have in common, to 6 digits."""


def write_unit(
    connection: duckdb.DuckDBPyConnection,
    unit: Unit,
    run_id: int,
    again: Collection[str] = (),
    moves_on: bool = False,
) -> None:
    """Write data set, networks, layers and their rows.

    ``again``: networks of the unit that are in the store and have been measured anew: their rows
    take the place of those that are there, under the same keys. ``moves_on``: they have been
    trained further since, so that their outcomes may be others.
    """
    dataset_id = dataset_key(connection, unit)
    stored = stored_keys(connection, [network.name for network in unit.networks])
    refuse_there(stored.keys() - set(again))
    if unit.input_layer is not None:
        write_input_layer(connection, dataset_id, unit.input_layer)
    free = last_key(connection, "networks", "network_id") + 1
    fresh = [one.name for one in unit.networks if one.name not in stored]
    keys = stored | {name: free + at for at, name in enumerate(fresh)}
    held = [one for one in unit.networks if one.name in stored]
    replace_networks(connection, held, run_id, moves_on)
    rows = [
        network_row(network, keys) | {"dataset_id": dataset_id, "run_id": run_id}
        for network in unit.networks
        if network.name not in stored
    ]
    if rows:
        insert(connection, "networks", pl.DataFrame(rows, infer_schema_length=None))
    for study, width, depth in {(one.study, one.width, one.depth) for one in unit.networks}:
        forget_failure(connection, study, unit.dataset.name, width, depth)
    numbered = {at: keys[network.name] for at, network in enumerate(unit.networks)}
    if "layers" in unit.tables:
        layers = rekeyed(unit.tables["layers"], "network_id", numbered)
        own = write_layers(connection, layers.with_columns(dataset_id=pl.lit(dataset_id)))
        write_layer_rows(connection, unit.tables, own)
    for table in tables_of("network_id"):
        if table in unit.tables:
            insert(connection, table, rekeyed(unit.tables[table], "network_id", numbered))
    keep_own_scores(connection, unit.scores)
    derive(connection, keys.values())


def stored_keys(connection: duckdb.DuckDBPyConnection, networks: Collection[str]) -> dict[str, int]:
    """Return the keys of those of some networks that are in the store."""
    rows = connection.sql(
        "select name, network_id from networks where name in (select unnest($names::varchar[]))",
        params={"names": list(networks)},
    ).fetchall()
    return dict(rows)


def refuse_there(networks: Collection[str]) -> None:
    """Refuse to write networks that are in the store."""
    if networks:
        raise StoreError(
            f"network '{min(networks)}' is already in the store: give another name, or another"
            " store"
        )


def network_row(network: NetworkRecord, keys: Mapping[str, int]) -> dict[str, Any]:
    """Return the row of a network from its record and the keys of the networks of its unit."""
    row = asdict(network)
    final = row.pop("final")
    if final is not None and final not in keys:
        raise StoreError(
            f"'{network.name}' is a snapshot of '{final}', which is not written with it: write both"
        )
    return row | {"network_id": keys[network.name], "final_id": keys.get(final)}


def replace_networks(
    connection: duckdb.DuckDBPyConnection,
    networks: Collection[NetworkRecord],
    run_id: int,
    moves_on: bool,
) -> None:
    """Delete all that was measured of networks that have been measured anew; their keys stay."""
    for network in networks:
        if not moves_on:
            refuse_another(connection, network)
    names = [network.name for network in networks]
    keys = list(stored_keys(connection, names).values())
    if not keys:
        return
    of_networks = "network_id in (select unnest(?::integer[]))"
    of_layers = f"select layer_id from layers where {of_networks}"
    graphs = connection.execute(
        f"select graph_id from graphs where layer_id in ({of_layers})", [keys]
    ).fetchall()
    delete_graphs(connection, [graph_id for (graph_id,) in graphs])
    for table in tables_of("layer_id"):
        connection.execute(f"delete from {table} where layer_id in ({of_layers})", [keys])
    for table in tables_of("network_id"):
        connection.execute(f"delete from {table} where {of_networks}", [keys])
    for network in networks:
        values = [getattr(network, column) for column in (*OUTCOMES, "epochs", "request")]
        connection.execute(
            f"update networks set {', '.join(f'{one} = ?' for one in OUTCOMES)}, epochs = ?,"
            " request = ?, run_id = ? where name = ?",
            [*values, run_id, network.name],
        )


def refuse_another(connection: duckdb.DuckDBPyConnection, network: NetworkRecord) -> None:
    """Refuse to measure a network anew whose training did not end where that in the store did."""
    columns = ", ".join(OUTCOMES)
    (held,) = connection.execute(
        f"select {columns} from networks where name = ?", [network.name]
    ).fetchall()
    for what, before in zip(OUTCOMES, held, strict=True):
        now = getattr(network, what)
        if six_digits(before) != six_digits(now):
            raise StoreError(
                f"network '{network.name}', trained again to measure what it lacks, has"
                f" {what} {now}, not {before} as in the store, which another machine or version"
                " wrote: name this study differently, or use another --db"
            )


def six_digits(value: float | str | None) -> str | None:
    """Return a number to six digits, a text as it is.

    >>> six_digits(0.1234567), six_digits("trained"), six_digits(None)
    ('0.123457', 'trained', None)
    """
    return f"{value:.6g}" if isinstance(value, float) else value


def write_layers(connection: duckdb.DuckDBPyConnection, layers: pl.DataFrame) -> dict[int, int]:
    """Write layers of networks; return the keys that they have, by those of the frame.

    Layers that are there, of networks that have been measured anew, keep their keys.
    """
    stored = connection.sql(
        "select network_id, layer, layer_id from layers"
        " where network_id in (select unnest($keys::integer[]))",
        params={"keys": layers["network_id"].unique().to_list()},
    ).fetchall()
    there = {(network_id, layer): layer_id for network_id, layer, layer_id in stored}
    free = last_key(connection, "layers", "layer_id") + 1
    keys = {}
    columns = ("layer_id", "network_id", "layer", "store_rank", "n_distinct")
    for own, network_id, layer, rank, n_distinct in layers.select(columns).iter_rows():
        if (network_id, layer) in there:
            keys[own] = there[network_id, layer]
            connection.execute(
                "update layers set store_rank = ?, n_distinct = ? where layer_id = ?",
                [rank, n_distinct, keys[own]],
            )
        else:
            keys[own], free = free, free + 1
    new = rekeyed(layers, "layer_id", keys).filter(~pl.col("layer_id").is_in(list(there.values())))
    if new.height:
        insert(connection, "layers", new)
    return keys


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
    known = connection.sql(SAME_POINTS, params=record.points).fetchall()
    if known:
        return int(known[0][0])
    key = last_key(connection, "datasets", "dataset_id") + 1
    insert(
        connection,
        "datasets",
        pl.DataFrame([{"dataset_id": key, **record.row}], infer_schema_length=None),
    )
    samples = pl.DataFrame({"point": range(record.n_test), "label": unit.labels})
    insert(connection, "samples", samples.with_columns(dataset_id=pl.lit(key)))
    return key


def check_ingested_twice(connection: duckdb.DuckDBPyConnection, record: DatasetRecord) -> None:
    """Refuse ingested arrays under the name of other ingested arrays."""
    if record.source != "ingest":
        return
    other = connection.sql(
        "select 1 from datasets where name = $name and source = 'ingest'"
        " and fingerprint not in ($fingerprint, $earlier)",
        params=record.points,
    ).fetchall()
    if other:
        raise StoreError(
            f"data set '{record.name}' is in the store with other points or labels: give these"
            " another name with --dataset"
        )
