"""The way of the weights, step by step: its length, and the chord from where it began.

    length = sum_t |theta_{t+1} - theta_t|,      chord = |theta_T - theta_0|

theta (p,): all parameters of one replica as one vector; t runs over all optimizer steps. See
`geoflow.geometry.transport.speed.path_ratio` and `speed_limit`, which take these numbers.
"""

from dataclasses import dataclass

import numpy as np

from geoflow.errors import TrainingError
from geoflow.geometry.compiled import sum_kernel
from geoflow.training._ensemble import Parameters


@dataclass(frozen=True)
class Way:
    """``lengths`` and ``chords`` (R,) after ``n_steps`` steps, and ``first_losses`` (R,): the mean
    losses on the rows that training sees, before the first step. NaN or infinity where a training
    went there.
    """

    lengths: np.ndarray
    chords: np.ndarray
    n_steps: int
    first_losses: np.ndarray


class WeightWatch:
    """Watches one training; give a new one to each.

    >>> from geoflow.training._ensemble import zeros
    >>> network, watch = zeros([(2, 1)], replicas=1), WeightWatch()
    >>> watch.begin(network, np.ones(1))
    >>> network.flat[0] = 3
    >>> watch.step()
    >>> network.flat[1] = 4
    >>> watch.step()
    >>> watch.way.lengths, watch.way.chords, watch.way.n_steps
    (array([7.]), array([5.]), 2)
    """

    def __init__(self) -> None:
        self.n_steps = 0
        self.now: np.ndarray | None = None

    def begin(self, parameters: Parameters, first_losses: np.ndarray) -> None:
        """Start at these parameters, which training will change in place."""
        if self.now is not None:
            raise TrainingError("a WeightWatch watches one training: make a new one for the next")
        replicas = parameters.replicas
        self.now = parameters.flat.numpy()
        self.first, self.last = self.now.copy(), self.now.copy()
        self.first_losses = first_losses
        self.lengths = np.zeros(replicas)
        self.sizes = np.array([view[0].numel() for view in parameters.views])

    def step(self) -> None:
        """Add the step that the parameters have taken."""
        assert self.now is not None
        squares = measure_steps(self.now, self.last, self.sizes, len(self.lengths))
        self.lengths += np.sqrt(squares)
        self.n_steps += 1

    @property
    def way(self) -> Way:
        """The way so far."""
        assert self.now is not None
        squares = measure_steps(self.now, self.first.copy(), self.sizes, len(self.lengths))
        return Way(self.lengths.copy(), np.sqrt(squares), self.n_steps, self.first_losses)


@sum_kernel
def measure_steps(now: np.ndarray, last: np.ndarray, sizes: np.ndarray, n: int) -> np.ndarray:
    """Return |now - last|^2 (n,) of each of n replicas, in float64, and set last to now.

    now, last (n sum(sizes),): blocks of n x size numbers, one size after the other.
    """
    squares = np.zeros(n)
    start = 0
    for size in sizes:
        for replica in range(n):
            here, before = now[start : start + size], last[start : start + size]
            total = 0.0
            for i in range(size):
                step = np.float64(here[i] - before[i])
                total += step * step
            for i in range(size):  # in a loop of its own: the sum above is then of many at once
                before[i] = here[i]
            squares[replica] += total
            start += size
    return squares
