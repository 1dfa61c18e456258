"""Clouds of points: the steps of networks (Figure 4 of the paper), accuracy against flow."""

from math import ceil

import numpy as np
import polars as pl
from plotly.graph_objects import Figure, Scatter

from geoflow.figures._style import (
    SYMBOLS,
    colours,
    kind_label,
    kinds,
    set_style,
    subplots,
    tell_axes,
    widths,
)
from geoflow.figures.names import escape

MOST_DRAWN = 20_000
"""What a page still draws without delay; above that, `even_sample` leaves points out."""


def even_sample(rows: pl.DataFrame, most: int = MOST_DRAWN) -> pl.DataFrame:
    """Return at most so many rows, evenly spaced, all of them where there are not more.

    >>> even_sample(pl.DataFrame({"n": range(9)}), 3)["n"].to_list()
    [0, 4, 8]
    """
    if rows.height <= most:
        return rows
    kept: list[int] = np.linspace(0, rows.height - 1, most).round().astype(int).tolist()
    return rows[kept]


def step_scatter(rows: pl.DataFrame) -> Figure:
    """Return Figure 4: change of distance eta_l against curvature Ric_l, a panel for each kind.

    rows: one per step, the answer to the question `steps_at_optimal_k`. x is Ric_l, total Forman
    curvature of layer l, y is eta_l = g_{l+1} - g_l in hops. Titles say k and the aggregated
    coefficient.
    """
    found = kinds(rows)
    n_columns = min(len(widths(rows)), 4)
    n_rows = ceil(len(found) / n_columns)
    parts = [
        rows.filter(pl.col("width") == width, pl.col("depth") == depth) for width, depth in found
    ]
    figure = subplots(
        n_rows,
        n_columns,
        [
            f"{kind_label(kind)}: k = {part['k'][0]},"
            f" ρ = {part['aggregated_ricci_coefficient'][0]:.2f}"
            for kind, part in zip(found, parts, strict=True)
        ],
        horizontal_spacing=0.07,
        vertical_spacing=0.32 / n_rows,
    )
    colour = colours(widths(rows))
    for at, ((width, _), part) in enumerate(zip(found, parts, strict=True)):
        figure.add_trace(
            Scatter(
                x=part["total_forman"].to_list(),
                y=part["eta"].to_list(),
                customdata=part.select("network_id", "layer").rows(),
                hovertemplate="network_id %{customdata[0]}, layer %{customdata[1]}"
                "<br>Ric = %{x}<br>eta = %{y}<extra></extra>",
                mode="markers",
                marker={"size": 4, "opacity": 0.6, "color": colour[width]},
                showlegend=False,
            ),
            row=at // n_columns + 1,
            col=at % n_columns + 1,
        )
    tell_axes(
        figure,
        x={"title": {"text": "Ric, total Forman curvature", "standoff": 4}},
        y={"title": {"text": "eta, change of hops", "standoff": 4}},
    )
    return set_style(figure, 90 + 260 * n_rows)


def accuracy_scatter(rows: pl.DataFrame) -> Figure:
    """Return test accuracy against the coefficient at the optimal k, a panel for each data set.

    rows: one per network, the answer to the question `accuracy_by_network`. Colour is the
    width, symbol the depth.
    """
    datasets = rows["dataset"].unique().sort().to_list()
    n_columns = min(len(datasets), 4)
    n_rows = ceil(len(datasets) / n_columns)
    figure = subplots(
        n_rows,
        n_columns,
        [escape(name) for name in datasets],
        horizontal_spacing=0.06,
        vertical_spacing=0.32 / n_rows,
    )
    colour = colours(widths(rows))
    depths = rows["depth"].unique().sort().to_list()
    named = set()
    for at, dataset in enumerate(datasets):
        for kind in kinds(rows):
            width, depth = kind
            part = rows.filter(
                pl.col("dataset") == dataset, pl.col("width") == width, pl.col("depth") == depth
            )
            if part.is_empty():
                continue
            figure.add_trace(
                Scatter(
                    x=part["ricci_coefficient"].to_list(),
                    y=part["test_accuracy"].to_list(),
                    text=[escape(name) for name in part["network"]],
                    hovertemplate="%{text}<br>ρ = %{x:.3f}<br>accuracy %{y:.4f}<extra></extra>",
                    mode="markers",
                    marker={
                        "size": 6,
                        "opacity": 0.7,
                        "color": colour[width],
                        "symbol": SYMBOLS[depths.index(depth) % len(SYMBOLS)],
                    },
                    name=kind_label(kind),
                    legendgroup=kind_label(kind),
                    showlegend=kind not in named,
                ),
                row=at // n_columns + 1,
                col=at % n_columns + 1,
            )
            named.add(kind)
    tell_axes(
        figure,
        x={"title": {"text": "ρ at the optimal k", "standoff": 4}},
        y={"title": {"text": "test accuracy", "standoff": 4}},
    )
    return set_style(figure, 90 + 280 * n_rows)
