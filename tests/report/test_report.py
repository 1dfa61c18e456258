"""The figures and tables of a report against the base tables, computed without any view."""

import re
from itertools import pairwise
from math import ceil

import numpy as np
import polars as pl
import pytest
from report_store import KINDS, OTHER, OWN, STUDY, THRESHOLD, K, build_store

import geoflow
from geoflow.figures.scatter import MOST_DRAWN
from geoflow.report import _sections as sections
from geoflow.store.questions import question_answer

DIRECTED = sections.Place(STUDY, "directed")


@pytest.fixture(scope="module")
def db(tmp_path_factory, write):
    return geoflow.open(build_store(tmp_path_factory.mktemp("report"), write) / "g.duckdb")


@pytest.fixture(scope="module")
def exhibits(db):
    """The exhibits of the study's directed graphs by (title of the section, their own title)."""
    return {
        (section.title.split()[0], exhibit.title): exhibit
        for section in sections.sections(db.query, DIRECTED, [OWN, "synthetic_a"])
        for exhibit in section.exhibits
    }


@pytest.fixture(scope="module")
def flows(db):
    """By (study, width, depth, k): (network row, steps (Ric_l, eta_l) or None) of synthetic_a."""
    rows = db.query(
        "select n.*, l.layer, g.k, g.total_forman, g.total_geodesic from networks as n"
        " join datasets as d on d.dataset_id = n.dataset_id and d.name = 'synthetic_a'"
        " join layers as l on l.network_id = n.network_id"
        " join graphs as g on g.layer_id = l.layer_id and g.convention = 'directed'"
        " order by n.network_id, l.layer"
    )
    found = {}
    for _, part in rows.group_by("network_id", "k", maintain_order=True):
        network = part.row(0, named=True)
        g, ric = part["total_geodesic"].to_list(), part["total_forman"].to_list()
        steps = None if None in g else [(r, b - a) for r, (a, b) in zip(ric, pairwise(g))]  # noqa: B905
        key = network["study"], network["width"], network["depth"], network["k"]
        found.setdefault(key, []).append((network, steps))
    return found


def pooled(flows, key):
    """Steps of accurate, connected networks."""
    return [step for network, steps in counted(flows, key) for step in steps]


def counted(flows, key):
    return [
        (network, steps)
        for network, steps in flows[key]
        if network["test_accuracy"] > THRESHOLD and steps is not None
    ]


def rho(steps):
    return np.corrcoef(np.array(steps, dtype=float).T)[0, 1] if steps else None


@pytest.fixture(scope="module")
def best(flows):
    """The optimal k of each kind of the study."""
    found = {}
    for width, depth in KINDS:
        at = {k: rho(pooled(flows, (STUDY, width, depth, k))) for k in K}
        known = {k: value for k, value in at.items() if value is not None}
        if known:
            found[width, depth] = min(known, key=known.get)
    assert len(found) == 3
    return found


def test_the_heat_map_is_the_pearson_of_the_pooled_steps(exhibits, flows):
    ours = exhibits["Aggregated", "synthetic_a"].figure.data[0]
    assert list(ours.x) == [str(k) for k in K]
    assert sorted(ours.y) == sorted(f"{width} {depth}" for width, depth in KINDS)
    seen = set()
    for label, line, said in zip(ours.y, ours.z, ours.text, strict=True):
        width, depth = label.split()
        for k, value, words in zip(K, line, said, strict=True):
            expected = rho(pooled(flows, (STUDY, width, int(depth), k)))
            assert value == (None if expected is None else pytest.approx(expected))
            why = "ρ = "
            if expected is None:
                why = "no network is above" if depth == "6" else "none of 4 accurate networks is"
            assert why in words
            seen.add(why)
    assert len(seen) == 3


def test_the_published_cells_and_the_difference_are_beside_it(exhibits, db):
    figure = exhibits["Aggregated", "synthetic_a"].figure
    ours, published, difference = figure.data
    cells = {
        (f"{row['width']} {row['depth']}", str(row["k"])): row["published_coefficient"]
        for row in db.view("published_coefficients").iter_rows(named=True)
        if row["dataset"] == "synthetic_a"
    }
    n_known = 0
    for y, label in enumerate(published.y):
        for x, k in enumerate(published.x):
            a, b = ours.z[y][x], cells.get((label, k))
            assert published.z[y][x] == b
            known = a is not None and b is not None
            assert difference.z[y][x] == (pytest.approx(a - b) if known else None)
            n_known += known
    assert n_known == 10
    alone = exhibits["Aggregated", OWN].figure
    assert len(alone.data) == 1
    assert list(alone.data[0].y) == ["narrow 5"]


def squares(figure, panel):
    """Return {label: k} of the squares of a panel."""
    axis = "" if panel == 0 else str(panel + 1)
    trace = figure.data[panel]
    found = {}
    for shape in figure.layout.shapes:
        if shape.xref == f"x{axis}":
            assert (shape.x1 - shape.x0, shape.y1 - shape.y0) == (1, 1)
            found[trace.y[ceil(shape.y0)]] = int(trace.x[ceil(shape.x0)])
            assert shape.yref == f"y{axis}"
    return found


