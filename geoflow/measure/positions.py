"""Positions of points as rows of the store: numbers of 32 bits, as many as a picture needs."""

import numpy as np
import polars as pl


def position_rows(
    layout: str, positions: np.ndarray, k: int | None = None, convention: str | None = None
) -> pl.DataFrame:
    """Return layout, k, convention, point, x, y, z of positions (n, 2 or 3) of a layer.

    A coordinate beyond FLOAT is drawn at its largest number.

    >>> position_rows("pca", np.array([[1.0, 2.0]])).row(0)
    ('pca', None, None, 0, 1.0, 2.0, 0.0)
    """
    largest = np.finfo(np.float32).max
    axes = np.zeros((len(positions), 3), np.float32)
    axes[:, : positions.shape[1]] = np.clip(positions, -largest, largest)
    x, y, z = axes.T
    return pl.DataFrame(
        {"point": np.arange(len(positions), dtype=np.int32), "x": x, "y": y, "z": z}
    ).select(
        pl.lit(layout).alias("layout"),
        pl.lit(k, pl.Int32).alias("k"),
        pl.lit(convention, pl.String).alias("convention"),
        pl.all(),
    )
