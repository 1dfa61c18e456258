"""Grids of networks: trained cell by cell, measured, written, and resumed where they stopped.

A cell is one ensemble: a data set, an architecture, all replicas. It is written in one
transaction, so that a killed study leaves whole cells, and the same command goes on from there.
The store is never open while a network trains.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from geoflow.cells import Cell, cells, dataset_record, network_record, settings
from geoflow.datasets import Dataset, load
from geoflow.errors import GeometryError, StoreError, TrainingError
from geoflow.frames import network_frames
from geoflow.geometry.layer import checked_k, checked_sources
from geoflow.ingestion import missing_input
from geoflow.records import Unit
from geoflow.specs import (
    DatasetSpec,
    Recipe,
    StudyDataset,
    StudySpec,
    architecture,
)
from geoflow.store import Writer, query, refuse_no_folder
from geoflow.training import TrainedNetwork, train_ensemble
from geoflow.training.loop import held_out

WRITE_PATIENCE_SECONDS = 120.0
"""How long a finished cell waits for readers of the store before it gives up."""

Advance = Callable[[float, str], None]
"""Told how many networks' worth of work has just been done, and on what."""


@dataclass(frozen=True)
class StudyRun:
    """What `run_study` did: networks written now, networks that were there before, seconds."""

    study: str
    n_written: int
    n_present: int
    n_failed: int
    seconds: float


def run_study(
    study: StudySpec,
    db: Path | str,
    data_dir: Path | None = None,
    advance: Advance | None = None,
) -> StudyRun:
    """Train and measure every network of a study that the store does not have yet.

    Interrupt it at any time: the same call goes on where it stopped. Raises SpecError, DatasetError
    and GeometryError before anything is trained, StoreError where the store holds a network of
    the same name and another recipe.

    >>> import tempfile
    >>> circles = DatasetSpec("circles", n_train=40, n_test=40)
    >>> one = StudyDataset(circles, k=(6,), recipe=Recipe(epochs=2))
    >>> study = StudySpec("demo", (one,), (architecture("8,8"),), replicas=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run_study(study, Path(folder) / "geoflow.duckdb").n_written
    2
    """
    path, started = Path(db), time.perf_counter()
    datasets = {one.dataset.name: load(one.dataset, data_dir) for one in study.datasets}
    for one in study.datasets:
        data = datasets[one.dataset.name]
        held_out(one.recipe, len(data.x_train))
        try:
            checked_k(one.k, len(data.x_test))
            checked_sources(study.geometry(one), len(data.x_test))
        except GeometryError as error:
            raise GeometryError(f"data set '{one.dataset.name}': {error}") from None
    refuse_no_folder(path)
    todo = []
    present = failed = written = 0
    for cell in cells(study):
        missing = missing_replicas(cell, datasets[cell.dataset.dataset.name], path)
        present += study.replicas - len(missing)
        if missing:
            todo.append((cell, missing))
    if advance is not None:
        advance(present, "already there")
    writer = Writer(path, f"study run {study.name}", study.seed, WRITE_PATIENCE_SECONDS)
    try:
        for cell, replicas, networks in trained_ahead(todo, datasets, advance):
            data = datasets[cell.dataset.dataset.name]
            if missing_replicas(cell, data, path) != replicas:
                raise StoreError(
                    f"another process has written {cell.label} of study '{study.name}': let it"
                    " finish, then give the same command again"
                )
            unit = measured_unit(cell, data, replicas, networks, path, advance)
            writer.write(unit)
            written += len(replicas)
            failed += sum(network.status == "failed" for network in unit.networks)
    except KeyboardInterrupt:
        writer.finish("interrupted")
        raise
    except BaseException:
        writer.finish("failed")
        raise
    writer.finish()
    return StudyRun(study.name, written, present, failed, time.perf_counter() - started)


def train(
    dataset: DatasetSpec,
    width: str,
    db: Path | str,
    *,
    k: tuple[int, ...],
    depth: int | None = None,
    replicas: int = 1,
    seed: int = 0,
    recipe: Recipe | None = None,
    conventions: tuple[str, ...] = ("directed",),
    detail: str = "nodes",
    n_sources: int | None = None,
    device: str = "cpu",
    threshold: float | None = None,
    study: str = "train",
    data_dir: Path | None = None,
    advance: Advance | None = None,
) -> StudyRun:
    """Train and measure one ensemble: a study of a single cell; see `run_study`."""
    spec = StudySpec(
        name=study,
        datasets=(StudyDataset(dataset, tuple(k), threshold, recipe or Recipe()),),
        architectures=(architecture(width, depth),),
        replicas=replicas,
        seed=seed,
        conventions=conventions,
        detail=detail,
        n_sources=n_sources,
        device=device,
    )
    return run_study(spec, db, data_dir, advance)


