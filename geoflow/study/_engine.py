"""Tasks on workers elsewhere: whatever takes a function and gives a future, and what comes back.

`_pool` does the same on this machine. Only the caller opens the store.
"""

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from geoflow import __version__
from geoflow.errors import ClusterError, GeoflowError
from geoflow.geometry.compiled import n_threads
from geoflow.machine.processes import process_name
from geoflow.study._order import Order, Parcel, carry_out, unpack
from geoflow.study._pool import LOOK_SECONDS, note_of, watched
from geoflow.study._task import ELSEWHERE, Failure, Share, Task, failure_of, is_elsewhere

MOST_DEATHS = 3
"""A cell is given to another worker twice when one dies; the third has failed it."""

LOST = Failure(
    "its worker died three times, killed, evicted or out of memory: give workers more memory, or"
    " ask for a smaller detail"
)

GOES_ON = "the cells that are written stay, and the same command goes on from there"


class WorkerDiedError(Exception):
    """Nothing came of an order, and it is not known to be its fault."""


class Engine(Protocol):
    """Where orders are carried out."""

    @property
    def n_slots(self) -> int:
        """About how many orders are carried out at once."""

    def submit(self, order: Order) -> Any:
        """Return the future of an order; it has ``add_done_callback`` and ``cancel``."""

    def parcel(self, future: Any) -> Parcel:
        """Return what came of a future that has ended. Raises WorkerDiedError, ClusterError."""

    def worn_out(self) -> Sequence[Any]:
        """Return futures that took down too many workers; raise ClusterError if all are gone."""

    def hearing(self, hears: Callable[[str, float, str], None]) -> AbstractContextManager[None]:
        """Let a function hear how far orders are, by key, where the engine can tell."""


class PlainEngine:
    """Any executor of `concurrent.futures`: the user's own, which is not shut down."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor

    @property
    def n_slots(self) -> int:
        """What the executor says of itself, the cores of this machine if it says nothing."""
        known = getattr(self.executor, "_max_workers", None)
        return known if isinstance(known, int) and known > 0 else n_threads()

    def submit(self, order: Order) -> Any:
        """Return the future of an order."""
        try:
            return self.executor.submit(carry_out, order)
        except RuntimeError as error:  # broken, or shut down
            raise ClusterError(f"the executor takes no work ({error}): {GOES_ON}") from None

    def parcel(self, future: Any) -> Parcel:
        """Return what came of a future that has ended."""
        try:
            found = future.result()
        except CancelledError:
            raise WorkerDiedError from None
        except BrokenExecutor as error:
            raise ClusterError(
                f"a worker died and took the executor with it ({error}): give a new one, {GOES_ON}"
            ) from None
        except Exception as error:
            raise no_start(error) from None
        return checked_parcel(found)

    def worn_out(self) -> Sequence[Any]:
        """Nothing is known of workers."""
        return ()

    def hearing(self, hears: Callable[[str, float, str], None]) -> AbstractContextManager[None]:
        """Nothing is heard until an order has ended."""
        return nullcontext()


def checked_parcel(found: Any) -> Parcel:
    """Return what came back if it is a parcel and its worker can work for this study."""
    if isinstance(found, str):
        raise ClusterError(found)
    if not isinstance(found, Parcel):
        raise ClusterError(f"workers return {type(found).__name__}, not what geoflow sends back")
    if found.refusal is not None:
        raise ClusterError(found.refusal)
    return found


def no_start(error: Exception) -> ClusterError:
    """Return the error for workers that could not even begin."""
    return ClusterError(
        f"a worker could not begin ({type(error).__name__}: {' '.join(str(error).split())}): is"
        f" geoflow {__version__} installed there?"
    )


def delivered(
    tasks: Sequence[Task],
    advance: Share | None,
    engine: Engine,
    send: Callable[[Task], Order],
    jobs: int | None,
) -> Generator[tuple[Task, Failure | None], None, None]:
    """Yield every task as it ends, with the reason why it failed, or None: its shard is there.

    ``send`` makes the order of a task. jobs: how many are given out at once, twice as many as the
    engine does at once without it: what is not given out may be taken by another caller of the same
    store.
    """
    with watched(tasks, advance) as finish:
        notes: dict[str, Share] = {}

        def hear(key: str, amount: float, what: str) -> None:
            if key in notes:
                notes[key](amount, what)

        with engine.hearing(hear):
            for task, order, why in given_out(tasks, engine, send, jobs):
                if order is not None and why is None and not task.shard.is_dir():
                    notes[order.key] = note_of(task)
                    continue
                if why != ELSEWHERE:
                    finish(task)
                yield task, why


def given_out(
    tasks: Sequence[Task], engine: Engine, send: Callable[[Task], Order], jobs: int | None
) -> Iterator[tuple[Task, Order | None, Failure | None]]:
    """Yield each task when it is given out, with its order, and when it has ended, with its reason.

    Whatever ends this takes back what is not done: nobody works on for nobody.
    """
    waiting, deaths = deque(tasks), Counter[Path]()
    ended: SimpleQueue[Any] = SimpleQueue()
    under_way: dict[Any, tuple[Task, Order]] = {}
    try:
        while waiting or under_way:
            while waiting and len(under_way) < (jobs or 2 * max(engine.n_slots, 1)):
                task = waiting.popleft()
                if task.written.exists() or (task.gives_way and is_elsewhere(task)):
                    yield task, None, ELSEWHERE
                    continue
                order = send(task)
                future = engine.submit(order)
                under_way[future] = task, order
                future.add_done_callback(ended.put)
                yield task, order, None
            for future in [one for one in engine.worn_out() if one in under_way]:
                task, order = under_way.pop(future)
                future.cancel()
                yield task, order, LOST
            future = next_of(ended)
            if future not in under_way:
                continue
            task, order = under_way.pop(future)
            try:
                why = taken_in(engine.parcel(future), order, task)
            except WorkerDiedError:
                deaths[task.shard] += 1
                if deaths[task.shard] < MOST_DEATHS:
                    waiting.appendleft(replace(task, gives_way=False))
                    continue
                why = LOST
            yield task, order, why
    finally:
        for future in under_way:
            future.cancel()


def next_of(ended: SimpleQueue[Any]) -> Any:
    """Return a future that has ended, None after a while: there are other things to look after."""
    try:
        return ended.get(timeout=LOOK_SECONDS)
    except Empty:
        return None


def taken_in(parcel: Parcel, order: Order, task: Task) -> Failure | None:
    """Put the shard of a parcel where its task wants it; return why there is none."""
    if parcel.is_dropped:
        raise WorkerDiedError
    if parcel.why is None:
        try:
            unpack(parcel, order, task.shard)
        except (OSError, GeoflowError) as error:
            return failure_of(error)
        return None
    host = parcel.host.rpartition("-")[0]
    if host == process_name().rpartition("-")[0]:
        return parcel.why
    return replace(parcel.why, reason=f"{parcel.why.reason} (on {host})")
