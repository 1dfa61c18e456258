"""Tasks on several processes: one joblib line, and what to do when a worker dies.

The user chooses the backend with ``joblib.parallel_config`` (local processes, Dask, Ray); shards
lie beside the store, which every worker must be able to reach.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from geoflow.worker import Share, Task, attempt

DIED = "its worker process died twice, killed or out of memory: give fewer --jobs"


def outcomes(
    tasks: Sequence[Task], jobs: int, advance: Share | None
) -> Iterator[tuple[Task, str | None]]:
    """Yield every task, in order, with the reason why it failed, or None.

    When a worker dies joblib takes all workers down. Tasks that were at work are then tried again
    one by one; the one that dies alone has failed, the others go on.
    """
    if jobs == 1:
        for task in tasks:
            yield task, attempt(task, advance)
        return
    waiting = list(tasks)
    died: set[Path] = set()
    while waiting:
        try:
            alive = [task for task in waiting if task.shard not in died]
            for reason in at_once(alive, jobs):
                while waiting[0].shard in died:
                    yield waiting.pop(0), DIED
                task = waiting.pop(0)
                if advance is not None:
                    advance(len(task.replicas), task.cell.label)
                yield task, reason
            yield from ((task, DIED) for task in waiting)
            return
        except TerminatedWorkerError:
            alive = [task for task in waiting if task.shard not in died]
            at_work = [task for task in alive if task.started.exists()] or alive[:1]
            died |= {task.shard for task in at_work if dies_alone(task)}


def at_once(tasks: Sequence[Task], jobs: int) -> Iterator[str | None]:
    """Yield why each task failed, or None, in the order of the tasks."""
    yield from Parallel(n_jobs=jobs, return_as="generator")(delayed(attempt)(t) for t in tasks)


def dies_alone(task: Task) -> bool:
    """Return whether a task takes its worker down with nothing else at work; its shard stays."""
    try:
        list(at_once([task], 2))
    except TerminatedWorkerError:
        return True
    return False
