"""What a user may ask for, as frozen dataclasses whose fields are columns of the store.

``DatasetSpec`` becomes a row of ``datasets``, ``Architecture`` and ``Recipe`` become columns of
``networks``, ``GeometrySpec`` becomes ``k`` and ``convention`` of ``graphs``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import index

from geoflow.errors import SpecError, unknown

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


def checked_whole(name: str, value: object, low: int = 0) -> None:
    """Refuse a value that is no whole number from low up to 2^63 - 1.

    >>> checked_whole("epochs", 50)
    """
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value < 2**63:
        raise SpecError(f"{name} is {value!r}: give a whole number, {low} or more")


@dataclass(frozen=True)
class DatasetSpec:
    """A data set by name, with everything that changes its points.

    ``None`` means the data set's own default; `geoflow.datasets.load` returns the spec resolved.
    """

    name: str
    seed: int = 0
    n_train: int | None = None
    n_test: int | None = None
    scale: str | None = None  # 'unit' or 'raw', for data sets that have a scale
    options: Mapping[str, float | str] = field(default_factory=dict)  # shape, gap, noise, ...

    def __post_init__(self) -> None:
        """Refuse seeds and sizes that are no whole numbers."""
        for name in ("seed", "n_train", "n_test"):
            if not isinstance(getattr(self, name), int | None):
                raise SpecError(f"data set '{self.name}': {name} is no whole number")


@dataclass(frozen=True)
class Architecture:
    """A fully connected network: one width per hidden layer; ``width`` is the name shown for them.

    ``family``: one of FAMILIES. ``batch_norm``: whether what the activation is applied to is
    normalised over the batch. ``memory_order``: gamma of the fractional family, in (0, 1]; None
    becomes 0.5 there and is all that other families take.
    """

    width: str
    widths: tuple[int, ...]
    family: str = "plain"
    activation: str = "relu"
    batch_norm: bool = False
    memory_order: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no family is, and widths and options that the family cannot have."""
        if self.family not in FAMILIES:
            raise unknown("family", self.family, FAMILIES, "choose one of these")
        if self.family in OF_ONE_WIDTH and len(set(self.widths)) > 1:
            raise SpecError(
                f"family {self.family} adds layers to each other, but widths {self.width}"
                f" ({', '.join(map(str, self.widths))}) differ: give one width for all, or family"
                " plain or dense"
            )
        if not isinstance(self.batch_norm, bool):
            raise SpecError(f"batch_norm is {self.batch_norm!r}: give true or false")
        self.check_memory_order()

    def check_memory_order(self) -> None:
        """Refuse an order out of place or out of (0, 1]; give fractional networks their default."""
        order = self.memory_order
        if self.family != "fractional":
            if order is not None:
                raise SpecError(
                    f"family {self.family} has no memory_order: leave it out, or choose fractional"
                )
        elif order is None:
            object.__setattr__(self, "memory_order", DEFAULT_MEMORY_ORDER)
        elif isinstance(order, bool) or not isinstance(order, int | float) or not 0 < order <= 1:
            raise SpecError(f"memory_order is {order!r}: give a number above 0, up to 1")

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

    optimizer: str = "rmsprop"
    learning_rate: float = 1e-3
    decay: float | None = None  # None becomes the optimizer's own default, see DECAYS
    epsilon: float = 1e-7
    weight_decay: float = 0.0
    epochs: int = 50
    batch_size: int = 32
    validation_rows: float = 0
    shuffled_labels: bool = False

    def __post_init__(self) -> None:
        """Refuse values no optimizer can use."""
        if self.optimizer not in DECAYS:
            raise unknown("optimizer", self.optimizer, DECAYS, "choose one of these")
        if self.decay is None:
            object.__setattr__(self, "decay", DECAYS[self.optimizer])
        checked_whole("epochs", self.epochs)
        checked_whole("batch_size", self.batch_size, 1)
        for name, low in (("learning_rate", 0), ("epsilon", 0)):
            if not getattr(self, name) > low:
                raise SpecError(f"{name} is {getattr(self, name)}: give a number above {low}")
        for name in ("weight_decay", "validation_rows"):
            if not getattr(self, name) >= 0:
                raise SpecError(f"{name} is {getattr(self, name)}: give 0 or more")
        if not isinstance(self.shuffled_labels, bool):
            raise SpecError(f"shuffled_labels is {self.shuffled_labels!r}: give true or false")
        if self.decay is not None and not 0 <= self.decay < 1:
            raise SpecError(f"decay is {self.decay}: give a number from 0 up to, not including, 1")


