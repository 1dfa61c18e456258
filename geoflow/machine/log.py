"""The log of geoflow: silent, until a program or ``geoflow --debug`` listens to it."""

import logging

LOG = logging.getLogger("geoflow")
"""Cells that begin, are written or fail, with their tracebacks; stores that are brought up."""

LOG.addHandler(logging.NullHandler())
