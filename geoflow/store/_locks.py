"""Keeps the locks that other connections of this process have on a file when one is closed.

DuckDB locks its file with POSIX locks. A process loses all of those it has on a file when it
closes any descriptor of that file: another process could then write under a reader.
"""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb

_kept: dict[tuple[int, int], int] = {}
"""Descriptors that hold a lock for others, by device and inode."""

OPEN_FILES = Path("/dev/fd")


def close_beside_others(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Close a connection that only reads; others of this process to the same file stay locked.

    A lock of an open file description, which no close of another descriptor drops, bridges the
    moment between the close and the new POSIX lock; the latter goes when the others close.
    """
    try:
        file = path.stat()
        key = file.st_dev, file.st_ino
        bridge = _kept[key] if key in _kept else os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # the file is gone
        connection.close()
        return
    hold(bridge)
    connection.close()
    modes = list(others(key, bridge))
    if modes and os.O_RDWR not in modes:
        with suppress(OSError):
            fcntl.lockf(bridge, fcntl.LOCK_SH | fcntl.LOCK_NB)
    release(bridge)
    if modes:
        _kept[key] = bridge
    else:
        _kept.pop(key, None)
        os.close(bridge)


def others(key: tuple[int, int], bridge: int) -> Iterator[int]:
    """Yield the access mode of every other descriptor that this process has of a file."""
    for name in os.listdir(OPEN_FILES):  # noqa: PTH208 - descriptors, not files
        with suppress(OSError):  # the descriptor of this very listing
            descriptor = int(name)
            file = os.fstat(descriptor)
            if descriptor != bridge and (file.st_dev, file.st_ino) == key:
                yield fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE


def hold(descriptor: int) -> None:
    """Take a shared lock of an open file description, where the system has such."""
    _ofd_lock(descriptor, fcntl.F_RDLCK)


def release(descriptor: int) -> None:
    """Give back what `hold` took."""
    _ofd_lock(descriptor, fcntl.F_UNLCK)


def _ofd_lock(descriptor: int, kind: int) -> None:
    """Set a lock over the whole file; the fields are those of the C structure flock."""
    if hasattr(fcntl, "F_OFD_SETLK"):
        with suppress(OSError):
            whole = struct.pack("hhqqi0q", kind, os.SEEK_SET, 0, 0, 0)
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, whole)
