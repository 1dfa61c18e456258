"""The process that answers one statement for `geoflow.store.bounded`, within its limits.

``python -m geoflow.store._apart`` says that it is ready. Then it reads a line of JSON for each
statement and writes for each a line of JSON and the rows as Arrow of so many bytes. The limit of
memory is that of DuckDB, and behind it that of the process: a scalar function is in that alone.
"""

import json
import os
import resource
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from geoflow.errors import GeoflowError, StoreError
from geoflow.machine.orphans import end_with
from geoflow.store._faults import unreadable
from geoflow.store._migrations import refuse_earlier, verify
from geoflow.store._reader import explanation
from geoflow.store._rows import rows
from geoflow.store._sandbox import sandbox
from geoflow.store.connection import PATIENCE_SECONDS, wait_for

MEBIBYTE = 1 << 20


def limit_memory(most: int) -> None:
    """Let this process take so many MiB more than it has."""
    with suppress(OSError, ValueError):  # a system without such limits
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        more = pages * os.sysconf("SC_PAGE_SIZE") + most * MEBIBYTE
        resource.setrlimit(resource.RLIMIT_AS, (more, resource.getrlimit(resource.RLIMIT_AS)[1]))


def answered(path: Path, sql: str, most: int, memory: int) -> pl.DataFrame:
    """Return at most so many rows of a statement."""
    instance = wait_for(path, PATIENCE_SECONDS, lambda: sandbox(path, "read_only", f"{memory} MiB"))
    with instance as connection:
        try:
            refuse_earlier(verify(connection, path), path)
        except duckdb.Error as error:
            raise unreadable(path, error) from None
        try:
            return rows(connection, sql, {}, most)
        except duckdb.OutOfMemoryException:
            raise MemoryError from None
        except duckdb.Error as error:
            raise StoreError(explanation(error)) from None


def reply(path: Path, sql: str, most: int, memory: int) -> tuple[dict[str, Any], bytes]:
    """Return what is said of a statement: its rows, or why there are none."""
    try:
        frame = answered(path, sql, most + 1, memory)
        content = BytesIO()
        frame.head(most).write_ipc(content)
    except GeoflowError as error:
        return {"error": str(error)}, b""
    except MemoryError:
        said = f"the query needs more than {memory} MiB of memory: ask for less at once"
        return {"error": said}, b""
    return {"is_cut": frame.height > most}, content.getvalue()


def answer_all(memory: int) -> None:
    """Answer the statements on standard input until it ends."""
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        head, content = reply(Path(asked["path"]), asked["sql"], asked["rows"], memory)
        head["n_bytes"] = len(content)
        sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    end_with(os.getppid())
    limit_memory(3 * int(sys.argv[1]))
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    answer_all(int(sys.argv[1]))
