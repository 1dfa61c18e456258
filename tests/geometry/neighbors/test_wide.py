"""Wide points: candidates of single precision change no neighbour, tie or distance."""

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geoflow.geometry.neighbors import knn, wide
from geoflow.geometry.neighbors.products import TILE_POINTS
from geoflow.geometry.neighbors.wide import centred_points, wide_candidates

RNG = np.random.default_rng(0)
NORMAL = RNG.normal(size=(700, 70))
CLOUDS = {
    "random": NORMAL,
    "relu": np.maximum(NORMAL, 0).astype(np.float32),
    "lattice": RNG.integers(0, 2, (700, 9)),
    "images": (RNG.integers(0, 256, (530, 300)) // 64 * 64).astype(np.uint8),
    "duplicates": np.repeat(NORMAL[:140], 5, axis=0),
    "planted ties": np.vstack([NORMAL[:300], NORMAL[:300, ::-1], NORMAL[:9] + 1e-16]),
    "far": 1e6 + 1e-3 * NORMAL,
    "farther": (1e6 + NORMAL).astype(np.float32),
    "tiny": (1e-30 * NORMAL).astype(np.float32),
    "huge": (1e30 * NORMAL).astype(np.float32),
    "denormal": (RNG.integers(-40, 40, (600, 6)) * np.float32(1e-45)).astype(np.float32),
    "tiny float64": 1e-200 * NORMAL,
    "huge float64": 1e200 * NORMAL,
    "outlier": np.vstack([1e-7 * NORMAL, np.full((1, 70), 1e6)]),
    "half dead": np.vstack([NORMAL[:300], np.zeros((300, 70))]),
    "wide": RNG.normal(size=(520, 1030)).astype(np.float32),
    "one tile": NORMAL[:TILE_POINTS],
    "one more": NORMAL[: TILE_POINTS + 1],
}
FIELDS = ("indptr", "index", "distance", "min_rank")


def ranked(points, max_rank, is_wide, threads=None):
    """Return the neighbours, found from candidates or by measuring all, whatever is faster."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(knn, "is_wide", lambda *_: is_wide)
        return knn.neighbors(points, max_rank, threads)


def assert_same(one, other):
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


@pytest.mark.parametrize("name", CLOUDS)
def test_neighbours_are_those_of_measuring_all(name):
    points = CLOUDS[name]
    for max_rank in (1, 12, len(points) // 5):
        assert_same(ranked(points, max_rank, True), ranked(points, max_rank, False))


@pytest.mark.parametrize("name", ["random", "relu", "wide", "planted ties"])
@pytest.mark.parametrize(
    ("where", "value"),
    [("TILE_BYTES", 0), ("MOST_CANDIDATES", 1), ("WIDE_BLOCK", 64), ("SUMMED", 4)],
)
def test_room_and_parts_do_not_matter(name, where, value, monkeypatch):
    expected = ranked(CLOUDS[name], 9, False)
    monkeypatch.setattr(wide, where, value)
    for threads in (1, 3):
        assert_same(ranked(CLOUDS[name], 9, True, threads), expected)


@pytest.mark.parametrize("name", CLOUDS)
def test_few_candidates_are_left(name):
    points, _ = knn.prepared(CLOUDS[name], 10)
    near = wide_candidates(centred_points(points, 1), 0, 256, 10, knn.closeness(points))
    expected = knn.neighbors(points, 10).indptr[256] / 256
    if name == "outlier":  # all others are nearer to each other than the bound can tell
        assert near is None or near[1].mean() > 600
    else:
        assert expected <= near[1].mean() < 1.5 * expected


def test_more_candidates_than_there_is_room_for_are_none(monkeypatch):
    monkeypatch.setattr(wide, "MOST_CANDIDATES", 300)
    assert wide_candidates(centred_points(np.zeros((700, 40)), 1), 0, 256, 3, 0.0) is None


FLOATS = st.floats(-4, 4, width=32) | st.sampled_from((0.0, 1e-45, -1e-38, 3.0, 1 / 3))


@settings(deadline=None, max_examples=60, database=None, derandomize=True)
@given(
    arrays(np.float32, st.tuples(st.integers(3, 9), st.integers(1, 9)), elements=FLOATS),
    st.sampled_from((1.0, 2.0**-100, 2.0**90)),
    st.sampled_from((0.0, 1.0, 1e3)),
)
def test_every_square_is_between_its_bounds(points, size, offset):
    points = (points * np.float32(size) + np.float32(offset * size)).astype(np.float32)
    exact, unit = oracles.squared_distances(points)
    found = centred_points(points, 1)
    _, exponent = wide.centre_of(points, 1)
    tile = found.tile(0, 0)[:, : len(points)]
    lowest = found.lower - 2 * (tile.T @ tile) + found.lower[:, None]
    highest = lowest + found.upper + found.upper[:, None]
    truth = np.ldexp(exact, 2 * (unit - exponent))
    apart = ~np.eye(len(points), dtype=bool)
    assert (lowest <= truth)[apart].all()
    assert (truth <= highest)[apart].all()


@settings(deadline=None, max_examples=60, database=None, derandomize=True)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(2, 12), st.integers(1, 9)),
        elements=st.sampled_from((0.0, 0.1, 0.2, 0.3, 0.7, 1 / 3, 0.6000000000000001)),
    ),
    st.sampled_from((np.float32, np.float64)),
    st.sampled_from((0.0, 1e3, 1e8)),
    st.data(),
)
def test_near_ties_are_those_of_exact_arithmetic(points, kind, offset, data):
    points = (points + offset).astype(kind)
    max_rank = data.draw(st.integers(1, len(points) - 1))
    found = ranked(points, max_rank, True)
    expected = oracles.ranked_neighbors(points, max_rank)
    assert found.index.tolist() == [near[0] for row in expected for near in row]
    assert found.min_rank.tolist() == [near[1] for row in expected for near in row]


def test_float32_points_are_not_copied():
    points = CLOUDS["wide"]
    assert knn.checked_points(points) is points
    assert knn.prepared(points, 3)[0] is points


def test_columns_in_parts_are_the_same(monkeypatch):
    expected = ranked(CLOUDS["relu"], 9, False)
    monkeypatch.setattr(knn, "COLUMN_BYTES", 8 * 700 * 11)
    assert_same(ranked(CLOUDS["relu"], 9, False), expected)
    assert len(list(knn.column_blocks(CLOUDS["relu"])())) > 5
