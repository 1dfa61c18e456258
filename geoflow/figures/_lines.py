"""Lines along layers or epochs: a panel for each measure and data set, a line for each kind."""

from collections.abc import Mapping

import polars as pl
from plotly.graph_objects import Figure, Scatter

from geoflow.figures._style import Kind, colours, kind_label, kinds, panel_grid, set_style
from geoflow.figures.names import escape


def line_panels(
    rows: pl.DataFrame, along: str, measures: Mapping[str, str], chosen: str | None = None
) -> Figure:
    """Return lines of measures along a column: measures below each other, data sets beside.

    rows: dataset, width, depth, the column `along` and those of `measures` (column: its title);
    where there is a column state, `trained` lines are whole and others dotted. chosen: a column
    with a value of `along` that gets a star on the whole line, NULL for none.
    """
    stated = rows if "state" in rows.columns else rows.with_columns(state=pl.lit("trained"))
    datasets = rows["dataset"].unique().sort().to_list()
    figure = panel_grid(len(measures), datasets)
    colour = colours(kinds(rows))
    shown: set[str] = set()
    for column, dataset in enumerate(datasets, start=1):
        of_dataset = stated.filter(pl.col("dataset") == dataset).sort(along)
        for kind in kinds(of_dataset):
            of_kind = of_dataset.filter(pl.col("width") == kind[0], pl.col("depth") == kind[1])
            for (state,), part in of_kind.group_by("state", maintain_order=True):
                for row, measure in enumerate(measures, start=1):
                    trace = line(part, along, measure, kind, str(state), colour[kind])
                    trace.showlegend = trace.name not in shown
                    shown.add(trace.name)
                    figure.add_trace(trace, row=row, col=column)
                    if chosen is not None and state == "trained":
                        figure.add_trace(
                            star(part, along, measure, kind, chosen, colour[kind]),
                            row=row,
                            col=column,
                        )
    for row, title in enumerate(measures.values(), start=1):
        figure.update_yaxes(title_text=title, row=row, col=1)
    figure.update_xaxes(title_text=along, row=len(measures))
    return set_style(figure, 130 + 230 * len(measures))


def line(
    part: pl.DataFrame, along: str, measure: str, kind: Kind, state: str, colour: str
) -> Scatter:
    """Return the line of one kind of network in one state; it breaks where a value is missing."""
    name = kind_label(kind)
    return Scatter(
        x=part[along].to_list(),
        y=part[measure].to_list(),
        mode="lines+markers",
        line={"color": colour, "width": 1.5, "dash": "solid" if state == "trained" else "dot"},
        marker={"size": 4},
        name=name if state == "trained" else f"{name}, {escape(state)}",
        legendgroup=name,
    )


def star(
    part: pl.DataFrame, along: str, measure: str, kind: Kind, chosen: str, colour: str
) -> Scatter:
    """Return a star where the line is at the chosen value, no point where none is chosen."""
    at = part.filter(pl.col(along) == pl.col(chosen)).drop_nulls(measure)
    name = kind_label(kind)
    return Scatter(
        x=at[along].to_list(),
        y=at[measure].to_list(),
        mode="markers",
        marker={"symbol": "star", "size": 13, "color": colour, "line": {"width": 1}},
        name=f"{name}, chosen",
        legendgroup=name,
        showlegend=False,
    )
