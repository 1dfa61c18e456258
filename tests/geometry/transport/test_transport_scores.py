from dataclasses import asdict

import numpy as np
import ot
import pytest
from scipy.spatial import KDTree

from geoflow.geometry.transport.scores import (
    ALONE,
    DUPLICATES,
    SAMPLE_RETURNED,
    UNMOVED,
    transport_scores,
    w2_path,
)
from geoflow.geometry.transport.spacing import nearest_distances, spacing
from geoflow.geometry.transport.straightness import SINGLE_STEP

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
MAPS = {
    "translation": lambda x: x + np.array([3.0, -2.0, 5.0]),
    "contraction": lambda x: x / 7,
    "monotone in each coordinate": lambda x: x**3 + np.maximum(x, 0),
}


@pytest.mark.parametrize("name", MAPS)
def test_maps_that_are_optimal_score_1(name):
    found = transport_scores(X, MAPS[name](X))
    assert (found.ot_score, found.transport_efficiency) == (1.0, 1.0)
    assert found.w2 == found.rms_displacement


def test_an_increasing_map_of_the_line_scores_1_and_a_decreasing_one_does_not():
    line = X[:, :1]
    assert transport_scores(line, np.tanh(line)).ot_score == 1.0
    falling = transport_scores(line, -line)
    assert falling.ot_score < 0.05
    # sorted against sorted: mean (x - x')^2 with x' the mirror image
    ordered = np.sort(line[:, 0])
    expected = ((ordered + ordered[::-1]) ** 2).sum() / (4 * (ordered**2).sum())
    np.testing.assert_allclose(falling.transport_efficiency, expected, rtol=1e-9)


def test_two_points_that_cross():
    x, y = np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[1.0, 1.0], [0.0, 1.0]])
    found = transport_scores(x, y)
    assert (found.ot_score, found.w2) == (0.0, 1.0)
    np.testing.assert_allclose(found.transport_efficiency, 0.5)  # 2 of 4
    np.testing.assert_allclose(found.relative_displacement, 2**0.5)


def test_three_of_four_at_their_own_image():
    x = np.array([[0.0], [10.0], [20.0], [30.0]])
    y = np.array([[1.0], [11.0], [32.0], [22.0]])
    assert transport_scores(x, y).ot_score == 0.5
    y[2] = y[3]  # the two ways are one by value
    found = transport_scores(x, y)
    assert (found.ot_score, found.least_ot_score, found.is_ot_unique) == (1.0, 1.0, True)


def test_the_score_is_a_range_where_two_assignments_cost_the_same():
    """A square turned by a right angle: all go on to the next corner, or all stay, or by pairs."""
    corners = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    x, y = np.hstack([corners, 0 * corners]), np.hstack([0 * corners, corners])
    found = transport_scores(x, y)
    assert (found.ot_score, found.least_ot_score, found.is_ot_unique) == (1.0, 0.0, False)
    assert transport_scores(x, y + x / 8).is_ot_unique


def test_a_path_of_one_step_has_no_ratio():
    found = w2_path([X, X + 1])
    assert (found.ratio, found.reason) == (None, SINGLE_STEP)
    assert found.path_length == found.geodesic_length > 0


def test_spacing_is_the_median_distance_of_a_tree_search():
    expected = KDTree(X).query(X, k=2)[0][:, 1]
    np.testing.assert_allclose(nearest_distances(X), expected, rtol=1e-12)
    np.testing.assert_allclose(spacing(2.0**700 * X), 2.0**700 * np.median(expected), rtol=1e-12)
    lengths = np.linalg.norm(0.5 * X, axis=1)
    found = transport_scores(X, 1.5 * X).relative_displacement
    np.testing.assert_allclose(found, lengths.mean() / np.median(expected), rtol=1e-12)


ODD = {
    "one point": (np.zeros((1, 2)), np.ones((1, 2)), None, ALONE),
    "one point at rest": (np.ones((1, 2)), np.ones((1, 2)), UNMOVED, ALONE),
    "nothing moves": (X, X, UNMOVED, None),
    "all the same": (np.ones((9, 2)), np.zeros((9, 2)), None, DUPLICATES),
    "pairs of duplicates": (np.repeat(X, 2, axis=0), np.repeat(-X, 2, axis=0), None, DUPLICATES),
    "constant output": (X, np.zeros_like(X), None, None),
    "more dimensions than points": (X[:5] @ X[:3].T, X[:5] @ X[:3], None, None),
    "tiny": (1e-310 * X, -1e-310 * X, None, None),
    "huge": (1e299 * X / 10, -1e299 * X / 10, None, None),
    "tiny grain": (
        np.vstack([5e-324 * np.arange(9)] * 2).T,
        np.full((9, 2), 1e299),
        None,
        DUPLICATES,
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_samples_have_a_number_or_a_reason(name):
    x, y, efficiency_reason, displacement_reason = ODD[name]
    found = transport_scores(x, y)
    assert found.efficiency_reason == efficiency_reason
    assert found.displacement_reason == displacement_reason
    assert (found.transport_efficiency is None) == (efficiency_reason is not None)
    assert (found.relative_displacement is None) == (displacement_reason is not None)
    numbers = [value for value in asdict(found).values() if isinstance(value, float)]
    assert 0 <= found.least_ot_score <= found.ot_score
    assert np.isfinite(numbers).all()
    assert 0 <= found.ot_score <= 1
    assert 0 <= (found.transport_efficiency or 0) <= 1


def test_a_geodesic_has_ratio_1():
    image = np.exp(X)  # gradient of a convex function: straight lines are a geodesic
    found = w2_path([(1 - t) * X + t * image for t in (0.0, 0.1, 0.5, 0.9, 1.0)])
    np.testing.assert_allclose(found.ratio, 1.0, rtol=1e-9)
    np.testing.assert_allclose(found.path_length, transport_scores(X, image).w2, rtol=1e-9)


def test_a_path_of_samples_is_that_of_pot():
    track = [X, np.maximum(X @ X[:3], 0), np.maximum(X @ X[3:6], 0)]

    def w2(x, y):
        return ot.emd2([], [], ot.dist(x, y)) ** 0.5

    found = w2_path(track)
    expected = w2(track[0], track[1]) + w2(track[1], track[2])
    np.testing.assert_allclose(found.path_length, expected, rtol=1e-9)
    np.testing.assert_allclose(found.geodesic_length, w2(track[0], track[2]), rtol=1e-9)
    assert found.ratio == found.path_length / found.geodesic_length >= 1


def test_a_path_back_to_the_same_sample_has_no_ratio():
    shuffled = X[RNG.permutation(len(X))]
    found = w2_path([X, X + 1, shuffled])
    assert (found.geodesic_length, found.ratio, found.reason) == (0.0, None, SAMPLE_RETURNED)
