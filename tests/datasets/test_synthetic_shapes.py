"""Every synthetic set is taken back to its formula: parameters recovered from the points."""

import numpy as np
import pytest

from geoflow.datasets import load
from geoflow.datasets._synthetic import SYNTHETIC
from geoflow.specs import DatasetSpec

N = 4000
ATOL = 1e-5


def classes_of(name: str, **options) -> tuple[np.ndarray, np.ndarray]:
    made = load(DatasetSpec(name, seed=3, n_test=N, options=options))
    x = made.x_test.astype(np.float64)
    return x[made.y_test == 0], x[made.y_test == 1]


def assert_uniform(values: np.ndarray, low: float, high: float) -> None:
    """Kolmogorov's distance to U(low, high), at a level of about 1e-6, and both ends reached."""
    ranks = np.sort((values - low) / (high - low))
    assert ranks[0] > -ATOL and ranks[-1] < 1 + ATOL
    assert ranks[0] < 15 / len(ranks) and ranks[-1] > 1 - 15 / len(ranks)
    steps = np.arange(len(ranks) + 1) / len(ranks)
    distance = max(np.abs(ranks - steps[1:]).max(), np.abs(ranks - steps[:-1]).max())
    assert distance < 2.7 / np.sqrt(len(ranks))


def spiral_parameters(x: np.ndarray, turn: float) -> tuple[np.ndarray, np.ndarray]:
    """(t, w) of roll points: t is the angle plus the whole turns that bring it within 1 of r."""
    r = np.hypot(x[:, 0], x[:, 2])
    angle = np.arctan2(x[:, 0], x[:, 2]) + turn
    t = angle + 2 * np.pi * np.round((r - angle) / (2 * np.pi))
    return t, r - t


@pytest.mark.parametrize("thickness", [0, 0.25, 1])
def test_a_is_two_rolls_half_a_turn_apart(thickness):
    rolls = classes_of("synthetic_a", thickness=thickness)
    for x, turn in zip(rolls, (0, np.pi), strict=True):
        t, w = spiral_parameters(x, turn)
        assert_uniform(t, 1.5 * np.pi, 4.5 * np.pi)
        assert_uniform(x[:, 1], 0, 21)
        assert abs(np.corrcoef(t, x[:, 1])[0, 1]) < 0.1
        if thickness == 0:
            assert np.abs(w).max() < ATOL
        else:
            assert_uniform(w, -thickness, thickness)
            assert abs(np.corrcoef(t, w)[0, 1]) < 0.1


def test_a_has_thin_sheets_by_default():
    thin = load(DatasetSpec("synthetic_a", options={"thickness": 0}))
    assert (load(DatasetSpec("synthetic_a")).x_train == thin.x_train).all()


def test_a_read_half_a_turn_off_is_no_roll():
    _, w = spiral_parameters(classes_of("synthetic_a", thickness=1)[0], np.pi)
    assert np.abs(w).min() > np.pi - 1 - ATOL  # what the recovery above would see of a slip


def radius_to_nearer(x: np.ndarray, shape: str) -> np.ndarray:
    used = [0, 1, 2] if shape == "balls" else [0, 2]
    centres = np.array([[0, 0, 0], [0, 0, 3]])
    return np.linalg.norm((x[:, None] - centres)[:, :, used], axis=2).min(axis=1)


@pytest.mark.parametrize("shape", ["rods", "balls"])
@pytest.mark.parametrize("gap", [0.0, 0.15, 0.4])
def test_b_has_solids_of_radius_1_and_an_empty_gap(shape, gap):
    outside, inside = classes_of("synthetic_b", shape=shape, gap=gap)
    r = radius_to_nearer(inside, shape)
    assert_uniform(r ** (3 if shape == "balls" else 2), 0, 1)
    is_upper = inside[:, 2] > 1.5
    assert 0.45 < is_upper.mean() < 0.55  # both solids alike
    assert_uniform(np.arctan2(inside[:, 2] - 3 * is_upper, inside[:, 0]), -np.pi, np.pi)
    if shape == "rods":
        assert_uniform(inside[:, 1], -2, 2)
    r = radius_to_nearer(outside, shape)
    assert 1 + gap - ATOL < r.min() < 1 + gap + 0.1
    low, high = outside.min(axis=0), outside.max(axis=0)
    assert np.all(low >= [-2, -2, -2]) and np.allclose(low, [-2, -2, -2], atol=0.05)
    assert np.all(high <= [2, 2, 5]) and np.allclose(high, [2, 2, 5], atol=0.05)
    if shape == "rods":
        assert_uniform(outside[:, 1], -2, 2)


def test_b_box_outside_the_rods_is_filled_evenly():
    outside, _ = classes_of("synthetic_b", gap=0.0)
    slab = (4 - np.pi / 2) / (
        4 * 7 - 2 * np.pi
    )  # of the area: the slice -1 < z < 0 loses half a rod
    share = ((outside[:, 2] > -1) & (outside[:, 2] < 0)).mean()
    assert abs(share - slab) < 4 * np.sqrt(slab / len(outside))


def test_c_is_a_wave_and_a_flat_slab():
    slab, sheet = classes_of("synthetic_c")
    assert np.allclose(sheet[:, 2], 2 * np.sin(2 * sheet[:, 0]), atol=ATOL)
    assert_uniform(slab[:, 2], -0.41, 0.41)
    for x in (slab, sheet):
        assert_uniform(x[:, 0], 0, 2 * np.pi)
        assert_uniform(x[:, 1], 0, np.pi)
    assert abs(np.corrcoef(slab[:, 2], np.sin(2 * slab[:, 0]))[0, 1]) < 0.1
    # the published ceiling: the share of the sheet in the slab is lost, half of the points
    assert abs(1 - (np.abs(sheet[:, 2]) < 0.41).mean() / 2 - 0.934) < 0.02


