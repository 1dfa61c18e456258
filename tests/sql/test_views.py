"""The views against numpy and scipy, from the base tables alone."""

import math
import warnings
from itertools import groupby, product

import numpy as np
import pytest
from igraph import Graph
from scipy import stats

import geoflow

FIRST = {"hidden": 1, "input": 0}
SERIES = list(product(FIRST, ("hidden", "output")))
every_series = pytest.mark.parametrize(("start", "end"), SERIES)


@pytest.fixture(scope="module")
def db(store):
    with geoflow.open(store).held() as held:
        yield held


def rows(db, sql):
    return db.query(sql).rows(named=True)


def by(rows, *keys):
    """Return rows by their key, which is theirs alone."""
    found = {tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows)
    return found


def close(a, b):
    return (a is None and b is None) or a == pytest.approx(b, rel=1e-12, abs=1e-12)


@pytest.fixture(scope="module")
def states(db):
    """(Ric_l, g_l) of the layers of each (network, k, convention), its output last, and its row.

    Snapshots are among the networks; those that failed are not.
    """
    graphs, layers = rows(db, "from graphs"), by(rows(db, "from layers"), "layer_id")
    networks = [row for row in rows(db, "from networks") if row["status"] != "failed"]
    found = {}
    for network in networks:
        for graph in graphs:
            layer = layers[graph["layer_id"],]
            own = layer["network_id"] == network["network_id"]
            if own or (layer["layer"], layer["dataset_id"]) == (0, network["dataset_id"]):
                key = network["network_id"], graph["k"], graph["convention"]
                series = found.setdefault(key, (network, {}))[1]
                assert layer["layer"] not in series
                series[layer["layer"]] = graph["total_forman"], graph["total_geodesic"]
    # a data set's input has the k of all its networks
    own = {key: flow for key, flow in found.items() if set(flow[1]) != {0}}
    n_beyond = [len(series) - network["depth"] - 1 for network, series in own.values()]
    assert set(n_beyond) == {0, 1}
    assert len(own) < len(found)
    return own


@pytest.fixture(scope="module")
def flows(states):
    """Those of networks at the end of their training, which alone count."""
    found = {key: flow for key, flow in states.items() if flow[0]["final_id"] is None}
    assert 0 < len(found) < len(states)
    return found


def series_of(start, end):
    """The condition that picks a series of steps."""
    return f"start = '{start}' and \"end\" = '{end}'"


def has(flow, start, end):
    """Whether a network has a step from a start to an end."""
    network, series = flow
    last = network["depth"] + (end == "output")
    return last in series and last > FIRST[start]


def pairs(flow, start, end):
    """(eta_l, Ric_l) from a start to an end, or None where a layer is not connected."""
    network, series = flow
    last = network["depth"] + (end == "output")
    used = [series[layer] for layer in range(FIRST[start], last + 1)]
    if any(g is None for _, g in used):
        return None
    return [(used[at + 1][1] - g, ric) for at, (ric, g) in enumerate(used[:-1])]


def pearson(points):
    """Pearson of (eta, Ric), None if undefined."""
    if points is None or len(points) < 2:
        return None
    eta, ric = zip(*points, strict=True)
    if len(set(eta)) == 1 or len(set(ric)) == 1:
        return None
    return float(stats.pearsonr(eta, ric).statistic)


def test_the_store_has_what_the_views_are_tried_on(flows):
    series = [pairs(flow, "hidden", "hidden") for flow in flows.values()]
    found = [(points, pearson(points)) for points in series]
    outputs = [flow for flow in flows.values() if has(flow, "hidden", "output")]
    ends = [[pairs(flow, "hidden", end) for end in ("hidden", "output")] for flow in outputs]
    assert sum(None not in both for both in ends) > 2
    assert any(points is None for points, _ in found)
    assert any(points is not None and len(points) == 1 for points, _ in found)
    assert any(points and len(points) > 3 and rho is None for points, rho in found)
    assert sum(rho is not None for _, rho in found) > 20


