"""Who may ask, what names may do, and that others can write while the page is open."""

import http.client
import subprocess
import sys
from urllib.parse import urlsplit

import numpy as np
import pytest
from report_store import OWN, STUDY, build_store

from geoflow.errors import SpecError, StoreError
from geoflow.explore.server import served
from geoflow.specs import GeometrySpec

SCRIPT = "<script>window.struck = 1</script><img src=x onerror='window.struck = 1'>"


def answer(address, path, method="GET", **headers):
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    for name, value in {"Host": place.netloc, **headers}.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    found = connection.getresponse()
    found.content = found.read()
    connection.close()
    return found


@pytest.fixture(scope="module")
def address(serving, store):
    return serving(store)


def test_other_names_and_other_pages_are_refused(address):
    own = urlsplit(address).netloc
    assert answer(address, "/").status == 200
    assert answer(address, "/", Host=own.replace("127.0.0.1", "localhost")).status == 200
    assert answer(address, "/", Origin=f"http://{own}").status == 200
    for headers in (
        {"Host": "evil.example"},
        {"Host": f"evil.example:{own.split(':')[1]}"},
        {"Host": "127.0.0.1:1"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": f"https://{own}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ):
        for path in ("/", "/_dash-layout", "/assets/address.js"):
            assert answer(address, path, **headers).status == 403, (path, headers)


def test_what_changes_or_asks_is_posted(address):
    """What is fetched is the page as it begins, whatever is named."""
    assert answer(address, "/figure.html", "POST").status == 400
    for path in ("/", "/_dash-update-component", "/figure.html", "/_dash-layout"):
        assert b"tied" not in answer(address, path).content


def test_a_browser_is_told_to_load_nothing_from_elsewhere(address):
    found = answer(address, "/")
    policy = dict(one.split(" ", 1) for one in found.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in policy["script-src"]
    assert found.headers["Server"] == "geoflow"


def test_nothing_but_loopback_listens(store):
    server = served(store)
    assert server.server_address[0] == "127.0.0.1"
    with pytest.raises(SpecError, match=f"cannot serve at port {server.port}"):
        served(store, server.port)
    server.server_close()
    with pytest.raises(StoreError, match="no store"):
        served(store.with_name("none.duckdb"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, write):
    """A store with markup for names of networks, study, data set, width and family."""
    db = tmp_path_factory.mktemp("hostile") / "g.duckdb"
    rng = np.random.default_rng(2)
    points = rng.normal(size=(40, 3))
    fields = {"width": SCRIPT, "family": SCRIPT, "test_accuracy": 0.5}
    networks = [
        (
            fields | {"name": f"{at}{SCRIPT}", "replica": at},
            [rng.normal(size=(40, 3)) for _ in range(5)],
        )
        for at in range(3)
    ]
    spec = GeometrySpec((8, 12), ("directed",), detail="graphs")
    write(db, SCRIPT, points, networks, spec, study=SCRIPT)
    return db


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "tab",
    ["networks", *(pytest.param(one, marks=SLOW) for one in ("numbers", "compare", "sql"))],
)
def test_a_store_of_scripts_runs_none(open_page, serving, hostile, tab, hostile_address):
    page = open_page(
        hostile_address,
        f"?tab={tab}&colour=family&columns=network,study,family"
        "&sql=select network, network as \"<b onclick='window.struck=1'>a.b\", 1 as x,"
        " 2 as y from network_summary".replace(" ", "%20"),
    )
    ready = {
        "networks": ".ag-row .ag-cell",
        "numbers": "#graph-flow .main-svg",
        "compare": "#graph-plane .main-svg, #card-plane.bare",
        "sql": "#sql-grid .ag-row",
    }
    page.until("return document.querySelector(arguments[0])", ready[tab])
    assert page.text("#where").endswith(SCRIPT)
    assert page.js("return window.struck") is None
    assert page.js("return document.querySelectorAll('img').length") == 0
    assert page.complaints() == []


@pytest.fixture(scope="module")
def hostile_address(serving, hostile):
    return serving(hostile)


def test_another_process_writes_while_the_page_is_open_and_it_shows(open_page, copied, tmp_path):
    page = open_page(copied)
    count = "return document.getElementById('networks-said').textContent"
    before = page.until(count)
    rng = np.random.default_rng(3)
    np.savez(tmp_path / "new.npz", **{f"layer_0{at}": rng.normal(size=(30, 3)) for at in range(3)})
    words = ["ingest", "new.npz", "--name", "brand-new", "--k", "5", "--db", str(copied)]
    code = "from geoflow.cli import main; main()"
    subprocess.run([sys.executable, "-c", code, *words], cwd=tmp_path, check=True, timeout=300)
    page.until(f"{count} !== arguments[0]", before)
    assert page.complaints() == []


@pytest.fixture
def empty(tmp_path):
    """A store without a network."""
    from geoflow.store import Writer

    writer = Writer(tmp_path / "empty.duckdb", "test", seed=0)
    with writer.transaction():
        pass
    writer.finish()
    return tmp_path / "empty.duckdb"


def test_an_empty_store_says_what_to_do(open_page, empty):
    page = open_page(empty)
    page.until("return document.getElementById('networks-said').textContent.includes('no network')")
    page.until("return document.getElementById('said-flow').textContent")
    page.click("#tab-compare")
    page.until("return document.getElementById('said-plane').textContent.includes('no scores')")
    assert page.complaints() == []


@pytest.mark.slow
def test_a_network_of_one_layer_has_its_sentences(open_page, address):
    page = open_page(address, "?tab=numbers&network=depth-1")
    assert len(page.trace("flow")[0]) == 2
    page.until(
        "return document.getElementById('said-coefficients').textContent.includes('No coefficient')"
    )
    page.until("return document.getElementById('said-training').textContent")
    assert page.complaints() == []


@pytest.mark.slow
def test_names_of_reports_are_shown_as_they_are(open_page, tmp_path, write):
    folder = build_store(tmp_path, write)
    page = open_page(folder / "g.duckdb", "?tab=compare&colour=dataset")
    page.until("return document.querySelector('#graph-plane .main-svg')")
    legend = page.text("#graph-plane .legend")
    assert "own <data>" in legend
    assert STUDY
    assert OWN
