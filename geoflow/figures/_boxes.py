"""The coefficients of a study beside those of other studies, as boxes."""

import polars as pl
from plotly.graph_objects import Box, Figure

from geoflow.figures._style import colours, kind_label, kinds, set_style, tell_axes
from geoflow.figures.names import escape


def study_boxes(rows: pl.DataFrame) -> Figure:
    """Return a box for each (kind of network, study): the coefficients at one k, and every value.

    rows: one per network, the answer to the question `values_across_studies`; the
    studies stand in the order of the rows.
    """
    studies = rows["other_study"].unique(maintain_order=True).to_list()
    k = {(row["width"], row["depth"]): row["k"] for row in rows.iter_rows(named=True)}
    label = {kind: f"{kind_label(kind)}<br>k = {k[kind]}" for kind in kinds(rows)}
    figure = Figure()
    for study, colour in colours(studies).items():
        part = rows.filter(pl.col("other_study") == study)
        figure.add_trace(
            Box(
                x=[label[kind] for kind in part.select("width", "depth").iter_rows()],
                y=part["ricci_coefficient"].to_list(),
                text=[escape(name) for name in part["network"]],
                name=escape(study),
                marker={"color": colour, "size": 3, "opacity": 0.6},
                line={"width": 1.5},
                boxpoints="all",
                pointpos=0,
                jitter=0.5,
            )
        )
    tell_axes(
        figure,
        x={
            "type": "category",
            "categoryorder": "array",
            "categoryarray": list(label.values()),
        },
        y={"title": {"text": "ρ"}, "range": [-1.05, 1.05]},
    )
    set_style(figure, 420)
    figure.update_layout(boxmode="group", legend={"orientation": "h", "y": 1.12}, showlegend=True)
    return figure
