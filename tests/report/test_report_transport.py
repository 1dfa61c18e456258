"""Transport geometry in reports: every number of a figure against the base tables, by numpy."""

import json
import re
from itertools import product

import duckdb
import numpy as np
import polars as pl
import polars.testing
import pytest
from click.testing import CliRunner
from scipy import stats

import geoflow
from geoflow.cli import main
from geoflow.report._transport import transport_headline, transport_parts, transport_sections
from geoflow.report._transporttable import transport_table
from geoflow.specs.studyfile import study_specs
from geoflow.study.run import run_study

GRID = """
widths = ["6"]
depths = [3]
replicas = 3
conventions = ["{convention}"]
{more}
[recipe]
epochs = 1
[[datasets]]
name = "circles"
n_train = 40
n_test = 30
k = [6]
[[datasets]]
name = "inner_discs"
n_train = 40
n_test = 30
k = [6]
"""
VARIANTS = """
[variants.residual_0]
family = "residual"
recipe = { weight_decay = 0.0 }
[variants.residual_1]
family = "residual"
recipe = { weight_decay = 0.01 }
[variants.plain_0]
recipe = { weight_decay = 0.0 }
[variants.plain_1]
recipe = { weight_decay = 0.01 }
"""
FILES = {
    "moved": GRID.format(convention="union", more="transport = true") + VARIANTS,
    "both": GRID.format(convention="directed", more="transport = true"),
    "bare": GRID.format(convention="directed", more=""),
}
DATASETS, FAMILIES, DECAYS = ("circles", "inner_discs"), ("plain", "residual"), (0.0, 0.01)
PLANTED = {  # (mean of line shape, of OT score) of (data set, family, decay); spread is 0.01
    ("circles", "plain", 0.0): (3.0, 0.5),
    ("circles", "residual", 0.0): (1.5, 0.5),
    ("circles", "plain", 0.01): (3.5, 0.2),
    ("circles", "residual", 0.01): (1.3, 0.8),
    ("inner_discs", "plain", 0.0): (2.0, 0.9),
    ("inner_discs", "residual", 0.0): (2.5, 0.6),
    ("inner_discs", "plain", 0.01): (1.9, 0.9),
    ("inner_discs", "residual", 0.01): (1.6, 0.93),
}
POOR = "moved/plain_1/inner_discs%"