def test_flow_steps_are_differences_between_layers(db, flows):
    got = by(rows(db, "from flow_steps"), "network_id", "k", "convention", "layer")
    n_steps = 0
    for key, (network, series) in flows.items():
        for layer in range(len(series) - 1):
            row = got[*key, layer]
            (ric, g), (_, following) = series[layer], series[layer + 1]
            connected = g is not None and following is not None
            assert (row["total_forman"], row["total_geodesic"]) == (ric, g)
            assert row["eta"] == (following - g if connected else None)
            assert row["is_connected"] == connected
            assert row["network"] == network["name"]
            assert row["is_to_output"] == (layer == network["depth"])
            n_steps += 1
    assert len(got) == n_steps


@every_series
def test_ricci_coefficient_is_the_pearson_of_eta_and_ric(db, flows, start, end):
    got = by(
        rows(db, f"from ricci_coefficients where {series_of(start, end)}"),
        "network_id",
        "k",
        "convention",
    )
    expected = {key for key, flow in flows.items() if has(flow, start, end)}
    assert got.keys() == expected
    for key in expected:
        points = pairs(flows[key], start, end)
        row, rho = got[key], pearson(points)
        assert close(row["ricci_coefficient"], rho)
        assert row["is_connected"] == (points is not None)
        assert row["n_steps"] == flows[key][0]["depth"] - FIRST[start] + (end == "output")


def test_z_is_fisher_of_rho_and_null_where_undefined(db):
    some = rows(db, "from ricci_coefficients")
    for row in some:
        rho, n = row["ricci_coefficient"], row["n_steps"]
        if rho is None or n <= 3 or abs(rho) == 1:
            assert row["z_fisher"] is row["z_paper"] is None
            continue
        assert close(row["z_fisher"], math.atanh(rho) * math.sqrt(n - 3))
        assert close(row["z_paper"], math.atanh(rho) / math.sqrt(n - 3))
    assert any(row["z_fisher"] for row in some)
    assert any(row["ricci_coefficient"] and not row["z_fisher"] for row in some)


def test_from_the_first_hidden_layer_on_the_paper_divides_by_the_root_of_depth_less_four(db):
    some = rows(
        db,
        "from ricci_coefficients where start = 'hidden' and \"end\" = 'hidden'"
        " and z_paper is not null and depth <> 5",
    )
    assert some
    for row in some:
        z = math.atanh(row["ricci_coefficient"]) / math.sqrt(row["depth"] - 4)
        assert close(row["z_paper"], z)


def test_a_coefficient_is_null_with_its_reason_and_else_has_none(db, flows):
    seen = set()
    for row in rows(db, "from ricci_coefficients"):
        flow = flows[row["network_id"], row["k"], row["convention"]]
        points = pairs(flow, row["start"], row["end"])
        reason = None
        if points is None:
            reason = "a layer graph is not connected"
        elif len(points) < 2:
            reason = "fewer than two steps"
        elif pearson(points) is None:
            reason = "a series is constant"
        assert row["reason"] == reason
        assert (row["ricci_coefficient"] is None) == (reason is not None)
        seen.add(reason)
    assert len(seen) == 4


@pytest.mark.parametrize("view", ["ricci_coefficients", "aggregated_ricci_coefficients"])
def test_a_network_that_stands_still_has_no_coefficient(db, view):
    name = "network" if view == "ricci_coefficients" else "width || depth"
    still = rows(db, f"from {view} where {name} in ('still', 'narrow5') and start = 'hidden'")
    assert still
    for row in still:
        found = row.get("ricci_coefficient", row.get("aggregated_ricci_coefficient"))
        assert found is None


def cells(flows, start, end):
    """Networks of one kind with k: (study, data set, width, depth, k, convention) -> flows."""
    kind = ("study", "dataset_id", "width", "depth")
    keyed = [
        ((*(flow[0][name] for name in kind), *key[1:]), flow)
        for key, flow in flows.items()
        if has(flow, start, end)
    ]
    keyed.sort(key=lambda one: str(one[0]))
    return {key: [flow for _, flow in some] for key, some in groupby(keyed, key=lambda one: one[0])}


def accurate(network):
    score, threshold = network["test_accuracy"], network["accuracy_threshold"]
    return score is None or threshold is None or score > threshold


