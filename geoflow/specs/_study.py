"""A grid of networks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from geoflow.errors import SpecError
from geoflow.specs._dataset import DatasetSpec
from geoflow.specs._geometry import GeometryOptions, GeometrySpec, beside_k
from geoflow.specs._recipe import Recipe
from geoflow.specs._transport import Transport, TransportSpec
from geoflow.specs.architecture import Architecture
from geoflow.specs.kinds import Detail, NumbersOfNeighbors
from geoflow.specs.values import (
    LARGEST_SEED,
    Made,
    Maybe,
    Number,
    Several,
    Text,
    Whole,
    about,
    brief,
    check_fields,
)

ALREADY_THERE = "already there"
"""What progress is told of networks that need no work: they say nothing of the pace."""


MOST_CELLS, MOST_IN_ALL = 10_000, 100_000
"""Cells of a study, and hidden layers in all of them: the plan looks at each before it starts."""


@dataclass(frozen=True)
class StudyDataset:
    """A data set of a study: the k of its graphs, its accuracy threshold (strict >), its recipe."""

    dataset: Annotated[DatasetSpec, Made(DatasetSpec)]
    k: NumbersOfNeighbors
    threshold: Annotated[float | None, Maybe(Number(0, 1))] = None
    recipe: Annotated[Recipe, Made(Recipe)] = field(default_factory=Recipe)

    def __post_init__(self) -> None:
        """Refuse what is no number of neighbours, share or recipe."""
        with about(f"data set {brief(getattr(self.dataset, 'name', None))}"):
            check_fields(self)


@dataclass(frozen=True)
class Grid:
    """Data sets x architectures x replicas: a cell (data set, architecture) is one ensemble."""

    name: Annotated[str, Text()]
    datasets: Annotated[tuple[StudyDataset, ...], Several(Made(StudyDataset))]
    architectures: Annotated[tuple[Architecture, ...], Several(Made(Architecture))]
    replicas: Annotated[int, Whole(1)]


@dataclass(frozen=True)
class StudySpec(GeometryOptions, Grid):
    """A grid of networks, and what is measured of each.

    The fields are those of `Grid`, of `GeometryOptions`, and these. Replica r has seed
    ``seed + r``. Networks are measured at the end of their training, and after the epochs in
    ``snapshots`` (0: untrained). ``transport``: True, or how transport geometry is measured.
    """

    detail: Detail = "nodes"
    snapshots: Annotated[tuple[int, ...], Several(Whole(), 0, "an epoch of snapshots")] = ()
    transport: Transport = None
    scores: Annotated[tuple[str, ...], Several(Text(), 0, "a score")] = ()

    def __post_init__(self) -> None:
        """Refuse a grid without cells or with two cells of one name, and epochs there are not."""
        with about(f"study {brief(self.name)}"):
            self.check()
            Whole(0, LARGEST_SEED).checked("seed + replicas - 1", self.seed + self.replicas - 1)
        self.check_cells()
        for one in self.datasets:
            self.geometry(one)
        self.check_snapshots()

    def check_cells(self) -> None:
        """Refuse a grid without cells, with two cells of one name, or with too many."""
        if not self.datasets or not self.architectures:
            raise SpecError(
                f"study {brief(self.name)} has no cells: name data sets, widths and depths"
            )
        depths = [one.depth for one in self.architectures] * len(self.datasets)
        refuse_many(len(depths), sum(depths), f"study {brief(self.name)}")
        names = [one.dataset.name for one in self.datasets]
        kinds = [f"{one.width} {one.depth}" for one in self.architectures]
        for what, listed in (("data set", names), ("architecture", kinds)):
            one, times = Counter(listed).most_common(1)[0]
            if times > 1:
                raise SpecError(
                    f"study {brief(self.name)} has {what} {brief(one)} twice: make a study of each"
                )

    def check_snapshots(self) -> None:
        """Refuse epochs that are out of order, there twice, or past the end of a training."""
        study, epochs = f"study {brief(self.name)}", self.snapshots
        if list(epochs) != sorted(set(epochs)):
            listed = ", ".join(map(str, epochs[:12])) + (", ..." if len(epochs) > 12 else "")
            raise SpecError(f"{study}: snapshots are {listed}: give increasing epochs, each once")
        for one in self.datasets:
            if epochs and epochs[-1] > one.recipe.epochs:
                raise SpecError(
                    f"{study}: snapshot at epoch {epochs[-1]}, but data set"
                    f" {brief(one.dataset.name)} is trained for {one.recipe.epochs} epochs: leave"
                    " it out of snapshots, or give more epochs"
                )

    def geometry(self, dataset: "StudyDataset") -> GeometrySpec:
        """Return which graphs to make of every layer of a data set."""
        return GeometrySpec(dataset.k, **beside_k(self))

    @property
    def n_networks(self) -> int:
        """The number of networks of the whole grid."""
        return len(self.datasets) * len(self.architectures) * self.replicas


def refuse_many(n_cells: int, n_layers: int, where: str) -> None:
    """Refuse more cells, or layers in all of them, than anybody waits for, before one is made."""
    for count, most, what in ((n_cells, MOST_CELLS, "cells"), (n_layers, MOST_IN_ALL, "layers")):
        if count > most:
            raise SpecError(f"{where} has {count} {what}, more than {most}: make several studies")


def with_curvatures(
    study: StudySpec,
    curvatures: Sequence[str],
    alphas: Sequence[float],
    output: bool | None = None,
) -> StudySpec:
    """Return a study with other curvatures or alphas, where they are given.

    A study of directed graphs alone is given union graphs too: they have a local geometry. One
    without curvatures before is given the output as a layer, which local geometry ends with; with
    ``output`` it is said whether it is one.
    """
    kinds = tuple(curvatures) or study.curvatures
    convention = study.convention if study.undirected or not kinds else (*study.convention, "union")
    is_measured = bool(study.output or (kinds and not study.curvatures))
    return replace(
        study,
        curvatures=kinds,
        alphas=tuple(alphas) or study.alphas,
        convention=convention,
        output=is_measured if output is None else output,
    )


def with_scores(study: StudySpec, scores: Sequence[str]) -> StudySpec:
    """Return a study that measures scores of a user's own too."""
    return replace(study, scores=(*study.scores, *Several(Text()).checked("scores", scores)))


def with_transport(study: StudySpec, asked: bool | None) -> StudySpec:
    """Return a study with its transport geometry, or with none; None: as the study says."""
    if asked is None:
        return study
    return replace(study, transport=(study.transport or TransportSpec()) if asked else None)
