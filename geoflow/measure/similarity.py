"""How alike the layers of a network are, as rows: linear CKA of each pair, both of its variants."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

import numpy as np
import polars as pl

from geoflow.geometry.similarity import (
    CentredLayer,
    Similarity,
    centred_layer,
    centred_similarities,
    needs_gram,
    similarities,
)
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


def compared_points(n: int, widths: Iterable[int]) -> Drawn:
    """Return those of n points on which layers of these widths are compared."""
    has_wide = any(needs_gram(n, width) for width in widths)
    return drawn_points(n, SEED, MOST_COMPARED if has_wide else n)


class LayerSimilarities:
    """How alike the layers of a network are, taken in as somebody goes from one to the next.

    n: how many points there are; widths: of all layers, the input first.

    >>> alike = LayerSimilarities(3, [2, 1])
    >>> points = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 0.0]])
    >>> alike.add(points), alike.add(points[:, 1:]), alike.frame["layer"].to_list()
    (None, None, [0])
    """

    def __init__(self, n: int, widths: Sequence[int]) -> None:
        self.drawn = compared_points(n, widths)
        self.layers: list[CentredLayer | None] = []

    def add(self, points: np.ndarray) -> None:
        """Take in the points (n, d) of the next layer; only what is compared of it is kept."""
        self.layers.append(centred_layer(self.drawn.of([points])[0]))

    @property
    def frame(self) -> pl.DataFrame:
        """The rows of ``layer_similarities``."""
        return frame_of(centred_similarities(self.layers), self.drawn)


def similarity_frame(
    layers: Sequence[np.ndarray], others: Sequence[np.ndarray] | None = None
) -> pl.DataFrame:
    """Return the rows of ``layer_similarities`` for layers (n, d_l) of a network.

    others: the layers of another network on the same points, with each of which each is compared.

    >>> points = np.random.default_rng(0).normal(size=(30, 3))
    >>> similarity_frame([points, -points])["linear_cka"].round(9).to_list()
    [1.0]
    """
    drawn = compared_points(len(layers[0]), [one.shape[1] for one in (*layers, *(others or ()))])
    second = None if others is None else drawn.of(others)
    return frame_of(similarities(drawn.of(layers), second), drawn)


def frame_of(found: Iterable[tuple[int, int, Similarity]], drawn: Drawn) -> pl.DataFrame:
    """Return the rows of pairs of layers and of their similarity on the points drawn."""
    rows = [{"layer": at, "other_layer": to, **asdict(one)} for at, to, one in found]
    n_points, seed = drawn.columns.values()
    return pl.DataFrame(rows, schema=SIMILARITY_COLUMNS).with_columns(
        n_points=pl.lit(n_points, pl.Int32), sample_seed=pl.lit(seed, pl.Int64)
    )
