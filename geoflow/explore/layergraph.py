"""The panel of the layer graph: its parts, and the routes that bring a network to the canvas.

Dash carries the state; the canvas is plain JavaScript in ``assets/graph``, fed with bytes by the
routes below. They read, and open the store for the request alone.
"""

from pathlib import Path
from typing import Any

from dash import Dash, Input, Output, State
from flask import Response, request

from geoflow.errors import GeoflowError
from geoflow.explore.graphcontrols import layer_graph_panel
from geoflow.explore.graphfile import graph_page
from geoflow.explore.graphnetwork import edge_payload, network_payload, point_payload
from geoflow.explore.parts import in_browser
from geoflow.store.results import Database

__all__ = ["layer_graph_panel", "register_layer_graph"]

PAYLOADS = {"network": network_payload, "edges": edge_payload, "points": point_payload}
"""What each route answers, by the last part of its address."""


def register_layer_graph(app: Dash, path: Path) -> None:
    """Add the callbacks and routes of the panel."""
    in_browser(
        app,
        "draw_graph",
        Output("graph-drawn", "children"),
        Input("state", "data"),
        Input("theme", "data"),
        State("facts", "data"),
    )

    def graph_bytes(what: str) -> Response:
        if what not in PAYLOADS:
            return sentence(f"no such part of a graph: {', '.join(PAYLOADS)}", 404)
        try:
            found = PAYLOADS[what](Database(path), request.args.to_dict())
        except GeoflowError as error:
            return sentence(str(error))
        kept = {"Cache-Control": "no-store"}
        if found is None:
            return Response(status=204, headers=kept)
        return Response(found, mimetype="application/octet-stream", headers=kept)

    def graph_file() -> Response:
        try:
            found = graph_page(Database(path), request.form.to_dict())
        except GeoflowError as error:
            return sentence(str(error))
        return Response(found, mimetype="text/html")

    server: Any = app.server
    server.get("/graph/<what>")(graph_bytes)
    server.post("/graph/file")(graph_file)


def sentence(message: str, status: int = 200) -> Response:
    """Return a sentence for the page to show, as text: an answer, no request that failed."""
    return Response(message, status=status, mimetype="text/plain")
