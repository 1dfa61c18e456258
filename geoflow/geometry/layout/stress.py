"""Sparse stress: a layout moved so that its distances come near to the hops.

    stress = sum over edges (|x_i - x_j| - 1)^2 + sum over points i, pivots p of
             w_ip (|x_i - x_p| - d_ip)^2,        w_ip = s_ip / d_ip^2

s_ip: points nearer to pivot p than to other pivots and within d_ip / 2 of it: those for which p
stands. A pass moves one point after another to where its terms, linearised, are least
(majorisation). Sources: Ortmann, Klimenta, Brandes 2016; Gansner, Koren, North 2004.
"""

import numpy as np

from geoflow.geometry.compiled import kernel


def pivot_weights(hops: np.ndarray) -> np.ndarray:
    """Return the weights w_ip (m, n) of the terms of points and pivots, by hops (m, n).

    >>> pivot_weights(np.array([[0, 1, 2, 3], [3, 2, 1, 0]], np.int32)).round(2).tolist()
    [[0.0, 1.0, 0.5, 0.22], [0.22, 0.5, 1.0, 0.0]]
    """
    m = len(hops)
    owner = hops.argmin(axis=0)
    weights = np.zeros(hops.shape)
    for pivot in range(m):
        within = np.cumsum(np.bincount(hops[pivot, owner == pivot], minlength=hops.max() + 1))
        count = np.maximum(within[hops[pivot] // 2], 1)
        apart = hops[pivot] > 0
        weights[pivot, apart] = count[apart] / hops[pivot, apart].astype(np.float64) ** 2
    return weights


@kernel
def reduce_stress(
    positions: np.ndarray,
    indptr: np.ndarray,
    indices: np.ndarray,
    pivots: np.ndarray,
    hops: np.ndarray,
    weights: np.ndarray,
    passes: int,
) -> None:
    """Move positions (n, d) for so many passes; hops and weights (n, m) are of points and pivots.

    Points that lie on one another stay so: their terms have no direction, and are left out.
    """
    n, d = positions.shape
    target = np.empty(d)
    gap = np.empty(d)
    for _ in range(passes):
        for i in range(n):
            target[:] = 0.0
            total = 0.0
            for e in range(indptr[i], indptr[i + 1]):
                j = indices[e]
                square = 0.0
                for a in range(d):
                    gap[a] = positions[i, a] - positions[j, a]
                    square += gap[a] * gap[a]
                if square > 1e-18:
                    pull = 1.0 / np.sqrt(square)
                    for a in range(d):
                        target[a] += positions[j, a] + pull * gap[a]
                    total += 1.0
            for p in range(len(pivots)):
                weight = weights[i, p]
                if weight == 0.0:
                    continue
                j = pivots[p]
                square = 0.0
                for a in range(d):
                    gap[a] = positions[i, a] - positions[j, a]
                    square += gap[a] * gap[a]
                if square > 1e-18:
                    pull = hops[i, p] / np.sqrt(square)
                    for a in range(d):
                        target[a] += weight * (positions[j, a] + pull * gap[a])
                    total += weight
            if total > 0.0:
                for a in range(d):
                    positions[i, a] = target[a] / total
