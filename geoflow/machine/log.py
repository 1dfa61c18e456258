"""The log of geoflow: silent, until a program or ``geoflow --debug`` listens to it."""

import logging
import sys

LOG = logging.getLogger("geoflow")
"""Cells that begin, are written or fail, with their tracebacks; stores that are brought up."""

LOG.addHandler(logging.NullHandler())


def tell_log() -> logging.Handler:
    """Write the log to standard error from now on; return what does it, to be taken off again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.DEBUG)
    return handler
