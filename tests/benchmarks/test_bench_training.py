"""An ensemble beside the same networks trained one by one in plain PyTorch: networks a second.

    pytest tests/benchmarks/test_bench_training.py --benchmark-only

Both train for the same epochs on the same rows with the same recipe; the loop of one by one is
`torch.nn.Sequential`, `torch.optim.RMSprop` and nothing else. Only some of the 36 are trained one
by one, and few epochs: the time of an epoch does not depend on which. One thread of torch each.
"""

import time

import numpy as np
import pytest
import torch
from torch import nn

from geoflow.datasets import Dataset, load
from geoflow.specs import DatasetSpec, Recipe, architecture
from geoflow.training import train_ensemble

REPLICAS = 36
CELLS = [(width, depth) for width in ("narrow", "wide", "bottleneck") for depth in (5, 11)]


def images() -> Dataset:
    """Random pixels in the sizes of MNIST 1 v 7: what is in them changes no time."""
    rng = np.random.default_rng(0)
    x = rng.random((4000, 784), dtype=np.float32)
    y = rng.integers(0, 2, 4000)
    spec = DatasetSpec("random")
    return Dataset(spec, x[:3900], y[:3900], x[3900:], y[3900:], ("a", "b"), "random")


def one_by_one(data: Dataset, widths: tuple[int, ...], epochs: int, replicas: int) -> None:
    x, y = torch.from_numpy(data.x_train), torch.from_numpy(data.y_train).float()
    for seed in range(replicas):
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for fan_in, fan_out in zip((data.n_features, *widths[:-1]), widths, strict=True):
            layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
        network = nn.Sequential(*layers, nn.Linear(widths[-1], 1))
        steps = torch.optim.RMSprop(network.parameters(), lr=1e-3, alpha=0.9, eps=1e-7)
        loss_of = nn.BCEWithLogitsLoss()
        for _ in range(epochs):
            for batch in torch.randperm(len(x)).split(32):
                steps.zero_grad()
                loss_of(network(x[batch]).squeeze(-1), y[batch]).backward()
                steps.step()


@pytest.mark.parametrize(("width", "depth"), CELLS)
@pytest.mark.parametrize(("kind", "epochs"), [("synthetic", 20), ("images", 2)])
def test_ensemble(benchmark, memory, kind, epochs, width, depth):
    benchmark.group = f"training of {REPLICAS} networks, {kind} {width} {depth}"
    data = load(DatasetSpec("synthetic_a")) if kind == "synthetic" else images()
    one, recipe = architecture(width, depth), Recipe(epochs=epochs)
    seeds = range(REPLICAS)
    train_ensemble(data, one, Recipe(epochs=1), seeds)
    benchmark.pedantic(train_ensemble, (data, one, recipe, seeds), rounds=3)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    started = time.perf_counter()
    one_by_one(data, one.widths, epochs, 4)
    alone = (time.perf_counter() - started) / 4
    torch.set_num_threads(threads)
    together = benchmark.stats.stats.min / REPLICAS
    memory.append(
        f"{kind} {width} {depth}: {1000 * together / epochs:.2f} ms a network and epoch together,"
        f" {1000 * alone / epochs:.2f} one by one: {alone / together:.1f} times"
    )
