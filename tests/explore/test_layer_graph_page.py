"""The layer graph in a real browser: the right pixels, the pointer, the keys, the address."""

import re
import shutil
import threading
import time
from contextlib import contextmanager
from itertools import pairwise
from urllib.parse import quote
from urllib.request import urlopen

import numpy as np
import pytest

import geoflow
from geoflow.ingestion import ingest

pytest.importorskip("dash", reason="the page needs the extra explore")
pytest.importorskip("selenium", reason="selenium drives the browser")

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from geoflow.explore.graphfile import graph_page
from geoflow.explore.server import served

CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
if CHROMIUM is None or DRIVER is None:
    pytest.skip("chromium and chromedriver are not installed", allow_module_level=True)

PLANTED = "<script>document.title = 'run'</script>"
N = 80
BLUE, ORANGE = (63, 144, 218), (255, 169, 14)
"""The first two of Petroff 2021."""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two clusters of two classes, then turned, then mixed; a network of one layer."""
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], N)
    apart = rng.normal(size=(2 * N, 4)) + 9.0 * labels[:, None] * (np.arange(4) == 0)
    bridged = np.concatenate([apart, np.linspace(0, 9, 20)[:, None] * (np.arange(4) == 0)])
    turned = bridged @ np.linalg.qr(rng.normal(size=(4, 4)))[0]
    labels = np.append(labels, np.arange(20) // 10)
    mixed = rng.normal(size=(len(labels), 3))
    arrays = {"layer_00": bridged, "layer_01": turned, "layer_02": mixed, "labels": labels}
    path = tmp_path_factory.mktemp("page") / "g.duckdb"
    ingest(arrays, path, name=PLANTED, dataset="planted", k=[6, 10], transport=False)
    short = {"layer_00": arrays["layer_00"], "layer_01": mixed, "labels": labels}
    ingest(short, path, name="short", dataset="planted", k=6, detail="graphs", transport=False)
    moved = short | {"layer_00": arrays["layer_00"] + 1}
    ingest(moved, path, name="elsewhere", dataset="other", k=6, detail="graphs", transport=False)
    return path


@contextmanager
def serving(path):
    """Serve the page over a store; its address."""
    server = served(path)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def address(store):
    with serving(store) as where:
        yield where


@pytest.fixture(scope="module")
def browser():
    options = Options()
    options.binary_location = CHROMIUM
    for one in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                "--window-size=1500,900", "--force-prefers-reduced-motion"):  # fmt: skip
        options.add_argument(one)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


def until(what, seconds=60.0):
    """Return what comes true, once it is."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


PANEL = "window.geoflowGraph && window.geoflowGraph.panel"
DRAWN = f"const p = {PANEL}; return !!(p && p.picture.network && !p.picture.asked)"


@contextmanager
def quiet(browser):
    browser.get_log("browser")
    yield
    assert [one["message"] for one in browser.get_log("browser")] == []


def show(browser, address, network=PLANTED, **words):
    asked = {"tab": "layers", "network": network, "theme": "light", **words}
    browser.get("about:blank")
    browser.get(address + "?" + "&".join(f"{k}={quote(str(v))}" for k, v in asked.items()))
    until(lambda: browser.execute_script(DRAWN))


def run(browser, script, *words):
    return browser.execute_script(
        f"const panel = {PANEL}, picture = panel.picture; {script}", *words
    )


def places(browser):
    return np.array(run(browser, "return [...picture.flat]")).reshape(-1, 2)


def pixels(browser, where):
    """Return the colours (n, 3) of the canvas at places (n, 2)."""
    script = """
      const { data } = picture.pen.getImageData(0, 0, picture.canvas.width, picture.canvas.height);
      return arguments[0].map(([x, y]) => {
        const at = 4 * (Math.round(y * picture.ratio) * picture.canvas.width
          + Math.round(x * picture.ratio));
        return [data[at], data[at + 1], data[at + 2]];
      });"""
    return np.array(run(browser, script, where.tolist()))


