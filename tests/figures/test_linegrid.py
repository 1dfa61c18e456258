"""Lines along weight decay or layers: they break where nothing is known."""

import polars as pl

from geoflow.figures import line_grid


def test_a_line_breaks_where_nothing_is_known_and_decays_are_in_order():
    rows = pl.DataFrame(
        {
            "dataset": ["a"] * 3,
            "panel": ["p"] * 3,
            "colour": ["<b>"] * 3,
            "dash": [""] * 3,
            "weight_decay": ["0", "0.0005", "not known"],
            "value": [1.0, None, 2.0],
            "n_networks": [1, 0, 2],
            "low": [None, None, 1.5],
            "high": [None, None, 3.0],
        }
    )
    figure = line_grid(rows.reverse(), "weight_decay")
    (trace,) = figure.data
    assert trace.name == "&lt;b&gt;"
    assert trace.y == (2.0, None, 1.0)
    assert trace.error_y.array == (1.0, None, None)
    assert trace.error_y.arrayminus == (0.5, None, None)
    assert figure.layout.xaxis.categoryarray == ("0", "0.0005", "not known")
