"""Uniform points of simple regions, from which the synthetic data sets are made."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

Sample = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Points (n, d) and their classes (n,)."""


def in_ball(rng: np.random.Generator, n: int, d: int) -> Points:
    """Return x = r u (n, d), uniform in the unit ball of R^d.

    u (n, d): uniform directions, normal vectors divided by their length; r = v^(1/d), v ~ U(0, 1).

    >>> bool(np.linalg.norm(in_ball(np.random.default_rng(0), 100, 3), axis=1).max() < 1)
    True
    """
    directions = rng.standard_normal((n, d))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return directions * rng.random((n, 1)) ** (1 / d)


def in_box(
    rng: np.random.Generator,
    n: int,
    low: Sequence[float],
    high: Sequence[float],
    is_kept: Callable[[Points], NDArray[np.bool_]],
) -> Points:
    """Return x (n, d), uniform in the part of the box low <= x < high where is_kept(x) holds.

    Points are drawn in the whole box and those not kept are thrown away, until n are left;
    is_kept maps points (m, d) to flags (m,).

    >>> x = in_box(np.random.default_rng(0), 50, (-1, -1), (1, 1), lambda x: x[:, 0] > 0)
    >>> x.shape, bool(x[:, 0].min() > 0)
    ((50, 2), True)
    """
    kept = np.empty((0, len(low)))
    while len(kept) < n:
        drawn = rng.uniform(low, high, size=(n, len(low)))
        kept = np.concatenate([kept, drawn[is_kept(drawn)]])
    return kept[:n]


def two_classes(zero: Points, one: Points) -> Sample:
    """Return (x, y): the points of class 0, then those of class 1, as float32 with labels.

    >>> two_classes(np.zeros((2, 3)), np.ones((1, 3)))[1].tolist()
    [0, 0, 1]
    """
    x = np.concatenate([zero, one]).astype(np.float32)
    return x, np.repeat(np.arange(2), [len(zero), len(one)])
