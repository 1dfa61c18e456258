"""How the local coefficient is spread over points: classified correctly, and misclassified."""

import polars as pl
from plotly.graph_objects import Bar, Figure

from geoflow.figures._style import COLOURS, set_style, subplots
from geoflow.figures.names import escape

SIDES = {True: ("correct", COLOURS[0]), False: ("misclassified", COLOURS[1])}


def correctness_histogram(rows: pl.DataFrame) -> Figure:
    """Return the share of points in each bin of the local coefficient, a panel for each data set.

    rows: one per (dataset, is_correct, bin), the answer to the question
    `local_distribution`; the shares of one side add up to 1.
    """
    datasets = rows["dataset"].unique().sort().to_list()
    figure = subplots(
        1,
        len(datasets),
        [escape(name) for name in datasets],
        horizontal_spacing=0.05,
    )
    shown = set()
    for at, dataset in enumerate(datasets, start=1):
        for is_correct, (name, colour) in SIDES.items():
            part = rows.filter(pl.col("dataset") == dataset, pl.col("is_correct") == is_correct)
            if part.is_empty():
                continue
            figure.add_trace(
                Bar(
                    x=part["middle"].to_list(),
                    y=part["share"].to_list(),
                    width=0.05,
                    customdata=part["n_points"].to_list(),
                    hovertemplate="%{x:.3f} ± 0.025: %{y:.1%}, %{customdata} points",
                    name=name,
                    legendgroup=name,
                    showlegend=name not in shown,
                    marker={"color": colour, "opacity": 0.55},
                ),
                row=1,
                col=at,
            )
            shown.add(name)
    figure.update_xaxes(title_text="local coefficient", range=[-1, 1])
    figure.update_yaxes(tickformat=".0%")
    figure.update_yaxes(title_text="share of points", col=1)
    set_style(figure, 380)
    figure.update_layout(barmode="overlay", legend={"orientation": "h", "y": 1.2})
    return figure
