"""About how much a cell of a study takes, from its spec alone: time, disk and memory.

    training  = steps (a layers + b parameters x rows of a batch + c parameters), all replicas
    geometry  = layers (pairs of points x width + n (a max(k) + b) + graphs (c n + d n^2 k / 64)
                + local geometry of edges + transport of pairs)
    disk      = rows of each table x bytes a row takes in the store
    memory    = data + parameters + rows of each table x bytes a row takes in a worker

n test points; layers are hidden layers of networks. Constants were measured (see their lines) and
machines differ: figures are right within a factor of 2 (time: 3) on the studies that come with
geoflow, which tests hold them to where the figures are known. What no spec tells: a network that
collapses points onto each other has more neighbours, as all that tie with the last rank are kept.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from geoflow.datasets import Sizes, sizes
from geoflow.measure.drawn import MOST_POINTS
from geoflow.measure.local import asked_kinds
from geoflow.specs import DETAILS
from geoflow.study._cells import Cell
from geoflow.training.sizes import batch_rows, fans

SECONDS_LAYER = {"written out": 22e-6, "recorded": 120e-6}
"""One step of one layer, whatever its width: gradients of plain networks are written out."""

SECONDS_MULTIPLIED = 1.6e-10
"""One parameter and one row of a batch, there and back; a third of it there alone."""

SECONDS_UPDATED = {"rmsprop": 0.5e-9, "sgd": 0.5e-9, "adam": 2.5e-9}
"""One step of one parameter."""

SECONDS_DISTANCE = 1.4e-10
"""One coordinate of one pair of points."""

SECONDS_RANKED, SECONDS_POINT, SECONDS_NODE, SECONDS_HOP = 27e-9, 5e-6, 5e-6, 0.9e-9
"""One neighbour ranked; one point of a layer; one of a graph; one edge for 64 searches."""

SECONDS_LOCAL, SECONDS_KIND, SECONDS_OLLIVIER = 1.5e-6, 0.2e-6, 0.3e-6
"""One edge: its communities and moments; each kind of curvature; exact Ollivier, times k."""

SECONDS_CARRIED = 0.37e-6
"""One pair of points in an optimal assignment of a layer to the next."""

SECONDS_READ, SECONDS_WRITTEN = 14e-6, 0.3
"""One row of data files, read for each cell; a cell into the store."""

# SECONDS_*: steps and layers timed one by one (`pytest tests/benchmarks --benchmark-only`), then
# held to the whole of `geoflow study run quickstart`, `quickstart_local`, `paper`, `transport`:
# 23, 164, 2,400 and 703 s on 2 cores.

BYTES_ON_DISK = {
    "neighbors": 6, "positions": 8.4, "nodes": 6.1, "hop_counts": 5, "geodesics": 2.5,
    "graphs": 38, "layers": 35, "networks": 150, "predictions": 6, "point_curvatures": 9.6,
    "edge_curvatures": 6,
    "communities": 2, "expansions": 3.4, "class_curvatures": 41, "point_tracks": 26,
    "point_complexities": 2.1,
}  # fmt: skip
"""Of a row, from pragma_storage_info of the stores of `quickstart`, `quickstart_local` and `paper`,
and of `geoflow train` with transport geometry and with detail edges and pairs."""

BYTES_WORKER = 450_000_000
"""A process with Python, torch and the compiled kernels, before it has any data."""

BYTES_A_ROW = 30
"""A row of any table on its way from a worker to the store, with its copies."""

BYTES_A_PAIR = 16
"""A pair of points while layers are assigned to each other: costs, and which pairs are tight."""

COPIES_OF_PARAMETERS = 5
"""Parameters, gradient, one or two of an optimizer, one to look at."""


@dataclass(frozen=True)
class Cost:
    """Seconds of one core and bytes that networks of a cell take; ``memory`` is a worker's."""

    training: float
    geometry: float
    disk: float
    memory: float

    @property
    def seconds(self) -> float:
        """Of one core, for both."""
        return self.training + self.geometry


def cost_of(cell: Cell, replicas: int) -> Cost:
    """Return about what it takes to train and measure some replicas of a cell.

    >>> from geoflow.study._cells import cells
    >>> from geoflow.specs.studyfile import study_spec
    >>> cost = cost_of(next(cells(study_spec("quickstart"))), 6)
    >>> round(cost.disk / 1e6), 0.3 < cost.training + cost.geometry < 3
    (1, True)
    """
    data = sizes(cell.dataset.dataset)
    states = replicas * (len(cell.snapshots) + 1)
    rows = table_rows(cell, data)
    held = sum(rows.values()) * states
    parameters = n_parameters(cell, data)
    points = data.n_features * (data.n_train + data.n_test)
    widest = max(data.n_features, *cell.architecture.widths)
    return Cost(
        training=training_seconds(cell, data, parameters, replicas),
        geometry=states * geometry_seconds(cell, data, parameters)
        + SECONDS_READ * (data.n_read + data.n_train + data.n_test)
        + SECONDS_WRITTEN,
        disk=states * sum(BYTES_ON_DISK[name] * count for name, count in rows.items()),
        memory=BYTES_WORKER
        + 12 * points
        + data.n_read * data.n_features
        + 4 * COPIES_OF_PARAMETERS * parameters * replicas
        + 16 * replicas * data.n_train
        + activation_bytes(cell, data, replicas)
        + 24 * data.n_test * min(max(cell.dataset.k), data.n_test)
        + (8 * data.n_test * widest)
        + (0 if cell.study.transport is None else transport_bytes(cell, data))
        + BYTES_A_ROW * held,
    )


