"""Principal components against scikit-learn's."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from geoflow.geometry.layout.principal import principal_positions


@pytest.mark.parametrize("shape", [(60, 5), (40, 200), (700, 450), (450, 900), (5, 2), (3, 1)])
def test_positions_are_those_of_scikit_learn(shape):
    rng = np.random.default_rng(sum(shape))
    points = rng.normal(size=shape) * np.geomspace(9, 1, shape[1]) + 3
    found = principal_positions(points)
    axes = min(3, shape[1])
    known = PCA(axes, svd_solver="full").fit_transform(points)
    assert np.allclose(np.abs(found[:, :axes]), np.abs(known), atol=1e-6)
    assert (found[:, axes:] == 0).all()
    assert (found == principal_positions(points.copy())).all()


def test_signs_do_not_hang_on_the_order_of_points():
    points = np.random.default_rng(1).normal(size=(50, 6))
    turned = principal_positions(points[::-1])[::-1]
    assert np.allclose(principal_positions(points), turned)


def test_points_that_are_one_have_one_place():
    assert (principal_positions(np.ones((7, 4))) == 0).all()


def test_numbers_of_any_size_have_positions():
    points = np.random.default_rng(2).normal(size=(30, 4))
    for size in (1e-150, 1e150):
        assert np.allclose(principal_positions(points * size) / size, principal_positions(points))