LABELLED = "*, score_label(score, curvature, alpha, convention, k, points, radius) as label"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a store of three studies, scores of one planted, and their files."""
    folder = tmp_path_factory.mktemp("transport")
    for name, text in FILES.items():
        (folder / f"{name}.toml").write_text(text)
        for spec in study_specs(str(folder / f"{name}.toml")):
            assert not run_study(spec, folder / "g.duckdb", jobs=1).failures
    with duckdb.connect(str(folder / "g.duckdb")) as connection:
        for (dataset, family, decay), means in PLANTED.items():
            connection.execute(
                "update transport_tracks as t set line_shape_score = ? + (replica - 1) * 0.01,"
                " ot_score = ? + (replica - 1) * 0.01, reason = null from networks as n"
                " join datasets as d using (dataset_id) where t.network_id = n.network_id and"
                " n.study like 'moved/%' and d.name = ? and n.family = ? and n.weight_decay = ?",
                [*means, dataset, family, decay],
            )
        connection.execute("update networks set test_accuracy = 0.9, accuracy_threshold = 0.8")
        connection.execute("update networks set test_accuracy = 0.7 where name like ?", [POOR])
    return folder


@pytest.fixture(scope="module")
def db(home):
    with geoflow.open(home / "g.duckdb").held() as held:
        yield held


@pytest.fixture(scope="module")
def exhibits(db):
    """The exhibits by (section's first word, title); the words of a report are theirs."""
    return {
        (section.title.split()[0], exhibit.title): exhibit
        for section in transport_sections(db.query, "moved")
        for exhibit in section.exhibits
    }


@pytest.fixture(scope="module")
def networks(db):
    """Every network of the study with its track, from base tables."""
    return db.query(
        "select n.*, d.name as dataset, t.line_shape_score, t.ot_score from networks as n"
        " join datasets as d using (dataset_id) join transport_tracks as t using (network_id)"
        " where n.study like 'moved/%' order by network_id"
    )


def of(networks, dataset, family, decay):
    part = networks.filter(dataset=dataset, family=family, weight_decay=decay)
    assert part.height == 3
    return part


def traces(figure):
    """Return {(row, data set, name): {x: trace's point}} of a grid of lines."""
    titles = [note.text for note in figure.layout.annotations]
    rows = [axis.title.text for axis in figure.select_yaxes() if axis.title.text]
    found = {}
    for trace in figure.data:
        at = int(trace.xaxis[1:] or 1) - 1
        row, dataset = rows[at // len(titles)], titles[at % len(titles)]
        assert (row, dataset, trace.name) not in found
        found[row, dataset, trace.name] = trace
    return found


def test_the_claim_is_counted_over_pairs_whose_intervals_do_not_overlap(exhibits, networks):
    counts = dict.fromkeys(("straighter", "less straight", "more optimal", "less optimal"), 0)
    for dataset, decay in product(DATASETS, DECAYS):
        ends = {}
        for family, score in product(FAMILIES, ("line_shape_score", "ot_score")):
            own = of(networks, dataset, family, decay)[score].to_numpy()
            ends[family, score] = stats.t.interval(0.95, 2, own.mean(), stats.sem(own))
        line = [ends[family, "line_shape_score"] for family in FAMILIES]
        best = [ends[family, "ot_score"] for family in FAMILIES]
        counts["straighter"] += line[1][1] < line[0][0]
        counts["less straight"] += line[1][0] > line[0][1]
        counts["more optimal"] += best[1][0] > best[0][1]
        counts["less optimal"] += best[1][1] < best[0][0]
    assert list(counts.values()) == [3, 1, 1, 1]  # the last pair of OT scores overlaps
    claim = exhibits["Straight", "Residual against plain: the claim of Gai & Zhang 2021"]
    assert (
        "In 3 of 4 pairs residual networks are straighter than plain ones (in 1 less straight),"
        " in 1 of 4 more optimal (in 1 less). Of the 3 pairs in which every network is above its"
        " accuracy threshold they are straighter in 2, more optimal in 1."
    ) in claim.words
    assert claim.rows["pairs"].to_list() == [2, 2]
    assert claim.figure is None


def test_the_signs_of_the_slopes_are_in_words(exhibits):
    exhibit = exhibits["Straight", "Slopes along weight decay"]
    for row in exhibit.rows.rows(named=True):
        means = [PLANTED[row["dataset"], row["family"], decay] for decay in DECAYS]
        line, best = np.polyfit(DECAYS, means, 1)[0]
        assert row["line_shape_slope"] == pytest.approx(line)
        assert row["ot_slope"] == pytest.approx(best, abs=1e-9)
    assert exhibit.rows.height == 4
    assert (
        "plain: the line-shape score falls with weight decay in 1 of 2 cases, the OT score rises"
        " in 0; residual: the line-shape score falls with weight decay in 2 of 2 cases, the OT"
        " score rises in 2:"
    ) in exhibit.words


def test_scores_and_intervals_are_those_of_the_networks(exhibits, networks):
    found = traces(exhibits["Straight", "Scores"].figure)
    columns = {
        "line-shape score": "line_shape_score",
        "OT score": "ot_score",
        "test accuracy": "test_accuracy",
    }
    assert found.keys() == set(product(columns, DATASETS, FAMILIES))
    for (row, dataset, family), trace in found.items():
        assert list(trace.x) == ["0", "0.01"]
        for at, decay in enumerate(DECAYS):
            own = of(networks, dataset, family, decay)[columns[row]].to_numpy()
            assert trace.y[at] == pytest.approx(own.mean())
            if row == "test accuracy":
                assert trace.error_y.array is None
                continue
            low, high = stats.t.interval(0.95, 2, own.mean(), stats.sem(own))
            assert trace.y[at] + trace.error_y.array[at] == pytest.approx(high, rel=1e-3)
            assert trace.y[at] - trace.error_y.arrayminus[at] == pytest.approx(low, rel=1e-3)
    assert len({trace.line.color for key, trace in found.items() if "plain" in key}) == 1
    assert len({trace.line.color for trace in found.values()}) == 2
    assert [one.name for one in exhibits["Straight", "Scores"].figure.data if one.showlegend] == [
        "plain",
        "residual",
    ]


def test_affinity_is_the_mean_over_networks(exhibits, networks, db):
    base = db.view("layer_affinities").join(networks, on="network_id")
    found = traces(exhibits["Non-linearity", "Affinity by layer"].figure)
    assert found.keys() == set(product(FAMILIES, DATASETS, ("decay 0", "decay 0.01")))
    for (family, dataset, name), trace in found.items():
        part = base.filter(
            dataset=dataset, family=family, weight_decay=float(name.removeprefix("decay "))
        ).drop_nulls("affinity_score")
        means = {layer: own["affinity_score"].mean() for (layer,), own in part.group_by("layer")}
        assert dict(zip(trace.x, trace.y, strict=True)) == pytest.approx(means)


def test_complexity_is_the_sum_over_layers_mean_over_networks(exhibits, networks, db):
    base = db.view("layer_complexities").join(networks, on="network_id")
    found = traces(exhibits["Local", "Local complexity along weight decay"].figure)
    radii = sorted(base["radius"].unique())
    assert len(radii) > 1
    expected = set()
    for radius, dataset, family, points in product(
        radii, DATASETS, FAMILIES, ("train", "test", "random")
    ):
        key = f"radius {radius:g}", dataset, f"{family}, {points}"
        expected.add(key)
        for x, y in zip(found[key].x, found[key].y, strict=True):
            part = base.filter(
                radius=radius,
                dataset=dataset,
                family=family,
                points=points,
                weight_decay=float(x),
            )
            assert part.height == 9
            assert y == pytest.approx(part["complexity"].sum() / 3)
    assert found.keys() == expected


@pytest.mark.parametrize("across", ["layers", "points"])
def test_correlations_within_networks_are_means_over_them(across, exhibits, db):
    exhibit = exhibits["Correlation", f"Across the {across} of a network"]
    (trace,) = exhibit.figure.data
    names, place = list(trace.x), across[:-1]
    scores = db.query(f"select {LABELLED} from {place}_scores where study like 'moved/%'")
    wide = scores.pivot(on="label", index=["network_id", place], values="value")
    known = 0
    for (y, a), (x, b) in product(enumerate(names), repeat=2):
        if a == b or trace.z[y][x] is None:
            continue
        found = []
        for (_,), one in wide.select("network_id", a, b).drop_nulls().group_by("network_id"):
            pair = one.select(a, b).to_numpy().T
            if pair.shape[1] > 2 and (np.ptp(pair, axis=1) > 1e-12 * abs(pair).max(axis=1)).all():
                found.append(np.corrcoef(pair)[0, 1])
        known += 1
        assert trace.z[y][x] == pytest.approx(np.mean(found), abs=1e-9)
        assert trace.text[y][x].endswith(f"n = {len(found)}")
    assert known == exhibit.rows.height > 10


KIND = ["dataset", "family", "width", "depth", "weight_decay"]
WITHOUT = ", without collapsed networks"
POOLED = {
    "All data sets together, replicas alone": KIND,
    f"All data sets together, replicas alone{WITHOUT}": KIND,
    "All data sets together, all in one": ["dataset"],
    f"All data sets together, all in one{WITHOUT}": ["dataset"],
}


def n_groups(wide, group, a, b):
    return wide.drop_nulls([a, b]).select(group).n_unique()


def interval(r, freedom):
    if abs(r) > 1 - 1e-9:  # rounding decides whether there is one
        return ""
    half = stats.norm.ppf(0.975) / np.sqrt(freedom)
    return f" ({np.tanh(np.arctanh(r) - half):.2f} to {np.tanh(np.arctanh(r) + half):.2f})"


def collapsed(db):
    """Networks of one place for all points in a layer, or of one class for them all."""
    layers = db.view("layers").filter(n_distinct=1)["network_id"].to_list()
    said = db.view("predictions").group_by("network_id").agg(pl.col("predicted").n_unique())
    return {*layers, *said.filter(predicted=1)["network_id"]}


def test_correlations_are_pooled_in_two_ways_the_partial_first_then_those_within_networks(exhibits):
    titles = [title for section, title in exhibits if section == "Correlation"]
    within = ["Across the layers of a network", "Across the points of a network"]
    assert titles == [*POOLED, *within]


@pytest.mark.parametrize("title", POOLED)
def test_correlations_are_those_of_scores_centred_in_their_groups(title, exhibits, db):
    exhibit = exhibits["Correlation", title]
    (trace,) = exhibit.figure.data
    names = list(trace.x)
    assert names == list(trace.y)
    assert {"line_shape_score", "ot_score", "mean_affinity", "complexity test r=1"} <= set(names)
    group = POOLED[title]
    scores = db.query(
        f"select s.{LABELLED}, l.family, l.width, l.depth, l.weight_decay from network_scores as s"
        " join network_labels as l using (network_id) where l.base_study = 'moved'"
    )
    wide = scores.pivot(on="label", index=["network_id", *group], values="value")
    gone = wide["network_id"].is_in(list(collapsed(db)))
    assert 0 < gone.sum() < wide.height
    wide = wide.filter(~gone) if title.endswith(WITHOUT) else wide
    known = 0
    for (y, a), (x, b) in product(enumerate(names), repeat=2):
        r, said = trace.z[y][x], trace.text[y][x]
        assert r == trace.z[x][y]
        if a == b:
            assert r is None
            continue
        own = pl.col(a, b) - pl.col(a, b).mean().over(group)
        both = wide.select(*group, a, b).drop_nulls([a, b]).select(own).to_numpy().T
        if r is None:
            assert "no r" in said
            assert both.shape[1] < 10 or min(np.ptp(both, axis=1)) < 1e-12
            continue
        known += 1
        assert r == pytest.approx(np.corrcoef(both)[0, 1], abs=1e-9)
        ends = interval(r, both.shape[1] - n_groups(wide, group, a, b) - 2)
        if not ends:  # of r = 1 but for rounding
            said = re.sub(r"(= -?1\.000) \(.*\)", r"\1", said)
        assert f"r = {r:.3f}{ends}, p" in said
        assert said.endswith(f"n = {both.shape[1]}")
    assert known == exhibit.rows.height > 20
    axis = exhibit.figure.layout.coloraxis
    assert (axis.cmin, axis.cmax) == (-1, 1)
    assert min(map(int, re.findall(r"\d+", axis.colorscale[len(axis.colorscale) // 2][1]))) > 230


def test_few_networks_make_no_correlation_but_the_rest(db):
    titles = [one.title for one in transport_sections(db.query, "both")]
    assert titles == [
        "Straight lines and optimal maps along weight decay",
        "Non-linearity signature",
        "Local complexity",
        "Correlation of scores",
    ]  # six networks, plain, of one decay: nothing to count and no slope
    (first, *_, last) = transport_sections(db.query, "both")
    assert [one.title for one in first.exhibits] == ["Scores"]
    assert [one.title for one in last.exhibits] == [
        "Across the layers of a network",
        "Across the points of a network",
    ]


def test_every_exhibit_has_the_sql_of_its_rows(exhibits, db):
    for exhibit in exhibits.values():
        again = db.query(exhibit.sql)
        pl.testing.assert_frame_equal(again, exhibit.rows, rel_tol=1e-6)


def test_a_study_without_transport_geometry_has_none_of_it(db, home):
    assert transport_parts(db.query, ["bare"]) == {}
    assert transport_headline(db.query, ["bare"]) is None
    done = call(home, "bare")
    assert "line-shape" not in done.stdout
    page = (home / "bare.html").read_text("utf-8")
    assert "ransport" not in page[page.rindex("</script>\n</head>") :]


def call(home, study, *more):
    paths = ["--db", home / "g.duckdb", "--output", home / f"{study}.html"]
    words = [home / f"{study}.toml", *paths, *more]
    result = CliRunner().invoke(main, ["study", "report", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result


def test_the_command_prints_the_scores_and_the_page_begins_with_them(home, db):
    printed = call(home, "moved").stdout
    assert "quantity" not in printed
    lines = [
        [part.strip() for part in line.strip("│").split("┆")]
        for line in printed.splitlines()
        if "circles" in line
    ]
    assert [line[:5] for line in lines] == [
        ["circles", "plain", "0", "3", "3.000 (2.975, 3.025)"],
        ["circles", "plain", "0.01", "3", "3.500 (3.475, 3.525)"],
        ["circles", "residual", "0", "3", "1.500 (1.475, 1.525)"],
        ["circles", "residual", "0.01", "3", "1.300 (1.275, 1.325)"],
    ]
    rows = json.loads(call(home, "moved", "--format", "json").stdout)
    view = db.query(
        "from transport_comparison where study = 'moved'"
        " order by study, dataset, depth, width, family, weight_decay"
    )
    assert rows == json.loads(view.write_json())
    page = (home / "moved.html").read_text("utf-8")
    assert re.findall("<h4>(.*?)</h4>", page)[:2] == ["Transport geometry", "Headline"]
    assert re.findall("<h2.*?>(.*?)</h2>", page)[0] == "moved, transport geometry"
    assert page.count("residual networks are straighter than plain ones") == 1


@pytest.mark.slow
def test_of_directed_graphs_the_headline_stays_and_scores_are_printed_below(home):
    printed = call(home, "both").stdout
    assert printed.index("below threshold") < printed.index("line-shape score")
    rows = json.loads(call(home, "both", "--format", "json").stdout)
    assert rows[0] == {"quantity": "networks", "both": 6.0}


def test_the_table_names_what_differs_and_a_dash_is_not_known(db):
    rows = db.query("from transport_comparison where dataset = 'circles'")
    table = transport_table(rows)
    assert table.columns[0] == "study"
    assert "depth" not in table.columns
    unknown = rows.head(1).with_columns(
        pl.lit(None).alias(name) for name in ("weight_decay", "geodesic_ratio", "test_accuracy")
    )
    assert transport_table(unknown).row(0)[2] == "-"
    assert transport_table(unknown).row(0)[-2:] == ("-", "-")
