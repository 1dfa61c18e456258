"""Views of transport geometry and of scores, against numpy and scipy, from rows made by hand."""

import itertools
import math
from collections import defaultdict

import duckdb
import numpy as np
import polars as pl
import pytest
from scipy import stats

import geoflow
from geoflow.report._transporttable import transport_table
from geoflow.store.questions import question_answer
from geoflow.store.schema import create

LABELLED = "*, score_label(score, curvature, alpha, convention, k, points, radius) as label"
SCORES = (
    "line_shape_score",
    "ot_score",
    "transport_efficiency",
    "relative_displacement",
    "least_ot_score",
)
BOUNDS = {"line_shape_score": (1, math.inf), "ot_score": (0, 1)}
REPLICAS = {  # networks by study, data set and weight decay
    **{("many", "one", n / 1000): n for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 29, 64)},
    ("grid/plain", "one", 0.0): 7,
    ("grid/plain", "two", 0.0): 5,
    ("grid/residual", "one", 0.0): 6,
    ("grid/residual", "two", 0.0): 4,
    ("grid/plain", "three", 0.0): 1,
    ("small", "two", 0.0): 3,
}
RUN = (
    "insert into runs by name select 1 as run_id, 'test' as command, 'x' as geoflow_version,"
    " '{}' as libraries, '{}' as machine, 1 as pid, now()::timestamp as started,"
    " now()::timestamp as finished, 'finished' as status"
)


"""Numbers of networks whose quantile of Student's t is in the view."""


def near(value, rel=1e-12, at_zero=1e-12):
    return None if value is None else pytest.approx(value, rel=rel, abs=at_zero)


def network(key, **fields):
    """Return a row of `networks`."""
    usual = {"width": "narrow", "widths": [2, 2], "depth": 2, "status": "trained", "dataset_id": 1}
    return {"network_id": key, "name": f"n{key}", "run_id": 1, **usual, **fields}


def dataset(key, name):
    """Return a row of `datasets`."""
    sizes = {"n_test": 9, "n_features": 2, "fingerprint": name}
    return {"dataset_id": key, "name": name, "source": "test", "options": "{}", **sizes}


def network_rows():
    """Yield a row of `networks` for each, with the keys from 1; the last is a snapshot."""
    key = 0
    names = sorted({dataset for _, dataset, _ in REPLICAS})
    for (study, name, weight_decay), n in REPLICAS.items():
        for replica in range(n):
            key += 1
            yield network(
                key,
                study=study,
                dataset_id=names.index(name) + 1,
                family=study.partition("/")[2] or None,
                weight_decay=weight_decay,
                replica=replica,
            )


