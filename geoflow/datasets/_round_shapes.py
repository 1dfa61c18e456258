"""Circles, inner discs, cylinders and tori of Hehl, von Renesse, Weber, arXiv 2509.22362 (2025).

Two classes, class 0 first: n // 2 points of class 0, the rest of class 1. Where the source gives
no number (heights, tube radius, densities) the choice is ours and is said to be.
"""

import numpy as np
from numpy.typing import NDArray

from geoflow.datasets._uniform import Points, Sample, in_ball, in_box, two_classes

DISC_CENTRES = np.array([(0, 0.5), (0, -0.5), (0.5, 0), (-0.5, 0)])
DISC_RADIUS = 0.2

SHELL_RADII = 1.0, 0.8
SHELL_HALF_WIDTH = 0.1

TORUS_RADIUS = 2.0
TUBE_RADIUS = 0.75
"""Ours. The two core circles are 2 apart at the nearest, so any tube below 1 keeps them apart."""


def circles(rng: np.random.Generator, n: int, factor: float = 0.8, noise: float = 0.05) -> Sample:
    """Two concentric circles with Gaussian noise.

    class 0: (cos a, sin a) + e; class 1: factor (cos a, sin a) + e
    a ~ U(0, 2 pi), e ~ N(0, noise^2) in each coordinate. x (n, 2), y (n,).

    Source: Hehl et al. (2025), who use scikit-learn's `make_circles`; here the angles are drawn at
    random instead of evenly, so that training and test points are disjoint without noise too.

    >>> x, y = circles(np.random.default_rng(0), 6, factor=0.5, noise=0)
    >>> np.linalg.norm(x, axis=1).round(3).tolist()
    [1.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    """
    a = rng.uniform(0, 2 * np.pi, n)
    r = np.where(np.arange(n) < n // 2, 1, factor)
    x = np.stack([r * np.cos(a), r * np.sin(a)], axis=1) + noise * rng.standard_normal((n, 2))
    return two_classes(x[: n // 2], x[n // 2 :])


def _is_outside_discs(x: Points) -> NDArray[np.bool_]:
    """Tell for every point (n, 2) if it is in the unit disc but in none of the inner discs."""
    to_centres = np.linalg.norm(x[:, None] - DISC_CENTRES, axis=2)
    return np.asarray((np.hypot(*x.T) < 1) & (to_centres.min(axis=1) > DISC_RADIUS))


def inner_discs(rng: np.random.Generator, n: int) -> Sample:
    """Four small discs inside the unit disc, whose remainder is the other class.

    class 1: c + 0.2 b, b uniform in the unit disc, c one of (0, +-0.5), (+-0.5, 0);
    class 0: uniform in |x| < 1 where |x - c| > 0.2 for every c. x (n, 2), y (n,).

    Source: Hehl et al. (2025).

    >>> x, y = inner_discs(np.random.default_rng(0), 100)
    >>> bool(np.linalg.norm(x, axis=1).max() < 1)
    True
    """
    outside = in_box(rng, n // 2, (-1, -1), (1, 1), _is_outside_discs)
    inside = rng.choice(DISC_CENTRES, n - n // 2) + DISC_RADIUS * in_ball(rng, n - n // 2, 2)
    return two_classes(outside, inside)


def cylinders(rng: np.random.Generator, n: int) -> Sample:
    """Two concentric cylindrical shells that touch.

    ((R + e) cos a, (R + e) sin a, h); class 0: R = 1, class 1: R = 0.8
    a ~ U(0, 2 pi), e ~ U(-0.1, 0.1), h ~ U(-1, 1). x (n, 3), y (n,).

    Source: Hehl et al. (2025); the height is ours.

    >>> x, y = cylinders(np.random.default_rng(0), 100)
    >>> bool(np.hypot(x[y == 0, 0], x[y == 0, 1]).min() >= 0.9 - 1e-6)
    True
    """
    a = rng.uniform(0, 2 * np.pi, n)
    r = np.where(np.arange(n) < n // 2, *SHELL_RADII)
    r += rng.uniform(-SHELL_HALF_WIDTH, SHELL_HALF_WIDTH, n)
    x = np.stack([r * np.cos(a), r * np.sin(a), rng.uniform(-1, 1, n)], axis=1)
    return two_classes(x[: n // 2], x[n // 2 :])


def tori(rng: np.random.Generator, n: int) -> Sample:
    """Two linked solid tori: each passes through the hole of the other.

    class 0: ((R + p) cos a, (R + p) sin a, q); class 1: (R + (R + p) cos a, q, (R + p) sin a)
    R = 2, a ~ U(0, 2 pi), (p, q) uniform in the disc of radius 0.75: uniform in angle and cross
    section, hence a little denser towards the hole. x (n, 3), y (n,).

    Source: Hehl et al. (2025) for R; the radius of the tube is ours.

    >>> x, y = tori(np.random.default_rng(0), 100)
    >>> bool(np.hypot(np.hypot(x[y == 0, 0], x[y == 0, 1]) - 2, x[y == 0, 2]).max() < 0.75)
    True
    """
    a = rng.uniform(0, 2 * np.pi, n)
    p, q = TUBE_RADIUS * in_ball(rng, n, 2).T
    u, v = (TORUS_RADIUS + p) * np.cos(a), (TORUS_RADIUS + p) * np.sin(a)
    flat, upright = np.stack([u, v, q], axis=1), np.stack([TORUS_RADIUS + u, q, v], axis=1)
    return two_classes(flat[: n // 2], upright[n // 2 :])
