"""Names in a page and in its SQL: text that is never markup, and that prints, whatever it is."""

import html
from itertools import groupby

from geoflow.store.sqlfiles import quoted
from geoflow.text.shown import shown


def escape(text: str) -> str:
    r"""Return a text as HTML, in a page and in a figure: no tags, no control characters.

    Plotly reads tags and entities in its labels as a browser does.

    >>> escape("<b>" + chr(27) + "[1m")
    '&lt;b&gt;\\x1b[1m'
    """
    return html.escape(shown(text))


def escape_lines(text: str) -> str:
    """Return a text of several lines as HTML."""
    return "\n".join(map(escape, text.split("\n")))


def literal(text: str) -> str:
    """Return a text in SQL; characters that do not print are written by their number.

    >>> literal("it's"), literal("a" + chr(27) + "b")
    ("'it''s'", "('a' || chr(27) || 'b')")
    """
    if text.isprintable():
        return quoted(text)
    runs = ((prints, "".join(run)) for prints, run in groupby(text, str.isprintable))
    parts = (
        quoted(run) if prints else " || ".join(f"chr({ord(one)})" for one in run)
        for prints, run in runs
    )
    return f"({' || '.join(parts)})"
