"""The work on one cell: load, train, measure, leave a shard. It knows nothing of the store."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from geoflow.datasets import Dataset, load
from geoflow.errors import DatasetError, GeoflowError
from geoflow.measure import MeasuredLayer, NetworkFrames, measured
from geoflow.measure.transport import Places
from geoflow.scores import Score
from geoflow.specs import TransportSpec
from geoflow.store.records import network_tables
from geoflow.study._cells import Cell, network_record, settings, snapshot_settings
from geoflow.study._origin import measured_origin
from geoflow.study._shards import write_shard
from geoflow.study._shelf import is_at_work
from geoflow.training.sizes import batch_rows, n_held_out

if TYPE_CHECKING:
    from geoflow.training import TrainedNetwork

Share = Callable[[float, str], None]
"""Told how many networks' worth of work has just been done, and on what."""


@dataclass(frozen=True)
class Task:
    """Replicas of a cell to train and measure; ``shard`` is the folder that they will be left in.

    ``threads`` is how many geometry may use; ``gives_way`` leaves the cell to another process that
    is at work on it; ``scores``: a user's own that the study names; ``fingerprint``: of the data
    set where the study was started, None where that is here.
    """

    cell: Cell
    replicas: tuple[int, ...]
    shard: Path
    data_dir: Path | None
    threads: int
    gives_way: bool = True
    scores: tuple[Score, ...] = ()
    fingerprint: str | None = None

    @property
    def claim(self) -> Path:
        """The file that says to other processes that this one is at work on the cell."""
        name = hashlib.sha256(self.cell.network_name(0).encode()).hexdigest()[:16]
        return self.shard.with_name(f"{name}.claim")

    @property
    def written(self) -> Path:
        """The file that says that the cell is in the store."""
        return self.shard.with_name(f"{self.shard.name}.written")

    @property
    def started(self) -> Path:
        """The file that says that a worker has begun."""
        return self.shard.with_name(f"{self.shard.name}.started")


@dataclass(frozen=True)
class Failure:
    """Why nothing came of a task, and where in the code that was, if anything was raised."""

    reason: str
    traceback: str | None = None


ELSEWHERE = Failure("another process is at work on it, or has written it")
"""What comes of a task that gave way."""


def attempt(task: Task, advance: Share | None = None) -> Failure | None:
    """Do the work of a task; return why it failed, ELSEWHERE, or None if its shard is there."""
    if task.shard.is_dir():
        return None
    if task.written.exists() or (task.gives_way and is_elsewhere(task)):
        return ELSEWHERE
    try:
        task.started.touch()
        measure(task, advance)
    except Exception as error:  # whatever it is, it is this cell's and not the study's
        return failure_of(error)
    return None


def failure_of(error: Exception) -> Failure:
    """Return in a line why a cell failed, and where.

    >>> failure_of(MemoryError()).reason
    'out of memory: give fewer --jobs, or a smaller detail'
    """
    match error:
        case GeoflowError():
            reason = str(error)
        case MemoryError():
            reason = "out of memory: give fewer --jobs, or a smaller detail"
        case OSError():
            where = f" ({error.filename})" if error.filename else ""
            reason = f"{error.strerror or error}{where}: is the disk full?"
        case _:
            reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return Failure(reason, "".join(format_exception(error)))


def is_elsewhere(task: Task) -> bool:
    """Say that this process takes a cell, unless another one that is alive took it before."""
    with suppress(OSError):
        task.claim.touch(exist_ok=False)
        mine = task.claim.stat().st_mtime_ns, task.shard.parent.name
        for other in task.shard.parent.parent.glob(f"*/{task.claim.name}"):
            if other != task.claim and is_at_work(other.parent):
                theirs = other.stat().st_mtime_ns, other.parent.name
                if theirs < mine:
                    task.claim.unlink()
                    return True
    return False


