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
from geoflow.geometry.curvature.forman import forman_sums
from geoflow.geometry.graph import Graph
from geoflow.geometry.hops.geodesics import Geodesics, hop_matrix
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

Columns = dict[str, np.ndarray]

MOST_PAIRS = 2**26
"""Above this many pairs of a layer, detail pairs is refused rather than left to exhaust memory."""

NULLABLE = ("out_degree", "geodesic_sum", "eccentricity", "hops")
"""Columns of whole numbers >= 0 in which -1 stands for null until they become a frame."""


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
    """What one graph gives: its row of ``graphs``, the rows that belong to it, its curvatures."""

    summary: GraphSummary
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
        if spec.detail == "pairs":
            parts["geodesics"] = geodesic_columns(graph)
        tables = {name: nullable_frame(columns) for name, columns in parts.items()}
        local = local_graph(graph, spec, inner)
        if local is not None:
            tables |= graph_frames(graph, local, spec, labels)
        return GraphRows(graph_summary(graph, hops), tables, local)

    kept = of_each_graph(ranked, spec, rows_of, threads)
    rows: dict[str, list[pl.DataFrame]] = {}
    for number, one in enumerate(kept):
        for name, frame in one.tables.items():
            rows.setdefault(name, []).append(frame.with_columns(graph=pl.lit(number, pl.Int32)))
    graphs = summary_frame([one.summary for one in kept]).with_columns(
        graph=pl.int_range(pl.len(), dtype=pl.Int32),
        detail=pl.lit(spec.detail),
        curvatures=pl.Series([kept_kinds(one.local) for one in kept], dtype=pl.List(pl.String)),
    )
    tables = {
        "neighbors": near,
        "graphs": graphs,
        **{name: pl.concat(parts) for name, parts in rows.items()},
    }
    if spec.detail != "graphs":
        tables["positions"] = position_rows("pca", principal_positions(points))
    frames = LayerFrames(layer, is_output, points.shape[1], n, ranked.n_distinct, keep, tables)
    local = [one.local for one in kept if one.local is not None]
    return MeasuredLayer(frames, ranked, local, points)


def nullable_frame(columns: Columns) -> pl.DataFrame:
    """Return columns as a frame; -1 stands for null and becomes it.

    >>> nullable_frame({"hops": np.array([1, -1])})["hops"].to_list()
    [1, None]
    """
    frame = pl.DataFrame(columns)
    nullable = [name for name in NULLABLE if name in columns and (columns[name] < 0).any()]
    return frame.with_columns(pl.when(pl.col(name) >= 0).then(pl.col(name)) for name in nullable)


def neighbor_rows(ranked: Neighbors, keep: int) -> pl.DataFrame:
    """Return point, rank, n_tied, neighbor, distance up to a rank, ties of it included."""
    kept = ranked.min_rank <= keep
    farthest = ranked.distance[kept].max(initial=0)
    if farthest > np.finfo(np.float32).max:
        raise GeometryError(
            f"a distance of {farthest:.0e} does not fit the store's FLOAT: scale the layer down"
        )
    points = np.repeat(np.arange(ranked.n, dtype=np.int32), np.diff(ranked.indptr))
    return pl.DataFrame(
        {
            "point": points[kept],
            "rank": ranked.rank[kept],
            "n_tied": (ranked.rank - ranked.min_rank)[kept],
            "neighbor": ranked.index[kept],
            "distance": ranked.distance[kept].astype(np.float32),
        }
    )


def hop_count_columns(hops: Geodesics) -> Columns:
    """Return hops, n_pairs for every hop distance that occurs, 0 left out."""
    counts = hops.hop_counts[1:]
    return {"hops": np.arange(1, len(counts) + 1, dtype=np.int32), "n_pairs": counts}


def node_columns(graph: Graph, hops: Hops) -> Columns:
    """Return one row per point; sums of distances are null where they are not known.

    They are not where a point cannot be reached, nor from a sample of sources.
    """
    none = np.full(graph.n, -1, np.int64)
    geodesic_sums, eccentricities = none, none
    out_degrees = none if graph.in_degrees is None else graph.degrees - graph.in_degrees
    if isinstance(hops, Geodesics):
        reaches_all = hops.reached == graph.n
        geodesic_sums = np.where(reaches_all, hops.sums, -1)
        eccentricities = np.where(reaches_all, hops.eccentricities, -1)
    return {
        "point": np.arange(graph.n, dtype=np.int32),
        "degree": graph.degrees.astype(np.int32),
        "out_degree": out_degrees.astype(np.int32),
        "forman_sum": forman_sums(graph),
        "geodesic_sum": geodesic_sums,
        "eccentricity": eccentricities.astype(np.int32),
        "component": hops.components,
    }


def geodesic_columns(graph: Graph) -> Columns:
    """Return point_a < point_b and their hop distance, null where there is no path."""
    first, second = np.triu_indices(graph.n, k=1)
    hops = hop_matrix(graph)[first, second]
    return {"point_a": first.astype(np.int32), "point_b": second.astype(np.int32), "hops": hops}
