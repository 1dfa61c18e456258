"""What there is to measure of one network, whoever made it: the points on their way through it."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

Forward = Callable[[np.ndarray], Sequence[np.ndarray]]
"""From inputs (m, d) to the pre-activations (m, width) of each hidden layer."""


class OnDemand(Sequence[np.ndarray]):
    """Layers that are made when they are asked for, one after another: not all fit in memory.

    Whoever goes through them holds one at a time, in their order: going back makes them anew.
    """

    widths: Sequence[int]
    """The width of every layer, known before it is made."""

    n: int
    """The number of points."""

    @property
    @abstractmethod
    def is_whole(self) -> bool:
        """Whether all layers are in memory at once."""


@dataclass(frozen=True)
class Activations:
    """The way of n points through a network, and what is known of the points.

    ``layers``: the input, then what leaves each hidden layer, (n, d_l); the input alone of a
    network whose training diverged. ``labels`` (n,): the class of each point; ``predicted`` (n,):
    the class that the network gives it; ``margin`` (n,): its logit for the true class less the
    largest other. ``pre``: what enters the activation of each hidden layer; ``post``: what leaves
    the activation, by default the hidden layers, to which networks with skip connections add.
    ``output`` (n, 1 or classes): what the network says of each point, its probabilities.
    ``forward``: the network itself; ``source``: where all this came from, in words. None: unknown.
    ``provenance``: rows of the network itself by table, of whoever took them.

    >>> x = np.array([[0.0], [1.0]])
    >>> Activations([x, 2 * x], labels=np.array([0, 1]), predicted=np.array([1, 1])).correct
    array([False,  True])
    """

    layers: Sequence[np.ndarray]
    labels: np.ndarray | None = None
    predicted: np.ndarray | None = None
    margin: np.ndarray | None = None
    pre: Sequence[np.ndarray] | None = None
    post: Sequence[np.ndarray] | None = None
    output: np.ndarray | None = None
    forward: Forward | None = None
    source: str = ""
    provenance: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def n(self) -> int:
        """The number of points."""
        return self.layers.n if isinstance(self.layers, OnDemand) else len(self.layers[0])

    @property
    def widths(self) -> list[int]:
        """The width of every layer, the input first."""
        if isinstance(self.layers, OnDemand):
            return list(self.layers.widths)
        return [layer.shape[1] for layer in self.layers]

    @property
    def is_whole(self) -> bool:
        """Whether all layers are in memory at once, so that they may be gone through at will."""
        return not isinstance(self.layers, OnDemand) or self.layers.is_whole

    @property
    def correct(self) -> np.ndarray | None:
        """Whether each point is classified correctly (n,), None where that is not known."""
        if self.labels is None or self.predicted is None:
            return None
        correct: np.ndarray = self.predicted == self.labels
        return correct
