"""The layer graph as one HTML file: the panel, its scripts and looks, and the networks' bytes.

The file is the panel of the page as it was, to be played, turned and selected in; it has what the
panel had on show, and a policy that lets it load nothing.
"""

import html
import json
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dash.development.base_component import Component

from geoflow.explore.graphcontrols import layer_graph_panel
from geoflow.explore.graphdata import in_one_answer, read_answer
from geoflow.explore.graphnetwork import edge_payload, network_payload, point_payload
from geoflow.explore.state import PageState, read_field
from geoflow.store.results import Database
from geoflow.text.shown import shown

ASSETS = Path(__file__).parent / "assets"
LOOKS = ("page.css", "graph/graph.css")
PROPERTIES = {"className": "class", "tabIndex": "tabindex"}
DEFINED = ("id", "role", "title", "hidden", "aria-label", *PROPERTIES)
"""Properties of a part that HTML has; others are of Dash."""

PAGE = """<!doctype html>
<html lang="en" data-file data-tab="layers" data-theme="{theme}">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline';
 style-src 'unsafe-inline'; img-src data: blob:; connect-src blob:">
<style>{looks}</style></head>
<body><div id="page"><main id="main">
<section class="panel" id="panel-layers">{panel}</section></main></div>
<script type="application/json" id="graph-given">{given}</script>
<script>{scripts}</script></body></html>
"""


def graph_page(db: Database, asked: Mapping[str, str]) -> str:
    """Return the layer graph of a state of the page as HTML that needs nothing else.

    asked: fields of the state as the address writes them: network, other, k, convention, layout,
    dimensions, points, edges, selection and so on.
    """
    known = {name: asked[name] for name in PageState.__dataclass_fields__ if name in asked}
    state = {name: read_field(name, text) for name, text in known.items()} | {"tab": "layers"}
    names = [asked.get("network", "")]
    if asked.get("other"):
        names.append(asked["other"])
    networks = {name: network_parts(db, dict(asked) | {"network": name}, names) for name in names}
    given = {"state": state, "networks": networks}
    scripts = [file.read_text("utf-8") for file in sorted((ASSETS / "graph").glob("*.js"))]
    return PAGE.format(
        theme="dark" if asked.get("theme") == "dark" else "light",
        title=html.escape(shown(" and ".join(names))),
        looks="\n".join((ASSETS / name).read_text("utf-8") for name in LOOKS),
        panel=as_html(layer_graph_panel()),
        given=json.dumps(given).replace("<", "\\u003c"),
        scripts="\n".join(scripts),
    )


def network_parts(db: Database, asked: Mapping[str, str], names: list[str]) -> dict[str, str]:
    """Return what a file has of a network, in base64: its graphs, and what colours them."""
    payload = network_payload(db, {key: one for key, one in asked.items() if key != "known"})
    assert payload is not None
    facts, arrays = read_answer(payload)
    found = {}
    kind, score = asked.get("edges", ""), asked.get("points", "").removeprefix("score:")
    if kind != "forman" and kind in facts["curvatures"]:
        found["edges"] = edge_payload(db, dict(asked) | {"kind": kind})
    if asked.get("points", "").startswith("score:") and score in facts["scores"]:
        found["points"] = point_payload(db, dict(asked) | {"score": score})
    facts["curvatures"] = ["forman", *([kind] if "edges" in found else [])]
    facts["scores"] = [score] if "points" in found else []
    facts["beside"] = [name for name in facts["beside"] if name in names]
    found["network"] = in_one_answer(facts, arrays)
    return {name: b64encode(one).decode() for name, one in found.items()}


def as_html(part: Any) -> str:
    """Return a part of a page, and what is in it, as HTML.

    >>> from dash import html
    >>> as_html(html.P(["a < b", html.B("c")], className="said", hidden=True))
    '<p hidden class="said">a &lt; b<b>c</b></p>'
    """
    if part is None:
        return ""
    if isinstance(part, list | tuple):
        return "".join(as_html(one) for one in part)
    if not isinstance(part, Component):
        return html.escape(str(part))
    whole: Any = part
    found = whole.to_plotly_json()
    tag, given = found["type"].lower(), found["props"]
    words = []
    for name in DEFINED:
        value = given.get(name)
        if value is True:
            words.append(f" {name}")
        elif value is not None and value is not False:
            words.append(f' {PROPERTIES.get(name, name)}="{html.escape(str(value))}"')
    return f"<{tag}{''.join(words)}>{as_html(given.get('children'))}</{tag}>"
