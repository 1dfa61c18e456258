"""Files that the page sends: a figure as one HTML file that needs nothing else, and rows."""

import json
from base64 import b64encode
from typing import Any

from dash import Dash
from flask import Response, abort, request
from plotly.graph_objects import Figure

LARGEST_FIGURE = 64 << 20


def register_files(app: Dash) -> None:
    """Add the route that makes a file of a figure that the page has."""

    def figure_file() -> Response:
        if request.mimetype != "application/json" or (request.content_length or 0) > LARGEST_FIGURE:
            abort(400, "send one figure as JSON")
        try:
            given = json.loads(request.get_data())
            figure = Figure(data=given["data"], layout=given["layout"], skip_invalid=True)
        except (ValueError, TypeError, KeyError):
            abort(400, "send one figure as JSON")
        return Response(page_of(figure), mimetype="text/html")

    app.server.add_url_rule("/figure.html", view_func=figure_file, methods=["POST"])


def page_of(figure: Figure) -> str:
    """Return the HTML of a figure, plotly.js inside it."""
    return str(figure.to_html(include_plotlyjs=True, config={"displaylogo": False}))


def sent_bytes(content: bytes, name: str) -> dict[str, Any]:
    """Return what ``dcc.Download`` saves as a file.

    >>> sent_bytes(b"a", "a.csv")["content"]
    'YQ=='
    """
    return {"content": b64encode(content).decode(), "filename": name, "base64": True}