@every_series
def test_aggregated_coefficient_pools_the_accurate_connected_networks_uncentred(
    db, flows, start, end
):
    got = by(
        rows(db, f"from aggregated_ricci_coefficients where {series_of(start, end)}"),
        "study", "dataset_id", "width", "depth", "k", "convention",
    )  # fmt: skip
    expected = cells(flows, start, end)
    assert got.keys() == expected.keys()
    for key, some in expected.items():
        row = got[key]
        good = [flow for flow in some if accurate(flow[0])]
        pooled = [points for flow in good if (points := pairs(flow, start, end)) is not None]
        own = [rho for points in pooled if (rho := pearson(points)) is not None]
        counts = row["n_networks"], row["n_accurate"], row["n_connected"]
        assert counts == (len(some), len(good), len(pooled))
        together = pearson([point for points in pooled for point in points]) if pooled else None
        assert close(row["aggregated_ricci_coefficient"], together)
        assert close(row["mean_ricci_coefficient"], np.mean(own).item() if own else None)
        negative = np.mean([rho < -1e-12 for rho in own]).item() if own else None
        assert close(row["share_negative"], negative)


def test_a_network_at_its_threshold_is_not_accurate_and_a_failed_one_is_left_out(db):
    names = rows(db, "select network from network_summary where is_accurate and study = 'grid'")
    assert {row["network"] for row in names} == {"graded-0", "graded-2", "graded-4"}
    (counts,) = rows(
        db,
        "select distinct n_networks, n_accurate from aggregated_ricci_coefficients"
        " where study = 'grid'",
    )
    assert counts == {"n_networks": 5, "n_accurate": 3}


@pytest.mark.parametrize(
    "view", ["network_labels", "snapshot_labels", "network_layers", "network_graphs"]
)
def test_a_failed_network_has_no_layers_to_see(db, view):
    failed = "select network_id from networks where status = 'failed'"
    assert db.query(failed).height == 2
    assert db.query(f"from {view} where network_id in ({failed})").is_empty()


def test_the_torn_network_is_accurate_but_not_pooled(db):
    counts = rows(
        db,
        "select distinct n_connected from aggregated_ricci_coefficients where study = 'grid'"
        " and k = 9 and convention = 'union'",
    )
    assert counts == [{"n_connected": 2}]


@every_series
def test_optimal_k_is_the_first_k_of_the_smallest_coefficient(db, start, end):
    pooled = rows(db, f"from aggregated_ricci_coefficients where {series_of(start, end)}")
    kind = ("study", "dataset_id", "width", "depth", "convention")
    best = {}
    for row in sorted(pooled, key=lambda row: row["k"]):
        rho, key = row["aggregated_ricci_coefficient"], tuple(row[name] for name in kind)
        if rho is not None and (key not in best or rho < best[key]["aggregated_ricci_coefficient"]):
            best[key] = row
    got = by(rows(db, f"from optimal_k where {series_of(start, end)}"), *kind)
    assert got.keys() == best.keys()
    same = ("aggregated_ricci_coefficient", "n_networks", "n_accurate", "n_connected")
    for key, row in best.items():
        assert got[key]["optimal_k"] == row["k"]
        assert all(got[key][name] == row[name] for name in (*same, "share_negative"))


def test_of_equal_coefficients_the_smaller_k_is_optimal(layers_of, tmp_path):
    layers = layers_of(7, 30, (2, 2, 2, 2))
    done = geoflow.ingest(layers, tmp_path / "g.duckdb", k=[5, 8], convention="union")
    assert done.n_graphs == 8
    import duckdb

    with duckdb.connect(str(tmp_path / "g.duckdb")) as connection:
        connection.execute(
            "update graphs as a set total_forman = b.total_forman, total_geodesic ="
            " b.total_geodesic from graphs as b where a.k = 5 and b.k = 8"
            " and a.layer_id = b.layer_id"
        )
    best = geoflow.open(tmp_path / "g.duckdb").query("select optimal_k from optimal_k")
    assert best["optimal_k"].to_list() == [5, 5]


