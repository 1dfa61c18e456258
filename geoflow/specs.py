"""What a user may ask for, as frozen dataclasses whose fields are columns of the store.

``DatasetSpec`` becomes a row of ``datasets``, ``Architecture`` and ``Recipe`` become columns of
``networks``, ``GeometrySpec`` becomes ``k`` and ``convention`` of ``graphs``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from geoflow.errors import SpecError, unknown
from geoflow.values import (
    LARGEST,
    LARGEST_SEED,
    Flag,
    Made,
    Maybe,
    Number,
    OneOf,
    Several,
    Table,
    Text,
    Whole,
    about,
    brief,
    check_fields,
    whole_in,
)

CONVENTIONS = ("directed", "union", "mutual")
"""How ranked neighbours become a graph; see `geoflow.geometry.graph`."""


@dataclass(frozen=True)
class CurvatureKind:
    """Where the function of a kind of curvature is; it has the name of its kind.

    It takes a graph, and an idle mass and a number of threads if it ``has_alpha``, and returns
    one number per edge, in the order of ``graph.edges``.
    """

    module: str
    has_alpha: bool = False


CURVATURES = {
    "forman": CurvatureKind("geoflow.geometry.curvature"),
    "augmented_forman": CurvatureKind("geoflow.geometry.triangles"),
    "approximate_ollivier": CurvatureKind("geoflow.geometry.triangles"),
    "ollivier": CurvatureKind("geoflow.geometry.ollivier", has_alpha=True),
}
"""Kinds of edge curvature; a new one is a row here and a function."""

DETAILS = ("graphs", "nodes", "edges", "pairs")
"""How much is kept per network, each level with all before it."""

DEVICES = ("cpu", "cuda")
"""Where geometry is computed; the results are the same."""

ALREADY_THERE = "already there"
"""What progress is told of networks that need no work: they say nothing of the pace."""

DECAYS = {"rmsprop": 0.9, "sgd": 0.0, "adam": 0.9}
"""Default decay of each optimizer: of the running mean of squares (rmsprop), momentum (sgd),
beta_1 (adam)."""

FAMILIES = ("plain", "residual", "dense", "fractional")
"""How the layers of a network are joined; see `geoflow.training.families`."""

OF_ONE_WIDTH = ("residual", "fractional")
"""Families that add layers to each other."""

DEFAULT_MEMORY_ORDER = 0.5
"""gamma of a fractional network where none is given."""

WIDTHS = ("narrow", "wide", "bottleneck")
"""Named widths of the 2024 paper: 25; 50; 50 with 25 in the middle hidden layer."""


MOST_LAYERS = 10_000
"""Hidden layers of a network: the deepest that was ever trained (Xiao et al. 2018) has so many."""

LONGEST_WIDTH = 11 * MOST_LAYERS
"""Characters of the name of a width: digits and a hyphen for each layer."""

MOST_CELLS, MOST_IN_ALL = 10_000, 100_000
"""Cells of a study, and hidden layers in all of them: the plan looks at each before it starts."""


@dataclass(frozen=True)
class Option:
    """A rule: what an option of a data set may be before it is known which options there are."""

    def checked(self, name: str, value: object) -> float | str:
        """Return a number or a word."""
        rule = Text(0) if isinstance(value, str) else Number()
        return rule.checked(f"option {name}", value)


Seed = Annotated[int, Whole(0, LARGEST_SEED)]
Size = Annotated[int | None, Maybe(Whole(1))]
NumbersOfNeighbors = Annotated[tuple[int, ...], Several(Whole(1), fewest=1)]
Conventions = Annotated[tuple[str, ...], Several(OneOf(CONVENTIONS, "convention"), 1, "convention")]
Detail = Annotated[str, OneOf(DETAILS, "detail")]
Device = Annotated[str, OneOf(DEVICES, "device")]
Curvatures = Annotated[
    tuple[str, ...], Several(OneOf(tuple(CURVATURES), "curvature"), 0, "curvature")
]
Alphas = Annotated[tuple[float, ...], Several(Number(0, 1, is_open_high=True), 0, "alpha")]


@dataclass(frozen=True)
class DatasetSpec:
    """A data set by name, with everything that changes its points.

    ``None`` means the data set's own default; `geoflow.datasets.load` returns the spec resolved.
    """

    name: Annotated[str, Text()]
    seed: Seed = 0
    n_train: Size = None
    n_test: Size = None
    scale: Annotated[str | None, Maybe(Text())] = None  # 'unit' or 'raw', where there is a scale
    options: Annotated[Mapping[str, float | str], Table(Option())] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what no data set can have; `geoflow.datasets` knows what each of them can."""
        with about(f"data set {brief(self.name)}"):
            check_fields(self)


