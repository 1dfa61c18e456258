"""A layer graph as a figure: for notebooks; the page draws it on a canvas, with all its edges."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from plotly.graph_objects import Figure, Scatter, Scatter3d

from geoflow.figures._style import set_style
from geoflow.figures.names import escape

MOST_EDGES = 20_000
"""What plotly still draws without delay: of more, those of most negative curvature."""

BINS = 10

DIVERGING = (
    "#8e0b26", "#b2182b", "#d6604d", "#ec9475", "#e3bfae",
    "#b3c6d6", "#85b4d4", "#4393c3", "#2166ac", "#0b3a70",
)  # fmt: skip
"""Of edges, most negative first: RdBu, which the colour-blind tell apart."""

CLASS_COLOURS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70",
    "#717581", "#92dadd",
)  # fmt: skip
"""Of classes: Petroff 2021, apart in every kind of colour vision; then again from the first."""

SEQUENTIAL = (
    "#440154", "#472373", "#414084", "#365b8c", "#2c738e", "#248a8c", "#23a286", "#36b778",
    "#67cb5c", "#a3da37",
)  # fmt: skip
"""Of numbers: viridis, without its end that white ground swallows."""


def layer_graph(
    points: pl.DataFrame,
    edges: pl.DataFrame,
    *,
    colour: str = "label",
    curvature: str = "forman",
    title: str = "",
    most: int = MOST_EDGES,
) -> Figure:
    """Return a layer graph: points on their positions, edges by curvature, most negative on top.

    points: point, x, y, perhaps z, and the column ``colour``: text and whole numbers are classes,
    other numbers a scale; edges: source, target and the column ``curvature``, both as
    `geoflow.layer_graph_frames` gives them. Of more than ``most`` edges those of most negative
    curvature are drawn, and the title says so.
    """
    ranked = edges.sort(curvature, "source", "target", nulls_last=True)
    kept = ranked.head(most)
    said = escape(title)
    if kept.height < ranked.height:
        thinned = f"{kept.height:,} of {ranked.height:,} edges, those of most negative {curvature}"
        said = f"{said}<br>{escape(thinned)}" if said else escape(thinned)
    axes = [axis for axis in ("x", "y", "z") if axis in points.columns]
    figure = Figure(
        [*edge_traces(points, kept, curvature, axes), *point_traces(points, colour, axes)]
    )
    set_style(figure, 700)
    figure.update_layout(title={"text": said, "font": {"size": 14}}, hovermode="closest")
    quiet = {"visible": False}
    if len(axes) == 3:
        figure.update_layout(scene={f"{axis}axis": quiet for axis in axes})
    else:
        figure.update_xaxes(**quiet)
        figure.update_yaxes(scaleanchor="x", **quiet)
    return figure


def edge_traces(
    points: pl.DataFrame, edges: pl.DataFrame, curvature: str, axes: Sequence[str]
) -> list[Any]:
    """Return the edges, a trace for each of ten bins of curvature with as many, last the first."""
    if edges.is_empty():
        return []
    number = {point: at for at, point in enumerate(points["point"].to_list())}
    ends = [[number[one] for one in edges[name].to_list()] for name in ("source", "target")]
    traces = []
    for at, part in reversed(list(enumerate(np.array_split(np.arange(edges.height), BINS)))):
        if not len(part):
            continue
        line = {}
        for axis in axes:
            where = points[axis].to_numpy()
            both = np.full((len(part), 3), np.nan)
            both[:, 0] = where[np.array(ends[0])[part]]
            both[:, 1] = where[np.array(ends[1])[part]]
            line[axis] = both.ravel()
        low, high = edges[curvature][int(part[0])], edges[curvature][int(part[-1])]
        name = "none" if low is None or high is None else f"{low:.3g} to {high:.3g}"
        style = {"color": DIVERGING[at], "width": 1 if at else 1.6}
        kind = Scatter3d if len(axes) == 3 else Scatter
        traces.append(
            kind(**line, mode="lines", line=style, name=name, opacity=0.5, hoverinfo="skip",
                 legendgroup="edges", legendgrouptitle={"text": escape(curvature)})
        )  # fmt: skip
    return traces


def point_traces(points: pl.DataFrame, colour: str, axes: Sequence[str]) -> list[Any]:
    """Return the points: a trace for each class, or one with a scale."""
    kind = Scatter3d if len(axes) == 3 else Scatter
    common = {"mode": "markers", "hovertemplate": "%{text}<extra></extra>"}
    dtype = points.schema[colour]
    if dtype.is_float():
        marker = {"size": 6, "color": points[colour].to_list(), "colorscale": SEQUENTIAL,
                  "colorbar": {"title": escape(colour)}}  # fmt: skip
        return [kind(**places(points, axes), **common, text=words(points), marker=marker,
                     name=escape(colour), showlegend=False)]  # fmt: skip
    traces = []
    for at, value in enumerate(points[colour].unique().sort().to_list()):
        part = points.filter(pl.col(colour).eq_missing(value))
        marker = {"size": 6, "color": CLASS_COLOURS[at % len(CLASS_COLOURS)],
                  "line": {"width": 0.5, "color": "white"}}  # fmt: skip
        name = "none" if value is None else escape(str(value))
        traces.append(
            kind(**places(part, axes), **common, text=words(part), marker=marker, name=name,
                 legendgroup="points", legendgrouptitle={"text": escape(colour)})
        )  # fmt: skip
    return traces


def places(points: pl.DataFrame, axes: Sequence[str]) -> dict[str, Any]:
    """Return the coordinates of points by axis."""
    return {axis: points[axis].to_list() for axis in axes}


def words(points: pl.DataFrame) -> list[str]:
    """Return the row of each point in words.

    >>> words(pl.DataFrame({"point": [3], "x": [0.5], "label": ["<b>"]}))
    ['point 3<br>label &lt;b&gt;']
    """
    columns = [name for name in points.columns if name not in ("x", "y", "z")]
    return [
        "<br>".join(
            escape(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}")
            for name, value in row.items()
            if value is not None
        )
        for row in points.select(columns).rows(named=True)
    ]
