"""Correlations of the scores of networks, as a heat map."""

import numpy as np
import polars as pl
from plotly.graph_objects import Figure, Heatmap

from geoflow.figures._heatmap import cluster_order
from geoflow.figures._style import set_style
from geoflow.figures.names import escape


def correlation_map(rows: pl.DataFrame) -> Figure:
    """Return r of every pair of scores, like scores beside each other, an empty diagonal.

    rows: one per ordered pair, the answer to the question `correlations_of_scores`.
    Colours go from -1 to 1, pale at 0; r with its interval, p and n are under the pointer.
    """
    cells = {(row["score"], row["other"]): row for row in rows.iter_rows(named=True)}
    names = rows["score"].unique().sort().to_list()
    r = {pair: row["correlation"] for pair, row in cells.items()}
    values = np.array([[1.0 if a == b else r.get((a, b), 0.0) for b in names] for a in names])
    order = [names[at] for at in cluster_order(values)]
    figure = Figure(
        Heatmap(
            z=[[r.get((a, b)) for b in order] for a in order],
            x=[escape(name) for name in order],
            y=[escape(name) for name in order],
            text=[[pair_hover(a, b, cells) for b in order] for a in order],
            hoverinfo="text",
            coloraxis="coloraxis",
            xgap=1,
            ygap=1,
        )
    )
    figure.update_xaxes(type="category", showgrid=False, tickangle=-60, automargin=True)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, automargin=True)
    set_style(figure, 260 + 24 * len(order))
    figure.update_layout(
        coloraxis={
            "colorscale": "RdBu_r",
            "cmin": -1,
            "cmax": 1,
            "colorbar": {"title": "r", "thickness": 12},
        },
        plot_bgcolor="#f0f0f0",
    )
    return figure


def pair_hover(score: str, other: str, cells: dict[tuple[str, str], dict[str, object]]) -> str:
    """Return what a cell says under the pointer."""
    if score == other:
        return escape(score)
    pair = f"{escape(score)}<br>{escape(other)}"
    row = cells.get((score, other))
    if row is None:
        return f"{pair}<br>no r: a score is constant, or too few networks have both"
    p = "-" if row["p"] is None else f"{row['p']:.2g}"
    low, high = row["correlation_low"], row["correlation_high"]
    interval = "" if low is None else f" ({low:.2f} to {high:.2f})"
    return f"{pair}<br>r = {row['correlation']:.3f}{interval}, p = {p}, n = {row['n']:,}"
