"""Positions of points as rows of the store: five digits of 32 bits, as many as a picture needs."""

import numpy as np
import polars as pl

DIGITS = 5
"""Those of the largest coordinate of a layer that are kept."""


def position_rows(
    layout: str, positions: np.ndarray, k: int | None = None, convention: str | None = None
) -> pl.DataFrame:
    """Return layout, k, convention, point, x, y, z of positions (n, 2 or 3) of a layer.

    A coordinate beyond FLOAT is drawn at its largest number. All are rounded to the decimal place
    of the fifth digit of the largest, and take less space.

    >>> position_rows("pca", np.array([[1.0, 20.12345]])).row(0)
    ('pca', None, None, 0, 1.0, 20.1229991912841..., 0.0)
    """
    largest = np.finfo(np.float32).max
    axes = np.zeros((len(positions), 3), np.float32)
    axes[:, : positions.shape[1]] = rounded_alike(np.clip(positions, -largest, largest))
    x, y, z = axes.T
    return pl.DataFrame(
        {"point": np.arange(len(positions), dtype=np.int32), "x": x, "y": y, "z": z}
    ).select(
        pl.lit(layout).alias("layout"),
        pl.lit(k, pl.Int32).alias("k"),
        pl.lit(convention, pl.String).alias("convention"),
        pl.all(),
    )


def rounded_alike(positions: np.ndarray) -> np.ndarray:
    """Return positions, all rounded to the place of the last of DIGITS digits of the largest.

    >>> rounded_alike(np.array([[123.456, 0.0123]])).tolist()
    [[123.46, 0.01]]
    """
    largest = np.abs(positions).max(initial=0.0)
    if not np.isfinite(largest) or largest < np.finfo(np.float32).tiny:
        return positions
    found: np.ndarray = np.round(positions, DIGITS - 1 - int(np.floor(np.log10(largest))))
    return found
