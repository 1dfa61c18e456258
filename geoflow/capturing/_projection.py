"""Random projection of wide layers, by choice alone: distances are kept up to a relative error.

    y = R x,   R_ij = s_ij sqrt(sqrt(d) / m),   s_ij = +1 or -1 with chance 1 / sqrt(d), else 0

of x in R^d to R^m: E|y|^2 = |x|^2 (Johnson, Lindenstrauss 1984). Source: Li, Hastie, Church 2006,
very sparse random projections. R is drawn from a seed and d alone.
"""

from typing import Any

import numpy as np


def projection(d: int, dim: int, seed: int) -> Any:
    """Return R transposed (d, dim) as a sparse matrix, the same for the same arguments.

    >>> matrix = projection(10_000, 500, seed=0)
    >>> x = np.random.default_rng(1).normal(size=10_000).astype(np.float32)
    >>> bool(abs(np.linalg.norm(x @ matrix) / np.linalg.norm(x) - 1) < 0.1)
    True
    """
    from scipy import sparse  # a tenth of a second

    rng = np.random.default_rng([seed, d, dim])
    share = d**-0.5
    counts = rng.binomial(d, share, size=dim)
    rows = [rng.choice(d, count, replace=False) for count in counts]
    signs = rng.choice(np.array([-1, 1], np.float32), size=int(counts.sum()))
    values = signs * np.float32((1 / (share * dim)) ** 0.5)
    starts = np.concatenate(([0], np.cumsum(counts)))
    return sparse.csc_array((values, np.concatenate(rows), starts), shape=(d, dim))
