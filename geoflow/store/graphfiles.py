"""A layer graph as files for other programs: GraphML and GEXF for Gephi, Cytoscape, igraph and
networkx, Parquet and CSV for tables.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from geoflow.errors import SpecError, unknown
from geoflow.geometry.layout.geodesic import components, geodesic_layouts
from geoflow.geometry.neighbors.knn import Neighbors
from geoflow.machine.wholefile import refuse_output, write_whole
from geoflow.store.layergraphs import StoredGraphs, edge_values, layer_graphs, stored_curvatures
from geoflow.store.results import Database
from geoflow.text.formats import encoded
from geoflow.text.graphxml import GraphTables, gexf, graphml

XML = {"graphml": graphml, "gexf": gexf}
GRAPH_FORMATS = (*XML, "parquet", "csv")
"""Files that a layer graph is written to."""

USUAL_FORMATS = ("graphml", "gexf", "parquet")
"""Those that are written where none is named."""


def export_graph(
    db: Database,
    folder: Path | str,
    asked: tuple[str, int, int],
    convention: str = "",
    formats: Sequence[str] = USUAL_FORMATS,
) -> list[Path]:
    """Write a layer graph to files of a folder, one for each format; of tables one for points too.

    asked: network, layer and k. Points have their class, what the network says of them, degree,
    component and a position of the geodesic layout; edges their distance and curvatures. Raises
    SpecError for a graph that the store cannot give, and for files that cannot be written.
    """
    for one in formats:
        if one not in GRAPH_FORMATS:
            raise unknown("format", one, GRAPH_FORMATS, "choose one of these")
    network, layer, k = asked
    graph = graph_tables(db, layer_graphs(db, network, k, convention, layer), k)
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SpecError(f"cannot write to {target} ({error.strerror}): name another") from None
    stem = re.sub(r"[^A-Za-z0-9_.@-]+", "_", network)[:150] + f"-layer{layer}-k{k}"
    files: dict[Path, bytes] = {}
    for one in formats:
        if one in XML:
            files[target / f"{stem}.{one}"] = XML[one](graph).encode()
        else:
            for name, frame in (("points", graph.points), ("edges", graph.edges)):
                files[target / f"{stem}-{name}.{one}"] = encoded(frame, one)
    for path in files:
        refuse_output(path, db.path)
    for path, content in files.items():
        write_whole(path, content)
    return list(files)


def layer_graph_frames(
    db: Database, network: str, layer: int, k: int, convention: str = ""
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the points of a layer graph, with positions, and its edges, with curvatures.

    ``figures.layer_graph(*geoflow.layer_graph_frames(geoflow.open(), network, 2, 8))`` draws them.
    """
    tables = graph_tables(db, layer_graphs(db, network, k, convention, layer), k)
    return tables.points, tables.edges


def graph_tables(db: Database, found: StoredGraphs, k: int) -> GraphTables:
    """Return the points and edges of the one layer that was found."""
    if found.k != k:
        raise SpecError(
            f"k = {k} but neighbours of network '{found.network}' are kept up to rank {found.k}:"
            " give a smaller k, or write the network with --detail edges"
        )
    one = found.layers[0]
    graph = one.graph
    (where,) = geodesic_layouts([graph])
    points = pl.DataFrame(
        {
            "point": np.arange(graph.n, dtype=np.int32),
            "degree": graph.degrees.astype(np.int32),
            "component": components(graph.indptr, graph.indices),
            "x": where[:, 0],
            "y": where[:, 1],
        }
    ).join(found.points.cast({"point": pl.Int32}), on="point", how="left", maintain_order="left")
    edges = graph.edges
    columns = {
        "source": edges[:, 0],
        "target": edges[:, 1],
        "forman": 4 - graph.degrees[edges[:, 0]] - graph.degrees[edges[:, 1]],
    }
    with_distance = pl.DataFrame(columns).join(
        distances(one.ranked), on=["source", "target"], how="left", maintain_order="left"
    )
    if graph.in_degrees is None:
        with_distance = with_distance.with_columns(
            pl.Series(kind, values, nan_to_null=True)
            for kind, (values,) in stored_values(db, found).items()
        )
    title = f"{found.network}, layer {one.layer}, k = {k}, {found.convention}"
    return GraphTables(title, graph.in_degrees is not None, points, with_distance)


def distances(ranked: Neighbors) -> pl.DataFrame:
    """Return source, target, distance of every ranked pair, in both directions, each once."""
    rows = np.repeat(np.arange(ranked.n, dtype=np.int32), np.diff(ranked.indptr))
    one = pl.DataFrame({"source": rows, "target": ranked.index, "distance": ranked.distance})
    other = one.select(source="target", target="source", distance="distance")
    return pl.concat([one, other]).unique(["source", "target"], keep="first", maintain_order=True)


def stored_values(db: Database, found: StoredGraphs) -> dict[str, list[np.ndarray]]:
    """Return the curvatures that the store has of the edges, by name."""
    return {kind: edge_values(db, found, kind) for kind in stored_curvatures(db, found)}