def picture_of(browser):
    return run(browser, "return picture.canvas.toDataURL()")


def canvas(browser):
    return browser.find_element(By.ID, "graph-canvas")


def pointer(browser, x, y):
    """Return the pointer moved to a place of the canvas."""
    element = canvas(browser)
    width, height = element.size["width"], element.size["height"]
    move = ActionChains(browser, duration=0)
    return move.move_to_element_with_offset(element, int(x - width / 2), int(y - height / 2))


def layer(browser):
    return run(browser, "return picture.network.layers[picture.at]")


def state(browser, field):
    return run(browser, "return panel.state[arguments[0]]", field)


def test_two_clusters_are_two_clusters_in_their_colours(browser, address):
    with quiet(browser):
        show(browser, address, k=6, edges="none")
    where = places(browser)
    seen = pixels(browser, where)
    labels = np.append(np.repeat([0, 1], N), np.arange(20) // 10)
    near = np.abs(seen[:, None] - np.array([BLUE, ORANGE])).sum(2)
    assert (near.min(1) < 30).mean() > 0.95  # but where points lie on one another
    assert (near.argmin(1) == labels).mean() > 0.95
    one, other = where[:N], where[N : 2 * N]
    gap = np.linalg.norm(one.mean(0) - other.mean(0))
    assert gap > 3 * max(one.std(0).max(), other.std(0).max())
    assert (seen[labels == 0] != 255).any(1).all()
    corner = pixels(browser, np.array([[2.0, 2.0]]))
    assert corner.tolist() == [[255, 255, 255]]


@pytest.mark.slow
def test_a_turned_layer_is_the_same_picture_and_another_is_not(browser, address):
    show(browser, address, k=6, layer=0)
    first = picture_of(browser)
    run(browser, "panel.go(1)")
    until(lambda: browser.execute_script(DRAWN))
    assert layer(browser) == 1 and picture_of(browser) == first
    run(browser, "panel.go(2)")
    until(lambda: browser.execute_script(DRAWN))
    assert picture_of(browser) != first


def test_the_slider_goes_by_arrows_and_the_focus_is_seen(browser, address):
    show(browser, address, k=6)
    slider = browser.find_element(By.ID, "graph-layer")
    slider.send_keys(Keys.ARROW_RIGHT)
    assert layer(browser) == 1
    outline = browser.execute_script("return getComputedStyle(arguments[0]).outlineStyle", slider)
    assert outline == "solid"
    until(lambda: "layer=1" in browser.current_url)
    slider.send_keys(Keys.ARROW_RIGHT)
    until(lambda: "layer=2" in browser.current_url)
    browser.back()
    until(lambda: layer(browser) == 1)
    canvas(browser).send_keys(Keys.END)
    assert layer(browser) == 2
    assert "Layer 2 of 2" in browser.find_element(By.ID, "graph-said").text


def test_a_click_selects_and_the_selection_stays(browser, address, store):
    show(browser, address, k=6, edges="none")
    x, y = places(browser)[5]
    pointer(browser, x, y).click().perform()
    (chosen,) = until(lambda: state(browser, "selection"))
    until(lambda: f"selection={chosen}" in browser.current_url)
    panel = browser.find_element(By.ID, "graph-selection")
    db = geoflow.open(store)
    rows = db.query(
        "select neighbor from adjacency_of(layer_of($name, 0), 6) where point = $point",
        name=PLANTED, point=chosen,
    )  # fmt: skip
    assert f"{rows.height} neighbours" in panel.text
    run(browser, "panel.go(2)")
    assert state(browser, "selection") == [chosen]
    for other in ({"k": 10}, {"network": "short", "k": 6}):
        script = "window.dash_clientside.set_props('change-layers', { data: arguments[0] })"
        browser.execute_script(script, other)
        until(lambda other=other: state(browser, "k") == other["k"])
        until(lambda: browser.execute_script(DRAWN))
        until(lambda: run(browser, "return picture.selection") == [chosen])
    again = browser.current_url
    assert f"selection={chosen}" in again and "network=short" in again


def test_two_points_have_a_shortest_path(browser, address, store):
    show(browser, address, k=6, selection="3,100")
    said = browser.find_element(By.ID, "graph-selection").text
    hops = geoflow.open(store).query(
        "select hops from hop_distances(layer_of($name, 0), 6, 3) where point = 100", name=PLANTED
    )
    assert f"{hops.item()} hops: 3 →" in said and "→ 100" in said


@pytest.mark.slow
def test_a_lasso_selects_what_is_inside(browser, address):
    show(browser, address, k=6, edges="none")
    where = places(browser)
    box = where[:N].min(0) - 8, where[:N].max(0) + 8
    corners = [box[0], (box[1][0], box[0][1]), box[1], (box[0][0], box[1][1])]
    move = pointer(browser, *corners[0]).key_down(Keys.SHIFT).click_and_hold()
    for (x0, y0), (x1, y1) in pairwise(corners):
        move.move_by_offset(int(x1) - int(x0), int(y1) - int(y0))
    move.release().key_up(Keys.SHIFT).perform()
    chosen = set(until(lambda: state(browser, "selection")))
    assert set(range(N)) <= chosen
    assert not chosen & set(range(N, 2 * N))


def test_hover_says_the_row_of_a_point_as_text(browser, address):
    with quiet(browser):
        show(browser, address, k=6, edges="none")
        x, y = places(browser)[7]
        pointer(browser, x, y).perform()
        tip = browser.find_element(By.ID, "graph-tip")
        until(tip.is_displayed)
        point = run(browser, "return picture.hovered")
        assert tip.text.split()[:2] == ["point", str(point)]
        assert "class" in tip.text and "degree" in tip.text
        assert browser.title == "geoflow"


@pytest.mark.slow
def test_edges_are_thinned_to_the_most_negative(browser, address):
    show(browser, address, k=6)
    whole = picture_of(browser)
    m = run(browser, "return picture.thinning(0).all")
    said = browser.find_element(By.ID, "graph-thin")
    assert said.text == f"{m:,} edges."
    show(browser, address, k=6, share=10)
    assert picture_of(browser) != whole
    kept = -(-m // 10)
    text = browser.find_element(By.ID, "graph-thin").text
    assert text == f"{kept:,} edges of {m:,}, those of most negative curvature."


def test_a_store_without_edges_and_one_layer_is_drawn(browser, address):
    with quiet(browser):
        show(browser, address, "short", dimensions=3)
    assert run(browser, "return picture.network.layers") == [0, 1]
    assert len(set(map(tuple, pixels(browser, places(browser)).tolist()))) > 1
    options = browser.find_element(By.ID, "graph-edges").find_elements(By.TAG_NAME, "option")
    assert [one.text for one in options] == ["forman", "no edges"]


def test_what_cannot_be_drawn_is_a_sentence(browser, address):
    browser.get_log("browser")
    browser.get(f"{address}?tab=layers&network=short&layout=umap")
    text = "return (document.getElementById('graph-message') || {}).textContent || ''"
    until(lambda: "no UMAP positions" in browser.execute_script(text))
    assert browser.find_element(By.ID, "graph-message").is_displayed()
    assert browser.get_log("browser") == []


def beside(browser, script, *words):
    return run(browser, f"const other = panel.beside, network = other.network; {script}", *words)


def test_two_networks_stand_beside_each_other_with_one_selection(browser, address, store):
    """What is chosen in one is chosen in the other; the address holds both."""
    with quiet(browser):
        show(browser, address, k=6, other="short", edges="none")
        until(lambda: beside(browser, "return !!network && !other.picture.asked"))
    names = [one.text for one in browser.find_elements(By.CSS_SELECTOR, ".graph-name strong")]
    assert names == [PLANTED, "short"]
    left, right = browser.find_elements(By.CSS_SELECTOR, ".graph-stage canvas")
    assert left.rect["x"] + left.rect["width"] <= right.rect["x"] + 1
    where = np.array(beside(browser, "return [...other.picture.flat]")).reshape(-1, 2)
    assert np.allclose(where, places(browser), atol=0.6)  # the input layer is the same in both
    x, y = where[7]
    ActionChains(browser, duration=0).move_to_element_with_offset(
        right, int(x - right.rect["width"] / 2), int(y - right.rect["height"] / 2)
    ).click().perform()
    chosen = until(lambda: run(browser, "return picture.selection"))
    assert chosen == beside(browser, "return other.picture.selection") and len(chosen) == 1
    assert run(browser, "return picture.hovered") == chosen[0]
    assert beside(browser, "return other.picture.hovered") == chosen[0]
    until(lambda: f"selection={chosen[0]}" in browser.current_url)
    assert "other=short" in browser.current_url
    run(browser, "panel.go(1)")
    assert beside(browser, "return other.picture.at") == 1
    near = "select neighbor from adjacency_of(layer_of($name, 1), 6) where point = $point"
    rows = [
        set(geoflow.open(store).query(near, name=name, point=chosen[0])["neighbor"])
        for name in (PLANTED, "short")
    ]
    said = until(lambda: browser.find_element(By.ID, "graph-selection").text)
    assert f"In short\nneighbours\n{len(rows[1])}\nneighbours in both" in said
    assert said.endswith(f"\n{len(rows[0] & rows[1])}")
    run(browser, "panel.go(2)")  # the other has one hidden layer: its last one stays
    assert beside(browser, "return other.words().said") == "Layer 1 of 1"
    until(lambda: "layer=2" in browser.current_url)
    again = browser.current_url
    pictures = (
        "panel.hover(-1); return panel.views.map(({ picture }) => {"
        " picture.frame(); return picture.canvas.toDataURL(); })"
    )
    before = run(browser, pictures)
    browser.get("about:blank")
    browser.get(again)
    until(lambda: browser.execute_script(DRAWN) and beside(browser, "return !!network"))
    until(lambda: run(browser, pictures) == before)
    browser.execute_script("document.getElementById('graph-other').focus()")
    browser.switch_to.active_element.send_keys(Keys.ARROW_UP)  # none
    until(lambda: "other=" not in browser.current_url)
    until(lambda: not browser.find_element(By.ID, "graph-stage-beside").is_displayed())


@pytest.mark.slow
def test_a_store_that_is_replaced_or_gone_is_shown_as_it_is(browser, store, tmp_path):
    path, next_one = tmp_path / "g.duckdb", tmp_path / "next.duckdb"
    rng = np.random.default_rng(1)
    for file, n in ((path, 40), (next_one, 30)):
        layers = {f"layer_{at:02}": rng.normal(size=(n, 3)) for at in range(3)}
        ingest(layers, file, name="same", k=4, detail="graphs", transport=False, output=False)
    with serving(path) as here:
        show(browser, here, "same", k=4)
        assert run(browser, "return panel.network.n") == 40
        fresh = f"{here}graph/network?network=same&k=4"
        digest = run(browser, "return panel.network.facts.digest")
        assert urlopen(f"{fresh}&known={digest}").status == 204
        next_one.replace(path)
        assert urlopen(f"{fresh}&known={digest}").status == 200
        until(lambda: run(browser, "return panel.network?.n === 30"))
        assert len(places(browser)) == 30
        path.unlink()
        said = browser.find_element(By.ID, "graph-message")
        until(lambda: "no store" in said.text)


@pytest.mark.slow
def test_a_network_on_other_points_is_not_laid_beside(browser, address):
    show(browser, address, k=6, other="elsewhere")
    said = browser.find_element(By.ID, "graph-message-beside")
    until(said.is_displayed)
    assert said.text.startswith("Network 'elsewhere' was not measured on the same points")


@pytest.mark.parametrize("other", [pytest.param("", marks=pytest.mark.slow), "short"])
def test_the_graph_is_one_html_file_that_needs_nothing(browser, address, store, tmp_path, other):
    asked = {"network": PLANTED, "k": "6", "layer": "1", "selection": "3,100", "other": other}
    text = graph_page(geoflow.open(store), asked | {"edges": "forman", "theme": "dark"})
    assert PLANTED not in text
    assert set(re.findall(r"https?://[^\s\"'`]*", text)) <= {"http://www.w3.org/2000/svg"}
    file = tmp_path / "graph.html"
    file.write_text(text, "utf-8")
    with quiet(browser):
        browser.get(file.as_uri())
        until(lambda: browser.execute_script(DRAWN))
        assert run(browser, "return panel.views.length") == 1 + bool(other)
        assert "hops: 3 →" in browser.find_element(By.ID, "graph-selection").text
        before = picture_of(browser)
        canvas(browser).send_keys(Keys.END)
        until(lambda: browser.execute_script(DRAWN) and layer(browser) == 2)
        assert picture_of(browser) != before
    assert pixels(browser, np.array([[2.0, 2.0]])).max() < 40


@pytest.mark.parametrize("other", ["", pytest.param("short", marks=pytest.mark.slow)])
def test_the_picture_is_saved_as_three_kinds_of_file(browser, address, tmp_path, other):
    where = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Page.setDownloadBehavior", where)
    show(browser, address, k=6, layer=1, other=other)
    until(lambda: run(browser, "return panel.views.length") == 1 + bool(other))
    kinds = {"png": "-layer1", "svg": "-layer1", "html": ""}
    for kind in kinds:
        browser.find_element(By.ID, f"graph-{kind}").click()
    found = until(lambda: len(made := whole_files(tmp_path)) == 3 and made)
    stem = "_script_document.title_run_script_" + ("-and-short" if other else "")
    assert {one.name for one in found} == {
        f"{stem}{said}-k6.{kind}" for kind, said in kinds.items()
    }
    saved = {one.suffix[1:]: one.read_bytes() for one in found}
    size = "return panel.views.map(({ picture }) => picture.canvas.width).reduce((a, b) => a + b)"
    assert saved["png"].startswith(b"\x89PNG")
    assert int.from_bytes(saved["png"][16:20], "big") == run(browser, size)
    text = saved["svg"].decode()
    script = "return new DOMParser().parseFromString(arguments[0], 'image/svg+xml')"
    root = "documentElement.nodeName"
    assert browser.execute_script(f"{script}.{root}", text) == "svg"
    n_arcs = text.count(" 0 1 0 ")  # two a point, as paths of one colour
    assert n_arcs >= 2 * (2 * N + 20) * (1 + bool(other))
    assert PLANTED.encode() not in saved["svg"] + saved["html"]
    assert b"graph-canvas" in saved["html"]


def test_the_picture_is_written_as_svg(browser, address):
    show(browser, address, k=6)
    text = run(
        browser, "return window.geoflowGraph.svg([picture.drawn(), picture.drawn()], arguments[0])",
        "<b>",
    )  # fmt: skip
    assert text.startswith("<svg ") and "<b>" not in text
    kind = browser.execute_script(
        "return new DOMParser().parseFromString(arguments[0], 'image/svg+xml')"
        ".documentElement.nodeName",
        text,
    )
    assert kind == "svg"


def test_dark_is_dark(browser, address):
    show(browser, address, k=6, theme="dark")
    assert pixels(browser, np.array([[2.0, 2.0]])).max() < 40


def whole_files(folder):
    """Return the files of a folder that the browser has finished."""
    found = list(folder.iterdir())
    return [one for one in found if one.suffix != ".crdownload" and one.stat().st_size]
