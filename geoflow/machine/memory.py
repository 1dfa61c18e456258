"""How much memory is free, and the refusal of what would take more before it is allocated."""

import resource
from collections.abc import Iterator
from pathlib import Path

import psutil

from geoflow.errors import SizeError

UNITS = {"EB": 1e18, "PB": 1e15, "TB": 1e12, "GB": 1e9, "MB": 1e6, "kB": 1e3}

ENDLESS = 2**63
"""From here on a number of bytes is no size of anything: it is not written out."""


def refuse_beyond_memory(what: str, n_bytes: int, remedy: str) -> None:
    """Refuse what would take more memory than is free, with both figures."""
    if n_bytes > (free := free_memory()):
        raise SizeError(
            f"{what} would take {size_text(n_bytes)}, but only {size_text(free)} of memory is free:"
            f" {remedy}"
        )


def free_memory() -> int:
    """Return how many bytes this process may still take.

    The least that the machine, every control group over the process (containers and batch systems
    set them) and its own limit of addresses (``ulimit -v``) leave.
    """
    available = int(psutil.virtual_memory().available)
    return max(0, min([available, *group_rooms(), *address_room()]))


def address_room() -> Iterator[int]:
    """Yield the addresses that the limit of the process leaves, if it has one."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        yield limit - int(psutil.Process().memory_info().vms)


def group_rooms(
    membership: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")
) -> Iterator[int]:
    """Yield what each Linux control group over this process leaves of its limit.

    Version 2 has one tree at ``root``, version 1 one for memory below it. In a container the path
    of the group may be that of the host: its parents are looked at up to the root, which is there.
    """
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return  # no Linux
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            top, names = root, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top = root / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        group = top / path.lstrip("/")
        for folder in (group, *group.parents):
            if folder.is_relative_to(top) and (room := group_room(folder, *names)) is not None:
                yield room


def group_room(folder: Path, limit: str, used: str, cached: str) -> int | None:
    """Return the bytes that one group leaves, file caches counted as free; None if no limit."""
    try:
        most, now = ((folder / name).read_text().strip() for name in (limit, used))
        counts = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except OSError:
        return None
    return None if most == "max" else int(most) - int(now) + int(counts.get(cached, 0))


def size_text(n_bytes: float) -> str:
    """Return a number of bytes for people, two digits of it.

    >>> size_text(100), size_text(34_700_000), size_text(4.1e10), size_text(10**500)
    ('100 bytes', '35 MB', '41 GB', '9 EB or more')
    """
    if n_bytes >= ENDLESS:
        return "9 EB or more"
    for name, unit in UNITS.items():
        if n_bytes >= 0.995 * unit:
            return f"{two_digits(n_bytes / unit)} {name}"
    return f"{n_bytes:.0f} bytes"


def two_digits(number: float) -> str:
    """Return a number of two digits that count.

    >>> two_digits(3.14), two_digits(314)
    ('3.1', '310')
    """
    short = float(f"{number:.2g}")
    return f"{short:,.1f}" if short < 10 and short % 1 else f"{short:,.0f}"
