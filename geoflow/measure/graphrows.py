"""What is measured of a graph as columns of the store's tables, and the order of their rows."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from polars import selectors

from geoflow.errors import GeometryError
from geoflow.geometry.curvature.forman import forman_sums
from geoflow.geometry.graph import Graph
from geoflow.geometry.hops.geodesics import Geodesics, hop_matrix
from geoflow.geometry.layer import Hops
from geoflow.geometry.neighbors.knn import Neighbors

Columns = dict[str, np.ndarray]

NULLABLE = ("out_degree", "geodesic_sum", "eccentricity", "hops")
"""Columns of whole numbers >= 0 in which -1 stands for null until they become a frame."""


def nullable_frame(columns: Columns) -> pl.DataFrame:
    """Return columns as a frame, in few bits; -1 stands for null and becomes it.

    >>> nullable_frame({"hops": np.array([1, -1])})["hops"].to_list()
    [1, None]
    """
    frame = in_few_bits(pl.DataFrame(columns))
    nullable = [name for name in NULLABLE if name in columns and (columns[name] < 0).any()]
    return frame.with_columns(pl.when(pl.col(name) >= 0).then(pl.col(name)) for name in nullable)


def neighbor_rows(ranked: Neighbors, keep: int) -> pl.DataFrame:
    """Return point, rank, n_tied, neighbor, distance up to a rank, ties of it included."""
    kept = np.flatnonzero(ranked.min_rank <= keep)
    farthest = ranked.distance[kept].max(initial=0)
    if farthest > np.finfo(np.float32).max:
        raise GeometryError(
            f"a distance of {farthest:.0e} does not fit the store's FLOAT: scale the layer down"
        )
    points, ranks = ranked.places(kept)
    columns = {
        "point": points,
        "rank": ranks,
        "n_tied": ranks - ranked.min_rank[kept],
        "neighbor": ranked.index[kept],
        "distance": ranked.distance[kept].astype(np.float32),
    }
    return in_few_bits(pl.DataFrame(columns))


def in_few_bits(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with each column of whole numbers in the narrowest type that holds it.

    A worker keeps the rows of all networks of a cell until the last is measured. The store has
    types of its own.

    >>> in_few_bits(pl.DataFrame({"hops": [1, 70_000], "n": [3, 4]})).dtypes
    [Int32, Int8]
    """
    return frame.with_columns(one.shrink_dtype() for one in frame.select(selectors.integer()))


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
        "degree": graph.degrees,
        "out_degree": out_degrees,
        "forman_sum": forman_sums(graph),
        "geodesic_sum": geodesic_sums,
        "eccentricity": eccentricities,
        "component": hops.components,
    }


def geodesic_columns(graph: Graph) -> Columns:
    """Return point_a < point_b and their hop distance, null where there is no path."""
    first, second = np.triu_indices(graph.n, k=1)
    hops = hop_matrix(graph)[first, second]
    return {"point_a": first.astype(np.int32), "point_b": second.astype(np.int32), "hops": hops}


def there_and_back(graphs: Sequence[Columns], first: int) -> list[Columns]:
    """Return the columns of graphs, one row a point: of every other from the last point to 0.

    DuckDB keeps differences of what follows each other. Where the next graph goes on from the
    point at which the one before has ended, each is of a few bits; from n - 1 to 0 it takes eleven
    for all: 0.26 of the 3.2 GB of the study of the 2024 paper. first: how many graphs there were.

    >>> [one["point"].tolist() for one in there_and_back(2 * [{"point": np.arange(2)}], 0)]
    [[0, 1], [1, 0]]
    """
    return [
        {name: values[::-1] for name, values in one.items()} if number % 2 else one
        for number, one in enumerate(graphs, start=first)
    ]


def of_all_graphs(graphs: Sequence[Columns]) -> Columns:
    """Return the columns of the graphs of a layer in one, and their numbers as ``graph``.

    >>> of_all_graphs([{"hops": np.array([1, 2])}, {"hops": np.array([1])}])["graph"].tolist()
    [0, 0, 1]
    """
    lengths = [len(next(iter(one.values()))) for one in graphs]
    numbers = np.repeat(np.arange(len(graphs), dtype=np.int32), lengths)
    names = graphs[0]
    return {name: np.concatenate([one[name] for one in graphs]) for name in names} | {
        "graph": numbers
    }