def whole_numbers(k: int | Iterable[int], name: str = "k") -> tuple[int, ...]:
    """Return one or more numbers as a tuple, refusing what is no whole number by its name.

    >>> whole_numbers(5), whole_numbers([5, 10])
    ((5,), (5, 10))
    """
    numbers = k if isinstance(k, Iterable) else (k,)
    try:
        return tuple(index(number) for number in numbers)
    except TypeError:
        raise SpecError(
            f"{name} = {k!r} is no whole number or list of them: give 10 or [10, 20]"
        ) from None


@dataclass(frozen=True)
class GeometrySpec:
    """Which graphs to make of every layer, how much of them to keep, and where to compute.

    ``store_rank``: neighbours are kept up to this rank; None lets the detail decide.
    ``n_sources``: hop totals are estimated from so many points drawn with ``seed``; None takes
    all points and is exact. ``device``: one of DEVICES; it changes no result. ``curvatures``:
    kinds of CURVATURES whose local geometry is wanted, of the undirected graphs; ``alphas``: idle
    masses of those that have one.
    """

    k: tuple[int, ...]
    conventions: tuple[str, ...] = ("directed",)
    detail: str = "edges"
    store_rank: int | None = None
    n_sources: int | None = None
    seed: int = 0
    device: str = "cpu"
    curvatures: tuple[str, ...] = ()
    alphas: tuple[float, ...] = (0.0,)

    def __post_init__(self) -> None:
        """Refuse an empty or impossible list of k, an unknown convention, detail or curvature."""
        if not self.k:
            raise SpecError("no k given: name at least one number of neighbours, such as --k 10")
        if bad := [k for k in self.k if k < 1]:
            raise SpecError(f"k = {bad[0]} is not a number of neighbours: give 1 or more")
        if not self.conventions:
            raise SpecError(f"no convention given: choose from {', '.join(CONVENTIONS)}")
        for convention in self.conventions:
            if convention not in CONVENTIONS:
                raise unknown("convention", convention, CONVENTIONS, "choose one of these")
        if self.detail not in DETAILS:
            raise unknown("detail", self.detail, DETAILS, "choose one of these")
        for name in ("store_rank", "n_sources"):
            if getattr(self, name) is not None:
                checked_whole(name, getattr(self, name), 1)
        checked_whole("seed", self.seed)
        if self.n_sources is not None and self.detail == "pairs":
            raise SpecError("detail pairs needs every distance: leave out n_sources")
        if self.device not in DEVICES:
            raise unknown("device", self.device, DEVICES, "choose one of these")
        for kind in self.curvatures:
            if kind not in CURVATURES:
                raise unknown("curvature", kind, CURVATURES, "choose one of these")
        if self.curvatures and not self.undirected:
            raise SpecError(
                f"curvature {self.curvatures[0]} at a point needs an undirected graph: add"
                " convention union or mutual"
            )
        for alpha in self.alphas:
            if not isinstance(alpha, int | float) or not 0 <= alpha < 1:
                raise SpecError(f"alpha is {alpha!r}: give an idle mass of 0 or more, below 1")
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

    radii: tuple[float, ...] = (0.05, 0.2, 1.0)
    n_directions: int = 25
    n_points: int = 500
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse radii, directions and points there cannot be."""
        if not self.radii or not all(0 < radius < float("inf") for radius in self.radii):
            raise SpecError(f"radii are {self.radii}: give one positive number or more")
        checked_whole("n_directions", self.n_directions, 1)
        checked_whole("n_points", self.n_points, 1)
        checked_whole("seed", self.seed)


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
    text = width if isinstance(width, str) else ",".join(map(str, width))
    if text in WIDTHS:
        if depth is None or depth < 1:
            raise SpecError(f"width '{text}' needs a depth: give the number of hidden layers")
        widths = [25 if text == "narrow" else 50] * depth
        if text == "bottleneck":
            widths[(depth - 1) // 2] = 25
        return text, tuple(widths)
    try:
        listed = [int(part) for part in text.replace("-", ",").split(",")]
    except ValueError:
        raise unknown("width", text, WIDTHS, "or give a list such as 50,25,50") from None
    if len(listed) == 1 and depth is not None and depth > 0 and listed[0] > 0:
        return str(listed[0]), tuple(listed * depth)
    if depth is not None and len(listed) != depth:
        raise SpecError(f"widths {text} are {len(listed)} layers but depth is {depth}: drop one")
    if not listed or min(listed) < 1:
        raise SpecError(f"widths {text}: every hidden layer needs at least one unit")
    return "-".join(map(str, listed)), tuple(listed)


@dataclass(frozen=True)
class StudyDataset:
    """A data set of a study: the k of its graphs, its accuracy threshold (strict >), its recipe."""

    dataset: DatasetSpec
    k: tuple[int, ...]
    threshold: float | None = None
    recipe: Recipe = field(default_factory=Recipe)


@dataclass(frozen=True)
class StudySpec:
    """A grid of networks: data sets x widths x depths x replicas.

    Replica r has seed ``seed + r``. A cell (data set, width, depth) is one ensemble. Networks are
    measured at the end of their training, and after the epochs in ``snapshots`` (0: untrained).
    """

    name: str
    datasets: tuple[StudyDataset, ...]
    architectures: tuple[Architecture, ...]
    replicas: int
    seed: int = 0
    conventions: tuple[str, ...] = ("directed",)
    detail: str = "nodes"
    store_rank: int | None = None
    n_sources: int | None = None
    device: str = "cpu"
    curvatures: tuple[str, ...] = ()
    alphas: tuple[float, ...] = (0.0,)
    snapshots: tuple[int, ...] = ()
    transport: TransportSpec | None = None

    def __post_init__(self) -> None:
        """Refuse a grid without cells or with two cells of one name, and epochs there are not."""
        checked_whole(f"study '{self.name}': replicas", self.replicas, 1)
        checked_whole(f"study '{self.name}': seed", self.seed)
        if not self.datasets or not self.architectures:
            raise SpecError(f"study '{self.name}' has no cells: name data sets, widths and depths")
        names = [one.dataset.name for one in self.datasets]
        kinds = [f"{one.width} {one.depth}" for one in self.architectures]
        for what, listed in (("data set", names), ("architecture", kinds)):
            twice = [one for one in listed if listed.count(one) > 1]
            if twice:
                raise SpecError(
                    f"study '{self.name}' has {what} '{twice[0]}' twice: make a study of each"
                )
        for one in self.datasets:
            self.geometry(one)
        self.check_snapshots()

    def check_snapshots(self) -> None:
        """Refuse epochs that are out of order, there twice, or past the end of a training."""
        for epoch in self.snapshots:
            checked_whole(f"study '{self.name}': an epoch of snapshots", epoch)
        if list(self.snapshots) != sorted(set(self.snapshots)):
            listed = ", ".join(map(str, self.snapshots))
            raise SpecError(
                f"study '{self.name}': snapshots are {listed}: give epochs that rise, each once"
            )
        for one in self.datasets:
            if self.snapshots and self.snapshots[-1] > one.recipe.epochs:
                raise SpecError(
                    f"study '{self.name}': snapshot at epoch {self.snapshots[-1]}, but data set"
                    f" '{one.dataset.name}' is trained {one.recipe.epochs} epochs: leave it out of"
                    " snapshots, or give more epochs"
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
