"""The shelf beside a store: a folder for each process that runs a study, for shards and claims."""

import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import getpid
from pathlib import Path
from threading import Lock

from geoflow.errors import StoreError
from geoflow.machine.processes import is_alive

_in_use: set[Path] = set()
"""The folders of this process that a study is at work in."""

_gate = Lock()


def shelf_of(db: Path) -> Path:
    """Return the folder beside a store that holds the folders of processes at work."""
    return db.with_name(f".{db.name}.shards")


@contextmanager
def shard_folder(db: Path) -> Iterator[Path]:
    """Yield a folder beside the store for shards; those that dead processes left are removed."""
    shelf = shelf_of(db)
    folder = (shelf / f"{platform.node()}-{getpid()}").absolute()
    with _gate:
        if folder in _in_use:
            raise StoreError(f"this process already runs a study on {db}: let that one end first")
        make_folder(folder, db)
        _in_use.add(folder)
    try:
        for other in shelf.iterdir():
            if not is_at_work(other):
                clear_memory(int(other.name.rpartition("-")[2]))
                shutil.rmtree(other, ignore_errors=True)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _in_use.discard(folder)
        with suppress(OSError):  # another study is at work on the same store
            shelf.rmdir()


def make_folder(folder: Path, db: Path) -> None:
    """Make the folder of this process; one that is there is of a dead process of the same id."""
    shutil.rmtree(folder, ignore_errors=True)
    for is_last in (False, False, True):
        try:
            folder.mkdir(parents=True)
            return
        except OSError as error:  # for one, another process may just have removed the shelf
            if is_last or not isinstance(error, FileNotFoundError):
                reason = error.strerror
                raise StoreError(f"cannot write beside the store {db}: {reason}") from None


def clear_memory(pid: int) -> None:
    """Remove the semaphores of a process of this machine that was killed with its workers."""
    for semaphore in Path("/dev/shm").glob(f"sem.loky-{pid}-*"):
        with suppress(OSError):
            semaphore.unlink()


def is_at_work(folder: Path) -> bool:
    """Return whether the process of a folder of the shelf may still run."""
    host, _, pid = folder.name.rpartition("-")
    return not pid.isdecimal() or is_alive(host, int(pid))
