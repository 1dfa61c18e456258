"""A score of pairs of layers, as a matrix."""

import numpy as np
import polars as pl
from plotly.graph_objects import Figure, Heatmap

from geoflow.figures._style import set_style
from geoflow.figures.names import escape


def layer_matrix(
    rows: pl.DataFrame, title: str, across: str = "layer", upwards: str = "layer"
) -> Figure:
    """Return a score of pairs of layers as a matrix, empty where it was not measured.

    rows: layer, other_layer and value: one score of the answer to the question
    `pair_scores_of_network`. Colours are those of cividis, which the colour-blind see as others do.
    """
    own, other = (sorted(rows[name].unique()) for name in ("layer", "other_layer"))
    values = np.full((len(own), len(other)), np.nan)
    for a, b, value in rows.select("layer", "other_layer", "value").iter_rows():
        values[own.index(a), other.index(b)] = value
    figure = Figure(
        Heatmap(
            z=[[None if np.isnan(one) else one for one in line] for line in values.tolist()],
            x=[str(one) for one in other],
            y=[str(one) for one in own],
            colorscale="Cividis",
            colorbar={"thickness": 12},
            hovertemplate="layer %{y}, other layer %{x}<br>%{z:.6g}<extra></extra>",
            xgap=1,
            ygap=1,
        )
    )
    figure.update_xaxes(type="category", title_text=escape(across), showgrid=False)
    figure.update_yaxes(type="category", title_text=escape(upwards), showgrid=False)
    figure.update_layout(title={"text": escape(title), "font": {"size": 13}})
    return set_style(figure, 340)
