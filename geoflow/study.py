"""Grids of networks: trained cell by cell, measured, written, and resumed where they stopped.

A cell is one ensemble: a data set, an architecture, all replicas. Workers train and measure cells
and leave shards; this process alone opens the store, for the writing of a whole cell in one
transaction. A killed study leaves whole cells, and the same command goes on from there.
"""

import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from geoflow.association import SQL, regression_terms
from geoflow.cells import Cell, dataset_record
from geoflow.datasets import load
from geoflow.errors import DatasetError, GeometryError, StoreError
from geoflow.estimate import Estimate, free_disk, refuse_beyond
from geoflow.geometry.compiled import n_threads
from geoflow.geometry.layer import checked_k, checked_sources
from geoflow.ingestion import missing_input
from geoflow.memory import free_memory
from geoflow.plan import (
    Todo,
    chosen_cells,
    failed_before,
    forecast,
    missing_replicas,
    still_to_do,
)
from geoflow.pool import is_local, outcomes
from geoflow.provenance import is_alive
from geoflow.records import DatasetRecord, FailedCell, Unit
from geoflow.shards import read_shard
from geoflow.specs import (
    ALREADY_THERE,
    DatasetSpec,
    Recipe,
    StudyDataset,
    StudySpec,
    TransportSpec,
    architecture,
    usual_conventions,
)
from geoflow.store import Writer, query, refuse_no_folder
from geoflow.training.loop import held_out, refuse_lone_row
from geoflow.transportframes import checked_size
from geoflow.values import Whole
from geoflow.worker import Share, Task

KNOWN_TERMS = "select * exclude (study) from regression_terms where study = $study"
"""The regressions of a study that the store has."""

WRITE_PATIENCE_SECONDS = 120.0
"""How long a finished cell waits for readers of the store before it gives up."""


@dataclass(frozen=True)
class StudyRun:
    """What `run_study` did: networks written now and there before, cells that failed, seconds.

    ``n_diverged`` of the written networks ended in NaN or infinity and have no layers.
    """

    study: str
    n_written: int
    n_present: int
    n_diverged: int
    failures: tuple[FailedCell, ...]
    seconds: float


def run_study(
    study: StudySpec,
    db: Path | str,
    data_dir: Path | None = None,
    advance: Share | None = None,
    *,
    jobs: int = 1,
    only: Sequence[str] = (),
    retry_failed: bool = False,
    announce: Callable[[Estimate], None] | None = None,
) -> StudyRun:
    """Train and measure every network of a study that the store does not have yet.

    Interrupt it at any time: the same call goes on where it stopped. jobs: cells at work at once,
    each in a process of its own if there are several; the tables are the same. only: selections
    such as ``dataset=mnist_1v7,depth=11``; a cell is taken if one holds. A cell that fails is a
    row of ``failed_cells`` and the others go on; it is tried again with retry_failed. announce:
    told about how much it will take, before anything starts. Raises SpecError, also
    where that is more than this machine has free, DatasetError and GeometryError before anything is
    trained, StoreError where the store holds a network of the same name and another recipe.

    >>> import tempfile
    >>> circles = DatasetSpec("circles", n_train=40, n_test=40)
    >>> one = StudyDataset(circles, k=(6,), recipe=Recipe(epochs=2))
    >>> study = StudySpec("demo", (one,), (architecture("8,8"),), replicas=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run_study(study, Path(folder) / "geoflow.duckdb").n_written
    2
    """
    path, started = Path(db), time.perf_counter()
    Whole(1).checked("jobs", jobs)
    refuse_no_folder(path)
    chosen = chosen_cells(study, only)
    wanted = forecast(chosen, path, jobs)
    refuse_beyond_here(study.name, wanted, path)
    records, absent = checked_datasets(chosen, data_dir)
    before = {} if retry_failed else failed_before(study, path)
    fresh = [cell for cell in chosen if tuple(cell.place.values()) not in before]
    readable = [cell for cell in fresh if cell.dataset.dataset.name in records]
    todo = still_to_do(readable, records, path)
    present = study.replicas * len(readable) - sum(len(one.replicas) for one in todo)
    if announce is not None:
        announce(wanted)
    if advance is not None:
        advance(present + study.replicas * (len(chosen) - len(readable)), ALREADY_THERE)
    work = Work(Writer(path, f"study run {study.name}", study.seed, WRITE_PATIENCE_SECONDS))
    for cell in chosen:
        if reason := before.get(tuple(cell.place.values())):
            work.failures.append(failed_cell(cell, study.replicas, reason))
    status = "failed"
    try:
        for cell in fresh:
            if reason := absent.get(cell.dataset.dataset.name):
                work.fail(cell, study.replicas, reason)
        with shard_folder(path) as folder:
            tasks = [task_of(one, at, folder, data_dir, jobs) for at, one in enumerate(todo)]
            for task, reason in outcomes(tasks, max(1, min(jobs, len(tasks))), advance):
                work.settle(task, reason, records[task.cell.dataset.dataset.name])
        work.regress(study.name)
        status = "failed" if work.failures else "finished"
    except KeyboardInterrupt:
        status = "interrupted"
        raise
    finally:
        with suppress(StoreError):
            work.writer.finish(status)
    seconds = time.perf_counter() - started
    failures = tuple(work.failures)
    return StudyRun(study.name, work.n_written, present, work.n_diverged, failures, seconds)


