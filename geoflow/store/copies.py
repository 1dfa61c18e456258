"""Networks of one store as units that another can write: their rows, with keys that count from 0.

What SQL makes of rows is left behind: it is made anew where a unit is written.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import polars as pl

from geoflow.measure.layers import LayerFrames
from geoflow.store._derived import DERIVED
from geoflow.store._reader import Ask
from geoflow.store._tables import tables_of
from geoflow.store.ownscores import KNOWN_SCORES, score_of
from geoflow.store.records import DatasetRecord, FailedCell, NetworkRecord, Unit

GROUPS = (
    "select coalesce(f.run_id, n.run_id) as run_id, n.dataset_id, n.study, n.width, n.depth,"
    " list(n.network_id order by n.network_id) as network_ids"
    " from networks as n left join networks as f on f.network_id = n.final_id"
    " group by 1, 2, 3, 4, 5 order by min(n.network_id)"
)
"""The networks of one cell that one run wrote, snapshots beside those they are of."""

NETWORK_ROWS = (
    "select n.*, f.name as final from networks as n left join networks as f"
    " on f.network_id = n.final_id where n.network_id in (select unnest($keys::integer[]))"
    " order by n.network_id"
)
TOTALS = (
    "select n.name, d.fingerprint, l.layer, g.k, g.convention, g.detail, g.n_sources, g.curvatures,"
    " g.n_edges, g.total_forman, g.total_geodesic"
    " from networks as n join datasets as d using (dataset_id)"
    " left join layers as l using (network_id) left join graphs as g using (layer_id)"
    " where n.name in (select unnest($names::varchar[])) order by all"
)
"""What two measurements of one network have in common."""


@dataclass(frozen=True)
class Group:
    """Networks of one cell of a store that one run wrote, by their keys there."""

    run_id: int
    dataset_id: int
    networks: Mapping[int, NetworkRecord]


def groups(ask: Ask) -> Iterator[Group]:
    """Yield all networks of a store that ``ask`` asks."""
    for run_id, dataset_id, _, _, _, keys in ask(GROUPS, {}).iter_rows():
        rows = ask(NETWORK_ROWS, {"keys": keys}).iter_rows(named=True)
        yield Group(run_id, dataset_id, {row["network_id"]: record_of(row) for row in rows})


def unit_of(ask: Ask, group: Group, keys: Sequence[int], with_input: bool) -> Unit:
    """Return some networks of a group as a unit, the input layer of their data set with it."""
    dataset, labels = dataset_of(ask, group.dataset_id)
    origin = input_of(ask, group.dataset_id) if with_input else None
    scores = tuple(score_of(row) for row in ask(KNOWN_SCORES, {}).iter_rows(named=True))
    networks = [group.networks[key] for key in keys]
    return Unit(dataset, labels, origin, networks, tables_of_networks(ask, keys), scores)


def totals_of(ask: Ask, names: Collection[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the fingerprint of the data and the totals of every graph of networks, by name."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, *rest in ask(TOTALS, {"names": list(names)}).iter_rows():
        found.setdefault(name, []).append(tuple(map(str, rest)))
    return found


def record_of(row: Mapping[str, Any]) -> NetworkRecord:
    """Return the record of a row of `NETWORK_ROWS`."""
    return NetworkRecord(**{field.name: row[field.name] for field in fields(NetworkRecord)})


def dataset_of(ask: Ask, dataset_id: int) -> tuple[DatasetRecord, np.ndarray | None]:
    """Return a data set of a store and the labels of its points, None if it has none."""
    key = {"key": dataset_id}
    (row,) = ask("select * from datasets where dataset_id = $key", key).iter_rows(named=True)
    columns = {field.name for field in fields(DatasetRecord)} & row.keys()
    samples = ask("select label from samples where dataset_id = $key order by point", key)["label"]
    labels = None if samples.null_count() else samples.to_numpy()
    return DatasetRecord(**{name: row[name] for name in columns}), labels


def tables_of_networks(ask: Ask, keys: Sequence[int]) -> dict[str, pl.DataFrame]:
    """Return the rows of networks by table; network_id is their place among the keys."""
    places = {key: at for at, key in enumerate(keys)}
    found = {}
    for table in tables_of("network_id"):
        if table not in DERIVED:
            rows = ask(of_keys(table, "network_id"), {"keys": keys})
            found[table] = renumbered(rows, "network_id", places)
    layers = ask(of_keys("layers", "network_id") + " order by layer_id", {"keys": keys})
    layers = layers.drop("dataset_id")
    numbers = {key: at for at, key in enumerate(layers["layer_id"])}
    found |= tables_of_layers(ask, numbers)
    layers = renumbered(layers, "layer_id", numbers)
    found["layers"] = renumbered(layers, "network_id", places)
    return {name: rows for name, rows in found.items() if rows.height}


def tables_of_layers(ask: Ask, numbers: Mapping[int, int]) -> dict[str, pl.DataFrame]:
    """Return the rows of layers by table; ``numbers``: what their keys become."""
    keys = list(numbers)
    found = {
        table: renumbered(ask(of_keys(table, "layer_id"), {"keys": keys}), "layer_id", numbers)
        for table in tables_of("layer_id")
        if table not in DERIVED
    }
    graphs = ask(of_keys("graphs", "layer_id") + " order by graph_id", {"keys": keys})
    own = {key: at for at, key in enumerate(graphs["graph_id"])}
    for table in tables_of("graph_id"):
        rows = ask(of_keys(table, "graph_id"), {"keys": list(own)})
        found[table] = renumbered(rows, "graph_id", own)
    found["graphs"] = renumbered(renumbered(graphs, "graph_id", own), "layer_id", numbers)
    return found


def input_of(ask: Ask, dataset_id: int) -> LayerFrames | None:
    """Return the input layer of a data set as it is measured, None if it was not."""
    sql = "select * from layers where dataset_id = $key and network_id is null"
    rows = ask(sql, {"key": dataset_id}).rows(named=True)
    if not rows:
        return None
    (row,) = rows
    tables = {}
    for name, rows_of in tables_of_layers(ask, {row["layer_id"]: 0}).items():
        frame = rows_of.rename({"graph_id": "graph"} if "graph_id" in rows_of.columns else {})
        if frame.height or name in ("graphs", "neighbors"):
            tables[name] = frame.drop("layer_id", strict=False)
    columns = {field.name: row[field.name] for field in fields(LayerFrames) if field.name in row}
    return LayerFrames(**columns, tables=tables)


def failed_cells(ask: Ask) -> Iterator[tuple[int, FailedCell, int]]:
    """Yield the cells that failed: the run that tried, the cell, how many networks it has."""
    rows = ask(
        "select c.*, (select count(*) from networks as n join datasets as d using (dataset_id)"
        " where n.study = c.study and d.name = c.dataset and n.width = c.width"
        " and n.depth = c.depth and n.final_id is null) as n_there from failed_cells as c",
        {},
    )
    for row in rows.iter_rows(named=True):
        run_id, n_there = row.pop("run_id"), row.pop("n_there")
        yield run_id, FailedCell(**row), n_there


def of_keys(table: str, key: str) -> str:
    """Return the statement that reads the rows of a table that belong to some keys.

    >>> of_keys("nodes", "graph_id")
    'select * from nodes where graph_id in (select unnest($keys::integer[]))'
    """
    return f"select * from {table} where {key} in (select unnest($keys::integer[]))"


def renumbered(rows: pl.DataFrame, key: str, numbers: Mapping[int, int]) -> pl.DataFrame:
    """Return rows with other keys in place of their own."""
    if not rows.height:
        return rows
    return rows.with_columns(pl.col(key).replace_strict(dict(numbers), return_dtype=pl.Int32))