def made_tables():
    """Return rows of the tables: random scores, some NULL, some the same for a whole data set."""
    rng = np.random.default_rng(3)
    tables = defaultdict(list)
    for row in network_rows():
        key, is_grid = row["network_id"], row["study"].startswith("grid")
        shared = rng.normal()
        row["test_accuracy"] = 0.5 + 0.4 * rng.random()
        row["train_accuracy"] = 0.1 + 0.2 * row["dataset_id"] + row["test_accuracy"]
        tables["networks"].append(row)
        track = {"network_id": key, "first_layer": 1, "last_layer": 3, "n_steps": 2}
        if is_grid and rng.random() < 0.1:
            tables["transport_tracks"].append(track | {"reason": "layers have two widths"})
            continue
        track |= {name: float(rng.random()) for name in SCORES[:4]}
        track["ot_score"] = 0.16 * row["dataset_id"] + 0.1 * np.tanh(shared) + 0.04 * rng.random()
        track["least_ot_score"] = track["ot_score"] * (0.5 if key % 2 else 1.0)
        track["is_ot_unique"] = track["least_ot_score"] == track["ot_score"]
        track["line_shape_score"] = None if rng.random() < 0.3 else 1 + abs(shared)
        track |= {"w2_path_length": 1 + rng.random(), "w2_geodesic_length": rng.random()}
        if rng.random() < 0.2:
            track["w2_geodesic_length"] = 0.0
        tables["transport_tracks"].append(track)
        for layer in (1, 2):
            score = None if rng.random() < 0.2 else float(rng.random())
            tables["layer_affinities"].append(
                {"network_id": key, "layer": layer, "affinity_score": score}
            )
            for points, radius in (("train", 0.05), ("train", 1.0), ("random", 0.05)):
                value = 0.1 * row["dataset_id"] if radius == 1 else float(rng.random())
                tables["layer_complexities"].append(
                    {
                        "network_id": key,
                        "layer": layer,
                        "radius": radius,
                        "points": points,
                        "n_points": 9,
                        "n_directions": 2,
                        "complexity": value,
                        "complexity_deviation": 0.1,
                        "crossings": value / 2,
                    }
                )
        if is_grid:
            tables["weight_paths"].append(
                {
                    "network_id": key,
                    "n_steps": 5,
                    "path_length": 2 + rng.random(),
                    "chord": 1.0 + rng.random(),
                    "first_loss": 1.0,
                    "last_loss": 0.5,
                    "is_full_batch": False,
                }
            )
    snapshot = {"network_id": 999, "name": "n1@0", "final_id": 1, "epochs": 0}
    snapshot = tables["networks"][0] | snapshot
    tables["networks"].append(snapshot)
    tables["transport_tracks"].append(tables["transport_tracks"][-1] | {"network_id": 999})
    names = sorted({dataset for _, dataset, _ in REPLICAS})
    tables["datasets"] = [dataset(at, name) for at, name in enumerate(names, 1)]
    return tables