def refuse_beyond_here(study: str, wanted: Estimate, path: Path) -> None:
    """Refuse a study that needs more than this machine has free; of a cluster only its disk."""
    memory = free_memory() if is_local() else None
    refuse_beyond(f"study '{study}'", wanted, memory, free_disk(path))


class Work:
    """What a run of a study has done so far: networks written, cells that failed."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.failures: list[FailedCell] = []
        self.n_written = self.n_diverged = 0

    def fail(self, cell: Cell, n_networks: int, reason: str) -> None:
        """Keep why a cell failed, in the store too if that can be written."""
        self.failures.append(failed_cell(cell, n_networks, reason))
        with suppress(StoreError):
            self.writer.fail(self.failures[-1])

    def settle(self, task: Task, reason: str | None, known: DatasetRecord) -> None:
        """Write what a task left behind, or why there is nothing; its shard goes."""
        if reason is None:
            self.refuse_written(task, known)
            try:
                unit = measured_unit(task, known, self.writer.path)
                self.writer.write(unit)
            except (StoreError, DatasetError) as error:
                reason = str(error)
            else:
                self.n_written += len(task.replicas)
                finals = (network for network in unit.networks if network.final is None)
                self.n_diverged += sum(network.status == "failed" for network in finals)
        if reason is not None:
            self.fail(task.cell, len(task.replicas), reason)
        shutil.rmtree(task.shard, ignore_errors=True)

    def regress(self, study: str) -> None:
        """Write the regressions of a study unless the store has them, to 6 digits.

        It has none, or old ones, where a study was killed after a cell and before this.
        """
        path = self.writer.path
        if not path.exists():
            return
        terms = regression_terms(query(path, SQL, {"study": study}))
        if rounded(terms) != rounded(query(path, KNOWN_TERMS, {"study": study})):
            self.writer.replace_regression(study, terms)

    def refuse_written(self, task: Task, known: DatasetRecord) -> None:
        """Refuse to go on beside another process that runs the same study."""
        if missing_replicas(task.cell, known, self.writer.path) != task.replicas:
            raise StoreError(
                f"another process has written {task.cell.label} of study"
                f" '{task.cell.study.name}': let it finish, then give the same command again"
            )


def rounded(terms: pl.DataFrame) -> set[frozenset[tuple[str, str | float | int]]]:
    """Return the rows of a frame, in no order; processors differ in the last of their digits."""
    short = terms.with_columns(pl.selectors.float().round_sig_figs(6))
    return {frozenset(row.items()) for row in short.iter_rows(named=True)}


def checked_datasets(
    chosen: Sequence[Cell], data_dir: Path | None
) -> tuple[dict[str, DatasetRecord], dict[str, str]]:
    """Return the data sets of the cells by name, and why some cannot be read.

    Refuses k, sources, validation rows, batches and transport geometry that do not fit the points,
    before anything is trained. Where no data set can be read, raises the first one's DatasetError.
    """
    records: dict[str, DatasetRecord] = {}
    absent: dict[str, DatasetError] = {}
    for one in dict.fromkeys(cell.dataset.dataset.name for cell in chosen):
        cell = next(cell for cell in chosen if cell.dataset.dataset.name == one)
        try:
            data = load(cell.dataset.dataset, data_dir)
        except DatasetError as error:
            absent[one] = error
            continue
        n_seen = len(data.x_train) - held_out(cell.dataset.recipe, len(data.x_train))
        for kind in cell.study.architectures:
            refuse_lone_row(n_seen, kind, cell.dataset.recipe)
        try:
            checked_k(cell.dataset.k, len(data.x_test))
            checked_sources(cell.geometry, len(data.x_test))
            if cell.study.transport is not None:
                checked_size(len(data.x_test))
        except GeometryError as error:
            raise GeometryError(f"data set '{one}': {error}") from None
        records[one] = dataset_record(data)
    if absent and not records:
        raise next(iter(absent.values()))
    return records, {name: str(error) for name, error in absent.items()}


def failed_cell(cell: Cell, n_networks: int, reason: str) -> FailedCell:
    """Return the row that says why a cell failed."""
    place = cell.dataset.dataset.name, cell.architecture.width, cell.architecture.depth
    return FailedCell(cell.study.name, *place, n_networks, reason)


def task_of(one: Todo, at: int, folder: Path, data_dir: Path | None, jobs: int) -> Task:
    """Return the work on the cell number ``at`` of what is to do."""
    threads = max(n_threads() // jobs, 1)
    return Task(one.cell, one.replicas, folder / str(at), data_dir, threads, os.getpid())


@contextmanager
def shard_folder(db: Path) -> Iterator[Path]:
    """Yield a folder beside the store for shards; those that dead processes left are removed."""
    shelf = db.with_name(f".{db.name}.shards")
    folder = shelf / f"{platform.node()}-{os.getpid()}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise StoreError(f"cannot write beside the store {db}: {error.strerror}") from None
    try:
        for other in shelf.iterdir():
            host, _, pid = other.name.rpartition("-")
            if not is_alive(host, int(pid)):
                shutil.rmtree(other, ignore_errors=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # another study is at work on the same store
            shelf.rmdir()


def measured_unit(task: Task, known: DatasetRecord, path: Path) -> Unit:
    """Return what is to be written of a shard, with the input layer if the store lacks it."""
    fingerprint, networks, tables = read_shard(task.shard)
    if fingerprint != known.fingerprint:
        raise DatasetError(f"data set '{known.name}' changed while the study ran: run it again")
    data = load(task.cell.dataset.dataset, task.data_dir)
    input_layer = missing_input(path, known, data.x_test, data.y_test, task.cell.geometry)
    return Unit(known, data.y_test, input_layer, networks, tables)


def train(
    dataset: DatasetSpec,
    width: str,
    db: Path | str,
    *,
    k: tuple[int, ...],
    depth: int | None = None,
    family: str = "plain",
    batch_norm: bool = False,
    memory_order: float | None = None,
    replicas: int = 1,
    seed: int = 0,
    recipe: Recipe | None = None,
    conventions: tuple[str, ...] | None = None,
    detail: str = "nodes",
    store_rank: int | None = None,
    n_sources: int | None = None,
    device: str = "cpu",
    curvatures: tuple[str, ...] = (),
    alphas: tuple[float, ...] = (0.0,),
    threshold: float | None = None,
    snapshots: tuple[int, ...] = (),
    transport: TransportSpec | None = None,
    study: str = "train",
    data_dir: Path | None = None,
    advance: Share | None = None,
    announce: Callable[[Estimate], None] | None = None,
) -> StudyRun:
    """Train and measure one ensemble: a study of a single cell; see `run_study`.

    conventions: directed if none is named, union with curvatures.
    """
    one = architecture(width, depth, family, batch_norm=batch_norm, memory_order=memory_order)
    spec = StudySpec(
        name=study,
        datasets=(StudyDataset(dataset, tuple(k), threshold, recipe or Recipe()),),
        architectures=(one,),
        replicas=replicas,
        seed=seed,
        conventions=conventions or usual_conventions(curvatures),
        detail=detail,
        store_rank=store_rank,
        n_sources=n_sources,
        device=device,
        curvatures=curvatures,
        alphas=alphas,
        snapshots=tuple(snapshots),
        transport=transport,
    )
    return run_study(spec, db, data_dir, advance, retry_failed=True, announce=announce)
