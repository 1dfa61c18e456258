"""The layout by hops of the layers of a network of 2,000 points.

pytest tests/benchmarks/test_bench_layout.py --benchmark-only
"""

import numpy as np
import pytest

from geoflow.geometry.graph import knn_graph
from geoflow.geometry.layout.geodesic import geodesic_layouts
from geoflow.geometry.neighbors.knn import neighbors

N, LAYERS = 2000, 11


@pytest.mark.benchmark(group="11 layers of 2,000 points laid out by hops")
@pytest.mark.parametrize("k", [10, 50])
def test_layout_by_hops(benchmark, k):
    rng = np.random.default_rng(0)
    layers = [rng.normal(size=(N, 12)) + 3 * rng.normal(size=(10, 12))[np.arange(N) % 10]]
    while len(layers) < LAYERS:
        layers.append(np.tanh(layers[-1] @ rng.normal(size=(12, 12)) / 2))
    graphs = [knn_graph(neighbors(points, k), k, "union") for points in layers]
    found = benchmark.pedantic(lambda: list(geodesic_layouts(graphs)), rounds=5, warmup_rounds=1)
    assert len(found) == LAYERS
