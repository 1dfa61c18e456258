"""Grids of networks: trained cell by cell, measured, written, and resumed where they stopped.

A cell is one ensemble: a data set, an architecture, all replicas. Workers train and measure cells
and leave shards; this process alone opens the store, for the writing of a whole cell in one
transaction. A killed study leaves whole cells, and the same command goes on from there.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from geoflow.geometry.compiled import n_threads
from geoflow.machine.memory import free_memory
from geoflow.scores import own_scores
from geoflow.specs import ALREADY_THERE, StudySpec, with_scores
from geoflow.specs.values import Maybe, Whole
from geoflow.store import Writer, make_ready
from geoflow.store.ownscores import refuse_other_scores
from geoflow.store.records import DatasetRecord, FailedCell
from geoflow.store.request import as_json
from geoflow.study._agenda import Agenda, agenda_of, checked_datasets
from geoflow.study._crew import Crew, crew_of, engine_of
from geoflow.study._estimate import Estimate, free_disk, refuse_beyond
from geoflow.study._listener import Listener
from geoflow.study._origin import forget_origin
from geoflow.study._settling import Work, failed_cell
from geoflow.study._shelf import shard_folder
from geoflow.study._task import Failure, Share, Task
from geoflow.study.plan import Todo, forecast
from geoflow.study.selection import chosen_cells

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from distributed import Client

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


class RunWords(TypedDict, total=False):
    """What else `run_study` is told."""

    only: Sequence[str]
    retry_failed: bool
    scores: Sequence[str]
    shards: str | Path | None


@dataclass(frozen=True)
class RunOptions:
    """`RunWords` with their defaults.

    ``only``: selections such as ``dataset=mnist_1v7,depth=11``, or one; a cell is taken if one
    holds. ``retry_failed``: try cells again that failed. ``scores``: names of a user's own, see
    `geoflow.layer_score`. ``shards``: the folder, or address of fsspec, by which workers of an
    executor send what they made; their engine carries it without one.
    """

    only: Sequence[str] = ()
    retry_failed: bool = False
    scores: Sequence[str] = ()
    shards: str | Path | None = None

    def __post_init__(self) -> None:
        if isinstance(self.only, str):
            object.__setattr__(self, "only", (self.only,))


def run_study(
    study: StudySpec,
    db: Path | str,
    data_dir: Path | None = None,
    listener: Listener | None = None,
    *,
    jobs: int | None = None,
    executor: "Executor | Client | None" = None,
    **options: Unpack[RunWords],
) -> StudyRun:
    """Train and measure every network of a study that the store does not have yet.

    Interrupt it at any time: the same call goes on where it stopped. jobs: cells at work at once
    (1), each in a process of its own if there are several; the tables are the same. executor: one
    of `concurrent.futures`, or a client of Dask, whose workers do the cells; ``jobs`` are then
    given out at once (twice as many as it has workers). listener: hears how it goes. options: see
    `RunOptions`. A cell that fails is a row of ``failed_cells``, others go on. Raises SpecError,
    also where it takes more than this machine has free, DatasetError and GeometryError before
    anything is trained, StoreError where a network of the same name has another recipe, and
    ClusterError where workers cannot be used.

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
    words, jobs = RunOptions(**options), Maybe(Whole(1)).checked("jobs", jobs)
    engine = engine_of(executor, words.shards)
    make_ready(path)
    asked = as_json({"study": study, "jobs": jobs, **asdict(words)})
    device, study = study.device, with_scores(study, words.scores)
    study = study if engine is None else replace(study, device="cpu")  # theirs may not be here
    refuse_other_scores(path, own_scores(study.scores))
    chosen = chosen_cells(study, words.only)
    wanted = forecast(chosen, path, jobs or 1, slots_of(executor))
    refuse_beyond_here(study.name, wanted, path, engine is not None)
    records, absent = checked_datasets(chosen, data_dir)
    agenda = agenda_of(study, chosen, records, path, words.retry_failed)
    hears.announce(wanted)
    hears.advance(study.replicas * len(chosen) - agenda.n_missing, ALREADY_THERE)
    writer = Writer(path, f"run_study({study.name})", study.seed, WRITE_PATIENCE_SECONDS, asked)
    work = Work(writer, study.name)
    with work.closed():
        note_what_is_known(work, agenda, absent)
        with (
            shard_folder(path) as folder,
            crew_of(engine, jobs, words.shards, device, folder) as crew,
        ):
            tasks = tasks_of(agenda.todo, folder, data_dir, jobs, records)
            carry_out_all(tasks, work, records, crew, hears.advance)
        work.regress()
        failures = work.failures(records)
        work.status = "failed" if failures else "finished"
    counts = work.n_written, agenda.n_present, work.n_diverged, failures
    return StudyRun(study.name, *counts, time.perf_counter() - started, work.n_elsewhere)


def note_what_is_known(work: Work, agenda: Agenda, absent: Mapping[str, str]) -> None:
    """Keep which cells failed before, or cannot be tried; forget failures of cells that are there.

    ``absent``: why data sets cannot be read.
    """
    for cell, reason in agenda.failed_before:
        work.failed.append((cell, failed_cell(cell, cell.study.replicas, Failure(reason))))
    if agenda.stale:
        work.forget(agenda.stale)
    for cell in agenda.gone:
        work.fail(cell, cell.study.replicas, Failure(absent[cell.dataset.dataset.name]))


def slots_of(executor: "Executor | Client | None") -> int | None:
    """Return how many cells an executor does at once, None for this machine alone."""
    engine = engine_of(executor)
    return None if engine is None else engine.n_slots


def carry_out_all(
    tasks: list[Task],
    work: Work,
    records: Mapping[str, DatasetRecord],
    crew: Crew,
    advance: Share,
) -> None:
    """Do all tasks and write what they leave; then those that others took and have not done."""
    try:
        while tasks:
            with closing(crew(tasks, advance)) as ended:
                for task, why in ended:
                    work.settle(task, why, records[task.cell.dataset.dataset.name])
                    work.note_written(tasks)
                    work.regress_now_and_then()
            tasks = work.left_by_others(records, advance)
    finally:
        forget_origin()


def refuse_beyond_here(
    study: str, wanted: Estimate, path: Path, is_elsewhere: bool = False
) -> None:
    """Refuse a study that needs more than this machine has free; its work may be elsewhere."""
    memory = None if is_elsewhere else free_memory()
    refuse_beyond(f"study '{study}'", wanted, memory, free_disk(path))


def tasks_of(
    todo: Sequence[Todo],
    folder: Path,
    data_dir: Path | None,
    jobs: int | None,
    records: Mapping[str, DatasetRecord],
) -> list[Task]:
    """Return the work on the cells of what is to do; their shards lie in a folder."""
    threads = max(n_threads() // (jobs or 1), 1)
    return [
        Task(
            one.cell,
            one.replicas,
            folder / str(at),
            data_dir,
            threads,
            scores=own_scores(one.cell.study.scores),
            fingerprint=records[one.cell.dataset.dataset.name].fingerprint,
        )
        for at, one in enumerate(todo)
    ]
