"""The views that report a study, against numpy, from the tables alone."""

import csv
import math
import shutil
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pytest

import geoflow
from geoflow.specs import GeometrySpec

VIEWS = (
    "pooled_steps", "aggregated_ricci_coefficients", "split_half_coefficients",
    "optimal_coefficients", "study_headline", "figure3_fidelity", "published_coefficients",
    "published_headline",
)  # fmt: skip
FIG3 = Path(__file__).parents[3] / "shared" / "reference" / "fig3.csv"
N = 60
THRESHOLD = 0.9
KIND = ("study", "dataset_id", "width", "depth", "convention", "start")


def networks_of(rng, name, scores, *, depth=5, torn=(), still=(), **fields):
    """Yield a network per score; torn ones are apart below k = N / 2, None is one that failed."""
    for replica, score in enumerate(scores):
        hidden = [rng.normal(size=(N, 3)) * rng.uniform(1, 3, 3) for _ in range(depth)]
        if replica in torn:
            hidden[-1][N // 2 :] += 1e3
        if replica in still:
            hidden = [hidden[0]] * depth
        row = {"name": f"{name}-{replica}", "replica": replica, "depth": depth}
        row |= {"test_accuracy": score, "accuracy_threshold": THRESHOLD, **fields}
        if score is None:
            row |= {"status": "failed", "reason": "NaN", "widths": [3] * depth}
        yield row, [] if score is None else hidden


@pytest.fixture(scope="module")
def path(write, tmp_path_factory):
    db = tmp_path_factory.mktemp("study") / "g.duckdb"
    rng = np.random.default_rng(5)
    points = rng.normal(size=(N, 3))

    def add(study, dataset, k, conventions, *args, **fields):
        spec = GeometrySpec(k, conventions, detail="graphs")
        some = list(networks_of(rng, f"{study}/{dataset}-{args[0]}", *args[1:], **fields))
        write(db, dataset, points, some, spec, study=study)

    both, k = ("directed", "union"), (10, 20, 30)
    scores = (0.99, 0.9, 0.95, 0.5, 0.97, 0.96, 0.98, 0.93, 0.94, 0.92, None)
    add("grid", "mnist_1v7", k, both, "mixed", scores, torn={5}, still={6})
    add("grid", "mnist_1v7", k, both, "apart", (0.95, 0.5, 0.96, 0.4), torn={0, 2}, width="wide")
    shallow = (0.95, 0.99, 0.96, 0.97, 0.6, 0.98, 0.92, 0.93)
    add("grid", "cloud", k, both, "shallow", shallow, depth=2)
    add("grid", "cloud", k[:2], both, "torn", (0.95, 0.8), torn={0, 1}, width="bottleneck")
    add("again", "mnist_1v7", (7, *k), both[:1], "clean", [0.95, 0.99, 0.91] * 2)
    add("again", "synthetic_a", (9, 12), both[:1], "clean", [0.95, 0.99])
    add("low", "cloud", k, both[:1], "low", (0.9, 0.5))
    add("still", "cloud", k, both, "still", (0.95, 0.95), still={0, 1})
    add("still", "cloud", k, both, "alone", (0.95,), depth=2)
    add("given", "cloud", k, both[:1], "given", (0.95,), replica=None)
    return db


@pytest.fixture(scope="module")
def db(path):
    with geoflow.open(path).held() as held:
        yield held


def rows(db, name, where="true"):
    return db.query(f"from {name} where {where}").rows(named=True)


def by(rows, *keys):
    """Return rows by their key, which is theirs alone."""
    found = {tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows) > 0
    return found


def close(a, b):
    return (a is None and b is None) or a == pytest.approx(b, rel=1e-10, abs=1e-10)


def pearson(pairs):
    """Pearson correlation by hand, None if undefined."""
    x, y = np.array(list(pairs), float).reshape(-1, 2).T
    if len(set(x)) < 2 or len(set(y)) < 2:
        return None
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(x @ y / math.sqrt((x @ x) * (y @ y)), -1, 1))


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else None


@dataclass(frozen=True)
class Flow:
    """A network at one k, convention and start; series: (Ric_l, g_l) from the start to L."""

    network: dict
    k: int
    convention: str
    start: str
    series: list

    @property
    def kind(self):
        return (*(self.network[name] for name in KIND[:4]), self.convention, self.start)

    @property
    def half(self):
        replica = self.network["replica"]
        return None if replica is None else replica % 2

    @property
    def is_accurate(self):
        return self.network["test_accuracy"] > self.network["accuracy_threshold"]

    @property
    def is_connected(self):
        return all(g is not None for _, g in self.series)

    @property
    def counts(self):
        return self.is_accurate and self.is_connected

    @cached_property
    def steps(self):
        """(eta_l, Ric_l) of each step."""
        pairs = zip(self.series[:-1], self.series[1:], strict=True)
        return [(after - g, ric) for (ric, g), (_, after) in pairs]

    @cached_property
    def rho(self):
        return pearson(self.steps) if self.is_connected else None


