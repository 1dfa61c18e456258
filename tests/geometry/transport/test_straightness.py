import numpy as np
import pytest

from geoflow.errors import GeometryError
from geoflow.geometry.transport.straightness import (
    DIRECTIONS_CANCEL,
    POINT_AT_REST,
    displacements,
    line_shapes,
    track_steps,
    turning_angles,
)

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(40, 5))


def arc(n_steps, angle):
    """Return a track of one point along an arc of the unit circle."""
    angles = np.linspace(0, angle, n_steps + 1)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, None]


def turn():
    return np.linalg.qr(RNG.normal(size=(5, 5)))[0]


def test_a_straight_track_scores_1_however_uneven_its_steps():
    directions = RNG.normal(size=(40, 5))
    track = [POINTS + at * directions for at in (0.0, 0.1, 5.0, 5.001, 1000.0)]
    found = line_shapes(track)
    np.testing.assert_allclose(found.score, 1.0, rtol=1e-9)
    assert (found.score >= 1).all()
    np.testing.assert_allclose(turning_angles(track), 0.0, atol=1e-6)


@pytest.mark.parametrize("n_steps", [2, 7, 11, 1000])
@pytest.mark.parametrize("angle", [np.pi / 2, np.pi, 3.0])
def test_an_arc_has_its_closed_form(n_steps, angle):
    half = angle / n_steps / 2  # unit steps turn by 2 half; their sum is a chord
    expected = n_steps * np.sin(half) / np.sin(n_steps * half)
    track = arc(n_steps, angle)
    np.testing.assert_allclose(line_shapes(track).score, expected, rtol=1e-10)
    np.testing.assert_allclose(displacements(track), 2 * np.sin(half), rtol=1e-10)
    np.testing.assert_allclose(turning_angles(track), 2 * half, rtol=1e-9)


def test_a_finely_cut_quarter_circle_scores_pi_over_2_root_2():
    np.testing.assert_allclose(line_shapes(arc(4000, np.pi / 2)).score, np.pi / 8**0.5, rtol=1e-6)


def test_zero_steps_do_not_count():
    track = arc(5, 1.0)
    paused = np.concatenate([track[:1], track[:3], track[2:3], track[3:], track[-1:]])
    assert line_shapes(paused).n_steps.tolist() == [5]
    assert line_shapes(paused).score == line_shapes(track).score
    is_angle = np.isfinite(turning_angles(paused)[:, 0])
    assert is_angle.tolist() == [False, True, False, False, True, True, False]


def test_what_has_no_direction_is_undefined_with_a_reason():
    loop = arc(6, 2 * np.pi)
    found = line_shapes(np.concatenate([loop, np.ones_like(loop), loop * [1, 0]], axis=1))
    assert found.reason.tolist() == [DIRECTIONS_CANCEL, POINT_AT_REST, DIRECTIONS_CANCEL]
    assert np.isnan(found.score).all()
    assert found.n_steps.tolist() == [6, 0, 6]


def test_a_sharp_return_is_not_taken_for_a_closed_loop():
    there_and_almost_back = np.array([[[0.0, 0.0]], [[1.0, 0.0]], [[1e-9, 1e-9]]])
    found = line_shapes(there_and_almost_back)
    assert found.reason[0] is None
    np.testing.assert_allclose(found.score, 2e9, rtol=1e-6)


@pytest.mark.parametrize("unit", [2.0**900, 2.0**-900, 1.0, 2.0**-1070])
def test_the_unit_of_the_points_does_not_matter(unit):
    track = RNG.integers(-9, 9, size=(6, 30, 3)) * unit
    one, other = line_shapes(track), line_shapes(track / unit)
    np.testing.assert_array_equal(one.score, other.score)
    np.testing.assert_array_equal(turning_angles(track), turning_angles(track / unit))
    np.testing.assert_allclose(displacements(track), displacements(track / unit) * unit, rtol=0.2)
    assert (displacements(track) > 0).any()


def test_turning_and_shifting_the_space_changes_nothing():
    track = RNG.normal(size=(12, 40, 5))
    moved = track @ turn() + 3
    np.testing.assert_allclose(line_shapes(moved).score, line_shapes(track).score, rtol=1e-9)
    np.testing.assert_allclose(turning_angles(moved), turning_angles(track), atol=1e-9)
    cosines = np.sum(track_steps(track)[1:] * track_steps(track)[:-1], axis=-1)
    lengths = np.linalg.norm(track_steps(track), axis=-1)
    np.testing.assert_allclose(
        turning_angles(track), np.arccos(cosines / lengths[1:] / lengths[:-1]), atol=1e-9
    )


def test_a_track_of_one_step_says_nothing_and_says_why():
    moved = POINTS + 1
    moved[3] = POINTS[3]
    found = line_shapes([POINTS, moved])
    assert np.isnan(found.score).all()
    assert found.n_steps.tolist() == [1, 1, 1, 0] + [1] * (len(POINTS) - 4)
    single = "a track of one step is straight whatever the network does"
    assert found.reason[:5].tolist() == [single] * 3 + ["the point never moves", single]
    rested = line_shapes([POINTS, moved, moved]).score  # one of two steps counts
    assert rested[:3] == pytest.approx(1)


@pytest.mark.parametrize("track", [[], [POINTS]])
def test_a_track_without_a_step_is_refused(track):
    with pytest.raises(GeometryError, match="at least 2"):
        line_shapes(track)


def test_layers_of_several_widths_are_refused():
    with pytest.raises(GeometryError, match=r"sample 1 has shape \(40, 4\)"):
        line_shapes([POINTS, POINTS[:, :4]])
