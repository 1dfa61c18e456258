"""The page in a real browser: what it shows, what it asks, what it may not."""

import json

import pytest

import geoflow
from geoflow.store.questions import question_sql

NETWORK = "tied"


@pytest.fixture(scope="module")
def page(open_page, store):
    return open_page(store, f"?network={NETWORK}&convention=union&k=5")


@pytest.fixture(scope="module")
def db(store):
    return geoflow.open(store)


def asked(db, name, **parameters):
    return db.query(question_sql(name, parameters))


def key_of(db, network):
    return db.query("select network_id from networks where name = $n", n=network).item()


def test_the_grid_has_the_rows_of_the_view(page, db):
    page.go("?tab=networks")
    rows = page.until(
        "const api = dash_ag_grid.getApi('networks-grid'); const rows = [];"
        "api?.forEachNode((node) => rows.push(node.data)); return rows.length && rows"
    )
    expected = asked(db, "networks_listed", snapshots=False)
    assert len(rows) == expected.height > 5
    for name in ("network", "dataset", "optimal_k", "ricci_coefficient", "test_accuracy"):
        assert [row[name] for row in rows] == expected[name].to_list(), name


def test_choosing_a_row_drives_the_rest(page):
    page.go("?tab=networks")
    page.until("return document.querySelector('#networks-grid [row-index=\"1\"] .ag-cell')")
    name = page.text("#networks-grid [row-index='1'] [col-id='network']")
    page.click("#networks-grid [row-index='1'] [col-id='network']")
    page.until("return document.getElementById('where').textContent === arguments[0]", name)
    assert page.state()["network"] == name


def test_filter_order_and_columns_are_in_the_address(open_page, page, store):
    model = {"network": {"filterType": "text", "type": "contains", "filter": "graded"}}
    page.go("?tab=networks")
    page.until("return dash_ag_grid.getApi('networks-grid')?.getDisplayedRowCount()")
    page.js("dash_ag_grid.getApi('networks-grid').setFilterModel(arguments[0])", model)
    page.until("return location.search.includes('graded')")
    page.click("#networks-grid .ag-header-cell[col-id='test_accuracy'] .ag-header-cell-label")
    page.until("return location.search.includes('sort=test_accuracy')")
    page.click("#networks-snapshots input")
    page.until("return location.search.includes('snapshots=1')")
    other = open_page(page.address, page.js("return location.search"))
    shown = (
        "const rows = []; dash_ag_grid.getApi('networks-grid')?.forEachNodeAfterFilterAndSort("
        "(node) => rows.push(node.data.network)); const text = JSON.stringify(rows);"
    )
    mine = page.until(f"{shown} return text.includes('@') && text")
    other.until(f"{shown} return text === arguments[0]", mine)
    assert len(json.loads(mine)) > 5
    assert all("graded" in name for name in json.loads(mine))
    assert other.complaints() == []
    for wrong in ("no%20JSON", "[]", '{"network":5}', '{"none":{"filterType":"text"}}'):
        other.go(f"?filter={wrong}&sort=none-desc&columns=none")
        other.until("return document.querySelector('#networks-grid .ag-row')")
    assert other.complaints() == []


def test_numbers_are_those_of_the_views(page, db):
    page.go(f"?tab=numbers&network={NETWORK}&convention=union&k=5&score=total_forman")
    key = key_of(db, NETWORK)
    flow = asked(db, "flow_of_network", network_id=key, convention="union", k=5)
    steps = db.query(
        "from flow_steps where network = $n and convention = 'union' and k = 5 order by layer",
        n=NETWORK,
    )
    assert page.trace("flow", 0) == [flow["layer"].to_list(), flow["total_forman"].to_list()]
    assert page.trace("flow", 2)[1][:-1] == steps["eta"].to_list()
    assert flow["total_forman"].to_list()[:-1] == steps["total_forman"].to_list()
    rho = db.query(
        'from ricci_coefficients where network = $n order by convention, start, "end", k',
        n=NETWORK,
    ).partition_by("convention", "start", "end", maintain_order=True)
    assert len(rho) > 3
    for at, part in enumerate(rho):
        assert page.trace("coefficients", at) == [
            part["k"].to_list(), part["ricci_coefficient"].to_list()
        ]  # fmt: skip
    scores = db.query(
        "from layer_scores where network = $n and score = 'total_forman' and k = 5"
        " and convention = 'union' order by layer",
        n=NETWORK,
    )
    assert page.trace("score")[1] == scores["value"].to_list()


def test_the_sql_beside_a_figure_gives_its_rows(page, db):
    page.go(f"?tab=numbers&network={NETWORK}&convention=union&k=5")
    page.trace("flow")
    sql = page.text("#sql-flow")
    assert db.query(sql)["total_forman"].to_list() == page.trace("flow")[1]


