"""What all figures share: order and colour of kinds of networks, quiet axes."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import polars as pl
from plotly.graph_objects import Figure
from plotly.graph_objs.layout import Template
from plotly.subplots import make_subplots

from geoflow.figures.names import escape
from geoflow.specs import WIDTHS

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#4b5563", "#7b3f00")
"""Colours that stay apart for colour-blind readers: those of Okabe and Ito 2008, dark ones last."""

SYMBOLS = ("circle", "diamond", "square", "cross", "x", "triangle-up", "star", "hexagon")
"""What tells points apart beside their colours."""

GROUND, GRID, ZERO, LINE = "white", "#e8e8e8", "#b0b0b0", "#808080"

AXIS = {"gridcolor": GRID, "zerolinecolor": ZERO, "linecolor": LINE}
TEMPLATE = Template(
    layout={
        "xaxis": AXIS,
        "yaxis": AXIS,
        "margin": {"l": 70, "r": 20, "t": 50, "b": 60},
        "font": {"family": "system-ui, sans-serif", "size": 12},
        "paper_bgcolor": GROUND,
        "plot_bgcolor": GROUND,
    }
)
"""What all figures have: a white ground and a thin grid, said once and not to each axis."""

Kind = tuple[str, int]
"""Width and depth: one kind of network."""


def kinds(rows: pl.DataFrame) -> list[Kind]:
    """Return the kinds of networks in rows, by depth, then the paper's widths before others.

    >>> kinds(pl.DataFrame({"width": ["8-8", "wide", "narrow"], "depth": [2, 5, 5]}))
    [('8-8', 2), ('narrow', 5), ('wide', 5)]
    """
    found: set[Kind] = set(rows.select("width", "depth").iter_rows())
    return sorted(found, key=lambda kind: (kind[1], width_order(kind[0])))


def width_order(width: str) -> tuple[int, str]:
    """Return what sorts widths: narrow, wide, bottleneck, then others by name."""
    return (WIDTHS.index(width) if width in WIDTHS else len(WIDTHS), width)


def widths(rows: pl.DataFrame) -> list[str]:
    """Return the names of the widths in rows, the paper's before others."""
    return sorted(rows["width"].unique(), key=width_order)


def kind_label(kind: Kind) -> str:
    """Return a kind of network as a figure writes it.

    >>> kind_label(("narrow", 5))
    'narrow 5'
    """
    return escape(f"{kind[0]} {kind[1]}")


def colours(names: Sequence[Any]) -> dict[Any, str]:
    """Return a colour for each name, again from the first where there are many."""
    return {name: COLOURS[at % len(COLOURS)] for at, name in enumerate(names)}


def panel_grid(n_rows: int, datasets: Sequence[str]) -> Figure:
    """Return a figure of panels below each other, data sets beside, with common axes."""
    return subplots(
        n_rows,
        len(datasets),
        [escape(name) for name in datasets],
        shared_xaxes=True,
        shared_yaxes="rows",
        horizontal_spacing=0.02,
        vertical_spacing=0.12 / n_rows,
    )


def subplots(n_rows: int, n_columns: int, titles: Sequence[str] = (), **options: Any) -> Figure:
    """Return a new figure of panels with their titles; options of `make_subplots` as it has them.

    Figures of one report often have the same panels: to copy them is much faster than to make them.
    """
    figure = Figure(empty_subplots(n_rows, n_columns, len(titles), **options))
    for note, title in zip(figure.layout.annotations, titles, strict=True):
        note.text = title
    return figure


@lru_cache(maxsize=64)
def empty_subplots(n_rows: int, n_columns: int, n_titles: int, **options: Any) -> Figure:
    """Return the figure that `subplots` copies, for titles yet to be said: leave it as it is."""
    titles = ["title"] * n_titles
    plain = Figure(layout={"template": TEMPLATE})  # that of plotly would be copied each time
    made = make_subplots(n_rows, n_columns, subplot_titles=titles or None, figure=plain, **options)
    return made.update_annotations(font_size=12)


def tell_axes(figure: Figure, x: Mapping[str, Any], y: Mapping[str, Any]) -> None:
    """Tell every axis of a figure the same: at once, as plotly takes long for one at a time."""
    layout = {"xaxis": {}, "yaxis": {}} | figure.layout.to_plotly_json()
    for name in layout:
        told = x if name.startswith("xaxis") else y if name.startswith("yaxis") else {}
        if told:
            layout[name] |= told
    figure.layout = layout


def set_style(figure: Figure, height: int) -> Figure:
    """Return the figure with the style that all have, and the given height in pixels."""
    figure.layout.template = TEMPLATE
    figure.layout.height = height
    return figure
