"""The parts of the layer graph's panel; ``assets/graph`` fills them and listens to them.

What the browser fills is empty here: Dash leaves alone what it has not made.
"""

from dash import html

from geoflow.explore.parts import aria

BESIDE = "-beside"
"""What ends the ids of the second network's place."""


def layer_graph_panel() -> html.Div:
    """Return the panel: a bar with the layers, the canvas, and what its colours mean beside it."""
    return html.Div(
        [
            bar(),
            html.Div([stage(), stage(BESIDE)], className="graph-stages"),
            side(),
            html.Div(id="graph-drawn", hidden=True),
        ],
        id="layer-graph",
        className="layer-graph",
    )


def stage(place: str = "") -> html.Div:
    """Return the place of one network: its canvas, and what is said on it."""
    return html.Div(
        [
            html.Canvas(
                id=f"graph-canvas{place}",
                tabIndex=0,
                disable_n_clicks=True,
                role="img",
                **aria(
                    label=f"The graph of the layer{', second network' if place else ''}. Arrows"
                    " change the layer, space plays, plus and minus zoom, Escape clears the"
                    " selection."
                ),
            ),
            html.P(id=f"graph-name{place}", className="graph-name", hidden=True),
            html.Div(id=f"graph-notes{place}", className="graph-notes"),
            html.Div(id=f"graph-tip{place}", className="graph-tip", hidden=True),
            html.Div(
                id=f"graph-message{place}", className="graph-message", hidden=True, role="status"
            ),
        ],
        id=f"graph-stage{place}",
        className="graph-stage",
        hidden=bool(place),
    )


def bar() -> html.Div:
    """Return the play button, the slider of layers, and what is said of the layer."""
    return html.Div(
        [
            button("Play", "play"),
            html.Span(id="graph-layer-place", className="graph-slider"),
            html.Span(id="graph-said"),
            button("Lasso", "lasso"),
            button("Reset view", "home"),
        ],
        className="graph-bar",
    )


def side() -> html.Div:
    """Return what is beside the canvas: the graph, points, edges, and the selection."""
    return html.Div(
        [
            html.Section(
                [
                    html.H3("Graph"),
                    field("Layout", "layout"),
                    field("Space", "dimensions"),
                    field("Beside", "other"),
                ]
            ),
            html.Section(
                [
                    html.H3("Points"),
                    field("Colour", "points"),
                    html.Div(id="graph-points-legend"),
                ]
            ),
            html.Section(
                [
                    html.H3("Edges"),
                    field("Curvature", "edges"),
                    html.Div(id="graph-edges-legend"),
                    html.Label([html.Span("Share"), html.Span(id="graph-share-place")]),
                    html.P(id="graph-thin"),
                ]
            ),
            html.Section(
                [
                    html.H3("Selection"),
                    html.Div(id="graph-selection"),
                    html.Label([html.Span("Trails"), html.Span(id="graph-trails-place")]),
                    button("Clear selection", "clear", hidden=True),
                    html.Div(
                        [button("PNG", "png"), button("SVG", "svg"), button("HTML", "html")],
                        className="graph-buttons",
                    ),
                ]
            ),
        ],
        className="graph-side",
    )


def button(title: str, name: str, hidden: bool = False) -> html.Button:
    """Return a button that the browser listens to."""
    return html.Button(title, id=f"graph-{name}", hidden=hidden, disable_n_clicks=True)


def field(title: str, name: str) -> html.Label:
    """Return a choice with its title; the browser fills its options."""
    return html.Label([html.Span(title), html.Select(id=f"graph-{name}", disable_n_clicks=True)])
