"""What ``geoflow --debug`` adds: the log, on standard error."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from geoflow.cli.output import say
from geoflow.machine.log import LOG


class Teller(logging.Handler):
    """Says what is logged as everything else is said, a traceback line by line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say one record."""
        say(*self.format(record).split("\n"))


@contextmanager
def told_log() -> Iterator[None]:
    """Say what is logged inside, with its time and level."""
    teller, level = Teller(), LOG.level
    teller.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOG.addHandler(teller)
    LOG.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        LOG.removeHandler(teller)
        LOG.setLevel(level)
