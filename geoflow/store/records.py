"""What is written to the store for one unit of work; the fields are columns."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from geoflow.scores.entry import Score

if TYPE_CHECKING:
    from geoflow.measure.layers import LayerFrames, NetworkFrames

Tables = Mapping[str, pl.DataFrame]
"""Rows by the name of their table."""


@dataclass(frozen=True)
class DatasetRecord:
    """A row of ``datasets``; see sql/tables/datasets.sql for what each column says.

    ``earlier``: what else the fingerprint of the same points may be in a store that was brought up.
    """

    name: str
    source: str
    n_test: int
    n_features: int
    fingerprint: str
    seed: int | None = None
    scale: str | None = None
    options: str = "{}"
    n_train: int | None = None
    n_classes: int | None = None
    classes: list[str] | None = None
    earlier: str | None = None

    @property
    def row(self) -> dict[str, Any]:
        """The columns of ``datasets``, less the key."""
        columns = asdict(self)
        del columns["earlier"]
        return columns

    @property
    def points(self) -> dict[str, str]:
        """The parameters of SAME_POINTS."""
        earlier = self.earlier or self.fingerprint
        return {"name": self.name, "fingerprint": self.fingerprint, "earlier": earlier}


SAME_POINTS = (
    "select dataset_id from datasets"
    " where name = $name and fingerprint in ($fingerprint, $earlier)"
    " order by fingerprint = $fingerprint limit 1"
)
"""The key of a data set in the store."""


@dataclass(frozen=True)
class NetworkRecord:
    """A row of ``networks`` without its keys; see sql/tables/networks.sql.

    ``final`` names the network of the same unit that this is a snapshot of, None if it is none.
    """

    name: str
    study: str
    width: str
    widths: list[int]
    depth: int
    status: str
    family: str | None = None
    activation: str | None = None
    batch_norm: bool | None = None
    memory_order: float | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    decay: float | None = None
    epsilon: float | None = None
    epsilon_inside: bool | None = None
    weight_decay: float | None = None
    epochs: int | None = None
    batch_size: int | None = None
    initialisation: str | None = None
    until_accuracy: float | None = None
    stopped_at: int | None = None
    validation_rows: int | None = None
    shuffled_labels: bool | None = None
    seed: int | None = None
    replica: int | None = None
    train_accuracy: float | None = None
    test_accuracy: float | None = None
    train_loss: float | None = None
    test_loss: float | None = None
    accuracy_threshold: float | None = None
    seconds: float | None = None
    reason: str | None = None
    final: str | None = None
    request: str | None = None


@dataclass(frozen=True)
class FailedCell:
    """A row of ``failed_cells`` without the run."""

    study: str
    dataset: str
    width: str
    depth: int
    n_networks: int
    reason: str
    traceback: str | None = None


@dataclass(frozen=True)
class Unit:
    """What one transaction writes: networks of one data set with the rows of their layers.

    ``labels`` (n,) or None; ``input_layer`` holds the graphs of layer 0 that the store lacks;
    ``tables`` are the hidden layers of the networks, see `network_tables`; ``scores``: a user's own
    that are among them.
    """

    dataset: DatasetRecord
    labels: np.ndarray | None
    input_layer: "LayerFrames | None"
    networks: Sequence[NetworkRecord]
    tables: Tables
    scores: Sequence[Score] = ()


def network_tables(networks: "Sequence[NetworkFrames]") -> dict[str, pl.DataFrame]:
    """Return networks as whole tables: layers, neighbors, graphs, their rows and the networks' own.

    The keys network_id, layer_id and graph_id count from 0; the store adds what is there already.
    """
    parts: dict[str, list[pl.DataFrame]] = {"layers": [], "neighbors": [], "graphs": []}
    n_graphs = 0
    numbered = [(at, frames) for at, one in enumerate(networks) for frames in one.layers]
    for layer_id, (network_id, frames) in enumerate(numbered):
        of_layer = pl.lit(layer_id, pl.Int32).alias("layer_id")
        row = {
            "network_id": network_id,
            "layer": frames.layer,
            "is_output": frames.is_output,
            "n_units": frames.n_units,
            "n_points": frames.n_points,
            "n_distinct": frames.n_distinct,
            "store_rank": frames.store_rank,
        }
        parts["layers"].append(pl.DataFrame([row]).with_columns(of_layer))
        for name, frame in frames.tables.items():
            keyed = frame
            if "graph" in frame.columns:
                graph_id = pl.col("graph").cast(pl.Int32) + n_graphs
                keyed = frame.with_columns(graph_id.alias("graph_id")).drop("graph")
            if name == "graphs" or "graph" not in frame.columns:
                keyed = keyed.with_columns(of_layer)
            parts.setdefault(name, []).append(keyed)
        n_graphs += frames.tables["graphs"].height
    for network_id, one in enumerate(networks):
        for name, frame in one.tables.items():
            own = pl.lit(network_id, pl.Int32).alias("network_id")
            parts.setdefault(name, []).append(frame.with_columns(own))
    return {
        name: pl.concat(frames, how="vertical_relaxed", rechunk=False)
        for name, frames in parts.items()
        if frames
    }


def options_json(options: Mapping[str, Any]) -> str:
    """Return options as JSON with sorted keys, as ``datasets.options`` keeps them."""
    return json.dumps(dict(sorted(options.items())))
