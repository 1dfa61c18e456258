"""Local flow in reports: every number of a figure against the base tables or the views."""

import json
import re

import duckdb
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import geoflow
from geoflow.cli import main
from geoflow.figures import correctness_histogram, line_panels, local_dots
from geoflow.report._localflow import PATIENCE, LocalPlace, local_headline, local_sections
from geoflow.report._localtable import local_table
from geoflow.specs.studyfile import study_specs
from geoflow.store.questions import question_answer
from geoflow.study.run import run_study

SPEC = """
widths = ["25"]
depths = [4, 10]
replicas = 3
snapshots = [0, 1, 2]
curvatures = ["forman"]
[recipe]
epochs = 4
[[datasets]]
name = "circles"
n_train = 200
n_test = 90
k = [20, 50]
"""
BOTH = """
widths = ["8"]
depths = [3]
replicas = 1
conventions = ["directed", "union"]
curvatures = ["forman"]
[recipe]
epochs = 1
[[datasets]]
name = "inner_discs"
n_train = 60
n_test = 40
k = [8]
"""
AF = "augmented_forman"
KINDS = (("25", 4), ("25", 10))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a store of two studies, one of union graphs alone, and their files."""
    folder = tmp_path_factory.mktemp("local")
    for name, text in {"rings": SPEC, "both": BOTH}.items():
        (folder / f"{name}.toml").write_text(text)
        (spec,) = study_specs(str(folder / f"{name}.toml"))
        assert not run_study(spec, folder / "g.duckdb", jobs=1).failures
    return folder


@pytest.fixture(scope="module")
def db(home):
    with geoflow.open(home / "g.duckdb").held() as held:
        yield held


@pytest.fixture(scope="module")
def exhibits(db):
    found = [
        exhibit
        for section in local_sections(db.query, "rings", "union")
        for exhibit in section.exhibits
    ]
    return {one.title: one for one in found}


@pytest.fixture(scope="module")
def points(db):
    """Local coefficients at k = 50 by (network_id, curvature), from base tables by numpy."""
    rows = db.query(
        "select e.network_id, p.curvature, e.layer, e.point, p.mean_curvature,"
        " if(e.n_unreachable = 0 and e.n_neighbors > 0, e.hop_sum / e.n_neighbors, null) as hops"
        " from expansions as e join networks as n using (network_id)"
        " join layers as l on l.layer = e.layer"
        "     and (l.network_id = e.network_id"
        "     or (l.network_id is null and l.dataset_id = n.dataset_id))"
        " join graphs as g on g.layer_id = l.layer_id and g.k = e.k"
        "     and g.convention = e.convention"
        " join point_curvatures as p on p.graph_id = g.graph_id and p.point = e.point"
        " where e.k = 50 and n.study = 'rings' order by all"
    )
    found = {}
    for (network, curvature), part in rows.group_by("network_id", "curvature", maintain_order=True):
        shape = part["layer"].n_unique(), 90
        curved = part["mean_curvature"].to_numpy().reshape(shape)
        moved = part["hops"].cast(pl.Float64).to_numpy().reshape(shape)
        found[network, curvature] = curved, moved
    return found


def pearson(x, y):
    """Pearson of the pairs without NaN; NaN if a side is constant."""
    known = ~np.isnan(x) & ~np.isnan(y)
    if known.sum() < len(x) and len(x) < 90:
        return np.nan  # a step of a point is not defined
    x, y = x[known], y[known]
    if len(x) < 2 or np.ptp(x) <= 1e-12 * max(1, abs(x).max()) or np.ptp(y) == 0:
        return np.nan
    return np.corrcoef(x, y)[0, 1]


def local(points, network, curvature=AF):
    curved, moved = points[network, curvature]
    return np.array([pearson(curved[:, x], moved[:, x]) for x in range(90)])


def by_layer(points, network):
    curved, moved = points[network, AF]
    return np.array([pearson(*pair) for pair in zip(curved, moved, strict=True)])


@pytest.fixture(scope="module")
def members(db):
    """The keys of networks by (width, depth, epoch)."""
    rows = db.query(
        "select width, depth, epoch, list(network_id order by replica) as ids"
        " from snapshot_labels where study = 'rings' group by all"
    )
    found = {(width, depth, epoch): ids for width, depth, epoch, ids in rows.iter_rows()}
    assert len(found) == 8
    return found


def test_the_comparison_is_the_mean_over_networks_of_the_points(db, points, members):
    rows = db.query(
        "from local_flow_comparison where study = 'rings' and k = 50 and \"end\" = 'output'"
    )
    assert rows.height == 4  # two kinds, Forman and augmented
    for row in rows.iter_rows(named=True):
        for prefix, epoch in (("untrained_", 0), ("", 4)):
            ids = members[row["width"], row["depth"], epoch]
            each = [local(points, one, row["curvature"]) for one in ids]
            means = [np.nanmean(one) for one in each]
            shares = [np.mean(one[~np.isnan(one)] < 0) for one in each]
            mean = row["untrained_mean" if prefix else "mean_local_coefficient"]
            assert mean == pytest.approx(np.mean(means))
            assert row[f"{prefix}standard_deviation"] == pytest.approx(np.std(means, ddof=1))
            assert row[f"{prefix}share_negative"] == pytest.approx(np.mean(shares))
        assert row["n_networks"] == row["n_defined"] == row["n_untrained"] == 3
        known = (row["depth"], row["curvature"]) == (10, AF)
        expected = (-0.529, 0.923) if known else (None, None)  # Hehl et al. 2025, circles
        assert (row["published_mean"], row["published_share_negative"]) == expected
    accuracy = db.query(
        "select depth, avg(test_accuracy) from networks where study = 'rings'"
        " and final_id is null group by all"
    )
    found = dict(rows.select("depth", "test_accuracy").iter_rows())
    assert found == pytest.approx(dict(accuracy.iter_rows()))


def test_published_numbers_stand_beside_their_own_graphs_alone(db, home, tmp_path):
    rows = db.query("from local_flow_comparison")
    assert rows.filter(pl.col("published_mean").is_not_null()).height == 1
    copy = tmp_path / "mutual.duckdb"
    copy.write_bytes((home / "g.duckdb").read_bytes())
    with duckdb.connect(str(copy)) as connection:
        kept = ("point_coefficients", "layer_coefficients")
        for table in ("graphs", "expansions", "class_curvatures", *kept):
            connection.execute(
                f"update {table} set convention = 'mutual' where convention = 'union'"
            )
    mutual = geoflow.open(copy).view("local_flow_comparison")
    assert mutual.height == rows.height
    assert mutual["published_mean"].count() == 0


def test_the_first_rows_have_published_numbers(db):
    rows, exhibit = local_headline(db.query, ["both", "rings"])
    known = rows["published_mean"].is_not_null().to_list()
    assert known == sorted(known, reverse=True)
    assert rows.height == exhibit.rows.height == db.view("local_flow_comparison").height
    first, raw = exhibit.rows.row(0, named=True), rows.row(0, named=True)
    assert (first["study"], first["depth"], first["published"]) == ("rings", 10, "-0.529")
    mean, deviation = first["local coefficient"].split(" ± ")
    assert float(mean) == pytest.approx(raw["mean_local_coefficient"], abs=5.1e-4)
    assert float(deviation) == pytest.approx(raw["standard_deviation"], abs=5.1e-4)
    alone = local_table(rows.filter(pl.col("published_mean").is_null(), study="rings"))
    assert not {"study", "convention", "alpha", "published"} & set(alone.columns)


def test_dots_are_the_comparison(exhibits, points, members):
    figure = exhibits["Mean local coefficient"].figure
    series = {trace.name: trace for trace in figure.data}
    assert list(series) == ["untrained", "trained", "published"]
    for name, epoch in (("untrained", 0), ("trained", 4)):
        trace = series[name]
        assert len(trace.x) == 2
        for label, y, bar in zip(trace.x, trace.y, trace.error_y.array, strict=True):
            width, depth = label.split()
            means = [np.nanmean(local(points, one)) for one in members[width, int(depth), epoch]]
            assert (y, bar) == pytest.approx((np.mean(means), np.std(means, ddof=1)))
    assert (series["published"].x, series["published"].y) == (("25 10",), (-0.529,))


def test_bins_hold_the_points_of_their_side(exhibits, db, points, members):
    correct = db.query(
        "select p.network_id, list(p.predicted = s.label order by p.point) as is_correct"
        " from predictions as p join networks as n using (network_id)"
        " join samples as s on s.dataset_id = n.dataset_id and s.point = p.point"
        " where n.study = 'rings' group by all"
    )
    sides = {network: np.array(flags) for network, flags in correct.iter_rows()}
    values = {True: [], False: []}
    for kind in KINDS:
        for network in members[(*kind, 4)]:
            found = local(points, network)
            for side, parts in values.items():
                mine = found[sides[network] == side]
                parts.append(mine[~np.isnan(mine)])
    traces = {trace.name: trace for trace in exhibits["Local coefficient over points"].figure.data}
    edges = np.linspace(-1, 1, 41)
    for side, name in ((True, "correct"), (False, "misclassified")):
        counts, _ = np.histogram(np.concatenate(values[side]), edges)
        trace = traces[name]
        at = np.round((np.array(trace.x) + 0.975) * 20).astype(int)
        assert np.array_equal(at, np.flatnonzero(counts))
        assert list(trace.customdata) == counts[at].tolist()
        assert list(trace.y) == pytest.approx(counts[at] / counts.sum())
    table = exhibits["By kind of network"].rows
    assert table["n_correct"].sum() == sum(map(len, values[True]))
    assert table["n_wrong"].sum() == sum(map(len, values[False]))
    assert table["n_wrong"].sum() > 0


def traces_of(figure, name):
    """The traces of a name, from the topmost panel down."""
    return [trace for trace in figure.data if trace.name == name]


def test_lines_of_layers_are_means_of_layer_coefficients(exhibits, points, members):
    figure = exhibits["Layer coefficient"].figure
    for width, depth in KINDS:
        for state, epoch, dash in (("", 4, "solid"), (", untrained", 0, "dot")):
            (trace,) = traces_of(figure, f"{width} {depth}{state}")
            each = [by_layer(points, one) for one in members[width, depth, epoch]]
            assert list(trace.x) == list(range(depth + 1))
            assert list(trace.y) == pytest.approx(np.nanmean(each, axis=0), nan_ok=True)
            assert trace.line.dash == dash
        chosen = []
        for series in (by_layer(points, one) for one in members[width, depth, 4]):
            least = int(np.nanargmin(series))
            back = [at for at in range(least + 1, depth + 1) if series[at] >= series[least] / 2]
            chosen += back[:1] if series[least] < 0 else []
        (star,) = traces_of(figure, f"{width} {depth}, chosen")
        chosen.sort()
        assert list(star.x) == chosen[: (len(chosen) + 1) // 2][-1:]
        trained = np.nanmean([by_layer(points, one) for one in members[width, depth, 4]], axis=0)
        assert list(star.y) == pytest.approx([trained[x] for x in star.x])
        (row,) = exhibits["Depth chosen"].rows.filter(depth=depth).to_dicts()
        assert (row["n_networks"], row["n_chosen"]) == (3, len(chosen))
        assert [row["median_chosen_layer"]] == (list(star.x) or [None])


def test_panels_of_classes_and_communities_are_means_of_the_view(exhibits, db):
    rows = db.view("community_structure").filter(study="rings", k=50)
    figure = exhibits["Classes and communities"].figure
    titles = [figure.layout[f"yaxis{at}"].title.text for at in ("", 2, 3, 4, 5)]
    measures = {
        "curvature gap": "curvature_gap",
        "modularity": "modularity",
        "normalised cut": "normalized_cut",
        "adjusted Rand": "adjusted_rand",
        "NMI": "normalized_mutual_information",
    }
    assert titles == list(measures)
    for width, depth in KINDS:
        traces = traces_of(figure, f"{width} {depth}")
        assert [trace.yaxis for trace in traces] == ["y", "y2", "y3", "y4", "y5"]
        for trace, measure in zip(traces, measures.values(), strict=True):
            mean = rows.filter(depth=depth).group_by("layer").agg(pl.col(measure).mean())
            assert list(trace.x) == list(range(depth + 2))
            assert list(trace.y) == pytest.approx(mean.sort("layer")[measure].to_list())
    assert sum(bool(trace.showlegend) for trace in figure.data) == 2


def test_epochs_are_means_over_networks_and_the_star_is_where_training_stops(
    exhibits, db, points, members
):
    figure = exhibits["Coefficients and accuracy by epoch"].figure
    global_ = db.query(
        "select depth, epoch, avg(ricci_coefficient) as rho from training_coefficients"
        " where study = 'rings' and k = 50 and start = 'hidden' and \"end\" = 'hidden'"
        " group by all"
    )
    rho = {(depth, epoch): value for depth, epoch, value in global_.iter_rows()}
    accuracy = {}
    for width, depth, epoch, value in db.query(
        "select width, depth, epochs, avg(test_accuracy) from networks where study = 'rings'"
        " group by all"
    ).iter_rows():
        accuracy[width, depth, epoch] = value
    stops = db.query(
        "select depth, list(epoch order by epoch) from early_stopping"
        f" where study = 'rings' and k = 50 and curvature = '{AF}' and patience = 3"
        " and \"end\" = 'output' group by all"
    )
    stop = {depth: epochs[1] for depth, epochs in stops.iter_rows()}  # the median of three
    for width, depth in KINDS:
        coefficient, flow, score = traces_of(figure, f"{width} {depth}")
        assert coefficient.x == flow.x == score.x == (0, 1, 2, 4)
        for at, epoch in enumerate(coefficient.x):
            means = [np.nanmean(local(points, one)) for one in members[width, depth, epoch]]
            assert coefficient.y[at] == pytest.approx(np.mean(means))
            assert score.y[at] == pytest.approx(accuracy[width, depth, epoch])
            expected = rho[depth, epoch]
            assert flow.y[at] == (None if expected is None else pytest.approx(expected))
        marked = traces_of(figure, f"{width} {depth}, chosen")
        assert len(marked) == 3
        assert list(marked[0].x) == list(marked[2].x) == [stop[depth]]
        at = coefficient.x.index(stop[depth])
        assert list(marked[0].y) == [coefficient.y[at]]
        assert list(marked[2].y) == [score.y[at]]
        (row,) = exhibits["When to stop"].rows.filter(depth=depth).to_dicts()
        assert (row["n_networks"], row["median_epoch"]) == (3, stop[depth])
        assert row["final_accuracy"] == pytest.approx(accuracy[width, depth, 4])


def test_figures_show_the_k_of_the_paper_and_name_the_others(exhibits):
    for exhibit in exhibits.values():
        assert "and k = 50" in exhibit.sql
    words = exhibits["Mean local coefficient"].words
    assert "k = 50" in words
    assert "Other k are in the views: 20." in words


def test_sections_are_there_only_where_the_store_has_rows(db, exhibits):
    titles = [one.title for one in local_sections(db.query, "both", "union")]
    assert "Local flow along training" not in titles
    assert "Layer coefficients and depth" in titles
    assert "When to stop" in exhibits
    assert local_sections(db.query, "both", "directed") == []
    assert local_sections(db.query, "no study", "union") == []


def test_a_study_with_one_snapshot_is_no_series(db, home, tmp_path):
    one = LocalPlace("rings", "union", 50, "output")
    other = LocalPlace("both", "union", 8, "output")
    assert question_answer(db.query, "snapshot_series", study=one.study).rows.height == 6
    assert question_answer(db.query, "snapshot_series", study=other.study).rows.is_empty()
    rows = db.query(
        "from early_stopping where study = $study and convention = $convention and k = $k"
        ' and "end" = $series_end and n_snapshots > 2',
        **one.parameters,
    )
    assert not rows.is_empty()
    copy = tmp_path / "few.duckdb"
    copy.write_bytes((home / "g.duckdb").read_bytes())
    with duckdb.connect(str(copy)) as connection:
        for table in ("expansions", "point_coefficients", "layer_coefficients"):
            connection.execute(
                f"delete from {table} where network_id in"
                " (select network_id from networks where epochs in (1, 2))"
            )
    few = geoflow.open(copy)
    for question in ("coefficient_by_epoch", "when_to_stop"):
        assert question_answer(
            few.query, question, **one.parameters, patience=PATIENCE
        ).rows.is_empty()
    series = question_answer(few.query, "snapshot_series", study=one.study).rows
    assert not series.is_empty()  # of networks, not of rows
    sections = [section.title for section in local_sections(few.query, "rings", "union")]
    assert "Local flow along training" not in sections
    known = question_answer(few.query, "trained_beside_untrained", **one.parameters).rows
    assert not known.is_empty()


def call(*words):
    result = CliRunner().invoke(main, ["study", "report", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result


def test_the_command_prints_local_flow_where_no_graph_is_directed(home, db, tmp_path):
    page = tmp_path / "a.html"
    words = (home / "rings.toml", "--db", home / "g.duckdb", "--output", page)
    printed = call(*words).stdout
    assert "published" in printed.splitlines()[1]
    assert "-0.529" in printed.splitlines()[3]
    assert "below threshold" not in printed
    rows = json.loads(call(*words, "--format", "json").stdout)
    assert list(rows[0]) == db.view("local_flow_comparison").columns
    assert rows[0]["published_mean"] == -0.529
    text = page.read_text("utf-8")
    assert text.index("<h4>Local flow</h4>") < text.index("<h4>Headline</h4>")
    statements = re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL)
    assert len(statements) > 10
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", text)


def test_the_command_prints_the_headline_of_2024_where_graphs_are_directed(home, tmp_path):
    page = tmp_path / "b.html"
    printed = call(home / "both.toml", "--db", home / "g.duckdb", "--output", page).stdout
    assert "below threshold" in printed
    text = page.read_text("utf-8")
    assert text.index("<h4>Headline</h4>") < text.index("<h4>Local flow</h4>")


def test_names_are_text_in_figures():
    keys = {"dataset": "<b>own", "width": "<i>w", "depth": 3}
    mean = {"mean_local_coefficient": -0.5, "standard_deviation": None, "published_mean": None}
    before = {"untrained_mean": None, "untrained_standard_deviation": None}
    bins = {"is_correct": True, "middle": 0.025, "n_points": 4, "share": 1.0}
    steps = {"layer": 0, "layer_coefficient": -0.5, "chosen_layer": 0, "state": "un<i>trained"}
    for figure in (
        local_dots(pl.DataFrame([keys | mean | before])),
        correctness_histogram(pl.DataFrame([keys | bins])),
        line_panels(pl.DataFrame([keys | steps]), "layer", {"layer_coefficient": "c"}),
    ):
        assert len(figure.data) == 1
        text = json.dumps(figure.to_plotly_json(), default=list)
        assert not re.search("<[bi]>", text)
        assert "&lt;b&gt;own" in text


def test_a_value_that_is_missing_breaks_the_line():
    rows = pl.DataFrame(
        {"dataset": "d", "width": "8", "depth": 3, "layer": [2, 0, 1], "c": [-0.2, -0.4, None]}
    )
    (trace, star) = line_panels(
        rows.with_columns(at=pl.lit(1)), "layer", {"c": "coefficient"}, "at"
    ).data
    assert (trace.x, trace.y) == ((0, 1, 2), (-0.4, None, -0.2))
    assert (star.x, star.y) == ((), ())
