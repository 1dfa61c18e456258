"""Tasks on several processes: how far they are, what to do when a worker dies."""

import os
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from loky.backend.context import LokyContext
from loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError

from geoflow.machine.orphans import deafen_children, end_with
from geoflow.study._task import ELSEWHERE, Failure, Share, Task, attempt

DIED = Failure("its worker process died twice, killed or out of memory: give fewer --jobs")

LOOK_SECONDS = 0.5
"""How often the notes of workers are read."""

THREADS_OF = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""What tells the libraries of a worker how many threads they may start; a user's own stay."""


@dataclass(frozen=True)
class Note:
    """A file in which a worker says how much of its task it has done; see `Share`."""

    file: Path

    def __call__(self, amount: float, what: str) -> None:
        """Add a line; a note that cannot be written is no reason to fail."""
        with suppress(OSError), self.file.open("a", encoding="utf-8") as file:
            file.write(f"{amount} {what}\n")

    def read(self) -> tuple[float, str]:
        """Return all that was done, and what came last."""
        try:
            lines = self.file.read_text("utf-8").split("\n")[:-1]
        except OSError:
            return 0.0, ""
        shares = [line.split(" ", maxsplit=1) for line in lines]
        return sum(float(amount) for amount, _ in shares), shares[-1][1] if shares else ""


def note_of(task: Task) -> Note:
    """Return the note of a task, beside its shard."""
    return Note(task.shard.with_name(f"{task.shard.name}.note"))


@contextmanager
def watched(tasks: Sequence[Task], advance: Share | None) -> Iterator[Callable[[Task], None]]:
    """Yield a function to be told which task is done; `advance` hears of every task meanwhile.

    One thread reads the notes and nobody else calls `advance` until it has ended.
    """
    told = [0.0] * len(tasks)
    finished: set[Path] = set()
    is_over = threading.Event()

    def tell() -> None:
        for at, task in enumerate(tasks):
            whole = len(task.replicas)
            is_done = task.shard in finished
            done, what = (whole, task.cell.label) if is_done else note_of(task).read()
            before, told[at] = told[at], max(told[at], min(done, whole))
            if advance is not None and told[at] > before:
                advance(told[at] - before, what)

    def look() -> None:
        while not is_over.wait(LOOK_SECONDS):
            tell()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield lambda task: finished.add(task.shard)
    finally:
        is_over.set()
        thread.join()
    tell()


def outcomes(
    tasks: Sequence[Task], advance: Share | None, jobs: int
) -> Generator[tuple[Task, Failure | None], None, None]:
    """Yield every task, in order, with the reason why it failed, or None.

    When a worker dies all workers are taken down. Tasks that were at work are then tried again one
    by one; the one that dies alone has failed, the others go on.
    """
    jobs = min(jobs, len(tasks))
    if jobs <= 1:
        for task in tasks:
            yield task, attempt(task, advance)
        return
    with watched(tasks, advance) as finish:
        yield from side_by_side(tasks, jobs, finish)


def side_by_side(
    tasks: Sequence[Task], jobs: int, finish: Callable[[Task], None]
) -> Iterator[tuple[Task, Failure | None]]:
    """Yield as `outcomes` does, from several processes; ``finish`` is told of each that ended."""
    waiting = list(tasks)
    died: set[Path] = set()
    while waiting:
        try:
            alive = [task for task in waiting if task.shard not in died]
            with closing(at_once(alive, jobs)) as reasons:
                for reason in reasons:
                    while waiting[0].shard in died:
                        yield waiting.pop(0), DIED
                    task = waiting.pop(0)
                    if reason != ELSEWHERE:
                        finish(task)
                    yield task, reason
            yield from ((task, DIED) for task in waiting)
            return
        except TerminatedWorkerError:
            alive = [task for task in waiting if task.shard not in died]
            at_work = [task for task in alive if task.started.exists()] or alive[:1]
            died |= {task.shard for task in at_work if dies_alone(task)}


def at_once(tasks: Sequence[Task], jobs: int) -> Generator[Failure | None, None, None]:
    """Yield why each task failed, or None, in the order of the tasks; no process is left behind.

    A worker looks after its parent from its first moment on, before it is given a task: one that
    was only starting when its parent was killed would wait for ever.
    """
    if not tasks:
        return
    warnings.filterwarnings("ignore", "A worker was restarted")  # to loky, data kept is a leak
    threads = {name: os.environ.get(name) or str(tasks[0].threads) for name in THREADS_OF}
    workers = ProcessPoolExecutor(
        jobs,
        context=LokyContext(),  # by name it may be that of joblib's own copy of loky
        env=threads,
        initializer=end_with,
        initargs=(os.getpid(),),
    )
    is_done = False
    try:
        with deafen_children():
            ended = [workers.submit(attempt, task, note_of(task)) for task in tasks]
        for one in ended:
            yield one.result()
        is_done = True
    finally:
        workers.shutdown(wait=True, kill_workers=not is_done)


def dies_alone(task: Task) -> bool:
    """Return whether a task takes its worker down with nothing else at work; its shard stays."""
    try:
        list(at_once([task], 1))
    except TerminatedWorkerError:
        return True
    return False
