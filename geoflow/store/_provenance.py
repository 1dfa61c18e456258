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
    tree = Path(__file__).parents[2]
    if not (tree / ".git").exists():
        return None
    command = ["git", "-C", str(tree), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
