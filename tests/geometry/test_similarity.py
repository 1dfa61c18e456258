"""Linear CKA against its definition with kernels and centring matrices, and closed forms."""

import numpy as np
import pytest
from oracles import cka as cka_of_kernels

import geoflow
from geoflow.errors import DatasetError, GeometryError
from geoflow.geometry import similarity
from geoflow.geometry.similarity import linear_cka, needs_gram, similarities
from geoflow.measure import Activations
from geoflow.measure.similarity import similarity_frame

BOTH = pytest.mark.parametrize("is_unbiased", [False, True])


def turned(points, seed=1):
    """Points rotated, scaled and moved."""
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.normal(size=(points.shape[1],) * 2))[0]
    return 3 * points @ rotation + rng.normal(size=points.shape[1])


@BOTH
@pytest.mark.parametrize("widths", [(3, 5), (3, 60), (60, 3), (60, 90), (1, 1), (20, 21)])
def test_it_is_that_of_kernels(widths, is_unbiased):
    """40 points: up to 20 coordinates are compared by coordinates, more by points."""
    rng = np.random.default_rng(sum(widths))
    points = rng.normal(size=(40, widths[0])) + 4
    others = points[:, :1] ** 2 + rng.normal(size=(40, widths[1]))
    assert [needs_gram(40, d) for d in (20, 21)] == [False, True]
    expected = cka_of_kernels(points, others, is_unbiased)
    assert linear_cka(points, others, is_unbiased=is_unbiased) == pytest.approx(expected, abs=1e-9)
    assert linear_cka(others, points, is_unbiased=is_unbiased) == pytest.approx(expected, abs=1e-9)


@BOTH
@pytest.mark.parametrize("d", [2, 70])
@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_rotated_and_scaled_copies_are_the_same(d, scale, is_unbiased):
    points = np.random.default_rng(d).normal(size=(60, d))
    copy = turned(points) * scale
    assert linear_cka(points, copy, is_unbiased=is_unbiased) == pytest.approx(1, abs=1e-9)


def test_of_independent_layers_the_unbiased_one_has_mean_0_and_the_other_grows_with_d():
    rng = np.random.default_rng(0)
    pairs = [(rng.normal(size=(50, 25)), rng.normal(size=(50, 25))) for _ in range(200)]
    biased = np.mean([linear_cka(*pair) for pair in pairs])
    unbiased = np.array([linear_cka(*pair, is_unbiased=True) for pair in pairs])
    # E |X'Y|^2 = n d^2 and E |X'X|^2 = n d (n + d + 1): their ratio is d / (n + d + 1)
    assert biased == pytest.approx(25 / 76, rel=0.05)
    assert abs(unbiased.mean()) < 4 * unbiased.std() / np.sqrt(len(unbiased))


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(3)
    layers = [rng.normal(size=(50, d)).astype(np.float32) for d in (3, 20, 60)]
    whole = [(at, to, one.linear_cka, one.unbiased_cka) for at, to, one in similarities(layers)]
    monkeypatch.setattr(similarity, "CENTRED_AT_ONCE", 7)
    blocks = [(at, to, one.linear_cka, one.unbiased_cka) for at, to, one in similarities(layers)]
    assert len(whole) == 3
    assert np.array(blocks) == pytest.approx(np.array(whole), rel=1e-12)


def test_what_is_not_defined_has_a_reason():
    points = np.random.default_rng(0).normal(size=(30, 2))
    ((_, _, still),) = similarities([points, np.full((30, 3), 0.1)])
    assert (still.linear_cka, still.unbiased_cka, still.reason) == (None, None, similarity.SAME)
    ((_, _, few),) = similarities([points[:3], points[3:6]])
    assert few.linear_cka is not None
    assert (few.unbiased_cka, few.reason) == (None, similarity.TOO_FEW)
    ((_, _, flat),) = similarities([np.eye(30), points])
    assert (flat.unbiased_cka, flat.reason) == (None, similarity.EQUIDISTANT)
    with pytest.raises(GeometryError, match="30 points beside 29"):
        linear_cka(points, points[1:])


def test_wide_layers_of_many_points_are_compared_on_some(monkeypatch):
    monkeypatch.setattr("geoflow.measure.similarity.MOST_COMPARED", 40)
    rng = np.random.default_rng(0)
    points = rng.normal(size=(60, 50))
    wide, narrow = similarity_frame([points, turned(points)]), similarity_frame([points[:, :9]] * 2)
    assert wide.select("n_points", "sample_seed").rows() == [(40, 0)]
    assert wide["unbiased_cka"].item() == pytest.approx(1)
    assert narrow.select("n_points", "sample_seed").rows() == [(60, None)]


def test_two_networks_are_compared_layer_by_layer(layers_of, tmp_path):
    one, other = layers_of(1, 30, (4, 3, 2)), layers_of(2, 30, (4, 5))
    np.savez(tmp_path / "one.npz", **one)
    found = geoflow.cka(tmp_path / "one.npz", other)
    assert found.select("layer", "other_layer").rows() == [(i, j) for i in range(3) for j in (0, 1)]
    for i, j, value in found.select("layer", "other_layer", "unbiased_cka").rows():
        pair = (arrays[f"layer_{at:02d}"].astype(float) for arrays, at in ((one, i), (other, j)))
        assert value == pytest.approx(cka_of_kernels(*pair, is_unbiased=True), abs=1e-6)
    layers = [one[f"layer_{at:02d}"] for at in range(3)]
    again = geoflow.cka(Activations(layers, labels=one["labels"]), other)
    assert again.equals(found)
    with pytest.raises(DatasetError, match="30 points beside 29"):
        geoflow.cka(one, layers[0][1:])
    with pytest.raises(DatasetError, match="labels differ"):
        geoflow.cka(one, other | {"labels": 1 - other["labels"]})
    with pytest.raises(DatasetError, match="the second layers: "):
        geoflow.cka(one, np.full((30, 2), np.nan))
    assert geoflow.cka([layers[0], layers[1]], layers[1]).height == 2
    with pytest.raises(DatasetError, match="the second layers are of type NoneType: give points"):
        geoflow.cka(layers[0], None)


def test_every_pair_of_layers_of_a_network_has_it(layers_of, tmp_path):
    arrays = layers_of(3, 30, (4, 3, 2))
    geoflow.ingest(arrays, tmp_path / "g.duckdb", k=[5])
    db = geoflow.open(tmp_path / "g.duckdb")
    layers = [arrays[f"layer_{at:02d}"].astype(float) for at in range(3)]
    for name, is_unbiased in (("linear_cka", False), ("unbiased_cka", True)):
        sql = f"select layer, other_layer, value from pair_scores where score = '{name}'"
        rows = db.query(sql).rows()
        assert len(rows) == 3
        for at, to, value in rows:
            assert value == pytest.approx(cka_of_kernels(layers[at], layers[to], is_unbiased))
        sql = f"select layer, value from layer_scores where score = '{name}' order by layer"
        steps = db.query(sql).rows()
        assert steps == sorted((at, value) for at, to, value in rows if to == at + 1)
        sql = f"select value from network_scores where score = '{name}'"
        assert db.query(sql).item() == next(v for at, to, v in rows if (at, to) == (0, 2))