@pytest.fixture(scope="module")
def flows(db):
    """Every flow, from the tables `networks`, `layers` and `graphs`."""
    layers = {row["layer_id"]: row for row in rows(db, "layers")}
    series = defaultdict(lambda: defaultdict(dict))
    for graph in rows(db, "graphs"):
        layer = layers[graph["layer_id"]]
        owner = "input of", layer["dataset_id"]
        if layer["layer"]:
            owner = "network", layer["network_id"]
        place = series[owner][graph["k"], graph["convention"]]
        place[layer["layer"]] = graph["total_forman"], graph["total_geodesic"]
    found = []
    names = {row["dataset_id"]: row["name"] for row in rows(db, "datasets")}
    for row in rows(db, "networks", "status <> 'failed'"):
        network = row | {"dataset": names[row["dataset_id"]]}
        for (k, convention), hidden in series["network", network["network_id"]].items():
            whole = series["input of", network["dataset_id"]][k, convention] | hidden
            numbers = [whole[layer] for layer in range(network["depth"] + 1)]
            found.append(Flow(network, k, convention, "hidden", numbers[1:]))
            found.append(Flow(network, k, convention, "input", numbers))
    return found


def grouped(flows, key):
    """Return flows by the tuple that `key` makes of each."""
    found = defaultdict(list)
    for flow in flows:
        found[key(flow)].append(flow)
    return found


def together(flows):
    """Return the aggregated coefficient of the flows that count."""
    return pearson(step for flow in flows if flow.counts for step in flow.steps)


def best(flows):
    """Return the aggregated coefficient at the optimal k, by each k that is optimal."""
    each = {
        k: rho
        for (k,), some in grouped(flows, lambda flow: (flow.k,)).items()
        if (rho := together(some)) is not None
    }
    return {k: rho for k, rho in each.items() if rho < min(each.values()) + 1e-12}


def test_the_store_has_what_the_views_are_tried_on(flows):
    kinds = grouped(flows, lambda flow: flow.kind)
    chosen = {
        kind: [set(best(flow for flow in some if flow.half == half)) for half in (0, 1)]
        for kind, some in kinds.items()
    }
    assert any(all(both) and not both[0] & both[1] for both in chosen.values())
    assert any(both[0] and not both[1] for both in chosen.values())
    assert any(not best(some) for some in kinds.values())
    assert {flow.network["test_accuracy"] for flow in flows} >= {THRESHOLD}
    assert {flow.is_connected for flow in flows if flow.network["replica"] == 5} == {False, True}
    assert any(flow.counts and flow.rho is None and len(flow.steps) > 3 for flow in flows)
    assert sum(flow.rho is not None for flow in flows) > 100


def test_pooled_steps_are_those_of_the_accurate_connected_networks(db, flows):
    names = (*KIND, "k", "dataset", "network_id", "half", "layer", "eta", "total_forman")
    got = [tuple(row[name] for name in names) for row in rows(db, "pooled_steps")]
    same = ("dataset", "network_id")
    expected = [
        (*flow.kind, flow.k, *(flow.network[name] for name in same), flow.half, layer, *step)
        for flow in flows
        if flow.counts
        for layer, step in enumerate(flow.steps, start=flow.start == "hidden")
    ]
    assert sorted(got, key=str) == sorted(expected, key=str)


def test_the_aggregated_coefficient_is_the_pearson_of_all_pooled_steps(db, flows):
    got = by(rows(db, "aggregated_ricci_coefficients"), *KIND, "k")
    cells = grouped(flows, lambda flow: (*flow.kind, flow.k))
    assert got.keys() == cells.keys()
    for key, some in cells.items():
        row, pooled = got[key], [flow for flow in some if flow.counts]
        own = [flow.rho for flow in pooled if flow.rho is not None]
        n_accurate = sum(flow.is_accurate for flow in some)
        counts = row["n_networks"], row["n_accurate"], row["n_connected"]
        assert counts == (len(some), n_accurate, len(pooled))
        assert close(row["aggregated_ricci_coefficient"], together(some))
        assert close(row["mean_ricci_coefficient"], mean(own))
        assert close(row["share_negative"], mean(rho < 0 for rho in own))


