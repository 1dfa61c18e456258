"""Dimensions and overlaps: another library on the same data, closed forms, what has no value."""

from collections import Counter

import numpy as np
import pytest

import geoflow
from geoflow.errors import StoreError
from geoflow.specs import DatasetSpec, Recipe
from geoflow.study import train

N = 800
K = (5, 10)


def turned(points, d, seed=1):
    """Points rotated into d dimensions, scaled and moved."""
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.normal(size=(d, d)))[0]
    return 3 * np.pad(points, ((0, 0), (0, d - points.shape[1]))) @ rotation + 1


@pytest.fixture(scope="module")
def layers():
    """A cube, a copy of it in ten dimensions, a sphere, points of their own."""
    rng = np.random.default_rng(0)
    cube, ball = rng.random((N, 3)), rng.normal(size=(N, 6))
    sphere = ball / np.linalg.norm(ball, axis=1, keepdims=True)
    return [cube, turned(cube, 10), sphere, rng.random((N, 2))]


@pytest.fixture(scope="module")
def db(layers, tmp_path_factory):
    path = tmp_path_factory.mktemp("neighborhoods") / "g.duckdb"
    arrays = {f"layer_{at:02d}": points for at, points in enumerate(layers)}
    labels = (layers[0][:, 0] > 0.5).astype(int)
    plain = {"k": K, "transport": False, "dataset": "cube"}
    geoflow.ingest(arrays | {"labels": labels}, path, name="one", **plain)
    other = {"layer_00": layers[0], "layer_01": turned(layers[2], 7), "labels": labels}
    geoflow.ingest(other, path, name="other", **plain)
    return geoflow.open(path)


def dimensions(db, estimator, k="k is null"):
    sql = f"select dimension from intrinsic_dimensions where estimator = '{estimator}' and {k}"
    return db.query(f"{sql} and network = 'one' order by layer")["dimension"].to_list()


@pytest.mark.filterwarnings("ignore")
def test_dimensions_are_those_of_scikit_dimension(db, layers):
    skdim = pytest.importorskip("skdim", reason="scikit-dimension is not installed")
    for at, points in enumerate(layers):
        found = dimensions(db, "twonn fit")[at]
        assert found == pytest.approx(skdim.id.TwoNN().fit(points).dimension_, rel=1e-5)
        free = skdim.id.TwoNN(discard_fraction=0, method="mle").fit(points).dimension_
        assert dimensions(db, "twonn")[at] == pytest.approx(free * N / (N - 1), rel=1e-5)
        for k in K:
            expected = skdim.id.MLE().fit(points, n_neighbors=k, comb="mle").dimension_
            found = dimensions(db, "maximum likelihood", f"k = {k}")[at]
            assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("estimator", ["twonn", "twonn fit"])
def test_dimensions_are_those_of_the_shapes(db, estimator):
    """A cube of 3, a copy in ten dimensions, a sphere of 5, a square: edges cost up to a tenth."""
    assert dimensions(db, estimator) == pytest.approx([3, 3, 5, 2], rel=0.1)
    cube, copy, *_ = dimensions(db, estimator)
    assert copy == pytest.approx(cube, rel=1e-5)


def overlaps(db, k):
    sql = "select layer, other_layer, neighborhood_overlap from neighborhood_overlaps"
    rows = db.query(f"{sql} where network = 'one' and k = {k}").rows()
    return {(at, to): value for at, to, value in rows}


def test_copies_share_all_neighbours_and_independent_layers_as_many_as_chance(db):
    for k in K:
        found, chance = overlaps(db, k), k / (N - 1)
        assert found[0, 1] == 1
        pairs = {pair for pair in found if pair != (0, 1)}
        assert len(pairs) == 5
        # a sum of N hypergeometric counts, each of variance below k (k / (N - 1))
        spread = 5 * np.sqrt(k * chance / N) / k
        assert all(abs(found[pair] - chance) < spread for pair in pairs)
    chances = db.query("select distinct k, chance from neighborhood_overlaps order by k").rows()
    assert chances == [(k, k / (N - 1)) for k in K]


