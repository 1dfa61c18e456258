"""How much of a graph is kept, or asked for."""

from collections.abc import Collection
from typing import NamedTuple

from geoflow.specs import DETAILS


class Extent(NamedTuple):
    """How much of a graph is kept, or asked for: columns of ``graphs``."""

    detail: str
    n_sources: int
    curvatures: Collection[str]


def covered(stored: Extent, asked: Extent) -> bool:
    """Return whether a graph kept to one extent holds all of another.

    >>> covered(Extent("pairs", 100, ["forman"]), Extent("nodes", 100, []))
    True
    >>> covered(Extent("graphs", 10, []), Extent("graphs", 100, []))
    False
    """
    return (
        DETAILS.index(stored.detail) >= DETAILS.index(asked.detail)
        and stored.n_sources >= asked.n_sources
        and set(asked.curvatures) <= set(stored.curvatures)
    )