def at_optimal_k(some, k):
    """Return the coefficient of a network at the optimal k, or why it has none, from its flows."""
    if not some[0].is_accurate:
        return None, "below threshold"
    (flow,) = [flow for flow in some if flow.k == k] or [None]
    if not (flow.is_connected if flow else any(flow.is_connected for flow in some)):
        return None, "disconnected"
    rho = flow.rho if flow else None
    return rho, "undefined" if rho is None else None


def own_coefficients(db, flows):
    """Yield each row of optimal_coefficients with the flows of its network."""
    got = by(rows(db, "optimal_coefficients"), "network_id", "convention", "start")
    each = grouped(flows, lambda one: (one.network["network_id"], one.convention, one.start))
    assert got.keys() == each.keys()
    for key, some in each.items():
        yield got[key], some


def test_a_network_has_its_coefficient_at_the_optimal_k_of_its_kind(db, flows):
    kinds = grouped(flows, lambda flow: flow.kind)
    seen = set()
    for row, some in own_coefficients(db, flows):
        one, optimal = some[0], best(kinds[some[0].kind])
        assert row["optimal_k"] in (optimal or {None})
        rho, why = at_optimal_k(some, row["optimal_k"])
        assert close(row["ricci_coefficient"], rho)
        if optimal:
            assert row["exclusion"] == why
            seen.add(why)
        assert tuple(row[name] for name in KIND) == one.kind
        assert (row["network"], row["dataset"]) == (one.network["name"], one.network["dataset"])
        assert all(row[name] == one.network[name] for name in ("replica", "test_accuracy"))
    assert seen == {None, "below threshold", "disconnected", "undefined"}


def test_z_paper_divides_and_z_fisher_multiplies_by_the_root_of_steps_less_three(db, flows):
    differ = 0
    for row, some in own_coefficients(db, flows):
        rho, n = row["ricci_coefficient"], len(some[0].series) - 1
        if rho is None or n <= 3:
            assert (row["z_paper"], row["z_fisher"]) == (None, None)
        elif abs(rho) < 1 - 1e-12:  # nearer to 1, rounding decides whether atanh is finite
            assert close(row["z_paper"], math.atanh(rho) / math.sqrt(n - 3))
            assert close(row["z_fisher"], math.atanh(rho) * math.sqrt(n - 3))
            differ += n != 4
    assert differ > 10


@pytest.mark.parametrize(
    ("network", "why"),
    [
        ("still/cloud-still-0", "undefined"),
        ("still/cloud-alone-0", "undefined"),
        ("grid/cloud-torn-0", "disconnected"),
        ("grid/cloud-torn-1", "below threshold"),
    ],
)
def test_where_no_k_is_optimal_the_reason_is_still_the_networks_own(db, network, why):
    got = rows(db, "optimal_coefficients", f"network = '{network}' and start = 'hidden'")
    assert [(row["optimal_k"], row["exclusion"]) for row in got] == [(None, why)] * 2


def changed(path, folder, *statements):
    """Return a copy of the store in which statements changed something."""
    copy = Path(shutil.copy(path, folder / "changed.duckdb"))
    with duckdb.connect(str(copy)) as connection:
        for statement in statements:
            connection.execute(statement)
    return geoflow.open(copy)


def test_a_failed_network_is_in_no_view(db, path, tmp_path):
    name = "grid/mnist_1v7-mixed-2"
    less = changed(path, tmp_path, f"update networks set status = 'failed' where name = '{name}'")
    (failed,) = rows(less, "networks", f"name = '{name}'")
    number = f"network_id = {failed['network_id']}"
    for view in ("pooled_steps", "optimal_coefficients"):
        assert rows(db, view, number)
        assert not rows(less, view, number)
    grid = "study = 'grid' and convention = 'union' and start = 'hidden'"
    counted = [rows(store, "study_headline", grid)[0]["n_networks"] for store in (db, less)]
    assert counted == [24, 23]


def split_half(flows, half):
    """Return what one half of a kind chose and the other half made of it, by tied k."""
    found = {}
    for k, rho in best(flow for flow in flows if flow.half == half).items():
        other = [flow for flow in flows if flow.k == k and flow.half == 1 - half and flow.counts]
        own = [flow.rho for flow in other if flow.rho is not None]
        found[k] = rho, together(other), len(own), sum(rho < 0 for rho in own)
    return found


