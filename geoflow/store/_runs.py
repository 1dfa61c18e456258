"""Invocations that write: rows of the table ``runs``."""

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb
import polars as pl

from geoflow import __version__
from geoflow.machine import processes
from geoflow.machine.said import what_was_said
from geoflow.store import _provenance as provenance
from geoflow.store._tables import insert, last_key


def now() -> datetime:
    """Return the time in UTC, as the store keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Invocation:
    """What was asked, in words and whole as JSON, with which seed, and when."""

    command: str
    seed: int | None
    request: str | None = None
    started: datetime = field(default_factory=now)


def begin_run(connection: duckdb.DuckDBPyConnection, asked: Invocation) -> int:
    """Insert the row of an invocation and return its key; runs of dead processes have ended."""
    running = connection.sql("select run_id, machine, pid from runs where status = 'running'")
    for run_id, machine, pid in running.fetchall():
        if not isinstance(pid, int) or not processes.is_alive(host_of(machine), pid):
            connection.execute("update runs set status = 'interrupted' where run_id = ?", [run_id])
    row: dict[str, Any] = {
        "run_id": last_key(connection, "runs", "run_id") + 1,
        "command": what_was_said() or asked.command,
        "geoflow_version": __version__,
        "git_hash": provenance.git_hash(),
        "libraries": provenance.libraries(),
        "machine": provenance.machine(),
        "pid": os.getpid(),
        "seed": asked.seed,
        "started": asked.started,
        "finished": now(),
        "status": "running",
        "request": asked.request,
    }
    insert(connection, "runs", pl.DataFrame([row]))
    return int(row["run_id"])


def touch_run(connection: duckdb.DuckDBPyConnection, run_id: int) -> None:
    """Say that a run has written again."""
    connection.execute("update runs set finished = ? where run_id = ?", [now(), run_id])


def close_run(connection: duckdb.DuckDBPyConnection, status: str, started: datetime) -> None:
    """Say how the run of this process ended that started then."""
    connection.execute(
        "update runs set status = ?, finished = ? where pid = ? and started = ?",
        [status, now(), os.getpid(), started],
    )


def host_of(machine: str) -> str:
    """Return the host in the JSON of ``runs.machine``, nothing where a stranger wrote it."""
    try:
        return str(json.loads(machine)["host"])
    except (ValueError, KeyError, TypeError):
        return ""
