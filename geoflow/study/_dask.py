"""Dask's own client as an engine: ``tcp://host:8786``, or workers of this machine, ``local:4``."""

import logging
import pickle
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from geoflow.errors import ClusterError, SpecError
from geoflow.geometry.compiled import n_threads
from geoflow.machine.orphans import deafen_children
from geoflow.study._engine import (
    GOES_ON,
    MOST_DEATHS,
    WorkerDiedError,
    checked_parcel,
    no_start,
)
from geoflow.study._order import Order, Parcel, carry_out
from geoflow.study._pool import THREADS_OF

if TYPE_CHECKING:
    from distributed import Client

GPU = {"GPU": 1}
"""What a task on a GPU takes of its worker: ``dask worker --resources GPU=1``."""

CONNECT_SECONDS = 20


class DaskEngine:
    """The workers of a Dask cluster; ``key`` of an order is the key of its task there."""

    def __init__(self, client: "Client") -> None:
        if client.asynchronous:
            raise SpecError("executor is an asynchronous client: give Client(address)")
        self.client = client
        self.futures: dict[str, Any] = {}
        self.starts: Counter[str] = Counter()
        self.topic = f"geoflow-{client.id}"

    @property
    def n_slots(self) -> int:
        """The threads of all workers that there are now."""
        return sum(one["nthreads"] for one in self.workers())

    def workers(self) -> list[dict[str, Any]]:
        """Return what the scheduler says of its workers."""
        self.refuse_gone()
        with suppress(OSError, ValueError):  # it has just gone: the next look says so
            return list(self.client.scheduler_info(n_workers=-1)["workers"].values())
        return []

    def submit(self, order: Order) -> Any:
        """Return the future of an order; a task for a GPU waits for a worker that has one."""
        resources = None
        if order.device == "cuda":
            resources = GPU
            there = self.workers()
            if there and not any(one["resources"].get("GPU") for one in there):
                raise ClusterError(
                    "no worker says that it has a GPU: start them with `dask worker ADDRESS"
                    " --nthreads 1 --resources GPU=1`, or leave out --device cuda"
                )
        future = self.client.submit(
            beginning(),
            pickle.dumps(order),
            self.topic,
            order.version,
            key=order.key,
            resources=resources,
            pure=False,
            retries=0,
        )
        self.futures[order.key] = future
        return future

    def parcel(self, future: Any) -> Parcel:
        """Return what came of a future; its memory on the cluster is free afterwards."""
        from distributed import KilledWorker

        self.futures.pop(future.key, None)
        try:
            found = future.result()
        except (KilledWorker, CancelledError):
            self.refuse_gone()
            raise WorkerDiedError from None
        except OSError as error:
            self.refuse_gone()
            raise no_start(error) from None
        except Exception as error:
            raise no_start(error) from None
        return checked_parcel(found)

    def worn_out(self) -> Sequence[Any]:
        """Return futures that began once more than a cell may."""
        self.refuse_gone()
        worn = [key for key, n in self.starts.items() if n > MOST_DEATHS and key in self.futures]
        return [self.futures.pop(key) for key in worn]

    def refuse_gone(self) -> None:
        """Refuse to go on where the scheduler is gone."""
        if self.client.status != "running":
            raise ClusterError(f"the cluster is gone, its scheduler does not answer: {GOES_ON}")

    @contextmanager
    def hearing(self, hears: Callable[[str, float, str], None]) -> Iterator[None]:
        """Let a function hear how far orders are, and count how often each began."""

        def hear(event: tuple[float, Any]) -> None:
            key, amount, what = event[1]
            if what:
                hears(key, amount, what)
            else:
                self.starts[key] += 1

        self.client.subscribe_topic(self.topic, hear)
        try:
            yield
        finally:
            with suppress(Exception):  # the scheduler may be gone
                self.client.unsubscribe_topic(self.topic)


