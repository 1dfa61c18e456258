"""Do the points move as optimal transport would move them?

    ot_score   = max_T #{i : T(x_i) = f(x_i)} / n,   least_ot_score = min_T,    T: all optimal ones
    efficiency = sum_i |x_i - T(x_i)|^2 / sum_i |x_i - f(x_i)|^2        in (0, 1]
    ratio      = sum_l W2(mu_l, mu_{l+1}) / W2(mu_0, mu_T)               >= 1

x_i and f(x_i) = y_i: a point before and after a layer or a network, in spaces of one width; mu_l:
the sample as it leaves layer l. The score is that of Gai & Zhang 2021 (arXiv 2102.09235), who take
the assignment that their solver finds. Where several are optimal it is a range: both ends are
given, and whether there is one T alone. Efficiency and what is relative to the spacing of points
are ours: points that hardly move are moved optimally whatever the layer does, so read the score
beside ``relative_displacement``. Translations and monotone maps of the line score 1 with
efficiency 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.neighbors.samples import NEGLIGIBLE, checked_samples, detour, norms
from geoflow.geometry.transport.assignment import Assignment, optimal_assignment, w2_distance
from geoflow.geometry.transport.spacing import spacing
from geoflow.geometry.transport.straightness import SINGLE_STEP

UNMOVED = "no point moves"
ALONE = "a single point has no neighbour"
DUPLICATES = "half of the points or more are duplicates"
SAMPLE_RETURNED = "the last sample is the first: its W2 distance is 0"


@dataclass(frozen=True)
class TransportScores:
    """How n points move from one sample to another; lengths in the unit of the points.

    ``w2``: root mean square distance of the optimal assignment, ``rms_displacement`` of the actual
    one; ``ot_score`` and ``least_ot_score``: the largest and the least over all optimal
    assignments; ``is_ot_unique``: whether all of them send every point to the same value;
    ``transport_efficiency`` = (w2 / rms_displacement)^2; ``relative_displacement`` =
    mean_i |y_i - x_i| / ``spacing``, the median distance of x to its nearest neighbour. What is
    not defined is None, and its ``..._reason`` says why.
    """

    w2: float
    rms_displacement: float
    ot_score: float
    least_ot_score: float
    is_ot_unique: bool
    transport_efficiency: float | None
    efficiency_reason: str | None
    spacing: float | None
    relative_displacement: float | None
    displacement_reason: str | None


def transport_scores(x: np.ndarray, y: np.ndarray, threads: int | None = None) -> TransportScores:
    """Return the scores of x (n, d) moved to y (n, d), point by point, n >= 1.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(30, 2))
    >>> moved = transport_scores(x, x + 5)
    >>> moved.ot_score, moved.least_ot_score, moved.transport_efficiency
    (1.0, 1.0, 1.0)
    >>> turned = transport_scores(x, -x)
    >>> turned.ot_score < 0.2, turned.transport_efficiency < 0.2
    (True, True)
    >>> transport_scores(x, x).efficiency_reason
    'no point moves'
    """
    return scores_of(x, y, optimal_assignment(x, y, threads), threads)


def scores_of(
    x: np.ndarray, y: np.ndarray, found: Assignment, threads: int | None = None
) -> TransportScores:
    """Return the scores of x (n, d) moved to y (n, d) from their optimal assignment."""
    x, y = checked_samples([x, y])
    efficiency, efficiency_reason = efficiency_of(found)
    grain = spacing(x, threads)
    relative, displacement_reason = relative_displacement(norms(y - x), grain)
    return TransportScores(
        w2=found.w2,
        rms_displacement=found.displacement,
        ot_score=float(found.is_own.mean()),
        least_ot_score=found.n_least_own / len(x),
        is_ot_unique=found.is_unique,
        transport_efficiency=efficiency,
        efficiency_reason=efficiency_reason,
        spacing=grain,
        relative_displacement=relative,
        displacement_reason=displacement_reason,
    )


def efficiency_of(found: Assignment) -> tuple[float | None, str | None]:
    """Return (w2 / displacement)^2, optimal over actual cost, or None and why."""
    if found.displacement == 0.0:
        return None, UNMOVED
    return (found.w2 / found.displacement) ** 2, None


def relative_displacement(
    lengths: np.ndarray, grain: float | None
) -> tuple[float | None, str | None]:
    """Return mean of the displacements (n,) over the spacing of the points, or None and why.

    >>> relative_displacement(np.array([1.0, 2.0]), 3.0), relative_displacement(np.ones(1), None)
    ((0.5, None), (None, 'a single point has no neighbour'))
    """
    if grain is None:
        return None, ALONE
    if grain <= NEGLIGIBLE * lengths.max():
        return None, DUPLICATES
    return float((lengths / grain).mean()), None


@dataclass(frozen=True)
class W2Path:
    """The way of a sample through the layers, in the unit of the points.

    ``path_length`` = sum_l W2(mu_l, mu_{l+1}); ``geodesic_length`` = W2(mu_0, mu_T); ``ratio`` is
    the first over the second, 1 on a Wasserstein geodesic; None if the sample ends where it began,
    and of one step, which is always one.
    """

    path_length: float
    geodesic_length: float
    ratio: float | None
    reason: str | None


def w2_path(track: Sequence[np.ndarray], threads: int | None = None) -> W2Path:
    """Return the length of a track x_0..x_T of samples (n, d) in Wasserstein space, T >= 1.

    Source: after Gai & Zhang 2021, who find residual networks near the geodesic.

    >>> x = np.array([[0.0, 0.0], [1.0, 0.0]])
    >>> w2_path([x, x + [2, 0], x + [2, 2]])
    W2Path(path_length=4.0, geodesic_length=2.8284271247461903, ratio=1.414213562373095, \
reason=None)
    """
    samples = checked_samples(track)
    if len(samples) < 2:
        raise GeometryError(f"a track needs at least 2 layers, not {len(samples)}")
    pairs = pairwise(samples)
    lengths = [w2_distance(x, y, threads) for x, y in pairs]
    chord = w2_distance(samples[0], samples[-1], threads)
    return path_of(lengths, chord)


def path_of(lengths: Sequence[float], chord: float) -> W2Path:
    """Return the path of steps of known W2 lengths, chord: W2 from its start to its end.

    >>> path_of([3.0, 4.0], 5.0).ratio
    1.4
    >>> path_of([3.0, 3.0], 0.0).reason
    'the last sample is the first: its W2 distance is 0'
    """
    length = float(sum(lengths))
    ratio = detour(length, chord)
    if ratio is None:
        return W2Path(length, chord, None, SAMPLE_RETURNED)
    if len(lengths) == 1:
        return W2Path(length, chord, None, SINGLE_STEP)
    return W2Path(length, chord, ratio, None)
