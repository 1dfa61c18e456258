import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from geoflow.geometry.transport.matching import cheapest_matching

RNG = np.random.default_rng(0)


def made(kind, n):
    match kind:
        case "random":
            return RNG.random((n, n))
        case "whole numbers":
            return RNG.integers(0, 4, (n, n)).astype(float)
        case "all the same":
            return np.full((n, n), 3.0)
        case "some forbidden":
            costs = np.where(RNG.random((n, n)) < 0.7, np.inf, RNG.integers(0, 3, (n, n)))
            costs[np.arange(n), RNG.permutation(n)] = 5.0
            return costs
        case "a staircase":  # every path is as long as it can be
            return np.subtract.outer(np.arange(n), np.arange(n)) ** 2.0 + np.eye(n)


KINDS = ("random", "whole numbers", "all the same", "some forbidden", "a staircase")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 2, 7, 60])
def test_cost_is_that_of_scipy_and_potentials_prove_it(kind, n):
    costs = made(kind, n)
    before, rows = costs.copy(), np.arange(n)
    target, v = cheapest_matching(costs)
    np.testing.assert_array_equal(costs, before)
    assert sorted(target) == list(rows)
    best = costs[rows, linear_sum_assignment(costs)[1]].sum()
    assert costs[rows, target].sum() == pytest.approx(best, rel=1e-12)
    u = costs[rows, target] - v[target]
    assert (u[:, None] + v <= costs + 1e-12).all()


def test_a_start_is_gone_on_from():
    costs = made("whole numbers", 40)
    free = np.flatnonzero((costs == 0).any(axis=1))[:3]
    start = np.full(40, -1)
    for i in free:
        open_columns = np.setdiff1d(np.flatnonzero(costs[i] == 0), start)
        start[i] = open_columns[0]
    target, _ = cheapest_matching(costs, start)
    assert (start >= 0).sum() == 3
    rows = np.arange(40)
    best = costs[rows, linear_sum_assignment(costs)[1]].sum()
    assert costs[rows, target].sum() == best
