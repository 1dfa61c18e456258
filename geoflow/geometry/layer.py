"""The geometry of one layer: every k and convention from one ranking of the neighbours."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar, get_type_hints

import numpy as np
import polars as pl

from geoflow.errors import GeometryError
from geoflow.geometry.compiled import n_threads, over_blocks
from geoflow.geometry.curvature.forman import total_forman
from geoflow.geometry.graph import Graph, knn_graph
from geoflow.geometry.hops.geodesics import (
    Geodesics,
    SampledGeodesics,
    geodesics,
    sampled_geodesics,
)
from geoflow.geometry.neighbors.device import geodesics_on, neighbors_on, torch_on
from geoflow.geometry.neighbors.knn import Neighbors, checked_points, neighbors
from geoflow.specs import GeometrySpec, asked_geometry

Kept = TypeVar("Kept")
Hops = Geodesics | SampledGeodesics


@dataclass(frozen=True)
class GraphSummary:
    """One row of ``graphs``: what a layer graph is.

    ``total_forman`` = sum over edges of 4 - deg i - deg j; ``total_geodesic`` = sum of hop
    distances over ordered pairs, None if not connected, as is ``diameter``. If ``n_sources`` is
    below n the total is an estimate with standard error ``total_geodesic_error`` (0 if exact),
    and the diameter is not known. ``degree_skewness``
    = mean of ((deg - mean) / deviation)^3, None if all degrees are equal.
    """

    k: int
    convention: str
    n_edges: int
    n_components: int
    is_connected: bool
    total_forman: int
    total_geodesic: int | None
    diameter: int | None
    min_degree: int
    max_degree: int
    degree_skewness: float | None
    n_sources: int
    total_geodesic_error: float | None


def graph_summary(graph: Graph, hops: Hops) -> GraphSummary:
    """Return what is kept of a graph and its hop distances."""
    degrees = graph.degrees
    centred = degrees - degrees.mean()
    is_regular = degrees.min() == degrees.max()
    return GraphSummary(
        k=graph.k,
        convention=graph.convention,
        n_edges=graph.n_edges,
        n_components=hops.n_components,
        is_connected=hops.is_connected,
        total_forman=total_forman(graph),
        total_geodesic=hops.total,
        total_geodesic_error=hops.total_error,
        n_sources=hops.n_sources,
        diameter=hops.diameter,
        min_degree=int(degrees.min()),
        max_degree=int(degrees.max()),
        degree_skewness=None if is_regular else float((centred**3).mean() / centred.std() ** 3),
    )


def summary_frame(summaries: Sequence[GraphSummary]) -> pl.DataFrame:
    """Return one row per summary; columns have their type also where all of them are null."""
    kinds = {"int": pl.Int64, "float": pl.Float64, "str": pl.String, "bool": pl.Boolean}
    schema = {
        name: kinds[getattr(kind, "__name__", None) or kind.__args__[0].__name__]
        for name, kind in get_type_hints(GraphSummary).items()
    }
    return pl.DataFrame([asdict(one) for one in summaries], schema=schema)


def checked_k(k: Sequence[int], n: int) -> tuple[int, ...]:
    """Return the numbers of neighbours in order, each once, all below n."""
    if bad := [one for one in k if not 1 <= one < n]:
        raise GeometryError(f"k = {bad[0]} of {n} points: choose k from 1 to n - 1 = {n - 1}")
    return tuple(sorted(set(k)))


def ranked_neighbors(
    points: np.ndarray, max_rank: int, device: str, threads: int | None = None
) -> Neighbors:
    """Return the ranked neighbours of points (n, d), computed on a device of DEVICES."""
    if device == "cpu":
        return neighbors(points, max_rank, threads)
    return neighbors_on(points, max_rank, device)


def refuse_sources(spec: GeometrySpec, n: int) -> None:
    """Refuse more sources than points, and a device that is not there, before any work."""
    if spec.n_sources is not None and spec.n_sources > n:
        raise GeometryError(f"n_sources must be from 1 to {n}, the points, not {spec.n_sources}")
    if spec.device != "cpu":
        torch_on(spec.device)


def of_each_graph(
    ranked: Neighbors,
    spec: GeometrySpec,
    keep: Callable[[Graph, Hops], Kept],
    threads: int | None = None,
) -> list[Kept]:
    """Return ``keep(graph, hops)`` of every graph of the spec, by convention and k.

    Graphs are made side by side in threads and forgotten: only what is kept stays in memory.
    """
    asked = [(one, k) for one in dict.fromkeys(spec.convention) for k in sorted(set(spec.k))]
    threads = threads or n_threads()
    inner = 1 if len(asked) >= threads else threads
    largest_first = sorted(range(len(asked)), key=lambda at: -asked[at][1])

    def one(start: int, _: int) -> Kept:
        convention, k = asked[largest_first[start]]
        graph = knn_graph(ranked, k, convention)
        if spec.n_sources is not None:
            return keep(graph, sampled_geodesics(graph, spec.n_sources, spec.seed, inner))
        if spec.device != "cpu":
            return keep(graph, geodesics_on(graph, spec.device))
        return keep(graph, geodesics(graph, inner))

    side_by_side = inner == 1 and spec.device == "cpu"
    kept = over_blocks(one, len(asked), 1, threads if side_by_side else 1)
    return [kept[largest_first.index(at)] for at in range(len(asked))]


def layer_geometry(
    points: np.ndarray,
    k: int | Sequence[int] | None = None,
    convention: str | Sequence[str] | None = None,
    *,
    n_sources: int | None = None,
    seed: int | None = None,
    device: str | None = None,
    geometry: GeometrySpec | None = None,
) -> pl.DataFrame:
    """Return curvature and geodesic totals of a layer's kNN graphs, one row per convention and k.

        total_forman   = sum over edges of 4 - deg i - deg j       (Baptista et al. 2024, Eq. 3)
        total_geodesic = sum over ordered pairs of the hop distance, null if not connected

    points: (n, d), the layer's activations on n test points. k: neighbours, 1 <= k < n, one number
    or several. convention: ``directed`` (the default: all ties in; degree = in + out), ``union`` or
    ``mutual``, one or several; see `geoflow.geometry.graph`. n_sources: for very many points,
    estimate total_geodesic from so many of them, drawn with seed (0); its standard error is in
    total_geodesic_error. device: ``cpu`` or ``cuda``, the results are the same. geometry: all of
    these in one. Columns: k, convention, n_points, n_distinct, and those of `GraphSummary`. Raises
    GeometryError or SpecError for points or k that have no graph.

    >>> ring = np.array([[np.cos(t), np.sin(t)] for t in np.arange(8) * np.pi / 4])
    >>> frame = layer_geometry(ring, k=2, convention="union")
    >>> frame.select("n_edges", "total_forman", "total_geodesic", "diameter").row(0)
    (8, 0, 128, 4)
    """
    words = {
        "k": k,
        "convention": convention,
        "n_sources": n_sources,
        "seed": seed,
        "device": device,
        "geometry": geometry,
    }
    spec = asked_geometry({name: value for name, value in words.items() if value is not None})
    rows = checked_points(points)
    ranked = ranked_neighbors(rows, max(checked_k(spec.k, len(rows))), spec.device)
    summaries = of_each_graph(ranked, spec, graph_summary)
    return summary_frame(summaries).select(
        "k",
        "convention",
        pl.lit(ranked.n).alias("n_points"),
        pl.lit(ranked.n_distinct).alias("n_distinct"),
        pl.exclude("k", "convention"),
    )
