"""What this machine has left."""

from pathlib import Path

CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        "/sys/fs/cgroup/memory/memory.stat",
    ),
)
"""Limit, use and its parts of the memory of a container, as Linux has them (versions 2 and 1)."""


def free_memory() -> int | None:
    """Return the bytes of memory that are free, here and in our container; None: nobody knows.

    >>> free_memory() is None or free_memory() > 0
    True
    """
    free = [kilobytes * 1024 for kilobytes in entry(Path("/proc/meminfo"), "MemAvailable:")]
    for limit, use, parts in CGROUPS:
        try:
            most, used = (int(Path(one).read_text("ascii")) for one in (limit, use))
        except (OSError, ValueError):  # there is none, or its limit is "max"
            continue
        cached = sum(entry(Path(parts), "inactive_file"))  # given back when it is needed
        free.append(max(most - used + cached, 0))
    return min(free, default=None)


def entry(path: Path, name: str) -> list[int]:
    """Return the number of a line of a file of names and numbers, none if it has no such line."""
    try:
        lines = [line.split() for line in path.read_text("ascii").splitlines()]
    except OSError:
        return []
    return [int(line[1]) for line in lines if line[:1] == [name]]
