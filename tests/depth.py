"""Draws the figure of captured networks in the README: ``python tests/depth.py`` writes depth.svg.

A small convolutional network learns digits, a small transformer whether the first of eight tokens
comes again: flow, intrinsic dimension and overlap of neighbours along their layers.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import torch
from sklearn.datasets import load_digits
from torch import nn

import geoflow
from geoflow.store.results import Database

FIGURE = Path(__file__).with_suffix(".svg")
WIDTH, HEIGHT, LEFT, TOP, GAP = 250, 150, 50, 48, 60
COLOURS = {"cnn": "#2a6fbb", "transformer": "#d1495b"}
TEXT = 'font-family="sans-serif" font-size="12" fill="#333"'
K, N_POINTS = 20, 500
N_PAIRS = N_POINTS * (N_POINTS - 1) / 2


class Reader(nn.Module):
    """Four layers of a transformer on eight tokens of sixteen kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(16, 32), nn.Embedding(8, 32)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(32, 4, 64, dropout=0, batch_first=True) for _ in range(4)
        )
        self.head = nn.Linear(32, 2)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the logits of "no" and "yes"."""
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        for layer in self.layers:
            x = layer(x)
        logits: torch.Tensor = self.head(x[:, 0])
        return logits


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    """Return digits of 8 x 8 pixels and which they are."""
    pixels, labels = load_digits(return_X_y=True)
    return torch.tensor(pixels).float().reshape(-1, 1, 8, 8) / 16, torch.tensor(labels)


def repeats() -> tuple[torch.Tensor, torch.Tensor]:
    """Return eight tokens each, and whether the first comes again: in half of them."""
    ids = torch.randint(16, (4500, 8))
    labels = torch.arange(4500) % 2
    ids[:, 1:] = torch.where(ids[:, 1:] == ids[:, :1], (ids[:, :1] + 1) % 16, ids[:, 1:])
    again = torch.randint(1, 8, (4500,))
    ids[labels == 1, again[labels == 1]] = ids[labels == 1, 0]
    return ids, labels


def convolutional() -> nn.Module:
    """Return the network of the README."""
    layers = [one for wide in (1, 16, 16) for one in (nn.Conv2d(wide, 16, 3), nn.ReLU())]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def train(
    name: str,
    data: Callable[[], tuple[torch.Tensor, torch.Tensor]],
    make: Callable[[], nn.Module],
    epochs: int,
    db: Path,
) -> None:
    """Train a network on all points but the last, and watch what it makes of these."""
    torch.manual_seed(0)
    (x, y), model = data(), make()
    n = len(x) - N_POINTS
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    probe = {"db": db, "name": name, "every": epochs, "k": [10, K], "convention": "union"}
    with geoflow.watch(model, x[n:], y[n:], **probe) as watch:
        for _ in range(epochs):
            for rows in torch.randperm(n).split(64):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
                optimizer.step()
            watch()


def store(folder: Path) -> Database:
    """Return a store with both networks, trained."""
    db = folder / "depth.duckdb"
    train("cnn", digits, convolutional, 10, db)
    train("transformer", repeats, Reader, 30, db)
    return geoflow.open(db)


def curves(db: Database, name: str) -> dict[str, list[tuple[float, float]]]:
    """Return what is drawn of a network: places along its layers, and values."""
    steps = db.view("flow_steps").filter(network=name, k=K)
    flow = steps.select(pl.col("layer") + 0.5, pl.col("eta") / N_PAIRS)
    final = {"network": name, "is_final": True}
    dimension = db.view("intrinsic_dimensions").filter(estimator="twonn", **final)
    dimension = dimension.select(pl.col("layer").cast(pl.Float64), "dimension")
    overlap = db.view("neighborhood_overlaps").filter(k=10, **final)
    overlap = overlap.filter(pl.col("other_layer") == pl.col("layer") + 1)
    overlap = overlap.select(pl.col("layer") + 0.5, "neighborhood_overlap")
    titles = (
        "flow eta, in hops a pair",
        "intrinsic dimension (TwoNN)",
        "neighbours shared with the next",
    )
    return {
        title: sorted(one.drop_nulls().rows())
        for title, one in zip(titles, (flow, dimension, overlap), strict=True)
    }


def panel(title: str, lines: dict[str, list[tuple[float, float]]], left: float) -> list[str]:
    """Return one figure: a line for each network, with the numbers at both ends of its scale."""
    values = [value for line in lines.values() for _, value in line]
    low, high = min(0.0, *values), max(values)
    last = 4

    def at(place: float, value: float) -> tuple[float, float]:
        return (
            round(left + place / last * WIDTH, 1),
            round(TOP + (high - value) / (high - low) * HEIGHT, 1),
        )

    (x0, y0), (x1, _) = at(0, 0), at(last, 0)
    drawn = [
        f'<text x="{left}" y="{TOP - 14}" {TEXT}>{title}</text>',
        f'<path stroke="#999" d="M{x0} {y0}H{x1}"/>',
    ]
    for value in (low, high):
        place = f'x="{left - 6}" y="{at(0, value)[1] + 4}"'
        drawn.append(f'<text {place} text-anchor="end" {TEXT}>{value:.2g}</text>')
    for layer in range(last + 1):
        name = f"{layer}" if layer else "input"
        place = f'x="{at(layer, 0)[0]}" y="{TOP + HEIGHT + 18}"'
        drawn.append(f'<text {place} text-anchor="middle" {TEXT}>{name}</text>')
    for network, line in lines.items():
        points = [at(*one) for one in line]
        way = "L".join(f"{x} {y}" for x, y in points)
        dots = "".join(f"M{x} {y}h0" for x, y in points)
        colour = COLOURS[network]
        drawn.append(f'<path fill="none" stroke="{colour}" stroke-width="2" d="M{way}"/>')
        end = 'stroke-width="7" stroke-linecap="round"'
        drawn.append(f'<path stroke="{colour}" {end} d="{dots}"/>')
    return drawn


def figure(db: Database) -> str:
    """Return the SVG of both networks."""
    found = {name: curves(db, name) for name in COLOURS}
    width, height = LEFT + 3 * (WIDTH + GAP), TOP + HEIGHT + 50
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for at, title in enumerate(found["cnn"]):
        lines = {name: one[title] for name, one in found.items()}
        drawn += panel(title, lines, LEFT + at * (WIDTH + GAP))
    for at, (name, colour) in enumerate(COLOURS.items()):
        place = f'x="{LEFT + at * 60}" y="{height - 8}"'
        drawn.append(f"<text {place} {TEXT.replace('#333', colour)}>{name}</text>")
    return "\n".join([*drawn, "</svg>", ""])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        db = store(Path(folder))
        FIGURE.write_text(figure(db), "utf-8")
    sys.stdout.write(f"Wrote {FIGURE}\n")
