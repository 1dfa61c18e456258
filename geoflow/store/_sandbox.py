"""Opens a file in an instance of DuckDB of its own, closed to everything else on the machine.

A store may come from a stranger, and any relation in it may be a view over other files. So the
file is attached to a private instance, and the instance is locked before the first statement that
reads a relation. Settings belong to an instance: those of other connections stay as they are.
"""

from pathlib import Path

import duckdb

STORE = "store"
"""What the file is called inside its instance."""

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "allow_persistent_secrets": False,  # none of the user's
    "autoinstall_known_extensions": False,  # a file of another kind asks no network for a reader
    "autoload_known_extensions": False,
    "python_enable_replacements": False,  # a name in SQL is never a variable in Python
    "temp_directory": "",  # a query writes no file
}

SILENCE = "set enable_progress_bar = false"
"""A bar of DuckDB's own would stand among the rows on standard output."""

LOCKS = ("set enable_external_access = false", "set lock_configuration = true")


def sandbox(path: Path, option: str, memory: str | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection to one file; other files, extensions and settings are out of its reach.

    option: of DuckDB's ATTACH, for instance ``read_only``. memory: its limit, for instance
    ``512 MiB``, None for that of DuckDB. Raises duckdb.Error.
    """
    limit = {} if memory is None else {"memory_limit": memory}
    connection = duckdb.connect(":memory:", config=CONFIG | limit)
    try:
        file = str(path.resolve()).replace("'", "''")
        connection.execute(f"attach '{file}' as {STORE} (type duckdb, {option})")
        connection.execute(SILENCE)
        for lock in LOCKS:
            connection.execute(lock)
        connection.execute(f"use {STORE}")
    except BaseException:
        connection.close()
        raise
    return connection


def cursor(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return another connection to the instance of a sandbox, for another thread."""
    other = connection.cursor()
    other.execute(f"use {STORE}")
    return other