def test_network_summary_has_every_network_with_its_coefficient_at_the_optimal_k(db, flows):
    got = by(rows(db, "from network_summary"), "network_id", "convention")
    networks = by(rows(db, "from networks where final_id is null"), "network_id")
    assert {key[0] for key in got} == {key[0] for key in networks}
    best = by(
        rows(db, "from optimal_k where start = 'hidden' and \"end\" = 'hidden'"),
        "study", "dataset_id", "width", "depth", "convention",
    )  # fmt: skip
    own = by(
        rows(db, "from ricci_coefficients where start = 'hidden' and \"end\" = 'hidden'"),
        "network_id", "convention", "k",
    )  # fmt: skip
    for (network_id, convention), row in got.items():
        network = networks[network_id,]
        mine = [key for key in own if key[:2] == (network_id, convention)]
        connected = [key for key in mine if own[key]["is_connected"]]
        assert (row["n_k"], row["n_k_connected"]) == (len(mine), len(connected))
        kind = tuple(network[name] for name in ("study", "dataset_id", "width", "depth"))
        optimal = best.get((*kind, convention), {}).get("optimal_k")
        assert row["optimal_k"] == optimal
        rho = own[network_id, convention, optimal]["ricci_coefficient"] if optimal else None
        assert close(row["ricci_coefficient"], rho)
        assert row["is_accurate"] == (network["status"] != "failed" and accurate(network))
        assert (row["network"], row["reason"]) == (network["name"], network["reason"])


def degrees_of(graph, neighbors):
    """Degrees from the stored neighbours, by igraph."""
    is_directed = graph["convention"] == "directed"
    named = [
        (row["point"], row["neighbor"])
        for row in neighbors
        if row["layer_id"] == graph["layer_id"]
        and row["rank"] - is_directed * row["n_tied"] <= graph["k"]
    ]
    mode = {"union": "max", "mutual": "mutual"}.get(graph["convention"])
    made = Graph(n=graph["n_points"], edges=named, directed=True)
    if mode == "mutual":
        made.delete_edges([edge for edge in made.es if not made.is_mutual(edge)])
    if mode:
        made = made.as_undirected()
    return np.array(made.degree(), float)


def test_graph_summary_has_the_moments_of_the_degrees(db):
    neighbors = rows(db, "from neighbors")
    stored = "from graph_summary join layers using (layer_id) where k <= store_rank"
    graphs = rows(db, f"select columns(graph_summary.*) {stored}")
    assert len(graphs) > 60
    for graph in graphs:
        degrees = degrees_of(graph, neighbors)
        assert close(graph["mean_degree"], degrees.mean())
        assert close(graph["degree_variance"], degrees.var())
        assert (graph["min_degree"], graph["max_degree"]) == (degrees.min(), degrees.max())
        with warnings.catch_warnings(action="ignore"):
            skewness = None if np.ptp(degrees) == 0 else stats.skew(degrees)
        assert close(graph["degree_skewness"], skewness)
        assert graph["total_forman"] == 2 * degrees.sum() - (degrees**2).sum()


def test_graph_summary_has_the_mean_hops_of_a_pair(db):
    hops = rows(db, "select graph_id, sum(hops * n_pairs) as g from hop_counts group by graph_id")
    totals = {row["graph_id"]: int(row["g"]) for row in hops}
    for graph in rows(db, "from graph_summary"):
        n = graph["n_points"]
        mean = totals[graph["graph_id"]] / (n * (n - 1)) if graph["is_connected"] else None
        assert close(graph["mean_geodesic"], mean)


def test_graph_summary_names_network_and_data_set(db):
    got = rows(db, "select distinct network, dataset from graph_summary where layer > 0")
    assert {"network": "tied", "dataset": "tied"} in got
    assert {"network": "graded-1", "dataset": "cloud"} in got
    inputs = db.query("select network from graph_summary where layer = 0")["network"]
    assert inputs.null_count() == len(inputs)


def test_graph_summary_has_the_graphs_of_the_end_of_training_alone(db, states, flows):
    got = {row["network"] for row in rows(db, "from graph_summary where layer > 0")}
    assert got == {network["name"] for network, _ in flows.values()}
    assert got < {network["name"] for network, _ in states.values()}


