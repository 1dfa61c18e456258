"""What DuckDB says when it cannot open, read or write a file, in one line each."""

import re
from pathlib import Path

import duckdb

from geoflow.errors import StoreError


class HeldStoreError(StoreError):
    """Somebody else has the file; later it may be free."""


class UnusableStoreError(StoreError):
    """DuckDB cannot use the file, whatever is asked of it."""


class DamagedStoreError(UnusableStoreError):
    """Bytes of the file are not what DuckDB wrote."""


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


def unwritten(path: Path, error: duckdb.Error) -> StoreError | duckdb.Error:
    """Return in one line why nothing was written to a store; damage stays what it is."""
    if is_damage(error):
        return error
    reason = " ".join(str(error).split())
    return StoreError(
        f"the store {path} could not be written ({reason}): nothing was changed{disk_hint(error)}"
    )
