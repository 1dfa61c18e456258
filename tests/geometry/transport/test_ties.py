"""Optimal assignments are the perfect matchings of tight pairs: all of them, one by one."""

from itertools import permutations

import networkx
import numpy as np
import pytest

from geoflow.geometry.transport.ties import optimal_ties, strong_components

RNG = np.random.default_rng(0)


def made(n, share):
    """Tight pairs with a matching among them, that of the diagonal."""
    return (RNG.random((n, n)) < share) | np.eye(n, dtype=bool)


@pytest.mark.parametrize("n_values", [1, 2, 3, 6])
def test_most_least_and_uniqueness_are_those_of_all_matchings(n_values):
    seen = set()
    for share in np.repeat([0.05, 0.2, 0.3, 0.5, 0.8], 30):
        n = int(RNG.integers(1, 7))
        tight, target = made(n, share), RNG.permutation(n)
        values = RNG.integers(0, n_values, n)
        every = [
            target[list(one)]
            for one in permutations(range(n))
            if all(tight[i, k] for i, k in enumerate(one))
        ]
        n_own = [int((values[one] == values).sum()) for one in every]
        found = optimal_ties(tight, target, values)
        for one, expected in ((found.most_own, max(n_own)), (found.least_own, min(n_own))):
            assert one.tolist() in [other.tolist() for other in every]
            assert (values[one] == values).sum() == expected
        assert found.is_unique == all((values[one] == values[target]).all() for one in every)
        seen.add((found.is_unique, min(n_own) < max(n_own), len(every) > 1))
    if n_values > 1:
        assert seen >= {(True, False, False), (False, True, True), (False, False, True)}


@pytest.mark.parametrize("share", [0.0, 0.01, 0.02, 0.05, 1.0])
def test_strong_components_are_those_of_networkx(share):
    arcs = made(80, share)
    part = strong_components(arcs)
    graph = networkx.from_numpy_array(arcs, create_using=networkx.DiGraph)
    expected = {frozenset(some) for some in networkx.strongly_connected_components(graph)}
    assert {frozenset(np.flatnonzero(part == one)) for one in range(part.max() + 1)} == expected


def test_a_cycle_through_all_points_is_found_however_long_it_is():
    n = 3000
    arcs = np.eye(n, dtype=bool) | np.roll(np.eye(n, dtype=bool), 1, axis=1)
    assert not strong_components(arcs).any()
    arcs[n - 1, 0] = False
    assert strong_components(arcs).max() == n - 1
