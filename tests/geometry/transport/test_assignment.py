from itertools import permutations

import numpy as np
import ot
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from geoflow.errors import GeometryError
from geoflow.geometry.transport.assignment import optimal_assignment, w2_distance
from geoflow.geometry.transport.gaussian import covariance, gaussian_map

RNG = np.random.default_rng(0)
PROPERTY = settings(deadline=None, max_examples=150, database=None, derandomize=True)


def relu(points):
    return np.maximum(points, 0)


def pairs(n=150):
    x = RNG.normal(size=(n, 6))
    weights = RNG.normal(size=(6, 6))
    few = np.repeat(RNG.normal(size=(n // 10, 6)), 10, axis=0)
    clusters = np.repeat(RNG.normal(size=(2, 6)), n // 2, axis=0) + 1e-3 * x
    return {
        "random": (x, RNG.normal(size=(n, 6))),
        "far": (x, 1e4 + RNG.normal(size=(n, 6))),
        "layer": (x, relu(x @ weights)),
        "collapsed layer": (relu(x - 1), relu(relu(x - 1) @ weights - 1)),
        "duplicates": (few, relu(few @ weights)),
        "clusters": (clusters, relu(clusters @ weights)),
        "constant": (x, np.ones_like(x)),
        "from constant": (np.ones_like(x), x),
        "lattice": (RNG.integers(0, 3, size=(n, 3)), RNG.integers(0, 3, size=(n, 3))),
        "line": (x[:, :1], np.sin(3 * x[:, :1])),
        "more dimensions than points": (RNG.normal(size=(9, 50)), RNG.normal(size=(9, 50))),
        "float32": (x.astype(np.float32), relu(x @ weights).astype(np.float32)),
        "outlier": (np.vstack([x, [[1e6] * 6]]), np.vstack([relu(x), [[-1e6] * 6]])),
    }


PAIRS = pairs()


@pytest.mark.parametrize("name", PAIRS)
def test_cost_is_that_of_scipy_and_pot_on_the_plain_costs(name):
    x, y = (np.asarray(points, float) for points in PAIRS[name])
    costs = cdist(x, y, "sqeuclidean")
    found = optimal_assignment(x, y)
    assert sorted(found.target.tolist()) == list(range(len(x)))
    rows, columns = linear_sum_assignment(costs)
    np.testing.assert_allclose(found.optimal_cost, costs[rows, columns].sum(), rtol=1e-11)
    np.testing.assert_allclose(found.optimal_cost, ot.emd2([], [], costs) * len(x), rtol=1e-9)
    np.testing.assert_allclose(costs[rows, found.target].sum(), found.optimal_cost, rtol=1e-11)
    np.testing.assert_allclose(found.actual_cost, np.trace(costs), rtol=1e-11)
    np.testing.assert_allclose(w2_distance(x, y), found.w2, rtol=1e-12)


def whole_samples(n, d):
    return arrays(np.int64, (2, n, d), elements=st.integers(-2, 2))


@PROPERTY
@given(
    st.integers(1, 6).flatmap(lambda n: st.integers(1, 2).flatmap(lambda d: whole_samples(n, d)))
)
@example(np.array([[[-1], [0], [0], [1]], [[1], [-2], [0], [1]]]))  # all ways count the same
@example(np.array([[[1], [0], [2], [1]], [[1], [-2], [-2], [-1]]]))
def test_own_images_are_counted_over_all_optimal_assignments(samples):
    x, y = samples
    n = len(x)
    costs = [[int(((a - b) ** 2).sum()) for b in y] for a in x]
    every = {one: sum(costs[i][j] for i, j in enumerate(one)) for one in permutations(range(n))}
    least = min(every.values())
    best = [np.array(one) for one, cost in every.items() if cost == least]
    n_own = [(y[one] == y).all(axis=1).sum() for one in best]
    found = optimal_assignment(x, y)
    assert round(found.optimal_cost, 6) == least
    assert (found.n_least_own, found.is_own.sum()) == (min(n_own), max(n_own))
    assert found.is_unique == all((y[one] == y[best[0]]).all() for one in best)
    np.testing.assert_array_equal(found.is_own, (y[found.target] == y).all(axis=1))


def cheapest_of_cheapest(costs, second):
    """An assignment of least cost, of those one of least second cost (0 or 1 a pair): integers."""
    return linear_sum_assignment(costs * (len(costs) + 1) + second)[1]


@pytest.mark.parametrize("side", [2, 3, 9, 40])
def test_of_many_points_on_a_lattice_against_two_costs_in_one(side):
    for n, d in ((60, 1), (60, 2), (150, 3)):
        x, y = RNG.integers(0, side, size=(2, n, d))
        costs = cdist(x, y, "sqeuclidean").round().astype(int)
        own = cdist(y, y, "cityblock") == 0
        found, rows = optimal_assignment(x, y), np.arange(n)
        assert found.is_own.sum() == own[rows, cheapest_of_cheapest(costs, ~own)].sum()
        assert found.n_least_own == own[rows, cheapest_of_cheapest(costs, own)].sum()
        same = cdist(y[found.target], y, "cityblock") == 0
        other = cheapest_of_cheapest(costs, same)
        assert found.is_unique == same[rows, other].all()


def disjoint(n, dead=0):
    """Samples whose live units have none in common; dead outputs are all the same."""
    live = np.abs(RNG.normal(size=(2, n, 4)))
    x, y = np.hstack([live[0], 0 * live[0]]), np.hstack([0 * live[1], live[1]])
    y[:dead] = 0.0
    return x, y


@pytest.mark.parametrize("dead", [0, 40, 70, 99, 100])
def test_all_assignments_are_optimal_between_layers_whose_live_units_are_disjoint(dead):
    """All images may be foreign but those of a value that more than half of the points have."""
    found = optimal_assignment(*disjoint(100, dead))
    assert found.is_own.all()
    assert found.n_least_own == max(0, 2 * dead - 100)
    assert found.is_unique == (dead == 100)
    assert found.w2 == found.displacement


@pytest.mark.parametrize("name", PAIRS)
def test_own_images_do_not_depend_on_the_order_of_the_points(name):
    x, y = PAIRS[name]

    def said(found):
        return found.is_own.sum(), found.n_least_own, found.is_unique

    expected = said(optimal_assignment(x, y))
    assert expected[1] <= expected[0]
    for _ in range(3):
        order = RNG.permutation(len(x))
        assert said(optimal_assignment(x[order], y[order])) == expected


CONVEX = {
    "shift": lambda x: x + 1e3,
    "tiny shift": lambda x: x + 1e-12,
    "scale": lambda x: 3 * x,
    "collapse": lambda x: 0 * x,
    "relu": relu,
    "exp": np.exp,
    "psd map": lambda x: x @ np.diag(np.arange(x.shape[1]) / 2.0),
}


@pytest.mark.parametrize("name", CONVEX)
@pytest.mark.parametrize("shape", [(400, 1), (200, 4), (20, 30)])
def test_gradients_of_convex_functions_are_optimal(name, shape):
    x = RNG.normal(size=shape).astype(np.float32).astype(float)
    x[: len(x) // 4] = x[len(x) // 4]
    found = optimal_assignment(x, CONVEX[name](x))
    assert found.is_own.all()
    assert found.w2 == found.displacement
    assert found.is_unique or name in ("collapse", "relu", "psd map")


def test_an_outlier_does_not_blunt_what_is_near():
    x, y = PAIRS["random"]
    expected = optimal_assignment(x, y)
    far = np.full((1, 6), 1e5)
    found = optimal_assignment(np.vstack([x, far]), np.vstack([y, far]))
    np.testing.assert_array_equal(found.target[:-1], expected.target)


@pytest.mark.parametrize("unit", [2.0**-1060, 2.0**-600, 2.0**600, 2.0**900])
def test_the_unit_of_the_points_does_not_matter(unit):
    x, y = RNG.integers(-99, 99, size=(2, 50, 3)).astype(float)
    found, expected = optimal_assignment(unit * x, unit * y), optimal_assignment(x, y)
    np.testing.assert_array_equal(found.target, expected.target)
    np.testing.assert_allclose(found.w2, unit * expected.w2, rtol=1e-3)
    assert found.w2 < found.displacement < np.inf


def test_threads_change_nothing():
    x, y = PAIRS["layer"]
    one, two = optimal_assignment(x, y, threads=1), optimal_assignment(x, y, threads=2)
    np.testing.assert_array_equal(one.target, two.target)
    assert one.w2 == two.w2


def test_a_line_is_sorted():
    x, y = RNG.normal(size=(2, 500, 1))
    expected = ot.wasserstein_1d(x[:, 0], y[:, 0], p=2) ** 0.5
    np.testing.assert_allclose(w2_distance(x, y), expected, rtol=1e-9)


def test_the_gaussian_map_is_that_of_pot_and_carries_one_covariance_to_the_other():
    x, y = RNG.normal(size=(2, 200, 5)) @ RNG.normal(size=(5, 5))
    found = gaussian_map(covariance(x), covariance(y))
    np.testing.assert_allclose(found @ covariance(x) @ found, covariance(y), atol=1e-9)
    zero = np.zeros(5)
    pot = ot.gaussian.bures_wasserstein_mapping(zero, zero, covariance(x), covariance(y))[0]
    np.testing.assert_allclose(found, pot, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.zeros((3, 2)), np.zeros((3, 4)), "sample 1 has shape"),
        (np.zeros((3, 2)), np.zeros((4, 2)), "sample 1 has shape"),
        (np.zeros((0, 2)), np.zeros((0, 2)), "have no points"),
        (np.full((3, 2), np.nan), np.zeros((3, 2)), "hold NaN"),
        (np.full((3, 2), 1e305), np.zeros((3, 2)), "scale them down"),
        (np.array([["a"]]), np.zeros((1, 1)), "real numbers"),
    ],
)
def test_samples_that_cannot_be_compared_are_refused(x, y, message):
    with pytest.raises(GeometryError, match=message):
        optimal_assignment(x, y)
