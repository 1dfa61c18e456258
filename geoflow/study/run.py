"""Grids of networks: trained cell by cell, measured, written, and resumed where they stopped.

A cell is one ensemble: a data set, an architecture, all replicas. Workers train and measure cells
and leave shards; this process alone opens the store, for the writing of a whole cell in one
transaction. A killed study leaves whole cells, and the same command goes on from there.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from geoflow.geometry.compiled import n_threads
from geoflow.machine.memory import free_memory
from geoflow.scores import own_scores
from geoflow.specs import ALREADY_THERE, StudySpec, with_scores
from geoflow.specs.values import Whole
from geoflow.store import Writer, make_ready
from geoflow.store.ownscores import refuse_other_scores
from geoflow.store.records import DatasetRecord, FailedCell
from geoflow.store.request import as_json
from geoflow.study._agenda import agenda_of, checked_datasets
from geoflow.study._estimate import Estimate, free_disk, refuse_beyond
from geoflow.study._listener import Listener
from geoflow.study._origin import forget_origin
from geoflow.study._pool import outcomes
from geoflow.study._settling import Work, failed_cell
from geoflow.study._shelf import shard_folder
from geoflow.study._task import Failure, Share, Task
from geoflow.study.plan import Todo, forecast
from geoflow.study.selection import chosen_cells

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
    listener: Listener | None = None,
    *,
    jobs: int = 1,
    only: Sequence[str] = (),
    retry_failed: bool = False,
    scores: Sequence[str] = (),
) -> StudyRun:
    """Train and measure every network of a study that the store does not have yet.

    Interrupt it at any time: the same call goes on where it stopped. jobs: cells at work at once,
    each in a process of its own if there are several; the tables are the same. only: selections
    such as ``dataset=mnist_1v7,depth=11``; a cell is taken if one holds. A cell that fails is a
    row of ``failed_cells`` and the others go on; it is tried again with retry_failed. listener:
    hears how it goes. scores: names of a user's own, see `geoflow.layer_score`. Raises SpecError,
    also where it takes more than this machine has free, DatasetError and GeometryError before
    anything is trained, StoreError where a network of the same name has another recipe.

    >>> import tempfile
    >>> from geoflow.specs import DatasetSpec, Recipe, StudyDataset, architecture
    >>> circles = DatasetSpec("circles", n_train=40, n_test=40)
    >>> one = StudyDataset(circles, k=6, recipe=Recipe(epochs=2))
    >>> study = StudySpec("demo", (one,), (architecture("8,8"),), replicas=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run_study(study, Path(folder) / "geoflow.duckdb").n_written
    2
    """
    path, started, hears = Path(db), time.perf_counter(), listener or Listener()
    Whole(1).checked("jobs", jobs)
    make_ready(path)
    study = with_scores(study, scores)
    refuse_other_scores(path, own_scores(study.scores))
    chosen = chosen_cells(study, [only] if isinstance(only, str) else only)
    wanted = forecast(chosen, path, jobs)
    refuse_beyond_here(study.name, wanted, path)
    records, absent = checked_datasets(chosen, data_dir)
    agenda = agenda_of(study, chosen, records, path, retry_failed)
    hears.announce(wanted)
    hears.advance(study.replicas * len(chosen) - agenda.n_missing, ALREADY_THERE)
    asked = as_json({"study": study, "only": only, "retry_failed": retry_failed, "jobs": jobs})
    writer = Writer(path, f"run_study({study.name})", study.seed, WRITE_PATIENCE_SECONDS, asked)
    work = Work(writer, study.name)
    for cell, reason in agenda.failed_before:
        work.failed.append((cell, failed_cell(cell, study.replicas, Failure(reason))))
    with work.closed():
        if agenda.stale:
            work.forget(agenda.stale)
        for cell in agenda.gone:
            work.fail(cell, study.replicas, Failure(absent[cell.dataset.dataset.name]))
        with shard_folder(path) as folder:
            tasks = [task_of(one, at, folder, data_dir, jobs) for at, one in enumerate(agenda.todo)]
            carry_out(tasks, work, records, jobs, hears.advance)
        work.regress()
        failures = work.failures(records)
        work.status = "failed" if failures else "finished"
    counts = work.n_written, agenda.n_present, work.n_diverged, failures
    return StudyRun(study.name, *counts, time.perf_counter() - started, work.n_elsewhere)


def carry_out(
    tasks: list[Task],
    work: Work,
    records: Mapping[str, DatasetRecord],
    jobs: int,
    advance: Share,
) -> None:
    """Do all tasks and write what they leave; then those that others took and have not done."""
    try:
        while tasks:
            with closing(outcomes(tasks, min(jobs, len(tasks)), advance)) as ended:
                for task, why in ended:
                    work.settle(task, why, records[task.cell.dataset.dataset.name])
                    work.note_written(tasks)
                    work.regress_now_and_then()
            tasks = work.left_by_others(records, advance)
    finally:
        forget_origin()


def refuse_beyond_here(study: str, wanted: Estimate, path: Path) -> None:
    """Refuse a study that needs more than this machine has free."""
    refuse_beyond(f"study '{study}'", wanted, free_memory(), free_disk(path))


def task_of(one: Todo, at: int, folder: Path, data_dir: Path | None, jobs: int) -> Task:
    """Return the work on the cell number ``at`` of what is to do."""
    threads = max(n_threads() // jobs, 1)
    scores = own_scores(one.cell.study.scores)
    return Task(one.cell, one.replicas, folder / str(at), data_dir, threads, scores=scores)