def missing_replicas(cell: Cell, data: Dataset, path: Path) -> list[int]:
    """Return the replicas of a cell that the store lacks; refuse namesakes of another recipe."""
    replicas = range(cell.study.replicas)
    if not path.exists():
        return list(replicas)
    names = [cell.network_name(replica) for replica in replicas]
    stored = query(
        path,
        "select n.*, d.fingerprint from networks as n join datasets as d using (dataset_id)"
        " where n.name in (select unnest($names))",
        {"names": names},
    )
    there = {row["name"]: row for row in stored.iter_rows(named=True)}
    missing = []
    for replica in replicas:
        wanted = settings(cell, data, replica) | {"fingerprint": data.fingerprint}
        row = there.get(wanted["name"])
        if row is None:
            missing.append(replica)
            continue
        other = [key for key, value in wanted.items() if row[key] != value]
        if other:
            raise StoreError(
                f"network '{wanted['name']}' is in {path} with another {other[0]}"
                f" ({row[other[0]]}, now {wanted[other[0]]}): name this study differently, or use"
                " another --db"
            )
    refuse_other_graphs(cell, path, [name for name in names if name in there])
    return missing


def refuse_other_graphs(cell: Cell, path: Path, names: Sequence[str]) -> None:
    """Refuse to take networks for present that lack graphs this study asks for."""
    graphs = query(
        path,
        "select distinct n.name, g.k, g.convention from networks as n join network_graphs as g"
        " using (network_id) where g.layer > 0 and n.name in (select unnest($names))",
        {"names": list(names)},
    )
    stored = set(graphs.iter_rows())
    spec = cell.geometry
    for name in sorted({row[0] for row in stored}):
        for convention in spec.conventions:
            for k in spec.k:
                if (name, k, convention) not in stored:
                    raise StoreError(
                        f"network '{name}' is in {path} without k = {k}, {convention}: name this"
                        " study differently, or use another --db"
                    )


def trained_ahead(
    todo: Sequence[tuple[Cell, list[int]]],
    datasets: Mapping[str, Dataset],
    advance: Advance | None,
) -> Iterator[tuple[Cell, list[int], list[TrainedNetwork]]]:
    """Yield trained cells in order, while the next one trains in a thread of its own.

    Training is one thread of torch, geometry releases the GIL: the two share the cores.
    """
    stopped = threading.Event()

    def train_cell(cell: Cell, replicas: list[int]) -> list[TrainedNetwork]:
        done = 0.0

        def report(share: float) -> None:
            nonlocal done
            if stopped.is_set():
                raise TrainingError("stopped")
            if advance is not None:
                advance((share - done) * len(replicas) / 2, f"training {cell.label}")
            done = share

        seeds = [cell.study.seed + replica for replica in replicas]
        data = datasets[cell.dataset.dataset.name]
        return train_ensemble(data, cell.architecture, cell.dataset.recipe, seeds, report)

    with ThreadPoolExecutor(1, thread_name_prefix="geoflow-training") as executor:
        try:
            following = executor.submit(train_cell, *todo[0]) if todo else None
            for at, (cell, replicas) in enumerate(todo):
                networks = [] if following is None else following.result()
                if at + 1 < len(todo):
                    following = executor.submit(train_cell, *todo[at + 1])
                yield cell, replicas, networks
        finally:
            stopped.set()


def measured_unit(
    cell: Cell,
    data: Dataset,
    replicas: Sequence[int],
    networks: Sequence[TrainedNetwork],
    path: Path,
    advance: Advance | None,
) -> Unit:
    """Measure all layers of trained replicas and return what is to be written."""
    record = dataset_record(data)
    input_layer = missing_input(path, record, data.x_test, cell.geometry)
    rows, layers = [], []
    for replica, network in zip(replicas, networks, strict=True):
        rows.append(network_record(settings(cell, data, replica), network))
        layers.append(network_frames(network.activations, cell.geometry))
        if advance is not None:
            advance(0.5, f"geometry of {cell.label}")
    return Unit(record, data.y_test, input_layer, rows, layers)