def beginning() -> Callable[[bytes, str, str], Any]:
    """Return what a worker is sent: by value, so that one that lacks geoflow can say so."""

    def begin(order: bytes, topic: str, version: str) -> Any:
        import pickle
        import platform

        try:
            from geoflow.study._dask import carry_out_on_dask

            read = pickle.loads(order)
        except Exception as error:
            return (
                f"worker {platform.node()} cannot begin ({type(error).__name__}: {error}): install"
                f" geoflow {version} there"
            )
        return carry_out_on_dask(read, topic)

    return begin


def carry_out_on_dask(order: Order, topic: str) -> Parcel:
    """Do an order in a thread of a Dask worker, and tell how far it is through the scheduler.

    A worker learns from its scheduler that a task is not wanted any more: its future was cancelled,
    or the client it was for has gone.
    """
    from distributed import get_worker

    worker = get_worker()

    def say(amount: float, what: str) -> None:
        worker.log_event(topic, (order.key, amount, what))

    def is_cancelled() -> bool:
        task = worker.state.tasks.get(order.key)
        is_closing = worker.status.name in ("closing", "closed", "failed")
        return is_closing or task is None or task.state == "cancelled"

    say(0.0, "")
    return carry_out(order, is_cancelled, say, worker.local_directory)


@contextmanager
def cluster(address: str, device: str = "cpu") -> Iterator["Client"]:
    """Yield a client of the cluster at an address; ``local:4`` starts four workers for as long.

    device: with cuda, workers that are started here have one GPU each.
    """
    try:
        import distributed  # noqa: F401 - is it there?
    except ImportError:
        raise ClusterError(
            "--cluster needs Dask's distributed: pip install 'geoflow-explorer[cluster]'"
        ) from None
    with silence():
        yield from clients(address, device)


def clients(address: str, device: str) -> Iterator["Client"]:
    """Yield the client of `cluster`."""
    from distributed import Client, SpecCluster

    local = re.fullmatch(r"local:(\d{1,4})", address)
    if local is None:
        try:
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {address} ({one_line(error)}): start one with `dask"
                " scheduler`, or give local:4 for four workers of this machine"
            ) from None
        with client:
            yield client
        return
    with deafen_children():  # the loop's thread too, which starts workers later
        here = SpecCluster(
            scheduler=local_scheduler(),
            workers=local_workers(int(local[1]), device),
            silence_logs=logging.CRITICAL,
        )
    with here, Client(here, set_as_default=False) as client:
        yield client


@contextmanager
def silence() -> Iterator[None]:
    """Let Dask's own log be silent: what counts is said in a line."""
    loggers = [
        logging.getLogger(name)
        for name in logging.root.manager.loggerDict
        if name.startswith("dist")
    ]
    levels = [one.level for one in loggers]
    for one in loggers:
        one.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)


def one_line(error: Exception) -> str:
    """Return what an error says, in a line."""
    return " ".join(str(error).split()) or type(error).__name__


def local_scheduler() -> dict[str, Any]:
    """Return how a scheduler of this process is made: no page, and no port that is known."""
    from distributed import Scheduler

    here = "127.0.0.1"
    options = {"host": here, "port": 0, "dashboard": False, "dashboard_address": f"{here}:0"}
    return {"cls": Scheduler, "options": options}


def local_workers(n: int, device: str) -> dict[int, dict[str, Any]]:
    """Return how n workers of this machine are made, each a process that takes a task at a time.

    With cuda, worker i sees the i-th GPU alone.
    """
    from distributed import Nanny

    if n < 1:
        raise SpecError("--cluster local:0 has no workers: give local:1 or more")
    threads = str(max(n_threads() // n, 1))
    environment = dict.fromkeys((*THREADS_OF, "GEOFLOW_THREADS"), threads)
    found = {}
    for at in range(n):
        options: dict[str, Any] = {
            "nthreads": 1,
            "env": dict(environment),
            "memory_limit": 0,
            "dashboard": False,
            "silence_logs": logging.CRITICAL,
        }
        if device == "cuda":
            options["resources"] = GPU
            options["env"]["CUDA_VISIBLE_DEVICES"] = str(at)
        found[at] = {"cls": Nanny, "options": options}
    return found