@pytest.mark.parametrize("view", ["network_summary", "ricci_coefficients", "flow_steps"])
def test_snapshots_are_in_no_view_that_counts_networks(db, view):
    names = set(db.view(view)["network"])
    assert "graded-0" in names
    assert not [name for name in names if "@" in name]


def test_snapshots_are_labelled_with_their_network_and_epoch(db):
    some = rows(db, "from snapshot_labels where study = 'grid'")
    got = {(row["network"], row["epoch"], row["is_final"]) for row in some}
    ended = {(f"graded-{replica}", 9, True) for replica in range(5)}
    assert got == ended | {("graded-0", 0, False), ("graded-0", 2, False), ("graded-5", 0, False)}
    networks = by(rows(db, "from networks"), "network_id")
    for row in some:
        assert networks[row["final_id"],]["name"] == row["network"]
        own = networks[row["network_id"],]
        assert (row["epoch"], row["test_accuracy"]) == (own["epochs"], own["test_accuracy"])


@pytest.mark.parametrize("start", FIRST)
def test_training_coefficients_are_those_of_every_epoch_beside_the_untrained(db, states, start):
    got = by(
        rows(db, f"from training_coefficients where {series_of(start, 'hidden')}"),
        "network", "epoch", "k", "convention",
    )  # fmt: skip
    names = {row["network_id"]: row["name"] for row in rows(db, "from networks")}
    expected = {}
    for (network_id, *kind), flow in states.items():
        network = flow[0]
        is_trained = network["epochs"] is not None  # was not ingested
        if is_trained and has(flow, start, "hidden"):
            name = names[network["final_id"] or network_id]
            expected[name, network["epochs"], *kind] = (
                network,
                pearson(pairs(flow, start, "hidden")),
            )
    assert got.keys() == expected.keys()
    for (name, epoch, *kind), (network, rho) in expected.items():
        row = got[name, epoch, *kind]
        assert close(row["ricci_coefficient"], rho)
        assert (row["reason"] is None) == (rho is not None)
        assert close(row["untrained_coefficient"], expected.get((name, 0, *kind), (None,) * 2)[1])
        assert row["is_final"] == (network["final_id"] is None)
        scores = ("train_accuracy", "test_accuracy")
        assert all(row[score] == network[score] for score in scores)
    both = [row for row in got.values() if row["untrained_coefficient"] and row["epoch"] == 9]
    assert any(row["untrained_coefficient"] != row["ricci_coefficient"] for row in both)


def test_study_summary_counts_and_averages_the_networks_that_did_not_fail(db):
    finals = rows(db, "from networks where final_id is null")
    networks = [row for row in finals if row["status"] != "failed"]
    for row in rows(db, "from study_summary"):
        some = [
            one
            for one in networks
            if all(one[name] == row[name] for name in ("study", "width", "depth"))
        ]
        scores = [one["test_accuracy"] for one in some if one["test_accuracy"] is not None]
        assert row["n_networks"] == len(some)
        assert row["n_accurate"] == sum(map(accurate, some))
        assert close(row["test_accuracy"], np.mean(scores).item() if scores else None)
        (best,) = rows(
            db,
            f"from optimal_k where study = '{row['study']}' and depth = {row['depth']} and"
            f" dataset = '{row['dataset']}' and convention = '{row['convention']}'"
            f" and width = '{row['width']}' and start = 'hidden'"
            " and \"end\" = 'hidden'",
        ) or [{}]
        assert row["optimal_k"] == best.get("optimal_k")
        assert row["aggregated_ricci_coefficient"] == best.get("aggregated_ricci_coefficient")


def test_no_view_and_no_table_holds_nan_or_infinity(db):
    n_columns = 0
    with db.held() as held:
        frames = {name: held.view(name) for name in geoflow.store.results.readable()}
    for name, frame in frames.items():
        for column in frame.columns:
            if frame[column].dtype.is_float():
                assert frame[column].drop_nulls().is_finite().all(), (name, column)
                n_columns += 1
    assert n_columns > 20


def test_a_study_has_its_own_optimal_k_beside_another_on_the_same_data(db):
    studies = db.query("select distinct study from optimal_k where dataset = 'cloud'")
    assert set(studies["study"]) == {"grid", "shallow"}
