"""How near a layer is to an affine map, by optimal transport.

    rho_aff(X, Y) = 1 - sqrt( W2(T X, Y)^2 / (2 tr S_Y) )

X, Y (n, d): a sample before and after an activation; S_X, S_Y (d, d) their sample covariances (over
n - 1) + 1e-6 I; T x = m_Y + A (x - m_X), A the optimal map from N(m_X, S_X) to N(m_Y, S_Y); W2
exact between the samples T X and Y. 1 if Y is a positive semi-definite affine image of X, at least
0. Of an increasing function of one variable it is 1 - sqrt((n - 1) / n (1 - corr(x, f(x)))), but
for the 1e-6. Source: Bouniot et al., From AlexNet to Transformers (CVPR 2025, arXiv 2310.11439),
and their code, which scores a constant output 1; a constant Y tells nothing of the activation and
has no score here (ours).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from geoflow.geometry.neighbors.samples import binary_exponent, checked_samples
from geoflow.geometry.transport.assignment import w2_distance
from geoflow.geometry.transport.gaussian import covariance, gaussian_map

RIDGE = 1e-6
"""Added to every variance, in the squared unit of the points."""

CONSTANT = "the output is the same for all points: any map to it is affine"
FLAT = "the output varies less than the 1e-6 added to its variances"


@dataclass(frozen=True)
class Affinity:
    """``affinity`` in [0, 1], or None and the ``reason``."""

    affinity: float | None
    reason: str | None


def affinity(x: np.ndarray, y: np.ndarray, threads: int | None = None) -> Affinity:
    """Return rho_aff of samples x (n, d) and y (n, d), n >= 1.

    Undefined where y is constant, or where tr S_Y without the 1e-6 is below that with nothing else.

    >>> x = np.linspace(-1, 1, 1001)[:, None]
    >>> round(affinity(x, 3 * x + 1).affinity, 3), round(affinity(x, x**3).affinity, 3)
    (1.0, 0.711)
    >>> affinity(x, 0 * x).reason
    'the output is the same for all points: any map to it is affine'
    """
    x, y = checked_samples([x, y])
    d = x.shape[1]
    x, ridge_x = below_one(x)
    y, ridge_y = below_one(y)
    spread = covariance(y)
    if (y == y[0]).all():
        return Affinity(None, CONSTANT)
    if np.trace(spread) <= d * ridge_y:
        return Affinity(None, FLAT)
    fitted = spread + ridge_y * np.eye(d)
    bend = gaussian_map(covariance(x) + ridge_x * np.eye(d), fitted)
    moved = y.mean(axis=0) + (x - x.mean(axis=0)) @ bend
    share = w2_distance(moved, y, threads) ** 2 / (2 * np.trace(fitted))
    return Affinity(float(np.clip(1 - np.sqrt(share), 0.0, 1.0)), None)


def below_one(points: np.ndarray) -> tuple[np.ndarray, float]:
    """Return points, scaled below 1 if they are not, and the ridge at that scale.

    The score does not depend on the units of X and Y, but for the ridge; squares of huge numbers
    would overflow.

    >>> below_one(np.array([[4.0]]))
    (array([[0.5]]), 1.5625e-08)
    """
    exponent = max(0, binary_exponent(points))
    return np.ldexp(points, -exponent), float(np.ldexp(RIDGE, -2 * exponent))


def affinity_signature(
    activations: Iterable[tuple[np.ndarray, np.ndarray]],
    threads: int | None = None,
) -> list[Affinity]:
    """Return the score of each (pre-activation, post-activation) of a network, in order.

    >>> x = np.linspace(-1, 1, 1001)[:, None]
    >>> [round(one.affinity, 3) for one in affinity_signature([(x, x), (x, x**3)])]
    [1.0, 0.711]
    """
    return [affinity(before, after, threads) for before, after in activations]
