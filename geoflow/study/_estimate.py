"""About what is left of a study: how many networks, how much time, disk and memory, in a line."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from geoflow.errors import DatasetError, SpecError
from geoflow.machine.memory import size_text, two_digits
from geoflow.study._cells import Cell
from geoflow.study._cost import BYTES_WORKER, Cost, cost_of

SECONDS_START = 4.0
"""A run until its first step."""

BYTES_STORE = 2_500_000
"""A store with nothing in it but the first block of each table."""


@dataclass(frozen=True)
class Estimate:
    """About what is left to do: networks in cells, how many are there, and what the rest takes.

    ``n_again``: networks that are there, lack some of what is asked and are trained again for it.
    """

    n_networks: int
    n_cells: int
    n_there: int
    seconds: float
    disk: float
    memory: float
    n_again: int = 0

    def __str__(self) -> str:
        cells = "cell" if self.n_cells == 1 else "cells"
        networks = "network" if self.n_networks == 1 else "networks"
        there = {0: "none there yet", self.n_networks: "all there"}
        known = there.get(self.n_there + self.n_again, f"{self.n_there + self.n_again:,} there")
        if self.n_again:
            known += f", {self.n_again:,} to train again for what they lack"
        what = f"{self.n_networks:,} {networks} in {self.n_cells:,} {cells}, {known}"
        return what if self.n_there == self.n_networks else f"{what}: {self.taken}"

    @property
    def taken(self) -> str:
        """What the rest takes, in words."""
        disk, memory = size_text(self.disk), size_text(self.memory)
        return f"about {in_time(self.seconds)}, {disk} of disk, {memory} of memory"


def estimate(todo: Iterable[tuple[Cell, int]], jobs: int, cores: int) -> Estimate:
    """Return about what a study takes; todo: its cells, and how many networks of each are there.

    jobs: cells at work at once, on so many cores; the largest is thought to be in each of them.
    """
    cells = list(todo)
    left = [(cell, cell.study.replicas - there) for cell, there in cells]
    found = [known_cost(cell, replicas) for cell, replicas in left if replicas > 0]
    costs = [one for one in found if one is not None]
    at_once = max(1, min(jobs, len(costs)))
    training = [one.training for one in costs]
    alone = sum(training) / min(at_once, cores) if costs else 0.0
    seconds = max(alone, max(training, default=0)) + sum(one.geometry for one in costs) / cores
    largest = max((one.memory for one in costs), default=0)
    beside = BYTES_WORKER + (largest - BYTES_WORKER) / 2 if at_once > 1 else 0
    return Estimate(
        n_networks=sum(cell.study.replicas for cell, _ in cells),
        n_cells=len(cells),
        n_there=sum(there for _, there in cells),
        seconds=SECONDS_START + seconds if costs else 0.0,
        disk=sum(one.disk for one in costs) + BYTES_STORE if costs else 0.0,
        memory=at_once * largest + beside if costs else 0.0,
    )


def known_cost(cell: Cell, replicas: int) -> Cost | None:
    """Return what a cell costs, None where the file of its data cannot be read: it will fail."""
    try:
        return cost_of(cell, replicas)
    except DatasetError:
        return None


def refuse_beyond(what: str, wanted: Estimate, memory: float | None, disk: float | None) -> None:
    """Refuse what needs more memory or disk than is free; None: nobody knows how much is.

    >>> wanted = Estimate(2, 1, 0, seconds=60.0, disk=5e9, memory=1e9)
    >>> refuse_beyond("study 'a'", wanted, memory=2e9, disk=None)
    """
    for size, free, kind, remedy in (
        (wanted.memory, memory, "memory", "smaller widths or n_test, or fewer --jobs"),
        (wanted.disk, disk, "disk", "less detail, or another --db"),
    ):
        if free is not None and size > free:
            raise SpecError(
                f"{what} would take about {size_text(size)} of {kind}, but only {size_text(free)}"
                f" is free: give fewer replicas or k, {remedy}"
            )


def free_disk(path: Path) -> int | None:
    """Return the free bytes of the file system that a store is on, None if nobody knows."""
    try:
        return shutil.disk_usage(path.absolute().parent).free
    except OSError:
        return None


def in_time(seconds: float) -> str:
    """Return seconds in words, to two digits.

    >>> [in_time(one) for one in (41, 200, 10_000, 1e6)]
    ['41 s', '3.3 minutes', '2.8 hours', '12 days']
    """
    for name, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{two_digits(seconds / size)} {name}"
    return f"{two_digits(max(seconds, 1))} s"
