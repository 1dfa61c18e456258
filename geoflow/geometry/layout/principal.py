"""Principal components: points where they vary most.

    X - mean X = U S V^T,   positions = (X - mean X) V_3, the three largest singular values first

Source: Pearson 1901. Of each axis the coordinate of largest size is positive, so that the same
points give the same positions. Points of many coordinates are never centred in a copy: Lanczos
takes products with X alone (Golub, Kahan 1965), from a first vector that is always the same.
"""

import numpy as np

from geoflow.geometry.gram import centred_columns, column_slices, gram
from geoflow.geometry.layout.pivots import signed
from geoflow.geometry.neighbors.samples import SLICE, largest_size

N_AXES = 3
"""Coordinates of a position."""

MOST_EXACT = 400
"""Up to so many coordinates the whole covariance is decomposed."""

MOST_PRODUCTS = 4096
"""Up to so many points of more coordinates the products of all pairs of points are decomposed."""


def principal_positions(points: np.ndarray) -> np.ndarray:
    """Return the first principal components (n, 3) of points (n, d); what there is not is 0.

    >>> line = np.array([[0.0, 0.0], [0.0, 0.0], [9.0, 12.0]])
    >>> principal_positions(line).round(9).tolist()
    [[-5.0, 0.0, 0.0], [-5.0, 0.0, 0.0], [10.0, 0.0, 0.0]]
    """
    rows = np.asarray(points)
    scale = largest_size(rows) or 1.0  # squares of large numbers overflow
    middle = rows.mean(axis=0, dtype=np.float64)
    axes = main_axes(rows, middle, scale)
    drawn = times(rows, axes) - middle @ axes
    spread = np.abs(drawn).max(initial=0.0)
    drawn[:, np.abs(drawn).max(axis=0, initial=0.0) <= 1e-9 * spread] = 0.0
    positions = np.zeros((len(rows), N_AXES))
    positions[:, : drawn.shape[1]] = signed(drawn)
    return positions


def main_axes(rows: np.ndarray, middle: np.ndarray, scale: float) -> np.ndarray:
    """Return the axes (d, up to 3) along which rows (n, d) vary most, the first the most."""
    n, d = rows.shape
    if n < d and n <= MOST_PRODUCTS:
        return wide_axes(rows, middle, scale)
    if min(n, d) > MOST_EXACT:
        return lanczos_axes(rows, middle, scale)
    centred = (rows - middle) / scale
    found: np.ndarray = largest_vectors(centred.T @ centred, min(N_AXES, n, d))
    return found


def wide_axes(rows: np.ndarray, middle: np.ndarray, scale: float) -> np.ndarray:
    """Return the same axes of rows with more coordinates, from the products of their points."""
    left = largest_vectors(gram(rows, middle, scale), min(N_AXES, len(rows)))
    slices = column_slices(rows.shape[1])
    parts = [centred_columns(rows, middle, scale, some).T @ left for some in slices]
    found = np.concatenate(parts)
    lengths = np.linalg.norm(found, axis=0)
    found /= np.where(lengths > 0, lengths, 1.0)
    return found


def largest_vectors(symmetric: np.ndarray, count: int) -> np.ndarray:
    """Return the eigenvectors (n, count) of the largest values of a matrix (n, n)."""
    n = len(symmetric)
    if n <= MOST_EXACT:
        return np.linalg.eigh(symmetric)[1][:, ::-1][:, :count]
    from scipy.linalg import eigh

    found: np.ndarray = eigh(symmetric, subset_by_index=(n - count, n - 1))[1][:, ::-1]
    return found


def lanczos_axes(rows: np.ndarray, middle: np.ndarray, scale: float) -> np.ndarray:
    """Return the same axes of many rows of many coordinates."""
    from scipy.sparse.linalg import LinearOperator, svds

    def forward(v: np.ndarray) -> np.ndarray:
        product: np.ndarray = (times(rows, v.ravel()) - middle @ v.ravel()) / scale
        return product

    def transposed(u: np.ndarray) -> np.ndarray:
        product: np.ndarray = (times(rows.T, u.ravel()) - middle * u.sum()) / scale
        return product

    operator = LinearOperator(rows.shape, matvec=forward, rmatvec=transposed, dtype=np.float64)
    start = np.cos(np.arange(min(rows.shape), dtype=np.float64))
    _, sizes, axes = svds(operator, k=N_AXES, v0=start, tol=1e-9)
    found: np.ndarray = axes[np.argsort(-sizes)].T
    return found


def times(rows: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return rows (m, d) times other (d,) or (d, e), summed in float64, without a copy of all rows.

    >>> times(np.eye(2, dtype=np.float32), np.array([1.0, 2.0]))
    array([1., 2.])
    """
    if rows.dtype == np.float64:
        product: np.ndarray = rows @ other
        return product
    size = max(1, SLICE // max(rows.shape[1], 1))
    starts = range(0, len(rows), size)
    return np.concatenate([rows[at : at + size].astype(np.float64) @ other for at in starts])