@dataclass(frozen=True)
class Architecture:
    """A fully connected network: one width per hidden layer; ``width`` is the name shown for them.

    ``family``: one of FAMILIES. ``batch_norm``: whether what the activation is applied to is
    normalised over the batch. ``memory_order``: gamma of the fractional family, in (0, 1]; None
    becomes 0.5 there and is all that other families take.
    """

    width: Annotated[str, Text(1, LONGEST_WIDTH)]
    widths: Annotated[tuple[int, ...], Several(Whole(1), 1, "a width")]
    family: Annotated[str, OneOf(FAMILIES, "family")] = "plain"
    activation: Annotated[str, OneOf(("relu",), "activation")] = "relu"
    batch_norm: Annotated[bool, Flag()] = False
    memory_order: Annotated[float | None, Maybe(Number(0, 1, is_open_low=True))] = None

    def __post_init__(self) -> None:
        """Refuse what no family is, and widths and options that the family cannot have."""
        check_fields(self)
        if self.family in OF_ONE_WIDTH and len(set(self.widths)) > 1:
            raise SpecError(
                f"family {self.family} adds layers to each other, but widths {self.width[:40]}"
                f" {brief(self.widths)} differ: give one width for all, or family"
                " plain or dense"
            )
        if self.family != "fractional" and self.memory_order is not None:
            raise SpecError(
                f"family {self.family} has no memory_order: leave it out, or choose fractional"
            )
        if self.family == "fractional" and self.memory_order is None:
            object.__setattr__(self, "memory_order", DEFAULT_MEMORY_ORDER)

    @property
    def depth(self) -> int:
        """The number of hidden layers L."""
        return len(self.widths)


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; the defaults are those of the 2024 paper.

    ``validation_rows`` is the tail of the training rows that training does not see: a count,
    or a share of the rows when it is below 1. ``shuffled_labels`` trains each replica on a random
    permutation of the training labels: a control, in which there is nothing to learn.
    """

    optimizer: Annotated[str, OneOf(tuple(DECAYS), "optimizer")] = "rmsprop"
    learning_rate: Annotated[float, Number(0, is_open_low=True, is_single=True)] = 1e-3
    decay: Annotated[float | None, Maybe(Number(0, 1, is_open_high=True, is_single=True))] = None
    epsilon: Annotated[float, Number(0, is_open_low=True, is_single=True)] = 1e-7
    weight_decay: Annotated[float, Number(0, is_single=True)] = 0.0
    epochs: Annotated[int, Whole()] = 50
    batch_size: Annotated[int, Whole(1)] = 32
    validation_rows: Annotated[float, Number(0, LARGEST)] = 0
    shuffled_labels: Annotated[bool, Flag()] = False

    def __post_init__(self) -> None:
        """Refuse values no optimizer can use; a decay of None becomes the optimizer's own."""
        check_fields(self)
        if self.decay is None:
            object.__setattr__(self, "decay", DECAYS[self.optimizer])
        if self.validation_rows > 1 and self.validation_rows % 1:
            raise SpecError(
                "validation_rows must be a share below 1 or an integer, not"
                f" {brief(self.validation_rows)}"
            )


def whole_numbers(k: int | Iterable[int]) -> tuple[int, ...]:
    """Return one or more numbers of neighbours as a tuple, refusing what is none.

    >>> whole_numbers(5), whole_numbers([5, 10])
    ((5,), (5, 10))
    """
    return tuple(Several(Whole(1), fewest=1).checked("k", k))


