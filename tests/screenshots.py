"""Takes the pictures of the explorer: ``python tests/screenshots.py`` writes explore-*.png.

One network learns to tell threes from eights, as in picture.py. Chromium opens the page over its
store, and what it shows is kept in 64 colours. It needs selenium, chromium, chromedriver, pillow.
"""

import io
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from selenium import webdriver

import geoflow
from geoflow.explore.server import served
from geoflow.specs import DatasetSpec, Recipe

SIZE = {"width": 1280, "height": 760, "deviceScaleFactor": 1, "mobile": False}
COLOURS = 64
SECONDS = 120
PICTURES = {
    "graph": (
        {"tab": "layers", "layer": 3, "theme": "light", "selection": "40"},
        "return document.querySelector('#graph-said strong')?.textContent.startsWith('Layer 3')"
        " && document.querySelector('#graph-flow .main-svg') !== null",
    ),
    "numbers": (
        {"tab": "numbers", "theme": "dark"},
        "return document.querySelector('#graph-pairs .main-svg') !== null",
    ),
}
"""Of each picture: what the address says, and JavaScript that is true when it is on show."""


def store(folder: Path) -> tuple[Path, str]:
    """Return a store with one trained network, and the name of the network."""
    path = folder / "pictures.duckdb"
    digits = DatasetSpec("digits_3v8")
    recipe = Recipe(epochs=50)
    geoflow.train(
        digits,
        "50,50,50,50,50",
        path,
        k=[8, 12, 16, 24, 32],
        recipe=recipe,
        snapshots=(0, 1, 2, 5, 10, 20),
        detail="edges",
    )
    networks = geoflow.open(path).query("from networks where final_id is null")
    return path, networks["name"].item()


def browser() -> webdriver.Chrome:
    """Return a browser without a window, of the size of the pictures."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(flag)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SIZE)
    return driver


def picture(driver: webdriver.Chrome, address: str, is_shown: str) -> Image.Image:
    """Return what the browser shows at an address, once some JavaScript is true."""
    driver.get(address)
    end = time.monotonic() + SECONDS
    while not driver.execute_script(is_shown):
        if time.monotonic() > end:
            raise TimeoutError(f"nothing to see after {SECONDS} s at {address}")
        time.sleep(0.1)
    time.sleep(2)  # points come to rest, figures find their size
    return Image.open(io.BytesIO(driver.get_screenshot_as_png())).convert("RGB")


def main() -> None:
    """Write the pictures beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        path, network = store(Path(folder))
        server = served(path)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        driver = browser()
        for name, (asked, is_shown) in PICTURES.items():
            search = urlencode({"network": network, "k": 8} | asked)
            shot = picture(driver, f"http://127.0.0.1:{server.port}/?{search}", is_shown)
            file = Path(__file__).with_name(f"explore-{name}.png")
            shot.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
            sys.stdout.write(f"Wrote {file}, {file.stat().st_size:,} bytes\n")
        driver.quit()
        server.shutdown()


if __name__ == "__main__":
    main()
