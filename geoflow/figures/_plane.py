"""One number against another, a point for each row."""

import polars as pl
from plotly.graph_objects import Figure, Scatter

from geoflow.figures._style import SYMBOLS, colours, set_style, width_order
from geoflow.figures.names import escape
from geoflow.figures.scatter import even_sample

MOST_SHOWN = 5_000
"""What a page draws at once; above that points are left out, evenly, and the figure says so."""


def score_plane(rows: pl.DataFrame, x: str, y: str, group: str) -> Figure:
    """Return one score against another, coloured by a column; above it r and n, of all rows.

    rows: one per network, layer or point, the answer to the question `score_pairs`. x, y: titles.
    group: a column of rows. A click gives the name of the network (``customdata``).
    """
    drawn = even_sample(rows, MOST_SHOWN)
    figure = Figure()
    names = sorted(rows[group].unique(), key=lambda one: width_order(str(one or "")))
    for at, (name, colour) in enumerate(colours(names).items()):
        part = drawn.filter(pl.col(group).eq_missing(name))
        figure.add_trace(
            Scatter(
                x=part["x"].to_list(),
                y=part["y"].to_list(),
                text=[escape(one) for one in part["network"]],
                customdata=part.select("network", "place").rows(),
                hovertemplate="%{text}<br>%{x:.5g}, %{y:.5g}",
                mode="markers",
                marker={
                    "size": 7 if drawn.height < 500 else 5,
                    "opacity": 0.75,
                    "color": colour,
                    "symbol": SYMBOLS[at % len(SYMBOLS)],
                },
                name=escape(f"{name if name is not None else 'not known'}"),
            )
        )
    figure.update_xaxes(title_text=escape(x), automargin=True)
    figure.update_yaxes(title_text=escape(y), automargin=True)
    figure.update_layout(
        title={"text": correlation_words(rows, drawn.height), "font": {"size": 13}},
        showlegend=True,
        legend={"itemsizing": "constant"},
    )
    return set_style(figure, 560)


def correlation_words(rows: pl.DataFrame, n_drawn: int) -> str:
    """Return what stands above a plane: r, n, and how many points are drawn if not all.

    >>> correlation_words(pl.DataFrame({"r": [0.5, 0.5], "n": [2, 2]}), 2)
    'r = 0.500, n = 2'
    """
    r, n = rows.select("r", "n").row(0)
    said = f"{'no r: a score is constant' if r is None else f'r = {r:.3f}'}, n = {n:,}"
    return said if n_drawn == n else f"{said}; {n_drawn:,} of them drawn, evenly spaced"


def column_plane(rows: pl.DataFrame, x: str, y: str) -> Figure:
    """Return one numeric column of any rows against another."""
    drawn = even_sample(rows.select(pl.nth(rows.columns.index(x), rows.columns.index(y))), 2_000)
    figure = Figure(
        Scatter(
            x=drawn.get_column(x).to_list(),
            y=drawn.get_column(y).to_list(),
            mode="markers",
            marker={"size": 6, "opacity": 0.75, "color": colours([0])[0]},
            hovertemplate="%{x:.6g}, %{y:.6g}<extra></extra>",
        )
    )
    figure.update_xaxes(title_text=escape(x), automargin=True)
    figure.update_yaxes(title_text=escape(y), automargin=True)
    return set_style(figure, 380)