def test_one_half_chooses_k_and_the_other_reports(db, flows):
    got = by(rows(db, "split_half_coefficients", "choosing_half >= 0"), *KIND, "choosing_half")
    expected = {}
    for kind, some in grouped(flows, lambda flow: flow.kind).items():
        for half in (0, 1):
            if found := split_half(some, half):
                expected[*kind, half] = found
    assert got.keys() == expected.keys()
    for key, found in expected.items():
        row = got[key]
        rho, reported, n_reported, n_negative = found[row["optimal_k"]]
        assert close(row["choosing_coefficient"], rho)
        assert close(row["reported_coefficient"], reported)
        assert (row["n_reported"], row["n_negative"]) == (n_reported, n_negative)
    assert any(row["n_reported"] == 0 for row in got.values())
    assert any(0 < row["n_negative"] < row["n_reported"] for row in got.values())


@pytest.mark.parametrize("half", [0, 1])
def test_a_half_chooses_without_the_other_half(db, path, tmp_path, half):
    other = f"network_id in (select network_id from networks where replica % 2 <> {half})"
    after = changed(
        path,
        tmp_path,
        "update graphs set total_geodesic = hash(graph_id) % 10000, total_forman ="
        " -(hash(graph_id + 1) % 10000)::bigint where layer_id in (select layer_id from layers"
        f" where {other})",
        f"update networks set test_accuracy = 1 - replica / 50 where {other}",
    )
    keys = (*KIND, "choosing_half")
    before = by(rows(db, "split_half_coefficients", "choosing_half >= 0"), *keys)
    after = by(rows(after, "split_half_coefficients", "choosing_half >= 0"), *keys)

    def same(names, chosen_by):
        return [
            key in after and all(close(before[key][name], after[key][name]) for name in names)
            for key in before
            if key[-1] == chosen_by
        ]

    chosen = ("optimal_k", "choosing_coefficient")
    assert all(same(chosen, half))
    # two steps have a coefficient of 1 or -1, whatever they are
    assert sum(same(["choosing_coefficient"], 1 - half)) < 3
    assert sum(same(["reported_coefficient"], half)) < len(same(chosen, half)) / 2


def test_a_network_without_a_replica_is_in_no_half(db):
    assert rows(db, "optimal_coefficients", "study = 'given' and exclusion is null")
    assert {row["choosing_half"] for row in rows(db, "split_half_coefficients")} == {0, 1}


@pytest.mark.parametrize("study", ["grid", "again", "low", "still", "given"])
def test_the_headline_counts_networks_by_why_they_are_left_out(db, flows, study):
    own = grouped(
        [flow for flow in flows if flow.network["study"] == study],
        lambda flow: (flow.convention, flow.start),
    )
    got = by(rows(db, "study_headline", f"study = '{study}'"), "convention", "start")
    assert got.keys() == own.keys()
    for key, some in own.items():
        row = got[key]
        optimal = {
            one["network_id"]: one["optimal_k"]
            for one in rows(db, "optimal_coefficients", f"convention = '{key[0]}'")
            if one["start"] == key[1]
        }
        each = grouped(some, lambda flow: (flow.network["network_id"],))
        found = [at_optimal_k(one, optimal[key[0]]) for key, one in each.items()]
        reasons = [why for _, why in found]
        reported = [rho for rho, why in found if why is None]
        assert row["n_networks"] == len(found)
        assert row["n_below_threshold"] == reasons.count("below threshold")
        assert row["n_accurate"] == len(found) - reasons.count("below threshold")
        assert row["n_disconnected"] == reasons.count("disconnected")
        assert row["n_undefined"] == reasons.count("undefined")
        assert row["n_reported"] == len(reported)
        assert row["n_negative"] == sum(rho < 0 for rho in reported)
        assert close(row["share_negative"], mean(rho < 0 for rho in reported))
        assert close(row["mean_ricci_coefficient"], mean(reported))


def test_the_exclusions_of_a_headline_add_up(db):
    got = rows(db, "study_headline", "study = 'grid'")
    parts = ("n_below_threshold", "n_disconnected", "n_undefined", "n_reported")
    for row in got:
        assert row["n_networks"] == sum(row[name] for name in parts)
        assert row["n_accurate"] == row["n_networks"] - row["n_below_threshold"]
    assert all(any(row[name] for row in got) for name in parts)


