"""What a user's own code raises, in one line."""

import re

from geoflow.text.shown import short

MOST = 300
"""Characters that are shown of it."""

OF_WORKER = "Original Traceback (most recent call last):"
"""How torch tells of an error in a process that loads data."""


def in_short(error: BaseException) -> str:
    r"""Return an error in one line; of one that comes from another process its own words.

    >>> in_short(ValueError("no\nnever"))
    'ValueError: no never'
    """
    plain = re.sub(r"\x1b\[[0-9;]*m", "", f"{type(error).__name__}: {error}")  # torch prints bold
    if OF_WORKER in plain:  # frames are set in by spaces, the error itself is not
        lines = plain.partition(OF_WORKER)[2].strip().splitlines()
        frames = [at for at, line in enumerate(lines) if line.startswith(" ")]
        plain = " ".join(lines[frames[-1] + 1 :] if frames else lines)
    return short(" ".join(plain.split()), MOST)
