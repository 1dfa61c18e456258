"""Figures are pure: the same rows give the same figure, rows stay as they are, labels are text."""

import polars as pl
import pytest

from geoflow import figures

NETWORKS = {
    "dataset": ["<b>x</b>", "<b>x</b>"],
    "width": ["narrow", "8"],
    "depth": [5, 2],
    "network": ["<i>a", "b"],
}
ROWS = {
    "accuracy_scatter": {"ricci_coefficient": [-0.5, 0.2], "test_accuracy": [0.9, 0.8]},
    "step_scatter": {
        "k": [5, 6],
        "aggregated_ricci_coefficient": [-0.5, 0.5],
        "network_id": [1, 2],
        "layer": [1, 1],
        "total_forman": [-9, -8],
        "eta": [1, 2],
    },
    "study_boxes": {"k": [5, 6], "other_study": ["<u>", "v"], "ricci_coefficient": [-0.5, 0.1]},
    "local_dots": {
        "mean_local_coefficient": [-0.5, None],
        "standard_deviation": [0.1, None],
        "untrained_mean": [None, 0.1],
        "untrained_standard_deviation": [None, 0.2],
        "published_mean": [-0.4, None],
    },
    "correctness_histogram": {
        "is_correct": [True, False],
        "middle": [0.025, -0.025],
        "n_points": [3, 4],
        "share": [1.0, 1.0],
    },
    "coefficient_map": {
        "k": [5, 6],
        "n_accurate": [1, 1],
        "n_connected": [1, 1],
        "aggregated_ricci_coefficient": [-0.5, 0.5],
        "optimal_k": [5, 5],
        "published_coefficient": [None, 0.1],
        "published_optimal_k": [None, 6],
    },
    "correlation_map": {
        "score": ["<b>a", "b"],
        "other": ["b", "<b>a"],
        "correlation": [0.5, 0.5],
        "correlation_low": [0.1, None],
        "correlation_high": [0.8, None],
        "p": [0.1, None],
        "n": [9, 9],
    },
    "line_panels": {"layer": [1, 2], "score": [0.5, None]},
    "line_grid": {
        "panel": ["<p>", "<p>"],
        "colour": ["c", "d"],
        "dash": ["", ""],
        "layer": [1, 2],
        "value": [0.5, None],
        "n_networks": [1, 2],
        "low": [None, None],
        "high": [None, 0.5],
    },
    "coefficients_along_k": {
        "k": [5, 6],
        "convention": ["<u>", "directed"],
        "start": ["input", "hidden"],
        "end": ["hidden", "hidden"],
        "ricci_coefficient": [-0.5, None],
    },
    "column_plane": {"a": [0.5, 1.0], "<b>": [1, 2]},
    "flow_along_depth": {
        "layer": [0, 1],
        "is_output": [False, False],
        "total_forman": [-9, -8],
        "total_geodesic": [10, None],
        "eta": [1, None],
        "is_connected": [True, False],
    },
    "layer_matrix": {"layer": [0, 1], "other_layer": [1, 2], "value": [0.5, None]},
    "score_along_depth": {"variant": ["<u>k", None], "layer": [0, 1], "value": [0.5, 0.7]},
    "score_plane": {
        "x": [0.5, 1.0],
        "y": [1.0, 0.5],
        "place": ["<p>", "2"],
        "r": [-1.0, -1.0],
        "n": [2, 2],
    },
    "training_lines": {
        "epoch": [0, 1],
        "ricci_coefficient": [None, -0.5],
        "train_accuracy": [0.5, 0.9],
        "test_accuracy": [0.5, 0.8],
    },
}
MORE = {
    "line_panels": ("layer", {"score": "a score"}),
    "line_grid": ("layer",),
    "column_plane": ("a", "<b>"),
    "layer_matrix": ("<b>title",),
    "score_along_depth": ("<b>title",),
    "score_plane": ("<b>x", "y", "dataset"),
}
OF_OTHERS = {"in_theme": "a figure", "layer_graph": "points and edges"}
"""Figures that are not made of one frame, and what they are made of: others test them."""


@pytest.mark.parametrize("name", sorted(set(figures.__all__) - OF_OTHERS.keys()))
def test_figure_is_made_of_its_rows_alone(name):
    rows = pl.DataFrame(NETWORKS | ROWS[name])
    before = rows.clone()
    make = getattr(figures, name)
    first, again = (make(rows, *MORE.get(name, ())).to_json() for _ in range(2))
    assert first == again
    assert rows.equals(before)
    assert not [tag for tag in ("<b>", "<i>", "<u>", "<p>") if tag in first]
    assert '"data":[{' in first


def test_a_figure_in_a_dark_theme_has_the_same_rows_and_other_colours():
    light = figures.accuracy_scatter(pl.DataFrame(NETWORKS | ROWS["accuracy_scatter"]))
    before, dark = light.to_json(), figures.in_theme(light, "dark")
    assert light.to_json() == before
    pairs = list(zip(light.data, dark.data, strict=True))
    assert pairs
    for one, other in pairs:
        assert (list(one.x), list(one.y)) == (list(other.x), list(other.y))
    assert dark.to_json() != before
