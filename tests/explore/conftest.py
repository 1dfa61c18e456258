"""A real browser on a page of a store, every host but this machine cut off."""

import json
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("dash", reason="the explorer needs dash: pip install -e '.[explore]'")
webdriver = pytest.importorskip("selenium.webdriver", reason="pages are tried with selenium")
from selenium.webdriver.common.by import By  # noqa: E402

from geoflow.explore.server import served  # noqa: E402

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
SECONDS = 60


class Page:
    """A page in a browser of its own profile, and what tests do with it."""

    def __init__(self, address, size=(1280, 800), dark=False):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in FLAGS:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService(DRIVER)
        self.driver = webdriver.Chrome(options=options, service=service)
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        if dark:
            wish = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
            self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", wish)
        self.address = address

    def go(self, search=""):
        self.driver.get(self.address + search)
        self.until("return document.documentElement.dataset.tab")
        return self

    def js(self, code, *values):
        return self.driver.execute_script(code, *values)

    def until(self, code, *values):
        """Return the first true value of some JavaScript."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if found := self.js(code, *values):
                return found
            time.sleep(0.05)
        raise AssertionError(f"not within {SECONDS} s: {code}")

    def text(self, css):
        return self.js("return document.querySelector(arguments[0])?.textContent", css)

    def click(self, css):
        self.until("return document.querySelector(arguments[0])", css)
        self.driver.find_element(By.CSS_SELECTOR, css).click()

    def trace(self, name, at=0):
        """Return what plotly draws of a figure: x and y of a trace."""
        found = self.until(
            "const plot = document.querySelector(`#graph-${arguments[0]} .js-plotly-plot`);"
            "const one = plot?._fullData?.[arguments[1]];"
            "return one && JSON.stringify([Array.from(one.x), Array.from(one.y)])",
            name,
            at,
        )
        return json.loads(found)

    def state(self):
        return dict(self.js("return [...new URLSearchParams(location.search).entries()]") or [])

    def complaints(self):
        """Return what stands on the console, and requests that failed or went elsewhere."""
        found = [one["message"] for one in self.driver.get_log("browser")]
        for line in self.driver.get_log("performance"):
            message = json.loads(line["message"])["message"]
            said = message["params"]
            if message["method"] == "Network.loadingFailed":
                found.append(f"failed: {said}")
            if message["method"] == "Network.responseReceived":
                answer = said["response"]
                is_ours = answer["url"].startswith((self.address, "data:", "blob:"))
                if answer["status"] >= 400 or not is_ours:
                    found.append(f"{answer['status']} {answer['url']}")
        return found


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM or not DRIVER:
        pytest.skip("no chromium and chromedriver: apt-get install chromium chromium-driver")


@pytest.fixture(scope="session")
def serving():
    """Return a function that serves a store and returns the address of its page."""
    servers = []

    def serve_store(db):
        server = served(Path(db))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.port}/"

    before = os.environ.get("PYTHONPATH")
    yield serve_store
    assert os.environ.get("PYTHONPATH") == before
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def open_page(chromium, serving):
    """Return a function that opens a page of a store in a fresh profile."""
    pages = []

    def opened(db, search="", **options):
        address = db if str(db).startswith("http") else serving(db)
        pages.append(Page(address, **options))
        return pages[-1].go(search)

    yield opened
    for page in pages:
        page.driver.quit()
