"""The points that transport geometry is measured on: all, or so many of more, drawn with a seed.

Optimal assignments take matrices of n^2 numbers and time that grows about as n^3. Of more than
MOST_POINTS points so many are drawn, the same in every layer; scores of samples of different sizes
are not comparable, so their number is a column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

MOST_POINTS = 8000
"""Of more points transport geometry is measured on so many, drawn."""


@dataclass(frozen=True)
class Drawn:
    """The points (m,) of a network that are measured; ``seed``: drawn with it, None for all."""

    points: np.ndarray
    seed: int | None

    def of(self, layers: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return these points (m, d) of each layer."""
        return [np.asarray(one) if self.seed is None else one[self.points] for one in layers]

    @property
    def columns(self) -> dict[str, int | None]:
        """What rows of tables say of it."""
        return {"n_points": len(self.points), "sample_seed": self.seed}


class DrawnLayers(Sequence[np.ndarray]):
    """The drawn points of layers that are made when they are asked for."""

    def __init__(self, drawn: Drawn, layers: Sequence[np.ndarray]) -> None:
        self.drawn, self.layers = drawn, layers

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, at: Any) -> Any:
        return self.drawn.of([self.layers[at]])[0]


def drawn_points(n: int, seed: int, most: int | None = None) -> Drawn:
    """Return all of n points, or ``most`` (8,000) of more: without replacement, in order.

    >>> drawn_points(3, seed=7)
    Drawn(points=array([0, 1, 2]), seed=None)
    >>> len(set(drawn_points(8001, seed=7).points.tolist()))
    8000
    """
    most = MOST_POINTS if most is None else most
    if n <= most:
        return Drawn(np.arange(n), None)
    return Drawn(np.sort(np.random.default_rng(seed).choice(n, most, replace=False)), seed)
