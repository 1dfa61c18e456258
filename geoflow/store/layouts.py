"""Layouts that take long are computed once and kept: rows of ``positions``."""

from pathlib import Path

import polars as pl

from geoflow.geometry.layout.umap import umap_layouts
from geoflow.measure.positions import position_rows
from geoflow.store._tables import insert
from geoflow.store._writer import Writer
from geoflow.store.layergraphs import layer_graphs
from geoflow.store.request import as_json
from geoflow.store.results import open as open_store


def write_umap(
    path: Path, network: str, k: int | None = None, convention: str = "", seed: int = 0
) -> int:
    """Write igraph's UMAP of the layer graphs of a network, in place of one there is.

    k and convention: by default the first that were measured. The input layer, which all networks
    of its data set share, is written anew with each. Returns the number of layers.
    """
    found = layer_graphs(open_store(path), network, k, convention)
    positions = list(umap_layouts([one.graph for one in found.layers], seed))
    asked = {"network": network, "k": found.k, "convention": found.convention, "seed": seed}
    writer = Writer(path, f"layout({network})", seed=seed, request=as_json(asked))
    with writer.transaction() as (connection, _):
        for one, where in zip(found.layers, positions, strict=True):
            connection.execute(
                "delete from positions where layer_id = ? and layout = 'umap' and k = ?"
                " and convention = ?",
                [one.layer_id, found.k, found.convention],
            )
            rows = position_rows("umap", where, found.k, found.convention)
            insert(
                connection,
                "positions",
                rows.with_columns(layer_id=pl.lit(one.layer_id, pl.Int32)),
            )
    writer.finish()
    return len(found.layers)
