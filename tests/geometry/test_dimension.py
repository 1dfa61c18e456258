"""Dimensions that a sample spreads over, against the eigenvalues of its covariance."""

import numpy as np
import pytest

from geoflow.geometry.dimension import participation_ratio


@pytest.mark.parametrize(("n", "d"), [(50, 3), (50, 1), (5, 40), (2, 2), (30, 30)])
@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e150])
def test_it_is_that_of_the_eigenvalues_of_the_covariance(n, d, scale):
    rng = np.random.default_rng(n * d)
    points = rng.normal(size=(n, d)) * np.arange(1, d + 1) + 7
    values = np.linalg.eigvalsh(np.atleast_2d(np.cov(points.T)))
    expected = values.sum() ** 2 / (values**2).sum()
    assert participation_ratio(points * scale) == pytest.approx(expected, rel=1e-9)
    assert 1 - 1e-12 <= expected <= min(d, n - 1) + 1e-9


def test_rounding_takes_no_line_below_one_dimension():
    rng = np.random.default_rng(0)
    for d in range(1, 30):
        line = rng.normal(size=(40, 1)) * rng.normal(size=d)
        assert participation_ratio(line) == pytest.approx(1)
        assert participation_ratio(line) >= 1


def test_a_point_spreads_over_nothing():
    assert np.isnan(participation_ratio(np.full((5, 3), 0.1)))


def test_every_layer_of_a_network_has_it(layers_of, tmp_path):
    import geoflow

    arrays = layers_of(3, 30, (4, 3, 2))
    geoflow.ingest(arrays, tmp_path / "g.duckdb", k=[5])
    sql = "select layer, value from layer_scores where score = 'participation_ratio' order by layer"
    rows = geoflow.open(tmp_path / "g.duckdb").query(sql)
    expected = [participation_ratio(arrays[f"layer_{at:02d}"]) for at in range(3)]
    assert rows["value"].to_list() == pytest.approx(expected)
