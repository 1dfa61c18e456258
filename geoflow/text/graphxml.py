"""Graphs as XML that other programs read: GraphML, and GEXF with positions and classes.

Sources: http://graphml.graphdrawing.org, https://gexf.net/1.3. A value that is null or NaN is left
out, which both mean by absence.
"""

import html
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from geoflow.text.shown import shown

GRAPHML = {"integer": "int", "number": "double", "text": "string"}
GEXF = {"integer": "integer", "number": "double", "text": "string"}
"""What each calls a column of whole numbers, of numbers, of texts."""


@dataclass(frozen=True)
class GraphTables:
    """A graph as two tables: ``points`` with the column point, ``edges`` with source and target."""

    title: str
    is_directed: bool
    points: pl.DataFrame
    edges: pl.DataFrame


def graphml(graph: GraphTables) -> str:
    """Return a graph as GraphML, every other column an attribute of points or edges.

    >>> points = pl.DataFrame({"point": [0, 1]})
    >>> edges = pl.DataFrame({"source": [0], "target": [1]})
    >>> print(graphml(GraphTables("a<b", False, points, edges)))  # doctest: +ELLIPSIS
    <?xml version="1.0" encoding="UTF-8"?>
    <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
    ...
    <node id="n0"><data key="v0">0</data></node>
    <node id="n1"><data key="v0">1</data></node>
    <edge source="n0" target="n1"></edge>
    </graph>
    </graphml>
    """
    own = [name for name in graph.edges.columns if name not in ("source", "target")]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *(
            key(f"v{at}", "node", name, graph.points)
            for at, name in enumerate(graph.points.columns)
        ),
        *(key(f"e{at}", "edge", name, graph.edges) for at, name in enumerate(own)),
        f'<graph id="{xml_text(graph.title)}" edgedefault="{direction(graph)}">',
    ]
    lines += [
        f'<node id="n{row["point"]}">{graphml_data("v", row.values())}</node>'
        for row in graph.points.rows(named=True)
    ]
    for row in graph.edges.rows(named=True):
        values = graphml_data("e", (row[name] for name in own))
        lines.append(f'<edge source="n{row["source"]}" target="n{row["target"]}">{values}</edge>')
    return "\n".join([*lines, "</graph>", "</graphml>"])


def key(name: str, what: str, column: str, frame: pl.DataFrame) -> str:
    """Return the line of GraphML that names a column."""
    kind = GRAPHML[column_kind(frame.schema[column])]
    return f'<key id="{name}" for="{what}" attr.name="{xml_text(column)}" attr.type="{kind}"/>'


def graphml_data(letter: str, values: Iterable[Any]) -> str:
    """Return the values of a row that are there, as GraphML."""
    kept = ((at, text(value)) for at, value in enumerate(values))
    return "".join(f'<data key="{letter}{at}">{one}</data>' for at, one in kept if one is not None)


def gexf(graph: GraphTables) -> str:
    """Return a graph as GEXF 1.3; columns x, y and z of points are where Gephi draws them."""
    own = [name for name in graph.edges.columns if name not in ("source", "target")]
    kept = [name for name in graph.points.columns if name not in ("x", "y", "z")]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">',
        f"<meta><creator>geoflow</creator><description>{xml_text(graph.title)}</description></meta>",
        f'<graph defaultedgetype="{direction(graph)}" mode="static">',
        *gexf_attributes("node", kept, graph.points),
        *gexf_attributes("edge", own, graph.edges),
        "<nodes>",
    ]
    for row in graph.points.rows(named=True):
        where = "".join(f' {axis}="{row[axis]!r}"' for axis in ("x", "y", "z") if axis in row)
        values = gexf_values([row[name] for name in kept])
        place = f"<viz:position{where}/>" if where else ""
        number = row["point"]
        lines.append(f'<node id="{number}" label="{number}">{values}{place}</node>')
    lines += ["</nodes>", "<edges>"]
    for at, row in enumerate(graph.edges.rows(named=True)):
        values = gexf_values([row[name] for name in own])
        ends = f'source="{row["source"]}" target="{row["target"]}"'
        lines.append(f'<edge id="{at}" {ends}>{values}</edge>')
    return "\n".join([*lines, "</edges>", "</graph>", "</gexf>"])


def gexf_attributes(what: str, columns: Sequence[str], frame: pl.DataFrame) -> Iterator[str]:
    """Yield the lines of GEXF that name columns."""
    yield f'<attributes class="{what}">'
    for at, name in enumerate(columns):
        kind = GEXF[column_kind(frame.schema[name])]
        yield f'<attribute id="{at}" title="{xml_text(name)}" type="{kind}"/>'
    yield "</attributes>"


def gexf_values(values: Sequence[Any]) -> str:
    """Return the values of a row that are there, as GEXF."""
    kept = [(at, text(value)) for at, value in enumerate(values)]
    found = "".join(f'<attvalue for="{at}" value="{one}"/>' for at, one in kept if one is not None)
    return f"<attvalues>{found}</attvalues>" if found else ""


def direction(graph: GraphTables) -> str:
    """Return what both formats call a graph that is directed, or is not."""
    return "directed" if graph.is_directed else "undirected"


def column_kind(dtype: pl.DataType) -> str:
    """Return whether a column holds whole numbers, numbers or texts."""
    if dtype.is_integer():
        return "integer"
    return "number" if dtype.is_float() else "text"


def text(value: Any) -> str | None:
    """Return a value as XML writes it, None where there is none.

    >>> text(0.5), text("a<b"), text(float("nan")), text(None)
    ('0.5', 'a&lt;b', None, None)
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return xml_text(str(value))


def xml_text(name: str) -> str:
    """Return a name as text of XML, which has no control characters."""
    return html.escape(shown(name))