def test_a_scatter_has_every_network_and_opens_one(page, db):
    (x, x_label), (y, y_label) = (
        asked(db, "scores_measured", level="network")
        .sort("n", "label", descending=[True, False])
        .select("score", "label")
        .rows()[:2]
    )
    page.go(f"?tab=compare&x={x_label}&y={y_label}")
    expected = asked(
        db, "score_pairs", level="network", study=None, x=x, x_label=x_label, y=y, y_label=y_label
    )
    page.trace("plane")
    drawn = json.loads(
        page.js(
            "return JSON.stringify(document.querySelector('#graph-plane .js-plotly-plot')"
            "._fullData.flatMap((one) => one.customdata.map((name, at) =>"
            " [name[0], one.x[at], one.y[at]])))"
        )
    )
    assert sorted(map(tuple, drawn)) == sorted(expected.select("network", "x", "y").rows())
    assert expected.height > 1
    title = page.text("#graph-plane .gtitle")
    assert f"n = {expected.height}" in title
    page.js(
        "const plot = document.querySelector('#graph-plane .js-plotly-plot');"
        "plot.emit('plotly_click', {points: [{curveNumber: 0, pointNumber: 0, x: 0, y: 0,"
        " customdata: plot._fullData[0].customdata[0], data: plot.data[0],"
        " fullData: plot._fullData[0]}], event: {}})"
    )
    page.until("return location.search.includes('tab=numbers')")
    assert page.state()["network"] == drawn[0][0]


@pytest.mark.slow
def test_two_networks_are_laid_beside_each_other(page, db):
    page.go("?tab=compare&network=graded-0&other=graded-3&k=4")
    expected = asked(db, "layers_of_two_networks", network="graded-0", other="graded-3", k=4)
    drawn = page.until(
        "const one = document.querySelector('#graph-beside .js-plotly-plot')?._fullData?.[0];"
        "return one && JSON.stringify(one.y.map((y, i) => Array.from(one.z[i])))"
    )
    rows = expected.pivot("other_layer", index="layer", values="value").drop("layer").rows()
    assert json.loads(drawn) == [list(row) for row in rows]
    assert 0 < expected["value"].mean() <= 1
    named = "return document.querySelector('#compare-other')?.textContent"
    page.until(f"{named} === 'graded-3'")
    page.go("?tab=compare&network=tied")
    page.until(f"{named} === 'tied'")


def test_the_back_button_goes_back(page):
    page.go("?tab=numbers&network=tied")
    page.click("#tab-compare")
    page.until("return document.documentElement.dataset.tab === 'compare'")
    page.driver.back()
    page.until("return document.documentElement.dataset.tab === 'numbers'")
    assert page.state() == {"tab": "numbers", "network": "tied"}


def test_tabs_go_by_the_keyboard_and_the_focus_is_seen(page):
    page.go()
    page.js("document.getElementById('tab-networks').focus()")
    page.driver.switch_to.active_element.send_keys("\ue014")  # arrow right
    page.until("return document.documentElement.dataset.tab === 'layers'")
    assert page.js("return document.activeElement.id") == "tab-layers"
    assert page.js("return getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.slow
def test_light_and_dark(open_page, page, store):
    page.go("?tab=numbers")
    ground = "return getComputedStyle(document.body).backgroundColor"
    assert page.js(ground) == "rgb(255, 255, 255)"
    page.trace("flow")
    page.click("#theme-button")
    page.until("return location.search.includes('theme=dark')")
    paper = "return document.querySelector('#graph-flow .js-plotly-plot')._fullLayout.paper_bgcolor"
    page.until(f"{paper} === '#12161c'".replace("return ", "return (") + ")")
    system = open_page(page.address, "", dark=True)
    assert system.js(ground) == page.js(ground) != "rgb(255, 255, 255)"


REST = ("networks", "compare", "sql")
"""Tabs that other tests go to."""


@pytest.mark.parametrize(
    "tab", ["layers", "numbers", *(pytest.param(one, marks=pytest.mark.slow) for one in REST)]
)
def test_no_request_fails_and_nothing_is_on_the_console(open_page, page, tab):
    page.complaints()
    page.go(f"?tab={tab}&network={NETWORK}")
    ready = {"networks": "#networks-grid .ag-row", "layers": "#graph-said strong",
             "numbers": "#graph-flow .main-svg", "compare": "#graph-plane .main-svg",
             "sql": "#sql-grid .ag-row"}  # fmt: skip
    page.until("return document.querySelector(arguments[0])?.checkVisibility()", ready[tab])
    assert page.complaints() == []


def test_a_network_that_is_not_there_is_said(page):
    page.go("?tab=numbers&network=tie")
    said = page.until("return document.getElementById('page-said').textContent")
    assert "unknown network 'tie', did you mean 'tied'" in said
    page.until("return document.getElementById('said-flow').textContent")


@pytest.mark.slow
def test_a_figure_is_saved_as_png_svg_and_html(page, tmp_path):
    page.driver.execute_cdp_cmd(
        "Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    page.go(f"?tab=numbers&network={NETWORK}")
    page.trace("flow")
    starts = {"png": b"\x89PNG", "svg": b"<svg", "html": b"<html>"}
    for kind, start in starts.items():
        page.click(f"[data-name='flow'][data-save='{kind}']")
        file = tmp_path / f"flow.{kind}"
        for _ in range(1200):
            if file.exists() and file.stat().st_size:
                break
            page.js("return 1")
        assert start in file.read_bytes()[:40]
    html = (tmp_path / "flow.html").read_text("utf-8")
    assert "total_forman" not in html
    assert "Plotly.newPlot" in html
    assert page.complaints() == []
