"""How much memory is free, and the refusal of what would take more before it is allocated."""

import resource
from collections.abc import Iterator
from pathlib import Path

import psutil

from geoflow.errors import SizeError

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")

ENDLESS = 2**63
"""From here on a number of bytes is no size of anything: it is not written out."""


def refuse_beyond_memory(what: str, n_bytes: int, remedy: str) -> None:
    """Refuse what would take more memory than is free, with both figures."""
    if n_bytes > (free := free_memory()):
        raise SizeError(
            f"{what} would take {size_text(n_bytes)}, {size_text(free)} of memory are free:"
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


def size_text(n_bytes: int) -> str:
    """Return a number of bytes for people.

    >>> size_text(100), size_text(10**11), size_text(10**500)
    ('100 bytes', '93.1 GiB', 'more than 8 EiB')
    """
    if n_bytes >= ENDLESS:
        return "more than 8 EiB"
    power = max(0, (n_bytes.bit_length() - 1) // 10)
    return f"{n_bytes / 1024**power:.1f} {UNITS[power]}" if power else f"{n_bytes} bytes"
