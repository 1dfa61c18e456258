from itertools import accumulate

import numpy as np
import pytest

from geoflow.errors import GeometryError
from geoflow.geometry.transport.speed import (
    NOT_FALLEN,
    NOT_FINITE,
    WEIGHTS_AT_REST,
    WEIGHTS_RETURNED,
    speed_limit,
    weight_path,
)

RNG = np.random.default_rng(0)


def descent(curvatures, start, rate, n_steps):
    """Return weights and losses of gradient descent on sum_i curvature_i theta_i^2 / 2."""
    weights = [np.array(start, float)]
    for _ in range(n_steps):
        weights.append(weights[-1] - rate * curvatures * weights[-1])
    return weights, [float((curvatures * theta**2).sum() / 2) for theta in weights]


@pytest.mark.parametrize("n_steps", [1, 5, 200])
@pytest.mark.parametrize("rate", [1e-3, 0.1, 0.4])
def test_a_quadratic_loss_has_its_closed_form(rate, n_steps):
    curvature = 2.0
    weights, losses = descent(np.array([curvature]), [3.0], rate, n_steps)
    shrunk = (1 - rate * curvature) ** n_steps
    found = speed_limit(weights[0], weights[-1], losses[0], losses[-1], rate, n_steps)
    assert found.time_limit == pytest.approx(2 * (1 - shrunk) / (curvature * (1 + shrunk)))
    assert found.inefficiency == pytest.approx(rate * n_steps / found.time_limit)
    assert found.inefficiency >= (1 - rate * curvature / 2) * (1 - 1e-12)
    if n_steps == 1:  # the bound is met
        assert found.inefficiency == pytest.approx(1 - rate * curvature / 2)


@pytest.mark.parametrize("rate", [1e-4, 0.01])
def test_small_steps_of_gradient_descent_are_at_least_1(rate):
    curvatures = np.array([0.1, 1.0, 5.0])
    weights, losses = descent(curvatures, [1.0, -2.0, 0.5], rate, 2000)
    for until in (10, 100, 2000):
        found = speed_limit(weights[0], weights[until], losses[0], losses[until], rate, until)
        assert found.inefficiency >= 1 - rate * 5 / 2
    assert found.inefficiency > 1


@pytest.mark.parametrize(
    ("first", "last", "losses", "reason"),
    [
        ([1.0], [2.0], (1.0, 1.0), NOT_FALLEN),
        ([1.0], [2.0], (1.0, 2.0), NOT_FALLEN),
        ([1.0], [1.0], (1.0, 0.5), WEIGHTS_AT_REST),
        ([1.0], [np.nan], (1.0, 0.5), NOT_FINITE),
        ([1.0], [2.0], (1.0, np.nan), NOT_FINITE),
        ([1.0], [2.0], (np.inf, 1.0), NOT_FINITE),
        ([1.0], [1e200], (1.0, 0.5), NOT_FINITE),
        ([1e308], [-1e308], (1.0, 0.5), NOT_FINITE),
        ([1.0], [2.0], (5e-324, 0.0), NOT_FINITE),
        ([0.0], [5e-324], (1e300, 0.0), WEIGHTS_AT_REST),
    ],
)
def test_what_has_no_speed_limit_says_why(first, last, losses, reason):
    found = speed_limit(np.array(first), np.array(last), *losses, 0.1, 10)
    assert (found.inefficiency, found.reason) == (None, reason)
    assert found.training_time == pytest.approx(1.0)


def test_a_straight_way_has_ratio_1_and_an_arc_its_own():
    line = [np.full(7, at) for at in (0.0, 0.5, 2.0)]
    assert weight_path(line).ratio == pytest.approx(1.0)
    angles = np.linspace(0, np.pi / 2, 101)
    arc = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert weight_path(arc).length == pytest.approx(200 * np.sin(np.pi / 400))
    assert weight_path(arc).ratio == pytest.approx(200 * np.sin(np.pi / 400) / 2**0.5)


def test_weights_may_be_one_buffer_that_changes():
    steps = RNG.normal(size=(20, 9)).astype(np.float32)

    def trained():
        theta = np.zeros(9, np.float32)
        for step in steps:
            yield theta
            theta += step
        yield theta

    found = weight_path(trained())
    expected = weight_path(accumulate(steps, initial=np.zeros(9, np.float32)))
    assert found == expected
    assert found.length == pytest.approx(
        np.linalg.norm(steps.astype(float), axis=1).sum(), rel=1e-5
    )
    assert found.chord == pytest.approx(np.linalg.norm(steps.sum(axis=0)), rel=1e-5)


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ([[1.0]], WEIGHTS_AT_REST),
        ([[1.0], [1.0]], WEIGHTS_AT_REST),
        ([[1.0], [2.0], [1.0]], WEIGHTS_RETURNED),
        ([[1.0], [np.inf]], NOT_FINITE),
    ],
)
def test_paths_without_a_ratio_say_why(weights, reason):
    found = weight_path(np.array(one) for one in weights)
    assert (found.ratio, found.reason) == (None, reason)


@pytest.mark.parametrize(
    "call",
    [
        lambda: weight_path([]),
        lambda: weight_path([np.zeros((2, 2))]),
        lambda: weight_path([np.zeros(2), np.zeros(3)]),
        lambda: speed_limit(np.zeros(1), np.ones(1), 1.0, 0.0, 0.0, 10),
        lambda: speed_limit(np.zeros(1), np.ones(1), 1.0, 0.0, 0.1, 0),
    ],
)
def test_what_is_no_training_is_refused(call):
    with pytest.raises(GeometryError):
        call()