@dataclass(frozen=True)
class GeometrySpec:
    """Which graphs to make of every layer, how much of them to keep, and where to compute.

    ``store_rank``: neighbours are kept up to this rank; None lets the detail decide.
    ``n_sources``: hop totals are estimated from so many points drawn with ``seed``; None takes
    all points and is exact. ``device``: one of DEVICES; it changes no result. ``curvatures``:
    kinds of CURVATURES whose local geometry is wanted, of the undirected graphs; ``alphas``: idle
    masses of those that have one.
    """

    k: NumbersOfNeighbors
    conventions: Conventions = ("directed",)
    detail: Detail = "edges"
    store_rank: Size = None
    n_sources: Size = None
    seed: Seed = 0
    device: Device = "cpu"
    curvatures: Curvatures = ()
    alphas: Alphas = (0.0,)

    def __post_init__(self) -> None:
        """Refuse an empty or impossible list of k, an unknown convention, detail or curvature."""
        check_fields(self)
        if self.n_sources is not None and self.detail == "pairs":
            raise SpecError("detail pairs needs every distance: leave out n_sources")
        if self.curvatures and not self.undirected:
            raise SpecError(
                f"curvature {self.curvatures[0]} at a point needs an undirected graph: add"
                " convention union or mutual"
            )
        for kind in self.curvatures:
            if CURVATURES[kind].has_alpha and not self.alphas:
                raise SpecError(f"curvature {kind} needs an idle mass: give alphas, [0] for none")

    @property
    def undirected(self) -> tuple[str, ...]:
        """The conventions whose graphs have a local geometry."""
        return tuple(one for one in self.conventions if one != "directed")


@dataclass(frozen=True)
class TransportSpec:
    """How the transport geometry of a network is measured; see `geoflow.geometry.transport`.

    ``radii``: of the frames of local complexity, in the unit of the input; ``n_directions``: of a
    frame, at most the features of the input; ``n_points``: how many points of each kind (train,
    test, random) it is measured around, drawn with ``seed``.
    """

    radii: Annotated[
        tuple[float, ...], Several(Number(0, is_open_low=True, is_single=True), 1, "radius")
    ] = (0.05, 0.2, 1.0)
    n_directions: Annotated[int, Whole(1)] = 25
    n_points: Annotated[int, Whole(1)] = 500
    seed: Seed = 0

    def __post_init__(self) -> None:
        """Refuse radii, directions and points there cannot be."""
        with about("transport"):
            check_fields(self)
            if len(set(self.radii)) < len(self.radii):
                raise SpecError(f"radii are {brief(self.radii)}: give each once")


def usual_conventions(curvatures: Sequence[str]) -> tuple[str, ...]:
    """Return the conventions where none is named: directed, or union for local geometry.

    >>> usual_conventions([]), usual_conventions(["forman"])
    (('directed',), ('union',))
    """
    return ("union",) if curvatures else ("directed",)


def architecture(
    width: str | Sequence[int],
    depth: int | None = None,
    family: str = "plain",
    *,
    batch_norm: bool = False,
    memory_order: float | None = None,
) -> Architecture:
    """Return the architecture of a named width and a depth, or of a list of widths.

    >>> architecture("bottleneck", 5).widths
    (50, 50, 25, 50, 50)
    >>> architecture("64,32,16").depth
    3
    >>> architecture("30", 4).widths
    (30, 30, 30, 30)
    >>> architecture("wide", 5, "fractional").memory_order
    0.5
    """
    name, widths = named_widths(width, depth)
    return Architecture(name, widths, family, batch_norm=batch_norm, memory_order=memory_order)


