"""Who wrote: versions, commit, machine and process, for the table ``runs``."""

import json
import os
import platform
import subprocess
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
    tree = Path(__file__).parent.parent
    if not (tree / ".git").exists():
        return None
    command = ["git", "-C", str(tree), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def process() -> str:
    """Return host and number of this process, as names of what it leaves on a disk hold them."""
    return f"{platform.node()}-{os.getpid()}"


def is_alive(host: str, pid: int) -> bool:
    """Return whether a process may still run: always true for one of another host."""
    if host != platform.node():
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # the latter: no number that a process can have
        return False
    except OSError:
        return True
    return True
