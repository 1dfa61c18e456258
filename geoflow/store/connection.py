"""Opens the one DuckDB file: to read beside others, or to write alone and close soon.

A file open for writing shuts out every other process, and DuckDB lets one process open a file
either to read or to write. Writers therefore open it for the write alone, and both sides wait a
little for the other before they give up in words. The readers of a process, whatever their
threads, share one instance, which closes with the last of them.
"""

import os
import re
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
from geoflow.store.locks import close_beside_others
from geoflow.store.sandbox import cursor, sandbox
from geoflow.text.shown import short

PATIENCE_SECONDS = 5.0
"""How long to wait for a store that another process holds."""

Opened = TypeVar("Opened")


class HeldStoreError(StoreError):
    """Somebody else has the file; later it may be free."""


class WriterWaitsError(Exception):
    """A writer of this process is next."""


class UnusableStoreError(StoreError):
    """DuckDB cannot use the file, whatever is asked of it."""


class DamagedStoreError(UnusableStoreError):
    """Bytes of the file are not what DuckDB wrote."""


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
    shared = waited_for(path, patience, lambda: entered(path))
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


def entered(path: Path) -> Shared:
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
    """Take a reader out of an instance, which closes with the last."""
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
        connection = waited_for(path, patience, lambda: alone(path))
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


def waited_for(path: Path, patience: float, attempt: Callable[[], Opened]) -> Opened:
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


def held_by(error: duckdb.Error) -> str | None:
    """Return who holds a file that could not be opened, None if that is not the reason."""
    message = " ".join(str(error).split())
    if "file handle conflict" in message:
        return "another connection of this process"
    if "Could not set lock" not in message:
        return None
    holder = re.search(r"Conflicting lock is held in (.*?)\(PID (\d+)\)", message)
    return f"process {holder[2]} ({holder[1].strip()})" if holder else "another process"


def unreadable(path: Path, error: duckdb.Error) -> UnusableStoreError:
    """Return in one line why DuckDB cannot use the file, and what to do."""
    message = " ".join(str(error).split())
    if "not a valid DuckDB database" in message:
        return UnusableStoreError(f"{path} is not a DuckDB file: name a geoflow store with --db")
    if "ermission denied" in message:
        return UnusableStoreError(f"no permission to open {path}: check its owner and mode")
    if "Corrupt WAL" in message or "WAL does not match" in message:
        return UnusableStoreError(
            f"the log {path}.wal is damaged or of another store ({message}): restore both from a"
            " copy, or remove the log and what was written last with it"
        )
    if is_damage(error):
        return DamagedStoreError(
            f"the store {path} is damaged or cut short ({message}): restore it from a copy, or"
            " name another with --db"
        )
    return UnusableStoreError(f"the store {path} cannot be used ({message})")


def is_of_store(error: duckdb.Error) -> bool:
    """Return whether an error is of the store or of DuckDB, not of what was asked."""
    return is_damage(error) or isinstance(error, duckdb.FatalException | duckdb.InternalException)


def disk_hint(error: Exception) -> str:
    """Return the question to ask where a file could not grow, nothing for other errors."""
    signs = ("No space left", "File too large", "quota")
    return ": is the disk full?" if any(sign in str(error) for sign in signs) else ""


def is_damage(error: duckdb.Error) -> bool:
    """Return whether an error says that the bytes of a file are not what DuckDB wrote."""
    signs = ("Corrupt database file", "Could not read enough bytes", "Failed to deserialize")
    return any(sign in str(error) for sign in signs)


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