def test_the_optimum_of_each_line_has_a_square(exhibits, best):
    figure = exhibits["Aggregated", "synthetic_a"].figure
    assert squares(figure, 0) == {f"{width} {depth}": k for (width, depth), k in best.items()}
    assert squares(figure, 1) == {"narrow 5": 30, "wide 5": 30}  # bottleneck: 50 is not shown
    assert squares(figure, 2) == {}


def test_colours_go_from_minus_one_to_one_and_zero_is_pale(exhibits):
    figure = exhibits["Aggregated", "synthetic_a"].figure
    axis = figure.layout.coloraxis
    assert (axis.cmin, axis.cmax) == (-1, 1)
    middle = axis.colorscale[len(axis.colorscale) // 2]
    assert middle[0] == 0.5
    assert min(map(int, re.findall(r"\d+", middle[1]))) > 230
    assert {trace.coloraxis for trace in figure.data} == {"coloraxis"}


def test_a_data_set_without_any_coefficient_is_a_table_of_why(db):
    rows = question_answer(
        db.query, "coefficient_map", **DIRECTED.parameters, dataset="synthetic_a"
    ).rows.filter(depth=6)
    exhibit = sections.heat_map(lambda sql: rows, DIRECTED, "synthetic_a")
    assert exhibit.figure is None
    assert exhibit.rows["n_accurate"].to_list() == [0] * len(K)
    assert "no network is accurate" in exhibit.words


def test_figure_4_has_every_pooled_step_curvature_across_and_change_of_distance_up(
    exhibits, flows, best
):
    exhibit = exhibits["Steps", "synthetic_a"]
    figure = exhibit.figure
    titles = [note.text for note in figure.layout.annotations]
    assert len(figure.data) == len(titles) == len(best)
    for (width, depth), k in best.items():
        steps = pooled(flows, (STUDY, width, depth, k))
        (at,) = (at for at, text in enumerate(titles) if text.startswith(f"{width} {depth}:"))
        assert titles[at].endswith(f"k = {k}, ρ = {rho(steps):.2f}")
        points = zip(figure.data[at].x, figure.data[at].y, strict=True)
        assert sorted(points) == sorted(steps)
        assert max(figure.data[at].x) < 0
    assert "swapped" in exhibit.words
    assert "are drawn" not in exhibit.words


@pytest.mark.parametrize("more", [0, 1, 12_345])
def test_figure_4_says_how_many_steps_it_draws(more):
    n = MOST_DRAWN + more
    frame = pl.DataFrame({"total_forman": -np.arange(n), "eta": np.arange(n)}).with_columns(
        width=pl.lit("narrow"),
        depth=5,
        k=10,
        network_id=1,
        layer=1,
        aggregated_ricci_coefficient=-1.0,
    )
    exhibit = sections.step_cloud(lambda sql: frame, DIRECTED, "synthetic_a")
    (trace,) = exhibit.figure.data
    assert len(set(trace.y)) == MOST_DRAWN
    assert (trace.y[0], trace.y[-1]) == (0, n - 1)
    assert (f"20,000 of {n:,} steps are drawn" in exhibit.words) == (more > 0)


def test_accuracy_against_the_coefficient_of_every_reported_network(exhibits, flows, best):
    figure = exhibits["Test", "Test accuracy against the coefficient at the optimal k"].figure
    titles = [note.text for note in figure.layout.annotations]
    assert titles == [r"own &lt;data&gt;\x1b[31m\u202e", "synthetic_a"]
    for (width, depth), k in best.items():
        traces = [
            one for one in figure.data if one.name == f"{width} {depth}" and one.xaxis == "x2"
        ]
        points = [
            (rho(steps), network["test_accuracy"])
            for network, steps in counted(flows, (STUDY, width, depth, k))
        ]
        (trace,) = traces
        found = zip(trace.x, trace.y, strict=True)
        assert sorted(found) == [pytest.approx(point) for point in sorted(points)]
    legend = [one.name for one in figure.data if one.showlegend]
    assert sorted(legend) == sorted({one.name for one in figure.data})
    style = {one.name: (one.marker.color, one.marker.symbol) for one in figure.data}
    assert len({colour for colour, _ in style.values()}) == 3
    assert len({symbol for _, symbol in style.values()}) == 1  # every one reported has depth 5


def test_the_regression_is_in_words_and_in_a_table_where_there_is_one(exhibits, db):
    words = exhibits["Test", "Test accuracy against the coefficient at the optimal k"].words
    assert "t = -2.10, p = 0.04, n = 9, R² = 0.40" in words
    rows = exhibits["Test", "Regressions"].rows
    assert rows["t"].to_list() == [-2.1, None, None]
    assert rows["reason"].is_not_null().all()  # it was written by hand
    without = sections.accuracy(db.query, sections.Place(STUDY, "union"))
    assert "R²" not in without[0].words
    lacking = without[1].rows
    assert lacking["t"].null_count() == lacking.height > 0
    assert lacking["reason"].str.starts_with("no regression is kept").all()


def test_distributions_across_studies(exhibits, flows, best):
    table = exhibits["Beside", "Distributions"].rows.filter(dataset="synthetic_a")
    rows = {(row["width"], row["depth"], row["other_study"]): row for row in table.to_dicts()}
    boxes = {trace.name: trace for trace in exhibits["Beside", "synthetic_a"].figure.data}
    names = {STUDY: "it&#x27;s &lt;b&gt; &amp; co", OTHER: "un&lt;i&gt;trained"}
    assert list(boxes) == list(names.values())
    expected_rows = set()
    for (width, depth), k in best.items():
        for study in (STUDY, OTHER):
            networks = (
                counted(flows, (study, width, depth, k))
                if (study, width, depth, k) in flows
                else []
            )
            if not networks:
                continue
            expected_rows.add((width, depth, study))
            values = [rho(steps) for _, steps in networks]
            row = rows[width, depth, study]
            assert (row["k"], row["n"]) == (k, len(values))
            for column, expected in {
                "mean": np.mean(values),
                "standard_deviation": np.std(values, ddof=1),
                "quartile_1": np.quantile(values, 0.25),
                "median": np.median(values),
                "quartile_3": np.quantile(values, 0.75),
                "share_negative": np.mean(np.array(values) < 0),
            }.items():
                assert row[column] == pytest.approx(expected), column
            box = boxes[names[study]]
            label = f"{width} {depth}<br>k = {k}"
            drawn = [y for x, y in zip(box.x, box.y, strict=True) if x == label]
            assert sorted(drawn) == pytest.approx(sorted(values))
    assert rows.keys() == expected_rows
    assert len(expected_rows) == 5
    assert sum(len(box.y) for box in boxes.values()) == table["n"].sum()


def test_without_another_study_the_report_says_how_to_get_one(db, exhibits):
    assert ("Beside", OWN) not in exhibits  # only the study itself has these networks
    (alone,) = sections.controls(
        lambda sql: db.query(sql).filter(pl.col("other_study") == STUDY), DIRECTED, ["synthetic_a"]
    )
    assert alone.figure is None
    assert "geoflow study run controls" in alone.words


def test_networks_left_out_are_counted_by_reason(exhibits, flows, best):
    (row,) = exhibits["Networks", "By data set"].rows.filter(dataset="synthetic_a").to_dicts()
    below = disconnected = reported = negative = 0
    for width, depth in KINDS:
        for network, steps in flows[STUDY, width, depth, best.get((width, depth), K[0])]:
            below += network["test_accuracy"] <= THRESHOLD
            if network["test_accuracy"] > THRESHOLD:
                disconnected += steps is None
                reported += steps is not None
                negative += steps is not None and rho(steps) < 0
    assert below == 5
    assert row == {
        "dataset": "synthetic_a",
        "networks": 16,
        "below_threshold": below,
        "no_optimal_k": 0,
        "not_measured": 0,
        "disconnected": disconnected,
        "undefined": 0,
        "reported": reported,
        "negative": negative,
    }


def test_the_headline_counts_and_has_the_papers_numbers_beside_it(db):
    headline, exhibit = sections.headline(db.query, [STUDY])
    assert exhibit.rows["published"].to_list()[6:] == ["93.2 %", "-", "-2.27", "0.023"]
    assert headline.columns == [
        "quantity",
        f"{STUDY} directed",
        f"{STUDY} union",
        "published",
    ]
    ours = dict(headline.select("quantity", f"{STUDY} directed").iter_rows())
    left_out = (
        question_answer(db.query, "networks_left_out", **DIRECTED.parameters)
        .rows.drop("dataset")
        .sum()
        .row(0, named=True)
    )
    assert ours["networks"] == left_out["networks"] == 20
    assert ours["below threshold"] == left_out["below_threshold"]
    assert ours["accurate"] == left_out["networks"] - left_out["below_threshold"]
    assert ours["disconnected at the optimal k"] == left_out["disconnected"]
    assert ours["reported"] == left_out["reported"]
    assert ours["negative"] == left_out["negative"]
    assert ours["share negative"] == left_out["negative"] / left_out["reported"]
    assert (ours["t of the coefficient"], ours["p"]) == (-2.1, 0.04)
    split = db.query(
        "select sum(n_negative) / sum(n_reported) from split_half_coefficients"
        " where study = $study and convention = $convention and start = 'hidden'",
        **DIRECTED.parameters,
    ).item()
    assert ours["share negative, k chosen on the other half"] == split
    union = dict(headline.select("quantity", f"{STUDY} union").iter_rows())
    assert union["p"] is None
    paper = dict(headline.select("quantity", "published").iter_rows())
    expected = [1512, 151, 1361, 134, 1227, 1144, 0.932, None, -2.27, 0.023]  # Baptista et al. 2024
    assert list(paper.values()) == expected
