"""Who wrote: versions, commit, machine and process, for the table ``runs``."""

import json
import os
import platform
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("duckdb", "igraph", "numba", "numpy", "polars", "scikit-learn", "scipy", "torch")


@cache
def libraries() -> str:
    """Return the versions of Python and of the libraries that make numbers, as JSON."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return json.dumps(found)


@cache
def machine() -> str:
    """Return host, system, processor and cores, as JSON."""
    return json.dumps(
        {
            "host": platform.node(),
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
        }
    )


@cache
def git_hash() -> str | None:
    """Return the commit of the working tree geoflow runs from, or None if it was installed."""
    tree = Path(__file__).parents[2]
    if not (tree / ".git").exists():
        return None
    command = ["git", "-C", str(tree), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


_typed: ContextVar[str | None] = ContextVar("typed", default=None)


@contextmanager
def typed(words: Sequence[str]) -> Iterator[None]:
    """Let runs that begin inside keep what was typed, as a shell would read it again."""
    text = shlex.join(words).encode("utf-8", "backslashreplace").decode()
    token = _typed.set(text)
    try:
        yield
    finally:
        _typed.reset(token)


def typed_command() -> str | None:
    """Return what was typed, None where no command line was.

    >>> with typed(["geoflow", "ingest", "my file.npz"]):
    ...     typed_command()
    "geoflow ingest 'my file.npz'"
    """
    return _typed.get()
