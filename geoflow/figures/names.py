"""Names in figures and pages: text that is never markup, and that prints, whatever it is."""

import html

from geoflow.text.shown import shown


def escape(text: str) -> str:
    r"""Return a text as HTML, in a page and in a figure: no tags, no control characters.

    Plotly reads tags and entities in its labels as a browser does.

    >>> escape("<b>" + chr(27) + "[1m")
    '&lt;b&gt;\\x1b[1m'
    """
    return html.escape(shown(text))
