"""The heat map: order of lines, empty cells that say why, squares around optima."""

import numpy as np
import polars as pl

from geoflow.figures import coefficient_map
from geoflow.figures._heatmap import cluster_order, optima


def test_like_lines_are_neighbours_and_a_missing_value_counts_as_zero():
    high, low = [0.9, 0.8, 0.9], [-0.9, -0.9, -0.8]
    order = cluster_order(np.array([high, low, [0.9, 0.8, 0.8], [-0.9, -0.8, -0.8], [np.nan] * 3]))
    groups = [{0: "high", 2: "high", 1: "low", 3: "low"}.get(at, "zero") for at in order]
    assert sorted(order) == [0, 1, 2, 3, 4]
    assert groups in (
        ["high", "high", "zero", "low", "low"],
        ["low", "low", "zero", "high", "high"],
    )
    assert cluster_order(np.zeros((2, 3))) == [0, 1]


def test_a_cell_that_was_not_measured_and_a_constant_series_say_so():
    rows = pl.DataFrame(
        {
            "width": ["narrow", "narrow", "wide"],
            "depth": [5, 5, 5],
            "k": [10, 20, 10],
            "n_accurate": [3, 3, 3],
            "n_connected": [3, 2, 3],
            "aggregated_ricci_coefficient": [-0.5, None, -0.5],
            "optimal_k": [20, 20, None],
            "published_coefficient": [None] * 3,
            "published_optimal_k": [None] * 3,
        },
        schema_overrides={"published_coefficient": pl.Float64, "published_optimal_k": pl.Int64},
    )
    figure = coefficient_map(rows)
    said = dict(zip(figure.data[0].y, figure.data[0].text, strict=True))
    assert "series of the 2 connected networks is constant" in said["narrow 5"][1]
    assert said["wide 5"][1] == "not measured"
    assert optima(rows, "optimal_k") == {("narrow", 5): 20}
    assert [(shape.x0, shape.x1, shape.y1 - shape.y0) for shape in figure.layout.shapes] == [
        (0.5, 1.5, 1)
    ]
