"""Opens the one DuckDB file: to read beside others, or to write alone and close soon.

A file open for writing shuts out every other process. Writers therefore open it for the write
alone, and both sides wait a little for the other before they give up in words.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from geoflow.errors import StoreError

PATIENCE_SECONDS = 5.0
"""How long to wait for a store that another process holds."""


@contextmanager
def connected(
    path: Path, read_only: bool, patience: float = PATIENCE_SECONDS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection to an existing DuckDB file; errors become one line each."""
    if path.is_dir():
        raise StoreError(f"{path} is a folder: name a file, for instance {path / 'geoflow.duckdb'}")
    if not path.exists():
        raise StoreError(
            f"no store at {path}: make one with `geoflow study run quickstart`, or name another"
            " with --db"
        )
    connection = waited_for(path, read_only, patience)
    try:
        yield connection
    except duckdb.Error as error:
        raise StoreError(unreadable(path, str(error))) from None
    except RuntimeError as error:
        if "interrupted" in str(error).lower():  # what DuckDB makes of Ctrl-C
            raise KeyboardInterrupt from None
        raise
    finally:
        connection.close()


def waited_for(path: Path, read_only: bool, patience: float) -> duckdb.DuckDBPyConnection:
    """Return the connection, trying again while another process holds the file."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only)
        except duckdb.Error as error:
            message = str(error)
            holder = re.search(r"Conflicting lock is held in (.*?)\(PID (\d+)\)", message)
            if holder is None and not re.search(r"\block\b", message, re.IGNORECASE):
                raise StoreError(unreadable(path, message)) from None
            if time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            who = f"process {holder[2]} ({holder[1].strip()})" if holder else "another process"
            raise StoreError(
                f"the store {path} is held by {who}: wait until it is done, or close it"
            ) from None


def unreadable(path: Path, message: str) -> str:
    """Return in one line why DuckDB cannot open the file, and what to do."""
    if "not a valid DuckDB database" in message:
        return f"{path} is not a DuckDB file: name a geoflow store with --db"
    if "ermission" in message:
        return f"no permission to open {path}: check its owner and mode"
    reason = " ".join(message.split())
    return f"{path} cannot be opened ({reason}): restore it from a copy or name another with --db"


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Commit all or nothing of what is done inside, Ctrl-C included."""
    connection.execute("begin transaction")
    try:
        yield connection
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
