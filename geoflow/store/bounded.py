"""A query that may be endless or greedy: answered by a process of its own, which can be ended.

A statement can hold DuckDB for minutes where no interruption is heard, and take memory that no
setting counts: ``select length(repeat('x', 3000000000))`` does both. So a stranger's statement
runs apart; what goes over a limit is ended, and this process goes on.
"""

import json
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import polars as pl

from geoflow.errors import StoreError
from geoflow.machine.orphans import deafen_children


@dataclass(frozen=True)
class Limits:
    """What one query may take: rows, seconds, MiB of memory."""

    rows: int = 5_000
    seconds: float = 30.0
    memory: int = 1024


@dataclass(frozen=True)
class BoundedAnswer:
    """The rows of a query, at most so many, and whether there were more."""

    rows: pl.DataFrame
    is_cut: bool


@dataclass
class BoundedReader:
    """Answers queries of a store one at a time, each within limits; another thread may cancel."""

    path: Path
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._why = ""
        self._busy = threading.Lock()

    def query(self, sql: str, most: int | None = None) -> BoundedAnswer:
        """Return the rows of a statement, by default at most as many as the limits say.

        Raises StoreError for a mistake in it, and where it was cancelled or beyond a limit.
        """
        with self._busy:
            self._why = ""
            process = self.started()
            timer = threading.Timer(self.limits.seconds, self.end, [self.too_long()])
            timer.daemon = True
            timer.start()
            try:
                return self.asked(process, sql, self.limits.rows if most is None else most)
            finally:
                timer.cancel()

    def asked(self, process: subprocess.Popen[bytes], sql: str, most: int) -> BoundedAnswer:
        """Return what the process answers."""
        assert process.stdin is not None
        assert process.stdout is not None
        request = {"path": str(self.path), "sql": sql, "rows": most}
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            head = json.loads(process.stdout.readline())
            content = process.stdout.read(head["n_bytes"])
        except (OSError, ValueError):
            self.close()
            raise StoreError(self._why or self.too_much()) from None
        if "error" in head:
            raise StoreError(head["error"])
        return BoundedAnswer(pl.read_ipc(BytesIO(content)), head["is_cut"])

    def started(self) -> subprocess.Popen[bytes]:
        """Return the process that answers, a new one where there is none."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            with deafen_children():
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "geoflow.store._apart", str(self.limits.memory)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            assert self._process.stdout is not None
            self._process.stdout.readline()  # what it says when it is ready
        return self._process

    def cancel(self) -> None:
        """End the query that runs, if one does."""
        if self._busy.locked():
            self.end("the query was cancelled")

    def end(self, why: str) -> None:
        """End the process; the query that it is at says why."""
        self._why = self._why or why
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process and wait until it has."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # what was not yet sent
                    pipe and pipe.close()

    def too_long(self) -> str:
        """Return what is said of a query that takes too long."""
        return f"the query was stopped after {self.limits.seconds:g} s: ask for less at once"

    def too_much(self) -> str:
        """Return what is said of a query that ended its process."""
        return (
            f"the query ended the process that ran it, most likely for want of memory"
            f" ({self.limits.memory} MiB are allowed): ask for less at once"
        )
