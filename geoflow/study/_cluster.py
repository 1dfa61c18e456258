"""Dask clusters by their address: ``tcp://host:8786``, or workers of this machine, ``local:4``."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from geoflow.errors import ClusterError, SpecError
from geoflow.geometry.compiled import n_threads
from geoflow.machine.orphans import deafen_children
from geoflow.study._pool import THREADS_OF

if TYPE_CHECKING:
    from distributed import Client

GPU = {"GPU": 1}
"""What a task on a GPU takes of its worker: ``dask worker --resources GPU=1``."""

CONNECT_SECONDS = 20


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
    from distributed.gc import disable_gc_diagnosis

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
    # Called at every collection of garbage, where Python swallows a Ctrl-C that comes just then.
    disable_gc_diagnosis(force=True)
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
