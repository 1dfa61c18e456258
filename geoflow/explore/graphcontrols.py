"""The parts of the layer graph's panel; ``assets/graph`` fills them and listens to them.

What the browser fills is empty here: Dash leaves alone what it has not made.
"""

from dash import html

from geoflow.explore.parts import aria


def layer_graph_panel() -> html.Div:
    """Return the panel: a bar with the layers, the canvas, and what its colours mean beside it."""
    return html.Div(
        [
            bar(),
            html.Div(
                [
                    html.Canvas(
                        id="graph-canvas",
                        tabIndex=0,
                        disable_n_clicks=True,
                        role="img",
                        **aria(
                            label="The graph of the layer. Arrows change the layer, space plays,"
                            " plus and minus zoom, Escape clears the selection."
                        ),
                    ),
                    html.Div(id="graph-notes"),
                    html.Div(id="graph-tip", hidden=True),
                    html.Div(id="graph-message", hidden=True, role="status"),
                ],
                className="graph-stage",
            ),
            side(),
            html.Div(id="graph-drawn", hidden=True),
        ],
        id="layer-graph",
        className="layer-graph",
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
                        [button("PNG", "png"), button("SVG", "svg")],
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