def test_the_split_half_share_is_over_both_halves_of_all_kinds(db, flows):
    got = by(rows(db, "study_headline"), "study", "convention", "start")
    chosen = {
        (tuple(row[name] for name in KIND), row["choosing_half"]): row["optimal_k"]
        for row in rows(db, "split_half_coefficients")
    }
    counts = {key: [0, 0] for key in got}
    for kind, some in grouped(flows, lambda flow: flow.kind).items():
        for half in (0, 1):
            if found := split_half(some, half):
                _, _, n_reported, n_negative = found[chosen[kind, half]]
                counts[kind[0], *kind[4:]][0] += n_reported
                counts[kind[0], *kind[4:]][1] += n_negative
    for key, (n_reported, n_negative) in counts.items():
        share = n_negative / n_reported if n_reported else None
        assert close(got[key]["split_half_share_negative"], share)
        assert share is None or key[0] in ("grid", "again", "still")
    assert any(0 < n_negative < n_reported for n_reported, n_negative in counts.values())


def test_fidelity_compares_the_cells_that_the_paper_has(db, flows):
    published = {  # read off Figure 3 of the paper, L = 5
        ("mnist_1v7", "narrow"): {10: 0.59, 20: 0.65, 30: 0.69},
        ("mnist_1v7", "wide"): {10: 0.74, 20: 0.72, 30: 0.71},
        ("synthetic_a", "narrow"): {9: -0.03},
    }
    ours = defaultdict(list)
    for key, some in grouped(flows, lambda flow: (*flow.kind, flow.k)).items():
        study, _, width, depth, convention, start, k = key
        dataset = some[0].network["dataset"]
        theirs = published.get((dataset, width), {}).get(k)
        rho = together(some)
        if depth == 5 and theirs is not None and rho is not None:
            ours[study, dataset, convention, start].append((rho, theirs))
    got = by(rows(db, "figure3_fidelity"), "study", "dataset", "convention", "start")
    assert got.keys() == ours.keys()
    for key, pairs in ours.items():
        row, less = got[key], [rho - theirs for rho, theirs in pairs]
        assert row["n_cells"] == len(pairs)
        assert close(row["pearson"], pearson(pairs))
        assert close(row["rmse"], math.sqrt(mean(x * x for x in less)))
        assert close(row["mean_difference"], mean(less))
    assert {row["n_cells"] for row in got.values()} == {1, 3, 4}
    assert any(row["pearson"] is None for row in got.values())


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_of_a_study_holds_nan_or_infinity(db, view):
    frame = db.view(view)
    assert not frame.is_empty()
    for column in frame.columns:
        if frame[column].dtype.is_float():
            assert frame[column].drop_nulls().is_finite().all(), column


@pytest.mark.parametrize("view", VIEWS)
def test_no_coefficient_leaves_minus_one_to_one(db, view):
    frame = db.view(view)
    for column in frame.columns:
        if column.endswith(("coefficient", "pearson")) or "share" in column:
            some = frame[column].drop_nulls().cast(float)
            assert some.is_between(-1, 1).all(), column


def test_published_coefficients_are_the_digitised_figure(db):
    if not FIG3.is_file():
        pytest.skip(f"no {FIG3}: the digitised figure is not in this checkout")
    with FIG3.open(newline="") as file:
        figure = list(csv.DictReader(file))
    got = by(rows(db, "published_coefficients"), "dataset", "width", "depth", "k")
    assert len(got) == len(figure)
    for row in figure:
        mine = got[row["dataset"], row["width"], int(row["depth"]), int(row["k"])]
        assert mine["published_coefficient"] == float(row["aggregated_rho"])
        assert mine["published_optimal_k"] == int(row["paper_optimal_k"])


def test_the_published_optimum_is_the_smallest_published_coefficient(db):
    cells = defaultdict(list)
    for row in rows(db, "published_coefficients"):
        cells[row["dataset"], row["width"], row["depth"]].append(row)
    assert len(cells) == 24
    for some in cells.values():
        (boxed,) = [row for row in some if row["k"] == row["published_optimal_k"]]
        assert boxed["published_coefficient"] == min(row["published_coefficient"] for row in some)


def test_the_published_headline_adds_up(db):
    (row,) = rows(db, "published_headline")
    assert row["n_networks"] - row["n_below_threshold"] == row["n_accurate"] == 1361
    assert row["n_accurate"] - row["n_disconnected"] == row["n_reported"] == 1227
    assert float(row["share_negative"]) == round(row["n_negative"] / row["n_reported"], 3) == 0.932
    assert row["n_networks"] == 7 * 3 * 2 * 36
    assert (float(row["t"]), float(row["p"])) == (-2.27, 0.023)


def test_a_headline_stands_beside_the_published_one_column_by_column(db):
    ours = db.view("study_headline").schema
    for name, dtype in db.view("published_headline").drop("t", "p").schema.items():
        assert dtype.is_float() == ours[name].is_float(), name
