"""Scores of layers and points, and their correlations, against the base tables by numpy."""

from collections import defaultdict
from itertools import permutations

import numpy as np
import polars as pl
import pytest
from scipy import stats

import geoflow
from geoflow.specs import DatasetSpec, Recipe, TransportSpec, architecture
from geoflow.study import train

KINDS = {"curvatures": ("augmented_forman", "ollivier"), "alphas": (0.0, 0.5)}
N_TEST = 60
GROUP = "dataset", "family"


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    """Networks of two variants and of another data set, one of them after one epoch too."""
    path = tmp_path_factory.mktemp("scores") / "g.duckdb"
    usual = {"k": 6, "transport": TransportSpec((0.1, 0.5), n_points=40), **KINDS}
    circles = DatasetSpec("circles", n_train=80, n_test=N_TEST)
    short = Recipe(epochs=2)
    fives, residual = architecture("5", 3), architecture("5", 3, "residual")
    train(circles, fives, path, recipe=short, study="s/a", replicas=2, snapshots=(1,), **usual)
    train(circles, residual, path, recipe=short, study="s/b", **usual)
    discs = DatasetSpec("inner_discs", n_train=80, n_test=N_TEST)
    train(discs, fives, path, recipe=short, study="s/a", **usual)
    return geoflow.open(path)


def named(row):
    """Return how scores of a graph say which."""
    alpha = "" if row["alpha"] is None else f"({row['alpha']:g})"
    return f"{row['curvature']}{alpha} {row['convention']} k={row['k']}"


@pytest.fixture(scope="module")
def finals(db):
    rows = db.view("networks").filter(pl.col("final_id").is_null())
    return dict(rows.select("network_id", "dataset_id").rows())


@pytest.fixture(scope="module")
def groups(db, finals):
    """Data set and family of each network."""
    rows = db.view("network_labels").filter(pl.col("network_id").is_in(list(finals)))
    return {key: tuple(own) for key, *own in rows.select("network_id", *GROUP).rows()}


DIMENSIONS = {
    "twonn": "twonn_dimension",
    "twonn fit": "twonn_fit",
    "maximum likelihood": "ml_dimension k={}",
}


def of_neighborhoods(db):
    """Dimensions and label overlaps of layers, overlaps and CKA of steps."""
    found = {}
    for row in db.view("intrinsic_dimensions").filter(is_output=False).rows(named=True):
        name = DIMENSIONS[row["estimator"]].format(row["k"])
        found[row["network_id"], row["layer"], name] = row["dimension"]
    for row in db.view("label_overlaps").filter(is_output=False).rows(named=True):
        name = f"label_overlap k={row['k']}"
        found[row["network_id"], row["layer"], name] = row["label_overlap"]
    steps = pl.col("other_layer") == pl.col("layer") + 1
    overlaps = db.view("neighborhood_overlaps").filter(steps, is_with_output=False)
    for row in overlaps.rows(named=True):
        name = f"neighborhood_overlap k={row['k']}"
        found[row["network_id"], row["layer"], name] = row["neighborhood_overlap"]
    for row in db.view("layer_similarities").filter(steps).rows(named=True):
        for name in ("linear_cka", "unbiased_cka"):
            found[row["network_id"], row["layer"], name] = row[name]
    return found


@pytest.fixture(scope="module")
def of_layers(db, finals):
    """{(network, layer, score): value}, from tables and from views of one score each."""
    found = {}
    for row in db.view("flow_steps").rows(named=True):
        key, graph = (row["network_id"], row["layer"]), f"{row['convention']} k={row['k']}"
        if not row["is_to_output"]:
            found[*key, f"eta {graph}"] = row["eta"]
        found[*key, f"total_forman {graph}"] = row["total_forman"]
        found[*key, f"total_geodesic {graph}"] = row["total_geodesic"]
    last = (
        "select network_id, layer, g.* from graphs g join layers using (layer_id) where layer = 3"
    )
    for row in db.query(last).rows(named=True):
        key, graph = (row["network_id"], 3), f"{row['convention']} k={row['k']}"
        found[*key, f"total_forman {graph}"] = row["total_forman"]
        found[*key, f"total_geodesic {graph}"] = row["total_geodesic"]
    for row in db.view("layer_ricci_coefficients").filter(is_to_output=False).rows(named=True):
        key = row["network_id"], row["layer"]
        found[*key, f"layer_coefficient {named(row)}"] = row["layer_coefficient"]
    for row in db.view("community_structure").filter(is_output=False).rows(named=True):
        for name in ("curvature_gap", "modularity"):
            key = row["network_id"], row["layer"], f"{name} {row['convention']} k={row['k']}"
            found[key] = row[name]
    for row in db.view("transport_steps").rows(named=True):
        for name in (
            "ot_score",
            "least_ot_score",
            "transport_efficiency",
            "relative_displacement",
        ):
            found[row["network_id"], row["layer"], name] = row[name]
        found[row["network_id"], row["layer"], "turning_angle"] = row["mean_turning_angle"]
    for row in db.view("layer_affinities").rows(named=True):
        found[row["network_id"], row["layer"], "affinity_score"] = row["affinity_score"]
    for row in db.view("layer_complexities").rows(named=True):
        name = f"complexity {row['points']} r={row['radius']:g}"
        found[row["network_id"], row["layer"], name] = row["complexity"]
    for row in db.view("layer_score_values").rows(named=True):
        found[row["network_id"], row["layer"], row["score"]] = row["value"]
    found |= of_neighborhoods(db)
    return {key: one for key, one in found.items() if one is not None and key[0] in finals}


