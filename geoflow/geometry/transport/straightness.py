"""How straight the points move from layer to layer.

    score(x) = T / | sum_l u_l |,    u_l = (x_{l+1} - x_l) / |x_{l+1} - x_l|,  l = 0..T-1

is the line-shape score of Gai & Zhang 2021 (arXiv 2102.09235): 1 on a straight line, above 1 on
any other track. Only directions count, not how far a step goes. A step of length zero has no
direction: it is dropped and T reduced (ours). A track of one step, T = 1, is straight whatever the
network does and has no score (ours). All layers must have the same width.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.neighbors.samples import checked_samples, norms, unit_vectors
from geoflow.geometry.neighbors.squared import UNIT

Track = Sequence[np.ndarray] | np.ndarray
"""Samples x_0..x_T (n, d) of the same points, as a list or an array (T + 1, n, d)."""

POINT_AT_REST = "the point never moves"
DIRECTIONS_CANCEL = "the directions of the steps cancel"
SINGLE_STEP = "a track of one step is straight whatever the network does"


@dataclass(frozen=True)
class LineShapes:
    """Line-shape scores of n points: ``score`` (n,) is NaN where ``reason`` (n,) says why.

    ``n_steps`` (n,): the steps of non-zero length, those that count.
    """

    score: np.ndarray
    n_steps: np.ndarray
    reason: np.ndarray


def track_steps(track: Track) -> np.ndarray:
    """Return x_{l+1} - x_l (T, n, d) of a track, T >= 1."""
    layers = np.stack(checked_samples(list(track))) if len(track) else np.empty((0, 1, 1))
    if len(layers) < 2:
        raise GeometryError(f"a track needs at least 2 layers, not {len(layers)}")
    differences: np.ndarray = np.diff(layers, axis=0)
    return differences


def displacements(track: Track) -> np.ndarray:
    """Return |x_{l+1} - x_l| (T, n), in the unit of the points.

    >>> displacements([np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])])
    array([[5.]])
    """
    return norms(track_steps(track))


def turning_angles(track: Track) -> np.ndarray:
    """Return the angle in radians (T - 1, n) between each step and the next, 0..pi.

        angle = 2 atan2(|u - v|, |u + v|),  u, v the unit steps

    accurate for small angles too (Kahan). NaN where one of the two steps has length zero.

    >>> corner = [np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]), np.array([[1.0, 5.0]])]
    >>> turning_angles(corner) / np.pi
    array([[0.5]])
    """
    units = unit_vectors(track_steps(track))
    before, after = units[:-1], units[1:]
    angles = 2 * np.arctan2(norms(before - after), norms(before + after))
    has_both = before.any(axis=-1) & after.any(axis=-1)
    return np.where(has_both, angles, np.nan)


def line_shapes(track: Track) -> LineShapes:
    """Return the line-shape score of each point of a track, T >= 1.

    Undefined for a point that never moves, for one whose unit steps sum to zero, up to their
    rounding, and for all points of a track of one step.

    >>> square = [np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]), np.array([[1.0, 1.0]])]
    >>> line_shapes(square).score  # 2 / sqrt(2)
    array([1.41421356])
    >>> line_shapes([*square, square[0]]).score.round(3)  # 3 / (sqrt(2) - 1)
    array([7.243])
    >>> line_shapes([square[0], square[1], square[0]]).reason[0]
    'the directions of the steps cancel'
    """
    units = unit_vectors(track_steps(track))
    n_steps = units.any(axis=-1).sum(axis=0)
    sums = norms(units.sum(axis=0))
    rounding = n_steps * (units.shape[-1] + 4) * UNIT
    is_defined = (sums > rounding) & (len(units) > 1)
    scores = np.full(len(sums), np.nan)
    scores[is_defined] = np.maximum(1.0, n_steps[is_defined] / sums[is_defined])
    reasons = np.full(len(sums), None, dtype=object)
    reasons[~is_defined] = DIRECTIONS_CANCEL if len(units) > 1 else SINGLE_STEP
    reasons[n_steps == 0] = POINT_AT_REST
    return LineShapes(scores, n_steps.astype(np.int32), reasons)