def named_widths(width: str | Sequence[int], depth: int | None) -> tuple[str, tuple[int, ...]]:
    """Return the name shown for widths, and the units of each hidden layer."""
    layers = Maybe(Whole(1, MOST_LAYERS)).checked("depth", depth)
    listed = listed_widths(width)
    if isinstance(listed, str):
        if layers is None:
            raise SpecError(f"width '{listed}' needs a depth: give the number of hidden layers")
        widths = [25 if listed == "narrow" else 50] * layers
        if listed == "bottleneck":
            widths[(layers - 1) // 2] = 25
        return listed, tuple(widths)
    if len(listed) == 1 and layers is not None:
        return str(listed[0]), listed * layers
    if layers is not None and len(listed) != layers:
        raise SpecError(
            f"widths {brief(listed)} are {len(listed)} layers but depth is {layers}: drop one"
        )
    return "-".join(map(str, listed)), listed


def listed_widths(width: object) -> str | tuple[int, ...]:
    """Return one of the names WIDTHS, or the widths that a text or a list names."""
    if isinstance(width, str) and width in WIDTHS:
        return width
    listed = width
    if isinstance(width, str):
        try:
            listed = [whole_in(part.strip()) for part in width.replace("-", ",").split(",")]
        except ValueError:
            raise unknown("width", width, WIDTHS, "or give a list such as 50,25,50") from None
    elif not isinstance(width, Sequence):
        names = ", ".join(WIDTHS)
        raise SpecError(f"width must be {names} or a list of integers, not {brief(width)}")
    return tuple(Several(Whole(1), 1, "a width").checked("widths", listed))


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
class StudySpec:
    """A grid of networks: data sets x widths x depths x replicas.

    Replica r has seed ``seed + r``. A cell (data set, width, depth) is one ensemble. Networks are
    measured at the end of their training, and after the epochs in ``snapshots`` (0: untrained).
    """

    name: Annotated[str, Text()]
    datasets: Annotated[tuple[StudyDataset, ...], Several(Made(StudyDataset))]
    architectures: Annotated[tuple[Architecture, ...], Several(Made(Architecture))]
    replicas: Annotated[int, Whole(1)]
    seed: Seed = 0
    conventions: Conventions = ("directed",)
    detail: Detail = "nodes"
    store_rank: Size = None
    n_sources: Size = None
    device: Device = "cpu"
    curvatures: Curvatures = ()
    alphas: Alphas = (0.0,)
    snapshots: Annotated[tuple[int, ...], Several(Whole(), 0, "an epoch of snapshots")] = ()
    transport: Annotated[TransportSpec | None, Maybe(Made(TransportSpec))] = None

    def __post_init__(self) -> None:
        """Refuse a grid without cells or with two cells of one name, and epochs there are not."""
        with about(f"study {brief(self.name)}"):
            check_fields(self)
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
            raise SpecError(f"{study}: snapshots are {listed}: give epochs that rise, each once")
        for one in self.datasets:
            if epochs and epochs[-1] > one.recipe.epochs:
                raise SpecError(
                    f"{study}: snapshot at epoch {epochs[-1]}, but data set"
                    f" {brief(one.dataset.name)} is trained {one.recipe.epochs} epochs: leave it"
                    " out of snapshots, or give more epochs"
                )

    def geometry(self, dataset: "StudyDataset") -> GeometrySpec:
        """Return which graphs to make of every layer of a data set."""
        return GeometrySpec(
            dataset.k,
            self.conventions,
            self.detail,
            self.store_rank,
            self.n_sources,
            self.seed,
            self.device,
            self.curvatures,
            self.alphas,
        )

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
    study: StudySpec, curvatures: Sequence[str], alphas: Sequence[float]
) -> StudySpec:
    """Return a study with other curvatures or alphas, where they are given.

    A study of directed graphs alone is given union graphs too: they have a local geometry.
    """
    kinds = tuple(curvatures) or study.curvatures
    has_local = not kinds or any(one != "directed" for one in study.conventions)
    conventions = study.conventions if has_local else (*study.conventions, "union")
    return replace(
        study, curvatures=kinds, alphas=tuple(alphas) or study.alphas, conventions=conventions
    )


def with_transport(study: StudySpec, asked: bool | None) -> StudySpec:
    """Return a study with its transport geometry, or with none; None: as the study says."""
    if asked is None:
        return study
    return replace(study, transport=(study.transport or TransportSpec()) if asked else None)
