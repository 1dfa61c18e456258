"""Wide layers beside scikit-learn's brute force, and hops of layers that were trained.

pytest tests/benchmarks/test_bench_wide.py --benchmark-only
"""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from geoflow.datasets import load
from geoflow.geometry.graph import knn_graph
from geoflow.geometry.hops import geodesics as module
from geoflow.geometry.hops.geodesics import geodesics
from geoflow.geometry.neighbors.knn import neighbors
from geoflow.specs import Architecture, DatasetSpec, Recipe
from geoflow.training import train_ensemble

SIZES = [(4000, 50), (4000, 256), (4000, 512), (4000, 768), (3000, 8192)]


@pytest.fixture(scope="module")
def rectified():
    """Rectified normal points of every size, float32."""
    rng = np.random.default_rng(0)
    return {(n, d): np.maximum(rng.standard_normal((n, d), dtype=np.float32), 0) for n, d in SIZES}


@pytest.mark.benchmark(group="wide layers, k = 50")
@pytest.mark.parametrize("who", ["geoflow", "sklearn", "sklearn_float64"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_wide_layers(benchmark, rectified, size, who):
    points = rectified[size]
    given = points.astype(np.float64) if who == "sklearn_float64" else points
    brute = NearestNeighbors(n_neighbors=50, algorithm="brute", n_jobs=-1).fit(given)
    works = {"geoflow": lambda: neighbors(points, 50).index.reshape(-1, 50)}
    other = works.get(who, lambda: brute.kneighbors(return_distance=False))
    found = benchmark.pedantic(other, rounds=3, warmup_rounds=1)
    ours = neighbors(points, 50).index.reshape(-1, 50)
    assert (np.sort(found, axis=1) == np.sort(ours, axis=1)).mean() > 0.99


LARGE = """
import resource, time
import numpy as np
from geoflow.geometry.neighbors.knn import neighbors
rng = np.random.default_rng(0)
points = np.empty(({n}, {d}), np.float32)
for row in points:
    row[:] = np.maximum(rng.standard_normal({d}, dtype=np.float32), 0)
neighbors(points[:600, :200], {k})
started = time.perf_counter()
found = neighbors(points, {k})
seconds = time.perf_counter() - started
print(len(found.index), seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


@pytest.mark.benchmark(group="large wide layers")
@pytest.mark.parametrize(
    ("n", "d", "k", "most"), [(50_000, 512, 30, 2.0), (2000, 200_704, 10, 4.0)]
)
def test_memory_of_large_wide_layers(benchmark, memory, n, d, k, most):
    command = [sys.executable, "-c", LARGE.format(n=n, d=d, k=k)]

    def run() -> list[str]:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    found = benchmark.pedantic(run, rounds=1)
    memory.append(f"{n:,} x {d:,}, k = {k}: {float(found[1]):.1f} s, {float(found[2]):.2f} GiB")
    assert float(found[2]) < most


@pytest.fixture(scope="module")
def trained():
    """The hidden layers of a network of the paper's study, trained for 8 epochs, and its graphs."""
    data = load(DatasetSpec(name="mnist_1v7", scale="unit"))
    network = train_ensemble(data, Architecture("25", (25,) * 11), Recipe(epochs=8), seeds=[0])[0]
    return [knn_graph(neighbors(layer, 10), 10) for layer in network.activations.layers]


@pytest.mark.benchmark(group="hop totals of trained layers, k = 10")
@pytest.mark.parametrize("how", ["chosen", "whole rows"])
@pytest.mark.parametrize("layer", [1, 5, 8, 11])
def test_hops_of_trained_layers(benchmark, memory, monkeypatch, trained, layer, how):
    graph = trained[layer]
    expected = geodesics(graph)
    if how == "whole rows":
        monkeypatch.setattr(module, "set_searches", module.row_searches)
    found = benchmark.pedantic(lambda: geodesics(graph), rounds=7, warmup_rounds=1)
    memory.append(f"layer {layer}: {len(expected.hop_counts) - 1} hops, {how}")
    assert found.sums.tolist() == expected.sums.tolist()
