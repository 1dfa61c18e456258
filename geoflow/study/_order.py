"""A task on its way to a worker elsewhere, and what comes back: a shard, or why there is none."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import cloudpickle

from geoflow import __version__
from geoflow.datasets import data_home
from geoflow.errors import SpecError
from geoflow.geometry.compiled import n_threads
from geoflow.machine.processes import is_alive, process_name
from geoflow.study._caller import MARK, Caller, CallerWatch
from geoflow.study._post import post_at
from geoflow.study._shards import place_shard
from geoflow.study._task import Failure, Share, Task, attempt, failure_of

SAY_SECONDS = 0.5
"""How often a worker tells how far it is, and looks whether its caller is there."""


@dataclass(frozen=True)
class Order:
    """What a worker is sent: ``work`` is a task, unpickled once the version is checked.

    ``device``: where the worker computes; the caller has its own for what it measures itself.

    ``key`` names this order alone; the shard lies under it, where shards lie at an address.
    """

    version: str
    work: bytes
    data_dir: str
    caller: Caller
    device: str = "cpu"
    key: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True)
class Parcel:
    """What comes back of an order: the files of a shard, or their names at the address of shards.

    ``why``: there is no shard; ``refusal``: this worker can do no order of this study at all;
    ``is_dropped``: nobody waited for it any more.
    """

    host: str
    files: dict[str, bytes] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    why: Failure | None = None
    refusal: str | None = None
    is_dropped: bool = False


class DroppedError(BaseException):
    """Nobody waits for the work: it ends. It is no failure of the cell."""


def order_of(task: Task, caller: Caller, device: str) -> Order:
    """Return a task as a worker elsewhere can take it; refuse what cannot be sent."""
    try:
        work = cloudpickle.dumps(task)
    except Exception as error:
        names = ", ".join(f"'{one.label}'" for one in task.scores)
        raise SpecError(
            f"scores {names} cannot be sent to workers ({type(error).__name__}:"
            f" {' '.join(str(error).split())}): let their functions hold no open file, lock or"
            " connection"
        ) from None
    return Order(__version__, work, str(data_home(task.data_dir).absolute()), caller, device)


def carry_out(
    order: Order,
    is_cancelled: Callable[[], bool] = lambda: False,
    advance: Share | None = None,
    scratch: str | None = None,
) -> Parcel:
    """Do an order, on a worker, in whatever thread: this is what executors are given.

    Nothing is written but below ``scratch``, the machine's folder for temporary files without one,
    and at the address of shards.
    """
    host = process_name()
    if order.version != __version__:
        return Parcel(
            host,
            refusal=f"worker {host} has geoflow {__version__}, the study was started with"
            f" {order.version}: install the same everywhere",
        )
    try:
        task: Task = cloudpickle.loads(order.work)
    except Exception as error:
        return Parcel(
            host,
            refusal=f"worker {host} cannot read its work ({type(error).__name__}: {error}): install"
            " there what the files of your scores import",
        )
    watch = CallerWatch(order.caller, is_cancelled)
    try:
        with scratch_folder(scratch) as folder:
            home = Path(order.data_dir)
            study = replace(task.cell.study, device=order.device)
            here = replace(
                task,
                cell=replace(task.cell, study=study),
                shard=folder / "shard",
                data_dir=home if home.is_dir() else None,
                gives_way=False,
                threads=n_threads() if os.environ.get("GEOFLOW_THREADS") else 1,
            )
            why = attempt(here, told(watch, advance))
            return Parcel(host, why=why) if why else packed(here.shard, order, watch)
    except DroppedError:
        return Parcel(host, is_dropped=True)
    except Exception as error:
        return Parcel(host, why=failure_of(error))


def told(watch: CallerWatch, advance: Share | None) -> Share:
    """Return a `Share` that sums up what it hears for ``advance``, and ends what nobody wants."""
    total, before = 0.0, -SAY_SECONDS

    def say(amount: float, what: str) -> None:
        nonlocal total, before
        total += amount
        if (now := time.monotonic()) - before < SAY_SECONDS:
            return
        before = now
        if watch.is_gone():
            raise DroppedError
        if advance is not None:
            advance(total, what)
        total = 0.0

    return say


def packed(shard: Path, order: Order, watch: CallerWatch) -> Parcel:
    """Return a shard as it travels; with an address of shards it is left there."""
    if watch.is_gone():
        raise DroppedError
    host, files = process_name(), sorted(shard.iterdir())
    if order.caller.shards is None:
        return Parcel(host, {file.name: file.read_bytes() for file in files})
    post = post_at(order.caller.shards)
    try:
        for file in files:
            post.write(f"{order.key}/{file.name}", file.read_bytes())
    except OSError as error:
        said = error.strerror or str(error)
        raise OSError(error.errno, said, order.caller.shards) from error
    return Parcel(host, names=tuple(file.name for file in files))


def unpack(parcel: Parcel, order: Order, shard: Path) -> None:
    """Put a shard where its task wants it, at the caller."""
    if order.caller.shards is None:
        place_shard(shard, iter(parcel.files.items()))
        return
    post = post_at(order.caller.shards)
    try:
        place_shard(shard, ((name, post.read(f"{order.key}/{name}")) for name in parcel.names))
    finally:
        post.remove(order.key)


@contextmanager
def scratch_folder(inside: str | None) -> Iterator[Path]:
    """Yield a folder of a worker for one order; those of dead processes of its machine go."""
    home = Path(inside or tempfile.gettempdir())
    for left in home.glob(f"{MARK}*"):
        host, _, pid = left.name.removeprefix(MARK).rpartition("-")[0].rpartition("-")
        if pid.isdecimal() and not is_alive(host, int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix=f"{MARK}{process_name()}-", dir=home)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