def test_circles_have_their_radii_and_noise():
    for x, radius in zip(classes_of("circles", factor=0.5, noise=0), (1, 0.5), strict=True):
        assert np.allclose(np.linalg.norm(x, axis=1), radius, atol=ATOL)
        assert_uniform(np.arctan2(x[:, 1], x[:, 0]), -np.pi, np.pi)
    for x, radius in zip(classes_of("circles"), (1, 0.8), strict=True):
        off = np.linalg.norm(x, axis=1) - radius
        assert abs(off.std() - 0.05) < 0.004
        assert abs(off.mean()) < 0.006
    x = classes_of("circles", factor=0, noise=0.3)[1]  # noise alone
    assert np.allclose(x.std(axis=0), 0.3, atol=0.02)


def test_inner_discs_fill_the_holes_of_the_outer():
    outside, inside = classes_of("inner_discs")
    centres = np.array([[0, 0.5], [0, -0.5], [0.5, 0], [-0.5, 0]])
    to_nearest = np.linalg.norm(inside[:, None] - centres, axis=2)
    assert_uniform(to_nearest.min(axis=1) ** 2, 0, 0.04)
    nearest = to_nearest.argmin(axis=1)
    assert np.all(np.bincount(nearest) > 0.2 * len(inside))
    off = inside - centres[nearest]
    assert_uniform(np.arctan2(off[:, 1], off[:, 0]), -np.pi, np.pi)
    assert np.linalg.norm(outside[:, None] - centres, axis=2).min() > 0.2 - ATOL
    r = np.linalg.norm(outside, axis=1)
    assert 0.98 < r.max() < 1 + ATOL
    assert abs((r < 0.3).mean() - 0.09 / 0.84) < 0.03  # uniform: area of the middle over the rest


def test_cylinders_are_two_touching_shells():
    outer, inner = classes_of("cylinders")
    assert_uniform(np.hypot(outer[:, 0], outer[:, 1]), 0.9, 1.1)
    assert_uniform(np.hypot(inner[:, 0], inner[:, 1]), 0.7, 0.9)
    for x in (outer, inner):
        assert_uniform(x[:, 2], -1, 1)
        assert_uniform(np.arctan2(x[:, 1], x[:, 0]), -np.pi, np.pi)


def test_tori_are_solid_disjoint_and_linked():
    flat, upright = classes_of("tori")
    to_flat = lambda x: np.hypot(np.hypot(x[:, 0], x[:, 1]) - 2, x[:, 2])  # noqa: E731
    to_upright = lambda x: np.hypot(np.hypot(x[:, 0] - 2, x[:, 2]) - 2, x[:, 1])  # noqa: E731
    assert_uniform(to_flat(flat) ** 2, 0, 0.75**2)
    assert_uniform(to_upright(upright) ** 2, 0, 0.75**2)
    assert to_flat(upright).min() > 1 and to_upright(flat).min() > 1  # disjoint, with room
    # linked: the core of one crosses the disc spanned by the other's core exactly once
    crossing = upright[np.abs(upright[:, 2]) < 0.1]
    in_disc = np.hypot(crossing[:, 0], crossing[:, 1]) < 2
    assert in_disc.any() and (~in_disc).any()
    assert np.all(np.hypot(crossing[in_disc, 0], crossing[in_disc, 1]) < 1)
    assert np.all(np.hypot(crossing[~in_disc, 0] - 4, crossing[~in_disc, 1]) < 1)
    angle = np.arctan2(upright[:, 2], upright[:, 0] - 2)
    assert_uniform(angle, -np.pi, np.pi)


@pytest.mark.parametrize("name", SYNTHETIC)
def test_seeds_streams_and_balance(name):
    made = load(DatasetSpec(name, seed=5, n_train=301, n_test=99))
    again = load(DatasetSpec(name, seed=5, n_train=301, n_test=99))
    other = load(DatasetSpec(name, seed=6, n_train=301, n_test=99))
    longer = load(DatasetSpec(name, seed=5, n_train=40, n_test=99))
    assert np.array_equal(made.x_train, again.x_train)
    assert made.fingerprint == again.fingerprint == longer.fingerprint
    assert made.fingerprint != other.fingerprint
    assert not np.isin(made.x_train, other.x_train).all(axis=1).any()
    for x, y, n in ((made.x_train, made.y_train, 301), (made.x_test, made.y_test, 99)):
        assert x.dtype == np.float32 and x.flags.c_contiguous and y.dtype == np.int64
        assert y.tolist() == [0] * (n // 2) + [1] * (n - n // 2)
        assert len(x) == n and np.isfinite(x).all()
    together = np.concatenate([made.x_train, made.x_test])
    assert len(np.unique(together, axis=0)) == 400  # no point twice, none in both sets
    assert made.n_features == SYNTHETIC[name].n_features


def test_defaults_are_a_thousand_points_and_the_spec_is_filled_in():
    made = load(DatasetSpec("synthetic_b"))
    assert made.x_train.shape == made.x_test.shape == (1000, 3)
    assert made.spec == DatasetSpec(
        "synthetic_b", 0, 1000, 1000, None, {"shape": "rods", "gap": 0.15}
    )
    assert load(made.spec).fingerprint == made.fingerprint
