"""What the canvas is sent: a network at once, a curvature of its edges, a score of its points."""

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from hashlib import blake2b
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np

from geoflow.errors import SpecError, unknown
from geoflow.explore.answers import Answers
from geoflow.explore.graphdata import class_names, graph_arrays, in_one_answer
from geoflow.explore.state import LAYOUTS
from geoflow.geometry.graph import knn_graph
from geoflow.geometry.layout.geodesic import components, geodesic_layouts
from geoflow.geometry.neighbors.knn import neighbors
from geoflow.store.layergraphs import (
    StoredGraphs,
    edge_values,
    layer_graphs,
    stored_curvatures,
)
from geoflow.store.results import Database

KEPT_NETWORKS = 8
"""Networks kept in memory as sent, and layouts: for the way back, and while others write."""

SCORE_NAMES = (
    "select distinct score_label(score, curvature, alpha, convention, k, points, radius) as score"
    " from point_scores where network = $network and ("
    "coalesce(k = $k, true) and coalesce(convention = $convention, true)"
    " or score in (select name from scores where is_own)) order by all"
)
SCORE = (
    "select point, value from point_scores where network = $network"
    " and score_label(score, curvature, alpha, convention, k, points, radius) = $score"
)
POSITIONS = (
    "select layer_id, point, x, y, z from positions join network_layers using (layer_id)"
    " join networks as n using (network_id) where n.name = $network and layout = $layout"
    " and coalesce(k = $k, true) and coalesce(convention = $convention, true)"
    " order by layer, point"
)

ON_SAME_POINTS = (
    "select distinct o.name from networks as n"
    " join datasets as d on d.dataset_id = n.dataset_id"
    " join datasets as e on e.fingerprint = d.fingerprint"
    " join networks as o on o.dataset_id = e.dataset_id"
    " where n.name = $network and o.status <> 'failed' order by all"
)

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The few last values of a key; safe for many threads."""

    def __init__(self) -> None:
        self._values: OrderedDict[Any, Value] = OrderedDict()
        self._gate = Lock()

    def value(self, key: Any, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made where it is not kept."""
        with self._gate:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        found = make()
        with self._gate:
            self._values[key] = found
            while len(self._values) > KEPT_NETWORKS:
                self._values.popitem(last=False)
        return found


_answers: Kept[tuple[str, bytes]] = Kept()
_layouts: Kept[list[np.ndarray]] = Kept()


def network_payload(db: Database, asked: Mapping[str, str]) -> bytes | None:
    """Return all layers of a network as bytes; see `graphdata`. None: it is as it is known.

    asked: network, and k, convention, layout, dimensions where they are not as by default;
    ``known``: the digest of what the page has.
    """
    what = {name: one for name, one in asked.items() if name != "known"}
    key = (db.path, *Answers(db.path).stamp(), *sorted(what.items()))
    digest, data = _answers.value(key, lambda: fresh_payload(db, what))
    return None if digest == asked.get("known") else data


def fresh_payload(db: Database, asked: Mapping[str, str]) -> tuple[str, bytes]:
    """Return all layers of a network as bytes, read now, and their digest.

    The store is closed again before points are laid out.
    """
    layout = asked.get("layout") or "geodesic"
    if layout not in LAYOUTS:
        raise unknown("layout", layout, LAYOUTS, "choose one of these")
    dimensions = 3 if asked.get("dimensions") == "3" else 2
    with db.held() as held:
        graphs = asked_graphs(held, asked)
        facts = canvas_facts(held, graphs, layout)
        if layout != "geodesic":
            positions = stored_positions(held, graphs, layout, dimensions)
    if layout == "geodesic":
        positions = laid_out(graphs, dimensions)
    arrays = graph_arrays(graphs, positions)
    digest = digest_of(json.dumps(facts).encode(), *arrays.values())
    return digest, in_one_answer(facts | {"digest": digest}, arrays)


def laid_out(graphs: StoredGraphs, dimensions: int) -> list[np.ndarray]:
    """Return the geodesic layout (n, dimensions) of each layer, kept for as long as graphs last."""
    found = [one.graph for one in graphs.layers]
    parts = [part for one in found for part in (one.indptr, one.indices)]
    key = digest_of(bytes([dimensions]), *parts)
    return _layouts.value(key, lambda: list(geodesic_layouts(found, dimensions)))


def digest_of(*parts: bytes | np.ndarray) -> str:
    """Return what tells contents apart."""
    found = blake2b(digest_size=16)
    for part in parts:
        data = np.ascontiguousarray(part).tobytes() if isinstance(part, np.ndarray) else part
        found.update(len(data).to_bytes(8, "little") + data)
    return found.hexdigest()


