"""Dask's own client as an engine: what it hears of workers, and when to give a cell up."""

import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from geoflow.errors import ClusterError, SpecError
from geoflow.study._cluster import GPU
from geoflow.study._engine import (
    GOES_ON,
    MOST_DEATHS,
    WorkerDiedError,
    checked_parcel,
    no_start,
)
from geoflow.study._order import Order, Parcel

if TYPE_CHECKING:
    from distributed import Client


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
            from geoflow.study._dasktask import carry_out_on_dask

            read = pickle.loads(order)
        except Exception as error:
            return (
                f"worker {platform.node()} cannot begin ({type(error).__name__}: {error}): install"
                f" geoflow {version} there"
            )
        return carry_out_on_dask(read, topic)

    return begin
