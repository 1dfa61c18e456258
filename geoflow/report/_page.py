"""A report as one HTML page that needs no network: plotly's script is inside, once."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import polars as pl
from plotly.graph_objects import Figure
from plotly.io import to_html
from plotly.offline import get_plotlyjs

from geoflow.figures.names import escape
from geoflow.report._exhibits import Exhibit, Section

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1c1c1c; max-width: 1280px; margin: 2em auto;
  padding: 0 1.5em; }
h1 { font-size: 1.7em; } h2 { margin-top: 2.5em; border-bottom: 2px solid #1b6ca8; }
h3 { margin-top: 2em; } h4 { margin: 1.6em 0 0.2em; }
p { max-width: 60em; margin: 0.4em 0; }
table { border-collapse: collapse; margin: 0.8em 0; }
th, td { padding: 0.2em 0.9em; border-bottom: 1px solid #ddd; text-align: right; }
th { border-bottom: 2px solid #999; }
th:first-child, td:first-child { text-align: left; }
td { white-space: nowrap; }
details { margin: 0.3em 0 1em; color: #555; }
pre { background: #f4f4f4; padding: 0.8em; overflow-x: auto; }
.wide { overflow-x: auto; }
"""

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)
"""What a browser may load for the page: what is in it, nothing from elsewhere."""

PLOTLY_CONFIG = {
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "responsive": True,
}
"""How plotly shows figures: without its link, and without its button that uploads them."""


def page(
    title: str, words: str, first: Sequence[Exhibit], parts: Mapping[str, Sequence[Section]]
) -> str:
    """Return the whole page: title, words, the first exhibits, then parts of sections.

    parts: sections by the title of their part, such as a study and a convention.
    """
    numbers = count(1)
    titles = {f"part-{at}": name for at, name in enumerate(parts, start=1)}
    links = "".join(f'<li><a href="#{at}">{escape(name)}</a></li>' for at, name in titles.items())
    content = [
        f"<h1>{escape(title)}</h1><p>{words_html(words)}</p>",
        *(text for exhibit in first for text in exhibit_html(exhibit, numbers)),
        f"<nav><ul>{links}</ul></nav>" if len(parts) > 1 else "",
    ]
    for at, name in titles.items():
        content.append(f'<h2 id="{at}">{escape(name)}</h2>')
        for section in parts[name]:
            content.append(f"<h3>{escape(section.title)}</h3>")
            for exhibit in section.exhibits:
                content += exhibit_html(exhibit, numbers)
    body = "\n".join(content)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n"
        f"<script>{get_plotlyjs()}</script>\n</head>\n<body>\n{body}\n</body></html>\n"
    )


def escape_lines(text: str) -> str:
    """Return a text of several lines as HTML."""
    return "\n".join(map(escape, text.split("\n")))


def words_html(words: str) -> str:
    """Return words as HTML, with what stands between backquotes as code.

    >>> words_html("`k` < 2")
    '<code>k</code> &lt; 2'
    """
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(words))


def exhibit_html(exhibit: Exhibit, numbers: Iterator[int]) -> Iterator[str]:
    """Yield the parts of a figure or table: title, content, words, SQL."""
    yield f"<h4>{escape(exhibit.title)}</h4>"
    if exhibit.figure is not None:
        yield figure_html(exhibit.figure, f"figure-{next(numbers)}")
    elif not exhibit.rows.is_empty():
        yield table_html(exhibit.rows)
    yield f"<p>{words_html(exhibit.words)}</p>"
    yield f"<details><summary>SQL</summary><pre>{escape_lines(exhibit.sql)}</pre></details>"


def figure_html(figure: Figure, name: str) -> str:
    """Return a figure as a block of HTML that uses the script of the page."""
    return str(
        to_html(
            figure,
            full_html=False,
            include_plotlyjs=False,
            div_id=name,
            default_height=f"{figure.layout.height}px",
            config=PLOTLY_CONFIG,
        )
    )


def table_html(rows: pl.DataFrame) -> str:
    """Return rows as an HTML table.

    >>> table_html(pl.DataFrame({"n_cells": [1512], "rmse": [None]}))[-55:]
    '<tr><td>1,512</td><td>-</td></tr></tbody></table></div>'
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in rows.columns)
    body = "".join(f"<tr>{''.join(map(cell_html, row))}</tr>" for row in rows.iter_rows())
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def cell_html(value: Any) -> str:
    """Return a value as a table cell: whole numbers in full, others with four digits."""
    if value is None:
        return "<td>-</td>"
    if isinstance(value, float):
        return f"<td>{value:.4g}</td>"
    if isinstance(value, int):
        return f"<td>{value:,}</td>"
    text = escape(str(value)).replace(" ± ", "&nbsp;±&nbsp;")
    return f"<td>{text}</td>"