def asked_graphs(db: Database, asked: Mapping[str, str]) -> StoredGraphs:
    """Return the layer graphs that a request names."""
    k = asked.get("k", "")
    if k and not (k.isascii() and k.isdigit() and len(k) < 10):
        raise SpecError(f"k = {k[:20]} is not a number of neighbours: give 1 or more")
    return layer_graphs(
        db, asked.get("network", ""), int(k) if k else None, asked.get("convention", "")
    )


def canvas_facts(db: Database, graphs: StoredGraphs, layout: str) -> dict[str, Any]:
    """Return what the page says of a network beside its arrays."""
    layers = []
    for one in graphs.layers:
        found = components(one.graph.indptr, one.graph.indices)
        layers.append(
            {
                "layer": one.layer,
                "is_output": one.is_output,
                "n_units": one.n_units,
                "n_components": int(found.max()) + 1,
            }
        )
    names = {"network": graphs.network, "k": graphs.k, "convention": graphs.convention}
    return {
        **names,
        "layout": layout,
        "n": graphs.layers[0].graph.n,
        "layers": layers,
        "classes": class_names(graphs),
        "curvatures": ["forman", *stored_curvatures(db, graphs)],
        "scores": db.query(SCORE_NAMES, **names)["score"].to_list(),
        "notes": notes(graphs),
        "beside": db.query(ON_SAME_POINTS, network=graphs.network)["name"].to_list(),
    }


def notes(graphs: StoredGraphs) -> list[str]:
    """Return what is not as it was asked for, a sentence each."""
    found = [f"Layer {layer} is left out: {why}." for layer, why in graphs.missing.items()]
    if graphs.k != graphs.asked_k:
        found.append(
            f"Neighbours are kept up to rank {graphs.k}: the graph of k = {graphs.k} is drawn in"
            f" place of k = {graphs.asked_k}. `--detail edges` keeps all."
        )
    return found


def stored_positions(
    db: Database, graphs: StoredGraphs, layout: str, dimensions: int
) -> list[np.ndarray]:
    """Return the positions (n, dimensions) of each layer that the store has of a layout."""
    n = graphs.layers[0].graph.n
    rows = db.query(
        POSITIONS, network=graphs.network, layout=layout, k=graphs.k, convention=graphs.convention
    )
    parts = {key: part for (key,), part in rows.partition_by("layer_id", as_dict=True).items()}
    found = []
    for one in graphs.layers:
        if one.layer_id not in parts or parts[one.layer_id].height != n:
            raise SpecError(
                f"no {LAYOUTS[layout]} positions of layer {one.layer} of network"
                f" '{graphs.network}' are kept: {REMEDIES[layout]}"
            )
        found.append(parts[one.layer_id].select("x", "y", "z")[:, :dimensions].to_numpy())
    return found


REMEDIES = {
    "pca": "write it with --detail nodes or more",
    "umap": "write them with `geoflow layout NETWORK --k K`",
}
"""How positions come into a store."""


def edge_payload(db: Database, asked: Mapping[str, str]) -> bytes:
    """Return a stored curvature of the edges of all layers, one after another."""
    graphs = asked_graphs(db, asked)
    kind = asked.get("kind", "")
    known = stored_curvatures(db, graphs)
    if kind not in known:
        raise unknown("curvature", kind, ["forman", *known], "choose one of these")
    values = edge_values(db, graphs, kind)
    arrays = {
        f"values {one.layer}": value.astype(np.float32)
        for one, value in zip(graphs.layers, values, strict=True)
    }
    return in_one_answer({"kind": kind}, arrays)


def point_payload(db: Database, asked: Mapping[str, str]) -> bytes:
    """Return a score of the points of a network, NaN where it has none."""
    network, score = asked.get("network", ""), asked.get("score", "")
    layers = db.layers(network)
    rows = db.query(SCORE, network=network, score=score)
    n = db.query("select n_points from layers where layer_id = $id", id=layers[0]).item()
    values = np.full(n, np.nan, np.float32)
    values[rows["point"].to_numpy()] = rows["value"].cast(float).to_numpy()
    return in_one_answer({"score": score}, {"values": values})


def prepare_layouts() -> None:
    """Compile what lays graphs out: seconds on the first day of an installation, then none."""
    near = neighbors(np.random.default_rng(0).normal(size=(60, 2)), 2)
    for _ in geodesic_layouts([knn_graph(near, 2, "union")]):
        pass
