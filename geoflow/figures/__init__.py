"""Figures: rows in, a plotly figure out; no store, no file, no page.

Each function says which question of ``sql/questions`` its rows are the answer to; any frame of
these columns will do.
"""

from geoflow.figures._boxes import study_boxes
from geoflow.figures._correlationmap import correlation_map
from geoflow.figures._depth import (
    coefficients_along_k,
    flow_along_depth,
    score_along_depth,
    training_lines,
)
from geoflow.figures._dots import local_dots
from geoflow.figures._heatmap import coefficient_map
from geoflow.figures._histograms import correctness_histogram
from geoflow.figures._lines import line_panels
from geoflow.figures._plane import column_plane, score_plane
from geoflow.figures._similarity import layer_matrix
from geoflow.figures._theme import in_theme
from geoflow.figures.layergraph import layer_graph
from geoflow.figures.linegrid import line_grid
from geoflow.figures.scatter import accuracy_scatter, step_scatter

__all__ = [
    "accuracy_scatter",
    "coefficient_map",
    "coefficients_along_k",
    "column_plane",
    "correctness_histogram",
    "correlation_map",
    "flow_along_depth",
    "in_theme",
    "layer_graph",
    "layer_matrix",
    "line_grid",
    "line_panels",
    "local_dots",
    "score_along_depth",
    "score_plane",
    "step_scatter",
    "study_boxes",
    "training_lines",
]