@pytest.fixture(scope="module")
def of_points(db, finals):
    """{(network, point, score): value}, from tables and from views of one score each."""
    found = defaultdict(float)
    for row in db.view("local_ricci_coefficients").filter(end="hidden").rows(named=True):
        key = row["network_id"], row["point"]
        found[*key, f"local_coefficient {named(row)}"] = row["local_coefficient"]
    for row in db.view("point_tracks").rows(named=True):
        for name in ("line_shape_score", "path_length", "displacement", "is_optimal"):
            found[row["network_id"], row["point"], name] = row[name]
    for row in db.view("point_complexities").rows(named=True):
        if row["points"] == "test":
            key = row["network_id"], row["point"], f"complexity r={row['radius']:g}"
            found[key] += row["complexity"]
    labels = {(row[0], row[1]): row[2] for row in db.view("samples").rows()}
    for row in db.view("predictions").rows(named=True):
        if row["network_id"] in finals:
            key = row["network_id"], row["point"]
            label = labels[finals[key[0]], key[1]]
            found[*key, "is_correct"] = row["predicted"] == label
            found[*key, "margin"] = row["margin"]
    return {k: float(one) for k, one in found.items() if one is not None and k[0] in finals}


@pytest.mark.parametrize("what", ["layer", "point"])
def test_scores_are_those_of_their_own_views(what, db, request):
    expected = request.getfixturevalue(f"of_{what}s")
    label = "score_label(score, curvature, alpha, convention, k, points, radius) as label"
    rows = db.query(f"select network_id, {what}, {label}, value from {what}_scores")
    found = {tuple(key): value for *key, value in rows.rows()}
    assert len(found) == rows.height
    assert found.keys() == expected.keys()
    assert found == pytest.approx(expected, rel=1e-12)


def test_points_have_the_scores_that_are_per_point(of_points):
    names = {name.split()[0] for _, _, name in of_points}
    assert names >= {"local_coefficient", "line_shape_score", "is_optimal", "complexity", "margin"}
    points = {point for _, point, name in of_points if name == "complexity r=0.5"}
    assert len(points) == 40
    assert points <= set(range(N_TEST))


PAIR = *GROUP, "label", "other_label"


@pytest.mark.parametrize("what", ["layer", "point"])
def test_correlations_are_means_over_networks_with_their_intervals(what, db, request, groups):
    series = defaultdict(dict)
    for (network, place, name), value in request.getfixturevalue(f"of_{what}s").items():
        series[network, name][place] = value
    expected = defaultdict(list)
    for network in groups:
        names = [name for key, name in series if key == network]
        for one, other in permutations(names, 2):
            x, y = series[network, one], series[network, other]
            pairs = np.array([(x[place], y[place]) for place in sorted(x.keys() & y.keys())])
            if len(pairs) > 2:
                varies = (np.ptp(pairs, axis=0) > 1e-12 * np.abs(pairs).max(axis=0)).all()
                r = stats.pearsonr(*pairs.T)[0] if varies else None
                expected[*groups[network], one, other].append(r)
    sql = "from within_network_correlations where across = $across"
    rows = db.query(sql, across=f"{what}s").rows(named=True)
    assert {row["study"] for row in rows} == {"s"}
    assert len(rows) == len(expected)
    for row in rows:
        known = [r for r in expected[tuple(row[name] for name in PAIR)] if r is not None]
        assert row["n_networks"] == len(known)
        mean = pytest.approx(np.mean(known), abs=1e-9) if known else None
        assert row["correlation"] == mean
        low, high = row["correlation_low"], row["correlation_high"]
        if len(known) < 2:
            assert low is high is None
            continue
        width = stats.t.ppf(0.975, len(known) - 1) * np.std(known, ddof=1) / np.sqrt(len(known))
        assert low == pytest.approx(max(-1, mean.expected - width), abs=1e-5)
        assert high == pytest.approx(min(1, mean.expected + width), abs=1e-5)
    assert max(row["n_networks"] for row in rows) == 2
