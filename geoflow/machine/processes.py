"""Processes of this machine and of others, by host and number."""

import os
import platform

STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""What a terminal, `timeout` or a batch system sends to end a command."""


def process_name() -> str:
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
