"""The one family of exceptions: every mistake a user can make ends in one of these.

The message is one line that names the thing (data set, network, layer, k) and the remedy.
The command line prints it and exits with status 1; a notebook shows it as it is. Where a value is
wrong it is a ValueError too.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class GeoflowError(Exception):
    """A mistake a user can mend; the message says how."""


class SpecError(GeoflowError, ValueError):
    """A name, option or parameter that does not exist or does not fit."""


class DatasetError(GeoflowError, ValueError):
    """A data file that is missing, damaged or not what it should be."""


class GeometryError(GeoflowError, ValueError):
    """Points or graphs on which the asked geometry is not defined."""


class TrainingError(GeoflowError):
    """A training that cannot start or did not end in finite numbers."""


class CaptureError(GeoflowError, ValueError):
    """A model, or data for it, whose activations cannot be taken."""


class SizeError(GeoflowError):
    """What would take more memory than is free, told before it is taken."""


class StoreError(GeoflowError):
    """A store that is missing, locked, damaged or of another version."""


class ClusterError(GeoflowError):
    """Workers elsewhere that cannot be reached, or that cannot do what they are sent."""


def unknown(kind: str, name: str, known: Iterable[str], remedy: str) -> SpecError:
    """Return the error for a name that is not known, with the nearest one that is.

    >>> str(unknown("width", "narow", ["narrow", "wide"], "or give a list"))
    "unknown width 'narow', did you mean 'narrow'? Known: narrow, wide; or give a list"
    """
    names = sorted(repr(one)[1:-1] for one in known)
    given = name if len(name) <= 80 else f"{name[:80]}..."
    near = get_close_matches(given, names, n=1, cutoff=0.5)
    hint = f", did you mean '{near[0]}'?" if near else "."
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return SpecError(f"unknown {kind} {given!r}{hint} Known: {listed or 'none'}; {remedy}")


def refuse_unknown(kind: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse names that nobody reads: a misspelt one would be a default in silence.

    >>> refuse_unknown("option", ["memmory"], ["k", "memory"])
    Traceback (most recent call last):
    geoflow.errors.SpecError: unknown option 'memmory', did you mean 'memory'? Known: k, memory; \
remove or correct it
    """
    names = list(known)
    for name in given:
        if name not in names:
            raise unknown(kind, name, names, "remove or correct it")
