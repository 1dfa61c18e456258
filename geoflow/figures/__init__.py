"""Figures: rows in, a plotly figure out; no store, no file, no page.

Each function says which question of ``sql/questions`` its rows are the answer to; any frame of
these columns will do.
"""

from geoflow.figures.boxes import study_boxes
from geoflow.figures.correlationmap import correlation_map
from geoflow.figures.dots import local_dots
from geoflow.figures.heatmap import coefficient_map
from geoflow.figures.histograms import correctness_histogram
from geoflow.figures.linegrid import line_grid
from geoflow.figures.lines import line_panels
from geoflow.figures.scatter import accuracy_scatter, step_scatter

__all__ = [
    "accuracy_scatter",
    "coefficient_map",
    "correctness_histogram",
    "correlation_map",
    "line_grid",
    "line_panels",
    "local_dots",
    "step_scatter",
    "study_boxes",
]
