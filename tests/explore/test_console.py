"""The console: what it answers, refuses and stops; the page lives through all of it."""

import time

import polars as pl
import pytest

import geoflow
from geoflow.errors import StoreError
from geoflow.explore.examples import example_sql, example_titles, page_questions
from geoflow.store.bounded import BoundedReader, Limits

ENDLESS = "select count(*) from range(1000000000000)"
DEAF = "select levenshtein(repeat('a', 100000), repeat('b', 100000))"
"""DuckDB hears no interruption while it runs one function on one row."""


@pytest.fixture(scope="module")
def reader(store):
    made = BoundedReader(store, Limits(rows=50, seconds=20, memory=512))
    yield made
    made.close()


REFUSED = {
    "copy networks to '{file}'": "read-only",
    "attach '{file}' as other": "read-only",
    "set threads = 1": "read-only",
    "install httpfs": "read-only",
    "create table mine as select 1": "read-only",
    "drop table networks": "read-only",
    "delete from networks": "read-only",
    "from read_text('/etc/passwd')": "out of reach",
    "from '{file}'": "out of reach",
    "from glob('/*')": "out of reach",
    "select 1; select 2": "2 statements",
    "selec": "syntax error",
    "": "no rows",
    "select length(repeat('x', 3000000000))": "memory",
    "from networks where name = $name": "name",
}


@pytest.mark.parametrize("sql", REFUSED)
def test_what_is_not_reading_this_store_is_refused(reader, tmp_path, sql):
    file = tmp_path / "out.csv"
    with pytest.raises(StoreError, match=REFUSED[sql]):
        reader.query(sql.format(file=file))
    assert not file.exists()
    assert reader.query("select 1 as one").rows.item() == 1


def test_rows_are_cut_and_said_to_be(reader):
    found = reader.query("from range(51)")
    assert (found.rows.height, found.is_cut) == (50, True)
    found = reader.query("from range(50)")
    assert (found.rows.height, found.is_cut) == (50, False)
    assert reader.query("from range(70)", 60).rows.height == 60


def test_rows_are_those_of_a_query_with_their_types(reader, store):
    sql = "select name, widths, depth, test_accuracy from networks order by network_id limit 9"
    assert reader.query(sql).rows.equals(geoflow.open(store).query(sql))
    sql = "select network_id, test_accuracy from networks order by test_accuracy desc, network_id"
    assert reader.query(sql, 5).rows.equals(geoflow.open(store).query(sql).head(5))


@pytest.mark.parametrize("sql", [pytest.param(ENDLESS, marks=pytest.mark.slow), DEAF])
def test_what_does_not_end_is_ended(store, sql):
    reader = BoundedReader(store, Limits(seconds=2))
    start = time.monotonic()
    with pytest.raises(StoreError, match="stopped after 2 s"):
        reader.query(sql)
    assert time.monotonic() - start < 20
    assert reader.query("select 1 as one").rows.item() == 1
    reader.close()


def test_an_endless_query_is_cancelled_in_the_page_and_the_page_lives(open_page, store):
    page = open_page(store, f"?tab=sql&sql={ENDLESS}")
    page.until("return document.getElementById('sql-run').disabled")
    page.click("#sql-cancel")
    page.until("return document.getElementById('sql-said').textContent.includes('cancelled')")
    page.until("return !document.getElementById('sql-run').disabled")
    write(page, "select 6 * 7 as n, 1 as m union all select 5, 2")
    rows = page.until(
        "if (!document.querySelector('#sql-grid .ag-row')) return null;"
        " const rows = []; dash_ag_grid.getApi('sql-grid')?.forEachNode((node) =>"
        " rows.push([node.data.c0, node.data.c1])); return rows.length && rows"
    )
    assert rows == [[42, 1], [5, 2]]
    assert page.trace("columns") == [[42, 5], [1, 2]]
    assert page.complaints() == []


def write(page, sql):
    """Type a statement into the console and run it by the keys."""
    area = page.driver.switch_to.active_element
    page.click("#sql-text")
    area = page.driver.switch_to.active_element
    area.send_keys("\ue009a\ue000", sql)
    area.send_keys("\ue009\ue007\ue000")


@pytest.mark.slow
def test_a_wrong_statement_is_said_and_rows_become_files(open_page, store, tmp_path):
    page = open_page(store, "?tab=sql")
    page.driver.execute_cdp_cmd(
        "Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    page.until("return document.querySelector('#sql-grid .ag-row')")
    write(page, "from nowhere")
    page.until("return document.getElementById('sql-said').textContent.includes('nowhere')")
    write(page, "from datasets order by dataset_id")
    page.until("return document.querySelector('#sql-grid .ag-row')")
    expected = geoflow.open(store).query("from datasets order by dataset_id")
    for kind, read in (("csv", pl.read_csv), ("parquet", pl.read_parquet)):
        page.click(f"#sql-{kind}")
        file = tmp_path / f"rows.{kind}"
        page.until(
            "return document.getElementById('sql-said').textContent.includes(arguments[0])",
            f"rows saved as {kind}",
        )
        for _ in range(1200):
            if file.exists():
                break
            page.js("return 1")
        assert read(file)["name"].to_list() == expected["name"].to_list()


def test_every_ready_question_is_one_statement_about_what_is_shown(store):
    facts = {"network": "tied", "study": "grid", "studies": ["grid"], "k": 5, "convention": "union"}
    facts |= {"network_id": 2, "dataset": "cloud", "snapshots": False, "level": "network"}
    assert len(page_questions()) >= 12
    assert len(example_titles()) > 40
    with geoflow.open(store).held() as db:
        for key in example_titles():
            sql = example_sql(key, facts)
            assert "quickstart" not in sql
            db.query(f"explain {sql}")  # a parameter without a value would be refused
