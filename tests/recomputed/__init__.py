"""Every mart and report computed again from the base tables alone, in Python.

A function here has the name of its relation, takes the `Base` of a store and returns the rows that
the relation should have, as dictionaries with all of its columns.
"""

from recomputed import (
    classes,
    correlations,
    flow,
    local,
    neighborhoods,
    scores,
    selection,
    steps,
    studies,
    transport,
)
from recomputed.base import RECOMPUTED, Base

__all__ = [
    "RECOMPUTED",
    "Base",
    "classes",
    "correlations",
    "flow",
    "local",
    "neighborhoods",
    "scores",
    "selection",
    "steps",
    "studies",
    "transport",
]
