"""Opens the one DuckDB file: to read beside others, or to write alone and close soon.

A file open for writing shuts out every other process, and DuckDB lets one process open a file
either to read or to write. Writers therefore open it for the write alone, and both sides wait a
little for the other before they give up in words. The readers of a process, whatever their
threads, share one instance, which closes with the last of them.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb

from geoflow.errors import StoreError
from geoflow.machine.userfiles import fault
from geoflow.store._faults import HeldStoreError, UnusableStoreError, held_by, unreadable
from geoflow.store._locks import close_beside_others
from geoflow.store._sandbox import cursor, sandbox
from geoflow.text.shown import short

PATIENCE_SECONDS = 5.0
"""How long to wait for a store that another process holds."""

Opened = TypeVar("Opened")


class WriterWaitsError(Exception):
    """A writer of this process is next."""


@dataclass
class Shared:
    """An instance that holds a file open, and how many readers it has.

    ``key``: process, device and inode; a forked child leaves its parent's alone.
    """

    key: tuple[int, int, int]
    file: Path
    instance: duckdb.DuckDBPyConnection
    n_readers: int = 0


_shared: dict[tuple[int, int, int], Shared] = {}
"""The instances that take more readers."""

_writers: Counter[Path] = Counter()
"""How many writers of this process wait for a file: no new reader goes before them."""

_at_work: set[duckdb.DuckDBPyConnection] = set()
"""The connections that read now."""

_gate = threading.Lock()


def _new_gate() -> None:
    """Replace a lock that a thread of the parent may have held, and forget its waiting writers."""
    global _gate  # noqa: PLW0603 - of a process that has just been forked
    _gate = threading.Lock()
    _writers.clear()


os.register_at_fork(after_in_child=_new_gate)


@contextmanager
def reading(path: Path, patience: float = PATIENCE_SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that reads a store beside others; errors become one line each."""
    refuse_no_store(path)
    shared = wait_for(path, patience, lambda: enter(path))
    try:
        with explained(path), cursor(shared.instance) as connection, at_work(connection):
            yield connection
    except UnusableStoreError:
        retire(shared)
        raise
    finally:
        leave(shared)


@contextmanager
def at_work(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let `interrupt_readers` stop a connection that reads."""
    _at_work.add(connection)
    try:
        yield
    finally:
        _at_work.discard(connection)


def interrupt_readers() -> None:
    """Stop every query of this process: while one runs, Python may hear no signal."""
    for connection in list(_at_work):
        connection.interrupt()


def enter(path: Path) -> Shared:
    """Return the instance that this process reads a file with, one reader more in it."""
    with _gate:
        file = path.stat()
        key = os.getpid(), file.st_dev, file.st_ino
        if _writers[path.resolve()]:
            raise WriterWaitsError
        if key not in _shared:
            _shared[key] = Shared(key, path.resolve(), sandbox(path, "read_only"))
        _shared[key].n_readers += 1
        return _shared[key]


def retire(shared: Shared) -> None:
    """Let no more readers into an instance: an error made it useless for all."""
    with _gate:
        if _shared.get(shared.key) is shared:
            del _shared[shared.key]


def leave(shared: Shared) -> None:
    """Take a reader out of an instance, which closes with the last.

    To its end, whatever signal comes: Python's handlers strike the main thread alone, and half a
    close would keep writers of this process out for ever.
    """
    if threading.current_thread() is not threading.main_thread():
        close_with_last(shared)
        return
    try:
        thread = threading.Thread(target=close_with_last, args=(shared,))
        thread.start()
    except RuntimeError:  # the interpreter is at its end
        close_with_last(shared)
    else:
        thread.join()


def close_with_last(shared: Shared) -> None:
    """Count a reader less of an instance; close it if that was the last."""
    with _gate:
        shared.n_readers -= 1
        if not shared.n_readers:
            if _shared.get(shared.key) is shared:
                del _shared[shared.key]
            close_beside_others(shared.instance, shared.file)


@contextmanager
def writing(path: Path, patience: float = PATIENCE_SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that has a store alone; errors become one line each."""
    refuse_no_store(path)
    with waiting(path.resolve()):
        connection = wait_for(path, patience, lambda: alone(path))
    try:
        with explained(path):
            yield connection
    finally:
        connection.close()


@contextmanager
def waiting(file: Path) -> Iterator[None]:
    """Hold new readers of this process back while a writer waits for those that are in."""
    with _gate:
        _writers[file] += 1
    try:
        yield
    finally:
        with _gate:
            _writers[file] -= 1


def alone(path: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection that shuts out every other."""
    with _gate:  # not between a reader's close and the lock that it leaves to others
        return sandbox(path, "read_write")


def refuse_no_store(path: Path) -> None:
    """Refuse what cannot be a store, before DuckDB opens it: it would fill an empty file."""
    refuse_no_place(path)
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise StoreError(
            f"no store at {path}: make one with `geoflow study run quickstart`, or name another"
            " with --db"
        ) from None
    if not size:
        raise StoreError(f"{path} is empty: remove it, or name another store with --db")


def refuse_no_place(path: Path) -> None:
    """Refuse a path where no store is nor can be."""
    if reason := fault(path):
        raise StoreError(
            f"{short(path, 300)} is not a store ({reason}): name a file with --db, for instance"
            " geoflow.duckdb"
        )


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what DuckDB raises into a StoreError that names the file."""
    try:
        with interruptible():
            yield
    except duckdb.Error as error:
        raise unreadable(path, error) from None


@contextmanager
def interruptible() -> Iterator[None]:
    """Make Ctrl-C again of what DuckDB makes of it."""
    try:
        yield
    except RuntimeError as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from None
        raise


def wait_for(path: Path, patience: float, attempt: Callable[[], Opened]) -> Opened:
    """Return what an attempt opens, trying again while somebody else holds the file."""
    deadline = time.monotonic() + patience
    while True:
        try:
            with interruptible():
                return attempt()
        except OSError as error:  # removed since it was seen
            raise StoreError(f"cannot open the store {path} ({error.strerror})") from None
        except WriterWaitsError:
            holder = "another connection of this process"
        except duckdb.Error as error:
            if (found := held_by(error)) is None:
                raise unreadable(path, error) from None
            holder = found
        if time.monotonic() >= deadline:
            raise HeldStoreError(
                f"the store {path} is held by {holder}: wait until it is done, or close it"
            )
        time.sleep(0.1)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Commit all or nothing of what is done inside, Ctrl-C included."""
    connection.execute("begin transaction")
    try:
        yield connection
    except BaseException:
        with suppress(duckdb.Error):  # the disk is full: it was rolled back
            connection.execute("rollback")
        raise
    connection.execute("commit")
