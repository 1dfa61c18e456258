"""Figures: rows in, a plotly figure out; no store, no file, no page.

Each function says which question of ``sql/questions`` its rows are the answer to; any frame of
these columns will do.
"""

from geoflow.figures._boxes import study_boxes
from geoflow.figures._correlationmap import correlation_map
from geoflow.figures._dots import local_dots
from geoflow.figures._heatmap import coefficient_map
from geoflow.figures._histograms import correctness_histogram
from geoflow.figures._lines import line_panels
from geoflow.figures.layergraph import layer_graph
from geoflow.figures.linegrid import line_grid
from geoflow.figures.scatter import accuracy_scatter, step_scatter

__all__ = [
    "accuracy_scatter",
    "coefficient_map",
    "correctness_histogram",
    "correlation_map",
    "layer_graph",
    "line_grid",
    "line_panels",
    "local_dots",
    "step_scatter",
    "study_boxes",
]
