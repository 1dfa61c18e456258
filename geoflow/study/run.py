"""Grids of networks: trained cell by cell, measured, written, and resumed where they stopped.

A cell is one ensemble: a data set, an architecture, all replicas. Workers train and measure cells
and leave shards; this process alone opens the store, for the writing of a whole cell in one
transaction. A killed study leaves whole cells, and the same command goes on from there.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from geoflow.datasets import load
from geoflow.errors import DatasetError, GeometryError
from geoflow.geometry.compiled import n_threads
from geoflow.geometry.layer import checked_k, checked_sources
from geoflow.machine.memory import free_memory
from geoflow.machine.said import said
from geoflow.measure.transport import checked_size
from geoflow.scores import own_scores
from geoflow.specs import (
    ALREADY_THERE,
    DatasetSpec,
    Recipe,
    StudyDataset,
    StudySpec,
    TransportSpec,
    architecture,
    usual_conventions,
    with_scores,
)
from geoflow.specs.values import Whole
from geoflow.store import Writer, make_ready
from geoflow.store.ownscores import refuse_other_scores
from geoflow.store.records import DatasetRecord, FailedCell
from geoflow.store.request import as_json
from geoflow.study.cells import Cell, cells, dataset_record
from geoflow.study.estimate import Estimate, free_disk, refuse_beyond
from geoflow.study.plan import Todo, forecast, still_to_do
from geoflow.study.pool import outcomes
from geoflow.study.presence import is_whole, stored_networks
from geoflow.study.selection import chosen_cells
from geoflow.study.settling import Work, failed_cell
from geoflow.study.shelf import shard_folder
from geoflow.study.status import failed_before
from geoflow.study.task import Failure, Share, Task
from geoflow.training.loop import n_held_out, refuse_lone_row

WRITE_PATIENCE_SECONDS = 120.0
"""How long a finished cell waits for readers of the store before it gives up."""


@dataclass(frozen=True)
class StudyRun:
    """What `run_study` did: networks written now and there before, cells that failed, seconds.

    ``n_diverged`` of the written networks ended in NaN or infinity and have no layers;
    ``n_elsewhere`` were missing at first and written by another process meanwhile.
    """

    study: str
    n_written: int
    n_present: int
    n_diverged: int
    failures: tuple[FailedCell, ...]
    seconds: float
    n_elsewhere: int = 0


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
    scores: Sequence[str] = (),
) -> StudyRun:
    """Train and measure every network of a study that the store does not have yet.

    Interrupt it at any time: the same call goes on where it stopped. jobs: cells at work at once,
    each in a process of its own if there are several; the tables are the same. only: selections
    such as ``dataset=mnist_1v7,depth=11``; a cell is taken if one holds. A cell that fails is a
    row of ``failed_cells`` and the others go on; it is tried again with retry_failed. announce:
    told about how much it will take, before anything starts. scores: names of a user's own, see
    `geoflow.layer_score`. Raises SpecError, also
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
    make_ready(path)
    study = with_scores(study, scores)
    refuse_other_scores(path, own_scores(study.scores))
    chosen = chosen_cells(study, [only] if isinstance(only, str) else only)
    wanted = forecast(chosen, path, jobs)
    refuse_beyond_here(study.name, wanted, path)
    records, absent = checked_datasets(chosen, data_dir)
    there, failed = stored_networks(cells(study), path), failed_before(study, path)
    whole = [cell for cell in cells(study) if is_whole(cell, there)]
    stale = [cell for cell in whole if failed.pop(tuple(cell.place.values()), None)]
    before = {} if retry_failed else failed
    fresh = [cell for cell in chosen if tuple(cell.place.values()) not in before]
    gone = [cell for cell in fresh if cell.dataset.dataset.name in absent and cell not in whole]
    todo = still_to_do(fresh, records, path)
    n_missing = sum(len(one.replicas) for one in todo)
    if announce is not None:
        announce(wanted)
    if advance is not None:
        advance(study.replicas * len(chosen) - n_missing, ALREADY_THERE)
    asked = as_json({"study": study, "only": only, "retry_failed": retry_failed, "jobs": jobs})
    words = f"run_study({study.name})"
    work = Work(Writer(path, words, study.seed, WRITE_PATIENCE_SECONDS, asked))
    for cell in chosen:
        if reason := before.get(tuple(cell.place.values())):
            work.failed.append((cell, failed_cell(cell, study.replicas, Failure(reason))))
    with work.closed():
        if stale:
            work.forget(stale)
        for cell in gone:
            work.fail(cell, study.replicas, Failure(absent[cell.dataset.dataset.name]))
        with shard_folder(path) as folder:
            tasks = [task_of(one, at, folder, data_dir, jobs) for at, one in enumerate(todo)]
            while tasks:
                with closing(outcomes(tasks, min(jobs, len(tasks)), advance)) as ended:
                    for task, why in ended:
                        work.settle(task, why, records[task.cell.dataset.dataset.name])
                        work.note_written(tasks)
                tasks = work.left_by_others(records, advance)
            work.regress(study.name)
        failures = work.failures(records)
        work.status = "failed" if failures else "finished"
    return StudyRun(
        study.name,
        work.n_written,
        study.replicas * (len(fresh) - len(gone)) - n_missing,
        work.n_diverged,
        failures,
        time.perf_counter() - started,
        work.n_elsewhere,
    )


def refuse_beyond_here(study: str, wanted: Estimate, path: Path) -> None:
    """Refuse a study that needs more than this machine has free."""
    refuse_beyond(f"study '{study}'", wanted, free_memory(), free_disk(path))


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
        n_seen = len(data.x_train) - n_held_out(cell.dataset.recipe, len(data.x_train))
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


def task_of(one: Todo, at: int, folder: Path, data_dir: Path | None, jobs: int) -> Task:
    """Return the work on the cell number ``at`` of what is to do."""
    threads = max(n_threads() // jobs, 1)
    scores = own_scores(one.cell.study.scores)
    shard = folder / str(at)
    return Task(one.cell, one.replicas, shard, data_dir, threads, scores=scores)


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
    scores: Sequence[str] = (),
) -> StudyRun:
    """Train and measure one ensemble: a study of a single cell; see `run_study`.

    conventions: directed if none is named, union with curvatures.
    """
    one = architecture(width, depth, family, batch_norm=batch_norm, memory_order=memory_order)
    spec = StudySpec(
        name=study,
        datasets=(StudyDataset(dataset, k, threshold, recipe or Recipe()),),
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
        snapshots=snapshots,
        transport=transport,
    )
    with said(f"train({dataset.name}, {width})"):
        return run_study(
            spec, db, data_dir, advance, retry_failed=True, announce=announce, scores=scores
        )
