"""The layer graphs of a network as arrays, from the neighbours that the store keeps.

A store keeps ranked neighbours, every k at once: a graph of any k up to the rank that is kept can
be made, whether or not it was measured. What is read is closed again before anything is computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from geoflow.errors import SpecError, unknown
from geoflow.geometry.graph import Graph, knn_graph
from geoflow.geometry.neighbors.knn import Neighbors
from geoflow.specs import CONVENTIONS
from geoflow.store.results import Database

LAYERS = (
    "select nl.layer, nl.layer_id, nl.is_output, nl.n_units, nl.n_points, l.store_rank"
    " from network_layers as nl join networks as n using (network_id)"
    " join layers as l using (layer_id) where n.name = $network order by nl.layer"
)
MEASURED = (
    "select distinct g.convention, g.k from graphs as g join network_layers as l using (layer_id)"
    " join networks as n using (network_id) where n.name = $network order by all"
)
CLASS_NAMES = (
    "select d.classes from datasets as d join networks as n using (dataset_id)"
    " where n.name = $network"
)
NEIGHBORS = (
    "select point, neighbor, rank - n_tied as min_rank, distance from neighbors"
    " where layer_id = $layer_id and rank - n_tied <= $k order by point, rank"
)
POINTS = (
    "select s.point, s.label, p.predicted, p.margin from networks as n"
    " join samples as s using (dataset_id)"
    " left join predictions as p on p.network_id = n.network_id and p.point = s.point"
    " where n.name = $network order by s.point"
)
CURVATURE = (
    "select source, target, value from edge_curvatures as c join graphs as g using (graph_id)"
    " where g.layer_id = $layer_id and g.k = $k and g.convention = $convention"
    " and c.curvature = $curvature and c.alpha is not distinct from $alpha"
    " order by source, target"
)

NOT_KEPT = "its neighbours are not kept: write the network with --detail edges"


@dataclass(frozen=True)
class StoredLayer:
    """A layer of a network: its row, and its graph. ``distances``: of its ranked neighbours."""

    layer: int
    layer_id: int
    is_output: bool
    n_units: int
    graph: Graph
    ranked: Neighbors


@dataclass(frozen=True)
class StoredGraphs:
    """The layer graphs of a network for one k and convention.

    ``asked_k``: the k that was asked for, k the one that the neighbours suffice for; ``missing``:
    layers without a graph, and why, in words; ``points``: point, label, predicted, margin.
    """

    network: str
    k: int
    asked_k: int
    convention: str
    layers: list[StoredLayer]
    missing: dict[int, str]
    points: pl.DataFrame
    classes: list[str]


def layer_graphs(
    db: Database, network: str, k: int | None = None, convention: str = "", layer: int | None = None
) -> StoredGraphs:
    """Return the layer graphs of a network, of all layers or of one.

    k: None for the first that was measured; of more than neighbours are kept for, it is as many as
    are. convention: empty for the first that was measured. Raises SpecError for a network, layer or
    convention that is not there, and where no layer has neighbours.
    """
    with db.held() as held:
        known = held.layers(network)
        if layer is not None and layer not in known:
            raise SpecError(
                f"network '{network}' has no layer {layer}: its layers are 0 to {max(known)}"
            )
        rows = held.query(LAYERS, network=network).rows(named=True)
        measured = held.query(MEASURED, network=network).rows()
        named, asked = asked_graph(measured, k, convention)
        with_neighbors = [row for row in rows if row["store_rank"]]
        if not with_neighbors:
            raise SpecError(
                f"no neighbours of network '{network}' are kept: write it with --store-rank 10 or"
                " --detail edges"
            )
        drawn = min(asked, *(row["store_rank"] for row in with_neighbors))
        missing = {row["layer"]: NOT_KEPT for row in rows if not row["store_rank"]}
        if layer in missing:
            raise SpecError(f"layer {layer} of network '{network}' has no graph: {NOT_KEPT}")
        near = [
            (row, held.query(NEIGHBORS, layer_id=row["layer_id"], k=drawn))
            for row in with_neighbors
            if layer in (None, row["layer"])
        ]
        points = held.query(POINTS, network=network)
        classes = held.query(CLASS_NAMES, network=network).item()
    layers = [stored_layer(row, frame, drawn, named) for row, frame in near]
    names = [] if classes is None else list(classes)
    return StoredGraphs(network, drawn, asked, named, layers, missing, points, names)


def asked_graph(
    measured: Sequence[tuple[str, int]], k: int | None, convention: str
) -> tuple[str, int]:
    """Return the convention and the k that are asked for; measured: those of the store, in order.

    >>> asked_graph([("directed", 4), ("union", 8)], None, "union")
    ('union', 8)
    """
    named = convention or measured[0][0]
    if named not in CONVENTIONS:
        raise unknown("convention", named, CONVENTIONS, "choose one of these")
    if k is None:
        k = next((one for kind, one in measured if kind == named), measured[0][1])
    if k < 1:
        raise SpecError(f"k = {k} is not a number of neighbours: give 1 or more")
    return named, k


def stored_layer(
    row: Mapping[str, Any], near: pl.DataFrame, k: int, convention: str
) -> StoredLayer:
    """Return a layer with the graph of its neighbours."""
    point = near["point"].to_numpy()
    indptr = np.searchsorted(point, np.arange(row["n_points"] + 1))
    columns = (near[name].to_numpy() for name in ("neighbor", "distance", "min_rank"))
    ranked = Neighbors(k, indptr, *columns)
    own = {name: row[name] for name in ("layer", "layer_id", "is_output", "n_units")}
    return StoredLayer(**own, graph=knn_graph(ranked, k, convention), ranked=ranked)


def undirected_edges(graph: Graph) -> np.ndarray:
    """Return the adjacent pairs (m, 2) i < j of a graph, each once, in order.

    >>> from geoflow.geometry.neighbors.knn import neighbors
    >>> ranked = neighbors(np.array([[0.0], [1.0], [3.0]]), max_rank=1)
    >>> undirected_edges(knn_graph(ranked, 1, "directed")).tolist()
    [[0, 1], [1, 2]]
    """
    rows = np.repeat(np.arange(graph.n, dtype=np.int64), np.diff(graph.indptr))
    keys = (rows * graph.n + graph.indices)[rows < graph.indices]
    keys.sort()
    return np.stack([keys // graph.n, keys % graph.n], axis=1).astype(np.int32)


def edge_values(db: Database, graphs: StoredGraphs, kind: str) -> list[np.ndarray]:
    """Return a stored curvature of the edges of each layer, in the order of `undirected_edges`.

    kind: as ``graphs.curvatures`` names it, ``ollivier(0.5)`` with its idle mass. NaN where the
    store has none.
    """
    curvature, _, alpha = kind.rstrip(")").partition("(")
    asked = {"curvature": curvature, "alpha": float(alpha) if alpha else None}
    with db.held() as held:
        frames = [
            held.query(
                CURVATURE,
                layer_id=one.layer_id,
                k=graphs.k,
                convention=graphs.convention,
                **asked,
            )
            for one in graphs.layers
        ]
    found = []
    for one, frame in zip(graphs.layers, frames, strict=True):
        edges = undirected_edges(one.graph).astype(np.int64)
        values = np.full(len(edges), np.nan)
        if frame.height:
            keys = frame["source"].to_numpy().astype(np.int64) * one.graph.n + frame["target"]
            own = edges[:, 0] * one.graph.n + edges[:, 1]
            places = np.searchsorted(keys, own).clip(max=len(keys) - 1)
            held_too = keys[places] == own
            values[held_too] = frame["value"].to_numpy()[places[held_too]]
        found.append(values)
    return found


def stored_curvatures(db: Database, graphs: StoredGraphs) -> list[str]:
    """Return the names of the curvatures that the store has of the edges of every layer."""
    rows = db.query(
        "select list(curvatures) as found from graphs where layer_id in $ids and k = $k"
        " and convention = $convention and detail in ('edges', 'pairs')",
        ids=[one.layer_id for one in graphs.layers],
        k=graphs.k,
        convention=graphs.convention,
    ).item()
    if rows is None or len(rows) < len(graphs.layers):
        return []
    common = set.intersection(*(set(one) for one in rows))
    return sorted(common - {"forman"})
