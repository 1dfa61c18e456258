"""Two networks beside each other: linear CKA of every layer of one with every layer of the other.

A store keeps neighbours, not coordinates: overlap of neighbours of two stored networks is in the
view ``network_overlaps``, CKA needs the activations of both.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from geoflow.archive.layers import read_layers
from geoflow.errors import DatasetError, GeometryError
from geoflow.geometry.neighbors.knn import checked_points
from geoflow.measure.activations import Activations
from geoflow.measure.similarity import similarity_frame

Source = Path | str | Mapping[str, Any] | Activations | np.ndarray | Sequence[np.ndarray]


def cka(one: Source, other: Source) -> pl.DataFrame:
    """Return linear CKA, and its unbiased variant, of each layer of one with each of the other.

    one, other: what `geoflow.ingest` takes, `Activations`, or the points (n, d) of a layer, or of
    several; row i of both is the same point. Columns: layer, other_layer (0 = input), linear_cka,
    unbiased_cka, reason, n_points and sample_seed, as in the table ``layer_similarities``; formulas
    in `geoflow.geometry.similarity`. Raises DatasetError for other numbers of points, or labels.

    >>> points = np.random.default_rng(0).normal(size=(40, 3))
    >>> cka(points, 5 * points[:, ::-1] - 1)["unbiased_cka"].round(9).to_list()
    [1.0]
    """
    first, second = layers_of(one, "the first"), layers_of(other, "the second")
    n, m = len(first.layers[0]), len(second.layers[0])
    if n != m:
        raise DatasetError(f"{n} points beside {m}: give two networks on the same points")
    is_known = first.labels is not None and second.labels is not None
    if is_known and not np.array_equal(np.asarray(first.labels), np.asarray(second.labels)):
        raise DatasetError("the labels differ: give two networks on the same points, in one order")
    return similarity_frame(first.layers, second.layers)


def layers_of(source: Source, which: str) -> Activations:
    """Return the checked layers of what is compared."""
    if isinstance(source, Activations):
        return Activations(checked(source.layers, which), labels=source.labels)
    if isinstance(source, np.ndarray):
        return Activations(checked([source], which))
    if isinstance(source, list | tuple) and source:
        return Activations(checked(source, which))
    if not isinstance(source, str | Path | Mapping):
        raise DatasetError(
            f"{which} layers are of type {type(source).__name__}: give points, a list of them, the"
            " path of an .npz file, or what geoflow.activations gives"
        )
    return read_layers(source).activations


def checked(layers: Sequence[np.ndarray], which: str) -> list[np.ndarray]:
    """Return layers (n, d_l) of finite numbers, or say what is wrong with them."""
    try:
        return [checked_points(one) for one in layers]
    except GeometryError as error:
        raise DatasetError(f"{which} layers: {error}") from None
