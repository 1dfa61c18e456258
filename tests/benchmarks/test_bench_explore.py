"""The page in a real browser, on a store of 1,512 networks; times are measured, none is demanded.

    pytest tests/benchmarks/test_bench_explore.py --benchmark-only

12 networks are trained; the others are copies of their rows, made by SQL: without neighbours and
points, which stand in the store for the 12. Targets on 2 cores without a GPU: first paint under
2 s, a network opens under 1 s, a filter under 0.3 s, a scatter of all networks under 1 s.
"""

import itertools

import duckdb
import pytest

import geoflow
from geoflow.specs import DatasetSpec, Recipe

pytest.importorskip("dash", reason="the page needs the extra explore")
page_tests = pytest.importorskip("explore.conftest", reason="it needs selenium")
chromium, serving = page_tests.chromium, page_tests.serving

TRAINED, N_NETWORKS, STEP = 12, 1512, 1_000_000
NETWORK_ROWS = (
    "layer_overlaps", "layer_score_values", "layer_similarities", "network_correlations",
)  # fmt: skip
COPIES = f"range(1, {N_NETWORKS // TRAINED}) as copies(c)"
NETWORK_KEY = f"network_id + c * {STEP} as network_id"
LAYER_KEY = f"x.layer_id + c * {STEP} as layer_id"
GRAPH_KEY = f"x.graph_id + c * {STEP} as graph_id"
OF_NETWORKS = "join layers as l on l.layer_id = x.layer_id and l.network_id is not null"
FLOW = "document.querySelector('#graph-flow .main-svg')"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("many") / "g.duckdb"
    geoflow.train(
        DatasetSpec("digits_3v8"), "25,25,25,25,25", path, k=[8, 16, 32], detail="graphs",
        recipe=Recipe(epochs=20), replicas=TRAINED, transport=False,
    )  # fmt: skip
    with duckdb.connect(path) as db:
        make_copies(db)
    return path


def make_copies(db):
    """Write the rows of every network again under other keys and names."""
    named = f"{NETWORK_KEY}, name || '-' || c as name"
    db.execute(f"insert into networks select x.* replace ({named}) from networks as x, {COPIES}")
    both = f"{NETWORK_KEY}, {LAYER_KEY}"
    db.execute(
        f"insert into layers select x.* replace ({both}) from layers as x, {COPIES}"
        " where network_id is not null"
    )
    both = f"{GRAPH_KEY}, {LAYER_KEY}"
    of_trained = f"{OF_NETWORKS} and l.network_id < {STEP}"
    db.execute(
        f"insert into hop_counts select x.* replace ({GRAPH_KEY}) from hop_counts as x"
        f" join graphs as g on g.graph_id = x.graph_id join layers as l on l.layer_id = g.layer_id"
        f" and l.network_id < {STEP}, {COPIES}"
    )
    db.execute(
        f"insert into graphs select x.* replace ({both}) from graphs as x {of_trained}, {COPIES}"
    )
    for table in NETWORK_ROWS:
        db.execute(
            f"insert into {table} select x.* replace ({NETWORK_KEY}) from {table} as x, {COPIES}"
        )
    db.execute(
        f"insert into twonn_dimensions select x.* replace ({LAYER_KEY}) from twonn_dimensions as x"
        f" {of_trained}, {COPIES}"
    )


@pytest.fixture(scope="module")
def page(chromium, serving, store):
    opened = page_tests.Page(serving(store)).go()
    opened.until("return dash_ag_grid.getApi('networks-grid')?.getDisplayedRowCount()")
    yield opened
    opened.driver.quit()


def networks(page):
    """Return the names of all networks, as the grid has them."""
    return page.js(
        "const names = []; dash_ag_grid.getApi('networks-grid').forEachNode((node) =>"
        " names.push(node.data.network)); return names"
    )


def test_first_paint(benchmark, page):
    def paint():
        page.driver.get(page.address)
        page.until("return document.querySelector('#networks-grid .ag-row')")

    benchmark.pedantic(paint, rounds=3, warmup_rounds=1)
    assert len(networks(page)) == N_NETWORKS


def test_opening_a_network(benchmark, page):
    page.go("?tab=numbers")
    page.until(f"return {FLOW}")
    page.go()
    page.until("return dash_ag_grid.getApi('networks-grid')?.getDisplayedRowCount()")
    names = iter(networks(page)[100::100])

    def open_next():
        name = next(names)
        page.js(
            f"{FLOW}?.remove(); window.dash_clientside.set_props('change-networks',"
            " {data: {network: arguments[0]}})",
            name,
        )
        page.until(
            f"return document.getElementById('where').textContent === arguments[0] && {FLOW}",
            name,
        )

    benchmark.pedantic(open_next, rounds=5, warmup_rounds=1)


def test_filter(benchmark, page):
    page.go()
    page.until("return dash_ag_grid.getApi('networks-grid')?.getDisplayedRowCount()")
    endings = itertools.cycle(("-77", "-88"))
    kept = "dash_ag_grid.getApi('networks-grid').getDisplayedRowCount()"

    def keep():
        model = {"network": {"filterType": "text", "type": "endsWith", "filter": next(endings)}}
        page.js("dash_ag_grid.getApi('networks-grid').setFilterModel(arguments[0])", model)
        page.until(f"return {kept} === {TRAINED} && location.search.includes(arguments[0])",
                   model["network"]["filter"])  # fmt: skip

    benchmark.pedantic(keep, rounds=5, warmup_rounds=1)


def test_scatter(benchmark, page):
    page.go("?tab=compare")
    n = (
        "document.querySelector('#graph-plane .js-plotly-plot')?._fullData"
        "?.reduce((sum, one) => sum + one.x.length, 0)"
    )
    page.until(f"return {n}")
    colours = itertools.cycle(("width", "family"))

    def draw():
        page.js(
            "document.querySelector('#graph-plane .js-plotly-plot').remove();"
            "window.dash_clientside.set_props('change-compare', {data: {colour: arguments[0]}})",
            next(colours),
        )
        page.until(f"return {n}")

    benchmark.pedantic(draw, rounds=5, warmup_rounds=1)
    assert page.js(f"return {n}") == N_NETWORKS
