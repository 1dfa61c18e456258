"""Local geometry of a network: 1,000 points, input and 11 hidden layers, k = 50, all scores.

    pytest tests/benchmarks/test_bench_local.py --benchmark-only

Targets on 2 cores: under 60 s with exact Ollivier curvature, under 5 s without. Lines under the
table have the time of all processors beside that of the clock: on a busy machine divide it by two.
"""

import time

import numpy as np
import pytest

from geoflow.geometry.compiled import n_threads
from geoflow.measure.layers import measured_layer, network_frames
from geoflow.measure.local import Classes
from geoflow.specs import CURVATURES, GeometrySpec

N = 1000
LAYERS = 11
LABELS = np.arange(N) % 2


def layers() -> list[np.ndarray]:
    """Two blobs as ReLU layers of 25 units fold them."""
    rng = np.random.default_rng(0)
    points = rng.normal(size=(N, 25)) + np.where(LABELS, -0.6, 0.6)[:, None]
    found = [points]
    for _ in range(LAYERS):
        points = np.maximum(points @ rng.normal(size=(25, 25)) * np.sqrt(2 / 25), 0)
        found.append(points)
    return found


def tables(spec: GeometrySpec) -> dict[str, int]:
    origin = measured_layer(CLOUDS[0], 0, spec, LABELS)
    classes = Classes(LABELS, np.random.default_rng(1).random(N) < 0.95)
    found = network_frames(CLOUDS[1:], spec, origin=origin, classes=classes)
    return {name: frame.height for name, frame in found.tables.items()}


CLOUDS = layers()


@pytest.mark.benchmark(group="local geometry of a network, n = 1,000, k = 50, 12 layers")
@pytest.mark.parametrize("kinds", ["none", "all but ollivier", "all"])
def test_network(benchmark, memory, kinds):
    chosen = {"none": (), "all but ollivier": (*CURVATURES,)[:-1], "all": (*CURVATURES,)}[kinds]
    spec = GeometrySpec((50,), ("union",), detail="edges", curvatures=chosen)
    busy = []

    def run() -> dict[str, int]:
        started = time.process_time()
        found = tables(spec)
        busy.append(time.process_time() - started)
        return found

    rounds = 1 if kinds == "all" else 3
    found = benchmark.pedantic(run, rounds=rounds, warmup_rounds=1)
    rows = {"expansions": LAYERS * N, "class_curvatures": 2 * len(chosen) * (LAYERS + 1)}
    assert found == (rows if chosen else {})
    memory.append(
        f"{kinds}: {benchmark.stats.stats.min:.2f} s, {min(busy):.2f} s of {n_threads()} processors"
    )
