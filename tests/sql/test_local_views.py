"""The views of local flow against slow Python, from graphs that are made again from the points."""

from collections import Counter, defaultdict
from itertools import pairwise, product

import networkx
import numpy as np
import oracles
import pytest
from oracles import graph_of

import geoflow
from geoflow.geometry.curvature.registry import edge_curvatures
from geoflow.ingestion import ingest
from geoflow.specs import CURVATURES

KEY = ("network", "k", "convention", "curvature", "alpha")
KS = (2, 5, 12)
CONVENTIONS = ("union", "mutual")
N = 40


def made_layers(kind, layers_of):
    """Arrays of a network whose points tie, are torn apart, stand still, or have three classes."""
    arrays = layers_of(21, N, (2, 2, 2, 2, 2), grid=5 if kind == "tied" else None)
    if kind == "torn":
        arrays["layer_02"] = arrays["layer_02"] + 1e3 * (np.arange(N) >= N // 2)[:, None]
        arrays["labels"] = (np.arange(N) >= N // 2).astype(int)  # torn where the classes are
    if kind == "still":
        arrays = {f"layer_{at:02d}": arrays["layer_00"] for at in range(4)} | {
            "labels": arrays["labels"]
        }
    if kind == "three":
        arrays["labels"] = np.arange(N) % 3 * 5
    if kind == "shallow":
        arrays = {name: arrays[name] for name in ("layer_00", "layer_01")}
    if kind in ("tied", "three"):
        rng = np.random.default_rng(3)
        arrays["predictions"] = np.where(rng.random(N) < 0.7, arrays["labels"], 0)
        arrays["output"] = rng.integers(0, 9, N) / 8  # many points of one output
    if kind == "torn":
        arrays["output"] = arrays["layer_02"][:, :1]
    return arrays


def layers_in(arrays):
    """The layers of a network in order, its output last."""
    hidden = sorted(name for name in arrays if name.startswith("layer_"))
    return [arrays[name] for name in [*hidden, "output"] if name in arrays]


def until(arrays, end):
    """How many steps there are up to an end of the series, None if it does not end there."""
    n = len(layers_in(arrays)) - 1
    if "output" not in arrays:
        return n if end == "hidden" else None
    return n - (end == "hidden")


KINDS = ("tied", "torn", "still", "three", "shallow")


@pytest.fixture(scope="module")
def made(layers_of):
    return {kind: made_layers(kind, layers_of) for kind in KINDS}


@pytest.fixture(scope="module")
def db(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("local") / "g.duckdb"
    for kind in KINDS:
        ingest(made[kind], path, k=KS, name=kind, convention=CONVENTIONS, alphas=(0, 0.5),
               curvatures=list(CURVATURES))  # fmt: skip
    return geoflow.open(path)


@pytest.fixture(scope="module")
def flow(made):
    """{key: {layer: rows}}: (n_neighbors, n_unreachable, S, eta) of each point, None undefined."""
    found = {}
    for kind, arrays in made.items():
        every = [points.reshape(N, -1) for points in layers_in(arrays)]
        for k in KS:
            for convention in CONVENTIONS:
                edges = [oracles.knn_edges(points, k, convention) for points in every]
                steps = list(pairwise(edges))
                for layer, (own, following) in enumerate(steps):
                    graph = graph_of(N, own)
                    grown = oracles.expansions(N, own, following)
                    for one in edge_curvatures(graph, CURVATURES, [0, 0.5]):
                        pairs = map(tuple, graph.edges.tolist())
                        values = dict(zip(pairs, one.values.tolist(), strict=True))
                        key = (kind, k, convention, one.curvature, one.alpha)
                        found.setdefault(key, {})[layer] = [
                            (near, lost, mean, far / near - 1 if near and not lost else None)
                            for (near, lost, far), mean in zip(
                                grown, oracles.mean_curvatures(N, values), strict=True
                            )
                        ]
    return found


def close(a, b):
    return (a is None and b is None) or a == pytest.approx(b, rel=1e-9, abs=1e-9)


def constant(values):
    return max(values) - min(values) <= 1e-9


def pearson(pairs):
    """Pearson by hand, None if undefined."""
    x, y = np.array(pairs, float).reshape(-1, 2).T
    if len(x) < 2 or constant(x) or constant(y):
        return None
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))


def rows_of(db, view, *keys):
    found = {tuple(row[key] for key in keys): row for row in db.view(view).rows(named=True)}
    assert len(found) == db.view(view).height > 0
    return found


def test_point_flow_has_every_point_of_every_step(db, flow):
    sql = (
        "select n.name as network, p.* exclude (network_id) from point_flow as p"
        " join networks as n using (network_id)"
    )
    seen = 0
    for row in db.query(sql).rows(named=True):
        near, lost, mean, grown = flow[tuple(row[key] for key in KEY)][row["layer"]][row["point"]]
        assert (row["n_neighbors"], row["n_unreachable"]) == (near, lost)
        assert close(row["mean_curvature"], mean)
        assert close(row["expansion"], grown)
        seen += 1
    assert seen == sum(len(steps) * N for steps in flow.values())


def local(steps, point, n_steps):
    """(coefficient, reason) of a point over the first steps."""
    series = [steps[layer][point] for layer in range(n_steps)]
    if any(near == 0 for near, *_ in series):
        return None, "the point has no neighbour in a layer"
    if any(lost for _, lost, *_ in series):
        return None, "a neighbour cannot be reached in the next layer"
    if len(series) < 2:
        return None, "fewer than two steps"
    found = pearson([(mean, grown) for *_, mean, grown in series])
    return found, None if found is not None else "a series is constant"


def test_local_coefficients_and_every_reason_why_there_is_none(db, flow, made):
    reasons = Counter()
    found = rows_of(db, "local_ricci_coefficients", *KEY, "end", "point")
    for key, row in found.items():
        n_steps = until(made[key[0]], row["end"])
        coefficient, reason = local(flow[key[:-2]], key[-1], n_steps)
        assert close(row["local_coefficient"], coefficient)
        assert (row["reason"], row["n_steps"]) == (reason, n_steps)
        arrays = made[key[0]]
        label = arrays["labels"][key[-1]] if "labels" in arrays else None
        predicted = arrays["predictions"][key[-1]] if "predictions" in arrays else None
        assert row["label"] == label
        assert row["is_correct"] == (None if predicted is None else predicted == label)
        assert row["margin"] is None
        reasons[row["end"], reason] += 1
    assert {reason for end, reason in reasons if end == "hidden"} == {
        reason for _, reason in reasons
    }
    assert len(reasons) > 7
    ends = sum((until(made[key[0]], "output") is not None) + 1 for key in flow)
    assert sum(reasons.values()) == len(found) == N * ends
    assert min(reasons["hidden", None], reasons["output", None]) > 800


def test_layer_coefficients_and_every_reason_why_there_is_none(db, flow, made):
    reasons = Counter()
    found = rows_of(db, "layer_ricci_coefficients", *KEY, "layer")
    for key, row in found.items():
        points = [one for one in flow[key[:-1]][key[-1]] if one[3] is not None]
        pairs = [(mean, grown) for *_, mean, grown in points]
        assert (row["n_points"], row["n_left_out"]) == (len(points), N - len(points))
        means = np.mean(pairs, axis=0).tolist() if pairs else (None, None)
        assert close(row["mean_curvature"], means[0])
        assert close(row["mean_expansion"], means[1])
        coefficient = pearson(pairs)
        reason = None if coefficient is not None else (
            "fewer than two points have all neighbours in reach" if len(points) < 2
            else "curvature or expansion is the same at all points"
        )  # fmt: skip
        assert row["is_to_output"] == (row["layer"] == until(made[key[0]], "hidden"))
        assert close(row["layer_coefficient"], coefficient)
        assert row["reason"] == reason
        reasons[reason] += 1
    assert len(found) == sum(map(len, flow.values()))
    assert reasons[None] > 100
    assert reasons["curvature or expansion is the same at all points"] > 50


def test_no_layer_coefficient_where_no_point_keeps_its_neighbors(layers_of, tmp_path):
    """Pairs that change partners: every neighbour is out of reach."""
    pairs = np.repeat(np.arange(8.0) * 100, 2)[:, None] + np.arange(16)[:, None] % 2
    arrays = {"layer_00": pairs, "layer_01": np.roll(pairs, 1, axis=0)}
    ingest(arrays, tmp_path / "g.duckdb", k=1, name="n", curvatures=["forman"])
    db = geoflow.open(tmp_path / "g.duckdb")
    assert set(db.view("layer_ricci_coefficients")["reason"]) == {
        "fewer than two points have all neighbours in reach"
    }
    assert set(db.view("layer_ricci_coefficients")["n_left_out"]) == {16}


def test_local_summary_is_the_mean_and_the_share_of_negative_ones(db, flow, made):
    found = rows_of(db, "local_summary", *KEY, "end")
    assert {key[:-1] for key in found} == flow.keys()
    assert {key[0] for key in found if key[-1] == "output"} == {"tied", "torn", "three"}
    for (*key, end), row in found.items():
        n_steps = until(made[key[0]], end)
        some = [local(flow[tuple(key)], point, n_steps)[0] for point in range(N)]
        some = [one for one in some if one is not None]
        assert (row["n_points"], row["n_defined"]) == (N, len(some))
        assert close(row["mean_local_coefficient"], np.mean(some).item() if some else None)
        share = np.mean([one < -1e-12 for one in some]).item() if some else None
        assert close(row["share_negative"], share)
        assert row["untrained_mean"] is row["untrained_share_negative"] is None


def gap(values, labels):
    """(within, between, gap, reason) of the edges within and between classes."""
    parts = {True: [], False: []}
    for (i, j), value in values.items():
        parts[bool(labels[i] == labels[j])].append(value)
    within, between = parts[True], parts[False]
    if not within or not between:
        reason = "no edge between classes" if within else "no edge within a class"
        return within, between, None, reason
    deviation = np.sqrt((np.var(within) + np.var(between)) / 2)
    if deviation < 1e-9:
        return within, between, None, "curvature does not vary"
    return within, between, (np.mean(within) - np.mean(between)) / deviation, None


def test_curvature_gaps_of_all_and_of_correct_points(db, made):
    keys = (*KEY, "layer", "points")
    found = rows_of(db, "curvature_gaps", *keys)
    reasons, seen = Counter(), 0
    for kind, arrays in made.items():
        if "labels" not in arrays:
            continue
        labels = arrays["labels"]
        subsets = {"all": np.ones(N, bool)}
        if "predictions" in arrays:
            subsets["correct"] = arrays["predictions"] == labels
        every = product(enumerate(layers_in(arrays)), KS, CONVENTIONS, subsets.items())
        for (layer, points), k, convention, (name, kept) in every:
            own = oracles.knn_edges(points.reshape(N, -1)[kept], k, convention)
            graph = graph_of(kept.sum(), own)
            for one in edge_curvatures(graph, CURVATURES, [0, 0.5]):
                edges = map(tuple, graph.edges.tolist())
                values = dict(zip(edges, one.values.tolist(), strict=True))
                row = found[kind, k, convention, one.curvature, one.alpha, layer, name]
                within, between, expected, reason = gap(values, labels[kept])
                assert (row["n_within"], row["n_between"]) == (len(within), len(between))
                assert close(row["curvature_gap"], expected)
                assert row["reason"] == reason
                reasons[reason] += 1
                seen += 1
    assert seen == len(found)
    assert reasons[None] > 500
    assert reasons["no edge between classes"] > 0


def test_community_structure_of_two_and_three_classes(db, made):
    found = rows_of(db, "community_structure", "network", "k", "convention", "layer")
    gaps = rows_of(db, "curvature_gaps", *KEY, "layer", "points")
    communities = defaultdict(dict)
    sql = (
        "select n.network_id, l.network, n.layer, g.k, g.convention, c.point, c.community"
        " from network_graphs as n join network_labels as l using (network_id)"
        " join communities as c using (graph_id) join graphs as g using (graph_id)"
    )
    for row in db.query(sql).rows(named=True):
        key = row["network"], row["k"], row["convention"], row["layer"]
        communities[key][row["point"]] = row["community"]
    assert found.keys() == communities.keys()
    n_cuts = 0
    for key, row in found.items():
        name, k, convention, layer = key
        known = networkx.Graph()
        known.add_nodes_from(range(N))
        points = layers_in(made[name])[layer].reshape(N, -1)
        assert row["is_output"] == ("output" in made[name] and layer == until(made[name], "output"))
        known.add_edges_from(oracles.knn_edges(points, k, convention))
        parts = oracles.partition(np.array([communities[key][point] for point in range(N)]))
        assert row["n_communities"] == len(parts)
        modularity = networkx.community.modularity(known, parts)
        assert close(row["leiden_modularity"], modularity)
        if "labels" not in made[name]:
            assert row["modularity"] is row["normalized_cut"] is row["adjusted_rand"] is None
            assert (row["curvature_gap"], row["reason"]) == (None, "no labels")
            continue
        classes = oracles.partition(made[name]["labels"])
        assert close(row["modularity"], networkx.community.modularity(known, classes))
        volumes = [networkx.volume(known, part) for part in classes]
        cut = None
        if all(volumes):
            shares = zip(classes, volumes, strict=True)
            cut = float(np.mean([networkx.cut_size(known, one) / size for one, size in shares]))
            if len(classes) == 2:
                assert cut == pytest.approx(networkx.normalized_cut_size(known, *classes) / 2)
            n_cuts += 1
        assert close(row["normalized_cut"], cut)
        one = gaps[name, k, convention, "augmented_forman", None, layer, "all"]
        assert (row["curvature_gap"], row["reason"]) == (one["curvature_gap"], one["reason"])
        other = gaps.get((name, k, convention, "augmented_forman", None, layer, "correct"))
        assert row["filtered_curvature_gap"] == (other and other["curvature_gap"])
    assert n_cuts > 50


def test_flow_by_correctness_tells_correct_points_from_wrong_ones(db):
    points = defaultdict(list)
    for row in db.view("local_ricci_coefficients").rows(named=True):
        if row["is_correct"] is not None and row["local_coefficient"] is not None:
            key = row["dataset"], *(row[key] for key in KEY[1:]), row["end"]
            points[key].append((row["is_correct"], row["local_coefficient"]))
    found = rows_of(db, "flow_by_correctness", "dataset", *KEY[1:], "end")
    assert found.keys() == points.keys()
    for key, row in found.items():
        parts = {flag: [c for is_so, c in points[key] if is_so == flag] for flag in (True, False)}
        for name, flag in (("correct", True), ("wrong", False)):
            some = parts[flag]
            assert row[f"n_{name}"] == len(some)
            assert close(row[f"mean_{name}"], np.mean(some).item() if some else None)
            share = np.mean([one >= -1e-12 for one in some]).item() if some else None
            assert close(row[f"share_no_flow_{name}"], share)
        assert row["n_networks"] == 1
        assert row["margin_correlation"] is None


def test_the_margin_of_a_point_goes_with_its_coefficient(layers_of, tmp_path):
    arrays = layers_of(5, 60, (3, 3, 3, 3))
    z = np.random.default_rng(2).normal(size=60)
    ingest(arrays | {"logits": z}, tmp_path / "g.duckdb", k=6, name="n", curvatures=["forman"])
    db = geoflow.open(tmp_path / "g.duckdb")
    forman = "where curvature = 'forman' and \"end\" = 'hidden'"
    rows = db.query(f"from local_ricci_coefficients {forman} order by point")
    margin = np.where(arrays["labels"] == 1, z, -z)
    assert rows["margin"].to_list() == pytest.approx(margin, rel=1e-6)
    assert rows["is_correct"].to_list() == (margin > 0).tolist()
    known = rows["local_coefficient"].is_not_null().to_numpy()
    expected = np.corrcoef(rows["local_coefficient"].to_numpy()[known], margin[known])[0, 1]
    (row,) = db.query(f"from flow_by_correctness {forman}").rows(named=True)
    assert row["margin_correlation"] == pytest.approx(expected, abs=1e-6)


CHANGES = {
    "point_curvatures": "update point_curvatures set mean_curvature = mean_curvature + 1",
    "class_edges": "update class_edges set degree_sum = degree_sum + 1",
    "class_curvatures": "update class_curvatures set n_within = n_within + 1",
    "expansions": "update expansions set n_neighbors = n_neighbors + 1",
    "communities": "update communities set community = 77 where point = 0",
}


def test_the_check_finds_nothing_in_a_good_store(store):
    assert set(geoflow.open(store).check()["n_offences"]) == {0}


@pytest.mark.parametrize("relation", CHANGES)
def test_the_check_finds_what_does_not_add_up(changed, relation):
    found = geoflow.open(changed(CHANGES[relation])).check()
    offences = dict(found.select("check", "n_offences").iter_rows())
    assert offences["local_adds_up"] > 0
