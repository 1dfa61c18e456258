"""Who started the study: what workers elsewhere look after, in place of a parent process.

A caller that has ended is one whose process is gone, on the same machine, or whose beat in the
folder of shards has stopped or gone; an engine may know more (`geoflow.study._dask`).
"""

import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from geoflow.errors import ClusterError
from geoflow.machine.processes import is_alive, process_name
from geoflow.study._post import FolderPost, fault_of, post_at

BEAT = "alive"
"""The file of a run that says, by changing, that its caller is at work."""

BEAT_SECONDS = 5.0
PULSE_SECONDS = 5.0
"""How often a worker reads the beat."""

STILL_SECONDS = 180.0
"""How long a beat may stand still: file systems of networks show changes late."""

MARK = "geoflow-"
"""How the folders of runs begin."""


@dataclass(frozen=True)
class Caller:
    """The process that runs a study: ``folder`` is there as long as it does, on its own machine.

    ``shards``: the address of this run's shards, None where they go over the engine's transport.
    """

    host: str
    pid: int
    folder: str
    shards: str | None = None


class CallerWatch:
    """A worker's eye on its caller."""

    def __init__(self, caller: Caller, is_cancelled: Callable[[], bool]) -> None:
        self.caller = caller
        self.is_cancelled = is_cancelled
        self.post = None if caller.shards is None else post_at(caller.shards)
        self.beat = b""
        self.changed = time.monotonic()
        self.looked = -PULSE_SECONDS

    def is_gone(self) -> bool:
        """Return whether nobody waits for the work any more."""
        one = self.caller
        if self.is_cancelled():
            return True
        if one.host == platform.node() and not is_here(one):
            return True
        return self.post is not None and self.is_still()

    def is_still(self) -> bool:
        """Return whether the beat has gone, or has not changed for long."""
        now = time.monotonic()
        if self.post is None or now - self.looked < PULSE_SECONDS:
            return False
        self.looked = now
        try:
            beat = self.post.read(BEAT)
        except FileNotFoundError:
            return True
        except OSError:
            beat = self.beat
        if beat != self.beat:
            self.beat, self.changed = beat, now
        return now - self.changed > STILL_SECONDS


def is_here(caller: Caller) -> bool:
    """Return whether a caller of this machine is at work; a container may not see its folder."""
    if not is_alive(caller.host, caller.pid):
        return False
    shelf = Path(caller.folder).parent
    return Path(caller.folder).is_dir() or not shelf.parent.is_dir()


@contextmanager
def calling(folder: Path, shards: str | None) -> Iterator[Caller]:
    """Yield this process as a caller; its shards elsewhere, and its beat, are gone afterwards.

    ``folder``: of this run on the shelf; ``shards``: where a user wants shards to lie.
    """
    host, pid = platform.node(), os.getpid()
    if shards is None:
        yield Caller(host, pid, str(folder))
        return
    if "://" not in shards:
        shards = str(Path(shards).absolute())
        clear_dead_runs(Path(shards))
    address = f"{shards.rstrip('/')}/{MARK}{process_name()}-{uuid4().hex[:8]}"
    post = post_at(address)
    try:
        post.make()
        post.write(BEAT, b"0")
    except Exception as error:  # file systems of others raise what they like
        post.remove()
        raise ClusterError(
            f"cannot write shards at {shards} ({fault_of(error)}): name another place"
        ) from None
    is_over = threading.Event()

    def beat() -> None:
        number = 0
        while not is_over.wait(BEAT_SECONDS):
            number += 1
            with suppress(Exception):  # the next one may come through
                post.write(BEAT, str(number).encode())

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield Caller(host, pid, str(folder), address)
    finally:
        is_over.set()
        thread.join()
        post.remove()


def clear_dead_runs(shards: Path) -> None:
    """Remove what killed callers of this machine left in a folder of shards."""
    for left in shards.glob(f"{MARK}*"):
        host, _, pid = left.name.removeprefix(MARK).rpartition("-")[0].rpartition("-")
        if pid.isdecimal() and not is_alive(host, int(pid)):
            FolderPost(str(left)).remove()
