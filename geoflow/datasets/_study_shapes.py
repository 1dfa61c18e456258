"""Synthetic A, B and C of Baptista et al., "Deep learning as Ricci flow", Sci. Rep. 14 (2024).

Two classes in R^3, class 0 first: n // 2 points of class 0, the rest of class 1.
"""

import numpy as np
from numpy.typing import NDArray

from geoflow.datasets._uniform import Points, Sample, in_ball, in_box, two_classes

BOX = (-2.0, -2.0, -2.0), (2.0, 2.0, 5.0)
CENTRES = 0.0, 3.0
"""Heights z of the two rods or balls of B; both have radius 1."""

SLAB = 0.41
"""Half the thickness of the slab of C."""


def synthetic_a(rng: np.random.Generator, n: int, thickness: float = 0.0) -> Sample:
    """Two Swiss-roll sheets, one wound inside the other, pi - 2 thickness apart.

    class 0: ((t + w) sin t, h, (t + w) cos t); class 1: (-(t + w) sin t, h, -(t + w) cos t)
    t = 1.5 pi (1 + 2u), h = 21 v; u, v ~ U(0, 1); w ~ U(-thickness, thickness), along the radius.
    x (n, 3), y (n,).

    Source: Baptista et al. (2024), Synthetic A. That w is along the radius is our reading, and so
    is thickness 0, thin sheets: they come nearest to the paper's Figure 3.

    >>> x, y = synthetic_a(np.random.default_rng(0), 5)
    >>> x.shape, y.tolist()
    ((5, 3), [0, 0, 1, 1, 1])
    """
    t = 1.5 * np.pi * (1 + 2 * rng.random(n))
    h = 21 * rng.random(n)
    r = t + thickness * rng.uniform(-1, 1, n)
    x = np.stack([r * np.sin(t), h, r * np.cos(t)], axis=1)
    return two_classes(x[: n // 2], x[n // 2 :] * [-1, 1, -1])


def _radius(x: Points, shape: str) -> NDArray[np.float64]:
    """Return the distance (n,) of every point to the nearer axis (rods) or centre (balls)."""
    y = x[:, 1] if shape == "balls" else np.zeros(len(x))
    squares = [x[:, 0] ** 2 + y**2 + (x[:, 2] - centre) ** 2 for centre in CENTRES]
    return np.asarray(np.sqrt(np.minimum(*squares)))


def synthetic_b(rng: np.random.Generator, n: int, shape: str = "rods", gap: float = 0.15) -> Sample:
    """Two solid rods or balls inside a box, with an empty shell around them.

    class 1: r <= 1, uniform; class 0: r >= 1 + gap, uniform in x, y in [-2, 2], z in [-2, 5]
    shape 'rods': r^2 = x^2 + (z - c)^2, rods along the whole of y; 'balls':
    r^2 = x^2 + y^2 + (z - c)^2; c = 0 or 3, whichever is nearer. x (n, 3), y (n,).

    Source: Baptista et al. (2024), Synthetic B: rods as pictured, balls as worded.

    >>> x, y = synthetic_b(np.random.default_rng(0), 100, shape="rods", gap=0.15)
    >>> bool(np.hypot(x[y == 1, 0], x[y == 1, 2] % 3 - 3 * (x[y == 1, 2] % 3 > 1.5)).max() <= 1)
    True
    """
    n_inside = n - n // 2
    outside = in_box(rng, n // 2, *BOX, lambda x: _radius(x, shape) >= 1 + gap)
    centre = rng.choice(CENTRES, n_inside)
    if shape == "balls":
        inside = in_ball(rng, n_inside, 3)
    else:
        disc = in_ball(rng, n_inside, 2)
        inside = np.stack([disc[:, 0], rng.uniform(-2, 2, n_inside), disc[:, 1]], axis=1)
    inside[:, 2] += centre
    return two_classes(outside, inside)


def synthetic_c(rng: np.random.Generator, n: int) -> Sample:
    """A wavy sheet that crosses a flat slab.

    class 0: z ~ U(-0.41, 0.41); class 1: z = 2 sin 2x; both with x ~ U(0, 2 pi), y ~ U(0, pi)
    2/pi arcsin(0.41 / 2) = 13.1 % of the sheet lies in the slab, so a network that gives these
    points to the slab reaches 93.4 %. x (n, 3), y (n,).

    Source: Baptista et al. (2024), Synthetic C.

    >>> x, y = synthetic_c(np.random.default_rng(0), 100)
    >>> np.allclose(x[y == 1, 2], 2 * np.sin(2 * x[y == 1, 0]), atol=1e-5)
    True
    """
    points = rng.uniform((0, 0, -SLAB), (2 * np.pi, np.pi, SLAB), size=(n, 3))
    sheet = points[n // 2 :]
    sheet[:, 2] = 2 * np.sin(2 * sheet[:, 0])
    return two_classes(points[: n // 2], sheet)
