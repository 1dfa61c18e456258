"""Who hears how a study goes."""

from collections.abc import Callable
from dataclasses import dataclass

from geoflow.study._estimate import Estimate
from geoflow.study._task import Share


def ignore(*_: object) -> None:
    """Hear nothing."""


@dataclass(frozen=True)
class Listener:
    """What `run_study` calls: ``announce`` once, with about how much the study will take, before
    anything starts; ``advance`` with each share of work that is done.

    >>> Listener().advance(0.5, "training circles narrow 5")
    """

    advance: Share = ignore
    announce: Callable[[Estimate], None] = ignore
