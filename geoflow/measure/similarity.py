"""How alike the layers of a network are, as rows: linear CKA of each pair, both of its variants."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import polars as pl

from geoflow.geometry.similarity import is_wide, similarities
from geoflow.measure.drawn import Drawn, drawn_points

MOST_COMPARED = 4000
"""Of more points so many are drawn where a layer is wide: products of points are (n, n)."""

SEED = 0

SIMILARITY_COLUMNS = {
    "layer": pl.Int32,
    "other_layer": pl.Int32,
    "linear_cka": pl.Float64,
    "unbiased_cka": pl.Float64,
    "reason": pl.String,
}


def compared_points(layers: Sequence[np.ndarray]) -> Drawn:
    """Return the points on which layers (n, d_l) are compared."""
    n = len(layers[0])
    has_wide = any(is_wide(n, one.shape[1]) for one in layers)
    return drawn_points(n, SEED, MOST_COMPARED if has_wide else n)


def similarity_frame(
    layers: Sequence[np.ndarray], others: Sequence[np.ndarray] | None = None
) -> pl.DataFrame:
    """Return the rows of ``layer_similarities`` for layers (n, d_l) of a network.

    others: the layers of another network on the same points, with each of which each is compared.

    >>> points = np.random.default_rng(0).normal(size=(30, 3))
    >>> similarity_frame([points, -points])["linear_cka"].round(9).to_list()
    [1.0]
    """
    drawn = compared_points([*layers, *(others or ())])
    second = None if others is None else drawn.of(others)
    rows = [
        {"layer": at, "other_layer": to, **asdict(one)}
        for at, to, one in similarities(drawn.of(layers), second)
    ]
    n_points, seed = drawn.columns.values()
    return pl.DataFrame(rows, schema=SIMILARITY_COLUMNS).with_columns(
        n_points=pl.lit(n_points, pl.Int32), sample_seed=pl.lit(seed, pl.Int64)
    )
