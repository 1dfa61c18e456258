"""Figure 3 of the paper: the aggregated coefficient of every kind of network at every k."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from plotly.graph_objects import Figure, Heatmap

from geoflow.figures._style import Kind, kind_label, kinds, set_style, subplots, tell_axes

Row = Mapping[str, Any]


def coefficient_map(rows: pl.DataFrame) -> Figure:
    """Return heat maps: this study, and where cells are published, those and the difference.

    rows: one per (width, depth, k), the answer to the question `coefficient_map`.
    Lines are kinds of networks, like ones beside each other; columns are k, as categories.
    Colours go from -1 to 1; the optimum of each line has a square around it.
    """
    cells = {(row["width"], row["depth"], row["k"]): row for row in rows.iter_rows(named=True)}
    ks = sorted({key[2] for key in cells})
    found = kinds(rows)
    values = [[ours(cells.get((*kind, k), {})) for k in ks] for kind in found]
    lines = [found[at] for at in cluster_order(np.array(values, dtype=float))]
    panels: list[tuple[str, Callable[[Row], float | None]]] = [("this study", ours)]
    if rows["published_coefficient"].count():
        panels += [("published", published), ("this study - published", difference)]
    titles = [title for title, _ in panels]
    figure = subplots(1, len(panels), titles, shared_yaxes=True, horizontal_spacing=0.02)
    for at, (_, value) in enumerate(panels, start=1):
        table = [[cells.get((*kind, k), {}) for k in ks] for kind in lines]
        figure.add_trace(
            Heatmap(
                z=[[value(row) for row in line] for line in table],
                x=[str(k) for k in ks],
                y=[kind_label(kind) for kind in lines],
                text=[[cell_hover(row) for row in line] for line in table],
                hoverinfo="text",
                coloraxis="coloraxis",
                xgap=1,
                ygap=1,
            ),
            row=1,
            col=at,
        )
    outline(figure, 1, optima(rows, "optimal_k"), lines, ks)
    if len(panels) > 1:
        outline(figure, 2, optima(rows, "published_optimal_k"), lines, ks)
    quiet = {"type": "category", "showgrid": False}
    tell_axes(
        figure,
        x={"title": {"text": "k", "standoff": 4}, **quiet},
        y={"autorange": "reversed", "automargin": True, **quiet},
    )
    set_style(figure, 130 + 34 * len(lines))
    bar = {"title": "ρ", "thickness": 12}
    figure.update_layout(
        coloraxis={"colorscale": "RdBu_r", "cmin": -1, "cmax": 1, "colorbar": bar},
        plot_bgcolor="#f0f0f0",
    )
    return figure


def ours(row: Row) -> float | None:
    """Return the aggregated coefficient of a cell, None where it is not defined."""
    return row.get("aggregated_ricci_coefficient")


def published(row: Row) -> float | None:
    """Return the paper's coefficient of a cell, None where it is not digitised."""
    return row.get("published_coefficient")


def difference(row: Row) -> float | None:
    """Return ours less the paper's, None where one of them is missing."""
    a, b = ours(row), published(row)
    return None if a is None or b is None else a - b


def cell_hover(row: Row) -> str:
    """Return what a cell says under the pointer: its values, or why it has none."""
    if not row:
        return "not measured"
    n_accurate, n_connected, rho = row["n_accurate"], row["n_connected"], ours(row)
    if rho is not None:
        said = f"ρ = {rho:.3f}, {n_connected} of {n_accurate} accurate networks are connected"
    elif n_accurate == 0:
        said = "no ρ: no network is above the accuracy threshold"
    elif n_connected == 0:
        said = f"no ρ: none of {n_accurate} accurate networks is connected in every layer"
    else:
        said = f"no ρ: a series of the {n_connected} connected networks is constant"
    where = f"{kind_label((row['width'], row['depth']))}, k = {row['k']}"
    paper = published(row)
    return f"{where}<br>{said}" + ("" if paper is None else f"<br>published: {paper:.2f}")


def cluster_order(values: NDArray[np.float64]) -> list[int]:
    """Return an order of rows in which like ones are neighbours; missing values count as 0.

    Average linkage of Euclidean distances, leaves in optimal order.
    """
    if len(values) < 3:
        return list(range(len(values)))
    from scipy.cluster.hierarchy import leaves_list, linkage

    tree = linkage(np.nan_to_num(values), "average", optimal_ordering=True)
    return [int(at) for at in leaves_list(tree)]


def optima(rows: pl.DataFrame, column: str) -> dict[Kind, int]:
    """Return the k of each kind that a column says is optimal."""
    known = rows["width", "depth", column].drop_nulls()
    return {(width, depth): k for width, depth, k in known.iter_rows()}


def outline(
    figure: Figure, panel: int, optimum: Mapping[Kind, int], lines: Sequence[Kind], ks: list[int]
) -> None:
    """Draw a square around the optimum of each line of a panel; a k not shown has none."""
    for kind, k in optimum.items():
        if k in ks:
            x, y = ks.index(k), lines.index(kind)
            figure.add_shape(
                type="rect",
                x0=x - 0.5,
                x1=x + 0.5,
                y0=y - 0.5,
                y1=y + 0.5,
                line={"color": "black", "width": 2},
                row=1,
                col=panel,
            )
