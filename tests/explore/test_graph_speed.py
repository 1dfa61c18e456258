"""How fast 2,000 points x 50 neighbours x 11 layers move: `pytest -m slow -s` prints it."""

import sys
from statistics import median

import numpy as np
import pytest

pytest.importorskip("dash", reason="the page needs the extra explore")

from geoflow.ingestion import ingest

page = pytest.importorskip("explore.test_layer_graph_page", reason="it needs chromium")
address, browser = page.address, page.browser

MEASURE = """
  const done = arguments[0], { panel } = window.geoflowGraph, { picture } = panel;
  const gaps = [], changes = [], rests = [];
  let last = 0;
  const tick = (now) => {
    if (last && picture.from) gaps.push(now - last);
    last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  (async () => {
    for (let at = 1; at < picture.network.layers.length; at++) {
      const start = performance.now();
      panel.go(at);
      await new Promise((on) => {
        const wait = () => (picture.from || picture.asked ? setTimeout(wait, 5) : on());
        setTimeout(wait, 5);
      });
      changes.push(performance.now() - start);
    }
    for (let again = 0; again < 10; again++) {
      const start = performance.now();
      picture.frame();
      picture.pen.getImageData(0, 0, 1, 1);
      rests.push(performance.now() - start);
    }
    done([gaps, changes, rests]);
  })();"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    rng = np.random.default_rng(0)
    layers = [rng.normal(size=(2000, 12)) + 3 * rng.normal(size=(10, 12))[np.arange(2000) % 10]]
    for _ in range(10):
        layers.append(np.tanh(layers[-1] @ rng.normal(size=(12, 12)) / 2))
    arrays = {f"layer_{at:02}": one for at, one in enumerate(layers)}
    path = tmp_path_factory.mktemp("page") / "g.duckdb"
    ingest(
        arrays | {"labels": np.arange(2000) % 10}, path, name="wide", k=50, store_rank=50,
        detail="graphs", n_sources=50, convention="union", transport=False,
    )  # fmt: skip
    return path


@pytest.mark.slow
def test_a_large_network_moves(browser, address):
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-reduced-motion", "value": "no-preference"}]},
    )
    page.show(browser, address, "wide")
    page.until(lambda: page.run(browser, "return picture.look.edges !== null"))
    browser.set_script_timeout(120)
    gaps, changes, rests = browser.execute_async_script(MEASURE)
    assert len(changes) == 10 and len(gaps) > 10
    sys.stdout.write(
        f"frame while moving, median {median(gaps):.0f} ms; change of layer, median"
        f" {median(changes):.0f} ms; frame at rest with all edges {median(rests):.0f} ms\n"
    )
