"""The panel of the layer graph: a network's points on their graph, layer by layer."""

from pathlib import Path

from dash import Dash, html


def layer_graph_panel() -> html.Div:
    """Return the panel, empty until its callbacks fill it."""
    return html.Div(id="layer-graph", className="layer-graph")


def register_layer_graph(app: Dash, path: Path) -> None:
    """Add the callbacks and routes of the panel."""
