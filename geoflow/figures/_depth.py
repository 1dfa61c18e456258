"""One network along its depth, along k and along its training."""

import polars as pl
from plotly.graph_objects import Figure, Scatter

from geoflow.figures._style import COLOURS, SYMBOLS, colours, set_style, subplots
from geoflow.figures.linegrid import DASHES
from geoflow.figures.names import escape

TITLES = {
    "total_forman": "Ric",
    "total_geodesic": "g, hops",
    "eta": "eta",
}
"""Measures of a layer graph, and how a figure calls them."""


def flow_along_depth(rows: pl.DataFrame) -> Figure:
    """Return Ric, g and eta of one network, layer by layer, below each other.

    rows: one per layer, the answer to the question `flow_of_network`. Eta stands between the
    layers that it leads from and to. A line breaks where a graph is not connected.
    """
    figure = subplots(len(TITLES), 1, shared_xaxes=True, vertical_spacing=0.06)
    named = layer_names(rows)
    for at, (measure, title) in enumerate(TITLES.items(), start=1):
        shift = 0.5 if measure == "eta" else 0.0
        step = [f"from {a} to {b}" for a, b in zip(named, [*named[1:], ""], strict=True)]
        figure.add_trace(
            Scatter(
                x=[layer + shift for layer in rows["layer"]],
                y=rows[measure].to_list(),
                text=step if shift else named,
                hovertemplate=f"%{{text}}<br>{title}: %{{y:,}}<extra></extra>",
                mode="lines+markers",
                line={"color": COLOURS[at - 1], "width": 2},
                marker={"size": 7, "symbol": SYMBOLS[at - 1]},
                showlegend=False,
            ),
            row=at,
            col=1,
        )
        figure.update_yaxes(title_text=title, row=at, col=1)
    figure.update_xaxes(tickvals=rows["layer"].to_list(), ticktext=named)
    figure.update_xaxes(title_text="layer", title_standoff=2, row=len(TITLES))
    return set_style(figure, 460)


def layer_names(rows: pl.DataFrame) -> list[str]:
    """Return what layers are called: the input, their number, the output.

    >>> layer_names(pl.DataFrame({"layer": [0, 1, 2], "is_output": [False, False, True]}))
    ['input', '1', 'output']
    """
    return [
        "output" if is_output else str(layer) if layer else "input"
        for layer, is_output in rows.select("layer", "is_output").iter_rows()
    ]


def coefficients_along_k(rows: pl.DataFrame, k: int | None = None) -> Figure:
    """Return rho of one network at every k, a line for each convention and each series of steps.

    rows: one per (k, convention, start, end), the answer to the question
    `coefficients_of_network`. k: where a line is drawn upright. A line breaks where there is no
    coefficient.
    """
    figure = Figure()
    conventions = rows["convention"].unique(maintain_order=True).to_list()
    series = rows.select("start", "end").unique(maintain_order=True).rows()
    colour = colours(conventions)
    for (convention, start, end), part in rows.group_by(
        "convention", "start", "end", maintain_order=True
    ):
        at = series.index((start, end))
        figure.add_trace(
            Scatter(
                x=part["k"].to_list(),
                y=part["ricci_coefficient"].to_list(),
                mode="lines+markers",
                line={"color": colour[convention], "dash": DASHES[at % len(DASHES)], "width": 2},
                marker={"symbol": SYMBOLS[at % len(SYMBOLS)], "size": 7},
                name=escape(f"{convention}, from {start} to {end}"),
                hovertemplate="k = %{x}<br>ρ = %{y:.4f}",
            )
        )
    if k is not None:
        figure.add_vline(x=k, line={"color": COLOURS[6], "width": 1, "dash": "dot"})
    figure.update_xaxes(title_text="k", title_standoff=2, type="linear")
    figure.update_yaxes(title_text="ρ", range=[-1.05, 1.05])
    set_style(figure, 340)
    return figure.update_layout(legend=UNDER, showlegend=True)


UNDER = {"orientation": "h", "y": -0.2, "yanchor": "top"}
"""Where a legend of few lines stands."""


def score_along_depth(rows: pl.DataFrame, title: str) -> Figure:
    """Return one score of one network, layer by layer, a line for each way it was measured.

    rows: variant, layer and value, of the answer to the question `layer_scores_of_network`.
    """
    figure = Figure()
    variants = rows["variant"].unique(maintain_order=True).to_list()
    for at, (variant, colour) in enumerate(colours(variants).items()):
        part = rows.filter(pl.col("variant").eq_missing(variant))
        figure.add_trace(
            Scatter(
                x=part["layer"].to_list(),
                y=part["value"].to_list(),
                mode="lines+markers",
                line={"color": colour, "width": 2},
                marker={"symbol": SYMBOLS[at % len(SYMBOLS)], "size": 7},
                name=escape(variant or title),
                hovertemplate="layer %{x}<br>%{y:.6g}",
            )
        )
    figure.update_xaxes(title_text="layer", title_standoff=2, dtick=1)
    figure.update_yaxes(title_text=escape(title))
    set_style(figure, 340)
    return figure.update_layout(legend=UNDER, showlegend=len(variants) > 1)


def training_lines(rows: pl.DataFrame) -> Figure:
    """Return rho and accuracy of one network along its training, one above the other.

    rows: one per epoch, the answer to the question `training_of_network`.
    """
    figure = subplots(2, 1, shared_xaxes=True, vertical_spacing=0.08)
    panels = (("ricci_coefficient", "ρ", 1), ("train_accuracy", "training accuracy", 2))
    for at, (column, name, row) in enumerate((*panels, ("test_accuracy", "test accuracy", 2))):
        figure.add_trace(
            Scatter(
                x=rows["epoch"].to_list(),
                y=rows[column].to_list(),
                mode="lines+markers",
                line={"color": COLOURS[at], "width": 2},
                marker={"symbol": SYMBOLS[at], "size": 7},
                name=name,
                hovertemplate="epoch %{x}: %{y:.4f}",
            ),
            row=row,
            col=1,
        )
    figure.update_yaxes(title_text="ρ", range=[-1.05, 1.05], row=1)
    figure.update_yaxes(title_text="accuracy", row=2)
    figure.update_xaxes(title_text="epoch", title_standoff=2, row=2)
    set_style(figure, 340)
    return figure.update_layout(legend=UNDER, showlegend=True)