def measure(task: Task, advance: Share | None) -> None:
    """Train the replicas of a task, measure them on the way and at the end, leave the shard."""
    from geoflow.training import WeightWatch, train_in_stages  # torch: two seconds, here alone

    cell, replicas = task.cell, task.replicas
    data = load(cell.dataset.dataset, task.data_dir)
    refuse_other_data(data, task.fingerprint)
    done = 0.0

    def say(amount: float, what: str) -> None:
        if advance is not None:
            advance(amount, what)

    def note_training(share: float) -> None:
        nonlocal done
        say((share - done) * len(replicas) / 2, f"training {cell.label}")
        done = share

    around = None if cell.study.transport is None else inputs_around(data, cell.study.transport)
    origin = measured_origin(data, cell.geometry, task.threads)
    seeds = [cell.study.seed + replica for replica in replicas]
    recipe, snapshots = cell.dataset.recipe, cell.snapshots
    is_watched = cell.study.transport is not None and recipe.until_accuracy is None
    watch = WeightWatch() if is_watched else None  # which counts the steps of all networks alike
    states = train_in_stages(
        data, cell.architecture, recipe, seeds, snapshots, note_training, watch
    )
    rows, layers = [], []
    for epoch, networks in states:
        for replica, network in zip(replicas, networks, strict=True):
            settled = settings(cell, len(data.x_train), replica)
            if epoch in snapshots:
                settled = snapshot_settings(settled, epoch)
            rows.append(network_record(settled, network, cell.request.json))
            layers.append(measured_network(network, task, data, origin, around))
            say(0.5 / (len(snapshots) + 1), f"geometry of {cell.label}")
    if not done:
        note_training(1.0)
    write_shard(task.shard, data.fingerprint, rows, network_tables(layers))


def refuse_other_data(data: Dataset, fingerprint: str | None) -> None:
    """Refuse a data set that is not the one of where the study was started."""
    if fingerprint not in (None, data.fingerprint):
        raise DatasetError(
            f"data set '{data.spec.name}' has other rows (fingerprint {data.fingerprint}) than"
            f" where the study was started ({fingerprint}): give every worker the same files"
        )


def measured_network(
    network: "TrainedNetwork",
    task: Task,
    data: Dataset,
    origin: MeasuredLayer | None,
    around: Mapping[str, Places] | None,
) -> NetworkFrames:
    """Return all rows of a network in some state of its training.

    origin: the input layer, where local geometry is asked for; around: see `inputs_around`.
    """
    cell, transport = task.cell, task.cell.study.transport
    frames = measured(
        network.activations,
        cell.geometry,
        transport,
        origin=origin,
        around=around,
        threads=task.threads,
        scores=task.scores,
    )
    if network.is_finite and transport is not None:
        frames.tables.update(weight_frames(network, cell, len(data.x_train)))
    return frames


def weight_frames(network: "TrainedNetwork", cell: Cell, n_train: int) -> dict[str, pl.DataFrame]:
    """Return weight_paths: how the weights of a network went, if it took a step."""
    if not network.n_steps or network.path_length is None or network.first_loss is None:
        return {}
    recipe = cell.dataset.recipe
    n_fitted = n_train - n_held_out(recipe, n_train)
    row = {
        "n_steps": network.n_steps,
        "path_length": network.path_length,
        "chord": network.chord,
        "first_loss": network.first_loss,
        "last_loss": network.train_loss,
        "is_full_batch": batch_rows(recipe, n_fitted) >= n_fitted,
    }
    return {"weight_paths": pl.DataFrame([row])}


def inputs_around(data: Dataset, spec: TransportSpec) -> dict[str, Places]:
    """Return the places around which local complexity is measured, by kind.

    Training and test rows drawn without replacement, in the order of the data; random ones uniform
    in the box of the training rows.
    """
    rng = np.random.default_rng(spec.seed)
    found = {}
    for kind, rows in (("train", data.x_train), ("test", data.x_test)):
        drawn = np.sort(rng.choice(len(rows), min(spec.n_points, len(rows)), replace=False))
        found[kind] = Places(rows[drawn], drawn)
    low, high = data.x_train.min(axis=0), data.x_train.max(axis=0)
    anywhere = rng.uniform(low, high, (spec.n_points, len(low))).astype(np.float32)
    return found | {"random": Places(anywhere, np.arange(spec.n_points))}
