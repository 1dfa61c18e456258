"""How fast training could have been, and how straight its way through the weights is.

    T_SL = |theta_T - theta_0|^2 / (loss_0 - loss_T),      inefficiency = T / T_SL

theta (p,): all weights as one vector; loss: that of the full training set, which gradient descent
descends; T = learning rate x steps. In time T a gradient flow cannot go from theta_0 to theta_T
faster than T_SL: |theta_T - theta_0|^2 <= T integral |theta'|^2 = T (loss_0 - loss_T). Source:
Seroussi et al., Speed limits for deep learning (arXiv 2307.14653). Full-batch gradient descent
follows the flow up to its step: its inefficiency is at least 1 - learning rate x largest curvature
of the loss / 2, and 1 only for small steps. Momentum, adaptive rates and mini-batches have no such
bound; path over chord is defined for all of them.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from geoflow.errors import GeometryError
from geoflow.geometry.neighbors.samples import LARGEST_COORDINATE, NEGLIGIBLE, detour, norms

NOT_FALLEN = "the loss did not fall"
WEIGHTS_AT_REST = "the weights did not move"
WEIGHTS_RETURNED = "the weights ended where they began"
NOT_FINITE = "weights or losses are not finite, or their quotient is not"


@dataclass(frozen=True)
class SpeedLimit:
    """``training_time`` T, its least value ``time_limit`` T_SL, and ``inefficiency`` = T / T_SL.

    Unit: that of the learning rate. What is not defined is None, and ``reason`` says why.
    """

    training_time: float
    time_limit: float | None
    inefficiency: float | None
    reason: str | None


def speed_limit(
    first: np.ndarray,
    last: np.ndarray,
    first_loss: float,
    last_loss: float,
    learning_rate: float,
    n_steps: int,
) -> SpeedLimit:
    """Return the speed limit of a training from weights first (p,) to last (p,).

    >>> speed_limit(np.array([2.0]), np.array([1.0]), 2.0, 0.5, 0.01, 69).time_limit.__round__(4)
    0.6667
    >>> speed_limit(np.zeros(1), np.ones(1), 1.0, 1.5, 0.1, 10).reason
    'the loss did not fall'
    """
    if not (0 < learning_rate < np.inf and n_steps >= 1):
        raise GeometryError(
            f"n_steps and learning_rate must be positive, not {n_steps} and {learning_rate}"
        )
    chord = weight_path([first, last]).chord
    time = learning_rate * n_steps
    fall = float(first_loss) - float(last_loss)
    if chord is None or not math.isfinite(fall):
        return SpeedLimit(time, None, None, NOT_FINITE)
    if fall <= 0:
        return SpeedLimit(time, None, None, NOT_FALLEN)
    root = chord / math.sqrt(fall)
    limit = root * root
    if limit == math.inf:
        return SpeedLimit(time, None, None, NOT_FINITE)
    if limit <= NEGLIGIBLE * time:
        return SpeedLimit(time, limit, None, WEIGHTS_AT_REST)
    return SpeedLimit(time, limit, time / limit, None)


@dataclass(frozen=True)
class WeightPath:
    """The way of the weights: ``length`` = sum_t |theta_{t+1} - theta_t| over the weights given.

    ``chord`` = |theta_T - theta_0|; ``ratio`` = length / chord >= 1. What is not defined is None,
    and ``reason`` says why.
    """

    length: float | None
    chord: float | None
    ratio: float | None
    reason: str | None


def weight_path(weights: Iterable[np.ndarray]) -> WeightPath:
    """Return path and chord of weights (p,) in the order of training, read one at a time.

    Weights given after every epoch give the path through these, a lower bound of the path of all
    steps. Of increments, give ``itertools.accumulate(increments, initial=first)``.

    >>> weight_path([np.array([0.0, 0.0]), np.array([3.0, 0.0]), np.array([3.0, 4.0])])
    WeightPath(length=7.0, chord=5.0, ratio=1.4, reason=None)
    """
    first = last = None
    length = 0.0
    for given in weights:
        theta = np.asarray(given, dtype=np.float64)
        if theta.ndim != 1 or not theta.size or (first is not None and theta.shape != first.shape):
            raise GeometryError(
                f"weights have shape {theta.shape}: give vectors (p,) of one length"
            )
        if not (np.abs(theta) <= LARGEST_COORDINATE).all():
            return WeightPath(None, None, None, NOT_FINITE)
        if first is None or last is None:
            first = last = theta.copy()
            continue
        length += float(norms(theta - last))
        last = theta.copy()
    if first is None or last is None:
        raise GeometryError("the weights are empty: give at least those of the start")
    return path_ratio(length, float(norms(last - first)))


def path_ratio(length: float, chord: float) -> WeightPath:
    """Return the path of a length and a chord that are known already.

    >>> path_ratio(2.0, 0.0).reason, path_ratio(0.0, 0.0).reason
    ('the weights ended where they began', 'the weights did not move')
    """
    ratio = detour(length, chord)
    if ratio is None:
        return WeightPath(
            length, chord, None, WEIGHTS_AT_REST if length == 0.0 else WEIGHTS_RETURNED
        )
    return WeightPath(length, chord, ratio, None)