def test_labels_by_a_plane_agree_near_it_alone(db, layers):
    """Counted one by one from sorted distances; independent layers have the overlap of chance."""
    labels = layers[0][:, 0] > 0.5
    distances = ((layers[0][:, None] - layers[0][None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    near = np.argsort(distances, axis=1)[:, :10]
    expected = (labels[near] == labels[:, None]).mean()
    rows = db.query(
        "select layer, label_overlap, chance from label_overlaps where network = 'one' and k = 10"
        " order by layer"
    ).rows()
    assert rows[0][1] == pytest.approx(expected, rel=1e-12)
    assert rows[1][1] == rows[0][1]
    counts = Counter(labels.tolist()).values()
    assert rows[0][2] == pytest.approx(sum(n * (n - 1) for n in counts) / (N * (N - 1)))
    assert rows[3][1] == pytest.approx(rows[3][2], abs=0.03)


def test_two_networks_are_compared_by_a_macro_and_by_a_view(db):
    macro = db.query("from similarity_of('one', 'other', 10) order by all").rows()
    view = db.query(
        "select layer, other_layer, neighborhood_overlap, chance from network_overlaps"
        " where network = 'one' and other = 'other' and k = 10 order by all"
    ).rows()
    assert macro == view
    assert len(macro) == 8
    found = {(at, to): value for at, to, value, _ in macro}
    assert found[0, 0] == found[1, 0] == 1  # a copy of the input
    assert found[2, 1] == 1  # a copy of the sphere
    assert max(value for pair, value in found.items() if pair not in {(0, 0), (1, 0), (2, 1)}) < 0.1
    back = db.query("from similarity_of('other', 'one', 10)").rows()
    assert {(to, at, value) for at, to, value, _ in back} == {row[:3] for row in macro}


def test_what_cannot_be_compared_is_refused_in_words(store):
    db = geoflow.open(store)
    with pytest.raises(StoreError, match="tied and torn were measured on different points"):
        db.query("from similarity_of('tied', 'torn', 5)")
    with pytest.raises(StoreError, match="nobody is not in this store"):
        db.query("from similarity_of('tied', 'nobody', 5)")
    with pytest.raises(StoreError, match=r"k = 30 but neighbours .* kept up to rank 12"):
        db.query("from similarity_of('tied', 'tied', 30)")


def test_a_study_keeps_ten_neighbours_and_says_what_is_beyond(tmp_path):
    circles = DatasetSpec("circles", n_train=40, n_test=60)
    short = Recipe(epochs=1)
    train(circles, "4,4", tmp_path / "g.duckdb", k=(8, 20), recipe=short, detail="nodes")
    more = {"k": (8, 20), "recipe": short, "study": "more", "store_rank": 20}
    train(circles, "4,4", tmp_path / "g.duckdb", **more)
    db = geoflow.open(tmp_path / "g.duckdb")
    for view, value in (
        ("neighborhood_overlaps", "neighborhood_overlap"),
        ("label_overlaps", "label_overlap"),
        ("intrinsic_dimensions", "dimension"),
    ):
        sql = f"select distinct study, k, {value} is null, reason from {view} where k is not null"
        rows = db.query(f"{sql} order by study, k").rows()
        beyond = "neighbours are kept up to rank 10: --store-rank 20 keeps enough"
        few = [("train", 8, False, None), ("train", 10, False, None), ("train", 20, True, beyond)]
        if view != "neighborhood_overlaps":  # the input of the data set has been measured further
            few.append(("train", 20, False, None))
        many = [("more", 8, False, None), ("more", 20, False, None)]
        assert sorted(map(str, rows)) == sorted(map(str, many + few))
    assert db.check()["n_offences"].sum() == 0


def test_copies_and_ties_are_left_out_and_counted(tmp_path):
    rng = np.random.default_rng(0)
    free = rng.random((40, 2))
    doubled = np.concatenate([free[:10], free[:10], free[20:]])
    grid = np.stack(np.meshgrid(np.arange(8.0), np.arange(5.0)), axis=-1).reshape(-1, 2)
    arrays = {"layer_00": free, "layer_01": doubled, "layer_02": grid, "layer_03": free * 0}
    db_path = tmp_path / "g.duckdb"
    geoflow.ingest(arrays, db_path, name="odd", k=[1, 4], transport=False)
    db = geoflow.open(db_path)
    rows = db.query(
        "select n_ratios, n_zero, n_tied from twonn_dimensions join layers using (layer_id)"
        " order by layer"
    ).rows()
    distances = np.sort(((doubled[:, None] - doubled[None]) ** 2).sum(axis=2), axis=1)
    n_tied = int(((distances[:, 1] > 0) & (distances[:, 1] == distances[:, 2])).sum())
    assert n_tied > 0  # of points whose two nearest are copies of each other
    assert rows == [(40, 0, 0), (20 - n_tied, 20, n_tied), (0, 0, 40), (0, 40, 0)]
    reasons = db.query(
        "select layer, k, reason from intrinsic_dimensions where dimension is null"
        " and estimator in ('twonn', 'maximum likelihood') order by layer, k nulls last"
    ).rows()
    one, copies = "one neighbour has no ratio of distances", "every point has a copy"
    assert reasons == [
        (0, 1, one), (1, 1, one),
        (2, 1, one), (2, None, "fewer than two different ratios of distances"),
        (3, 1, one), (3, 4, copies), (3, None, copies),
    ]  # fmt: skip
    same = "select distinct layer, other_layer from neighborhood_overlaps where reason is not null"
    assert db.query(f"{same} order by all").rows() == [(0, 3), (1, 3), (2, 3)]
    labels = db.query("select distinct label_overlap, chance, reason from label_overlaps").rows()
    assert labels == [(None, None, "no labels")]
