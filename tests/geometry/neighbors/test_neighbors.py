from itertools import permutations

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from geoflow.geometry.neighbors import knn
from geoflow.geometry.neighbors.knn import neighbors

RNG = np.random.default_rng(0)
GRID = np.stack(np.meshgrid(*[np.arange(4.0)] * 3), -1).reshape(-1, 3)
ODD = (0.1, 0.2, 0.3, 0.7)  # no sum of their squares is the same in every order
BITS = {  # point 2 is closer to point 0 than point 1 is, by less than a plain sum can see
    "rounded differences": np.array([[1.0] * 64, [0.0] * 64, [2.0**-54] * 64]),
    "rounded squares": np.array([[0.0] * 3, [0.2, 0.7, 0.9], [0.7, 0.7, 0.6]]),
}
CLOUDS = {
    "random float64": RNG.normal(size=(50, 3)),
    "random float32": RNG.normal(size=(50, 5)).astype(np.float32),
    "lattice": GRID,
    "duplicates": np.repeat(RNG.normal(size=(12, 2)), 4, axis=0),
    "relu": np.maximum(RNG.normal(size=(60, 6)) - 1, 0).astype(np.float32),
    "large offset": 1e6 + 1e-6 * RNG.normal(size=(50, 3)),
    "large offset lattice": 1e6 + GRID / 1024,
    "far outlier": np.vstack([GRID * 1e-7, [[1e6] * 3]]),
    "tiny": 1e-200 * RNG.normal(size=(30, 3)),
    "tiny lattice": 2.0**-900 * GRID,
    "subnormal": 5e-324 * GRID,
    "huge": 1e200 * RNG.normal(size=(30, 3)),
    "huge lattice": 2.0**900 * GRID,
    "one coordinate": RNG.normal(size=(50, 1)),
    "one coordinate, ties": RNG.integers(0, 20, size=(50, 1)),
    "images": RNG.integers(0, 3, size=(20, 784)) / 255,
    "wide float32": RNG.normal(size=(20, 784)).astype(np.float32),
    "permuted coordinates": np.vstack([np.zeros(4), *permutations(ODD)]),
    **BITS,
}
PROPERTY = settings(deadline=None, max_examples=80, database=None, derandomize=True)


def rows(ranked):
    """Return (index, min_rank) of each neighbour, a list per point."""
    pairs = list(zip(ranked.index.tolist(), ranked.min_rank.tolist(), strict=True))
    return [
        pairs[start:stop] for start, stop in zip(ranked.indptr, ranked.indptr[1:], strict=False)
    ]


def oracle_rows(points, max_rank):
    return [[near[:2] for near in row] for row in oracles.ranked_neighbors(points, max_rank)]


def assert_same(one, other):
    for field in ("indptr", "index", "distance", "min_rank"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


@pytest.mark.parametrize("name", CLOUDS)
def test_neighbours_are_those_of_exact_arithmetic(name):
    points = CLOUDS[name]
    for max_rank in {1, 2, min(6, len(points) - 1), len(points) - 1}:
        assert rows(neighbors(points, max_rank)) == oracle_rows(points, max_rank)


@pytest.mark.parametrize("name", CLOUDS)
def test_distances_are_right_to_the_last_bits(name):
    points = CLOUDS[name]
    expected = [near[2] for row in oracles.ranked_neighbors(points, 5) for near in row]
    bound = (points.shape[1] + 3) * 2.0**-53
    found = neighbors(points, min(5, len(points) - 1)).distance
    np.testing.assert_allclose(found, expected, rtol=bound, atol=5e-324)


@PROPERTY
@given(
    arrays(np.int64, st.tuples(st.integers(2, 14), st.integers(1, 3)), elements=st.integers(-2, 2)),
    st.data(),
)
def test_neighbours_of_small_integers_are_exact(points, data):
    max_rank = data.draw(st.integers(1, len(points) - 1))
    assert rows(neighbors(points, max_rank)) == oracle_rows(points, max_rank)


@PROPERTY
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(3, 10), st.integers(2, 11)),
        elements=st.sampled_from((0.0, *ODD, 1 / 3, 0.6000000000000001)),
    )
)
def test_neighbours_of_near_ties_are_exact(points):
    n = len(points)
    assert rows(neighbors(points, n - 1)) == oracle_rows(points, n - 1)


def ranked_whole_numbers(points, max_rank):
    """Return index and min_rank of all rows: int64 arithmetic is exact and quick."""
    squares = sum((column[:, None] - column) ** 2 for column in points.T)
    np.fill_diagonal(squares, np.iinfo(np.int64).max)
    index = np.argsort(squares, axis=1, kind="stable")[:, :-1]
    ordered = np.take_along_axis(squares, index, axis=1)
    is_new = np.diff(ordered, axis=1, prepend=-1) > 0
    places = np.arange(1, len(points))
    min_rank = np.maximum.accumulate(np.where(is_new, places, 0), axis=1)
    return index[min_rank <= max_rank], min_rank[min_rank <= max_rank]


