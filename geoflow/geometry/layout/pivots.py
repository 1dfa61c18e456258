"""Pivot MDS: a first layout from the hop distances to a few points.

    C_ip = -1/2 ( d_ip^2 - mean_i d_ip^2 - mean_p d_ip^2 + mean d^2 )      (n, m)
    X    = C V,   V the eigenvectors of C^T C of the largest eigenvalues

d_ip: hops from point i to pivot p. Pivots are the farthest from those before, point 0 first, so
that the same graph gives the same layout. Source: Brandes, Pich 2007.
"""

import numpy as np

from geoflow.geometry.hops.search import fill_hops


def pivot_hops(indptr: np.ndarray, indices: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pivots (m,) of a connected graph of n points, and all hops from them (m, n) int32.

    Each is a farthest point from those before, the first of these; fewer than ``most`` where no
    other point is left.

    >>> path = np.array([0, 1, 3, 5, 6]), np.array([1, 0, 2, 1, 3, 2], np.int32)
    >>> pivot_hops(*path, most=3)[0].tolist()
    [0, 3, 1]
    """
    n = len(indptr) - 1
    m = min(most, n)
    hops = np.full((m, n), -1, np.int32)
    pivots = np.zeros(m, np.int64)
    nearest = np.full(n, np.iinfo(np.int32).max, np.int32)
    for at in range(m):
        pivots[at] = 0 if at == 0 else int(nearest.argmax())
        fill_hops(indptr, indices, pivots[at], hops[at])
        np.minimum(nearest, hops[at], out=nearest)
    return pivots, hops


def pivot_layout(hops: np.ndarray, dimensions: int) -> np.ndarray:
    """Return positions (n, dimensions) of points by their hops (m, n) from pivots, in hops.

    Scaled so that distances to pivots are nearest to their hops; of each axis the coordinate of
    largest size is positive. Axes beyond the graph's own dimension are 0.

    >>> hops = np.array([[0, 1, 2, 3], [3, 2, 1, 0]], np.int32)
    >>> pivot_layout(hops, 2).round(9).tolist()
    [[1.5, 0.0], [0.5, 0.0], [-0.5, 0.0], [-1.5, 0.0]]
    """
    squares = hops.T.astype(np.float64) ** 2
    centred = squares - squares.mean(0) - squares.mean(1, keepdims=True) + squares.mean()
    centred *= -0.5
    sizes, vectors = np.linalg.eigh(centred.T @ centred)
    positions = np.zeros((hops.shape[1], dimensions))
    is_kept = sizes[::-1][:dimensions] > 1e-9 * max(sizes[-1], 1e-300)
    axes = vectors[:, ::-1][:, :dimensions][:, is_kept]
    # X of C V grows with the number of pivots: divided by the root of its singular value
    lengths = sizes[::-1][:dimensions][is_kept] ** 0.25
    positions[:, : axes.shape[1]] = signed(centred @ axes / lengths)
    positions -= positions.mean(0)
    return positions * best_scale(positions, hops)


def best_scale(positions: np.ndarray, hops: np.ndarray) -> float:
    """Return s that minimises sum ((s |x_i - x_p| - d_ip) / d_ip)^2 over points and pivots."""
    pivots = hops.argmin(axis=1)
    drawn = np.linalg.norm(positions[None] - positions[pivots, None], axis=2)
    apart = hops > 0
    ratio = drawn[apart] / hops[apart]
    total = float((ratio**2).sum())
    return float(ratio.sum()) / total if total > 0 else 1.0


def signed(positions: np.ndarray) -> np.ndarray:
    """Return positions with each axis turned so that its coordinate of largest size is positive.

    >>> signed(np.array([[1.0, -3.0], [-2.0, 3.0]])).tolist()
    [[-1.0, 3.0], [2.0, -3.0]]
    """
    if not positions.size:
        return positions
    largest = np.abs(positions).argmax(axis=0)
    signs = np.where(positions[largest, np.arange(positions.shape[1])] < 0, -1.0, 1.0)
    turned: np.ndarray = positions * signs
    return turned
