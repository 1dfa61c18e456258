"""Local coefficients of trained networks beside those of untrained and of published ones."""

import polars as pl
from plotly.graph_objects import Figure, Scatter

from geoflow.figures._style import COLOURS, kind_label, kinds, set_style, subplots
from geoflow.figures.names import escape

SERIES = {
    "untrained": ("untrained_mean", "untrained_standard_deviation", "#9aa3ad", "circle-open"),
    "trained": ("mean_local_coefficient", "standard_deviation", COLOURS[0], "circle"),
    "published": ("published_mean", None, COLOURS[1], "diamond"),
}
"""Name of each series: its column, the column of its spread, colour and symbol."""


def local_dots(rows: pl.DataFrame) -> Figure:
    """Return the mean local coefficient of each kind of network, a panel for each data set.

    rows: one per (dataset, width, depth), the answer to the question
    `trained_beside_untrained`. Bars are one standard deviation over
    networks to each side.
    """
    datasets = rows["dataset"].unique().sort().to_list()
    figure = subplots(
        1,
        len(datasets),
        [escape(name) for name in datasets],
        shared_yaxes=True,
        horizontal_spacing=0.02,
    )
    label = {kind: kind_label(kind) for kind in kinds(rows)}
    shown = set()
    for at, dataset in enumerate(datasets, start=1):
        for name, (mean, spread, colour, symbol) in SERIES.items():
            part = rows.filter(pl.col("dataset") == dataset).drop_nulls(mean)
            if part.is_empty():
                continue
            bars = {} if spread is None else {"error_y": {"array": part[spread].to_list()}}
            figure.add_trace(
                Scatter(
                    x=[label[kind] for kind in part.select("width", "depth").iter_rows()],
                    y=part[mean].to_list(),
                    name=name,
                    legendgroup=name,
                    showlegend=name not in shown,
                    mode="markers",
                    marker={"color": colour, "symbol": symbol, "size": 9},
                    **bars,
                ),
                row=1,
                col=at,
            )
            shown.add(name)
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=list(label.values()))
    figure.update_yaxes(range=[-1.05, 1.05])
    figure.update_yaxes(title_text="mean local coefficient", col=1)
    set_style(figure, 420)
    figure.update_layout(
        legend={"orientation": "h", "y": 1.18}, scattermode="group", scattergap=0.6
    )
    return figure
