"""Worker processes end with the one they work for, and leave its signals to it."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import resource_tracker

from geoflow.machine.processes import STOP_SIGNALS

PARENT_LOOK_SECONDS = 1.0
"""How often a worker looks whether its parent is there."""


@cache
def end_with(parent: int) -> None:
    """End this process soon after its parent, at work or idle: nobody would take its shard in."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def deafen_children() -> Iterator[None]:
    """Let processes that are started inside never hear Ctrl-C and its like.

    A terminal, `timeout` and a batch system send them to the whole group; it is for the parent to
    answer them. What comes to it meanwhile is held until the end, no handler is replaced.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    held = [getattr(signal, name) for name in STOP_SIGNALS]
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        resource_tracker.ensure_running()  # once it runs; starting it lets two of them through
        signal.pthread_sigmask(signal.SIG_BLOCK, held)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