def filled(path, tables):
    """Make a store of rows by table."""
    create(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(RUN)
        for name in ("datasets", *(tables.keys() - {"datasets"})):
            connection.register("made", pl.DataFrame(tables[name], infer_schema_length=None))
            connection.execute(f"insert into {name} by name select * from made")
    return geoflow.open(path)


@pytest.fixture(scope="module")
def tables():
    return made_tables()


@pytest.fixture(scope="module")
def db(tables, tmp_path_factory):
    return filled(tmp_path_factory.mktemp("transport") / "g.duckdb", tables)


@pytest.fixture(scope="module")
def labels(tables):
    """Study, data set and weight decay of each network that is no snapshot."""
    names = {row["dataset_id"]: row["name"] for row in tables["datasets"]}
    return {
        row["network_id"]: (row["study"], names[row["dataset_id"]], row["weight_decay"])
        for row in tables["networks"]
        if "final_id" not in row
    }


@pytest.fixture(scope="module")
def scored(tables, labels):
    """{(network, score): value} of every score, by hand."""
    found = {}
    for row in tables["networks"]:
        found[row["network_id"], "test_accuracy"] = row["test_accuracy"]
        found[row["network_id"], "generalisation_gap"] = (
            row["train_accuracy"] - row["test_accuracy"]
        )
    for row in tables["transport_tracks"]:
        for name in SCORES:
            found[row["network_id"], name] = row.get(name)
        if row.get("w2_geodesic_length"):
            ratio = max(1.0, row["w2_path_length"] / row["w2_geodesic_length"])
            found[row["network_id"], "geodesic_ratio"] = ratio
    sums, means = defaultdict(float), defaultdict(list)
    for row in tables["layer_complexities"]:
        name = f"complexity {row['points']} r={row['radius']:g}"
        sums[row["network_id"], name] += row["complexity"]
    for row in tables["layer_affinities"]:
        if row["affinity_score"] is not None:
            means[row["network_id"], "mean_affinity"].append(row["affinity_score"])
    found |= sums | {key: sum(values) / len(values) for key, values in means.items()}
    for row in tables["weight_paths"]:
        found[row["network_id"], "path_ratio"] = row["path_length"] / row["chord"]
    return {key: value for key, value in found.items() if value is not None and key[0] in labels}


def test_transport_scores_are_the_tracks_with_their_ratio_and_no_snapshots(db, tables, labels):
    rows = db.view("transport_scores").rows(named=True)
    tracks = {row["network_id"]: row for row in tables["transport_tracks"]}
    assert sorted(row["network_id"] for row in rows) == sorted(labels)
    for row in rows:
        track = tracks[row["network_id"]]
        assert {name: row[name] for name in SCORES} == {name: track.get(name) for name in SCORES}
        path, geodesic = track.get("w2_path_length"), track.get("w2_geodesic_length")
        ratio = max(1.0, path / geodesic) if geodesic else None
        assert row["geodesic_ratio"] == near(ratio)
        assert (row["study"], row["dataset"], row["weight_decay"]) == labels[row["network_id"]]


@pytest.mark.parametrize("view", ["nonlinearity_signature", "local_complexity"])
def test_views_of_one_table_are_its_rows(view, db, tables):
    table = {"nonlinearity_signature": "layer_affinities", "local_complexity": "layer_complexities"}
    rows = db.view(view).rows(named=True)
    expected = tables[table[view]]
    assert len(rows) == len(expected)
    there = {tuple(sorted(row.items(), key=str)) for row in expected}
    names = expected[0].keys()
    found = {tuple(sorted(((n, row[n]) for n in names), key=str)) for row in rows}
    assert found == there


def test_network_scores_are_every_score_that_is_not_null(db, scored):
    rows = db.query(f"select {LABELLED} from network_scores").rows(named=True)
    found = {(row["network_id"], row["label"]): row["value"] for row in rows}
    assert len(found) == len(rows)
    assert found.keys() == scored.keys()
    for key, value in scored.items():
        assert found[key] == pytest.approx(value, rel=1e-12), key


def test_training_scores_are_those_of_the_networks_and_of_their_snapshots(db, tables):
    rows = db.view("training_scores")
    networks = db.view("network_scores")
    finals = rows.filter("is_final").drop("epoch", "is_final")
    assert finals.sort(finals.columns).equals(networks.sort(networks.columns))
    before = rows.filter(~pl.col("is_final"))
    assert before["network"].unique().to_list() == ["n1"]
    assert before["epoch"].unique().to_list() == [0]
    values = dict(before.select("score", "value").rows())
    track = tables["transport_tracks"][-1]
    expected = {name: track[name] for name in SCORES if track.get(name) is not None}
    assert expected.items() <= values.items()
    assert values["test_accuracy"] == tables["networks"][-1]["test_accuracy"]


def test_network_scores_name_the_coefficients_of_graphs(store):
    """Against the views of one coefficient each, read row by row."""
    db = geoflow.open(store)
    expected = {}
    finals = set(db.view("networks").filter(pl.col("final_id").is_null())["network_id"])
    for row in db.view("network_summary").rows(named=True):
        name = f"ricci_coefficient {row['convention']}"
        expected[row["network_id"], name] = row["ricci_coefficient"]
    for row in db.view("local_means").filter(end="hidden").rows(named=True):
        kind = row["curvature"] + ("" if row["alpha"] is None else f"({row['alpha']:g})")
        name = f"local_coefficient {kind} {row['convention']} k={row['k']}"
        expected[row["network_id"], name] = row["mean_local_coefficient"]
    expected = {k: v for k, v in expected.items() if v is not None and k[0] in finals}
    rows = db.query(f"select {LABELLED} from network_scores where score like '%coefficient'")
    found = {(row["network_id"], row["label"]): row["value"] for row in rows.rows(named=True)}
    assert found == pytest.approx(expected)
    names = {name for _, name in found}
    assert {name.split()[0] for name in names} == {"ricci_coefficient", "local_coefficient"}
    assert any("ollivier(0.5) union k=" in name for name in names)


def correlated(pairs):
    """Return n, r, p of (data set, x, y), x and y about the means of their data set."""
    groups = defaultdict(list)
    for dataset, *xy in pairs:
        groups[dataset].append(xy)
    for some in groups.values():
        for at in (0, 1):
            values = np.array([xy[at] for xy in some])
            if np.ptp(values) <= 1e-12 * np.abs(values).max():
                for xy in some:
                    xy[at] = 0.0
    about = np.concatenate([np.array(some) - np.mean(some, axis=0) for some in groups.values()])
    n = len(about)
    if (about == 0).all(axis=0).any():
        return n, None, None
    r = float(np.sum(about[:, 0] * about[:, 1]) / np.sqrt((about**2).sum(axis=0).prod()))
    freedom = n - len(groups) - 2
    is_tested = abs(r) < 1 and freedom > 0
    return n, r, 2 * stats.norm.sf(abs(math.atanh(r)) * math.sqrt(freedom)) if is_tested else None


@pytest.fixture(scope="module")
def pairs(scored, labels):
    """{(study, among, about, data set, family, decay, score, other): [(group, x, y)]}, by hand."""
    names = sorted({name for _, name in scored})
    both = defaultdict(list)
    for key, (study, dataset, decay) in labels.items():
        base, _, family = study.partition("/")
        kind = (dataset, family or None, decay)
        for one, other in itertools.permutations(names, 2):
            if {(key, one), (key, other)} <= scored.keys():
                row = (kind, scored[key, one], scored[key, other])
                both[base, one, other].append(row)
    found = defaultdict(list)
    for (base, *pair), rows in both.items():
        kinds = defaultdict(set)
        for kind, *_ in rows:
            kinds[kind[0]].add(kind)
        for kind, x, y in rows:
            several = len(kinds[kind[0]]) > 1
            nowhere, everywhere = (kind[0], None, None), (None,) * 3
            found[base, "kind", "kind", *kind, *pair].append((kind, x, y))
            if several:
                found[base, "data set", "kind", *nowhere, *pair].append((kind, x, y))
                found[base, "data set", "data set", *nowhere, *pair].append((kind[0], x, y))
            if len(kinds) > 1:
                found[base, "study", "kind", *everywhere, *pair].append((kind, x, y))
                if any(len(some) > 1 for some in kinds.values()):
                    found[base, "study", "data set", *everywhere, *pair].append((kind[0], x, y))
    return {k: v for k, v in found.items() if len(v) > 3}


PLACE = ("study", "among", "about", "dataset", "family", "weight_decay", "label", "other_label")


def test_score_correlations_are_those_of_scipy(db, pairs):
    rows = db.view("score_correlations").rows(named=True)
    found = {tuple(row[name] for name in PLACE): row for row in rows}
    assert len(found) == len(rows)
    assert found.keys() == pairs.keys()
    assert {study for study, *_ in found} == {"many", "grid"}  # three networks are too few
    assert {key[1:4] for key in found if key[0] == "grid"} == {
        ("kind", "kind", "one"),
        ("kind", "kind", "two"),
        ("data set", "kind", "one"),
        ("data set", "kind", "two"),
        ("data set", "data set", "one"),
        ("data set", "data set", "two"),
        ("study", "kind", None),
        ("study", "data set", None),
    }
    n_tested = 0
    for key, some in pairs.items():
        n, r, p = correlated(some)
        row = found[key]
        assert row["n"] == n, key
        assert row["n_groups"] == len({group for group, *_ in some})
        assert row["correlation"] == near(r, 1e-9), key
        assert row["p"] == near(p, 1e-7, 0), key
        n_tested += p is not None
        if r is not None and row["n_groups"] == 1:
            x, y = np.array([row[1:] for row in some]).T
            assert r == pytest.approx(stats.pearsonr(x, y)[0])
    assert n_tested > 100
    values = [(row["correlation"], row["p"]) for row in rows]
    assert (None, None) in values


def test_correlations_have_the_parameters_of_their_scores_as_columns(db):
    score = "score_label(score, curvature, alpha, convention, k, points, radius)"
    keys = "other_curvature, other_alpha, other_convention, other_k, other_points, other_radius"
    other = f"score_label(other, {keys})"
    for view in ("score_correlations", "within_network_correlations"):
        wrong = f"select 1 from {view} where label <> {score} or other_label <> {other}"
        assert db.query(wrong).height == 0
    rows = db.query(
        "select distinct points, radius from score_correlations where score = 'complexity'"
    )
    assert sorted(rows.rows()) == [("random", 0.05), ("train", 0.05), ("train", 1.0)]


def test_a_score_that_is_constant_in_every_data_set_correlates_with_nothing(db):
    """Its means differ by data set, and 0.1 + 0.1 + 0.1 is not 3 times 0.1."""
    constant = "label in ('complexity train r=1', 'generalisation_gap')"
    for among in ("kind", "data set", "study"):
        rows = db.query(
            f"from score_correlations where {constant} and study = 'grid' and among = $among",
            among=among,
        )
        assert rows.height > 0
        assert rows["correlation"].null_count() == rows["p"].null_count() == rows.height


@pytest.mark.parametrize("n", [4, 5, 10, 300])
def test_p_is_right_from_no_correlation_to_a_perfect_one(n, tmp_path):
    """One pair of scores in data sets of their own, r from 0 to 1."""
    rng = np.random.default_rng(n)
    noises = [0.0, 1e-6, 0.01, 0.1, 0.3, 1.0, 3.0, 100.0]
    tables = defaultdict(list)
    expected = {}
    for at, noise in enumerate(noises, 1):
        name = f"d{at}"
        tables["datasets"].append(dataset(at, name))
        x = np.round(rng.normal(size=n), 3)
        y = x if noise == 0 else x + noise * rng.normal(size=n)
        expected[name] = float(stats.pearsonr(x, y)[0])
        for replica in range(n):
            key = at * 1000 + replica
            row = network(key, study="s", dataset_id=at, test_accuracy=x[replica])
            tables["networks"].append(row)
            tables["transport_tracks"].append(
                {"network_id": key, "first_layer": 0, "last_layer": 1, "ot_score": y[replica]}
            )
    db = filled(tmp_path / "g.duckdb", tables)
    sql = "from score_correlations where score = 'ot_score' and other = 'test_accuracy'"
    sql += " and among = 'kind'"
    rows = {row["dataset"]: row for row in db.query(sql).rows(named=True)}
    assert rows.keys() == expected.keys()
    for name, r in expected.items():
        row = rows[name]
        assert row["correlation"] == pytest.approx(r, rel=1e-9)
        if name == "d1":
            assert row["correlation"] == pytest.approx(1, abs=1e-15)
            assert row["p"] is None or row["p"] < 1e-10
            continue
        p = 2 * stats.norm.sf(abs(math.atanh(row["correlation"])) * math.sqrt(n - 3))
        assert row["p"] == pytest.approx(p, rel=1e-12, abs=1e-300)


def test_transport_comparison_has_the_means_and_intervals_of_student(db, tables, labels):
    groups = defaultdict(list)
    for row in tables["transport_tracks"]:
        if row["network_id"] in labels and row.get("ot_score") is not None:
            study, dataset, decay = labels[row["network_id"]]
            family = study.partition("/")[2] or None
            groups[study.split("/")[0], dataset, family, decay].append(row)
    rows = db.view("transport_comparison").rows(named=True)
    found = {
        (row["study"], row["dataset"], row["family"], row["weight_decay"]): row for row in rows
    }
    assert len(found) == len(rows)
    assert found.keys() == groups.keys()
    accuracy = {row["network_id"]: row["test_accuracy"] for row in tables["networks"]}
    exact, cut = set(), set()
    for key, some in groups.items():
        row = found[key]
        assert row["n_networks"] == len(some)
        mean = np.mean([accuracy[one["network_id"]] for one in some])
        assert row["test_accuracy"] == pytest.approx(mean)
        for name in SCORES[2:]:
            assert row[name] == pytest.approx(np.mean([one[name] for one in some]))
        unique = np.mean([one["is_ot_unique"] for one in some])
        assert row["share_unique"] == pytest.approx(unique)
        for name, short in (("line_shape_score", "line_shape"), ("ot_score", "ot")):
            values = [one[name] for one in some if one[name] is not None]
            if not values:
                assert row[name] is row[f"{short}_low"] is row[f"{short}_high"] is None
                continue
            assert row[name] == pytest.approx(np.mean(values))
            low, high = row[f"{short}_low"], row[f"{short}_high"]
            if len(values) == 1:
                assert low is high is None
                continue
            free = len(values) - 1
            right = stats.t.interval(0.95, free, np.mean(values), stats.sem(values))
            least, most = BOUNDS[name]
            assert low == pytest.approx(max(least, right[0])), (key, short)
            assert high == pytest.approx(min(most, right[1])), (key, short)
            exact.add(len(values))
            cut |= {name} & {name for end in (low, high) if end in (least, most)}
    assert exact >= set(range(2, 11))
    assert cut == BOUNDS.keys()


def test_recipes_that_differ_are_not_compared_as_one(tmp_path):
    tables = {"datasets": [dataset(1, "d")], "networks": [], "transport_tracks": []}
    for key, (study, rate) in enumerate([("s/a", 0.1), ("s/b", 0.1), ("s/c", 0.2)]):
        recipe = {"optimizer": "sgd", "learning_rate": rate, "decay": 0.9, "epsilon": 0.0}
        recipe |= {"epochs": 3, "batch_size": 8, "weight_decay": 0.0}
        row = network(key, study=study, family="plain", test_accuracy=key / 2, **recipe)
        tables["networks"].append(row)
        tables["transport_tracks"].append(
            {"network_id": key, "first_layer": 0, "last_layer": 1, "ot_score": key / 2}
        )
    db = filled(tmp_path / "g.duckdb", tables)
    rows = db.query("select variant, n_networks, ot_score, recipe from transport_comparison")
    assert sorted(row[:3] for row in rows.rows()) == [("a", 1, 0.0), ("b", 1, 0.5), ("c", 1, 1.0)]
    assert rows["recipe"].n_unique() == 2


def variants(folder, *listed):
    """A store of a study: (name, family, decay, k, seed, OT score) of variants of two networks."""
    tables = {"datasets": [dataset(1, "d")], "networks": [], "transport_tracks": []}
    for name, family, decay, k, seed, score in listed:
        for replica in (0, 1):
            key = len(tables["networks"])
            recipe = {"optimizer": "sgd", "learning_rate": 0.1, "decay": 0.9, "epsilon": 0.0}
            recipe |= {"epochs": 3, "batch_size": 8, "weight_decay": decay}
            where = {"study": f"s/{name}", "family": family, "seed": seed + replica}
            row = network(key, request=f"k = {k}", replica=replica, **where, **recipe)
            tables["networks"].append(row)
            track = {"first_layer": 0, "last_layer": 2, "ot_score": score + replica / 1000}
            track |= {"line_shape_score": 2 - score + replica / 1000, "n_steps": 2}
            tables["transport_tracks"].append({"network_id": key, **track})
    return filled(folder / "g.duckdb", tables)


def test_variants_that_differ_in_more_than_family_and_decay_are_not_one(tmp_path):
    """The same networks with graphs of two k, and others of another seed."""
    db = variants(
        tmp_path,
        *((f"{family}_{k}_{seed}", family, 0.0, k, seed, score)
          for family, score in (("plain", 0.2), ("residual", 0.8))
          for k, seed in ((5, 0), (9, 0), (5, 7))),
    )  # fmt: skip
    rows = db.query("from transport_comparison")
    assert rows.select("variant", "n_networks").rows() and set(rows["n_networks"]) == {2}
    assert rows["variant"].n_unique() == rows.height == 6
    named = dict(rows.select("variant", "series").rows())
    assert len(set(named.values())) == 3
    assert all(named[f"plain_{one}"] == named[f"residual_{one}"] for one in ("5_0", "9_0", "5_7"))
    (pair,) = question_answer(db.query, "residual_against_plain", study="s").rows.rows(named=True)
    assert (pair["pairs"], pair["straighter"], pair["more_optimal"]) == (3, 3, 3)
    assert transport_table(rows)["variant"].to_list() == rows["variant"].to_list()


def test_of_variants_that_the_store_cannot_tell_apart_no_pair_and_no_slope_is_made(tmp_path):
    """Two of each family differ in what is not in the store, as the training rows of a data set."""
    listed = [
        ("a", "plain", 0.0, 5, 0, 0.2),
        ("b", "plain", 0.0, 5, 0, 0.4),
        ("c", "residual", 0.0, 5, 0, 0.8),
        ("d", "residual", 0.1, 5, 0, 0.9),
        ("e", "plain", 0.1, 5, 0, 0.3),
    ]
    db = variants(tmp_path, *listed)
    (pair,) = question_answer(db.query, "residual_against_plain", study="s").rows.rows(named=True)
    assert pair["pairs"] == 1  # d and e
    (slope,) = question_answer(db.query, "slopes_along_decay", study="s").rows.rows(named=True)
    assert slope["family"] == "residual"
    assert slope["ot_slope"] == pytest.approx(1)


def test_a_track_of_one_step_has_no_geodesic_ratio(tmp_path):
    tables = {"datasets": [dataset(1, "d")], "networks": [network(1, study="s")]}
    lengths = {"w2_path_length": 2.0, "w2_geodesic_length": 2.0, "ot_score": 0.5}
    tables["transport_tracks"] = [
        {"network_id": 1, "first_layer": 0, "last_layer": 1, "n_steps": 1, **lengths}
    ]
    db = filled(tmp_path / "g.duckdb", tables)
    for view in ("track_scores", "transport_scores", "transport_comparison"):
        (row,) = db.view(view).rows(named=True)
        assert row["geodesic_ratio"] is row["line_shape_score"] is None
        assert row["ot_score"] == 0.5
    scores = db.view("network_scores")["score"].to_list()
    assert "ot_score" in scores
    assert not {"geodesic_ratio", "line_shape_score"} & set(scores)


def descent(curvatures, rate, n_steps, start):
    """Gradient descent on sum_c a_c theta_c^2 / 2: path, chord, losses and the flow's limit."""
    theta, length = np.array(start, float), 0.0
    first = theta
    a = np.array(curvatures, float)
    for _ in range(n_steps):
        step = -rate * a * theta
        theta, length = theta + step, length + np.linalg.norm(step)
    losses = [float((a * point**2).sum() / 2) for point in (first, theta)]
    return length, float(np.linalg.norm(theta - first)), losses


SPEEDS = {
    # name: (curvatures, start, changes of the path's row, changes of the network's row)
    "line": ([1.0], [2.0], {}, {}),
    "bent": ([1.0, 10.0], [1.0, 1.0], {}, {}),
    "mini-batch": ([1.0], [2.0], {"is_full_batch": False}, {}),
    "momentum": ([1.0], [2.0], {}, {"decay": 0.9}),
    "decayed": ([1.0], [2.0], {}, {"weight_decay": 0.1}),
    "normalised": ([1.0], [2.0], {}, {"batch_norm": True}),
    "rmsprop": ([1.0], [2.0], {}, {"optimizer": "rmsprop"}),
    "unknown": ([1.0], [2.0], {}, {"optimizer": None, "weight_decay": None}),
    "rose": ([1.0], [2.0], {"last_loss": 99.0}, {}),
    "returned": ([1.0], [2.0], {"chord": 0.0}, {}),
    "rest": ([1.0], [0.0], {}, {}),
    "hardly fell": ([1.0], [2.0], {"chord": 1e200, "path_length": 2e200}, {}),
    "hardly moved": ([1.0], [2.0], {"chord": 1e-180, "path_length": 2e-180}, {}),
}
RATE, STEPS = 0.01, 100


@pytest.fixture(scope="module")
def speeds(tmp_path_factory):
    tables = {"networks": [], "weight_paths": []}
    tables["datasets"] = made_tables()["datasets"][:1]
    for key, (name, (curvatures, start, path, changes)) in enumerate(SPEEDS.items()):
        length, chord, (first, last) = descent(curvatures, RATE, STEPS, start)
        recipe = {"optimizer": "sgd", "decay": 0.0, "weight_decay": 0.0, "learning_rate": RATE}
        tables["networks"].append(network(key, name=name, study="s", **(recipe | changes)))
        tables["weight_paths"].append(
            {
                "network_id": key,
                "n_steps": STEPS,
                "path_length": length,
                "chord": chord,
                "first_loss": first,
                "last_loss": last,
                "is_full_batch": True,
            }
            | path
        )
    db = filled(tmp_path_factory.mktemp("speed") / "g.duckdb", tables)
    return {row["network"]: row for row in db.view("training_speed").rows(named=True)}


def test_speed_on_a_quadratic_is_its_closed_form(speeds):
    """theta_n = 2 q^n, q = 1 - rate, loss theta^2 / 2: T_SL = 2 (1 - q^n) / (1 + q^n)."""
    row = speeds["line"]
    left = (1 - RATE) ** STEPS
    assert row["chord"] == pytest.approx(2 * (1 - left))
    assert row["path_ratio"] == pytest.approx(1)
    assert row["training_time"] == pytest.approx(RATE * STEPS)
    assert row["time_limit"] == pytest.approx(2 * (1 - left) / (1 + left))
    assert row["inefficiency"] == pytest.approx(RATE * STEPS * (1 + left) / (2 * (1 - left)))
    assert row["inefficiency"] > 1 - RATE / 2
    assert row["reason"] is None


def test_a_bent_path_is_longer_than_its_chord_and_slower(speeds):
    row = speeds["bent"]
    left = (1 - RATE * np.array([1, 10])) ** STEPS
    chord = np.linalg.norm(1 - left)
    fall = (np.array([1, 10]) * (1 - left**2)).sum() / 2
    assert row["time_limit"] == pytest.approx(chord**2 / fall)
    assert row["inefficiency"] == pytest.approx(RATE * STEPS * fall / chord**2)
    assert row["path_ratio"] > 1.01


@pytest.mark.parametrize(
    "name", ["mini-batch", "momentum", "decayed", "normalised", "rmsprop", "unknown"]
)
def test_only_gradient_descent_of_the_loss_has_a_limit(name, speeds):
    row = speeds[name]
    assert row["path_ratio"] == pytest.approx(1)
    assert row["training_time"] is row["time_limit"] is row["inefficiency"] is None
    reason = "not full-batch gradient descent without momentum, weight decay or batch norm"
    assert row["reason"] == reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("rose", "the loss did not fall"),
        ("returned", "the weights ended where they began"),
        ("rest", "the weights did not move"),
        ("hardly fell", "the loss hardly fell"),
        ("hardly moved", "the weights hardly moved"),
    ],
)
def test_what_has_no_inefficiency_says_why(name, reason, speeds):
    assert speeds[name]["inefficiency"] is None
    assert speeds[name]["reason"] == reason
    assert (speeds[name]["path_ratio"] is None) == (name in ("returned", "rest"))


def test_no_view_has_a_number_that_is_not_finite(db, speeds):
    for row in speeds.values():
        numbers = [value for value in row.values() if isinstance(value, float)]
        assert np.isfinite(numbers).all(), row
    for view in ("transport_scores", "score_correlations", "transport_comparison"):
        for column in db.view(view).select(pl.selectors.float()):
            assert column.drop_nulls().is_finite().all(), (view, column.name)
