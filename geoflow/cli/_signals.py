"""SIGTERM and SIGHUP end a command as Ctrl-C does: what is whole is kept, nothing is left behind.

Only the command does this; geoflow called from Python leaves the handlers of signals alone.
"""

import atexit
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from geoflow.machine.processes import STOP_SIGNALS

DEFAULT = (signal.SIG_DFL, signal.default_int_handler)
"""Handlers that are nobody's; a signal that `nohup` or a shell ignores stays ignored."""

CLEANING_SECONDS = 10.0
"""How long cleaning up may take before another signal breaks into it."""


class Stop:
    """Makes Ctrl-C of the first signal that comes; those that follow do not disturb cleaning up."""

    def __init__(self) -> None:
        self.signal = 0
        self.until = 0.0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Answer a signal."""
        if self.signal and time.monotonic() < self.until:
            return
        self.signal = self.signal or number
        self.until = time.monotonic() + CLEANING_SECONDS
        raise KeyboardInterrupt

    @contextmanager
    def answer(self) -> Iterator[None]:
        """Make Ctrl-C of what libraries make of it: any error after a signal is the signal's."""
        try:
            yield
        except Exception:
            if self.signal:
                raise KeyboardInterrupt from None
            raise

    @property
    def status(self) -> int:
        """The exit status that says which signal it was, as shells give it."""
        return 128 + (self.signal or signal.SIGINT)


@contextmanager
def answer_signals() -> Iterator[Stop]:
    """Yield what answers signals inside, and to the end of the process once one has come.

    The very end of a process that was stopped hears nothing: Python takes its handlers away there.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {}
    for number in (getattr(signal, name) for name in STOP_SIGNALS if hasattr(signal, name)):
        if signal.getsignal(number) in DEFAULT:
            before[number] = signal.signal(number, stop)
    try:
        with pass_on(set(before)):
            yield stop
    finally:
        for number, handler in before.items():
            if stop.signal:
                atexit.register(signal.signal, number, signal.SIG_IGN)
            else:
                signal.signal(number, handler)


@contextmanager
def pass_on(numbers: set[int]) -> Iterator[None]:
    """Let a thread stop queries of the store when a signal comes: Python answers after them."""
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    before = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)

    def listen() -> None:
        while heard := ear.recv(1):
            store = sys.modules.get("geoflow.store.connection")  # not imported: no query runs
            if heard[0] in numbers and store is not None:
                store.interrupt_readers()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        mouth.close()
        thread.join()
        ear.close()
