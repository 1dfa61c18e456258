"""Local geometry as rows of the store's tables: of a graph, of a network, of a step.

What belongs to a graph (its edges' curvatures, their means at points, classes and communities) is
numbered by the column ``graph``, as in `geoflow.measure.layers`. What depends on the network too,
since a network knows which points it classifies correctly and which layer follows, has the columns
layer, k and convention instead: the graph of layer 0 serves many networks.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product

import numpy as np
import polars as pl

from geoflow.geometry.community import class_curvature, class_edges, communities
from geoflow.geometry.curvature.registry import EdgeCurvature, edge_curvatures
from geoflow.geometry.graph import Graph, knn_graph
from geoflow.geometry.hops.expansion import expansion, mean_curvatures
from geoflow.geometry.layer import ranked_neighbors
from geoflow.geometry.neighbors.knn import Neighbors
from geoflow.specs import CURVATURES, GeometrySpec

GAP_CURVATURE = "augmented_forman"
"""The kind whose gap between classes is always measured, as Hehl et al. 2025 do."""


@dataclass(frozen=True)
class Classes:
    """What is known of n points: ``labels`` (n,), and whether each is classified correctly (n,)."""

    labels: np.ndarray | None = None
    correct: np.ndarray | None = None


@dataclass(frozen=True)
class LocalGraph:
    """The edges (m, 2) of an undirected layer graph and their curvatures."""

    k: int
    convention: str
    edges: np.ndarray
    curvatures: Sequence[EdgeCurvature]


def local_graph(graph: Graph, spec: GeometrySpec, threads: int | None) -> LocalGraph | None:
    """Return edges and curvatures of a graph, None if no local geometry of it is asked for."""
    if not spec.curvatures or graph.convention not in spec.undirected:
        return None
    kinds = dict.fromkeys((*spec.curvatures, GAP_CURVATURE))
    values = edge_curvatures(graph, kinds, dict.fromkeys(spec.alphas), threads)
    return LocalGraph(graph.k, graph.convention, graph.edges, values)


def kept_kinds(local: LocalGraph | None) -> list[str]:
    """Return the names of a graph's curvatures as ``graphs.curvatures`` keeps them.

    >>> kept_kinds(LocalGraph(8, "union", np.empty((0, 2)), [EdgeCurvature("forman", None, None)]))
    ['forman']
    """
    return [] if local is None else sorted(label(one) for one in local.curvatures)


def asked_kinds(spec: GeometrySpec, convention: str) -> set[str]:
    """Return the names of the curvatures that a spec asks of the graphs of a convention.

    >>> sorted(asked_kinds(GeometrySpec((8,), ("union",), curvatures=("ollivier",)), "union"))
    ['augmented_forman', 'ollivier(0)']
    """
    if not spec.curvatures or convention not in spec.undirected:
        return set()
    return {label(one) for one in no_values(spec)}


def no_values(spec: GeometrySpec) -> list[EdgeCurvature]:
    """Return the curvatures that a spec asks for, of a graph without edges."""
    return [
        EdgeCurvature(kind, alpha, np.empty(0))
        for kind in dict.fromkeys((*spec.curvatures, GAP_CURVATURE))
        for alpha in (dict.fromkeys(spec.alphas) if CURVATURES[kind].has_alpha else [None])
    ]


def label(one: EdgeCurvature) -> str:
    """Return the name of a kind of curvature, with its idle mass to the last digit.

    >>> label(EdgeCurvature("ollivier", 1 / 3, np.empty(0)))
    'ollivier(0.3333333333333333)'
    """
    if one.alpha is None:
        return one.curvature
    return f"{one.curvature}({repr(float(one.alpha)).removesuffix('.0')})"


def named(one: EdgeCurvature) -> list[pl.Expr]:
    """Return the columns that say which curvature a row is of."""
    alpha = pl.lit(one.alpha, pl.Float64)
    return [pl.lit(one.curvature).alias("curvature"), alpha.alias("alpha")]


def graph_frames(
    graph: Graph, local: LocalGraph, spec: GeometrySpec, labels: np.ndarray | None
) -> dict[str, pl.DataFrame]:
    """Return the rows of a graph's local geometry that the detail of the spec keeps."""
    found = communities(graph, labels, spec.seed)
    agreement = {
        "n_communities": found.n_communities,
        "leiden_modularity": found.modularity,
        "adjusted_rand": found.adjusted_rand,
        "normalized_mutual_information": found.normalized_mutual_information,
    }
    floats = dict.fromkeys(list(agreement)[1:], pl.Float64)
    tables = {"community_agreement": pl.DataFrame([agreement], schema_overrides=floats)}
    if labels is not None:
        tables["class_edges"] = pl.DataFrame(asdict(class_edges(graph, labels)))
    if spec.detail == "graphs":
        return tables
    points = np.arange(graph.n, dtype=np.int32)
    tables["communities"] = pl.DataFrame({"point": points, "community": found.community})
    tables["point_curvatures"] = pl.concat(
        pl.DataFrame(
            {"point": points, "mean_curvature": mean_curvatures(graph, one.values)}
        ).with_columns(pl.col("mean_curvature").fill_nan(None), *named(one))
        for one in local.curvatures
    )
    if spec.detail != "nodes":
        source, target = local.edges.T
        tables["edge_curvatures"] = pl.concat(
            [
                pl.DataFrame({"source": source, "target": target, "value": one.values})
                .cast({"value": pl.Float64})
                .with_columns(*named(one))
                for one in local.curvatures
                if one.curvature != "forman"  # SQL derives it from the degrees
            ]
        )
    return tables


