"""Draws the picture of the README from a store: ``python tests/picture.py`` writes picture.svg.

One network learns to tell threes from eights. Each layer graph is laid out by classical scaling of
its hop distances, turned towards the layer before; under it stand the totals of the layer.
"""

import sys
import tempfile
from pathlib import Path

import igraph
import numpy as np
import polars as pl

import geoflow
from geoflow.specs import DatasetSpec, Recipe
from geoflow.store.results import Database

PICTURE = Path(__file__).with_suffix(".svg")
SIZE, GAP, TOP, BAR = 150, 12, 30, 74
CLASSES = ("#2a6fbb", "#d1495b")
TEXT = 'font-family="sans-serif" font-size="12" fill="#333" text-anchor="middle"'


def store(folder: Path) -> tuple[Database, str]:
    """Return a store with one trained network, and the name of the network."""
    path = folder / "picture.duckdb"
    digits = DatasetSpec("digits_3v8", n_test=90)
    recipe = Recipe(epochs=50)
    geoflow.train(digits, "50,50,50,50,50", path, k=[8], recipe=recipe, detail="edges")
    db = geoflow.open(path)
    return db, db.networks()["network"].item()


def scaled(hops: np.ndarray) -> np.ndarray:
    """Return places (n, 2): classical scaling of hop distances (n, n)."""
    far = np.where(np.isfinite(hops), hops, hops[np.isfinite(hops)].max() + 1)
    centre = np.eye(len(far)) - 1 / len(far)
    values, vectors = np.linalg.eigh(centre @ (-0.5 * far**2) @ centre)
    return vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0))


def turned(places: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return places, turned or mirrored to lie as near as possible to those before."""
    left, _, right = np.linalg.svd(places.T @ before)
    return places @ left @ right


def panel(graph: igraph.Graph, places: np.ndarray, labels: np.ndarray, left: float) -> list[str]:
    """Return the drawing of a layer graph: its edges, and a dot for each point."""
    middle = (places.max(axis=0) + places.min(axis=0)) / 2
    spread = np.abs(places - middle).max()
    x, y = ((places - middle) / spread * (SIZE / 2 - 6) + SIZE / 2).T.round().astype(int)
    between = labels[np.array(graph.get_edgelist())]
    drawn = [f'<g transform="translate({left} {TOP})" fill="none" stroke-linecap="round">']
    for crosses, colour in ((False, "#bbb"), (True, "#e8a33d")):
        chosen = np.flatnonzero((between[:, 0] != between[:, 1]) == crosses)
        ends = {tuple(sorted(graph.es[int(at)].tuple)) for at in chosen}
        lines = "".join(f"M{x[i]} {y[i]}L{x[j]} {y[j]}" for i, j in sorted(ends))
        drawn.append(f'<path stroke="{colour}" stroke-width=".6" d="{lines}"/>')
    for label, colour in zip(np.unique(labels), CLASSES, strict=True):
        dots = "".join(f"M{x[i]} {y[i]}h0" for i in np.flatnonzero(labels == label))
        drawn.append(f'<path stroke="{colour}" stroke-width="5" d="{dots}"/>')
    return [*drawn, "</g>"]


def bars(values: list[int], title: str, colour: str, top: float) -> list[str]:
    """Return a row of bars, one under each layer, with their numbers."""
    most = max(map(abs, values))
    drawn = [f'<text x="6" y="{top + 12}" {TEXT.replace("middle", "start")}>{title}</text>']
    for at, value in enumerate(values):
        left, height = GAP + at * (SIZE + GAP), round(abs(value) / most * (BAR - 40))
        place = f'x="{left + SIZE // 4}" y="{top + BAR - 4 - height}"'
        drawn.append(f'<rect {place} width="{SIZE // 2}" height="{height}" fill="{colour}"/>')
        at_text = f'x="{left + SIZE // 2}" y="{top + BAR - 8 - height}"'
        drawn.append(f"<text {at_text} {TEXT}>{value:,}</text>")
    return drawn


def picture(db: Database, network: str, k: int = 8) -> str:
    """Return the SVG of a network of two classes."""
    is_shown = (pl.col("network") == network) | (pl.col("layer") == 0)
    totals = db.view("graph_summary").filter(is_shown, pl.col("k") == k).sort("layer")
    layers = totals["layer"].to_list()
    labels = db.query(
        "select label from samples join networks using (dataset_id) where name = $n order by point",
        n=network,
    )["label"].to_numpy()
    width = GAP + len(layers) * (SIZE + GAP)
    height = TOP + SIZE + 2 * BAR + GAP
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    before = None
    for layer in layers:
        graph = db.graph(network, layer=layer, k=k)
        places = scaled(np.array(graph.distances(mode="all"), dtype=float))
        before = places if before is None else turned(places, before)
        left = GAP + layer * (SIZE + GAP)
        name = f"layer {layer}" if layer else "input"
        drawn += [f'<text x="{left + SIZE // 2}" y="20" {TEXT}>{name}</text>']
        drawn += panel(graph, before, labels, left)
    under = TOP + SIZE
    ric, hops = totals["total_forman"].to_list(), totals["total_geodesic"].to_list()
    drawn += bars(ric, "total curvature Ric (negative, drawn upwards)", "#7a9e7e", under)
    drawn += bars(hops, "total distance g, in hops", "#8a7aa8", under + BAR)
    return "\n".join([*drawn, "</svg>", ""])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PICTURE.write_text(picture(*store(Path(folder))), "utf-8")
    sys.stdout.write(f"Wrote {PICTURE}\n")
