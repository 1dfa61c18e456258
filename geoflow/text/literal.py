"""Values of Python written in SQL."""

from itertools import groupby
from typing import Any


def literal(value: Any) -> str:
    """Return a text, number, list or None in SQL; what does not print is written by number.

    >>> literal("it's"), literal("a" + chr(27) + "b"), literal(["a", 0]), literal(None)
    ("'it''s'", "('a' || chr(27) || 'b')", "['a', 0]", 'null')
    """
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if value is None:
        return "null"
    if not isinstance(value, str):
        return repr(value)
    if value.isprintable():
        return quoted(value)
    runs = ((prints, "".join(run)) for prints, run in groupby(value, str.isprintable))
    parts = (
        quoted(run) if prints else " || ".join(f"chr({ord(one)})" for one in run)
        for prints, run in runs
    )
    return f"({' || '.join(parts)})"


def quoted(text: str) -> str:
    """Return a text that prints as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