def predictions_frame(predicted: np.ndarray, margin: np.ndarray | None) -> pl.DataFrame:
    """Return predictions: the class that a network gives each point, and by what margin."""
    columns = {"point": np.arange(len(predicted), dtype=np.int32), "predicted": predicted}
    frame = pl.DataFrame(columns).cast({"predicted": pl.Int32})
    margins = pl.lit(None, pl.Float32) if margin is None else pl.Series(margin.astype(np.float32))
    return frame.with_columns(margins.alias("margin"))


def class_frames(
    graphs: Sequence[LocalGraph],
    points: np.ndarray,
    layer: int,
    classes: Classes,
    spec: GeometrySpec,
    threads: int | None = None,
) -> pl.DataFrame:
    """Return class_curvatures of a layer: moments of curvatures within and between classes.

    Of all points (n, d) and, where that is known, of those classified correctly: the graphs of
    these points alone, made anew, as Hehl et al. 2025 do.
    """
    if classes.labels is None or not graphs:
        return pl.DataFrame()
    frames = [class_frame(graphs, layer, classes.labels, "all")]
    if (correct := classes.correct) is not None:
        some = graphs if correct.all() else graphs_of_some(points[correct], spec, threads)
        frames.append(class_frame(some, layer, classes.labels[correct], "correct"))
    return pl.concat(frames)


def graphs_of_some(
    points: np.ndarray, spec: GeometrySpec, threads: int | None = None
) -> list[LocalGraph]:
    """Return the local graphs of some points (m, d) of a layer, made anew.

    Where there are no more than k of them a graph has no edges.
    """
    most = min(max(spec.k), len(points) - 1)
    ranked = ranked_neighbors(points, most, spec.device, threads) if most > 0 else None
    found = []
    for convention, k in product(dict.fromkeys(spec.undirected), sorted(set(spec.k))):
        local = LocalGraph(k, convention, np.empty((0, 2), np.int64), no_values(spec))
        if ranked is not None and k <= most:
            local = local_graph(knn_graph(ranked, k, convention), spec, threads) or local
        found.append(local)
    return found


def class_frame(
    graphs: Sequence[LocalGraph], layer: int, labels: np.ndarray, points: str
) -> pl.DataFrame:
    """Return class_curvatures of graphs: moments of every curvature within and between classes.

    labels: of their points; ``points``: which points these are, all or correct.
    """
    rows = [
        {
            "layer": layer,
            "k": one.k,
            "convention": one.convention,
            "curvature": kind.curvature,
            "alpha": kind.alpha,
            "points": points,
            **asdict(class_curvature(one.edges, kind.values, labels)),
        }
        for one in graphs
        for kind in one.curvatures
    ]
    floats = ("alpha", "mean_within", "variance_within", "mean_between", "variance_between")
    return pl.DataFrame(
        rows, schema_overrides=dict.fromkeys(floats, pl.Float64), infer_schema_length=None
    )


def expansion_frame(
    layers: Sequence[Neighbors], spec: GeometrySpec, threads: int | None = None
) -> pl.DataFrame:
    """Return expansions: where the neighbours of each point go from each layer to the next.

    layers: the ranked neighbours of layers 0, 1, ..., L.
    """
    parts = []
    for convention in dict.fromkeys(spec.undirected):
        for k in sorted(set(spec.k)):
            graph = knn_graph(layers[0], k, convention)
            for layer, ranked in enumerate(layers[1:]):
                following = knn_graph(ranked, k, convention)
                step = expansion(graph, following, threads)
                parts.append(
                    pl.DataFrame(
                        {
                            "point": np.arange(graph.n, dtype=np.int32),
                            "n_neighbors": step.n_neighbors.astype(np.int32),
                            "n_unreachable": step.n_unreachable.astype(np.int32),
                            "hop_sum": step.hop_sum,
                        }
                    ).with_columns(
                        pl.lit(layer, pl.Int32).alias("layer"),
                        pl.lit(k, pl.Int32).alias("k"),
                        pl.lit(convention).alias("convention"),
                    )
                )
                graph = following
    return pl.concat(parts)