@pytest.mark.parametrize("d", [1, 3, 4, 9])
@pytest.mark.parametrize("n", [2, 3, 9, 65, 511, 513, 1030])
def test_whole_numbers_are_exact_at_every_size(n, d):
    points = np.random.default_rng(n).integers(-30, 30, size=(n, d))
    for max_rank in {1, min(5, n - 1), max(1, n // 3), n - 1}:
        ranked = neighbors(points, max_rank)
        index, min_rank = ranked_whole_numbers(points, max_rank)
        np.testing.assert_array_equal(ranked.index, index)
        np.testing.assert_array_equal(ranked.min_rank, min_rank)


@pytest.mark.parametrize("period", [2, 4, 8])
@pytest.mark.parametrize("spread", [0, 5, 1000])
def test_regular_order_of_clusters_is_no_trap(period, spread):
    points = np.random.default_rng(period).integers(0, 1 + spread, size=(400, 2))
    points[::period] += 10**5  # whoever samples every so many points sees one cluster only
    for max_rank in (1, 20, 399 // period, 200, 330, 398, 399):
        ranked = neighbors(points, max_rank)
        index, min_rank = ranked_whole_numbers(points, max_rank)
        np.testing.assert_array_equal(ranked.index, index)
        np.testing.assert_array_equal(ranked.min_rank, min_rank)


@pytest.mark.parametrize("name", BITS)
def test_order_that_plain_sums_get_wrong_is_exact(name):
    plain = [sum((BITS[name][0] - point) ** 2) for point in BITS[name]]
    assert plain[1] <= plain[2]
    assert rows(neighbors(BITS[name], 2))[0] == [(2, 1), (1, 2)]


def test_permuted_coordinate_differences_tie():
    shuffles = list(permutations(ODD))
    assert len({sum(value**2 for value in one) for one in shuffles}) > 1  # plain sums differ
    ranked = neighbors(np.vstack([np.zeros(4), *shuffles]), 1)
    assert rows(ranked)[0] == [(j, 1) for j in range(1, 25)]


@pytest.mark.parametrize("name", CLOUDS)
def test_order_of_coordinates_does_not_matter(name):
    points = CLOUDS[name]
    expected = rows(neighbors(points, 2))
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(points.shape[1])
        assert rows(neighbors(points[:, order], 2)) == expected


def test_order_of_coordinates_does_not_matter_half_way_between_floats():
    point = np.array([1.0, 2.0**-27, 2.0**-27, *[2.0**-54] * 5])
    ranked = neighbors(np.stack([np.zeros(8), point, point[::-1]]), 1)
    assert rows(ranked)[0] == [(1, 1), (2, 1)]


def test_the_smallest_float32_differences_beside_the_largest_keep_their_order():
    points = np.array([[0.0], [3e-45], [1.5e-45], [3e38]], np.float32)
    assert rows(neighbors(points, 1))[0] == [(2, 1)]


@pytest.mark.parametrize("name", ["random float32", "relu", "permuted coordinates"])
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("block_bytes", [1, 3000, 2**22])
def test_threads_and_blocks_do_not_matter(name, threads, block_bytes, monkeypatch):
    expected = neighbors(CLOUDS[name], 7, threads=1)
    monkeypatch.setattr(knn, "BLOCK_BYTES", block_bytes)
    assert_same(neighbors(CLOUDS[name], 7, threads), expected)


@pytest.mark.parametrize("name", CLOUDS)
def test_min_rank_is_standard_competition_rank(name):
    points = CLOUDS[name]
    n = len(points)
    squares, _ = oracles.squared_distances(points)
    ranked = neighbors(points, n - 1)
    table = np.zeros((n, n), int)
    table[np.repeat(np.arange(n), np.diff(ranked.indptr)), ranked.index] = ranked.min_rank
    for i in range(n):
        others = np.arange(n) != i
        np.testing.assert_array_equal(
            table[i, others], rankdata(squares[i, others], method="min").astype(int)
        )


@pytest.mark.parametrize("name", ["lattice", "relu", "random float64"])
@pytest.mark.parametrize("k", [1, 3, 10])
def test_a_ranking_holds_that_of_every_smaller_k(name, k):
    longer = rows(neighbors(CLOUDS[name], 20))
    assert rows(neighbors(CLOUDS[name], k)) == [
        [near for near in row if near[1] <= k] for row in longer
    ]


def test_rank_is_the_place_in_the_row():
    ranked = neighbors(CLOUDS["relu"], 4)
    expected = np.concatenate([np.arange(1, size + 1) for size in np.diff(ranked.indptr)])
    points, ranks = ranked.places(np.arange(len(ranked.index)))
    np.testing.assert_array_equal(ranks, expected)
    np.testing.assert_array_equal(points, np.repeat(np.arange(ranked.n), np.diff(ranked.indptr)))


@pytest.mark.parametrize("name", CLOUDS)
def test_n_distinct_counts_distinct_rows(name):
    points = CLOUDS[name]
    assert neighbors(points, 1).n_distinct == len(np.unique(points, axis=0))


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.int8, np.int64, np.uint8, bool])
def test_number_types_do_not_matter(kind):
    points = RNG.integers(0, 2, size=(20, 3))
    assert_same(neighbors(points.astype(kind), 3), neighbors(points.astype(float), 3))


def test_points_are_left_as_they_were():
    points = CLOUDS["large offset"].copy()
    neighbors(points, 3)
    np.testing.assert_array_equal(points, CLOUDS["large offset"])


@pytest.mark.parametrize("view", [np.asfortranarray, lambda points: np.repeat(points, 2, 0)[::2]])
def test_memory_layout_does_not_matter(view):
    points = CLOUDS["random float64"]
    assert_same(neighbors(view(points), 3), neighbors(points, 3))
