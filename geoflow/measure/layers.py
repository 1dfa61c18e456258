"""The geometry of a layer as rows of the store's tables: arrays become polars frames here.

Graphs are numbered within their layer by the column ``graph``; the store turns these numbers
into ``graph_id`` when it writes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from geoflow.errors import GeometryError
from geoflow.geometry.compiled import n_threads, over_blocks
from geoflow.geometry.graph import Graph
from geoflow.geometry.hops.geodesics import Geodesics
from geoflow.geometry.layer import (
    GraphSummary,
    Hops,
    checked_k,
    graph_summary,
    of_each_graph,
    ranked_neighbors,
    refuse_sources,
    summary_frame,
)
from geoflow.geometry.layout.principal import principal_positions
from geoflow.geometry.neighbors.knn import Neighbors, checked_points
from geoflow.measure.graphrows import (
    Columns,
    geodesic_columns,
    hop_count_columns,
    neighbor_rows,
    node_columns,
    nullable_frame,
    of_all_graphs,
    there_and_back,
)
from geoflow.measure.local import (
    Classes,
    LocalGraph,
    class_frames,
    expansion_frame,
    graph_frames,
    kept_kinds,
    local_graph,
)
from geoflow.measure.positions import position_rows
from geoflow.specs import STUDY_STORE_RANK, GeometrySpec

MOST_PAIRS = 2**26
"""Above this many pairs of a layer, detail pairs is refused rather than left to exhaust memory."""


@dataclass(frozen=True)
class LayerFrames:
    """One layer: the fields are columns of ``layers``, ``tables`` the rows that belong to it."""

    layer: int
    is_output: bool
    n_units: int
    n_points: int
    n_distinct: int
    store_rank: int
    tables: dict[str, pl.DataFrame]


@dataclass(frozen=True)
class GraphRows:
    """What one graph gives: its row of ``graphs``, the rows that belong to it, its curvatures.

    ``columns`` become rows together with those of the layer's other graphs, ``tables`` are rows.
    """

    summary: GraphSummary
    columns: dict[str, Columns]
    tables: dict[str, pl.DataFrame]
    local: LocalGraph | None


@dataclass(frozen=True)
class MeasuredLayer:
    """A layer's rows, with what its network's rows are made of.

    These are its neighbours, the edges and curvatures of its graphs, and its points (n, d).
    """

    frames: LayerFrames
    ranked: Neighbors
    local: list[LocalGraph]
    points: np.ndarray


@dataclass(frozen=True)
class NetworkFrames:
    """The layers of a network, and in ``tables`` the rows that belong to the network itself."""

    layers: list[LayerFrames]
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)


def kept_rank(spec: GeometrySpec, n: int, is_output: bool = False) -> int:
    """Return up to which rank neighbours are kept: store_rank, or what the detail implies.

    Of an output none, where no edges are asked for: points that a network is sure of all have the
    output 1, and all of them would tie at every rank.
    """
    if spec.store_rank is not None:
        return min(spec.store_rank, n - 1)
    if spec.detail in ("edges", "pairs"):
        return max(spec.k)
    return 0 if is_output else min(STUDY_STORE_RANK, n - 1)


def network_frames(
    layers: Sequence[np.ndarray],
    spec: GeometrySpec,
    advance: Callable[[], None] | None = None,
    threads: int | None = None,
    origin: MeasuredLayer | None = None,
    classes: Classes | None = None,
    output: np.ndarray | None = None,
    seen: Callable[[int, np.ndarray], None] | None = None,
) -> NetworkFrames:
    """Return the rows of the hidden layers 1, 2, ... of a network, layers side by side in threads.

    With ``seen``, which is given each layer and its points, they are gone through one by one.

    ``advance`` is called after each layer. ``origin``: the input layer, which the spec's local
    geometry starts from; ``classes``: what is known of the points; ``output``: the layer that
    follows.
    """
    n_layers = len(layers) + (output is not None)
    threads = threads or n_threads()
    inner = 1 if n_layers >= threads and seen is None else threads
    classes = classes or Classes()

    def one(start: int, _: int) -> tuple[LayerFrames, Neighbors, pl.DataFrame]:
        layer, is_output = start + 1, start == len(layers)
        points = output if output is not None and is_output else layers[start]
        measured = measured_layer(points, layer, spec, classes.labels, inner, is_output)
        if advance is not None and not is_output:
            advance()
        if seen is not None and not is_output:
            seen(layer, points)
        moments = class_frames(measured.local, points, layer, classes, spec, inner)
        return measured.frames, measured.ranked, moments

    if inner > 1:
        found = [one(at, at + 1) for at in range(n_layers)]
    else:
        found = over_blocks(one, n_layers, 1, threads)
    tables = {}
    if spec.curvatures and origin is not None:
        if spec.detail != "graphs":
            ranked = [origin.ranked, *(each[1] for each in found)]
            tables["expansions"] = expansion_frame(ranked, spec, threads)
        if classes.labels is not None:
            moments = [
                class_frames(origin.local, origin.points, 0, classes, spec, threads),
                *(each[2] for each in found),
            ]
            tables["class_curvatures"] = pl.concat(moments)
    return NetworkFrames([each[0] for each in found], tables)


def layer_frames(
    points: np.ndarray, layer: int, spec: GeometrySpec, threads: int | None = None
) -> LayerFrames:
    """Return the rows of one layer, points (n, d), for every k and convention of the spec.

    Raises GeometryError, with the number of the layer, for points or k that have no graph.

    >>> spec = GeometrySpec(k=(2,), convention=("union",), detail="nodes")
    >>> frames = layer_frames(np.eye(4), 1, spec)
    >>> {name: len(frame) for name, frame in frames.tables.items()}
    {'neighbors': 12, 'graphs': 1, 'hop_counts': 2, 'nodes': 4, 'positions': 4}
    """
    return measured_layer(points, layer, spec, threads=threads).frames


def measured_layer(
    points: np.ndarray,
    layer: int,
    spec: GeometrySpec,
    labels: np.ndarray | None = None,
    threads: int | None = None,
    is_output: bool = False,
) -> MeasuredLayer:
    """Return the rows of one layer, points (n, d) of classes labels (n,), and its local graphs.

    is_output: whether it is the output of its network; `kept_rank` says what that changes.
    """
    threads = threads or n_threads()
    try:
        points = checked_points(points)
        n = len(points)
        keep = kept_rank(spec, n, is_output)
        refuse_sources(spec, n)
        n_pairs = n * (n - 1) // 2 * len(spec.k) * len(spec.convention)
        if spec.detail == "pairs" and n_pairs > MOST_PAIRS:
            raise GeometryError(f"detail pairs would keep {n_pairs:,} pairs: use detail edges")
        ranked = ranked_neighbors(points, max(*checked_k(spec.k, n), keep), spec.device, threads)
        near = neighbor_rows(ranked, keep)
    except GeometryError as error:
        raise GeometryError(f"layer {layer}: {error}") from None
    inner = max(1, threads // (len(spec.k) * len(spec.convention)))

    def rows_of(graph: Graph, hops: Hops) -> GraphRows:
        parts = {"hop_counts": hop_count_columns(hops)} if isinstance(hops, Geodesics) else {}
        if spec.detail != "graphs":
            parts["nodes"] = node_columns(graph, hops)
        local = local_graph(graph, spec, inner)
        tables = {} if local is None else graph_frames(graph, local, spec, labels)
        if spec.detail == "pairs":  # too many to be copied into one array
            tables["geodesics"] = nullable_frame(geodesic_columns(graph))
        return GraphRows(graph_summary(graph, hops), parts, tables, local)

    kept = of_each_graph(ranked, spec, rows_of, threads)
    graphs = summary_frame([one.summary for one in kept]).with_columns(
        graph=pl.int_range(pl.len(), dtype=pl.Int32),
        detail=pl.lit(spec.detail),
        curvatures=pl.Series([kept_kinds(one.local) for one in kept], dtype=pl.List(pl.String)),
    )
    tables = {"neighbors": near, "graphs": graphs, **tables_of_graphs(kept, layer)}
    if spec.detail != "graphs":
        tables["positions"] = position_rows("pca", principal_positions(points))
    frames = LayerFrames(layer, is_output, points.shape[1], n, ranked.n_distinct, keep, tables)
    local = [one.local for one in kept if one.local is not None]
    return MeasuredLayer(frames, ranked, local, points)


def tables_of_graphs(graphs: Sequence[GraphRows], layer: int) -> dict[str, pl.DataFrame]:
    """Return the rows that belong to the graphs of a layer, which are numbered from 0."""
    columns: dict[str, list[Columns]] = {}
    rows: dict[str, list[pl.DataFrame]] = {}
    for number, one in enumerate(graphs):
        for name, some in one.columns.items():
            columns.setdefault(name, []).append(some)
        for name, frame in one.tables.items():
            rows.setdefault(name, []).append(frame.with_columns(graph=pl.lit(number, pl.Int32)))
    if "nodes" in columns:
        columns["nodes"] = there_and_back(columns["nodes"], layer * len(graphs))
    found = {name: nullable_frame(of_all_graphs(parts)) for name, parts in columns.items()}
    return found | {name: pl.concat(parts, how="vertical_relaxed") for name, parts in rows.items()}