def n_parameters(cell: Cell, data: Sizes) -> int:
    """Return the number of parameters of one network."""
    outputs = 1 if data.n_classes == 2 else data.n_classes
    shapes = fans(cell.architecture, data.n_features, outputs)
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in shapes)


def activation_bytes(cell: Cell, data: Sizes, replicas: int) -> int:
    """Return the size of all layers of an ensemble for a batch, and of a network for all points."""
    units = sum(cell.architecture.widths)
    batch = min(batch_rows(cell.dataset.recipe, data.n_train), data.n_train)
    inputs = replicas * batch * data.n_features
    return 4 * (inputs + units * (replicas * max(2 * batch, 512) + 2 * data.n_test))


def training_seconds(cell: Cell, data: Sizes, parameters: int, replicas: int) -> float:
    """Return the seconds that an ensemble is trained and looked at."""
    recipe, one = cell.dataset.recipe, cell.architecture
    is_recorded = one.family != "plain" or one.batch_norm
    held = recipe.validation_rows
    n = max(data.n_train * (1 - held) if held < 1 else data.n_train - held, 0)
    steps = recipe.epochs * -(-n // max(batch_rows(recipe, int(n)), 1))
    layer = SECONDS_LAYER["recorded" if is_recorded else "written out"] * (one.depth + 1)
    update = SECONDS_UPDATED[recipe.optimizer] * parameters * replicas
    looks = (len(cell.snapshots) + 1) * (data.n_train + 3 * data.n_test) / 3
    rows = recipe.epochs * n + looks
    return steps * (layer + update) + rows * parameters * replicas * SECONDS_MULTIPLIED


def geometry_seconds(cell: Cell, data: Sizes, parameters: int) -> float:
    """Return the seconds of one core that one network is measured in one state."""
    spec, n = cell.geometry, data.n_test
    depth = cell.architecture.depth + bool(spec.output)
    ks = [min(k, n) for k in sorted(set(spec.k))]
    searched = min(spec.n_sources or n, n)
    pairs = n * n * sum(cell.architecture.widths) * SECONDS_DISTANCE
    ranked = depth * n * (ks[-1] * SECONDS_RANKED + SECONDS_POINT)
    graphs = len(set(spec.convention)) * sum(
        n * SECONDS_NODE + n * k * searched / 64 * SECONDS_HOP for k in ks
    )
    local = 0.0
    for convention in set(spec.undirected):
        kinds = Counter(name.partition("(")[0] for name in asked_kinds(spec, convention))
        for k in ks if kinds else ():
            an_edge = SECONDS_LOCAL + kinds.total() * SECONDS_KIND
            local += n * k * (an_edge + kinds["ollivier"] * k * SECONDS_OLLIVIER)
    return pairs + ranked + depth * (graphs + local) + transport_seconds(cell, data, parameters)


def transport_seconds(cell: Cell, data: Sizes, parameters: int) -> float:
    """Return the seconds of one core that the transport geometry of a network takes."""
    spec = cell.study.transport
    if spec is None:
        return 0.0
    frames = 2 * min(spec.n_directions, data.n_features) * len(spec.radii)
    passes = n_places(cell, data) * frames * parameters * SECONDS_MULTIPLIED / 3
    n = min(data.n_test, MOST_POINTS)
    return passes + (cell.architecture.depth + 1) * n**2 * SECONDS_CARRIED


def transport_bytes(cell: Cell, data: Sizes) -> int:
    """Return the size of the matrices of all pairs and of the places complexity is measured at."""
    return BYTES_A_PAIR * min(data.n_test, MOST_POINTS) ** 2 + (
        16 * n_places(cell, data) * data.n_features
    )


def n_places(cell: Cell, data: Sizes) -> int:
    """Return the number of points around which local complexity is measured."""
    spec = cell.study.transport
    if spec is None:
        return 0
    return spec.n_points + sum(min(spec.n_points, n) for n in (data.n_train, data.n_test))


def table_rows(cell: Cell, data: Sizes) -> Mapping[str, float]:
    """Return how many rows of each table one network has in one state; the input is one layer."""
    spec, n = cell.geometry, data.n_test
    layers = cell.architecture.depth + 1 + bool(spec.output)
    ks = [min(k, n - 1) for k in sorted(set(spec.k))]
    graphs = layers * len(set(spec.convention)) * len(ks)
    local = layers * len(set(spec.undirected)) * len(ks) if spec.curvatures else 0
    kinds = len(asked_kinds(spec, spec.undirected[0])) if local else 0
    level = DETAILS.index(spec.detail)
    rank = ks[-1] if level > 1 else 10
    rows: dict[str, float] = {
        "networks": 1,
        "layers": layers,
        "neighbors": layers * n * min(spec.store_rank or rank, n - 1),
        "graphs": graphs,
        "hop_counts": 12 * graphs,
        "class_curvatures": 2 * kinds * local,
    }
    if level >= 1:
        rows |= {
            "nodes": graphs * n,
            "positions": layers * n,
            "predictions": n,
            "communities": local * n,
            "point_curvatures": local * n * kinds,
            "expansions": local * n,
        }
    if level >= 2:
        rows["edge_curvatures"] = 0.75 * local / len(ks) * n * sum(ks) * kinds
    if level >= 3:
        rows["geodesics"] = graphs * n * (n - 1) / 2
    if cell.study.transport is not None and level >= 1:
        radii = len(cell.study.transport.radii)
        rows["point_tracks"] = n
        rows["point_complexities"] = cell.architecture.depth * radii * n_places(cell, data)
    return rows
